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
    #expect(found.finalGaps.gaps.isEmpty && found.finalGaps.accuracy == nil)
  }
}
