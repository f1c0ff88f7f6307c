import Chart
import Foundation
import Plot
import Results
import RunLog
import TestSupport
import Testing

@testable import Report

/// What a study and a comparison say of runs that gave no answers.
@Suite struct UnansweredComparisonTests {
  private let folder: TemporaryFolder
  private let groups: [RunGroup]

  /// Of the configuration `silent` seed 2 answered nothing on German test, seed 1 left twelve examples of
  /// German validation without an answer.
  init() throws {
    folder = try TemporaryFolder()
    let good = try TinyStudy.write("good", seeds: 2, period: 12, in: folder.path)
    let silent = try TinyStudy.write(
      "silent", ["training.epochs=4"], seeds: 2, period: 12, in: folder.path)
    try Self.silence(Split("de", .test), in: silent[1]) { _ in true }
    try Self.silence(Split("de", .validation), in: silent[0]) { $0 < 12 }
    groups = try [("good", good), ("silent", silent)].map { name, paths in
      RunGroup(name: name, runs: try paths.map { try RunResults(Run($0)) })
    }
  }

  /// Makes the logits of some examples NaN after the last epoch, which counts.
  private static func silence(_ split: Split, in path: String, where isSilent: (Int) -> Bool) throws
  {
    let file = RunDirectory(path).predictions(epoch: 3, split)
    let found = try Predictions.read(file, classes: 3)
    let logits = found.labels.indices.flatMap { row in
      found.row(row).map { isSilent(row) ? Float.nan : $0 }
    }
    try Predictions(
      classes: 3, logits: logits, labels: found.labels, ids: found.ids, mode: .evaluation
    ).write(to: file)
  }

  private func study(_ claims: String...) throws -> (text: String, answers: StudyAnswers) {
    let definition = try StudyDefinition.parse(
      """
      name: s
      base: b.yaml
      seeds: [1, 2]
      configurations: {good: {}, silent: {training.epochs: 4}}
      questions:
      \(claims.map { "  - {goal: g, claim: \($0)}" }.joined(separator: "\n"))
      """, file: "study.yaml", relativeTo: "/")
    let answers = StudyAnswers(definition, groups)
    let files = try StudyFiles(
      answers, comparison: RunComparison(groups), missing: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false)
    return (files.markdown, answers)
  }

  private func comparison() throws -> String {
    try ComparisonFiles(
      RunComparison(groups), runs: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false
    ).markdown
  }

  /// "good is better" and "its gap is smaller" would both be supported by wrong answers that nobody gave.
  @Test func aClaimAboutARunWithoutAnswersIsUndecided() throws {
    let (text, answers) = try study(
      "{greater: [good, silent], metric: accuracy, split: de.test}",
      "{less: [good, silent], metric: transfer_gap, split: de.test}",
      "{greater: [good, silent], metric: macro_f1, split: de.test}",
      "{less: [good, silent], metric: loss, split: de.test}")
    #expect(answers.answers.allSatisfy { $0.judgement == nil })
    #expect(text.contains("0 supported, 0 not supported, 4 undecided."))
    let reason =
      "There is no answer, since silent-seed-2 answered none of the 160 examples of German test."
    #expect(text.components(separatedBy: reason).count == 5, "\(text)")
    #expect(!text.contains("**supported**"))
  }

  /// On other splits the same runs are judged; the loss is not known where an answer is missing.
  @Test func elsewhereClaimsAreJudged() throws {
    let (text, answers) = try study(
      "{not_less: [good, silent], metric: accuracy, split: en.test, margin: 0.2}",
      "{not_less: [good, silent], metric: accuracy, split: de.validation, margin: 0.2}",
      "{less: [good, silent], metric: loss, split: de.validation}")
    #expect(answers.answers[0].judgement != nil && answers.answers[1].judgement != nil)
    #expect(answers.answers[2].judgement == nil)
    #expect(
      text.contains(
        "There is no answer, since the loss of silent-seed-1 on German validation is not a finite number."
      ), "\(text)")
  }

  @Test func unansweredExamplesAreNamedInBothTexts() throws {
    let study = try study("{greater: [good, silent], metric: accuracy, split: de.test}").text
    for text in [study, try comparison()] {
      #expect(text.contains("**Without an answer**"))
      #expect(
        text.contains(
          "- German test, silent-seed-2: 160 of 160 examples, so this run has no result there\n"))
      #expect(text.contains("- German validation, silent-seed-1: 12 of 180 examples\n"))
      #expect(
        text.contains(
          "**Warning**: silent-seed-2 answered none of the 160 examples of German test, so silent has "
            + "neither a result nor a transfer gap there and is not compared."))
    }
  }

  /// No accuracy of 0, no p-value, no gap of a network that answered nothing, in words or figures.
  @Test func nothingIsComparedWhereARunHasNoAnswer() throws {
    let comparison = RunComparison(groups)
    let test = try #require(comparison.splits.first { $0.split == Split("de", .test) })
    #expect(test.pairs.isEmpty)
    #expect(test.rows.map(\.group) == [0, 1])
    #expect(test.rows[1].metrics.isEmpty && test.rows[1].estimates.isEmpty)
    #expect(!comparison.gaps.contains { $0.target == "de" && $0.part == .test })
    #expect(comparison.gaps.contains { $0.target == "de" && $0.part == .validation })
    let figures = ComparisonFigures(comparison, of: "", claimed: [Split("de", .test)])
      .entries.compactMap(\.figure)
    let metrics = try #require(figures.first { $0.name == "final_metrics" })
    #expect(metrics.figure.note.contains("Not known everywhere: silent."), "\(metrics.figure.note)")
    let sentences = metrics.caption.components(separatedBy: ". ")
    let german = sentences.filter { $0.contains("on German test") }
    #expect(german.count == 2 && german.allSatisfy { !$0.contains("silent") }, "\(german)")
    let gaps = try #require(figures.first { $0.name == "gaps" })
    let gap = try #require(gaps.caption.components(separatedBy: ". ").first)
    #expect(gap.hasPrefix("On test the gap to German: good ") && !gap.contains("silent"), "\(gap)")
    #expect(gaps.figure.note.contains("Not known everywhere: silent."), "\(gaps.figure.note)")
  }

  @Test func answersThatAreAllThereAreNotMentioned() throws {
    let good = [RunGroup(name: "good", runs: groups[0].runs)]
    #expect(RunComparison(good).unanswered.isEmpty)
    let text = try ComparisonFiles(
      RunComparison(good), runs: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false
    ).markdown
    #expect(!text.contains("Without an answer") && !text.contains("answered none"))
  }
}
