internal import Storage

/// What the log says that configuration, environment, examples and predictions were when they were written, so that none
/// of them can be another run's or have been changed since.
///
/// Logs from before there were such records bind nothing.
public struct RunSeal: Sendable {
  /// By name; the last record counts.
  private var hashes: [String: String] = [:]

  /// - Parameter records: of a log.
  public init(_ records: [LogRecord]) {
    for case .files(let files) in records {
      for file in files { hashes[file.name] = file.sha256 }
    }
  }

  // MARK: How each is hashed

  /// experiment.yaml: its bytes, and apart from them, so that a remark may be changed, what is computed.
  public static func hashes(of experiment: Experiment) -> [FileHash] {
    [
      FileHash(name: "experiment.yaml", sha256: SHA256.hex(of: Array(experiment.yaml.utf8))),
      FileHash(name: "experiment", sha256: sha256(ofWhatIsComputed: experiment)),
    ]
  }

  /// A split's examples: the file's bytes.
  public static func hash(ofExamples split: Split, in run: RunDirectory) throws -> FileHash {
    FileHash(
      name: "examples/\(split).jsonl", sha256: try SHA256.hex(ofFile: run.examples(split)))
  }

  /// environment.json: the file's bytes.
  public static func hash(ofEnvironmentIn run: RunDirectory) throws -> FileHash {
    FileHash(name: "environment.json", sha256: try SHA256.hex(ofFile: run.environment))
  }

  /// Predictions: logits, labels and ids as they are stored, one after another, as in the file's own metadata.
  public static func hash(
    of predictions: Predictions, with weights: Weights, _ split: Split
  ) -> FileHash {
    FileHash(name: name(weights, split), sha256: predictions.sha256)
  }

  /// A baseline's predictions, likewise.
  public static func hash(of predictions: Predictions, layer: Int, _ split: Split) -> FileHash {
    FileHash(name: name(layer: layer, split), sha256: predictions.sha256)
  }

  private static func name(layer: Int, _ split: Split) -> String {
    "baselines/\(RunDirectory.name(ofLayer: layer))/\(split).safetensors"
  }

  private static func name(_ weights: Weights, _ split: Split) -> String {
    "predictions/\(weights.folder)/\(split).safetensors"
  }

  /// Everything but the run's name and remarks, which change no number, and places, which contents stand for.
  private static func sha256(ofWhatIsComputed experiment: Experiment) -> String {
    let places = Set(experiment.inputs.map(\.key))
    let lines = experiment.settings.filter {
      Experiment.changesWhatIsComputed($0.key) && !places.contains($0.key)
    }.map { "\($0.key)=\($0.value)\n" }
    return SHA256.hex(of: Array(lines.joined().utf8))
  }

  // MARK: Checking

  /// Whether the log says this.
  public func holds(_ file: FileHash) -> Bool { hashes[file.name] == file.sha256 }

  /// Checks that the configuration is the one that the run was trained with.
  ///
  /// - Throws: `RunLogError` naming what differs, as far as a copy tells.
  func check(_ experiment: Experiment, in run: RunDirectory, _ files: ReadFiles) throws {
    guard let expected = hashes["experiment.yaml"] else { return }
    // Words of a later version may differ in what it writes out; the bytes decide.
    if try files.entry(run.experiment).sha256 == expected { return }
    if hashes["experiment"] == Self.sha256(ofWhatIsComputed: experiment) { return }
    var list = ""
    if exists(run.checkpointedExperiment),
      try SHA256.hex(ofFile: run.checkpointedExperiment) == expected,
      let began = try? Experiment.read(run.checkpointedExperiment)
    {
      let differences = experiment.differences(from: began).filter(\.changesWhatIsComputed)
      list =
        ": "
        + differences.map { "\($0.key) was \($0.before), now it is \($0.now)" }.joined(
          separator: "; ")
    }
    throw RunLogError(
      file: run.experiment,
      "is not the configuration that the run was trained with\(list). Restore what was there"
        + (list.isEmpty ? "." : "; a copy is \(run.checkpointedExperiment)."))
  }

  /// Whether environment.json is as it was written.
  func agreesWithEnvironment(in run: RunDirectory, _ files: ReadFiles) throws -> Bool {
    guard let expected = hashes["environment.json"] else { return true }
    return try files.entry(run.environment).sha256 == expected
  }

  /// Checks that predictions are those that the run wrote.
  ///
  /// - Throws: `RunLogError` if they are not.
  public func check(
    _ predictions: Predictions, with weights: Weights, _ split: Split, in run: RunDirectory
  ) throws {
    try check(predictionsOf: predictions.sha256, with: weights, split, in: run)
  }

  /// Checks that predictions are those that the run wrote, by the hash of their contents.
  func check(
    predictionsOf sha256: String, with weights: Weights, _ split: Split, in run: RunDirectory
  ) throws {
    guard let expected = hashes[Self.name(weights, split)], expected != sha256 else { return }
    throw other(run.predictions(weights, split))
  }

  /// Checks that a baseline's predictions are those that the run wrote, by the hash of their contents.
  ///
  /// - Throws: `RunLogError` if they are not.
  func check(
    baselineOf sha256: String, layer: Int, _ split: Split, in run: RunDirectory
  ) throws {
    guard let expected = hashes[Self.name(layer: layer, split)], expected != sha256 else { return }
    throw other(run.baseline(layer: layer, split))
  }

  /// Checks that a split's examples are those that the run wrote.
  func checkExamples(_ split: Split, in run: RunDirectory, _ files: ReadFiles) throws {
    guard let expected = hashes["examples/\(split).jsonl"],
      try files.entry(run.examples(split)).sha256 != expected
    else { return }
    throw other(run.examples(split))
  }

  private func other(_ path: String) -> RunLogError {
    RunLogError(
      file: path,
      "is not what the run wrote: its SHA-256 differs from the one in log.jsonl. Restore the file, or let "
        + "`report train --resume` make it again.")
  }
}
