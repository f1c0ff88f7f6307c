import Chart
import Foundation
import Metrics
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

@Suite struct FiguresTests {
  /// What a reader who does not see the figure gets: other words than the caption's, and fewer.
  private func checkWords(_ documented: DocumentedFigure, _ what: String) {
    let (caption, alternative) = (documented.caption, documented.alternativeText)
    #expect(!alternative.isEmpty && alternative.count < caption.count, "\(what): \(alternative)")
    for text in [caption, alternative] {
      #expect(text.hasSuffix("."), "\(what): \(text)")
      #expect(!text.contains("  ") && !text.contains("..") && !text.contains("nan"), "\(what)")
    }
  }

  @Test func everyFigureOfAPlainRun() throws {
    let folder = try TemporaryFolder()
    let results = try MadeUpRun().results(in: folder.path)
    for name in FigureName.ofEveryRun where name != .finalGaps {
      let documented = try draw(name, of: results)
      #expect(documented.name == name)
      checkWords(documented, name.rawValue)
      expectNoFaults(documented.figure, name.rawValue)
    }
  }

  /// Cases that break naive figures.
  @Test(arguments: [
    "one epoch", "two classes", "twenty classes", "fifty classes", "no targets", "many targets",
    "gaps", "never predicted", "diverged", "one example",
  ])
  func oddRuns(_ name: String) throws {
    var run = MadeUpRun()
    run.examples = 60
    run.epochs = 4
    switch name {
    case "one epoch": run.epochs = 1
    case "two classes": run.labels = ["no", "yes"]
    case "twenty classes": run.labels = (1...20).map { "class \($0)" }
    case "fifty classes":
      run.labels = (1...50).map { "a class with a long name \($0)" }
      run.examples = 100
    case "no targets": run.targets = []
    case "never predicted": run.unpredicted = [1]
    case "diverged":
      run.broken = (2...4).flatMap { epoch in
        ["en.train", "en.validation", "en.test", "de.validation", "de.test"].map { (epoch, $0) }
      }
    case "one example": run.examples = 1
    case "many targets":
      run.targets = (1...12).map { ("x\($0)", "A language with a long name \($0)") }
    default:
      run.broken = [(1, "en.validation"), (3, "de.validation"), (4, "de.validation")]
      run.unused = [2]
      run.isPerStep = true
      run.select = .bestSourceValidation
    }
    let folder = try TemporaryFolder()
    let results = try run.results(in: folder.path)
    for figure in FigureName.ofEveryRun {
      do {
        let documented = try draw(figure, of: results)
        expectNoFaults(documented.figure, "\(name), \(figure.rawValue)")
        checkWords(documented, "\(name), \(figure.rawValue)")
      } catch {
        // It compares targets, and one is nothing to compare.
        if figure == .finalGaps, run.targets.count < 2 {
          #expect(!error.isExpected)
          continue
        }
        #expect(
          name == "no targets" && figure == .transferGap
            || name == "diverged"
              && [.calibration, .finalComparison, .accuracyF1Comparison, .perClass].contains(figure),
          "\(error)")
        #expect(error.isExpected)
      }
    }
  }

  /// The runs of the pictures have none of the faults either.
  @Test(arguments: OddRun.allCases)
  func picturedRuns(_ odd: OddRun) throws {
    let folder = try TemporaryFolder()
    let results = try odd.run.results(in: folder.path)
    for name in FigureName.ofEveryRun where name != .finalGaps || odd.run.targets.count > 1 {
      let documented = try draw(name, of: results)
      expectNoFaults(documented.figure, "\(odd.rawValue), \(name.rawValue)")
      checkWords(documented, "\(odd.rawValue), \(name.rawValue)")
    }
  }

  /// 250 generated histories: any length, NaN anywhere, up to nine targets, any size of numbers.
  @Test func generatedHistories() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 21)
    for index in 0..<250 {
      let epochs = [1, 2, 3, 5, 10, 30, 300][Int.random(in: 0..<7, using: &random)]
      let scale = [1e-12, 0.01, 1, 1, 1, 1e12][Int.random(in: 0..<6, using: &random)]
      func values(_ range: ClosedRange<Double>) -> [Double] {
        let isConstant = Int.random(in: 0..<10, using: &random) == 0
        let constant = Double.random(in: range, using: &random)
        return (0..<epochs).map { _ in
          let isMissing = Int.random(in: 0..<12, using: &random) == 0
          return isMissing
            ? .nan : isConstant ? constant : Double.random(in: range, using: &random)
        }
      }
      let hasRates = Bool.random(using: &random)
      var history = TrainingHistory(
        epochs: epochs, learningRates: hasRates ? values(0...1e-4) : nil)
      var roles: [TrainingHistory.Role] = [.training, .source, .firstTarget]
      roles += ["fr", "es", "it", "ru", "zh", "ar", "hi", "sw"]
        .prefix(Int.random(in: 0...8, using: &random)).map { .target($0) }
      for role in roles where Int.random(in: 0..<9, using: &random) != 0 {
        history[role, .loss] = values(0.2 * scale...2 * scale)
        history[role, .accuracy] = values(0.2...0.95)
        if Bool.random(using: &random) { history[role, .macroF1] = values(0...1) }
      }
      guard roles.contains(where: { history.has($0) }) else { continue }
      try history.write(to: "\(folder.path)/training_history.json")
      let results = try RunResults(Run(folder.path))
      for figure in FigureName.ofEveryRun {
        do {
          let documented = try draw(figure, of: results)
          expectNoFaults(documented.figure, "history \(index), \(figure.rawValue)")
          checkWords(documented, "history \(index), \(figure.rawValue)")
          #expect(!documented.caption.lowercased().contains("running"))
        } catch {
          #expect(error.isExpected == figure.isExpected)
        }
      }
    }
  }

  @Test func absenceSaysWhy() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 3, learningRates: nil)
    history[.training, .loss] = [1, 0.8, 0.7]
    try history.write(to: "\(folder.path)/training_history.json")
    let results = try RunResults(Run(folder.path))
    func reason(_ name: FigureName) -> String? {
      do {
        _ = try draw(name, of: results)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(reason(.losses) == nil)
    #expect(reason(.accuracies) == "accuracies is not drawn: the logs hold no accuracy.")
    #expect(reason(.learningRate) == "learning_rate is not drawn: the logs hold no learning rate.")
    #expect(
      reason(.roc) == "ROC is not drawn: the curves need predictions, and the logs hold none.")
    #expect(reason(.transferGap) == "transfer_gap is not drawn: the run has no target language.")
    #expect(reason(.dashboard)?.hasPrefix("dashboard is not drawn: ") == true)
    #expect(reason(.finalComparison) == nil)
  }

  /// A Trainer's log may hold the rate now and then.
  @Test(arguments: [
    (["2e-5", "", ""], "The only rate in the log is 2×10⁻⁵."),
    (["2e-5", "2e-5", ""], "Every rate in the log is 2×10⁻⁵."),
    (["2e-5", "2e-5", "2e-5"], "Every epoch used the same rate, 2×10⁻⁵."),
    (["2e-5", "nan", ""], "The only finite rate in the log is 2×10⁻⁵."),
  ])
  func saysOfRatesWhatTheLogHolds(_ rates: [String], _ words: String) throws {
    let folder = try TemporaryFolder()
    let rows = rates.enumerated().map { "\($0 + 1),1.0,0.9,0.5,\($1)" }
    try AtomicFile.write(
      (["epoch,train_loss,val_loss,val_accuracy,lr"] + rows).joined(separator: "\n") + "\n",
      to: "\(folder.path)/history.csv")
    let documented = try draw(
      .learningRate, of: RunResults(Run("\(folder.path)/history.csv")))
    #expect(documented.caption.hasPrefix(words), "\(documented.caption)")
  }

  @Test func captionsSayWhatTheFigureShows() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 3, learningRates: [5e-5, 3e-5, 6.106e-6])
    history[.training, .loss] = [1.05, 0.8, 0.55]
    history[.source, .loss] = [1.1, 0.6, 0.62]
    history[.firstTarget, .loss] = [1.2, .nan, 0.82]
    history[.source, .accuracy] = [0.4, 0.7, 0.71]
    history[.firstTarget, .accuracy] = [0.35, 0.66, 0.64]
    try history.write(to: "\(folder.path)/training_history.json")
    let results = try RunResults(Run(folder.path))
    #expect(
      try draw(.losses, of: results).caption
        == "English validation loss falls from 1.100 to 0.620 and is lowest at epoch 2, 0.600. "
        + "Target ends at 0.820, 0.200 nats above English. The training loss falls from "
        + "1.050 to 0.550. No finite value, hence a gap: Target validation at epoch 2.")
    #expect(
      try draw(.learningRate, of: results).caption
        == "The rate goes from 5×10⁻⁵ in the first epoch to 6.11×10⁻⁶ in the last.")
    #expect(
      try draw(.transferGap, of: results).caption
        == "At the end Target validation accuracy lies 7.0 percentage points below that of English; over the epochs the gap "
        + "ranges from +4.0 to +7.0.")
  }

  /// The ink is where the logs say.
  @Test func drawnLossesAreTheLoggedOnes() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 4, learningRates: nil)
    history[.source, .loss] = [1.0, 0.8, 0.6, 0.4]
    try history.write(to: "\(folder.path)/training_history.json")
    let results = try RunResults(Run(folder.path))
    let page = try draw(.losses, of: results).figure
      .page(measuring: CairoTextMeasurer(family: Theme.light.fontFamily))
    let color = Theme.light.style(ofSeries: 1).color
    let line = try #require(
      page.shapes.lazy.compactMap { shape -> [Point]? in
        if case .line(let points, let stroke) = shape, stroke.color == color { points } else { nil }
      }.first)
    #expect(line.count == 4)
    for (a, b) in zip(line, line.dropFirst()) {
      #expect(abs((b.x - a.x) - (line[1].x - line[0].x)) < 1e-9)
      #expect(abs((b.y - a.y) - (line[1].y - line[0].y)) < 1e-9 && b.y > a.y)
    }
    // The axis agrees: the tick "0.4" is level with the last point.
    let tick = try #require(page.texts.first { $0.string == "0.4" })
    #expect(abs(tick.anchor.y - tick.font.size * 0.365 - line[3].y) < 0.5)
  }

  /// Logits that are not numbers answer nothing: the first class, which an argmax would read from
  /// them, is no accuracy, and the caption names the gap.
  @Test func brokenPredictionsAreGaps() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 4, examples: 60)
    run.broken = [(3, "de.validation")]
    let results = try run.results(in: folder.path)
    for name in [FigureName.accuracies, .f1Scores, .transferGap] {
      let documented = try draw(name, of: results)
      let lines = documented.figure.panels[0].marks.compactMap { $0 as? Line }
      let german = try #require(lines.first { $0.ink == .series(2) })
      #expect(german.points.map(\.y.isFinite) == [true, true, false, true])
      #expect(documented.caption.contains("German") && documented.caption.contains("at epoch 3."))
    }
  }

  /// A rate of an epoch holds for all of it.
  @Test func ratesOfEpochsAreSteps() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 3, learningRates: [4, 2, 1])
    history[.source, .loss] = [1.0, 0.8, 0.6]
    try history.write(to: "\(folder.path)/training_history.json")
    let figure = try draw(.learningRate, of: RunResults(Run(folder.path))).figure
    let line = try #require(figure.panels[0].marks.lazy.compactMap { $0 as? Line }.first)
    #expect(
      line.points == [
        Point(1, 4), Point(1, 4), Point(1.5, 4), Point(1.5, 2), Point(2, 2), Point(2.5, 2),
        Point(2.5, 1), Point(3, 1), Point(3, 1),
      ])
  }

  /// The final gaps of few and many targets, one of them without test results.
  @Test(arguments: [2, 3, 7, 12])
  func finalGapsAreOrdered(_ count: Int) throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 2, examples: 60)
    run.targets = (1...count).map { ("x\($0)", "Language \($0)") }
    let results = try run.results(in: folder.path)
    let documented = try draw(.finalGaps, of: results)
    expectNoFaults(documented.figure, "\(count) targets")
    checkWords(documented, "\(count) targets")
    #expect(documented.title == "Transfer gap on test")
    #expect(documented.caption.contains("On test the gaps range from "))
    #expect(documented.caption.contains("Holm's correction"))
    let dots = documented.figure.panels[0].marks.compactMap { $0 as? Dots }
    let tests = dots.filter { $0.ink == .series(1) }.map { $0.points[0] }
    #expect(tests.count == count && dots.count == 2 * count + 1)
    #expect(tests.sorted { $0.y < $1.y }.map(\.x) == tests.map(\.x).sorted(by: >))
    #expect(
      tests.map(\.x).sorted()
        == results.targets.compactMap { results.selectedGap(to: $0, .test).map { 100 * $0.gap } }
        .sorted())
  }

  /// A target without validation results is shown apart, with the part that it has in its name.
  @Test func aTargetWithoutTheFinalPartIsSetApart() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 2, examples: 60)
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish")]
    _ = try run.results(in: folder.path)
    for epoch in 1...2 {
      for split in [Split("fr", .test), Split("en", .test), Split("es", .validation)] {
        try FileManager.default.removeItem(
          atPath: RunDirectory(folder.path).predictions(epoch: epoch, split))
      }
    }
    let results = try RunResults(Run(folder.path))
    #expect(results.finalSplit.part == .validation)
    let comparison = try draw(.finalComparison, of: results)
    expectNoFaults(comparison.figure, "final_comparison")
    #expect(comparison.title == "Final performance on validation")
    #expect(
      comparison.figure.panels[0].y.kind
        == .category(
          ["training (running)", "English", "German", "French", "", "Spanish (test)"]))
    #expect(
      comparison.caption.contains("Set apart for lack of validation results: Spanish (test)."))
    #expect(!comparison.caption.contains("Spanish has"))
    let gaps = try draw(.finalGaps, of: results)
    expectNoFaults(gaps.figure, "final_gaps")
    #expect(gaps.title == "Transfer gap on validation")
  }

  @Test func finalNumbersAreOfOnePart() throws {
    let folder = try TemporaryFolder()
    let results = try MadeUpRun(epochs: 2, examples: 60).results(in: folder.path)
    #expect(results.finalSplit.part == .test)
    let comparison = try draw(.finalComparison, of: results)
    #expect(comparison.title == "Final performance on test")
    let share = try #require(results.selected[Split("de", .test)]).accuracy
    let bars = try #require(comparison.figure.panels[0].marks[0] as? Bars).bars
    #expect(bars.map(\.value).last == 100 * share)
    let facts = try draw(.dashboard, of: results).figure.headline
    #expect(facts.contains(Fact(Numeral.percent(share), "German test accuracy")))
    #expect(facts.contains { $0.label == "transfer gap on test" })
  }

  /// A linear decay ends at zero: so do its curve, label and caption.
  @Test func aRateThatEndsAtZeroIsDrawn() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 3, learningRates: [2e-5, 1e-5, 0])
    history[.source, .loss] = [1.0, 0.8, 0.6]
    try history.write(to: "\(folder.path)/training_history.json")
    let documented = try draw(.learningRate, of: RunResults(Run(folder.path)))
    #expect(
      documented.caption == "The rate goes from 2×10⁻⁵ in the first epoch to 0 in the last.")
    #expect(documented.figure.panels[0].y.kind == .linear)
    let line = try #require(documented.figure.panels[0].marks.lazy.compactMap { $0 as? Line }.first)
    #expect(line.points.last?.y == 0 && line.endLabel == .init("last", "0"))
    expectNoFaults(documented.figure, "a rate that ends at zero")
  }

  @Test func sameRunSameBytes() throws {
    let folder = try TemporaryFolder()
    let results = try MadeUpRun().results(in: folder.path)
    for name in FigureName.ofEveryRun where name != .finalGaps {
      let one = try draw(name, of: results).figure.bytes(.png, dotsPerInch: 50)
      let two = try draw(name, of: results).figure.bytes(.png, dotsPerInch: 50)
      #expect(one == two)
    }
  }
}
