import Foundation
import Metrics
import Storage
import TestSupport
import Testing

@testable import RunLog

/// The registry of readers: each knows its own example, and docs/other-logs.md says what it says.
@Suite struct LogReaderTests {
  @Test(arguments: LogReader.all.map(\.name))
  func readsItsOwnExample(_ name: String) throws {
    let reader = try #require(LogReader.all.first { $0.name == name })
    let (file, text) = reader.example
    let input = try LogInput(Array(text.utf8), file: file)
    let first = try LogReader.all.first { try $0.read(input) != nil }
    #expect(first?.name == name)
    let run = try #require(try reader.read(input))
    #expect(run.series.contains { !$0.points.isEmpty })
    let log = try ImportedLog.parse(Array(text.utf8), file: file)
    #expect(!log.rows.isEmpty && log.rows.values.contains { $0[.loss] != nil })
    // A series that is read whole leaves nothing to complain about.
    #expect(log.warnings.isEmpty == (name != "tables without a place"), "\(log.warnings)")
  }

  @Test func namesDiffer() {
    let names = (LogReader.all + [LogReader.events]).map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(ImportedLog.kinds.contains(name.filter { $0 != "`" })) }
  }

  /// With `RECORD_SNAPSHOTS=1` the list is written anew, and the test fails as recordings do.
  @Test func theDocumentListsThem() throws {
    let path = Fixture.folder + "/../../docs/other-logs.md"
    let document = String(
      decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
    let begin = try #require(document.range(of: "rewrites it. -->\n"))
    let end = try #require(document.range(of: "<!-- End of the list. -->"))
    let expected = "\n" + LogReader.documentation + "\n"
    guard document[begin.upperBound..<end.lowerBound] != expected else { return }
    guard isRecordingSnapshots else {
      Issue.record("docs/other-logs.md differs from the readers; RECORD_SNAPSHOTS=1 rewrites it")
      return
    }
    try AtomicFile.write(
      document[..<begin.upperBound] + expected + document[end.lowerBound...], to: path)
    Issue.record("recorded docs/other-logs.md; run again to check")
  }
}
