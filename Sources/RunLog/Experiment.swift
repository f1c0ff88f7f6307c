/// The configuration of an experiment: everything a run depends on, defaults written out.
public struct Experiment: Equatable, Sendable {
  /// The run's name, also its folder's.
  public var name: String
  /// A remark that the report prints, such as where synthetic data come from.
  public var note: String?
  public var model: ModelSettings
  /// The class names, in the order of the class indices.
  public var labels: [String]
  public var data: DataSettings
  /// Which weights' model, test results and final figures count.
  public var select: Selection
  /// Which epochs' weights are averaged after training; `nil` for none.
  public var average: AverageSettings?
  public var training: TrainingSettings
  /// Simple classifiers that the trained network is compared with.
  public var baselines = BaselineSettings()
  /// Whether example texts are kept in the run directory.
  public var storeTexts: Bool
  /// What the experiment is meant to find out, printed in the report.
  public var goals: [String]
  /// What is said of the checks of the run; changes nothing that is computed.
  public var checks = CheckSettings()
  /// What `report few-shot` does after the run; changes nothing about the run itself.
  public var fewShot: FewShotSettings?
}

/// How the frozen layers' stored output is rounded.
public enum PrefixPrecision: String, Sendable, CaseIterable {
  case float32, float16
}

/// Which of the two tokenizers is meant that a checkpoint's files may describe.
public enum TokenizerPipeline: String, Sendable, CaseIterable {
  /// What `AutoTokenizer.from_pretrained` of transformers 5 makes of the directory.
  case autoTokenizer = "auto_tokenizer"
  /// What tokenizer.json states.
  case tokenizerJSON = "tokenizer_json"
}

/// Which network is trained.
public struct ModelSettings: Equatable, Sendable {
  /// A Hugging Face directory, absolute, or under `builtin:demo`.
  public var checkpoint: String
  /// How many encoder layers are kept, from the first.
  public var encoderLayers: Int
  /// How many of these are frozen, from the first.
  public var frozenLayers: Int
  public var freezeEmbeddings: Bool
  /// Whether dropout stays on in frozen parts, as PyTorch's `model.train()` leaves it.
  public var frozenDropout: Bool
  /// How the stored output of the frozen layers is rounded; `float16` halves its size.
  public var prefixPrecision: PrefixPrecision
  /// How the checkpoint's tokenizer is read.
  public var tokenizer = TokenizerPipeline.autoTokenizer
}

/// Where the data are and how much of them is used.
public struct DataSettings: Equatable, Sendable {
  /// The languages that are trained on, at least one, in the order in which their examples follow each other.
  public var sources: [LanguageData]
  public var targets: [LanguageData]
  /// The share of the training data in percent, above 0, at most 100, drawn label by label.
  public var percentage: Double
  /// How many training examples of each class are drawn instead; `nil` for all, or for the percentage.
  public var perClass: Int?
  /// The longest encoding in tokens, the tokens at both ends included.
  public var maxLength: Int
  /// Whether row i of a split is the same text in every language, so that answers can be paired.
  public var parallel: Bool
  /// The kinds of warnings that are meant to be so, in the order of `InputWarning.Kind`.
  public var intended: [InputWarning.Kind] = []
  /// Training data of targets by the language's code. The run itself never reads them; `report few-shot` does.
  public var targetTraining: [String: DataFile] = [:]
}

/// How the data of a language relate to training, as whoever brings them states it.
public enum Regime: String, Sendable, CaseIterable {
  /// The language's texts are scored as they were written; none is trained on.
  case zeroShot = "zero-shot"
  /// The language's training texts were translated into it from another language.
  case translateTrain = "translate-train"
  /// The language's texts were translated into a language that is trained on before they are scored.
  case translateTest = "translate-test"
}

/// One language's files.
public struct LanguageData: Equatable, Sendable {
  public var language: String
  /// What figures and the report call the language.
  public var name: String
  /// `nil` where nothing is stated.
  public var regime: Regime?
  public var train: DataFile?
  public var validation: DataFile
  public var test: DataFile?

  public init(
    language: String, name: String, regime: Regime? = nil, train: DataFile?, validation: DataFile,
    test: DataFile?
  ) {
    (self.language, self.name, self.regime) = (language, name, regime)
    (self.train, self.validation, self.test) = (train, validation, test)
  }

  /// The file of a part, if there is one.
  public func file(_ part: Part) -> DataFile? {
    switch part {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }

  /// The files that hold its data, by the names that environment.json gives them.
  public var namedFiles: [(name: String, path: String)] {
    Part.allCases.flatMap { part -> [(name: String, path: String)] in
      let name = "data/\(Split(language, part))"
      return switch file(part)?.location {
      case nil: []
      case .table(let path): [(name, path)]
      case .lines(let text, let labels): [("\(name).text", text), ("\(name).labels", labels)]
      }
    }
  }
}

/// One split's data on disk.
public struct DataFile: Equatable, Sendable {
  public enum Location: Equatable, Sendable {
    /// A `.csv`, `.tsv` or `.jsonl` file.
    case table(String)
    /// Two files, a text and a label a line.
    case lines(text: String, labels: String)
  }
  public enum Quoting: String, Sendable, CaseIterable {
    /// Fields in quotation marks may hold separators and line breaks (RFC 4180).
    case rfc4180
    /// Quotation marks are ordinary characters.
    case none
  }
  public var location: Location
  public var textColumn: String
  public var labelColumn: String
  public var quoting: Quoting
  /// What stands between two columns; `nil` for what the header tells.
  public var delimiter: Delimiter?
  /// What the labels are, where they fit both as names of classes and as indices.
  public var labelForm: LabelReading.Form?
  /// The class of each label, where the file calls classes otherwise; empty for none.
  public var labelMap: [String: String]

  public init(
    location: Location, textColumn: String = "text", labelColumn: String = "label",
    quoting: Quoting = .rfc4180, delimiter: Delimiter? = nil,
    labelForm: LabelReading.Form? = nil, labelMap: [String: String] = [:]
  ) {
    (self.location, self.textColumn) = (location, textColumn)
    (self.labelColumn, self.quoting, self.delimiter) = (labelColumn, quoting, delimiter)
    (self.labelForm, self.labelMap) = (labelForm, labelMap)
  }

  /// The files this split is read from.
  public var paths: [String] {
    switch location {
    case .table(let path): [path]
    case .lines(let text, let labels): [text, labels]
    }
  }
}

/// Which weights count in the end.
public enum Selection: String, Sendable, CaseIterable {
  case last
  /// The highest accuracy on source validation, that of all sources together, the earliest of equal ones.
  case bestSourceValidation = "best_source_validation"
  /// The weights after the last epochs, averaged.
  case average
}

/// The average of the weights after the last epochs.
public struct AverageSettings: Equatable, Sendable {
  /// How many unless the configuration says it, where there are as many.
  static let defaultEpochs = 3

  /// How many epochs, at least 2 and at most all.
  public var epochs: Int

  /// Those averaged if `last` is the number of the last epoch.
  public func range(upTo last: Int) -> ClosedRange<Int> { max(1, last - epochs + 1)...last }
}

/// How the network is trained.
public struct TrainingSettings: Equatable, Sendable {
  public var epochs: Int
  /// Examples an optimiser step.
  public var batchSize: Int
  public var seed: Int
  public var optimizer: OptimizerSettings
  public var schedule: ScheduleSettings
  /// The largest global gradient norm, or `nil` for no clipping.
  public var gradientClipping: Double?
  /// About how many tokens are computed at once; part of what decides the exact bits.
  public var blockTokens: Int
  /// How often a checkpoint is saved, beside the one after each epoch.
  public var checkpointInterval: CheckpointInterval
  /// What happens when a loss or a gradient is not finite.
  public var nonFinite: NonFiniteAction
}

/// How often a checkpoint is saved within an epoch.
public enum CheckpointInterval: Equatable, Sendable {
  case steps(Int)
  /// Of work since the last one was saved.
  case minutes(Double)
}

/// What happens when the loss or the gradient of a step is not finite.
public enum NonFiniteAction: String, Sendable, CaseIterable {
  /// The state before the step is saved, and the run ends with an error.
  case stop
  /// The parameters stay as they are, and the run goes on with the next step.
  case skipStep = "skip_step"
}

/// AdamW's settings (Loshchilov and Hutter 2019, `torch.optim.AdamW`).
public struct OptimizerSettings: Equatable, Sendable {
  public var learningRate: Double
  public var weightDecay: Double
  public var betas: [Double]
  public var epsilon: Double
  /// Parts of parameter names, such as `bias`, whose tensors are not decayed.
  public var excludeFromWeightDecay: [String]

  public init(
    learningRate: Double, weightDecay: Double = 0.01, betas: [Double] = [0.9, 0.999],
    epsilon: Double = 1e-8, excludeFromWeightDecay: [String] = []
  ) {
    (self.learningRate, self.weightDecay, self.betas) = (learningRate, weightDecay, betas)
    (self.epsilon, self.excludeFromWeightDecay) = (epsilon, excludeFromWeightDecay)
  }
}

/// Which baselines are fitted: logistic regressions on what the checkpoint before training makes of the texts.
public struct BaselineSettings: Equatable, Sendable {
  public var layers: BaselineLayers

  public init(layers: BaselineLayers = .auto) { self.layers = layers }
}

/// The layers to whose output a baseline is fitted, one each; layer 0 is the embeddings.
public enum BaselineLayers: String, Sendable, CaseIterable {
  /// Those of `unfrozen`, from the lowest, as far as all of them together cost less than an epoch.
  case auto
  case none
  /// The last frozen layer, and each that is trained.
  case unfrozen
  /// The embeddings and each layer that is kept.
  case kept
  /// The embeddings and each layer that the checkpoint has.
  case all
}

/// The learning rate as a function of time.
public struct ScheduleSettings: Equatable, Sendable {
  public enum Shape: String, Sendable, CaseIterable {
    case cosineAnnealing = "cosine_annealing"
    case linear, constant
  }
  public enum Period: String, Sendable, CaseIterable {
    case epoch, step
  }
  public var shape: Shape
  /// Where the schedule arrives after the last period.
  public var etaMin: Double
  /// How often the rate changes.
  public var per: Period
  /// Optimiser steps over which the rate rises linearly from 0 to its first value.
  public var warmupSteps: Int

  public init(shape: Shape, etaMin: Double, per: Period, warmupSteps: Int = 0) {
    (self.shape, self.etaMin, self.per) = (shape, etaMin, per)
    self.warmupSteps = warmupSteps
  }
}
