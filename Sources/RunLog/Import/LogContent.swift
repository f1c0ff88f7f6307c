internal import Storage

/// What a file holds, by its content; its name says nothing.
enum LogContent {
  case log(LoggedRun)
  case predictions
  case events
  /// Something else: what, in a few words.
  case other(String)

  /// Larger files are no logs that anybody wrote; reading one would only cost time.
  static let largestFile = 1 << 30

  /// Reads a file as whatever it is.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: what errors call it.
  ///   - named: keys that the user gives a meaning.
  /// - Returns: the log, or what the file is.
  /// - Throws: `RunLogError` or `JSONError` if it is a log with something wrong in it.
  static func read(
    _ bytes: [UInt8], file: String, named: Set<String> = []
  ) throws -> LogContent {
    if bytes.isEmpty { return .other("an empty file") }
    if RecordFile.isBegun(by: bytes) { return .events }
    let start = TableReader.withoutByteOrderMark(bytes).first {
      ![0x20, 0x09, 0x0A, 0x0D].contains($0)
    }
    switch start {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return try json(bytes, file: file, named: named)
    default: break
    }
    guard let (separator, columns) = MetricsTable.header(bytes) else {
      return .other(
        bytes.prefix(4096).contains(0) ? "binary data" : "neither JSON nor a table with a header")
    }
    if PredictionTable.isHeader(columns) { return .predictions }
    let names = columns.prefix(6).joined(separator: ", ").prefix(120)
    guard MetricsTable.isLog(columns) else {
      return .other("a table with the columns \(names), but neither epoch nor step among them")
    }
    let run = try MetricsTable.read(bytes, separator: separator, columns: columns, file: file)
    return .log(run)
  }

  private static func json(
    _ bytes: [UInt8], file: String, named: Set<String>
  ) throws -> LogContent {
    let json: JSON
    do {
      json = try JSON.parse(bytes, file: file)
    } catch {
      // Several objects, one a line, are no JSON text as a whole.
      guard let run = try lines(bytes, file: file) else { throw error }
      return run
    }
    if json["record"]?.string != nil { return .other(ownLog) }
    if let run = try JSONLogs.read(json, file: file, named: named) { return .log(run) }
    if let run = try JSONLogs.recordList([json], file: file) { return .log(run) }
    guard let object = json.object else {
      return .other("a JSON array that holds no records of a training with an epoch or a step")
    }
    let keys = object.keys.prefix(6).joined(separator: ", ").prefix(120)
    return .other(
      object.keys.isEmpty
        ? "an empty JSON object" : "a JSON object with the keys \(keys), none of them of a log")
  }

  private static let ownLog =
    "the log of one of our own runs; name the run directory that holds it"

  /// JSON Lines; `nil` if the text is none.
  private static func lines(_ bytes: [UInt8], file: String) throws -> LogContent? {
    let content = TableReader.withoutByteOrderMark(bytes)
    var lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    let isEnded = lines.last?.isEmpty ?? false
    if isEnded { lines.removeLast() }
    guard let first = lines.first, let json = try? JSON.parse(Array(first), file: file),
      json.object != nil
    else { return nil }
    if json["record"]?.string != nil { return .other(ownLog) }
    var records: [JSON] = []
    var numbers: [Int] = []
    var warning: String?
    for (index, line) in lines.enumerated() {
      if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
      do {
        records.append(try JSON.parse(Array(line), file: file, firstLine: index + 1))
        numbers.append(index + 1)
      } catch {
        guard index == lines.count - 1, !isEnded else { throw error }
        warning =
          "\(file):\(index + 1): the last line is torn (the program was stopped while writing it); "
          + "it is left out."
      }
    }
    guard var run = try JSONLogs.recordList(records, file: file, lines: numbers) else {
      return .other("JSON Lines without an epoch or a step")
    }
    if let warning { run.warnings.append(warning) }
    return .log(run)
  }
}
