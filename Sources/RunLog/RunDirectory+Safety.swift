internal import Storage

/// What lies where a run is to be written is safe: what is no run's is not written over, nothing is written through a
/// link, and a run does not eat what it is made of.
extension RunDirectory {
  /// The folders that a run writes.
  private static let folders = [
    "predictions", "examples", "baselines", "checkpoints", "model", "tensorboard",
  ]
  /// The files that a run and its report write, beside the figures.
  private static let files = [
    "experiment.yaml", "environment.json", "log.jsonl", "training_history.json", "report.md",
    "report.json", "report.html", "report.pdf", "metrics.md", "checks.md", "card.json",
  ]

  // MARK: What is no run's

  /// Whether a run has been here, however far it came.
  public var holdsRun: Bool {
    if exists(checkpointedExperiment) { return true }
    guard exists(log), let file = try? RandomAccessFile(log),
      let head = try? file.bytes(at: 0, count: min(file.size, 1 << 16))
    else { return false }
    if let line = head.split(separator: 0x0A).first,
      let json = try? JSON.parse(Array(line), file: log),
      json["record"] != nil
    {
      return true
    }
    // Its first line may be damaged.
    return exists(experiment) && exists(environment)
  }

  /// Checks that a run may begin here: a folder that holds no run must hold nothing that one would write.
  ///
  /// - Parameter figures: the names of the figures' files.
  /// - Throws: `RunLogError` that names what would be written over.
  public func checkIsFree(figures: [String]) throws(RunLogError) {
    if holdsRun { return }
    let taken = (Self.folders + Self.files + figures).filter { isTaken("\(path)/\($0)") }
    guard !taken.isEmpty else { return }
    throw RunLogError(
      file: path,
      "is not a run directory but holds \(taken.joined(separator: ", ")), which a run would overwrite. "
        + "Name another folder with --run-dir, such as \(path)/run, or move \(taken.count == 1 ? "it" : "them") "
        + "away; --force replaces only runs.")
  }

  /// Whether something is there, but for empty folders and unfinished files, which a run that was killed leaves behind.
  private func isTaken(_ entry: String) -> Bool {
    if isSymbolicLink(entry) { return true }
    guard isFolder(entry) else { return exists(entry) }
    guard let names = try? listFolder(entry) else { return true }
    return names.contains { !$0.hasSuffix(".tmp") }
  }

  // MARK: What the run is made of

  /// Checks that no input of a run lies in its directory, links followed.
  ///
  /// - Parameter inputs: files and folders, each with what it is, such as `model.checkpoint`.
  /// - Throws: `RunLogError` that names the first that does.
  public func checkIsApart(from inputs: [(what: String, path: String)]) throws(RunLogError) {
    for (what, input) in inputs {
      // The files of a folder may be links.
      let names = isFolder(input) ? (try? listFolder(input)) ?? [] : []
      guard let inside = ([input] + names.map { "\(input)/\($0)" }).first(where: contains) else {
        continue
      }
      throw RunLogError(
        file: inside,
        "is \(what == "experiment" ? "the experiment" : "part of the run's inputs (\(what))") and is in "
          + "the run directory \(path), where it could be overwritten. Move it out, or name another "
          + "--run-dir.")
    }
  }

  /// Whether a path, or what it leads to, lies in the directory.
  private func contains(_ other: String) -> Bool {
    let root = realPath(path)
    let name = other.split(separator: "/").last.map(String.init) ?? ""
    let parent = String(other.dropLast(name.count))
    let places = [realPath(other), realPath(parent.isEmpty ? "." : parent) + "/" + name]
    return places.contains { $0 == root || $0.hasPrefix(root == "/" ? root : root + "/") }
  }

  // MARK: Links

  /// Checks that what is written into this directory stays in it.
  ///
  /// A run directory from a stranger may hold symbolic links in place of its folders or its log;
  /// whatever follows them would write, or clear, somewhere else. Files that are written whole need no check, since
  /// renaming replaces a link and leaves alone what it leads to.
  ///
  /// - Throws: `RunLogError` that names the link.
  public func checkIsSelfContained() throws(RunLogError) {
    var entries = [log, lock] + Self.folders.map { "\(path)/\($0)" }
    for folder in Self.folders {
      let folder = "\(path)/\(folder)"
      guard !isSymbolicLink(folder), isFolder(folder) else { continue }
      entries += ((try? listFolder(folder)) ?? []).map { "\(folder)/\($0)" }
        // A file that is replaced whole may be a link.
        .filter { isFolder($0) || $0.contains("/tensorboard/") }
    }
    for entry in entries where isSymbolicLink(entry) {
      throw RunLogError(
        file: entry,
        "is a symbolic link, so nothing is written there; replace it with what it points to.")
    }
  }
}
