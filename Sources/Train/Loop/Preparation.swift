internal import Device
public import Model
public import RunLog
internal import Storage

/// Everything an experiment needs, read and checked: data, tokenizer, model.
public struct Preparation: Sendable {
  public let experiment: Experiment
  public let tokenizer: any TextTokenizer
  public let classifier: Classifier
  /// Remarks of the loaders of data and model.
  public let notes: [String]
  /// What about data and settings is often a slip.
  public let warnings: [InputWarning]
  /// The splits in the order train, source validation, source test, then each target's.
  public let datasets: [Dataset]
  /// The folder of the checkpoint on this machine.
  public let checkpointFolder: String
  /// Where the checkpoint comes from; `nil` if it is a folder.
  let hubModel: HubModel?
  let locate: @Sendable (String) throws -> String
  /// What the network is computed on.
  public let computing: Computing
  /// About how much of a device's memory a training takes at most, in bytes; `nil` on the processor.
  public let deviceBytes: Int?
  let memoryNeed: MemoryNeed
  /// Which baselines are fitted before the training.
  let baselines: BaselinePlan
  /// How much memory a training will take at most, in bytes: the whole process, about.
  public var memoryBytes: Int { memoryNeed.total }

  /// Reads what an experiment names.
  ///
  /// The need of memory is checked twice: from sizes of files before anything large is read, and with the data, but
  /// not the weights, in memory.
  ///
  /// - Parameters:
  ///   - experiment: resolved.
  ///   - threads: for tokenizing, and as the run will have.
  ///   - computing: what the network will be computed on.
  ///   - hubModel: the model of the hub that the checkpoint is, for the record.
  ///   - locate: turns a configured path into one that can be opened.
  ///   - shortage: gets what memory is lacking; throws it, or returns to go on nevertheless.
  /// - Throws: `TooLittleMemory`; an error that names the file for whatever is missing, wrong or does not fit
  ///   together.
  public init(
    _ experiment: Experiment, threads: Int, on computing: Computing = .processor,
    hubModel: HubModel? = nil,
    locate: @escaping @Sendable (String) throws -> String = { $0 },
    shortage: (TooLittleMemory) throws -> Void = { throw $0 }
  ) throws {
    self.experiment = experiment
    self.hubModel = hubModel
    self.computing = computing
    let backend = computing.backendType
    self.locate = locate
    let folder = try locate(experiment.model.checkpoint)
    checkpointFolder = folder
    // Cheap checks come first, so that a slip shows before minutes of reading.
    try Engine.load()
    let configuration = try EncoderConfiguration(directory: folder)
    guard experiment.model.encoderLayers <= configuration.layers else {
      throw RunLogError(
        file: "\(folder)/config.json",
        "has \(configuration.layers) encoder layers, but model.encoder_layers asks for "
          + "\(experiment.model.encoderLayers).")
    }
    guard experiment.data.maxLength <= configuration.maximumPositions else {
      throw RunLogError(
        file: "\(folder)/config.json",
        "has \(configuration.positionsInWords), but data.max_length asks for "
          + "\(experiment.data.maxLength).")
    }
    let fineTuning = FineTuning(
      encoderLayers: experiment.model.encoderLayers,
      frozenLayers: experiment.model.frozenLayers,
      freezeEmbeddings: experiment.model.freezeEmbeddings,
      frozenDropout: experiment.model.frozenDropout, labels: experiment.labels,
      seed: UInt64(experiment.training.seed))
    let weights = try WeightMemory(directory: folder, fineTuning: fineTuning)
    let reader = DataReader(labels: experiment.labels, locate: locate)
    func check(_ need: MemoryNeed) throws {
      do {
        try MemoryCheck(need: need).check()
      } catch let error as TooLittleMemory {
        try shortage(error)
      }
    }
    try check(
      Self.needBeforeReading(
        experiment, weights: weights, in: folder, reader, on: backend, threads: threads))
    tokenizer = try loadTokenizer(directory: folder, reading: experiment.model.tokenizer.reading)
    var datasets: [Dataset] = []
    var review = InputReview(experiment)
    let tokenizer = tokenizer
    let sources = experiment.data.sources
    func dataset(_ file: DataFile, _ split: Split) throws -> Dataset {
      let contents = try reader.readData(file)
      let rows = contents.rows
      let chosen =
        split.part == .train
        ? try Self.chosen(rows.map(\.label), of: file, language: split.language, experiment)
        : Array(rows.indices)
      review.review(split, contents, chosen: chosen)
      return Dataset(
        split: split, rows: rows, chosen: chosen, tokenizer: tokenizer,
        maxLength: experiment.data.maxLength, threads: threads, keepTexts: experiment.storeTexts)
    }
    // All training data come first, since the texts of all other splits are looked for among them.
    for part in Part.allCases {
      let parts = try sources.compactMap { data in
        try data.file(part).map { try dataset($0, Split(data.language, part)) }
      }
      if parts.count == 1 {
        datasets.append(parts[0])
      } else if !parts.isEmpty {
        datasets.append(
          Dataset(pooling: parts, as: Split(experiment.data.source.language, part)))
      }
    }
    for data in experiment.data.targets {
      for part in Part.allCases {
        guard let file = data.file(part) else { continue }
        datasets.append(try dataset(file, Split(data.language, part)))
      }
    }
    self.datasets = datasets
    review.finish()
    warnings = review.warnings
    let used = Set(datasets.lazy.flatMap(\.tokens)).sorted()
    func need(_ baselines: BaselineWork?) -> MemoryNeed {
      .beforeWeights(
        experiment, weights: weights, datasets: datasets, words: used.count, baselines: baselines,
        backend: backend, threads: threads)
    }
    let without = need(nil)
    baselines = try BaselinePlan(
      experiment, weights: weights, datasets: datasets, in: folder
    ) {
      // An eighth more is hardly noticed, where a second of time is.
      need($0).additional <= without.additional + without.additional / 8
    }
    memoryNeed = baselines.work.map { need($0) } ?? without
    try check(memoryNeed)
    deviceBytes = try Self.deviceBytes(
      experiment, weights, datasets, words: used.count, baselines.work, on: computing)
    let loaded = try Classifier.load(
      directory: folder, fineTuning: fineTuning, usedTokens: used)
    let shares = Self.sharesNote(experiment, datasets[0])
    (classifier, notes) = (loaded.classifier, review.notes + shares + loaded.notes)
    // Whoever goes on with too little memory gets an error and no endless wait.
    try backend.checkResources(threads: threads)
  }

  /// The rows of the training data that are used.
  private static func chosen(
    _ labels: [Int], of file: DataFile, language: String, _ experiment: Experiment
  ) throws(RunLogError) -> [Int] {
    let seed = experiment.training.seed
    let stream = experiment.data.sources.count == 1 ? "subset" : "subset/\(language)"
    guard let count = experiment.data.perClass else {
      return stratifiedSubset(
        labels: labels, percentage: experiment.data.percentage, seed: seed, stream: stream)
    }
    try checkSupply(
      labels: labels, names: experiment.labels, in: file, of: count, key: "data.per_class")
    return balancedSubset(
      labels: labels, count: count, classes: experiment.labels.count, seed: seed, stream: stream)
  }

  /// What a training takes of a device's memory.
  ///
  /// - Throws: `TooLittleDeviceMemory` if the device has less.
  private static func deviceBytes(
    _ experiment: Experiment, _ weights: WeightMemory, _ datasets: [Dataset], words: Int,
    _ baselines: BaselineWork?, on computing: Computing
  ) throws -> Int? {
    guard let device = computing.device?.identity else { return nil }
    var plan = MemoryPlan(weights, datasets, experiment.training)
    if let baselines, baselines.network == nil {
      plan = plan.pooling(baselines.blocks, fromStored: baselines.startsFromStored)
    }
    let bytes = try DeviceBackend.deviceBytes(
      for: plan, words: words, keepsBest: experiment.select == .bestSourceValidation)
    guard bytes <= device.memoryBytes else {
      throw TooLittleDeviceMemory(need: bytes, available: device.memoryBytes, device: device.name)
    }
    return bytes
  }

  /// What is needed as far as sizes of files tell.
  static func needBeforeReading(
    _ experiment: Experiment, weights: WeightMemory, in folder: String, _ reader: DataReader,
    on backend: any Backend.Type = CPUBackend.self, threads: Int
  ) throws -> MemoryNeed {
    let files = try experiment.data.languages.flatMap { data in
      try Part.allCases.compactMap { part in
        try data.file(part).map { (part: part, size: try reader.size(of: $0)) }
      }
    }
    return .beforeReading(
      experiment, weights: weights, files: files,
      vocabularyBytes: tokenizerMemoryBytes(directory: folder), backend: backend, threads: threads)
  }

  /// How many training examples each of several sources has; nothing for a single one.
  private static func sharesNote(_ experiment: Experiment, _ training: Dataset) -> [String] {
    let shares = training.splitFacts(classes: experiment.labels.count).sources
    guard !shares.isEmpty else { return [] }
    let words = zip(experiment.data.sources, shares).map { source, share in
      "\(grouped(share.examples)) of \(source.name)"
    }
    return ["The training data are \(grouped(training.count)) examples, \(listed(words))."]
  }

  /// The training data.
  public var training: Dataset { datasets[0] }

  /// Optimiser steps an epoch; the last batch may be smaller.
  public var stepsPerEpoch: Int {
    (training.count + experiment.training.batchSize - 1) / experiment.training.batchSize
  }

  /// Which baselines are fitted, such as "baselines of layers 4 to 6" or "no baselines".
  public var baselineWords: String {
    guard let layers = baselines.work?.layers, let first = layers.first, let last = layers.last
    else { return "no baselines" }
    return first == last
      ? "a baseline of layer \(first)" : "baselines of layers \(first) to \(last)"
  }

  /// SHA-256 of every file that the run's numbers depend on.
  ///
  /// - Throws: `StorageError` if one cannot be read.
  func hashes() throws -> [(name: String, sha256: String)] {
    try Self.hashes(experiment, checkpoint: checkpointFolder, locate: locate)
  }

  /// The same, of what an experiment names.
  static func hashes(
    _ experiment: Experiment, checkpoint: String, locate: (String) throws -> String
  ) throws -> [(name: String, sha256: String)] {
    var result: [(name: String, sha256: String)] = []
    for name in try listFolder(checkpoint) where isPartOfModel(name) {
      result.append(("checkpoint/\(name)", try SHA256.hex(ofFile: "\(checkpoint)/\(name)")))
    }
    for data in experiment.data.languages {
      for (name, path) in data.namedFiles {
        result.append((name, try SHA256.hex(ofFile: locate(path))))
      }
    }
    return result
  }

  private static func isPartOfModel(_ name: String) -> Bool {
    name.hasSuffix(".safetensors")
      || [
        "config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "sentencepiece.bpe.model",
        "model.safetensors.index.json",
      ].contains(name)
  }
}

extension TokenizerPipeline {
  /// What the model's reader calls it.
  var reading: TokenizerReading {
    switch self {
    case .autoTokenizer: .autoTokenizer
    case .tokenizerJSON: .tokenizerJSON
    }
  }
}
