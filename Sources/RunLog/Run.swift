internal import Storage

/// The facts of a run as they lie in its directory; predictions are read when asked for.
public struct Run: Sendable {
  public let directory: RunDirectory
  /// `nil` for logs from elsewhere.
  public let experiment: Experiment?
  public let environment: RunEnvironment?
  /// Empty for logs from elsewhere.
  public let records: [LogRecord]
  /// `nil` only where no epoch is complete.
  public let history: TrainingHistory?
  /// What was odd about the files, a sentence each.
  public let warnings: [String]

  /// Reads a run directory, or a folder that holds only a `training_history.json`.
  ///
  /// - Throws: `RunLogError` if the folder is missing or holds neither; whatever a damaged file throws.
  public init(_ path: String) throws {
    directory = RunDirectory(path)
    guard isFolder(directory.path) else {
      throw RunLogError(
        file: path,
        exists(path)
          ? "is a file; name the folder that holds it."
          : "there is no such folder; name the run directory that `report train` wrote.")
    }
    var warnings: [String] = []
    if exists(directory.log) {
      experiment = try Experiment.read(directory.experiment)
      environment =
        exists(directory.environment) ? try RunEnvironment.read(directory.environment) : nil
      let log = try RunLogContents.read(directory.log)
      records = log.records
      if let warning = log.warning { warnings.append(warning) }
      warnings += Self.nonFiniteSteps(log.records, file: directory.log)
      if environment == nil {
        warnings.append("\(directory.environment) is missing; the device is not known.")
      }
    } else {
      guard exists(directory.history) else {
        throw RunLogError(
          file: path,
          "holds neither log.jsonl nor training_history.json; name the run directory that "
            + "`report train` wrote, or a folder with a training history.")
      }
      (experiment, environment, records) = (nil, nil, [])
    }
    history = exists(directory.history) ? try TrainingHistory.read(directory.history) : nil
    for key in history?.unknownKeys ?? [] {
      warnings.append("\(directory.history): the key '\(key)' means nothing here and is left out.")
    }
    self.warnings = warnings
  }

  /// What became of steps whose loss or gradient was not finite, a sentence each.
  private static func nonFiniteSteps(_ records: [LogRecord], file: String) -> [String] {
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

  /// The predictions of a split after an epoch, or `nil` if there are none.
  ///
  /// - Throws: what a damaged file throws.
  public func predictions(epoch: Int, _ split: Split, classes: Int) throws -> Predictions? {
    let path = directory.predictions(epoch: epoch, split)
    return exists(path) ? try Predictions.read(path, classes: classes) : nil
  }

  /// The facts about a split's examples, or `nil` if there are none.
  ///
  /// - Throws: what a damaged file throws.
  public func examples(_ split: Split) throws -> [ExampleFacts]? {
    let path = directory.examples(split)
    return exists(path) ? try ExampleFacts.read(path) : nil
  }

  /// The splits that have predictions for an epoch, in the order of their names.
  public func splits(epoch: Int) throws -> [Split] {
    let folder = directory.predictions(epoch: epoch)
    guard isFolder(folder) else { return [] }
    return try listFolder(folder).compactMap { name in
      name.hasSuffix(".safetensors") ? Split(String(name.dropLast(".safetensors".count))) : nil
    }
  }
}
