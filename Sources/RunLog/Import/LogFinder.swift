internal import Storage

/// The files of a log and of the predictions beside it, found in a folder or named directly.
struct LogFinder {
  /// The log that was found.
  private(set) var run: LoggedRun
  /// The log's own files.
  private(set) var files: [String] = []
  /// Tables of predictions, with their content.
  private(set) var predictions: [(path: String, bytes: [UInt8])] = []

  /// Looks at a file or folder.
  ///
  /// - Parameters:
  ///   - path: of either.
  ///   - tables: predictions named by the user; those in the folder are left alone then.
  ///   - map: what the user says.
  ///   - read: takes note of what is read.
  /// - Throws: `RunLogError` with what was found, if it is no log; whatever a damaged file throws.
  init(_ path: String, predictions tables: [String], map: ImportMap?, read: ReadFiles) throws {
    if isFolder(path) {
      let folder = RunDirectory(path).path
      let found = try FolderSearch(folder, map, read).result()
      (run, files) = (found.run, found.files)
      if tables.isEmpty { predictions = found.predictions }
    } else {
      (run, files) = (try Self.readFile(path, map, read), [path])
    }
    for path in tables {
      let bytes = try Self.contents(path, read)
      try TextEncoding.check(bytes, file: path)
      guard case .predictions = try LogContent.read(bytes, file: path) else {
        throw RunLogError(
          file: path,
          "is not a table of predictions; expected a header with the columns split and label and one "
            + "column per class, such as logit_negative or prob_negative.")
      }
      predictions.append((path, bytes))
    }
  }

  // MARK: A file

  static func contents(_ path: String, _ read: ReadFiles) throws -> [UInt8] {
    let file = try read.look(into: path)
    guard file.size <= LogInput.largestFile else {
      throw RunLogError(
        file: path,
        "has \(file.size) bytes; a log of more than \(LogInput.largestFile) is not read.")
    }
    return try read.contents(of: file)
  }

  private static func readFile(
    _ path: String, _ map: ImportMap?, _ read: ReadFiles
  ) throws -> LoggedRun {
    let bytes = try contents(path, read)
    switch try LogContent.read(bytes, file: path, map: map) {
    case .log(let run): return run
    case .events: return try EventFiles.read([("", path, bytes)], map: map)
    case .predictions:
      throw RunLogError(
        file: path,
        "is a table of predictions, not a log; name the log, and this file with --predictions.")
    case .other(let what): throw refusal(path, what)
    }
  }

  static func refusal(_ path: String, _ what: String) -> RunLogError {
    RunLogError(file: path, "is \(what); expected a training log. \(expected)")
  }

  static let expected = "Known logs: \(LogReader.names); see docs/other-logs.md."
}
