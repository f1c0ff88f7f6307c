/// What a number of the configuration may be.
public struct ExperimentRange<Value: Comparable & Sendable>: Sendable {
  /// Such as `training.epochs`.
  public let key: String
  /// Such as "from 1 to 100000".
  public let words: String
  private let isAllowed: @Sendable (Value) -> Bool

  fileprivate init(_ key: String, _ words: String, _ isAllowed: @escaping @Sendable (Value) -> Bool)
  {
    (self.key, self.words, self.isAllowed) = (key, words, isAllowed)
  }

  /// Whether a value is in the range.
  public func contains(_ value: Value) -> Bool { isAllowed(value) }
}

extension ExperimentRange<Int> {
  fileprivate init(_ key: String, _ range: ClosedRange<Int>) {
    let words =
      range.upperBound == .max
      ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    self.init(key, words) { range.contains($0) }
  }
}

/// The ranges of a configuration's numbers: the one place that says what is allowed, whichever way a number comes in,
/// by an experiment file, `--set`, `--extend-epochs`, a study or a log.
public enum ExperimentRanges {
  /// The most epochs, each of which has a point in every curve.
  public static let mostEpochs = 100_000

  public static let encoderLayers = ExperimentRange("model.encoder_layers", 1...1000)
  public static let frozenLayers = ExperimentRange("model.frozen_layers", 0...1000)
  public static let percentage = ExperimentRange<Double>(
    "data.percentage", "above 0 and at most 100"
  ) { $0 > 0 && $0 <= 100 }
  public static let perClass = ExperimentRange("data.per_class", 1...1_000_000)
  public static let maxLength = ExperimentRange("data.max_length", 3...1_000_000)
  public static let epochs = ExperimentRange("training.epochs", 1...mostEpochs)
  public static let averageEpochs = ExperimentRange("average.epochs", 2...mostEpochs)
  public static let batchSize = ExperimentRange("training.batch_size", 1...1_000_000_000)
  public static let seed = ExperimentRange("training.seed", 0...Int.max)
  public static let blockTokens = ExperimentRange("training.block_tokens", 1...1_000_000)
  public static let gradientClipping = ExperimentRange<Double>(
    "training.gradient_clipping", "above 0"
  ) { $0 > 0 }
  public static let checkpointSteps = ExperimentRange(
    "training.checkpoint_every.steps", 1...Int.max)
  public static let checkpointMinutes = ExperimentRange<Double>(
    "training.checkpoint_every.minutes", "above 0"
  ) { $0 > 0 }
  public static let learningRate = ExperimentRange<Double>(
    "training.optimizer.learning_rate", "above 0"
  ) { $0 > 0 }
  public static let weightDecay = ExperimentRange<Double>(
    "training.optimizer.weight_decay", "at least 0"
  ) { $0 >= 0 }
  public static let betas = ExperimentRange<Double>(
    "training.optimizer.betas", "from 0 to below 1"
  ) { $0 >= 0 && $0 < 1 }
  public static let epsilon = ExperimentRange<Double>("training.optimizer.epsilon", "above 0") {
    $0 > 0
  }
  public static let etaMin = ExperimentRange<Double>("training.schedule.eta_min", "at least 0") {
    $0 >= 0
  }
  public static let fewShotPerClass = ExperimentRange("few_shot.per_class", 0...1_000_000)
  public static let fewShotDraws = ExperimentRange("few_shot.draws", 1...1000)
  public static let fewShotEpochs = ExperimentRange("few_shot.epochs", 1...mostEpochs)
  public static let fewShotBatchSize = ExperimentRange("few_shot.batch_size", 1...1_000_000_000)
  public static let fewShotRate = ExperimentRange<Double>("few_shot.learning_rate", "above 0") {
    $0 > 0
  }
  public static let warmupSteps = ExperimentRange(
    "training.schedule.warmup_steps", 0...1_000_000_000)

  /// What the bound of a check may be.
  public static func bound(of code: CheckCode) -> ExperimentRange<Double> {
    code.bound?.unitsPerOne == 100
      ? ExperimentRange("checks.bounds.\(code.rawValue)", "from 0 to 100") { $0 >= 0 && $0 <= 100 }
      : ExperimentRange("checks.bounds.\(code.rawValue)", "at least 0 and finite") {
        $0 >= 0 && $0.isFinite
      }
  }
}
