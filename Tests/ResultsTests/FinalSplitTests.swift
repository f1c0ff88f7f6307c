import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Which part of the data the final numbers are of, and what they say of all targets together.
@Suite struct FinalSplitTests {
  /// Files to remove and to write after the last epoch: an accuracy a language's part.
  private func results(
    without removed: [Split] = [], with added: [Split: Int] = [:], parallel: Bool = false
  ) throws -> RunResults {
    var tiny = TinyRun()
    if parallel { tiny.settings = ["data.parallel=true"] }
    // Splits that are never scored, neither by epoch nor in the end.
    tiny.leftOut = removed
    return try tinyResults(tiny) { directory in
      for (split, correct) in added {
        try Self.answers(correct, of: 100).write(to: directory.predictions(epoch: 3, split))
      }
    }.results
  }

  /// The first rows right, the others wrong, of two classes in equal shares.
  static func answers(_ correct: Int, of count: Int) -> Predictions {
    Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row -> [Float] in
        let answer = row < correct ? row % 2 : 1 - row % 2
        return (0..<3).map { $0 == answer ? 2 : 0 }
      },
      labels: (0..<count).map { $0 % 2 }, ids: Array(0..<count), mode: .evaluation)
  }

  // MARK: Which part

  @Test func testSpeaksIfAllLanguagesHaveIt() throws {
    let found = try results(with: [Split("es", .test): 60])
    #expect(found.finalSplit.part == .test && found.finalSplit.otherPart == .validation)
    #expect(found.finalSplit.targets.map(\.code) == ["de", "es"])
    #expect(found.finalSplit.setApart.isEmpty)
    // Spanish was evaluated later on test alone: no validation of it is needed.
    let later = try results(
      without: [Split("es", .validation)], with: [Split("es", .test): 60])
    #expect(later.finalSplit.part == .test && later.finalSplit.setApart.isEmpty)
    let gaps = later.finalGaps
    #expect(gaps.gaps.map { $0.otherGap?.part } == [.validation, nil])
  }

  @Test func validationSpeaksIfALanguageLacksTest() throws {
    let found = try results()
    #expect(found.finalSplit.part == .validation && found.finalSplit.otherPart == .test)
    #expect(found.finalSplit.targets.map(\.code) == ["de", "es"])
    #expect(found.finalSplit.setApart.isEmpty)
    #expect(found.finalGaps.gaps.map { $0.otherGap?.part } == [.test, nil])
  }

  @Test func aLanguageThatLacksThePartIsSetApart() throws {
    // The source has no test split, French has nothing else.
    let french = Split("fr", .test)
    let found = try results(without: [Split("en", .test)], with: [french: 60])
    #expect(found.finalSplit.part == .validation && found.finalSplit.otherPart == nil)
    #expect(found.finalSplit.targets.map(\.code) == ["de", "es"])
    let apart = try #require(found.finalSplit.setApart.first)
    #expect(apart.language.code == "fr" && apart.part == .test)
    // It can be compared with nothing, and is in no mean and no test.
    #expect(found.finalGaps.setApart.isEmpty && found.finalGaps.tests == 2)
    #expect(found.finalGaps.gap(to: apart.language) == nil)
    // Where the source has test, too, French can be compared there.
    let both = try results(with: [french: 60]).finalGaps
    #expect(both.split.part == .validation && both.split.setApart.map(\.language.code) == ["fr"])
    #expect(both.setApart.map(\.gap.part) == [.test] && both.tests == 3)
    #expect(both.gaps.map(\.target.code) == ["de", "es"])
  }

  @Test func aSourceWithTestAloneIsComparedThere() throws {
    let found = try results(without: [Split("en", .validation)]).finalSplit
    #expect(found.part == .test && found.otherPart == nil && found.targets.map(\.code) == ["de"])
    #expect(found.setApart.map(\.language.code) == ["es"] && found.setApart[0].part == .validation)
  }

  @Test func withoutResultsOfTheSourceNothingIsFinal() throws {
    let found = try results(without: [Split("en", .validation), Split("en", .test)])
    #expect(found.finalSplit.part == .validation && found.finalSplit.targets.isEmpty)
    #expect(found.finalSplit.setApart.map(\.part) == [.validation, .validation])
    #expect(found.finalGaps.gaps.isEmpty && found.finalGaps.summaries.isEmpty)
  }

  /// A configured language that was never scored does not keep the others from being told on test.
  @Test func aTargetWithoutResultsHasNoSay() throws {
    let found = try results(without: [Split("es", .validation)]).finalSplit
    #expect(found.part == .test && found.targets.map(\.code) == ["de"])
    #expect(found.setApart.map(\.language.code) == ["es"] && found.setApart[0].part == nil)
  }

  // MARK: All targets together

  private static let tests = [
    Split("en", .test): 80, Split("de", .test): 60, Split("es", .test): 72,
  ]

  @Test func severalTargetsAreOneFamily() throws {
    let results = try results(with: Self.tests)
    let found = results.finalGaps
    let pValues = try found.gaps.map { try #require($0.gap.accuracy.difference?.pValue) }
    #expect(found.tests == 2 && found.gaps.map(\.adjustedPValue) == holmAdjusted(pValues))
    #expect(found.gaps.map(\.finding) == [.sourceAhead, .indistinct])
    let (accuracy, macroF1) = try (
      #require(found.summaries[.accuracy]), #require(found.summaries[.macroF1])
    )
    expectClose(
      [accuracy.mean.value, accuracy.meanGap.value, accuracy.worstGap.value], [0.66, 0.14, 0.2],
      "accuracy", absolute: 1e-14)
    #expect(accuracy.worst.code == "de" && macroF1.worst.code == "de")
    expectClose(
      [macroF1.meanGap.value],
      [found.gaps.reduce(0) { $0 + ($1.gap.ofCounts[.macroF1]?.value ?? .nan) } / 2], "macro F1",
      absolute: 1e-14)
    // The upper end is that of the widest reaching gap, the lower end that of a stricter level.
    let own = try #require(found.gaps[0].gap.accuracy.interval)
    let worst = try #require(accuracy.worstGap.interval)
    #expect(worst.upper == own.upper && worst.lower < own.lower)
    #expect(accuracy.worstGap.method == .largestOfSeveral)
    #expect(accuracy.mean.method == .unpairedBootstrap && accuracy.meanGap.interval != nil)
    // One target is no several.
    let single = try self.results(without: [Split("es", .validation)]).finalGaps
    #expect(single.summaries.isEmpty && single.tests == 1)
    #expect(single.gaps[0].adjustedPValue == single.gaps[0].gap.accuracy.difference?.pValue)
  }

  @Test func parallelTargetsAreDrawnByRow() throws {
    let found = try results(with: Self.tests, parallel: true).finalGaps
    #expect(found.gaps.allSatisfy { $0.gap.accuracy.isPaired })
    let (accuracy, macroF1) = try (
      #require(found.summaries[.accuracy]), #require(found.summaries[.macroF1])
    )
    #expect(accuracy.meanGap.method == .pairedBootstrap)
    expectClose([accuracy.meanGap.value], [0.14], "gap", absolute: 1e-14)
    // The languages err on the same rows, so the mean gap is known better than of different texts.
    let apart = try #require(
      try results(with: Self.tests).finalGaps.summaries[.accuracy]?.meanGap.interval)
    let paired = try #require(accuracy.meanGap.interval)
    #expect(paired.upper - paired.lower < 0.8 * (apart.upper - apart.lower))
    #expect(try #require(macroF1.meanGap.interval).lower > 0)
  }

  /// An interval that leaves out zero is not enough where several were tested.
  @Test func aGapMayBeOneBeforeTheCorrectionOnly() throws {
    let found = try results(with: [
      Split("en", .test): 80, Split("de", .test): 67, Split("es", .test): 80,
    ]).finalGaps
    #expect(found.gaps[0].isOnlyBeforeCorrection && found.gaps[0].finding == .indistinct)
    #expect(!found.gaps[1].isOnlyBeforeCorrection)
  }
}
