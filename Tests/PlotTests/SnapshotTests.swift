import Chart
import Foundation
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Every shape of every figure of one made-up run, as SVG, with letters of fixed width: what no
/// installed font changes.
///
/// `RECORD_SNAPSHOTS=1` rewrites the files, and that run fails.
@Suite struct SnapshotTests {
  @Test(arguments: FigureName.allCases)
  func shapesAreAsRecorded(_ name: FigureName) throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun()
    run.examples = 30
    run.epochs = 5
    run.targets = [("de", "German"), ("es", "Spanish")]
    run.signals = [1.6, 1.2, 0.9]
    run.broken = [(2, "es.validation")]
    let figure = try draw(name, of: run.results(in: folder.path)).figure
    let found = figure.page(measuring: FixedTextMeasurer()).svg()
    let path = Fixture.path("figures/\(name.rawValue).svg")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try FileManager.default.createDirectory(
        atPath: Fixture.path("figures"), withIntermediateDirectories: true)
      try AtomicFile.write(found, to: path)
      Issue.record("recorded \(path); look at the difference, then run without recording")
      return
    }
    let expected = try String(decoding: RandomAccessFile(path).contents(), as: UTF8.self)
    if found == expected { return }
    let lines = (found.split(separator: "\n"), expected.split(separator: "\n"))
    let first = zip(lines.0, lines.1).enumerated().first { $0.element.0 != $0.element.1 }
    Issue.record(
      """
      \(name.rawValue) differs from \(path), first at line \((first?.offset ?? 0) + 1):
      \(first?.element.0 ?? "")
      instead of
      \(first?.element.1 ?? "")
      """)
  }
}
