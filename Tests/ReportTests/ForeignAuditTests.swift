import Chart
import Foundation
import Plot
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Audits of reports that were made from other programs' logs.
@Suite struct ForeignAuditTests {
  /// A log with what belongs to it.
  struct Log: CustomTestStringConvertible, Sendable {
    let folder: String
    let predictions: [String]
    /// How many files it is made of, those not read left out.
    let inputs: Int

    var testDescription: String { folder }
  }

  static let logs = [
    Log(folder: "huggingface-checkpoints", predictions: ["predictions.csv"], inputs: 2),
    Log(folder: "tensorboard-x", predictions: [], inputs: 3),
  ]

  /// A report with its log, in a folder that lives as long as the result.
  private func report(_ log: Log) throws -> (folder: TemporaryFolder, files: ReportFiles) {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/log"
    try FileManager.default.copyItem(
      atPath: Fixture.path("imports/\(log.folder)"), toPath: path)
    let source = LogSource(path, predictions: log.predictions.map { "\(path)/\($0)" })
    let files = try ReportFiles(RunDirectory(path), from: source)
    try files.write()
    // Small, so that an audit has little to draw.
    try files.rendering.writeFigures(to: path, style: FigureStyle(dotsPerInch: 20))
    return (folder, files)
  }

  @Test(arguments: logs) func everyDigitOfTheReportIsChecked(_ log: Log) throws {
    let (folder, files) = try report(log)
    let audit = try Audit(RunDirectory("\(folder.path)/log"))
    #expect(audit.differences.isEmpty && audit.inputs == log.inputs, "\(audit.differences)")
    let comparison = TextComparison("report.md", expected: files.document.text)
    let text = Array(files.markdown.utf8)
    var (digits, line) = (0, 1)
    for (offset, byte) in text.enumerated() {
      if byte == 0x0A { line += 1 }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { continue }
      digits += 1
      var changed = text
      changed[offset] = byte == UInt8(ascii: "9") ? UInt8(ascii: "0") : byte + 1
      let differences = comparison.differences(to: String(decoding: changed, as: UTF8.self))
      guard differences.count == 1, differences[0].line == line else {
        Issue.record("the digit at byte \(offset), line \(line): \(differences)")
        return
      }
      // The audit itself, which takes longer, once.
      if digits == 100 {
        let directory = RunDirectory("\(folder.path)/log")
        try AtomicFile.write(changed, to: directory.report)
        #expect(try Audit(directory).differences == differences)
      }
    }
    #expect(digits > 100)
  }

  /// Whatever bit is flipped: named with its file, even if the log cannot be read any more.
  @Test(arguments: logs) func everyByteOfTheLogIsChecked(_ log: Log) throws {
    let (folder, files) = try report(log)
    let directory = RunDirectory("\(folder.path)/log")
    #expect(files.inputs.files.count == log.inputs)
    var random = SplitMix64(seed: 11)
    for file in files.inputs.files {
      let path = "\(directory.path)/\(file.name)"
      let before = try RandomAccessFile(path).contents()
      for round in 0..<12 {
        var after = before
        after[Int(random.next() % UInt64(after.count))] ^= UInt8(1 << (random.next() % 8))
        try AtomicFile.write(after, to: path)
        let recorded = try RecordedReport(
          RandomAccessFile(directory.reportRecord).contents())
        let differences = recorded.differences(inputs: try recorded.inputs(in: directory.path))
        #expect(differences.map(\.file) == [file.name])
        // The whole audit, which takes longer, now and then.
        if round % 6 == 0 {
          let found = try Audit(directory).differences
          #expect(found.contains { $0.file == file.name }, "\(found)")
        }
      }
      try AtomicFile.write(before, to: path)
    }
    #expect(try Audit(directory).differences.isEmpty)
  }
}
