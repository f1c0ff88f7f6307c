import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Sentences that once claimed more than the numbers, or something else: labels that are swapped, a loss that
/// one program could not compute, classes and examples that are not there.
@Suite struct ClaimTests {
  // MARK: Runs that end in a certain way

  /// The report of a run that ends with these answers and no others.
  private func report(
    _ answers: [(split: String, predictions: Predictions)], settings: [String] = [],
    earlier: [(epoch: Int, split: String, predictions: Predictions)] = []
  ) throws -> String {
    var tiny = TinyRun()
    tiny.settings = settings
    let scored = earlier.map(\.split)
    tiny.leftOut = TinyRun.splits.map(\.split).filter {
      $0.part != .train && !scored.contains($0.description)
    }
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    let directory = RunDirectory(folder.path)
    for entry in answers {
      try entry.predictions.write(
        to: directory.predictions(epoch: 3, #require(Split(entry.split))))
    }
    for entry in earlier {
      try entry.predictions.write(
        to: directory.predictions(epoch: entry.epoch, #require(Split(entry.split))))
    }
    return try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
  }

  /// The first rows right, of three classes in equal shares, the last without an answer.
  private func answers(
    _ correct: Int, of count: Int, unanswered: Int = 0, classes: Int = 3
  ) -> Predictions {
    let labels = (0..<count).map { $0 % classes }
    return Predictions(
      classes: 3,
      logits: labels.enumerated().flatMap { row, label -> [Float] in
        if row >= count - unanswered { return [.nan, .nan, .nan] }
        return (0..<3).map { $0 == (row < correct ? label : (label + 1) % classes) ? 2 : 0 }
      }, labels: labels, ids: Array(0..<count), mode: .evaluation)
  }

  private func summary(_ text: String) -> Substring {
    let start = text.range(of: "## Summary")?.upperBound ?? text.startIndex
    return text[start..<(text.range(of: "## Results")?.lowerBound ?? text.endIndex)]
  }

  // MARK: Labels

  /// Of scores that order the classes the wrong way round something was learned.
  @Test(arguments: [20, 100])
  func anAreaClearlyBelowOneHalfIsNoSignOfLittleLearned(_ right: Int) throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", ForeignCase.counts((300, 270), (300, 270))),
      ("target.validation", ForeignCase.counts((200, right), (200, right))),
    ]
    let text = try example.summary()
    let isReversed = text.contains("is clearly below one half, as when labels are swapped**")
    #expect(isReversed == (right == 20), "\(text)")
    #expect(!isReversed || !text.contains("agree that it has learned little"))
  }

  /// Where classes are equally frequent, none flatters the accuracy.
  @Test func balancedClassesAreNotCalledFrequent() throws {
    var example = ForeignCase()
    example.splits = [("en.validation", ForeignCase.counts((50, 31), (50, 27)))]
    example.margin = 3
    let text = try example.summary()
    #expect(!text.contains("Where one class is this frequent"), "\(text)")
    example.splits = [("en.validation", ForeignCase.counts((380, 359), (20, 13)))]
    #expect(try example.summary().contains("Where one class is this frequent, they say more"))
  }

  @Test func theCorrectionOverLanguagesIsNamed() throws {
    var example = ForeignCase()
    // McNemar's p is 0.026 on each, and twice that is above 0.05.
    example.splits = [
      ("en.validation", ForeignCase.counts((100, 85), (100, 31))),
      ("target.validation", ForeignCase.counts((100, 85), (100, 31))),
    ]
    let text = try example.summary()
    #expect(
      text.contains(
        "; McNemar's test alone tells that from always naming the most frequent class (50.0 %), but the "
          + "[correction](metrics.md#several-targets) for the 2 languages tested leaves it open."),
      "\(text)")
    #expect(
      text.contains(
        "is told from always naming the most frequent class there (50.0 %) by McNemar's test alone")
    )
    #expect(!text.contains("could not be distinguished from always naming"))
  }

  // MARK: A loss that one program could not compute

  private func losses(_ validation: String, _ training: String) throws -> String {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"english_val_losses": \#(validation), "train_losses": \#(training), "english_val_accuracies": [0.55, 0.6, 0.7]}"#,
      to: folder.path + "/training_history.json")
    return String(
      summary(try Report(results: RunResults(Run(folder.path)), figures: []).markdown()))
  }

  /// A Trainer that evaluates in half precision: no loss, and yet training falls and accuracy rises.
  @Test func aFiniteTrainingLossSpeaksAgainstADivergence() throws {
    let folder = try TemporaryFolder()
    let lines = (1...4).map { epoch in
      #"{"epoch": \#(epoch).0, "step": \#(100 * epoch), "loss": \#(1 / Double(epoch + 1)), "learning_rate": 1e-5}, {"epoch": \#(epoch).0, "step": \#(100 * epoch), "eval_loss": NaN, "eval_accuracy": \#(0.5 + 0.05 * Double(epoch))}"#
    }
    try AtomicFile.write(
      #"{"log_history": [\#(lines.joined(separator: ", "))]}"#,
      to: folder.path + "/trainer_state.json")
    let text = summary(try Report(results: RunResults(Run(folder.path)), figures: []).markdown())
    #expect(text.contains("**Logged, but never as a finite number: "), "\(text)")
    #expect(text.contains("Training need not have diverged: the "), "\(text)")
    #expect(text.contains("training loss is finite in the same place"))
    #expect(!text.contains("most likely diverged"))
  }

  @Test func onlyALossOfTheSamePlaceSpeaksAgainstIt() throws {
    let end = try losses("[1, 0.9, NaN]", "[1, 0.9, 0.8]")
    #expect(end.contains("**Not a finite number after epoch 3: English validation loss**"))
    #expect(end.contains("need not have diverged") && !end.contains("most likely"), "\(end)")
    // The training loss of another epoch says nothing.
    let other = try losses("[1, 0.9, NaN]", "[1, 0.9, null]")
    #expect(other.contains("most likely diverged") && !other.contains("need not"), "\(other)")
    let both = try losses("[1, 0.9, NaN]", "[1, 0.9, NaN]")
    #expect(both.contains("most likely diverged") && !both.contains("need not"), "\(both)")
  }

  // MARK: Answers that are not there

  @Test func testWithoutAnswersIsLeftOutByName() throws {
    let text = try report([
      ("en.validation", answers(140, of: 200)), ("en.test", answers(140, of: 200)),
      ("de.validation", answers(120, of: 200)), ("de.test", answers(0, of: 200, unanswered: 200)),
    ])
    #expect(
      summary(text).contains(
        "**Test is left out, and validation is final**: none of 200 examples of German test has an answer."
      ), "\(summary(text))")
    // No accuracy of nothing, nowhere.
    #expect(text.contains("| German test | 200 | not a number | – | – | – | – |"), "\(text)")
    let whole = try report([
      ("en.validation", answers(140, of: 200)), ("en.test", answers(140, of: 200)),
      ("de.validation", answers(120, of: 200)), ("de.test", answers(120, of: 200)),
    ])
    #expect(!whole.contains("Test is left out"))
  }

  @Test func unansweredExamplesOfOtherEpochsAreCounted() throws {
    let text = try report(
      [],
      earlier: [
        (2, "en.validation", answers(120, of: 200, unanswered: 7)),
        (3, "en.validation", answers(120, of: 200)),
      ])
    #expect(
      text.contains(
        "Without an answer in other epochs, and counted as wrong there: 7 of 200 examples of English "
          + "validation in epoch 2."), "\(text)")
  }

  /// All of test with three German examples, though validation has 400.
  @Test func aHandfulOfTestExamplesIsSaid() throws {
    let text = summary(
      try report([
        ("en.validation", answers(280, of: 400)), ("en.test", answers(280, of: 400)),
        ("de.validation", answers(240, of: 400)), ("de.test", answers(2, of: 3)),
      ]))
    #expect(
      text.contains("**Few examples**: German test has only 3 examples (validation has 400)."),
      "\(text)")
    let one = summary(try report([("en.test", answers(1, of: 1)), ("de.test", answers(0, of: 1))]))
    #expect(one.contains("English test has only 1 example; German test has only 1 example."))
    #expect(!one.contains("1 example are"), "\(one)")
  }

  @Test func answersThatAgreeOnEveryTextHaveNoInterval() throws {
    let text = summary(
      try report(
        [("en.test", answers(195, of: 200)), ("de.test", answers(195, of: 200))],
        settings: ["data.parallel=true"]))
    #expect(
      text.contains(
        "of the test examples correctly (94.3–98.9 %; 200 examples): a transfer gap of 0.0 percentage "
          + "points. On each of these texts, the same in both languages, both answers are right or both "
          + "are wrong"), "\(text)")
    #expect(!text.contains("whether it differs from zero is not known"))
  }

  // MARK: Classes

  /// German has no example of the third class, and nobody was taken for it.
  @Test func whatHasNoDenominatorIsADash() throws {
    let text = try report([
      ("en.test", answers(140, of: 201)), ("de.test", answers(120, of: 200, classes: 2)),
    ])
    #expect(text.contains("| German test | positive | 0 | – | – | – | – |"), "\(text)")
    #expect(!text.contains("| 0.000 | 0.000 |"))
    #expect(
      summary(text).contains(
        ", one between means over different classes: German has no examples of positive."),
      "\(summary(text))")
  }

  // MARK: A log against predictions

  /// Predictions of epoch 2 whose loss is another one beside a log of three epochs.
  @Test func everyQuantityThatDisagreesIsNamed() throws {
    var example = ForeignCase()
    example.map = "source: en\n"
    example.history =
      #"{"epoch": [1, 2, 3], "val_en_accuracy": [0.6, 0.7, 0.65], "val_en_loss": [7, 8, 9], "val_de_accuracy": [0.5, 0.5, 0.5]}"#
    example.splits = [("en.validation", ForeignCase.counts((100, 70), (100, 70)))]
    let folder = try TemporaryFolder()
    let warnings = try example.results(in: folder).warnings.joined()
    #expect(warnings.contains("the log gives 9.0 as loss of en.validation"), "\(warnings)")
    #expect(warnings.contains("; 0.65 and 0.7 as accuracy; the latter of each are reported."))
    #expect(warnings.contains("Their accuracy alone is that of epoch 2; `selected` in a file"))
  }

  // MARK: Names

  @Test func languagesOfOneNameHaveTheirCodes() throws {
    let text = try report(
      [
        ("en.test", answers(140, of: 200)), ("de.test", answers(120, of: 200)),
        ("es.test", answers(130, of: 200)),
      ],
      settings: ["data.targets.0.name=Same", "data.targets.1.name=Same"])
    #expect(text.contains("On Same (de), which") && text.contains("On Same (es), which"), "\(text)")
  }
}
