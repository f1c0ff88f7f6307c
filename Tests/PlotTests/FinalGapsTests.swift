import Chart
import Foundation
import Plot
import Results
import RunLog
import TestSupport
import Testing

/// The forest plot of the final gaps where some of them, or their intervals, are missing.
@Suite struct FinalGapsTests {
  /// A history's targets after its last epoch; `nil` for a value that nobody logged.
  private func history(_ targets: [(code: String, accuracy: Double?)]) throws -> RunResults {
    let folder = try TemporaryFolder()
    let arrays = ([(code: "english", accuracy: 0.8)] + targets).map { code, accuracy in
      let last = accuracy.map { $0.isNaN ? "NaN" : $0.isInfinite ? "Infinity" : "\($0)" } ?? "null"
      return "\"\(code)_val_accuracies\": [0.5, \(last)]"
    }
    try "{\(arrays.joined(separator: ", "))}".write(
      toFile: "\(folder.path)/training_history.json", atomically: true, encoding: .utf8)
    return try RunResults(Run(folder.path))
  }

  /// What stands in the column at the right.
  private func column(_ figure: Figure) -> [String] {
    figure.panels[0].marks.flatMap(\.endLabels).map(\.words.name)
  }

  private func names(_ figure: Figure) -> [String] {
    guard case .category(let names) = figure.panels[0].y.kind else { return [] }
    return names
  }

  /// A log without predictions has gaps without intervals: numbers alone, and nothing is said to differ from zero.
  @Test func gapsWithoutIntervalsAreNumbersAlone() throws {
    let results = try history([("target", 0.7), ("fr", 0.75), ("es", 0.8)])
    let documented = try draw(.finalGaps, of: results)
    expectNoFaults(documented.figure, "no intervals")
    #expect(names(documented.figure).prefix(3) == ["Target", "French", "Spanish"])
    #expect(column(documented.figure) == ["+10.0", "+5.0", "0.0", "+5.0"])
    #expect(!documented.figure.panels[0].marks.contains { $0 is Whiskers })
    #expect(documented.caption.hasSuffix("Whether they differ from zero was not tested."))
    #expect(documented.caption.contains("+5.0 on average."))
    for words in [documented.caption, documented.figure.subtitle, documented.figure.note] {
      #expect(!words.contains("interval") && !words.contains("whisker") && !words.contains("n:"))
    }
  }

  /// An accuracy that is not finite gives no gap, one that nobody logged none either; each is said, and neither
  /// is a gap of zero.
  @Test(arguments: [Double.nan, .infinity])
  func targetsWithoutAGapAreNamed(_ broken: Double) throws {
    let results = try history([
      ("target", 0.7), ("fr", 0.8), ("es", broken), ("it", nil),
    ])
    let documented = try draw(.finalGaps, of: results)
    expectNoFaults(documented.figure, "\(broken)")
    #expect(column(documented.figure).prefix(2) == ["+10.0", "0.0"])
    #expect(
      !names(documented.figure).contains { $0.hasPrefix("Spanish") || $0.hasPrefix("Italian") })
    for words in [documented.caption, documented.figure.note] {
      #expect(words.contains("No finite accuracy, hence no row: Spanish."), "\(words)")
      #expect(words.contains("Gap not known, hence no row: Italian."), "\(words)")
    }
  }

  /// Of one known gap there is no forest.
  @Test func oneGapIsNoForest() throws {
    let results = try history([("target", 0.7), ("fr", .nan)])
    let absence = try #require(throws: FigureAbsence.self) { try draw(.finalGaps, of: results) }
    #expect("\(absence)".contains("the logs hold the final gap of fewer than two targets"))
  }

  /// A run with validation and test results of three targets.
  private func writeThreeTargets(to folder: TemporaryFolder) throws {
    var run = MadeUpRun(epochs: 2, examples: 60)
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish")]
    _ = try run.results(in: folder.path)
  }

  /// Where only some targets have test results, validation is final for all; the test results there are stand
  /// beside, and are in no order and no mean.
  @Test func testOfSomeTargetsStandsBeside() throws {
    let folder = try TemporaryFolder()
    try writeThreeTargets(to: folder)
    for epoch in 1...2 {
      try FileManager.default.removeItem(
        atPath: RunDirectory(folder.path).predictions(epoch: epoch, Split("fr", .test)))
    }
    let results = try RunResults(Run(folder.path))
    let documented = try draw(.finalGaps, of: results)
    expectNoFaults(documented.figure, "test of some")
    #expect(documented.title == "Transfer gap on validation")
    #expect(documented.figure.panels[0].key.map(\.text) == ["validation", "test"])
    let dots = documented.figure.panels[0].marks.compactMap { $0 as? Dots }
    #expect(dots.count { $0.ink == .series(1) } == 3 && dots.count { $0.ink == .series(0) } == 2)
    let validation = try results.targets.map {
      100 * (try #require(results.selectedGap(to: $0, .validation)).gap)
    }
    let drawn = dots.filter { $0.ink == .series(1) }.map(\.points[0]).sorted { $0.y < $1.y }
    #expect(drawn.map(\.x) == validation.sorted(by: >))
    let mean = try #require(dots.first { $0.ink == .strong }).points[0].x
    expectClose([mean], [validation.reduce(0, +) / 3], "mean", absolute: 1e-9)
    #expect(documented.figure.note.contains("n: validation examples"))
  }

  /// A target that lacks the final part is below the others, and its name says what it has.
  @Test func aTargetWithoutTheFinalPartIsNamedWithItsOwn() throws {
    let folder = try TemporaryFolder()
    try writeThreeTargets(to: folder)
    for epoch in 1...2 {
      try FileManager.default.removeItem(
        atPath: RunDirectory(folder.path).predictions(epoch: epoch, Split("es", .validation)))
      try FileManager.default.removeItem(
        atPath: RunDirectory(folder.path).predictions(epoch: epoch, Split("fr", .test)))
    }
    let documented = try draw(.finalGaps, of: RunResults(Run(folder.path)))
    expectNoFaults(documented.figure, "set apart")
    #expect(
      names(documented.figure).suffix(3) == ["mean of 2 targets", "", "Spanish (test, n = 60)"])
    #expect(documented.caption.contains("Set apart for lack of validation results: Spanish."))
    #expect(!documented.caption.contains("(Spanish)"))
  }

  // MARK: The figures of predictions

  /// What is drawn of predictions is on one part, too: a language without it is a panel of its own at the end,
  /// in no range and no sentence about the others; where panels are shared it is left out.
  @Test func figuresOfPredictionsAreOfOnePart() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun(epochs: 1, examples: 60)
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish"), ("it", "Italian")]
    _ = try run.results(in: folder.path)
    try FileManager.default.removeItem(
      atPath: RunDirectory(folder.path).predictions(epoch: 1, Split("de", .validation)))
    try FileManager.default.removeItem(
      atPath: RunDirectory(folder.path).predictions(epoch: 1, Split("it", .test)))
    let results = try RunResults(Run(folder.path))
    #expect(results.finalSplit.part == .validation)
    for name in [FigureName.roc, .calibration] {
      let documented = try draw(name, of: results)
      expectNoFaults(documented.figure, name.rawValue)
      let titles = documented.figure.panels.map(\.title)
      let starts = [
        "English validation", "French validation", "Spanish validation", "Italian validation",
        "German test",
      ]
      #expect(
        titles.count == 5 && zip(titles, starts).allSatisfy { $0.hasPrefix($1) }, "\(titles)")
      for words in [documented.caption, documented.figure.note] {
        #expect(
          words.contains("Set apart for lack of validation predictions: German (test)."), "\(words)"
        )
      }
      #expect(!documented.caption.contains("German test"))
      #expect(!documented.alternativeText.contains("German"))
    }
    let classes = try draw(.perClass, of: results)
    #expect(classes.figure.panels.flatMap(\.key).allSatisfy { $0.text.hasSuffix(" validation") })
    #expect(
      classes.figure.note.contains("Not shown for lack of validation predictions: German (test)."))
    let confusion = try draw(.confusion, of: results)
    #expect(!confusion.caption.contains("between") || !confusion.caption.contains("German test"))
  }
}
