internal import Storage

/// One line of log.jsonl: something that happened in a run, with full precision.
public enum LogRecord: Equatable, Sendable {
  // Indirect is what comes once or seldom in a run; the others are many and need not be as large.
  indirect case runStarted(RunStarted)
  /// Where a split's frozen layers' output came from; logged by the process that began the run.
  indirect case prefix(PrefixRecord)
  /// A baseline was fitted to a layer's output, and its predictions are stored.
  indirect case baselineFitted(BaselineRecord)
  /// All baselines are fitted; comes before the first step.
  indirect case baselines(BaselinesRecord)
  case step(StepRecord)
  case epoch(EpochRecord)
  case evaluation(EvaluationRecord)
  /// Likewise with averaged weights.
  indirect case averageEvaluation(AverageEvaluationRecord)
  /// Comes after the evaluations with averaged weights: what it names is complete.
  indirect case average(AverageRecord)
  /// A checkpoint was completed; `path` is relative to the run directory, `logSHA256` the hash of
  /// the log before this record.
  case checkpoint(epoch: Int, step: Int, path: String, logSHA256: String? = nil)
  /// The loss or the gradient of a step was not finite.
  case nonFinite(NonFiniteRecord)
  /// The run was stopped by its user; what is logged until here is complete.
  case interrupted(epoch: Int, step: Int)
  /// The run goes on in an epoch, after a step, from the state it had when the log had `line` lines:
  /// what was logged later, other interruptions apart, is taken back. `notes` say what was odd.
  case resumed(epoch: Int, step: Int, line: Int? = nil, notes: [String] = [])
  indirect case runFinished(RunFinished)
  /// What was written into the run directory: SHA-256 by what a file is, in the order of writing. `RunSeal`
  /// says how each is hashed.
  case files([FileHash])

  /// The hash of the log before this record, where there is one.
  var logSHA256: String? {
    switch self {
    case .checkpoint(_, _, _, let sha256): sha256
    case .runFinished(let finished): finished.logSHA256
    default: nil
    }
  }
}

/// What a file held when it was written.
public struct FileHash: Equatable, Sendable {
  /// Relative to the run directory, or `experiment` for what is computed of experiment.yaml.
  public var name: String
  public var sha256: String

  public init(name: String, sha256: String) { (self.name, self.sha256) = (name, sha256) }
}

/// What was known when training began.
public struct RunStarted: Equatable, Sendable {
  /// A split as it was read and tokenized.
  public struct SplitFacts: Equatable, Sendable {
    public var split: Split
    public var examples: Int
    /// Examples in the file, of which `examples` were used.
    public var available: Int
    /// Tokens after truncation, the tokens at both ends included.
    public var tokens: Int
    public var truncated: Int
    /// Examples of each class.
    public var classCounts: [Int]
    /// What each of several sources has in it, in their order; empty for a split of one language.
    public var sources: [SourceShare]

    public init(
      split: Split, examples: Int, available: Int, tokens: Int, truncated: Int, classCounts: [Int],
      sources: [SourceShare] = []
    ) {
      (self.split, self.examples, self.available) = (split, examples, available)
      (self.tokens, self.truncated, self.classCounts) = (tokens, truncated, classCounts)
      self.sources = sources
    }
  }
  /// What one of several sources has in a split of all of them together.
  ///
  /// Its examples' ids are the rows in its file, counted on from where the source before it ends.
  public struct SourceShare: Equatable, Sendable {
    public var language: String
    public var examples: Int
    /// Examples in the file, of which `examples` were used.
    public var available: Int
    /// Examples of each class.
    public var classCounts: [Int]

    public init(language: String, examples: Int, available: Int, classCounts: [Int]) {
      (self.language, self.examples) = (language, examples)
      (self.available, self.classCounts) = (available, classCounts)
    }
  }
  /// ISO 8601, UTC.
  public var time: String
  /// The checkpoint's own name, such as its folder's.
  public var checkpointName: String
  /// The encoder's family, such as "XLM-R"; older logs, which do not say, are all of BERT.
  public var architecture: String
  /// Encoder layers that the checkpoint has.
  public var checkpointLayers: Int
  public var hiddenSize: Int
  public var attentionHeads: Int
  public var intermediateSize: Int
  public var vocabularySize: Int
  public var parameters: Int
  public var trainableParameters: Int
  /// Remarks of the loader, such as a head that was initialised at random.
  public var notes: [String]
  public var stepsPerEpoch: Int
  public var splits: [SplitFacts]
  /// What about data and settings is often a slip; `nil` in logs from before that was looked for.
  public var warnings: [InputWarning]?
  /// The kinds that were looked for; `nil` in logs that do not say.
  public var lookedFor: [InputWarning.Kind]?

  public init(
    time: String, checkpointName: String, architecture: String = "BERT", checkpointLayers: Int,
    hiddenSize: Int, attentionHeads: Int, intermediateSize: Int, vocabularySize: Int,
    parameters: Int,
    trainableParameters: Int, notes: [String], stepsPerEpoch: Int, splits: [SplitFacts],
    warnings: [InputWarning]? = nil, lookedFor: [InputWarning.Kind]? = nil
  ) {
    (self.time, self.checkpointName) = (time, checkpointName)
    self.architecture = architecture
    (self.checkpointLayers, self.hiddenSize) = (checkpointLayers, hiddenSize)
    (self.attentionHeads, self.intermediateSize) = (attentionHeads, intermediateSize)
    (self.vocabularySize, self.parameters) = (vocabularySize, parameters)
    (self.trainableParameters, self.notes) = (trainableParameters, notes)
    (self.stepsPerEpoch, self.splits, self.warnings) = (stepsPerEpoch, splits, warnings)
    self.lookedFor = lookedFor
  }
}

/// Where the frozen layers' output of a split came from.
public struct PrefixRecord: Equatable, Sendable {
  public enum Source: String, Sendable {
    /// This run computed it.
    case computed
    /// An earlier run, or one beside this, had computed it.
    case stored
  }
  public var split: Split
  /// A hash of all that its bits depend on; the same in every run that can share it.
  public var key: String
  public var source: Source
  public var examples: Int
  /// Tokens that went through the frozen layers, or would have.
  public var tokens: Int
  /// Multiply-adds of computing it in this run; 0 where it was stored.
  public var multiplyAdds: Double
  /// Seconds of computing or finding it in this run, waiting for another that computes it included.
  public var seconds: Double

  public init(
    split: Split, key: String, source: Source, examples: Int, tokens: Int, multiplyAdds: Double,
    seconds: Double
  ) {
    (self.split, self.key, self.source) = (split, key, source)
    (self.examples, self.tokens) = (examples, tokens)
    (self.multiplyAdds, self.seconds) = (multiplyAdds, seconds)
  }
}

/// A multinomial logistic regression, fitted to the source's training data.
public struct BaselineRecord: Equatable, Sendable {
  /// Whose output it reads; 0 for the embeddings.
  public var layer: Int
  /// C, the inverse strength of its penalty, chosen by the accuracy on source validation.
  public var strength: Double
  /// Of L-BFGS, over all strengths.
  public var iterations: Int
  /// Whether the chosen fit's gradient is within the tolerance.
  public var hasConverged: Bool
  /// Training examples.
  public var examples: Int
  /// Numbers that it reads of each.
  public var features: Int
  /// Seconds of fitting and scoring.
  public var seconds: Double

  public init(
    layer: Int, strength: Double, iterations: Int, hasConverged: Bool, examples: Int, features: Int,
    seconds: Double
  ) {
    (self.layer, self.strength, self.iterations) = (layer, strength, iterations)
    (self.hasConverged, self.examples, self.features) = (hasConverged, examples, features)
    self.seconds = seconds
  }
}

/// Which baselines there are, and what the encoder took for them.
public struct BaselinesRecord: Equatable, Sendable {
  /// Layers without a baseline that were to have one.
  public struct LeftOut: Equatable, Sendable {
    public var layers: [Int]
    /// Half a sentence, such as "together they would cost more than an epoch".
    public var reason: String

    public init(layers: [Int], reason: String) { (self.layers, self.reason) = (layers, reason) }
  }
  /// The layers that have one, ascending; 0 for the embeddings.
  public var layers: [Int]
  public var leftOut: [LeftOut]
  /// Tokens of the texts whose layers' output was computed.
  public var tokens: Int
  /// Multiply-adds of matrix products and attention of computing it.
  public var multiplyAdds: Double
  /// Seconds of computing it, fitting not included.
  public var seconds: Double

  public init(
    layers: [Int], leftOut: [LeftOut], tokens: Int, multiplyAdds: Double, seconds: Double
  ) {
    (self.layers, self.leftOut, self.tokens) = (layers, leftOut, tokens)
    (self.multiplyAdds, self.seconds) = (multiplyAdds, seconds)
  }
}

/// One optimiser step.
public struct StepRecord: Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// From 1 over the whole run.
  public var step: Int
  /// The rate this step used.
  public var learningRate: Double
  /// The mean cross-entropy over the step's examples, in nats.
  public var loss: Double
  public var examples: Int
  /// The global norm of the gradient before clipping.
  public var gradientNorm: Double
  public var seconds: Double

  public init(
    epoch: Int, step: Int, learningRate: Double, loss: Double, examples: Int, gradientNorm: Double,
    seconds: Double
  ) {
    (self.epoch, self.step, self.learningRate) = (epoch, step, learningRate)
    (self.loss, self.examples, self.gradientNorm) = (loss, examples, gradientNorm)
    self.seconds = seconds
  }
}

/// A step whose loss or gradient was not finite.
public struct NonFiniteRecord: Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// From 1 over the whole run.
  public var step: Int
  /// The mean cross-entropy over the step's examples, in nats.
  public var loss: Double
  /// The global norm of the gradient.
  public var gradientNorm: Double
  /// What was done: the run stopped before the step, or went on without it.
  public var action: NonFiniteAction

  public init(
    epoch: Int, step: Int, loss: Double, gradientNorm: Double, action: NonFiniteAction
  ) {
    (self.epoch, self.step, self.loss) = (epoch, step, loss)
    (self.gradientNorm, self.action) = (gradientNorm, action)
  }
}

/// One pass over the training data.
public struct EpochRecord: Equatable, Sendable {
  public var epoch: Int
  /// The mean cross-entropy over all examples as they were seen: dropout on, weights changing.
  public var loss: Double
  /// The share of examples classified correctly as they were seen.
  public var accuracy: Double
  /// The rate that the epoch's last step used.
  public var learningRate: Double
  public var examples: Int
  public var tokens: Int
  public var seconds: Double
  /// Multiply-adds of matrix products and attention.
  public var multiplyAdds: Double

  public init(
    epoch: Int, loss: Double, accuracy: Double, learningRate: Double, examples: Int, tokens: Int,
    seconds: Double, multiplyAdds: Double
  ) {
    (self.epoch, self.loss, self.accuracy) = (epoch, loss, accuracy)
    (self.learningRate, self.examples, self.tokens) = (learningRate, examples, tokens)
    (self.seconds, self.multiplyAdds) = (seconds, multiplyAdds)
  }
}

/// One pass over a split without training.
public struct EvaluationRecord: Equatable, Sendable {
  public var epoch: Int
  public var split: Split
  public var examples: Int
  /// The mean cross-entropy in nats.
  public var loss: Double
  public var accuracy: Double
  public var seconds: Double

  public init(
    epoch: Int, split: Split, examples: Int, loss: Double, accuracy: Double, seconds: Double
  ) {
    (self.epoch, self.split, self.examples) = (epoch, split, examples)
    (self.loss, self.accuracy, self.seconds) = (loss, accuracy, seconds)
  }
}

/// What was known when the run was complete.
public struct RunFinished: Equatable, Sendable {
  /// ISO 8601, UTC.
  public var time: String
  /// The weights that were exported.
  public var selected: Weights
  public var seconds: Double
  /// The largest resident memory of the process, in bytes.
  public var peakMemoryBytes: Int
  /// Seconds spent on computing or finding the frozen prefix.
  public var prefixSeconds: Double
  /// The hash of the log before this record, or `nil` if it is not known.
  public var logSHA256: String?

  public init(
    time: String, selected: Weights, seconds: Double, peakMemoryBytes: Int, prefixSeconds: Double,
    logSHA256: String? = nil
  ) {
    (self.time, self.selected, self.seconds) = (time, selected, seconds)
    (self.peakMemoryBytes, self.prefixSeconds) = (peakMemoryBytes, prefixSeconds)
    self.logSHA256 = logSHA256
  }

  /// Of a run that selected an epoch.
  public init(
    time: String, selectedEpoch: Int, seconds: Double, peakMemoryBytes: Int, prefixSeconds: Double,
    logSHA256: String? = nil
  ) {
    self.init(
      time: time, selected: .epoch(selectedEpoch), seconds: seconds,
      peakMemoryBytes: peakMemoryBytes, prefixSeconds: prefixSeconds, logSHA256: logSHA256)
  }
}
