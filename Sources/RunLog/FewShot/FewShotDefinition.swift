/// What the answer of `report few-shot` is about, which is all that is needed to work it out again from the trainings.
public struct FewShotDefinition: Equatable, Sendable {
  /// The directory of the run that was continued.
  public let run: String
  /// The code of the target language.
  public let target: String
  /// How many examples of each class, ascending.
  public let perClass: [Int]
  /// How many draws of each.
  public let draws: Int

  public init(run: String, target: String, perClass: [Int], draws: Int) {
    (self.run, self.target, self.perClass, self.draws) = (run, target, perClass, draws)
  }

  /// What everything is scored on.
  public var split: Split { Split(target, .test) }
}

extension FewShotPlan {
  /// What the answer will be about.
  public var definition: FewShotDefinition {
    FewShotDefinition(
      run: run.path, target: target.language, perClass: settings.perClass, draws: settings.draws)
  }
}

/// How labelled examples of the target are used.
public enum FewShotMethod: String, Sendable, CaseIterable {
  /// Fine-tuning goes on from the run's model.
  case continued
  /// The run's checkpoint is fine-tuned on them alone.
  case targetAlone = "target-alone"
  /// A logistic regression is fitted to what the checkpoint, before training, makes of them.
  case probe

  /// What a training begins with; `nil` where nothing is trained.
  public var start: FewShotPlan.Start? {
    switch self {
    case .continued: .continued
    case .targetAlone: .targetAlone
    case .probe: nil
    }
  }
}
