import Metrics
import Storage
import TestSupport
import Testing

/// Gaps of several languages; Tests/Fixtures/make_metric_fixtures.py wrote what is expected.
@Suite struct LanguageTests {
  private func rows(_ key: String) throws -> [JSON] {
    try #require(try Fixture.json("metrics/languages.json")[key]?.array)
  }

  private func numbers(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).compactMap(\.double)
  }

  private func answers(_ row: JSON) throws -> (LanguageAnswers, [[(label: Int, answer: Int)]]) {
    let classes = try #require(row["classes"]?.integer)
    let examples = try #require(row["counts"]?.array).map { counts in
      try numbers(counts).enumerated().flatMap { cell, count in
        [(label: Int, answer: Int)](
          repeating: (cell / classes, cell % classes), count: Int(count))
      }
    }
    let matrices = examples.map { examples in
      ConfusionMatrix(
        labels: examples.map(\.label), predictions: examples.map(\.answer), classes: classes)
    }
    return (LanguageAnswers(matrices), examples)
  }

  /// The value is exact; the ends of 10,000 draws stray by some 2 % of the width, three times that at most.
  private func expectClose(
    _ found: Estimate, _ expected: JSON?, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try numbers(expected)
    let interval = try #require(found.interval, sourceLocation: sourceLocation)
    TestSupport.expectClose(
      [found.value], [expected[0]], what, absolute: 1e-12, sourceLocation: sourceLocation)
    TestSupport.expectClose(
      [interval.lower, interval.upper], Array(expected[1...]), what,
      absolute: 0.05 * (expected[2] - expected[1]), sourceLocation: sourceLocation)
  }

  @Test func theGapInMacroF1AgreesWithSciPys() throws {
    for row in try rows("gaps") {
      let found = try answers(row).0.differences(in: [.macroF1])[0]
      #expect(found.method == .acceleratedBootstrap)
      try expectClose(found, row["gap"], "gap")
    }
  }

  @Test func meansOverTargetsAgreeWithNumPysAndSciPys() throws {
    for row in try rows("means") {
      let languages = try answers(row).0
      let (accuracy, macroF1) = try (
        #require(languages.meanAccuracy()), #require(languages.means(of: [.macroF1]).first)
      )
      try expectClose(accuracy.mean, row["accuracy"], "accuracy")
      try expectClose(accuracy.gap, row["accuracy_gap"], "accuracy gap")
      try expectClose(macroF1.mean, row["macro_f1"], "macro F1")
      try expectClose(macroF1.gap, row["macro_f1_gap"], "macro F1 gap")
    }
  }

  @Test func theTestReachesZeroWhereTheIntervalDoes() throws {
    for row in try rows("tests").map({ try numbers($0) }) {
      let counts = row.prefix(4).map { Int($0) }
      let found = AccuracyDifference(Hits(counts[0], of: counts[1]), Hits(counts[2], of: counts[3]))
      let pValue = try #require(found.pValue)
      let isDrawn = found.absolute.method == .unpairedBootstrap
      // Five standard errors of a share of 10,000 draws; Newcombe's is exact.
      let share = row[4] / 2
      TestSupport.expectClose(
        [pValue], [row[4]], "\(row)",
        absolute: isDrawn ? 10 * (share * (1 - share) / 10_000).squareRoot() + 1e-4 : 1e-9)
      #expect(try #require(found.absolute.interval).contains(0) == (pValue >= 0.05))
    }
    // Draws cannot know how small it is.
    let far = AccuracyDifference(Hits(900, of: 1000), Hits(500, of: 1000))
    #expect(far.pValue == 2 / 10_001.0 && far.pValue == leastBootstrapPValue)
    #expect(AccuracyDifference(Hits(0, of: 0), Hits(0, of: 0)).pValue == nil)
    #expect(AccuracyDifference(PairedHits([true, true], [true, true])).pValue == nil)
  }

  /// Whatever the counts are, with a single test the sentence and the interval say the same.
  @Test func theTestAndTheIntervalAgree() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let totals = (0..<2).map { _ in 20 + Int(random.next() % 400) }
      let hits = totals.map { Hits(Int(random.next() % UInt64($0 / 3)) + $0 / 2, of: $0) }
      let found = AccuracyDifference(hits[0], hits[1], resamples: 400)
      #expect(
        try #require(found.absolute.interval).contains(0) == (try #require(found.pValue) >= 0.05))
      let pairs = PairedHits(
        both: 10, onlyA: Int(random.next() % 12), onlyB: 1 + Int(random.next() % 12), neither: 9)
      let paired = AccuracyDifference(pairs, resamples: 400)
      #expect(
        try #require(paired.absolute.interval).contains(0)
          == (try #require(paired.pValue) >= 0.05))
    }
  }

  @Test func anotherLevelIsAnotherTail() throws {
    let (a, b) = (Hits(260, of: 324), Hits(236, of: 324))
    let (usual, wide) = (AccuracyDifference(a, b), AccuracyDifference(a, b, tail: 0.025 / 8))
    let (inner, outer) = try (
      #require(usual.absolute.interval), #require(wide.absolute.interval)
    )
    #expect(outer.lower < inner.lower && inner.upper < outer.upper)
    #expect(usual.absolute.value == wide.absolute.value && usual.pValue == wide.pValue)
    // 2.73 instead of 1.96 standard errors.
    TestSupport.expectClose(
      [(outer.upper - outer.lower) / (inner.upper - inner.lower)], [2.734 / 1.96], "width",
      absolute: 0.06)
    let few = AccuracyDifference(Hits(60, of: 60), Hits(55, of: 60), tail: 0.025 / 8)
    let usualFew = AccuracyDifference(Hits(60, of: 60), Hits(55, of: 60))
    #expect(
      try #require(few.absolute.interval).lower < #require(usualFew.absolute.interval).lower)
  }

  // MARK: Parallel texts

  @Test func parallelTextsAreDrawnByRow() throws {
    // Answers that are the same text by text differ by nothing, however they are drawn.
    let labels = (0..<120).map { $0 % 3 }
    let answers = labels.enumerated().map { $0.offset % 4 == 0 ? ($0.element + 1) % 3 : $0.element }
    let same = LanguageAnswers(
      parallel: [(labels, answers), (labels, answers), (labels, answers)], classes: 3)
    let none = same.differences(in: [.macroF1])[0]
    #expect(none.value == 0 && none.interval == nil)
    let mean = try #require(same.meanAccuracy())
    #expect(mean.gap.value == 0 && mean.gap.interval == nil && mean.mean.interval != nil)
    #expect(mean.mean.method == .pairedBootstrap)
    // One that errs on other rows.
    let other = labels.enumerated().map { $0.offset % 3 == 0 ? ($0.element + 2) % 3 : $0.element }
    let pair = LanguageAnswers(parallel: [(labels, answers), (labels, other)], classes: 3)
    let matrices = [answers, other].map {
      ConfusionMatrix(labels: labels, predictions: $0, classes: 3)
    }
    let difference = pair.differences(in: [.macroF1])[0]
    TestSupport.expectClose(
      [difference.value], [matrices[0].macroF1 - matrices[1].macroF1], "macro F1", absolute: 1e-15)
    #expect(difference.method == .acceleratedBootstrap && difference.interval != nil)
    let single = try #require(pair.meanAccuracy()).gap
    TestSupport.expectClose(
      [single.value], [matrices[0].accuracy - matrices[1].accuracy], "gap", absolute: 1e-15)
  }

  // MARK: Small counts

  @Test func smallCountsTakeTheFormOfZouAndDonner() throws {
    func matrix(_ correct: Int, _ total: Int) -> ConfusionMatrix {
      ConfusionMatrix(
        labels: (0..<total).map { _ in 0 }, predictions: (0..<total).map { $0 < correct ? 0 : 1 },
        classes: 2)
    }
    // With one target it is Newcombe's interval of the gap.
    let single = try #require(LanguageAnswers([matrix(38, 40), matrix(20, 40)]).meanAccuracy())
    #expect(single.gap.method == .newcombe)
    let newcombe = try #require(
      newcombeInterval(successesA: 38, totalA: 40, successesB: 20, totalB: 40))
    let interval = try #require(single.gap.interval)
    TestSupport.expectClose(
      [interval.lower, interval.upper], [newcombe.lower, newcombe.upper], "one", absolute: 1e-15)
    // Of two targets, by hand from Wilson's ends.
    let found = try #require(
      LanguageAnswers([matrix(38, 40), matrix(20, 40), matrix(30, 50)]).meanAccuracy())
    let ends = [(38, 40), (20, 40), (30, 50)].map { wilsonInterval(successes: $0.0, total: $0.1) }
    let (a, b, c) = try (#require(ends[0]), #require(ends[1]), #require(ends[2]))
    let below =
      (0.95 - a.lower) * (0.95 - a.lower) + (b.upper - 0.5) * (b.upper - 0.5) / 4
      + (c.upper - 0.6) * (c.upper - 0.6) / 4
    TestSupport.expectClose([found.gap.value], [0.95 - 0.55], "gap", absolute: 1e-15)
    TestSupport.expectClose(
      [try #require(found.gap.interval).lower], [0.4 - below.squareRoot()], "lower", absolute: 1e-14
    )
    #expect(LanguageAnswers([matrix(38, 40)]).meanAccuracy() == nil)
    #expect(LanguageAnswers([matrix(38, 40)]).means(of: [.macroF1]).isEmpty)
  }

  // MARK: The largest

  @Test func theLargestHasTheLargestEnds() {
    let found = intervalOfLargest(upperEnds: [0.2, 0.35, 0.3], lowerEnds: [0.05, -0.1, 0.1])
    #expect(found == Interval(lower: 0.1, upper: 0.35))
    #expect(intervalOfLargest(upperEnds: [], lowerEnds: []) == nil)
  }
}
