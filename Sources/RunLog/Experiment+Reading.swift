public import Storage

internal import Yams

extension Experiment {
  /// Where paths of the built-in example begin.
  public static let builtinPrefix = "builtin:"
  /// The most labels: a confusion matrix has a cell for every two of them.
  static let mostLabels = 256

  /// Reads an experiment file and fills in every default.
  ///
  /// - Parameters:
  ///   - path: a YAML file; relative paths in it are relative to its folder.
  ///   - settings: `key=value` assignments over the file, such as `training.epochs=3`.
  ///   - folder: what relative paths are relative to, if not the file's own folder; may be a
  ///     `builtin:` prefix, which then stays in the resolved paths.
  ///   - files: takes note of what was read.
  /// - Returns: the experiment with absolute paths and every default filled in.
  /// - Throws: `StorageError` if the file cannot be read; `RunLogError` with file and line for
  ///   anything unknown, misspelt, ill-typed, missing or out of range.
  public static func read(
    _ path: String, settings: [String] = [], relativeTo folder: String? = nil,
    from files: ReadFiles = ReadFiles()
  ) throws -> Experiment {
    let bytes = try files.contents(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RunLogError(file: path, "is not valid UTF-8; save it as UTF-8.")
    }
    return try parse(
      text, file: path, settings: settings, relativeTo: folder ?? absoluteFolder(of: path))
  }

  /// Parses an experiment from YAML; see `read`.
  public static func parse(
    _ text: String, file: String, settings: [String] = [], relativeTo folder: String
  ) throws -> Experiment {
    var root = try StrictYAML.compose(text, file: file, kind: "an experiment")
    for setting in settings { try assign(setting, in: &root) }
    return try experiment(
      StrictYAML(node: root, file: file, settings: settings, furtherKeys: keys), folder: folder)
  }

  /// The dotted keys of a file with every default written out, but not a target's.
  private static let keys: [String] = {
    let language = "language: en, train: a.csv, validation: a.csv, test: a.csv"
    let smallest = "{name: a, model: {checkpoint: a}, data: {source: {\(language)}}}"
    // Without advice of its own, or it would wait for itself.
    guard let root = try? StrictYAML.compose(smallest, file: ""),
      let experiment = try? experiment(StrictYAML(node: root, file: ""), folder: "/")
    else { return [] }
    return experiment.settings.map(\.key)
  }()

  // MARK: Sections

  private static func experiment(
    _ yaml: StrictYAML, folder: String
  ) throws(RunLogError) -> Experiment {
    let members = try yaml.members([
      "name", "note", "model", "labels", "data", "select", "average", "training", "baselines",
      "store_texts", "goals", "checks", "few_shot",
    ])
    guard let name = members["name"] else { throw yaml.failure("the key 'name' is missing") }
    guard let data = members["data"] else { throw yaml.failure("the key 'data' is missing") }
    guard let model = members["model"] else { throw yaml.failure("the key 'model' is missing") }
    let labels = try labels(members["labels"])
    let dataSettings = try dataSettings(data, labels: labels, folder: folder)
    let training = try trainingSettings(members["training"], of: yaml)
    let select: Selection = try members["select"]?.choice() ?? .last
    return Experiment(
      name: try name.folderName(),
      note: try members["note"]?.string(),
      model: try modelSettings(model, folder: folder),
      labels: labels,
      data: dataSettings,
      select: select,
      average: try averageSettings(
        members["average"], selectedBy: select == .average ? members["select"] : nil,
        epochs: training.epochs),
      training: training,
      baselines: try baselineSettings(members["baselines"]),
      storeTexts: try members["store_texts"]?.boolean() ?? true,
      goals: try members["goals"]?.strings() ?? [],
      checks: try checkSettings(members["checks"]),
      fewShot: try fewShotSettings(members["few_shot"], dataSettings, training))
  }

  private static func checkSettings(
    _ section: StrictYAML?
  ) throws(RunLogError) -> CheckSettings {
    let members = try section?.members(["ignore", "bounds"]) ?? [:]
    var ignored: Set<CheckCode> = []
    for element in try members["ignore"]?.elements() ?? [] {
      ignored.insert(
        try CheckSettings.code(try element.string()) { element.failure($0) })
    }
    var settings = CheckSettings(ignored: CheckCode.allCases.filter(ignored.contains))
    let values = try members["bounds"]?.members(CheckCode.bounded.map(\.rawValue)) ?? [:]
    for code in CheckCode.bounded {
      settings.bounds[code] = try values[code.rawValue]?.number(ExperimentRanges.bound(of: code))
    }
    return settings
  }

  private static func labels(_ yaml: StrictYAML?) throws(RunLogError) -> [String] {
    guard let yaml else { return ["negative", "neutral", "positive"] }
    let labels = try yaml.strings()
    guard labels.count >= 2 else { throw yaml.failure("at least two labels are needed") }
    guard labels.count <= mostLabels else {
      throw yaml.failure("at most \(mostLabels) labels are supported, found \(labels.count)")
    }
    guard Set(labels).count == labels.count, !labels.contains("") else {
      throw yaml.failure("labels must differ and not be empty")
    }
    return labels
  }

  private static func modelSettings(
    _ yaml: StrictYAML, folder: String
  ) throws(RunLogError) -> ModelSettings {
    let members = try yaml.members([
      "checkpoint", "encoder_layers", "frozen_layers", "freeze_embeddings", "frozen_dropout",
      "prefix_precision", "tokenizer",
    ])
    guard let checkpoint = members["checkpoint"] else {
      throw yaml.failure(
        "the key 'checkpoint' is missing: a Hugging Face directory, or a model's name on the hub such as "
          + "google-bert/bert-base-multilingual-uncased")
    }
    let encoderLayers = try members["encoder_layers"]?.integer(ExperimentRanges.encoderLayers) ?? 6
    let frozenLayers =
      try members["frozen_layers"]?.integer(ExperimentRanges.frozenLayers) ?? min(4, encoderLayers)
    guard frozenLayers <= encoderLayers else {
      throw (members["frozen_layers"] ?? yaml).failure(
        "must not exceed model.encoder_layers, \(encoderLayers); found \(frozenLayers)")
    }
    return ModelSettings(
      checkpoint: resolveCheckpoint(try checkpoint.string(), folder),
      encoderLayers: encoderLayers,
      frozenLayers: frozenLayers,
      freezeEmbeddings: try members["freeze_embeddings"]?.boolean() ?? true,
      frozenDropout: try members["frozen_dropout"]?.boolean() ?? false,
      prefixPrecision: try members["prefix_precision"]?.choice() ?? .float32,
      tokenizer: try members["tokenizer"]?.choice() ?? .autoTokenizer)
  }

  private static func trainingSettings(
    _ section: StrictYAML?, of root: StrictYAML
  ) throws(RunLogError) -> TrainingSettings {
    let members =
      try section?.members([
        "epochs", "batch_size", "seed", "optimizer", "schedule", "gradient_clipping",
        "block_tokens", "checkpoint_every", "non_finite",
      ]) ?? [:]
    let optimizer = try optimizerSettings(members["optimizer"])
    let schedule = try scheduleSettings(members["schedule"], optimizer: optimizer)
    let clipping = members["gradient_clipping"]
    return TrainingSettings(
      epochs: try members["epochs"]?.integer(ExperimentRanges.epochs) ?? 10,
      batchSize: try members["batch_size"]?.integer(ExperimentRanges.batchSize) ?? 1024,
      seed: try members["seed"]?.integer(ExperimentRanges.seed) ?? 42,
      optimizer: optimizer, schedule: schedule,
      gradientClipping: clipping?.isNull ?? true
        ? nil : try clipping?.number(ExperimentRanges.gradientClipping),
      blockTokens: try members["block_tokens"]?.integer(ExperimentRanges.blockTokens) ?? 2048,
      checkpointInterval: try checkpointInterval(members["checkpoint_every"]),
      nonFinite: try members["non_finite"]?.choice() ?? .stop)
  }

  /// Which epochs are averaged; none if neither section nor selection asks for it.
  private static func averageSettings(
    _ section: StrictYAML?, selectedBy selection: StrictYAML?, epochs: Int
  ) throws(RunLogError) -> AverageSettings? {
    let section = section.flatMap { $0.isNull ? nil : $0 }
    guard let place = section ?? selection else { return nil }
    let wanted = try section?.members(["epochs"])["epochs"]
    let count =
      try wanted?.integer(ExperimentRanges.averageEpochs)
      ?? min(AverageSettings.defaultEpochs, epochs)
    guard epochs > 1 else {
      throw place.failure(
        "an average takes at least 2 epochs, but training.epochs is \(epochs); train more, or leave it out"
      )
    }
    guard count <= epochs else {
      throw (wanted ?? place).failure(
        "must not exceed training.epochs, \(epochs); found \(count)")
    }
    return AverageSettings(epochs: count)
  }

  private static func checkpointInterval(
    _ section: StrictYAML?
  ) throws(RunLogError) -> CheckpointInterval {
    guard let section else { return .minutes(10) }
    let members = try section.members(["steps", "minutes"])
    switch (members["steps"], members["minutes"]) {
    case (let steps?, nil): return .steps(try steps.integer(ExperimentRanges.checkpointSteps))
    case (nil, let minutes?):
      return .minutes(try minutes.number(ExperimentRanges.checkpointMinutes))
    default: throw section.failure("expected either {steps: N} or {minutes: M}")
    }
  }

  private static func baselineSettings(
    _ section: StrictYAML?
  ) throws(RunLogError) -> BaselineSettings {
    let members = try section?.members(["layers"]) ?? [:]
    return BaselineSettings(layers: try members["layers"]?.choice() ?? .auto)
  }

  private static func optimizerSettings(
    _ section: StrictYAML?
  ) throws(RunLogError) -> OptimizerSettings {
    let members =
      try section?.members([
        "name", "learning_rate", "weight_decay", "betas", "epsilon", "exclude_from_weight_decay",
      ]) ?? [:]
    if let name = members["name"], try name.string() != "adamw" {
      throw name.failure("the optimizer is adamw; found '\(try name.string())'")
    }
    var betas: [Double] = []
    for beta in try members["betas"]?.elements() ?? [] {
      betas.append(try beta.number(ExperimentRanges.betas))
    }
    if let section = members["betas"], betas.count != 2 {
      throw section.failure("expected two numbers, found \(betas.count)")
    }
    return OptimizerSettings(
      learningRate: try members["learning_rate"]?.number(ExperimentRanges.learningRate) ?? 5e-5,
      weightDecay: try members["weight_decay"]?.number(ExperimentRanges.weightDecay) ?? 0.01,
      betas: betas.isEmpty ? [0.9, 0.999] : betas,
      epsilon: try members["epsilon"]?.number(ExperimentRanges.epsilon) ?? 1e-8,
      excludeFromWeightDecay: try members["exclude_from_weight_decay"]?.strings() ?? [])
  }

  private static func scheduleSettings(
    _ section: StrictYAML?, optimizer: OptimizerSettings
  ) throws(RunLogError) -> ScheduleSettings {
    let members = try section?.members(["name", "eta_min", "per", "warmup_steps"]) ?? [:]
    let shape: ScheduleSettings.Shape = try members["name"]?.choice() ?? .cosineAnnealing
    let etaMin =
      try members["eta_min"]?.number(ExperimentRanges.etaMin)
      ?? (shape == .cosineAnnealing ? optimizer.learningRate / 10 : 0)
    guard etaMin <= optimizer.learningRate else {
      throw (members["eta_min"] ?? section)?.failure(
        "must not exceed the learning rate, \(optimizer.learningRate); found \(etaMin)")
        ?? RunLogError(file: "", "eta_min exceeds the learning rate")
    }
    return ScheduleSettings(
      shape: shape, etaMin: etaMin, per: try members["per"]?.choice() ?? .epoch,
      warmupSteps: try members["warmup_steps"]?.integer(ExperimentRanges.warmupSteps) ?? 0)
  }

  // MARK: Assignments

  /// Puts `key=value` into the tree, making mappings on the way where there are none.
  private static func assign(_ setting: String, in root: inout Node) throws {
    guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
      throw RunLogError(file: "--set \(setting)", "expected key=value, such as training.epochs=3")
    }
    let keys = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    let text = String(setting[setting.index(after: equals)...])
    let value = try StrictYAML.compose(text, file: "--set \(setting)") ?? Node("", Tag(.null))
    try insert(
      withoutMarks(value), at: keys.map(String.init)[...], in: &root, setting: setting)
  }

  /// The value without places in its own text, which would be taken for places in the file.
  private static func withoutMarks(_ node: Node) -> Node {
    switch node {
    case .scalar(var scalar):
      scalar.mark = nil
      return .scalar(scalar)
    case .mapping(let mapping):
      return .mapping(
        Node.Mapping(
          mapping.map { (withoutMarks($0.key), withoutMarks($0.value)) }, mapping.tag,
          mapping.style))
    case .sequence(let sequence):
      return .sequence(Node.Sequence(sequence.map(withoutMarks), sequence.tag, sequence.style))
    case .alias(var alias):
      alias.mark = nil
      return .alias(alias)
    }
  }

  private static func insert(
    _ value: Node, at keys: ArraySlice<String>, in node: inout Node, setting: String
  ) throws {
    guard let key = keys.first else {
      node = value
      return
    }
    if var sequence = node.sequence {
      guard let index = Int(key), sequence.indices.contains(index) else {
        throw RunLogError(
          file: "--set \(setting)",
          "'\(key)' must be the 0-based number of one of \(sequence.count) list entries")
      }
      try insert(value, at: keys.dropFirst(), in: &sequence[index], setting: setting)
      node = .sequence(sequence)
      return
    }
    var mapping = node.mapping ?? Node.Mapping([])
    var child = mapping[Node(key)] ?? Node.mapping(Node.Mapping([]))
    try insert(value, at: keys.dropFirst(), in: &child, setting: setting)
    mapping[Node(key)] = child
    node = .mapping(mapping)
  }
}
