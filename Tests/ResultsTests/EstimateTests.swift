import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Metrics with their intervals, and what a gap is made of.
@Suite struct EstimateTests {
  private let english = Split("en", .validation)
  private let german = Split("de", .validation)

  @Test func everyMetricHasItsInterval() throws {
    let results = try tinyResults().results
    let found = try #require(results.estimates(english))
    let result = try #require(results.selected[english])
    #expect(found.examples == 200 && found.classCounts == [67, 67, 66])
    #expect(found[.loss].value == result.loss && found[.loss].interval == result.interval(.loss))
    #expect(found[.accuracy].value == result.accuracy)
    #expect(found[.accuracy].interval == result.interval(.accuracy))
    #expect(found[.macroF1].value == result[.macroF1])
    #expect(found[.macroF1].interval == result.interval(.macroF1))
    let area = try #require(found.macroAUC)
    #expect(area.value == results.macroAreas[english])
    let brier = try #require(found.brier)
    #expect(brier.value == results.brierScores[english])
    for estimate in Metric.all.map({ found[$0] }) + [area, brier] {
      let interval = try #require(estimate.interval)
      #expect(interval.contains(estimate.value) && interval.lower < interval.upper)
    }
    let calibration = try #require(found.calibration)
    #expect(calibration.plugIn == results.calibration[english]?.expectedError)
    #expect(calibration.debiased <= calibration.plugIn && (calibration.spread ?? 0) > 0)
    #expect(results.estimates(Split("fr", .test)) == nil)
  }

  @Test func baselinesNeverLookAtTheText() throws {
    let found = try #require(try tinyResults().results.estimates(english)?.baselines)
    // By hand, from 67, 67 and 66 of 200 examples.
    expectClose(
      [found.majorityAccuracy, found.majorityMacroF1, found.chanceAccuracy],
      [0.335, 0.67 / 1.335 / 3, 1 / 3.0], "baselines", absolute: 1e-15)
    expectClose(
      [found.chanceMacroF1], [(2 * 0.67 / 2.005 + 0.66 / 1.99) / 3], "chance", absolute: 1e-15)
    expectClose([found.chanceLoss], [1.0986122886681098], "ln 3", absolute: 1e-15)
    #expect(found.shareLoss < found.chanceLoss && found.shareLoss > 1.0985)
  }

  @Test func divergedPredictionsHaveNoCalibration() throws {
    var tiny = TinyRun()
    tiny.divergedEpoch = 3
    let found = try #require(try tinyResults(tiny).results.estimates(Split("en", .train)))
    #expect(found.calibration == nil && found.brier == nil && found.macroAUC == nil)
    #expect(found[.loss].value.isNaN && found[.loss].interval == nil)
  }

  // MARK: Parallel splits

  @Test func parallelSplitsArePairedByRow() throws {
    let count = TinyRun.splits[1].examples
    var tiny = TinyRun()
    tiny.settings = ["data.parallel=true"]
    // German gets the English labels and rows, in reverse order.
    let results = try tinyResults(tiny) { directory in
      let source = try Predictions.read(directory.predictions(epoch: 3, english), classes: 3)
      let order = Array((0..<count).reversed())
      try Predictions(
        classes: 3, logits: order.flatMap { Array(source.row($0)) },
        labels: order.map { source.labels[$0] }, ids: order.map { source.ids[$0] },
        mode: .evaluation
      ).write(to: directory.predictions(epoch: 3, german))
    }.results
    let gap = try #require(results.selectedGap(to: results.targets[0], .validation))
    #expect(gap.isPaired && gap.gap == 0 && gap.difference?.absolute.method == .pairedBootstrap)
    #expect(gap.interval == nil, "the same answers leave nothing to vary")
    // Other epochs hold other rows.
    #expect(results.gaps(to: results.targets[0])?[0].isPaired == false)
    #expect(results.warnings.contains { $0.contains("data.parallel") }, "\(results.warnings)")
  }

  // MARK: What a gap is made of

  /// Facts by row: German texts are longer, and every tenth is cut.
  private func facts(_ split: Split, _ count: Int) -> [ExampleFacts] {
    (0..<count).map { row in
      let words = 3 + row % 7
      return ExampleFacts(
        id: row, tokens: 2 + words * (split.language == "de" ? 2 : 1) + row % 2, words: words,
        unknown: row % 20 == 0 ? 1 : 0, isTruncated: split.language == "de" && row % 10 == 0,
        text: nil)
    }
  }

  private func writeFacts(_ directory: RunDirectory) throws {
    for (split, count, _) in TinyRun.splits where split.part == .validation {
      try ExampleFacts.write(facts(split, count), to: directory.examples(split))
    }
  }

  @Test func theGapIsTakenApart() throws {
    let (results, folder) = try tinyResults(change: writeFacts)
    let target = results.targets[0]
    let found = try #require(try results.gapAnalysis(to: target, .validation))
    let gap = try #require(results.selectedGap(to: target, .validation)).gap
    let lengths = try #require(found.lengths)
    let fertilities = try #require(found.fertilities)
    for breakdown in [found.classes, lengths] {
      let parts = try #require(breakdown.decomposition)
      expectClose([parts.composition.value + parts.within.value], [gap], "gap", absolute: 1e-14)
      #expect(breakdown.sourceLeftOut == 0 && breakdown.targetLeftOut == 0)
      #expect(breakdown.groups.reduce(0) { $0 + $1.source.total } == 200)
      #expect(breakdown.groups.reduce(0) { $0 + $1.target.total } == 180)
    }
    let confusion = try #require(results.selected[german]?.confusion)
    #expect(found.classes.groups.map(\.label) == [0, 1, 2])
    #expect(found.classes.groups.map(\.target.share) == (0..<3).map { confusion.recall($0) })
    // Quartiles of both languages together, in order and apart.
    let ranges = lengths.groups.compactMap(\.range)
    // The quartiles with too few examples of a language have joined their neighbours.
    #expect(ranges.count == 2 && lengths.groups.allSatisfy { !$0.isTooSmall })
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    #expect(fertilities.sourceLeftOut == 0 && fertilities.targetLeftOut == 18, "cut texts")
    withExtendedLifetime(folder) {}
  }

  /// A class of 19 examples says nothing, and so no decomposition by classes that counts it; a quarter of the
  /// lengths with as many joins its neighbour.
  @Test(arguments: [19, 20]) func smallGroupsSayNothing(_ rare: Int) throws {
    let (results, folder) = try tinyResults { directory in
      for (split, skill) in [(english, 90), (german, 70)] {
        // Of the target a few examples of the third class, which are its only long texts.
        let few = split == german ? rare : 60
        let labels = (0..<180).map { $0 < 180 - few ? $0 % 2 : 2 }
        try Predictions(
          classes: 3,
          logits: labels.enumerated().flatMap { row, label in
            (0..<3).map { ($0 == label) == (row * 37 % 100 < skill) ? Float(1) : 0 }
          }, labels: labels, ids: Array(labels.indices), mode: .evaluation
        ).write(to: directory.predictions(epoch: 3, split))
        try ExampleFacts.write(
          labels.enumerated().map { row, label in
            ExampleFacts(
              id: row, tokens: label == 2 ? 40 : 5 + row % 3, words: 3, unknown: 0,
              isTruncated: false, text: nil)
          }, to: directory.examples(split))
      }
    }
    let found = try #require(try results.gapAnalysis(to: results.targets[0], .validation))
    let isEnough = rare >= Breakdown.leastExamples
    #expect(found.classes.groups.map(\.isTooSmall) == [false, false, !isEnough])
    #expect((found.classes.groups[2].difference != nil) == isEnough)
    #expect((found.classes.decomposition != nil) == isEnough)
    let lengths = try #require(found.lengths)
    #expect(lengths.groups.allSatisfy { !$0.isTooSmall })
    #expect(lengths.groups.last?.range == (isEnough ? 40...40 : 7...40), "\(lengths.groups)")
    #expect(lengths.decomposition != nil)
    withExtendedLifetime(folder) {}
  }

  @Test func textFactsAreSharesAndRatios() throws {
    let (results, folder) = try tinyResults(change: writeFacts)
    let found = try #require(try results.gapAnalysis(to: results.targets[0], .validation))
    let (source, target) = (try #require(found.source), try #require(found.target))
    let expected = facts(german, 180)
    #expect(source.truncated.value == 0 && target.truncated.value == 0.1)
    #expect(target.truncated.interval == wilsonInterval(successes: 18, total: 180))
    #expect(target.withUnknown.value == 0.05)
    let whole = expected.filter { !$0.isTruncated }
    expectClose(
      [target.fertility.value, target.unknown.value, target.tokens.value],
      [
        Double(whole.reduce(0) { $0 + $1.tokens - 2 }) / Double(whole.reduce(0) { $0 + $1.words }),
        9 / Double(expected.reduce(0) { $0 + $1.tokens - 2 }),
        Double(expected.reduce(0) { $0 + $1.tokens }) / 180,
      ], "ratios", absolute: 1e-14)
    #expect(source.fertility.value < target.fertility.value)
    withExtendedLifetime(folder) {}
  }

  @Test func withoutFactsOnlyTheClassesAreKnown() throws {
    let (results, folder) = try tinyResults()
    let found = try #require(try results.gapAnalysis(to: results.targets[0], .validation))
    #expect(found.lengths == nil && found.fertilities == nil && found.source == nil)
    #expect(try results.gapAnalysis(to: results.targets[1], .test) == nil)
    withExtendedLifetime(folder) {}
  }
}
