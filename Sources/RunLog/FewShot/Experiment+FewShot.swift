internal import Yams

extension Experiment {
  /// Reads what `report few-shot` shall do.
  ///
  /// - Parameters:
  ///   - section: the value of `few_shot`, if it is there.
  ///   - data: of the experiment, whose target it names.
  ///   - training: gives the learning rate where none is stated.
  /// - Returns: `nil` without the section.
  /// - Throws: `RunLogError` with the line for whatever is wrong with it.
  static func fewShotSettings(
    _ section: StrictYAML?, _ data: DataSettings, _ training: TrainingSettings
  ) throws(RunLogError) -> FewShotSettings? {
    guard let section, !section.isNull else { return nil }
    let members = try section.members([
      "target", "per_class", "draws", "epochs", "batch_size", "learning_rate",
    ])
    guard let target = members["target"] else {
      throw section.failure("'target' is missing: the code of the target language, such as fr")
    }
    return FewShotSettings(
      target: try fewShotTarget(target, data),
      perClass: try fewShotNumbers(members["per_class"]) ?? FewShotSettings.usualPerClass,
      draws: try members["draws"]?.integer(ExperimentRanges.fewShotDraws)
        ?? FewShotSettings.usualDraws,
      epochs: try members["epochs"]?.integer(ExperimentRanges.fewShotEpochs)
        ?? FewShotSettings.usualEpochs,
      batchSize: try members["batch_size"]?.integer(ExperimentRanges.fewShotBatchSize)
        ?? FewShotSettings.usualBatchSize,
      learningRate: try members["learning_rate"]?.number(ExperimentRanges.fewShotRate)
        ?? training.optimizer.learningRate)
  }

  /// A target with data to draw from and a test split to score on.
  private static func fewShotTarget(
    _ yaml: StrictYAML, _ data: DataSettings
  ) throws(RunLogError) -> String {
    let code = try yaml.string()
    let codes = data.targets.map(\.language)
    guard let place = codes.firstIndex(of: code) else {
      throw yaml.failure(
        "'\(code)' is not one of the languages of data.targets, which are "
          + (codes.isEmpty ? "none" : codes.joined(separator: ", ")))
    }
    for (part, file) in [("train", data.targetTraining[code]), ("test", data.targets[place].test)]
    where file == nil {
      throw yaml.failure(
        "'\(code)' has no '\(part)' file, "
          + (part == "train" ? "from which examples are drawn" : "on which the score is taken")
          + "; add '\(part)' to its entry in data.targets, or --set data.targets.\(place).\(part)=FILE"
      )
    }
    return code
  }

  /// The numbers of examples per class, ascending; 0, the run itself, is always there and not kept.
  private static func fewShotNumbers(_ yaml: StrictYAML?) throws(RunLogError) -> [Int]? {
    guard let yaml else { return nil }
    var numbers: [Int] = []
    for element in try yaml.elements() {
      let number = try element.integer(ExperimentRanges.fewShotPerClass)
      guard !numbers.contains(number) else {
        throw element.failure("\(number) occurs twice")
      }
      numbers.append(number)
    }
    numbers = numbers.filter { $0 > 0 }.sorted()
    guard !numbers.isEmpty else {
      throw yaml.failure("at least one number of examples above 0 is needed, such as [10, 50, 100]")
    }
    return numbers
  }
}
