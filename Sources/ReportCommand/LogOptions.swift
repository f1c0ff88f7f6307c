internal import ArgumentParser
internal import RunLog
internal import Storage

/// A run directory, or the log from another program and what goes with it.
struct LogOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Run directory, or the log from another program: its folder or file.",
      discussion:
        "Logs that are read: \(ImportedLog.kinds). docs/other-logs.md says how they are recognised.",
      valueName: "run-dir"), completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp(
      "Table of predictions to go with such a log: split, label and a column per class; may be repeated.",
      valueName: "file"), completion: .file())
  var predictions: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the names in such a log mean, as YAML or JSON; see docs/other-logs.md.",
      valueName: "file"), completion: .file())
  var map: String?

  @Option(
    help: ArgumentHelp(
      "Folder to write to; the run directory if left out, a folder beside it for a file.",
      valueName: "dir"), completion: .directory)
  var output: String?

  /// What to read.
  var source: LogSource { LogSource(path, predictions: predictions, map: map) }

  /// Where to write: several logs in one folder must not write over each other's reports.
  var directory: RunDirectory {
    if let output { return RunDirectory(output) }
    if isFolder(path) || !exists(path) { return RunDirectory(path) }
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let name = path[slash...]
    let stem = name.lastIndex(of: ".").flatMap { $0 > name.startIndex ? name[..<$0] : nil } ?? name
    return RunDirectory("\(path[..<slash])\(stem)-report")
  }
}
