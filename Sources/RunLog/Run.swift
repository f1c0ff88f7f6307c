public import Storage

/// The facts of a run as they lie in its directory; predictions are read when asked for.
public struct Run: Sendable {
  public let directory: RunDirectory
  /// `nil` for logs from elsewhere.
  public let experiment: Experiment?
  public let environment: RunEnvironment?
  /// Empty for logs from elsewhere.
  public let records: [LogRecord]
  /// The line of each record in the log, from 1.
  public let recordLines: [Int]
  /// The lines of `resumed` records of a run whose process had ended without a word.
  public let unannouncedEnds: [Int]
  /// By epoch; `nil` where no epoch is complete, and for logs from elsewhere.
  public let history: TrainingHistory?
  /// What the log says of the files beside it.
  private let seal: RunSeal
  /// What another program logged; `nil` for runs of our own.
  public let imported: ImportedLog?
  /// What was odd about the files, a sentence each.
  public let warnings: [String]
  /// What was read of it.
  public let files: ReadFiles
  /// `nil` for logs from elsewhere.
  private let log: RunLogContents?

  /// Reads a run directory, or a log that another program wrote.
  ///
  /// - Throws: `RunLogError` if there is nothing, or something else; whatever a damaged file throws.
  public init(_ path: String) throws { try self.init(LogSource(path)) }

  /// Reads a run directory, or a log that another program wrote; see `init(_:)`.
  ///
  /// - Parameters:
  ///   - source: where from.
  ///   - earlier: the run as it was read before; of its log only what has come since is decoded.
  /// - Throws: as `init(_:)` does.
  public init(_ source: LogSource, after earlier: Run? = nil) throws {
    let path = source.path
    let files = ReadFiles(after: earlier?.files)
    self.files = files
    guard exists(path) else {
      throw RunLogError(
        file: path,
        "there is no such file or folder; name the run directory that `report train` wrote, or a log "
          + "from another program.")
    }
    let isFolder = isFolder(path)
    directory = RunDirectory(isFolder ? path : Self.folder(of: path))
    guard isFolder, exists(directory.log), try !Self.isForeign(directory, files) else {
      let found = try ImportedLog.read(
        isFolder ? directory.path : path, predictions: source.predictions,
        map: source.map.map { try ImportMap.read($0, from: files) }, from: files)
      imported = found
      (experiment, environment, records, recordLines, history) = (nil, nil, [], [], nil)
      (unannouncedEnds, seal, log) = ([], RunSeal([]), nil)
      warnings = found.warnings
      return
    }
    guard source.predictions.isEmpty, source.map == nil else {
      throw RunLogError(
        file: path,
        "is a TransferGap run; --predictions and --map are for logs from other programs.")
    }
    imported = nil
    var warnings: [String] = []
    let experiment = try Experiment.read(directory.experiment, from: files)
    self.experiment = experiment
    environment =
      exists(directory.environment)
      ? try RunEnvironment.read(directory.environment, from: files) : nil
    let log = try files.decoded(directory.log) { [directory] bytes in
      let log = try RunLogContents.parse(bytes, file: directory.log, after: earlier?.log)
      return (log, log.sha256)
    }
    self.log = log
    (records, recordLines, unannouncedEnds) = (log.records, log.lines, log.unannouncedEnds)
    seal = RunSeal(log.records)
    try seal.check(experiment, in: directory, files)
    if environment != nil, try !seal.agreesWithEnvironment(in: directory, files) {
      warnings.append(
        "\(directory.environment) is not what the run wrote: its SHA-256 differs from the one in log.jsonl; what "
          + "the report says of device and software may be wrong.")
    }
    if let warning = log.warning { warnings.append(warning) }
    warnings += Self.nonFiniteSteps(log.records, file: directory.log)
    if environment == nil {
      warnings.append("\(directory.environment) is missing; the device is not known.")
    }
    history =
      exists(directory.history) ? try TrainingHistory.read(directory.history, from: files) : nil
    for key in history?.unknownKeys ?? [] {
      warnings.append("\(directory.history): the key '\(key)' means nothing here and is left out.")
    }
    self.warnings = warnings
  }

  /// Whether the log has got more lines since it was read.
  public var hasGrown: Bool {
    if case .grown = files.change(of: directory.log) { imported == nil } else { false }
  }

  /// How many lines of the log had come since the earlier time and were decoded.
  public var newLines: Int { log?.newLines ?? 0 }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Whether the log.jsonl of a folder is another program's: it has no configuration beside it, and
  /// its first line is no record of ours.
  private static func isForeign(
    _ directory: RunDirectory, _ files: ReadFiles
  ) throws -> Bool {
    if exists(directory.experiment) { return false }
    let file = try files.look(into: directory.log)
    let head = try file.bytes(at: 0, count: min(file.size, 1 << 16))
    guard let line = head.split(separator: 0x0A).first,
      let json = try? JSON.parse(line, file: directory.log)
    else { return false }
    return json["record"] == nil
  }

  /// The predictions of a split after an epoch, or `nil` if there are none.
  ///
  /// Predictions beside a log from elsewhere are those of its selected row, counted from 1.
  ///
  /// - Throws: what a damaged file throws.
  public func predictions(epoch: Int, _ split: Split, classes: Int) throws -> Predictions? {
    try predictions(.epoch(epoch), split, classes: classes)
  }

  /// The predictions of a split with such weights, or `nil` if there are none; see above.
  public func predictions(
    _ weights: Weights, _ split: Split, classes: Int
  ) throws -> Predictions? {
    if let imported {
      return weights == .epoch(imported.selectedRow + 1) ? imported.predictions[split] : nil
    }
    let path = directory.predictions(weights, split)
    guard exists(path) else { return nil }
    let file = try SafetensorsReader(files.contents(path), file: path)
    let (predictions, sha256) = try Predictions.read(file, file: path, classes: classes)
    try seal.check(predictionsOf: sha256, with: weights, split, in: directory)
    return predictions
  }

  /// What a layer's baseline predicts for a split, or `nil` if there is nothing.
  ///
  /// - Throws: what a damaged file throws.
  public func baseline(layer: Int, _ split: Split, classes: Int) throws -> Predictions? {
    let path = directory.baseline(layer: layer, split)
    guard imported == nil, exists(path) else { return nil }
    let file = try SafetensorsReader(files.contents(path), file: path)
    let (predictions, sha256) = try Predictions.read(file, file: path, classes: classes)
    try seal.check(baselineOf: sha256, layer: layer, split, in: directory)
    return predictions
  }

  /// The facts about a split's examples, or `nil` if there are none.
  ///
  /// - Throws: what a damaged file throws.
  public func examples(_ split: Split) throws -> [ExampleFacts]? {
    guard imported == nil else { return nil }
    let path = directory.examples(split)
    guard exists(path) else { return nil }
    let bytes = try files.contents(path)
    try seal.checkExamples(split, in: directory, files)
    return try ExampleFacts.parse(bytes, file: path)
  }

  /// The splits that have predictions with such weights, in the order of their names.
  public func splits(_ weights: Weights) throws -> [Split] {
    if let imported {
      guard weights == .epoch(imported.selectedRow + 1) else { return [] }
      return imported.predictions.keys.sorted { "\($0)" < "\($1)" }
    }
    let folder = directory.predictions(weights)
    guard isFolder(folder) else { return [] }
    return try listFolder(folder).compactMap { name in
      name.hasSuffix(".safetensors") ? Split(String(name.dropLast(".safetensors".count))) : nil
    }
  }
}

extension Run {
  /// Those of the warnings that tell of steps whose loss or gradient was not finite.
  public var nonFiniteStepWarnings: [String] {
    Self.nonFiniteSteps(records, file: directory.log)
  }

  /// What became of steps whose loss or gradient was not finite, a sentence each.
  fileprivate static func nonFiniteSteps(_ records: [LogRecord], file: String) -> [String] {
    var (skipped, stop): ([Int], Int?) = ([], nil)
    for case .nonFinite(let record) in records {
      switch record.action {
      case .stop: stop = record.step
      case .skipStep: skipped.append(record.step)
      }
    }
    var result: [String] = []
    if let first = skipped.first {
      result.append(
        skipped.count == 1
          ? "step \(first) was left out, since its loss or gradient was not finite."
          : "\(skipped.count) steps, the first of them step \(first), were left out, since their loss "
            + "or gradient was not finite.")
    }
    if let stop {
      result.append(
        "the run stopped before step \(stop), since its loss or gradient was not finite.")
    }
    return result.map { "\(file): \($0)" }
  }
}
