import Chart
import Foundation
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Reading is done once: what a report, a comparison or an audit is made from is opened once, and a report of a run that
/// goes on opens what is new.
@Suite struct OpeningTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A run with texts of examples.
  private func write(_ name: String, epochs: Int = 3) throws -> RunDirectory {
    var run = ThreeTargetRun()
    run.epochs = epochs
    (run.trainingExamples, run.validationExamples, run.testExamples) = (40, 36, 45)
    let directory = RunDirectory("\(folder.path)/\(name)")
    try run.write(to: directory.path)
    return directory
  }

  private func names(_ directory: RunDirectory) throws -> [String] {
    try InputFiles(directory).files.map(\.name)
  }

  private func makeReport(_ directory: RunDirectory, from source: LogSource? = nil) throws {
    let files = try ReportFiles(directory, from: source)
    try files.checkOverwriting()
    try makeFolder(directory.path)
    try files.rendering.writeFigures(to: directory.path, style: FigureStyle(dotsPerInch: 20))
    try files.write()
  }

  @Test(arguments: ["last", "best_source_validation"])
  func aReportOpensEveryFileOfARunOnce(_ select: String) throws {
    let directory = try write("r")
    let yaml = try String(contentsOfFile: directory.experiment, encoding: .utf8)
    try AtomicFile.write(
      yaml.replacing(/select: \S+/, with: "select: \(select)"), to: directory.experiment)
    // One that was evaluated afterwards, which the configuration does not name.
    let last = directory.predictions(epoch: 3, Split("de", .test))
    try FileManager.default.copyItem(
      atPath: last, toPath: directory.predictions(epoch: 3, Split("it", .test)))
    let names = try names(directory)
    // experiment, environment, log; 9 splits with examples and three epochs; Italian.
    try #require(names.count == 3 + 9 * 4 + 1)
    let counter = try OpeningCounter(directory.path)
    try makeReport(directory)
    let openings = try counter.openings()
    for name in names { #expect(openings[name] == 1, "\(name)") }
    // Of an earlier report, too.
    try makeReport(directory)
    let again = try counter.openings()
    for name in names { #expect(again[name] == 1, "\(name)") }
  }

  @Test func anAuditOpensEveryFileOfARunOnce() throws {
    let directory = try write("r")
    try makeReport(directory)
    let names = try names(directory)
    let counter = try OpeningCounter(directory.path)
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty)
    let openings = try counter.openings()
    for name in names { #expect(openings[name] == 1, "\(name)") }
  }

  @Test func aComparisonOpensEveryFileOfItsRunsOnce() throws {
    let runs = [try write("a"), try write("b", epochs: 2)]
    let counters = try runs.map { try OpeningCounter($0.path) }
    _ = try ComparisonFiles(
      runs.map { LogSource($0.path) }, folder: "\(folder.path)/c", hasPage: false
    ).write(style: FigureStyle(dotsPerInch: 20))
    for (run, counter) in zip(runs, counters) {
      let openings = try counter.openings()
      for name in try names(run) {
        #expect(openings[name, default: 0] == (name.hasPrefix("examples/") ? 0 : 1), "\(name)")
      }
    }
  }

  /// Those of other programs are looked for, and found, without opening them twice.
  @Test(arguments: ["hf_trainer_state", "lightning", "tensorboard"])
  func aReportOpensEveryFileOfALogOnce(_ kind: String) throws {
    let log = "\(folder.path)/log"
    try makeFolder(log)
    let name: String
    switch kind {
    case "hf_trainer_state":
      name = "trainer_state.json"
      try AtomicFile.write(
        """
        {"log_history": [
          {"epoch": 1.0, "loss": 0.9, "step": 10}, {"epoch": 1.0, "eval_loss": 0.8, "step": 10},
          {"epoch": 2.0, "loss": 0.7, "step": 20}, {"epoch": 2.0, "eval_loss": 0.7, "step": 20}]}
        """, to: "\(log)/\(name)")
    case "lightning":
      name = "metrics.csv"
      try AtomicFile.write(
        "epoch,step,train_loss,val_loss\n0,9,0.9,\n0,9,,0.8\n1,19,0.7,\n1,19,,0.7\n",
        to: "\(log)/\(name)")
    default:
      let run = try write("r")
      try EventWriter(log: run.log, folder: log).update()
      name = try #require(try listFolder(log).first)
    }
    let counter = try OpeningCounter(log)
    try makeReport(RunDirectory("\(folder.path)/report"), from: LogSource(log))
    #expect(try counter.openings() == [name: 1])
  }

  /// After every epoch only what it left behind is read; everything else stands in memory.
  @Test func aLiveReportCostsTheSameAfterEveryEpoch() throws {
    let whole = try write("whole", epochs: 6)
    let live = RunDirectory("\(folder.path)/live")
    try live.create()
    for file in ["experiment.yaml", "environment.json", "examples"] {
      try? FileManager.default.removeItem(atPath: "\(live.path)/\(file)")
      try FileManager.default.copyItem(
        atPath: "\(whole.path)/\(file)", toPath: "\(live.path)/\(file)")
    }
    for epoch in 1...6 { try makeFolder(live.predictions(epoch: epoch)) }
    let counter = try OpeningCounter(live.path)
    var rest = Lines(ArraySlice(try RandomAccessFile(whole.log).contents()))
    let log = try AppendedFile(live.log)
    var results: RunResults?
    for epoch in 1...6 {
      for name in try listFolder(whole.predictions(epoch: epoch)) {
        try FileManager.default.copyItem(
          atPath: "\(whole.predictions(epoch: epoch))/\(name)",
          toPath: "\(live.predictions(epoch: epoch))/\(name)")
      }
      var lines = 0
      while let line = rest.next() {
        try log.append(line: String(decoding: line, as: UTF8.self), sync: false)
        lines += 1
        if String(decoding: line, as: UTF8.self).contains(#""record":"epoch""#) { break }
      }
      _ = try counter.openings()
      let files = try ReportFiles(live, after: results)
      results = files.rendering.results
      let openings = try counter.openings()
      var expected = ["experiment.yaml": 1, "environment.json": 1, "log.jsonl": 1]
      for name in try listFolder(live.predictions(epoch: epoch)) {
        expected["predictions/\(RunDirectory.name(epoch))/\(name)"] = 1
      }
      #expect(openings.filter { !$0.key.hasPrefix("examples/") } == expected, "epoch \(epoch)")
      // Facts of examples are read for the tables, each once in a report.
      #expect(openings.filter { $0.key.hasPrefix("examples/") }.values.allSatisfy { $0 == 1 })
      #expect(files.rendering.results.run.newLines == lines)
      // It says the same as one that reads everything.
      let fresh = try ReportFiles(live)
      #expect(fresh.markdown == files.markdown && fresh.json == files.json)
    }
  }

  /// What changes between two reports is read again.
  @Test func aChangedFileIsReadAgain() throws {
    let directory = try write("r")
    let first = try ReportFiles(directory)
    let path = directory.predictions(epoch: 1, Split("de", .validation))
    let other = directory.predictions(epoch: 3, Split("de", .validation))
    try AtomicFile.write(RandomAccessFile(other).contents(), to: path)
    let second = try ReportFiles(directory, after: first.rendering.results)
    let fresh = try ReportFiles(directory)
    #expect(second.json == fresh.json && second.json != first.json)
  }
}
