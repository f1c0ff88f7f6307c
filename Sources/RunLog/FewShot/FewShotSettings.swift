/// What `report few-shot` finds out after a run: how much a few labelled examples of a target language bring.
public struct FewShotSettings: Equatable, Sendable {
  /// The code of the target language, which has training and test data in the experiment.
  public var target: String
  /// How many examples of each class are drawn, ascending, all above 0; without any, the run itself is the answer.
  public var perClass: [Int]
  /// How often examples are drawn for each of these numbers.
  public var draws: Int
  /// Of every training.
  public var epochs: Int
  /// Examples per optimiser step.
  public var batchSize: Int
  /// The first learning rate, from which it falls linearly to 0.
  public var learningRate: Double

  /// The numbers of examples per class where nothing is said.
  static let usualPerClass = [10, 50, 100]
  static let usualDraws = 5
  static let usualEpochs = 10
  static let usualBatchSize = 8
}

extension Experiment {
  /// The few-shot settings with their target, whose training and test data were checked to be there.
  ///
  /// - Returns: the target's files, `train` among them.
  /// - Throws: `RunLogError` if the experiment has no `few_shot`.
  public func fewShotTarget(in file: String) throws(RunLogError) -> (
    settings: FewShotSettings, target: LanguageData
  ) {
    guard let settings = fewShot else {
      throw RunLogError(
        file: file,
        "has no key 'few_shot'; add it, such as few_shot: {target: fr, per_class: [10, 50, 100], draws: 5}, or say "
          + "--set few_shot.target=fr.")
    }
    guard var target = data.targets.first(where: { $0.language == settings.target }),
      let train = data.targetTraining[settings.target]
    else {
      // Unreachable: `Experiment.parse` makes sure of both.
      preconditionFailure("few_shot.target has no training data")
    }
    target.train = train
    return (settings, target)
  }
}
