import Chart
import Foundation
import Plot
import Results
import RunLog
import Storage
import Testing
import TestSupport

/// Writes figures where `FIGURE_PREVIEWS` says, to be looked at, as pictures and as an HTML page.
@Suite struct PreviewTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FIGURE_PREVIEWS"] != nil))
  func writePreviews() throws {
    let folder = ProcessInfo.processInfo.environment["FIGURE_PREVIEWS"] ?? ""
    var cases: [(String, MadeUpRun)] = [("plain", MadeUpRun())]
    var several = MadeUpRun(isPerStep: true)
    several.targets = [("de", "German"), ("es", "Spanish"), ("fr", "French")]
    several.signals = [1.6, 1.2, 1.0, 0.9]
    several.broken = [(4, "es.validation"), (5, "es.validation")]
    cases.append(("several", several))
    var one = MadeUpRun(epochs: 1, examples: 40)
    one.select = .bestSourceValidation
    cases.append(("one", one))
    var many = MadeUpRun(epochs: 60, examples: 60, hasTest: false)
    many.targets = (1...12).map { ("x\($0)", "Language number \($0)") }
    many.labels = (1...20).map { "class \($0)" }
    cases.append(("many", many))
    var four = MadeUpRun(examples: 324)
    four.targets = [("de", "German"), ("es", "Spanish"), ("fr", "French"), ("ru", "Russian")]
    four.signals = [1.6, 1.2, 1.0, 0.9, 0.5]
    four.unpredicted = [1]
    cases.append(("four", four))
    var none = MadeUpRun(examples: 40)
    none.targets = []
    none.labels = ["no", "yes"]
    none.unused = [1]
    cases.append(("none", none))
    var runs: [(String, RunResults)] = []
    for (name, made) in cases {
      let run = try TemporaryFolder()
      runs.append((name, try made.results(in: run.path)))
    }
    // A run directory to be drawn as well.
    if let path = ProcessInfo.processInfo.environment["FIGURE_RUN"] {
      runs.append(("run", try RunResults(Run(path))))
    }
    for (name, results) in runs {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      var html = "<!DOCTYPE html><meta charset=utf-8><meta name=color-scheme content='light dark'>"
      for figure in FigureName.ofEveryRun {
        do {
          let documented = try draw(figure, of: results)
          try documented.figure.write(
            to: "\(folder)/\(name)/\(figure.rawValue).png", format: .png,
            style: FigureStyle(dotsPerInch: 100))
          html += documented.figure.inlineSVG(id: figure.rawValue)
          print(name, figure.rawValue, documented.caption)
        } catch {
          print(error)
        }
      }
      try AtomicFile.write(html, to: "\(folder)/\(name)/page.html")
    }
  }
}
