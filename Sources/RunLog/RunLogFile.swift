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

  /// Reads a log; a last line without a line feed that is no record is reported, not fatal.
  ///
  /// - Throws: `StorageError`; `JSONError` or `RunLogError` with the line of anything else wrong.
  public static func read(_ path: String) throws -> RunLogContents {
    try parse(RandomAccessFile(path).contents(), file: path)
  }

  /// How many lines that are no records a `resumed` record may take back.
  private static let mostBrokenLines = 1000

  /// Reads the bytes of a log.
  ///
  /// - Parameters:
  ///   - bytes: lines of JSON.
  ///   - file: what errors call it.
  /// - Returns: the records that count, and what is odd.
  /// - Throws: `JSONError` or `RunLogError` with the line of whatever is wrong, but for a torn last
  ///   line and for lines that a later `resumed` record takes back.
  public static func parse(_ bytes: [UInt8], file: String) throws -> RunLogContents {
    let isTorn = bytes.last.map { $0 != 0x0A } ?? false
    var lines = Lines(bytes[...])
    var number = 0
    var hash = SHA256()
    // What counts so far, each with its line's number; broken lines apart, since there are few.
    var (records, numbers) = ([LogRecord](), [Int]())
    var broken: [(line: Int, error: any Error)] = []
    var (endIsAnnounced, unannouncedEnds) = (false, [Int]())
    var damage: [(line: Int, text: String)] = []
    var (warning, lastGood, failures): (String?, Int, Int) = (nil, 0, 0)
    while let line = lines.next() {
      number += 1
      do {
        let json = try JSON.parse(Array(line), file: file, firstLine: number)
        let record = try LogRecord(json, file: file, line: number)
        if let expected = record.logSHA256 {
          if expected != hash.digest() {
            damage.append((number, "lines \(lastGood + 1) to \(number - 1)"))
          }
          lastGood = number
        }
        if case .resumed(_, _, let kept?, _) = record {
          guard kept < number else {
            throw RunLogError(file: file, line: number, "'line' must be of an earlier line")
          }
          damage.removeAll { $0.line > kept }
          broken.removeAll { $0.line > kept }
          let first = numbers.firstIndex { $0 > kept } ?? numbers.count
          let spared = (first..<numbers.count).filter { records[$0].isInterruption }
          (records[first...], numbers[first...]) = (
            spared.map { records[$0] }[...], spared.map { numbers[$0] }[...]
          )
        }
        if case .resumed = record, !endIsAnnounced { unannouncedEnds.append(number) }
        endIsAnnounced = record.announcesEnd
        records.append(record)
        numbers.append(number)
      } catch  where isTorn && lines.isAtEnd {
        warning =
          "\(file):\(number): the last line is torn (the run was stopped while writing it); "
          + "it is left out."
      } catch {
        // An interruption loses a few lines; more of them are no log.
        failures += 1
        guard failures <= mostBrokenLines else { throw error }
        broken.append((number, error))
        endIsAnnounced = false
      }
      hash.update(Array(line) + [0x0A])
    }
    if !damage.isEmpty {
      warning =
        "\(file): \(damage.map(\.text).joined(separator: ", ")) are not as they were written "
        + "(SHA-256 differs); losses, rates and times in the report may be wrong. "
        + "`report train --resume` computes again what is damaged."
    }
    if let first = broken.first { throw first.error }
    return RunLogContents(
      records: records, lines: numbers, unannouncedEnds: unannouncedEnds, bytes: bytes.count,
      warning: warning)
  }
}

extension LogRecord {
  /// Whether the process that wrote it ends with it.
  fileprivate var announcesEnd: Bool {
    switch self {
    case .interrupted, .runFinished: true
    case .nonFinite(let record): record.action == .stop
    default: false
    }
  }

  /// Whether it tells of an interruption, which no `resumed` record takes back.
  fileprivate var isInterruption: Bool {
    switch self {
    case .interrupted, .resumed: true
    default: false
    }
  }
}
