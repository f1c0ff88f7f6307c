internal import Glibc
internal import Storage

/// Writes the log of a run as TensorBoard event files while it grows.
///
/// The events follow from log.jsonl alone. A writer that finds earlier event files in its folder makes
/// a new one, as TensorBoard expects of a program that starts again: it takes everything back with a
/// `SessionLog` START of step 0 and then writes the whole log, without what a `resumed` record takes back, so
/// that a resumed run loses no step and has none twice, even if the last file ends in a torn record.
public final class EventWriter {
  private let log: String
  private let folder: String
  private var file: AppendedFile?
  /// How far the log is written.
  private var offset = 0
  /// The last bytes before the offset; other ones there mean that the log was taken back.
  private var tail: [UInt8] = []
  private var clock = EventClock()

  /// - Parameters:
  ///   - log: log.jsonl of a run; need not be there yet.
  ///   - folder: for the event files; made when the first is written.
  public init(log: String, folder: String) {
    (self.log, self.folder) = (log, folder)
  }

  /// Writes what the log has got since the last call, whole records in one piece.
  ///
  /// - Throws: `StorageError` if log or event file fail; `JSONError` or `RunLogError` for a damaged log.
  public func update() throws {
    guard exists(log) else { return }
    let source = try RandomAccessFile(log)
    if try source.size < offset || source.bytes(at: offset - tail.count, count: tail.count) != tail
    {
      (file, offset, tail, clock) = (nil, 0, [], EventClock())
    }
    let bytes = try source.bytes(at: offset, count: source.size - offset)
    guard let end = bytes.lastIndex(of: 0x0A) else { return }
    let records: [LogRecord]
    if offset == 0 {
      // Without what is taken back, lines that are no records included.
      records = try RunLogContents.parse(Array(bytes[...end]), file: log).records
    } else {
      records = try bytes[..<end].split(separator: 0x0A).map {
        try LogRecord(JSON.parse(Array($0), file: log), file: log, line: 1)
      }
      guard !records.contains(where: { if case .resumed = $0 { true } else { false } }) else {
        // What is taken back has been written; all is said again.
        (file, offset, tail, clock) = (nil, 0, [], EventClock())
        return try update()
      }
    }
    var output: [UInt8] = []
    if file == nil { output = try open(startedAt: records.first) }
    for record in records {
      for (event, wallTime) in clock.events(of: record) {
        output += RecordFile.frame(event.bytes(wallTime: wallTime))
      }
    }
    try file?.append(output, sync: true)
    offset += end + 1
    tail = Array(bytes[...end].suffix(64))
  }

  /// Makes a new event file.
  ///
  /// - Returns: its first records.
  private func open(startedAt first: LogRecord?) throws -> [UInt8] {
    try makeFolder(folder)
    let prefix = "events.out.tfevents."
    let earlier = try listFolder(folder).filter { $0.hasPrefix(prefix) }
    // TensorBoard reads the files in the order of their names, so a later one needs a later time.
    let last = earlier.compactMap { name in
      name.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) }
    }.max()
    let now = max(time(nil), (last ?? 0) + 1)
    let digits = "0000000000\(now)".suffix(max(10, "\(now)".count))
    file = try AppendedFile("\(folder)/\(prefix)\(digits).transfergap.\(getpid()).0")
    if case .runStarted(let started) = first { clock.start(at: started.time) }
    var output = RecordFile.frame(
      EventRecord.fileVersion("brain.Event:2").bytes(wallTime: clock.wallTime))
    if !earlier.isEmpty {
      output += RecordFile.frame(EventRecord.start(step: 0).bytes(wallTime: clock.wallTime))
    }
    return output
  }
}

/// Turns records of a log into events, with the time and step that each belongs to.
struct EventClock {
  /// In seconds since 1970: the start of the run and what was computed since.
  private(set) var wallTime = 0.0
  private var step: Int64 = 0

  /// Sets the clock to a time such as 2026-01-02T03:04:05Z; any other text leaves it alone.
  mutating func start(at text: String) {
    let numbers = text.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).map {
      Int32($0) ?? -1
    }
    guard numbers.count == 6, text.hasSuffix("Z"), (1970...9999).contains(numbers[0]),
      numbers.allSatisfy({ (0...9999).contains($0) })
    else { return }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    wallTime = Double(timegm(&parts))
  }

  /// The events of a record; none for those that hold no series.
  mutating func events(of record: LogRecord) -> [(EventRecord, wallTime: Double)] {
    var events: [(EventRecord, Double)] = []
    switch record {
    case .runStarted(let started): start(at: started.time)
    case .step(let record):
      // An interrupted run may repeat steps; what was written of them counts no more.
      if Int64(record.step) <= step {
        events.append((.start(step: Int64(record.step)), wallTime))
      }
      step = Int64(record.step)
      advance(record.seconds)
      events.append(
        (
          .scalars(
            step: step,
            [
              ("step/loss", record.loss), ("step/learning_rate", record.learningRate),
              ("step/gradient_norm", record.gradientNorm),
            ]), wallTime
        ))
    case .evaluation(let record):
      advance(record.seconds)
      events.append(
        (
          .scalars(
            step: step,
            [("loss/\(record.split)", record.loss), ("accuracy/\(record.split)", record.accuracy)]),
          wallTime
        ))
    case .epoch(let record):
      events.append(
        (
          .scalars(
            step: step,
            [
              ("loss/train", record.loss), ("accuracy/train", record.accuracy),
              ("epoch", Double(record.epoch)),
            ]), wallTime
        ))
    default: break
    }
    return events
  }

  private mutating func advance(_ seconds: Double) {
    if seconds.isFinite, seconds > 0 { wallTime += seconds }
  }
}
