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
  @Test(arguments: FigureName.ofEveryRun)
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
    try expectSnapshot(found, "figures/\(name.rawValue).svg")
  }
}
