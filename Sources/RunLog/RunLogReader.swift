internal import Storage

/// Reads a log line by line and remembers where it is, so that it can go on when the log has grown.
///
/// A line is decoded once, and no record makes it look at earlier lines again: what a `resumed` record takes back is
/// left out when all is read.
struct RunLogReader: Sendable {
  /// How many lines that are no records a `resumed` record may take back.
  private static let mostBrokenLines = 1000

  private let file: String
  /// How many lines were read.
  private var number = 0
  /// How many the last call of `read` has read.
  private var newLines = 0
  /// Every record that was read, with its line's number.
  private var records: [LogRecord] = []
  private var numbers: [Int] = []
  /// Lines that are no records, apart since there are few.
  private var broken: [(line: Int, error: any Error)] = []
  /// Lines that do not fit their checksum, and where they end.
  private var damage: [(line: Int, text: String)] = []
  /// The lines of `resumed` records, and up to which line each keeps what was logged.
  private var resumptions: [(line: Int, kept: Int)] = []
  private var (endIsAnnounced, unannouncedEnds) = (false, [Int]())
  private var (lastGood, failures) = (0, 0)
  /// The warning of a last line that was never written to its end.
  private var tear: String?

  init(_ file: String) { self.file = file }

  /// Whether reading may go on behind what was read: not in the middle of a line.
  var isAtLineEnd = true

  /// Reads lines that follow those read so far.
  ///
  /// - Parameters:
  ///   - bytes: of whole lines, but perhaps for the last.
  ///   - hash: of everything before them; takes them in.
  /// - Throws: `JSONError` or `RunLogError` once more lines are no records than an interruption leaves behind.
  mutating func read(_ bytes: ArraySlice<UInt8>, _ hash: inout SHA256) throws {
    isAtLineEnd = bytes.last.map { $0 == 0x0A } ?? isAtLineEnd
    var lines = Lines(bytes)
    newLines = 0
    // A log is long and has few checksums: it is hashed from one to the next, not line by line.
    var hashed = bytes.startIndex
    func digest(before line: ArraySlice<UInt8>, _ hash: inout SHA256) -> String {
      hash.update(bytes[hashed..<line.startIndex])
      hashed = line.startIndex
      return hash.digest()
    }
    while let line = lines.next() {
      number += 1
      newLines += 1
      do {
        let record = try LogRecord(
          JSON.parse(line, file: file, firstLine: number), file: file, line: number)
        if let expected = record.logSHA256 {
          if expected != digest(before: line, &hash) {
            damage.append((number, "lines \(lastGood + 1) to \(number - 1)"))
          }
          lastGood = number
        }
        try note(record)
      } catch  where !isAtLineEnd && lines.isAtEnd {
        tear =
          "\(file):\(number): the last line is torn (the run was stopped while writing it); "
          + "it is left out."
      } catch {
        // An interruption loses a few lines; more of them are no log.
        failures += 1
        guard failures <= Self.mostBrokenLines else { throw error }
        broken.append((number, error))
        endIsAnnounced = false
      }
    }
    hash.update(bytes[hashed...])
  }

  private mutating func note(_ record: LogRecord) throws(RunLogError) {
    if case .resumed(_, _, let kept?, _) = record {
      guard kept < number else {
        throw RunLogError(file: file, line: number, "'line' must be of an earlier line")
      }
      resumptions.append((number, kept))
    }
    if case .resumed = record, !endIsAnnounced { unannouncedEnds.append(number) }
    endIsAnnounced = record.announcesEnd
    records.append(record)
    numbers.append(number)
  }

  /// What counts of all that was read.
  ///
  /// - Parameters:
  ///   - bytes: how many were read.
  ///   - sha256: of all of them.
  /// - Returns: the records without those taken back, and what is odd.
  /// - Throws: `JSONError` or `RunLogError` for the first line that is no record and was not taken back.
  func contents(bytes: Int, sha256: String) throws -> RunLogContents {
    let counts = countingLines()
    if let first = broken.first(where: { counts($0.line) }) { throw first.error }
    let damage = damage.filter { counts($0.line) }
    var warning = tear
    if !damage.isEmpty {
      warning =
        "\(file): \(damage.map(\.text).joined(separator: ", ")) are not as they were written "
        + "(SHA-256 differs); losses, rates and times in the report may be wrong. "
        + "`report train --resume` computes again what is damaged."
    }
    var (records, numbers) = (records, numbers)
    if !resumptions.isEmpty {
      let places = records.indices.filter { counts(numbers[$0]) || records[$0].isInterruption }
      (records, numbers) = (places.map { records[$0] }, places.map { numbers[$0] })
    }
    return RunLogContents(
      records: records, lines: numbers, unannouncedEnds: unannouncedEnds, bytes: bytes,
      sha256: sha256, newLines: newLines, warning: warning, reader: self)
  }

  /// Whether no `resumed` record takes a line back: it would have to stand behind it and keep only what is before it.
  private func countingLines() -> (Int) -> Bool {
    // From the last to the first, the least that is kept by it and those behind it.
    var (ends, least) = ([(line: Int, kept: Int)](), Int.max)
    for resumption in resumptions.reversed() where resumption.kept < least {
      least = resumption.kept
      ends.append((resumption.line, least))
    }
    return { line in
      // The ends' lines descend; the last of those behind the line keeps least.
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if ends[middle].line > line { low = middle + 1 } else { high = middle }
      }
      return low == 0 || line <= ends[low - 1].kept
    }
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
