public import Storage

/// Appends records to log.jsonl, a whole line at a time.
public final class RunLogWriter {
  private let file: AppendedFile

  /// Opens a log for appending, creating it if need be.
  ///
  /// A torn last line, which a killed run leaves behind, is cut off first: whatever came after it
  /// would make it a bad line in the middle of the log.
  public init(_ path: String) throws(StorageError) {
    let bytes = exists(path) ? try RandomAccessFile(path).contents() : []
    file = try AppendedFile(path)
    guard let last = bytes.last, last != 0x0A else { return }
    let start = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    try file.truncate(to: start)
    if let json = try? JSON.parse(Array(bytes[start...]), file: path),
      let record = try? LogRecord(json, file: path, line: 1)
    {
      // Only the line feed was missing.
      try append(record)
    }
  }

  /// Appends a record; everything but a single step is on the disk when the call returns.
  public func append(_ record: LogRecord) throws(StorageError) {
    let isStep = if case .step = record { true } else { false }
    try file.append(line: record.json.text, sync: !isStep)
  }
}

/// The records of a log.jsonl.
public struct RunLogContents: Sendable {
  public let records: [LogRecord]
  /// What is torn at the end, in a sentence, if anything is.
  public let warning: String?

  /// Reads a log; a last line without a line feed that is no record is reported, not fatal.
  ///
  /// - Throws: `StorageError`; `JSONError` or `RunLogError` with the line of anything else wrong.
  public static func read(_ path: String) throws -> RunLogContents {
    let bytes = try RandomAccessFile(path).contents()
    var records: [LogRecord] = []
    var warning: String?
    let isTorn = bytes.last.map { $0 != 0x0A } ?? false
    var lines = Lines(bytes[...])
    var number = 0
    while let line = lines.next() {
      number += 1
      do {
        let json = try JSON.parse(Array(line), file: path, firstLine: number)
        records.append(try LogRecord(json, file: path, line: number))
      } catch {
        guard isTorn, lines.isAtEnd else { throw error }
        warning =
          "\(path):\(number): the last line is torn (the run was stopped while writing it); "
          + "it is left out."
      }
    }
    return RunLogContents(records: records, warning: warning)
  }
}
