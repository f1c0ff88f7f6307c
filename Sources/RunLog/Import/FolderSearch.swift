internal import Storage

/// Looks for the log in a folder: what lies in it, in the places where programs put their logs below it,
/// and files of one series each, which make a log together.
struct FolderSearch {
  private typealias Log = (path: String, run: LoggedRun)

  private let folder: String
  private let map: ImportMap?
  /// Takes note of what is read.
  private let read: ReadFiles
  private var logs: [Log] = []
  private var predictions: [(path: String, bytes: [UInt8])] = []
  /// What files with a log's name are instead.
  private var refusals: [RunLogError] = []
  /// What other files are, for the error if there is no log.
  private var others: [(name: String, what: String)] = []
  /// Logs in folders below, which the user may have meant.
  private var below: [String] = []
  /// What is wrong with other logs.
  private var problems: [any Error] = []

  init(_ folder: String, _ map: ImportMap?, _ read: ReadFiles) throws {
    (self.folder, self.map, self.read) = (folder, map, read)
    for place in [folder] + (try places()) {
      for name in try listFolder(place) { try look(at: "\(place)/\(name)", name) }
    }
    if !logs.contains(where: { !$0.run.isOneOfMany && !$0.run.isSummary }) {
      try lookBelow()
    }
    try joinNumbered()
    joinSeries()
  }

  /// The log that counts, its files, and the predictions beside it.
  ///
  /// - Throws: `RunLogError` with what was found instead, or whatever a damaged file throws.
  func result() throws -> (
    run: LoggedRun, files: [String], predictions: [(path: String, bytes: [UInt8])]
  ) {
    let events = logs.contains { !$0.run.isSummary } ? [] : try eventFiles()
    if !events.isEmpty {
      return (try EventFiles.read(events, map: map), events.map(\.path), predictions)
    }
    guard let best else { throw absence }
    var run = best.run
    for log in logs
    where log.path != best.path && !log.run.isSummary && !best.run.continues(log.run) {
      run.warnings.append("\(log.path) is a log, too; \(best.path) is read instead.")
    }
    let files = run.files.isEmpty ? Set(run.series.map(\.file)).sorted() : run.files
    return (run, files.count > 1 ? files : [best.path], predictions)
  }

  private var absence: any Error {
    if let refusal = refusals.first { return refusal }
    if let first = predictions.first {
      return RunLogError(
        file: first.path, "holds predictions, but there is no log of the training beside it.")
    }
    if let problem = problems.first { return problem }
    if !below.isEmpty {
      let names = below.prefix(4).joined(separator: ", ")
      return RunLogError(
        file: folder,
        "holds no log itself; name one of those below it: \(names)\(below.count > 4 ? ", …" : "")")
    }
    let found = others.prefix(4).map { "\($0.name) is \($0.what)" }.joined(separator: "; ")
    return RunLogError(
      file: folder,
      "holds neither a TransferGap run (log.jsonl) nor another log\(found.isEmpty ? "" : " (\(found))"). "
        + LogFinder.expected)
  }

  // MARK: Files

  /// Names that promise a log; if such a file is something else, that is worth an error.
  private static let promising: Set = [
    "trainer_state.json", "metrics.csv", "training_history.json", "history.json", "training.log",
    "log_history.json",
  ]

  private mutating func look(at path: String, _ name: String) throws {
    guard Self.isTextual(name), !isFolder(path), let file = try? read.look(into: path),
      file.size <= LogInput.largestFile
    else { return }
    // Weights and other large things are no logs; their first bytes say so.
    let head = try file.bytes(at: 0, count: min(file.size, 4096))
    if head.contains(0) {
      if !EventFiles.isBegun(by: head) { read.forget(path) }
      return
    }
    do {
      let bytes = try read.contents(of: file)
      switch try LogContent.read(bytes, file: path, map: map) {
      case .log(let run): logs.append((path, run))
      case .predictions: predictions.append((path, bytes))
      case .events: break
      case .other(let what):
        if Self.promising.contains(name) { refusals.append(LogFinder.refusal(path, what)) }
        let endings = [".csv", ".tsv", ".json", ".jsonl", ".log", ".txt"]
        if endings.contains(where: name.lowercased().hasSuffix) { others.append((name, what)) }
      }
    } catch {
      // Other files of the folder may be broken for reasons of their own.
      if Self.promising.contains(name) { throw error }
      if error is RunLogError { problems.append(error) }
    }
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

  /// Places where programs put their logs, below the folder that a user would name.
  private func places() throws -> [String] {
    var result: [String] = []
    for parent in [folder, "\(folder)/lightning_logs"] where isFolder(parent) {
      let versions = try numbered(parent, prefix: "version_")
      if let last = versions.last { result.append(last) }
    }
    if let last = try numbered(folder, prefix: "checkpoint-").last { result.append(last) }
    return result
  }

  /// Folders such as `checkpoint-500`, by their number.
  private func numbered(_ folder: String, prefix: String) throws -> [String] {
    try listFolder(folder).compactMap { name -> (Int, String)? in
      guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)),
        isFolder("\(folder)/\(name)")
      else { return nil }
      return (number, "\(folder)/\(name)")
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Files in the folder and those below it, in the order of their paths. A link may lead back up.
  private func files(depth: Int) throws -> [(below: String, name: String)] {
    var result: [(below: String, name: String)] = []
    var open = [(name: "", depth: 0)]
    // A log's folder holds no more; somebody may name their home.
    while let (below, level) = open.popLast(), result.count < 20_000 {
      let place = below.isEmpty ? folder : "\(folder)/\(below)"
      guard level == 0 || isFolder(place) else { continue }
      for name in try listFolder(place) where !name.hasPrefix(".") {
        if isFolder("\(place)/\(name)") {
          if level < depth { open.append((below.isEmpty ? name : "\(below)/\(name)", level + 1)) }
        } else {
          result.append((below, name))
        }
      }
    }
    return result.sorted { ($0.below, $0.name) < ($1.below, $1.name) }
  }

  // MARK: Logs in several files

  /// Reads files of one series in folders below, as DVCLive and MLflow keep them.
  private mutating func lookBelow() throws {
    let known = Set(logs.map(\.path))
    var budget = LogInput.largestFile
    for (below, name) in try files(depth: 5) where !below.isEmpty && Self.isTextual(name) {
      let path = "\(folder)/\(below)/\(name)"
      if Self.promising.contains(name) {
        self.below.append("\(below)/\(name)")
        continue
      }
      // Whoever names a folder of data does not want all of it read: the first line tells.
      guard !known.contains(path), let file = try? read.look(into: path), file.size <= budget,
        let head = try? file.bytes(at: 0, count: min(file.size, 1 << 16)), !head.contains(0),
        LogInput.promisesSeries(head, map)
      else {
        read.forget(path)
        continue
      }
      budget -= file.size
      guard let bytes = try? read.contents(of: file),
        case .log(let run)? = try? LogContent.read(bytes, file: path, map: map)
      else { continue }
      if run.isOneOfMany {
        logs.append((path, run))
      } else {
        self.below.append("\(below)/\(name)")
      }
    }
  }

  /// Makes one log of files such as `metrics_epoch_0.json`, `metrics_epoch_1.json`, ….
  private mutating func joinNumbered() throws {
    var sets: [String: [(number: Int, log: Log)]] = [:]
    for log in logs where log.run.record != nil {
      let name = stem(of: log.path)
      let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
      guard digits > 0, let number = Int(name.suffix(digits)) else { continue }
      sets[String(name.dropLast(digits)), default: []].append((number, log))
    }
    for members in sets.values where members.count > 1 {
      let ordered = members.sorted { $0.number < $1.number }
      guard
        var run = try JSONLogs.recordList(
          ordered.compactMap(\.log.run.record), file: ordered[ordered.count - 1].log.path, map: map)
      else { continue }
      run.format = ordered[0].log.run.format
      run.files = ordered.map(\.log.path)
      let paths = Set(ordered.map(\.log.path))
      logs.removeAll { paths.contains($0.path) }
      logs.append((ordered[ordered.count - 1].log.path, run))
    }
  }

  /// Makes one log of files of one series each; folders and names say which series it is.
  private mutating func joinSeries() {
    let parts = logs.filter(\.run.isOneOfMany)
    guard let first = parts.first else { return }
    logs.removeAll { $0.run.isOneOfMany }
    // What one program wrote belongs together; a table of another kind is a log of its own.
    var order: [ImportedLog.Format] = []
    for part in parts where !order.contains(part.run.format) { order.append(part.run.format) }
    for format in order {
      let members = parts.filter { $0.run.format == format }
      var run = LoggedRun(format: format)
      // A single file keeps what its own name tells.
      for member in members {
        run.warnings += member.run.warnings
        for series in member.run.series {
          run.series.append(members.count == 1 ? series : placed(series, format))
        }
      }
      if format == .mlflow, Set(run.series.map(\.folder)).count == 1 {
        for index in run.series.indices { run.series[index].folder = "" }
      }
      logs.append((members.first?.path ?? first.path, run))
    }
  }

  /// A series with the folders that it lies in.
  private func placed(_ series: LoggedSeries, _ format: ImportedLog.Format) -> LoggedSeries {
    var series = series
    var folders = series.file.dropFirst(folder.count).split(separator: "/").map(String.init)
    if !folders.isEmpty { folders.removeLast() }
    switch format {
    case .mlflow:
      // <run>/metrics/<key>, a key with slashes being folders.
      let metrics = folders.lastIndex(of: "metrics")
      let inner = metrics.map { folders[($0 + 1)...] } ?? folders[...]
      series.folder = metrics.map { folders[..<$0].joined(separator: "/") } ?? ""
      series.name = (inner + [series.name]).joined(separator: "/")
    case .dvcLive, .table:
      if let metrics = folders.lastIndex(of: "metrics") { folders.removeFirst(metrics + 1) }
      if !folders.isEmpty { series.folder = folders.joined(separator: "/") }
    default:
      // TensorBoard's downloads name their run themselves.
      break
    }
    return series
  }

  // MARK: The log that counts

  /// Which of several logs in a folder counts: the one that says most comes first.
  private static let order: [ImportedLog.Format] = [
    .huggingFace, .lightning, .trainingHistory, .keras, .allenNLP, .arrays, .records,
    .weightsAndBiases, .mlflow, .dvcLive, .table, .tensorBoard,
  ]

  /// The log that says most; of two of one kind the longer one.
  private var best: Log? {
    func rank(_ log: Log) -> Int {
      (log.run.isSummary ? Self.order.count : 0)
        + (Self.order.firstIndex(of: log.run.format) ?? Self.order.count)
    }
    func size(_ log: Log) -> Int { log.run.series.reduce(0) { $0 + $1.points.count } }
    return logs.enumerated().min { a, b in
      (rank(a.element), -size(a.element), a.offset) < (rank(b.element), -size(b.element), b.offset)
    }?.element
  }

  /// TensorBoard's files in a folder and those below it, in the order of their names, which begin
  /// with the time.
  private func eventFiles() throws -> [(folder: String, path: String, bytes: [UInt8])] {
    var result: [(folder: String, path: String, bytes: [UInt8])] = []
    for (below, name) in try files(depth: 4) {
      let path = below.isEmpty ? "\(folder)/\(name)" : "\(folder)/\(below)/\(name)"
      guard name.contains("tfevents") || isEventFile(path) else { continue }
      result.append((below, path, try LogFinder.contents(path, read)))
    }
    return result
  }

  /// Whether a file begins as an event file does; one that cannot be read does not.
  private func isEventFile(_ path: String) -> Bool {
    guard let file = try? read.look(into: path),
      let head = try? file.bytes(at: 0, count: min(file.size, 256))
    else { return false }
    let isBegun = EventFiles.isBegun(by: head)
    if !isBegun { read.forget(path) }
    return isBegun
  }
}
