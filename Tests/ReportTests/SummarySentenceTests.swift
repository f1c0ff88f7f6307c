import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Each sentence of the summary in each of its cases: what it claims follows from what was counted.
@Suite struct SummarySentenceTests {
  private static let indistinct = "cannot be told from always naming the most frequent class"
  private static let little = "agree that it has learned little"

  private func summary(
    _ english: ForeignCase.Counts, _ german: ForeignCase.Counts? = nil, margin: Double = 2,
    part: String = "validation"
  ) throws -> String {
    var example = ForeignCase()
    example.margin = margin
    example.splits = [("en.\(part)", english)]
    if let german { example.splits.append(("target.\(part)", german)) }
    return try example.summary()
  }

  // MARK: The most frequent class

  @Test func clearlyBelowTheMostFrequentClass() throws {
    // 80 % where 95 % are of one class.
    let text = try summary(ForeignCase.counts((380, 304), (20, 16)))
    #expect(
      text.contains("**clearly fewer** than always naming the most frequent class would (95.0 %)"))
    #expect(!text.contains(Self.indistinct) && !text.contains(Self.little))
  }

  @Test func besideTheMostFrequentClassAndYetItHasLearned() throws {
    // 93 % where 95 % are of one class; the rare class is found two times of three.
    let text = try summary(ForeignCase.counts((380, 359), (20, 13)), margin: 3)
    #expect(text.contains(Self.indistinct + " (95.0 %)"), "\(text)")
    #expect(text.contains("It does tell the classes apart: macro F1 is 0."))
    #expect(!text.contains(Self.little) && !text.contains("means nothing"))
  }

  @Test func besideTheMostFrequentClassAndNothingLearned() throws {
    // Half of either class, and no score orders them.
    let text = try summary(ForeignCase.counts((1000, 500), (1000, 510)), margin: 0)
    #expect(text.contains(Self.indistinct + " (50.0 %)"), "\(text)")
    #expect(text.contains(Self.little + " there, and a transfer gap then means nothing."))
  }

  @Test func besideTheMostFrequentClassAndTooFewToSettleIt() throws {
    let text = try summary(ForeignCase.counts((30, 16), (30, 16)))
    #expect(text.contains(Self.indistinct), "\(text)")
    #expect(text.contains("Whether it has learned to tell the classes apart is not settled by"))
    #expect(!text.contains(Self.little) && !text.contains("It does tell"))
  }

  @Test func clearlyAboveTheMostFrequentClass() throws {
    let text = try summary(ForeignCase.counts((200, 160), (200, 170)))
    #expect(
      text.contains(", clearly more than always naming the most frequent class would (50.0 %)."))
    for word in [Self.indistinct, Self.little, "clearly fewer", "not settled"] {
      #expect(!text.contains(word))
    }
  }

  /// Two of two right, as many of one class as there are, one short of the least: nothing follows.
  @Test(arguments: [(1, 1), (14, 15)]) func aHandfulConcludesNothing(_ no: Int, _ yes: Int) throws {
    let text = try summary(ForeignCase.counts((no, no), (yes, yes)))
    #expect(
      text.contains(
        "; \(no + yes) examples are too few to compare that with always naming the most frequent"),
      "\(text)")
    for word in [Self.indistinct, Self.little, "clearly"] { #expect(!text.contains(word)) }
    let enough = try summary(ForeignCase.counts((15, 15), (15, 15)))
    #expect(enough.contains("clearly more than always naming"))
  }

  /// 85 % on 50/50, and 80 % on a target of which 90 % are of one class.
  @Test func aTargetBelowItsOwnMostFrequentClass() throws {
    let text = try summary(
      ForeignCase.counts((200, 170), (200, 170)), ForeignCase.counts((360, 288), (40, 32)))
    #expect(text.contains(", clearly more than always naming the most frequent class would (50.0 %)"))
    #expect(
      text.contains("is **clearly below** always naming the most frequent class there (90.0 %)"),
      "\(text)")
    #expect(text.contains("validation its accuracy of 80"))
  }

  @Test(arguments: [
    (ForeignCase.counts((200, 160), (200, 170)), "it does clearly better than always naming"),
    (ForeignCase.counts((50, 27), (50, 27)), "cannot be told from always naming the most frequent"),
    (ForeignCase.counts((5, 5), (5, 5)), "comes from 10 examples, too few to compare with"),
  ])
  func aTargetBesideItsMostFrequentClass(_ counts: ForeignCase.Counts, _ words: String) throws {
    let text = try summary(ForeignCase.counts((200, 170), (200, 170)), counts)
    #expect(text.contains(words), "\(text)")
  }

  /// Test speaks if every language has it, and is named.
  @Test func theCheckIsOfTheFinalPart() throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", ForeignCase.counts((200, 100), (200, 100))),
      ("en.test", ForeignCase.counts((300, 250), (300, 260))),
      ("target.validation", ForeignCase.counts((100, 50), (100, 50))),
      ("target.test", ForeignCase.counts((300, 240), (300, 240))),
    ]
    var text = try example.summary()
    #expect(text.contains("of the English test examples correctly"), "\(text)")
    #expect(text.contains("600 examples), clearly more than"))
    example.splits.removeLast()
    text = try example.summary()
    #expect(text.contains("of the English validation examples correctly"))
    #expect(text.contains(Self.indistinct))
  }

  /// Of many languages one would differ by chance: McNemar's p is 0.026 on each, and twice that is above 0.05.
  @Test func manyLanguagesAreOneFamily() throws {
    var example = ForeignCase()
    // 31 right where the most frequent class is not, 15 wrong where it is.
    example.splits = [("en.validation", ForeignCase.counts((100, 85), (100, 31)))]
    #expect(try example.summary().contains("clearly more than always naming"))
    example.splits.append(("target.validation", ForeignCase.counts((100, 85), (100, 31))))
    #expect(try example.summary().contains(Self.indistinct))
  }

  // MARK: Losses

  private func summary(ofLosses validation: String, _ training: String) throws -> String {
    var example = ForeignCase()
    example.history =
      #"{"english_val_losses": \#(validation), "train_losses": \#(training), "english_val_accuracies": [0.5, 0.6, 0.7]}"#
    let folder = try TemporaryFolder()
    try AtomicFile.write(example.history, to: folder.path + "/training_history.json")
    return try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
  }

  /// Absent, not finite and finite are three things, in the beginning, in the middle and in the end.
  @Test(arguments: [
    ("[1, 0.9, 0.8]", "[1, 0.9, 0.8]", [], ["finite", "iverged", "Not logged"]),
    // Not logged in the epoch that counts, as by a Trainer that logs every 500 steps.
    ("[1, 0.9, null]", "[null, null, 0.5]", ["Not logged, and shown as gaps"], ["finite", "iverged"]),
    ("[1, 0.9, 0.8]", "[1, null, 0.8]", ["English training loss in epoch 2."], ["finite", "iverged"]),
    (
      "[1, NaN, 0.8]", "[1, NaN, 0.8]",
      [
        "At times a loss was not a finite number", "after epoch 3, which counts",
        "Not finite numbers, and shown as gaps in the figures: English training loss in epoch 2; ",
      ], ["iverged", "Not logged"]
    ),
    (
      "[1, 0.9, NaN]", "[1, 0.9, 0.8]",
      ["**Not a finite number after epoch 3: English validation loss**", "most likely diverged, and"],
      ["from the start", "Not logged"]
    ),
    (
      "[1, 0.9, Infinity]", "[1, 0.9, 0.8]", ["**Not a finite number after epoch 3"],
      ["from the start"]
    ),
    (
      "[NaN, NaN, NaN]", "[NaN, NaN, NaN]",
      [
        "**Never a finite number whenever it was logged: English validation loss and English "
          + "training loss.** Training has most likely diverged from the start",
        "English validation loss in every epoch",
      ], ["At times", "Not logged"]
    ),
    // The only loss that was logged is not finite; the others are absent.
    (
      "[null, NaN, null]", "[1, 0.9, 0.8]",
      ["Never a finite number whenever it was logged: English validation loss.", "Not logged"],
      ["At times"]
    ),
    // Steps without a finite loss that were left out: the network that counts is sound.
    (
      "[1, 0.9, 0.8]", "[1, 0.9, NaN]", ["At times", "English validation loss is not among these"],
      ["iverged"]
    ),
  ] as [(String, String, [String], [String])])
  func aLossIsAbsentOrNotFiniteOrFinite(
    _ validation: String, _ training: String, _ expected: [String], _ unwanted: [String]
  ) throws {
    let text = try summary(ofLosses: validation, training)
    for words in expected { #expect(text.contains(words), "\(words)\n\(text)") }
    for words in unwanted { #expect(!text.contains(words), "\(words)") }
  }

  // MARK: No answers

  @Test func logitsThatAreNotFiniteAreNoAnswers() throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", [(100, 80, 10), (100, 80, 0)]),
      ("target.validation", ForeignCase.counts((100, 70), (100, 70))),
    ]
    let text = try example.report()
    #expect(
      text.contains("**Without an answer: 10 of 200 examples of English validation.** Their logits"))
    #expect(!text.contains("Never a finite") && !text.contains("iverged"))
    #expect(text.contains("labels **80.0 %** of the English validation examples correctly"))
    // Loss, area and calibration are not known of a split with one such example.
    #expect(text.contains("| English validation | 200 | not a number | 80.0 % ["), "\(text)")
    #expect(text.contains("] | – | – |"))
    // The matrix has a column for them, and counts every example.
    #expect(text.contains("true class | taken for no | taken for yes | no answer |"))
    #expect(text.contains("| no | 80 | 10 | 10 |") && text.contains("| yes | 20 | 80 | 0 |"))
    #expect(text.contains("5 of 30 mistakes"))
  }

  @Test func noAnswerAtAllIsNoGap() throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", [(100, 0, 100), (100, 0, 100)]),
      ("target.validation", ForeignCase.counts((100, 70), (100, 70))),
    ]
    let text = try example.report()
    #expect(text.contains("**Without an answer: 200 of 200 examples of English validation.**"))
    #expect(text.contains("**Not a finite number after epoch 2: English validation loss**"))
    #expect(text.contains("is not known, since"), "\(text)")
    #expect(!text.contains("negative transfer gap") && !text.contains(Self.little))
  }
}
