import Chart
import Foundation
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Every sentence about runs that are easy to describe wrongly.
@Suite struct CaptionTests {
  /// Title, subtitle, caption, alternative text and note of every figure, in Tests/Fixtures/figures.
  @Test(arguments: [
    "plain", "one-epoch", "never-predicted", "two-classes", "twenty-classes", "twelve-targets",
    "diverged", "history",
  ])
  func wordsAreAsRecorded(_ name: String) throws {
    let folder = try TemporaryFolder()
    let results = try Self.results(name, in: folder.path)
    var text = ""
    for figure in FigureName.allCases {
      text += "# \(figure.rawValue)\n"
      do {
        let documented = try draw(figure, of: results)
        text += "\(documented.title)\n\(documented.figure.subtitle)\n"
        text += "caption: \(documented.caption)\nalternative: \(documented.alternativeText)\n"
        if !documented.figure.note.isEmpty { text += "note: \(documented.figure.note)\n" }
        for fact in documented.figure.headline { text += "fact: \(fact.value) \(fact.label)\n" }
        for panel in documented.figure.panels where !panel.title.isEmpty {
          text += "panel: \(panel.title)\n"
          text += panel.key.prefix(6).map { "key: \($0.text)\n" }.joined()
        }
      } catch {
        text += "\(error)\n"
      }
      text += "\n"
    }
    try expectSnapshot(text, "figures/words-\(name).txt")
  }

  private static func results(_ name: String, in folder: String) throws -> RunResults {
    var run = MadeUpRun(epochs: 4, examples: 60)
    switch name {
    case "one-epoch": run.epochs = 1
    case "never-predicted": run.unpredicted = [1]
    case "two-classes":
      run.labels = ["no", "yes"]
      run.targets = []
    case "twenty-classes": run.labels = (1...20).map { "class \($0)" }
    case "twelve-targets": run.targets = (1...12).map { ("x\($0)", "Language \($0)") }
    case "diverged":
      run.broken = (2...4).flatMap { epoch in
        ["en.train", "en.validation", "en.test", "de.validation", "de.test"].map { (epoch, $0) }
      }
    case "history":
      var history = TrainingHistory(epochs: 3, learningRates: [1e-5, 2e-5, 1e-5])
      history[.training, .loss] = [1.05, 0.8, 0.55]
      history[.source, .loss] = [0.62, 0.60, 0.62]
      history[.firstTarget, .loss] = [0.62, 0.62, 0.62]
      history[.source, .accuracy] = [0.7, 0.7, 0.7]
      history[.firstTarget, .accuracy] = [0.64, .nan, 0.7]
      history[.source, .macroF1] = [0.5, 0.6, 0.7]
      try history.write(to: "\(folder)/training_history.json")
      return try RunResults(Run(folder))
    default: break
    }
    return try run.results(in: folder)
  }

  /// A run that is cleared for another keeps no figure of the first.
  @Test func clearingTakesEveryFigure() throws {
    let folder = try TemporaryFolder()
    for name in FigureName.allCases {
      try AtomicFile.write("", to: "\(folder.path)/\(name.rawValue).png")
    }
    try AtomicFile.write("mine", to: "\(folder.path)/notes.png")
    try RunDirectory(folder.path).clear()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.png"])
  }

  /// Where a class has no examples there is no area, and so no interval.
  @Test func noIntervalWithoutPositives() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 1, examples: 60)
    run.unused = [2]
    let documented = try draw(.roc, of: run.results(in: folder.path))
    for panel in documented.figure.panels {
      let entry = try #require(panel.key.first { $0.text.hasPrefix("positive") })
      #expect(entry.text == "positive: no curve")
      #expect(panel.key.contains { $0.text.hasPrefix("negative: 0.") && $0.text.contains(" (.") })
    }
    #expect(documented.caption.contains("No curve, for want of examples"))
  }
}
