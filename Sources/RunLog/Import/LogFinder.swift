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
  ///   - named: keys that the user gives a meaning.
  /// - Throws: `RunLogError` with what was found, if it is no log; whatever a damaged file throws.
  init(_ path: String, predictions tables: [String], named: Set<String>) throws {
    if isFolder(path) {
      let folder = RunDirectory(path).path
      let found = try Self.search(folder, named: named)
      (run, files) = (found.run, found.files)
      if tables.isEmpty { predictions = found.predictions }
    } else {
      (run, files) = (try Self.readFile(path, named: named), [path])
    }
    for path in tables {
      let bytes = try Self.contents(path)
      guard case .predictions = try LogContent.read(bytes, file: path) else {
        throw RunLogError(
          file: path,
          "is no table of predictions; expected a header with the columns split and label and one "
            + "column a class, such as logit_negative or prob_negative.")
      }
      predictions.append((path, bytes))
    }
  }

  // MARK: A file

  private static func contents(_ path: String) throws -> [UInt8] {
    let file = try RandomAccessFile(path)
    guard file.size <= LogContent.largestFile else {
      throw RunLogError(
        file: path,
        "has \(file.size) bytes; a log of more than \(LogContent.largestFile) is not read.")
    }
    return try file.contents()
  }

  private static func readFile(_ path: String, named: Set<String>) throws -> LoggedRun {
    let bytes = try contents(path)
    switch try LogContent.read(bytes, file: path, named: named) {
    case .log(let run): return run
    case .events: return try EventFiles.read([("", path, bytes)])
    case .predictions:
      throw RunLogError(
        file: path,
        "is a table of predictions, not a log; name the log, and this file with --predictions.")
    case .other(let what): throw refusal(path, what)
    }
  }

  private static func refusal(_ path: String, _ what: String) -> RunLogError {
    RunLogError(file: path, "is \(what); expected a log of a training. \(expected)")
  }

  private static let expected =
    "Known are the Trainer's trainer_state.json, Lightning's metrics.csv, Keras' CSVLogger and History, "
    + "training_history.json, JSON Lines and TensorBoard event files; see docs/other-logs.md."

  // MARK: A folder

  /// Places where programs put their logs, below the folder that a user would name.
  private static func places(below folder: String) throws -> [String] {
    var result: [String] = []
    for parent in [folder, "\(folder)/lightning_logs"] where isFolder(parent) {
      let versions = try numbered(parent, prefix: "version_")
      if let last = versions.last { result.append(last) }
    }
    if let last = try numbered(folder, prefix: "checkpoint-").last { result.append(last) }
    return result
  }

  /// Folders such as `checkpoint-500`, by their number.
  private static func numbered(_ folder: String, prefix: String) throws -> [String] {
    try listFolder(folder).compactMap { name -> (Int, String)? in
      guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)),
        isFolder("\(folder)/\(name)")
      else { return nil }
      return (number, "\(folder)/\(name)")
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Names that promise a log; if such a file is something else, that is worth an error.
  private static let promising: Set = [
    "trainer_state.json", "metrics.csv", "training_history.json", "history.json", "training.log",
    "log_history.json",
  ]

  /// Which of several logs in a folder counts: the one that says most comes first.
  private static let order: [ImportedLog.Format] = [
    .huggingFace, .lightning, .trainingHistory, .keras, .arrays, .records, .table, .tensorBoard,
  ]

  private static func search(_ folder: String, named: Set<String>) throws -> (
    run: LoggedRun, files: [String], predictions: [(path: String, bytes: [UInt8])]
  ) {
    var logs: [(path: String, run: LoggedRun)] = []
    var predictions: [(path: String, bytes: [UInt8])] = []
    var refusals: [RunLogError] = []
    for place in [folder] + (try places(below: folder)) {
      for name in try listFolder(place) where isTextual(name) {
        let path = "\(place)/\(name)"
        guard !isFolder(path), let file = try? RandomAccessFile(path),
          file.size <= LogContent.largestFile
        else { continue }
        // Weights and other large things are no logs; their first bytes say so.
        let head = try file.bytes(at: 0, count: min(file.size, 4096))
        if head.contains(0) { continue }
        do {
          let bytes = try file.contents()
          switch try LogContent.read(bytes, file: path, named: named) {
          case .log(let run): logs.append((path, run))
          case .predictions: predictions.append((path, bytes))
          case .events: break
          case .other(let what):
            if promising.contains(name) { refusals.append(refusal(path, what)) }
          }
        } catch {
          // Other files of the folder may be broken for reasons of their own.
          if promising.contains(name) { throw error }
        }
      }
    }
    let events = try eventFiles(folder)
    if !events.isEmpty, logs.isEmpty {
      return (try EventFiles.read(events), events.map(\.path), predictions)
    }
    guard let best = best(logs) else {
      if let refusal = refusals.first { throw refusal }
      if let first = predictions.first {
        throw RunLogError(
          file: first.path, "holds predictions, but there is no log of the training beside it.")
      }
      throw RunLogError(
        file: folder, "holds no run of ours (log.jsonl) and no other log. \(expected)")
    }
    var run = best.run
    for log in logs where log.path != best.path && !best.run.continues(log.run) {
      run.warnings.append("\(log.path) is a log, too; \(best.path) is read instead.")
    }
    return (run, [best.path], predictions)
  }

  /// The log that says most; of two of one kind the longer one.
  private static func best(
    _ logs: [(path: String, run: LoggedRun)]
  ) -> (path: String, run: LoggedRun)? {
    func rank(_ log: (path: String, run: LoggedRun)) -> Int {
      order.firstIndex(of: log.run.format) ?? order.count
    }
    func size(_ log: (path: String, run: LoggedRun)) -> Int {
      log.run.series.reduce(0) { $0 + $1.points.count }
    }
    return logs.enumerated().min { a, b in
      (rank(a.element), -size(a.element), a.offset) < (rank(b.element), -size(b.element), b.offset)
    }?.element
  }

  /// Files that may be text; the others are not opened.
  private static func isTextual(_ name: String) -> Bool {
    let binary = [
      ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".png", ".svg", ".pdf",
      ".md",
      ".html", ".py", ".ipynb", ".npy", ".npz", ".gz", ".zip", "tokenizer.json", "vocab.json",
      "vocab.txt",
    ]
    return !name.hasPrefix(".") && !binary.contains { name.lowercased().hasSuffix($0) }
  }

  /// TensorBoard's files in a folder and those below it, in the order of their names, which begin
  /// with the time.
  private static func eventFiles(
    _ folder: String
  ) throws -> [(folder: String, path: String, bytes: [UInt8])] {
    var result: [(String, String, [UInt8])] = []
    var open = [(name: "", depth: 0)]
    while let (below, depth) = open.popLast() {
      let place = below.isEmpty ? folder : "\(folder)/\(below)"
      for name in try listFolder(place) {
        let path = "\(place)/\(name)"
        if isFolder(path) {
          // A link may lead back up.
          if depth < 4, !name.hasPrefix(".") {
            open.append((below.isEmpty ? name : "\(below)/\(name)", depth + 1))
          }
        } else if name.contains("tfevents") || isEventFile(path) {
          result.append((below, path, try contents(path)))
        }
      }
    }
    return result.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
  }

  /// Whether a file begins as an event file does; one that cannot be read does not.
  private static func isEventFile(_ path: String) -> Bool {
    guard let file = try? RandomAccessFile(path),
      let head = try? file.bytes(at: 0, count: min(file.size, 256))
    else { return false }
    return EventFiles.isBegun(by: head)
  }
}
