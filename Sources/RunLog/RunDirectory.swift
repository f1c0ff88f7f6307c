internal import Storage

/// The names of everything a run leaves behind; docs/run-format.md describes each.
public struct RunDirectory: Equatable, Sendable {
  /// As the user gave it, without a slash at the end.
  public let path: String

  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  public var experiment: String { "\(path)/experiment.yaml" }
  public var environment: String { "\(path)/environment.json" }
  public var log: String { "\(path)/log.jsonl" }
  public var history: String { "\(path)/training_history.json" }
  public var report: String { "\(path)/report.md" }
  public var reportRecord: String { "\(path)/report.json" }
  public var definitions: String { "\(path)/metrics.md" }
  public var checks: String { "\(path)/checks.md" }
  public var reportPage: String { "\(path)/report.html" }
  public var reportPDF: String { "\(path)/report.pdf" }
  public var model: String { "\(path)/model" }
  public var checkpoints: String { "\(path)/checkpoints" }
  /// What `report few-shot` found out afterwards, a folder for each target.
  public var fewShot: String { "\(path)/few-shot" }
  /// TensorBoard event files, if they were asked for.
  public var tensorBoard: String { "\(path)/tensorboard" }
  /// The configuration that the checkpoints belong to.
  public var checkpointedExperiment: String { "\(checkpoints)/experiment.yaml" }
  /// Held by the process that writes the run.
  public var lock: String { "\(path)/.lock" }

  /// The folder of an epoch's predictions; epochs count from 1.
  public func predictions(epoch: Int) -> String { "\(path)/predictions/\(Self.name(epoch))" }

  /// The logits and labels of a split after an epoch.
  public func predictions(epoch: Int, _ split: Split) -> String {
    "\(predictions(epoch: epoch))/\(split).safetensors"
  }

  /// The logits and labels of a split with such weights.
  public func predictions(_ weights: Weights, _ split: Split) -> String {
    "\(predictions(weights))/\(split).safetensors"
  }

  /// The folder of what was predicted with such weights.
  public func predictions(_ weights: Weights) -> String { "\(path)/predictions/\(weights.folder)" }

  /// The folder of the baselines, absent where none was fitted.
  public var baselines: String { "\(path)/baselines" }

  /// The folder of the predictions of a layer's baseline; layer 0 is the embeddings.
  public func baseline(layer: Int) -> String { "\(baselines)/\(Self.name(ofLayer: layer))" }

  /// The logits and labels that a layer's baseline gives a split.
  public func baseline(layer: Int, _ split: Split) -> String {
    "\(baseline(layer: layer))/\(split).safetensors"
  }

  /// The facts about a split's examples.
  public func examples(_ split: Split) -> String { "\(path)/examples/\(split).jsonl" }

  /// An epoch's folder name, `epoch-03`.
  public static func name(_ epoch: Int) -> String {
    "epoch-" + (epoch < 10 ? "0" : "") + String(epoch)
  }

  /// A layer's folder name, `layer-04`.
  public static func name(ofLayer layer: Int) -> String {
    "layer-" + (layer < 10 ? "0" : "") + String(layer)
  }

  /// Whether a run is here and came to its end.
  ///
  /// - Throws: what a damaged log throws.
  public func isFinished() throws -> Bool {
    try exists(log) && RunLogContents.read(log).isFinished
  }

  /// The folder of the model that a path stands for: a finished run's, or the path itself.
  ///
  /// - Throws: `RunLogError` for a run that has none yet.
  public static func modelFolder(at path: String) throws(RunLogError) -> String {
    let run = RunDirectory(path)
    guard exists(run.log) else { return run.path }
    guard isFolder(run.model) else {
      throw RunLogError(
        file: path, "has no model yet: the run is not finished. Train it to the end first.")
    }
    return run.model
  }

  /// Makes the folders of a new run.
  ///
  /// - Throws: `StorageError` if they cannot be made.
  public func create() throws {
    for folder in [path, "\(path)/predictions", "\(path)/examples", checkpoints] {
      try makeFolder(folder)
    }
  }

  /// Removes the unfinished files of killed processes.
  public func removeLeftovers() {
    func inside(_ folder: String) -> [String] {
      ((try? listFolder(folder)) ?? []).map { "\(folder)/\($0)" }
    }
    let folders =
      [path, "\(path)/examples", checkpoints, model] + inside("\(path)/predictions")
      + inside(baselines)
    for folder in folders { Storage.removeLeftovers(in: folder) }
  }
}
