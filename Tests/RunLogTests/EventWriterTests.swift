import Metrics
@testable import RunLog
import Storage
import TestSupport
import Testing

/// Event files of our own runs; Tests/Fixtures/check_event_files.py reads them with TensorBoard itself.
@Suite struct EventWriterTests {
  private func files(_ folder: String) throws -> [[UInt8]] {
    try listFolder(folder).map { try RandomAccessFile("\(folder)/\($0)").contents() }
  }

  @Test func theyHoldWhatTheLogHolds() throws {
    let folder = try TemporaryFolder()
    let run = RunDirectory(folder.path + "/run")
    try TinyRun().write(to: run.path)
    try EventWriter(log: run.log, folder: run.tensorBoard).update()
    let log = try ImportedLog.read(run.tensorBoard)
    #expect(log.unit == .epoch && log.positions == [1, 2, 3] && log.warnings.isEmpty)
    #expect(log.source.code == "en" && log.targets.map(\.code) == ["de", "es"])
    let records = try Run(run.path).records
    for (split, _, _) in TinyRun.splits where split.part != .test {
      var losses: [Double] = []
      for record in records {
        switch record {
        case .epoch(let epoch) where split.part == .train: losses.append(epoch.loss)
        case .evaluation(let evaluation) where evaluation.split == split:
          losses.append(evaluation.loss)
        default: continue
        }
      }
      let found = try #require(log.rows[split]?[.loss])
      #expect(found.map { Float($0) } == losses.map { Float($0) }, "\(split)")
    }
    #expect(log.rates.count == 6 && log.rates.map(\.position) == [0.5, 1, 1.5, 2, 2.5, 3])
    // The known answers of RFC 3720, appendix B.4.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
  }

  /// The log in pieces of any size, lines torn, gives the same file.
  @Test func aGrowingLogGivesTheSameFile() throws {
    let folder = try TemporaryFolder()
    let run = RunDirectory(folder.path + "/run")
    try TinyRun().write(to: run.path)
    let bytes = try RandomAccessFile(run.log).contents()
    try EventWriter(log: run.log, folder: run.tensorBoard).update()
    let (log, events) = (folder.path + "/log.jsonl", folder.path + "/events")
    let writer = EventWriter(log: log, folder: events)
    try writer.update()
    #expect(!exists(events))
    for end in stride(from: 0, to: bytes.count, by: 97) + [bytes.count] {
      try AtomicFile.write(Array(bytes[..<end]), to: log)
      try writer.update()
    }
    #expect(try files(events) == files(run.tensorBoard))
  }

  /// A second start begins a new file, takes all back and says all again, whatever became of the
  /// first one.
  @Test func aResumedRunLosesAndRepeatsNothing() throws {
    let folder = try TemporaryFolder()
    let run = RunDirectory(folder.path + "/run")
    try TinyRun().write(to: run.path)
    let log = try RunLogWriter(run.log)
    try EventWriter(log: run.log, folder: run.tensorBoard).update()
    let first = try #require(try listFolder(run.tensorBoard).first)
    let torn = try files(run.tensorBoard)[0].dropLast(7)
    try AtomicFile.write(Array(torn), to: "\(run.tensorBoard)/\(first)")
    let expected = try #require(Self.steps(try Run(run.path).records))
    // The log repeats its last step, as one that was interrupted may.
    try log.append(.resumed(epoch: 3, step: 5))
    if case .step(let last) = try Run(run.path).records.last(where: {
      if case .step = $0 { true } else { false }
    }) {
      var again = last
      again.loss = 0.125
      try log.append(.step(again))
    }
    try EventWriter(log: run.log, folder: run.tensorBoard).update()
    #expect(try listFolder(run.tensorBoard).count == 2)
    let found = try ImportedLog.read(
      run.tensorBoard,
      map: ImportMap.parse(
        Array("series: {step/loss: train loss, loss/train: ignore}".utf8), file: "m"))
    #expect(found.rates.count == expected.count)
    #expect(found.warnings.contains { $0.contains("ends inside a record") })
  }

  /// Stopped while an epoch was evaluated and gone on with from within it: what the log takes back, a line
  /// that is no record among it, is in no event that counts, whoever wrote the events and when.
  @Test(arguments: [false, true]) func whatTheLogTakesBackIsInNoEvent(_ isOneProcess: Bool) throws {
    let folder = try TemporaryFolder()
    let (run, plain) = (
      RunDirectory(folder.path + "/run"), RunDirectory(folder.path + "/plain")
    )
    for directory in [run, plain] { try TinyRun().write(to: directory.path) }
    var lines = try RandomAccessFile(plain.log).contents().split(separator: 0x0A).map(Array.init)
    lines.removeAll { String(decoding: $0, as: UTF8.self).contains("run_finished") }
    // The last epoch's evaluations, of which two are there when the run stops.
    let first = try #require(
      lines.firstIndex { String(decoding: $0, as: UTF8.self).contains("\"epoch\":3,\"split\"") })
    func write(_ lines: [[UInt8]], to log: String) throws {
      try AtomicFile.write(Array(lines.joined(separator: [0x0A])) + [0x0A], to: log)
    }
    try write(lines, to: plain.log)
    try EventWriter(log: plain.log, folder: plain.tensorBoard).update()

    let writer = EventWriter(log: run.log, folder: run.tensorBoard)
    try write(Array(lines[..<(first + 2)]), to: run.log)
    try writer.update()
    let resumed = LogRecord.resumed(epoch: 3, step: 6, line: first)
    let rest = [Array(resumed.json.text.utf8)] + lines[first...]
    let torn = isOneProcess ? [] : [Array("{\"record\":\"evalu".utf8)]
    try write(Array(lines[..<(first + 2)]) + torn + rest, to: run.log)
    try (isOneProcess ? writer : EventWriter(log: run.log, folder: run.tensorBoard)).update()

    let (found, expected) = (
      try ImportedLog.read(run.tensorBoard), try ImportedLog.read(plain.tensorBoard)
    )
    #expect(found.positions == expected.positions && found.rates == expected.rates)
    for (split, values) in expected.rows {
      for (quantity, numbers) in values {
        #expect(found.rows[split]?[quantity] == numbers, "\(split)")
      }
    }
    // The second file by itself: no step of a series twice.
    let last = try #require(try listFolder(run.tensorBoard).last)
    var seen: Set<String> = []
    var plugins: [String: String] = [:]
    _ = try RecordFile.forEach(
      RandomAccessFile("\(run.tensorBoard)/\(last)").contents(), file: last
    ) { bytes throws(RunLogError) in
      guard case .scalars(let step, let scalars)? = EventRecord(bytes, plugins: &plugins) else {
        return
      }
      for (tag, _) in scalars {
        #expect(seen.insert("\(tag) \(step)").inserted, "\(tag) at \(step) twice")
      }
    }
    #expect(seen.count > 50)
  }

  private static func steps(_ records: [LogRecord]) -> [Double]? {
    records.compactMap { if case .step(let step) = $0 { step.loss } else { nil } }
  }

  @Test func aLogThatWasTakenBackBeginsANewFile() throws {
    let folder = try TemporaryFolder()
    let run = RunDirectory(folder.path + "/run")
    try TinyRun().write(to: run.path)
    let bytes = try RandomAccessFile(run.log).contents()
    let writer = EventWriter(log: run.log, folder: run.tensorBoard)
    try writer.update()
    let lines = bytes.split(separator: 0x0A)
    try AtomicFile.write(Array(lines[..<6].joined(separator: [0x0A])) + [0x0A], to: run.log)
    try writer.update()
    #expect(try listFolder(run.tensorBoard).count == 2)
    let log = try ImportedLog.read(run.tensorBoard)
    #expect(log.rates.count == 2, "steps that were taken back are gone")
  }
}

private func + (a: StrideTo<Int>, b: [Int]) -> [Int] { Array(a) + b }
