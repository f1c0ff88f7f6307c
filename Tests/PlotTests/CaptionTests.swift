import Chart
import Foundation
import Metrics
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
    for figure in FigureName.ofEveryRun {
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
    for name in FigureName.ofEveryRun {
      try AtomicFile.write("", to: "\(folder.path)/\(name.rawValue).png")
    }
    try AtomicFile.write("mine", to: "\(folder.path)/notes.png")
    try RunDirectory(folder.path).clear(figures: FigureName.files)
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
    #expect(documented.caption.contains("No curve for lack of examples"))
  }

  // MARK: Claims

  private func history(_ json: String) throws -> (RunResults, TemporaryFolder) {
    let folder = try TemporaryFolder()
    try AtomicFile.write(json, to: "\(folder.path)/training_history.json")
    return (try RunResults(Run(folder.path)), folder)
  }

  /// "Its lowest" is said of the last value only where the figure marks the last: two that read alike to three
  /// decimals are still two epochs.
  @Test(arguments: [
    ("[0.9, 0.6201, 0.7, 0.6204]", "falls from 0.900 to 0.620 and is lowest at epoch 2."),
    ("[0.9, 0.8, 0.7, 0.62]", "falls from 0.900 to 0.620, its lowest."),
    ("[0.9, 0.5, 0.7, 0.62]", "falls from 0.900 to 0.620 and is lowest at epoch 2, 0.500."),
    ("[0.62, 0.62, 0.62, 0.62]", "stays at 0.620."),
    ("[0.9, 0.8, 0.62, null]", "falls from 0.900 to 0.620, its lowest, last known at epoch 3."),
  ])
  func theLowestIsTheOneThatIsMarked(_ losses: String, _ words: String) throws {
    let (results, _) = try history(#"{"english_val_losses": \#(losses)}"#)
    #expect(try draw(.losses, of: results).caption.contains(words))
  }

  /// A value that nobody logged is no value that is not finite, in a figure neither.
  @Test func gapsSayWhatTheyAre() throws {
    let (results, _) = try history(
      #"{"english_val_losses": [1, NaN, null, 0.8], "train_losses": [NaN, NaN, NaN, NaN], "learning_rates": [1e-5, 1e-5, 1e-5, 1e-5]}"#
    )
    let losses = try draw(.losses, of: results)
    #expect(losses.caption.contains("No finite value, hence a gap: English validation at epoch 2."))
    #expect(losses.caption.contains("Not logged, hence a gap: English validation at epoch 3."))
    #expect(losses.figure.note.contains("Never a finite value, hence no curve: English training."))
    let (broken, _) = try history(#"{"english_val_losses": [NaN, NaN], "learning_rates": [1, 1]}"#)
    #expect {
      try draw(.losses, of: broken)
    } throws: {
      "\($0)".contains("no loss in the logs is a finite number")
    }
    #expect {
      try draw(.accuracies, of: broken)
    } throws: {
      "\($0)".contains("the logs hold no accuracy")
    }
  }

  /// The gaps of all targets, or none; and rings only of what is drawn.
  @Test func theDashboardNamesEveryGap() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 3, examples: 60)
    run.targets = [("de", "German"), ("fr", "French")]
    let results = try run.results(in: folder.path)
    let caption = try draw(.dashboard, of: results).caption
    // Of the part that the caption names.
    let part: Part = caption.contains("validation accuracy") ? .validation : .test
    for target in results.targets {
      let gap = try #require(results.selectedGap(to: target, part)).gap
      let text = Numeral.decimal(100 * gap, places: 1, signed: true)
      #expect(caption.contains("\(text) to \(target.name)"), "\(caption)")
    }
    let (alone, _) = try history(
      #"{"train_losses": [1, 0.5], "train_accuracies": [0.5, 0.6], "learning_rates": [1e-5, 1e-6]}"#
    )
    #expect(try !draw(.dashboard, of: alone).figure.subtitle.contains("rings"))
  }

  /// The curves are of validation, and test is final: what is last is not final, and the figure passes no verdict.
  @Test func aGapOnValidationIsNotTheFinalOne() throws {
    let folder = try TemporaryFolder()
    let results = try MadeUpRun(epochs: 4, examples: 400).results(in: folder.path)
    let documented = try draw(.transferGap, of: results)
    let caption = documented.caption
    #expect(caption.contains("At the end German validation accuracy lies"), "\(caption)")
    let gap = try #require(results.selectedGap(to: results.targets[0], .test)).gap
    let text = Numeral.decimal(100 * gap, places: 1, signed: true)
    #expect(
      caption.contains("The final gap is measured on test after epoch 4: \(text) to German."),
      "\(caption)")
    for words in ["above zero", "below zero", "includes", "excludes", "throughout"] {
      #expect(!caption.contains(words) && !documented.figure.subtitle.contains(words))
    }
    #expect(documented.figure.subtitle.contains("; last validation gap +"))
    #expect(documented.alternativeText.contains("on validation"))
  }

  /// One estimator of the calibration error has one name, in the figure as in the table.
  @Test func theCalibrationErrorIsTheOneOfTheTable() throws {
    let folder = try TemporaryFolder()
    let results = try MadeUpRun(epochs: 2, examples: 200).results(in: folder.path)
    let documented = try draw(.calibration, of: results)
    let estimate = try #require(results.estimates(Split("en", .test))?.calibration)
    let text = Numeral.decimal(estimate.debiased, places: 3)
    #expect(estimate.debiased != estimate.plugIn)
    #expect(documented.caption.contains("debiased expected calibration error is \(text)"))
    #expect(
      documented.figure.panels.contains { $0.title == "English test: debiased ECE\u{A0}\(text)" })
    // And macro F1 has one unit.
    let scores = try draw(.accuracyF1Comparison, of: results)
    #expect(!scores.caption.contains(try Regex("macro F1 of [0-9.]+.%")), "\(scores.caption)")
  }
}
