public import Storage

/// A log's beginning, such as the part that a checkpoint continues.
public struct RunLogExtent: Equatable, Sendable {
  public let bytes: Int
  public let lines: Int
  /// Of all its bytes.
  public let sha256: String

  public init(bytes: Int, lines: Int, sha256: String) {
    (self.bytes, self.lines, self.sha256) = (bytes, lines, sha256)
  }
}

/// Appends records to log.jsonl, a whole line at a time.
public final class RunLogWriter {
  private let file: AppendedFile
  private var hash = SHA256()
  private var bytes = 0
  private var lines = 0
  private var isSynced = false

  /// The log as it stands.
  public var extent: RunLogExtent {
    RunLogExtent(bytes: bytes, lines: lines, sha256: hash.digest())
  }

  /// Opens a log for appending, creating it if need be.
  ///
  /// A torn last line, which a killed run leaves behind, is cut off first: whatever came after it
  /// would make it a bad line in the middle of the log.
  public init(_ path: String) throws(StorageError) {
    let contents = exists(path) ? try RandomAccessFile(path).contents() : []
    file = try AppendedFile(path)
    let whole = contents.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    hash.update(Array(contents[..<whole]))
    bytes = whole
    lines = contents[..<whole].count { $0 == 0x0A }
    guard whole < contents.count else { return }
    try file.truncate(to: whole)
    if let json = try? JSON.parse(Array(contents[whole...]), file: path),
      let record = try? LogRecord(json, file: path, line: 1)
    {
      // Only the line feed was missing.
      try append(record)
    }
  }

  /// Appends a record; everything but single steps, evaluations and hashes of files, which the epoch's own record
  /// follows, and checkpoints, which their folders tell, is on the disk when the call returns.
  public func append(_ record: LogRecord) throws(StorageError) {
    let isPart =
      switch record {
      case .step, .evaluation, .checkpoint, .files: true
      default: false
      }
    let line = record.json.text
    try file.append(line: line, sync: !isPart)
    isSynced = !isPart
    hash.update(Array((line + "\n").utf8))
    bytes += line.utf8.count + 1
    lines += 1
  }

  /// Waits until every record is on the disk.
  public func sync() throws(StorageError) {
    if isSynced { return }
    try file.sync()
    isSynced = true
  }
}

/// The records of a log.jsonl.
public struct RunLogContents: Sendable {
  /// In order, without what a `resumed` record takes back.
  public let records: [LogRecord]
  /// The line of each record, from 1.
  public let lines: [Int]
  /// The lines of `resumed` records before which the process had ended without a word: killed, a power cut,
  /// or an error such as a full disk.
  public let unannouncedEnds: [Int]
  /// How many bytes were read.
  public let bytes: Int
  /// What is odd: a line torn at the end, or lines that do not fit their checksum; a sentence.
  public let warning: String?

  /// Whether the run came to its end.
  public var isFinished: Bool {
    records.contains { if case .runFinished = $0 { true } else { false } }
  }

  /// Of all bytes that were read.
  public let sha256: String
  /// How many lines were decoded: those behind what was read at an earlier time.
  let newLines: Int
  /// Goes on when the log has grown.
  private let reader: RunLogReader

  init(
    records: [LogRecord], lines: [Int], unannouncedEnds: [Int], bytes: Int, sha256: String,
    newLines: Int, warning: String?, reader: RunLogReader
  ) {
    (self.records, self.lines, self.unannouncedEnds) = (records, lines, unannouncedEnds)
    (self.bytes, self.sha256, self.warning) = (bytes, sha256, warning)
    (self.newLines, self.reader) = (newLines, reader)
  }

  /// Reads a log; a last line without a line feed that is no record is reported, not fatal.
  ///
  /// - Throws: `StorageError`; `JSONError` or `RunLogError` with the line of anything else wrong.
  public static func read(_ path: String) throws -> RunLogContents {
    try parse(RandomAccessFile(path).contents(), file: path)
  }

  /// Reads the bytes of a log.
  ///
  /// - Parameters:
  ///   - bytes: lines of JSON.
  ///   - file: what errors call it.
  ///   - earlier: the log as it was read before; where the bytes begin with what was read then, only those behind it
  ///     are decoded.
  /// - Returns: the records that count, and what is odd.
  /// - Throws: `JSONError` or `RunLogError` with the line of whatever is wrong, but for a torn last
  ///   line and for lines that a later `resumed` record takes back.
  public static func parse(
    _ bytes: [UInt8], file: String, after earlier: RunLogContents? = nil
  ) throws -> RunLogContents {
    var (reader, start) = (RunLogReader(file), 0)
    var hash = SHA256()
    if let earlier, earlier.reader.isAtLineEnd, earlier.bytes <= bytes.count {
      hash.update(bytes[..<earlier.bytes])
      if hash.digest() == earlier.sha256 {
        (reader, start) = (earlier.reader, earlier.bytes)
      } else {
        hash = SHA256()
      }
    }
    try reader.read(bytes[start...], &hash)
    return try reader.contents(bytes: bytes.count, sha256: hash.finish())
  }
}
