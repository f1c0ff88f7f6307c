import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Each sentence of the summary in each of its cases: what it claims follows from what was counted.
@Suite struct SummarySentenceTests {
  private static let indistinct =
    "could not be distinguished from always naming the most frequent class"
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
        "; from \(no + yes) examples nothing follows on whether this is more than always naming"),
      "\(text)")
    for word in [Self.indistinct, Self.little, "clearly"] { #expect(!text.contains(word)) }
    let enough = try summary(ForeignCase.counts((15, 15), (15, 15)))
    #expect(enough.contains("clearly more than always naming"))
  }

  /// 85 % on 50/50, and 80 % on a target of which 90 % are of one class.
  @Test func aTargetBelowItsOwnMostFrequentClass() throws {
    let text = try summary(
      ForeignCase.counts((200, 170), (200, 170)), ForeignCase.counts((360, 288), (40, 32)))
    #expect(
      text.contains(", clearly more than always naming the most frequent class would (50.0 %)"))
    #expect(
      text.contains("is **clearly below** always naming the most frequent class there (90.0 %)"),
      "\(text)")
    #expect(text.contains("validation its accuracy of 80"))
  }

  @Test(arguments: [
    (ForeignCase.counts((200, 160), (200, 170)), "it does clearly better than always naming"),
    (
      ForeignCase.counts((50, 27), (50, 27)),
      "could not be distinguished from always naming the most frequent"
    ),
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
    let text = try example.summary()
    #expect(text.contains("McNemar's test alone tells") && text.contains("leaves it open"))
    #expect(!text.contains("clearly more"))
  }

  // MARK: Losses

  private func summary(ofLosses validation: String, _ training: String) throws -> String {
    var example = ForeignCase()
    example.history =
      #"{"english_val_losses": \#(validation), "train_losses": \#(training), "english_val_accuracies": [0.5, 0.6, 0.7]}"#
    let folder = try TemporaryFolder()
    try AtomicFile.write(example.history, to: folder.path + "/training_history.json")
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    // The section of checks has the names of all of them.
    let checks = try #require(text.range(of: "## Checks"))
    let caveats = try #require(text.range(of: "## Caveats"))
    return String(text[..<checks.lowerBound] + text[caveats.lowerBound...])
  }

  /// Absent, not finite and finite are three things, in the beginning, in the middle and in the end.
  @Test(
    arguments: [
      ("[1, 0.9, 0.8]", "[1, 0.9, 0.8]", [], ["finite", "iverged", "Not logged"]),
      // Not logged in the epoch that counts, as by a Trainer that logs every 500 steps.
      (
        "[1, 0.9, null]", "[null, null, 0.5]", ["Not logged, and shown as gaps"],
        ["finite", "iverged"]
      ),
      (
        "[1, 0.9, 0.8]", "[1, null, 0.8]", ["English training loss in epoch 2."],
        ["finite", "iverged"]
      ),
      (
        "[1, NaN, 0.8]", "[1, NaN, 0.8]",
        [
          "At times a loss was not a finite number",
          "but after epoch 3, which is reported here, the English validation loss was.",
          "Not finite numbers, and shown as gaps in the figures: English training loss in epoch 2; ",
        ], ["iverged", "Not logged"]
      ),
      (
        "[1, 0.9, NaN]", "[1, 0.9, 0.8]",
        [
          "**Not a finite number after epoch 3: English validation loss**",
          "need not have diverged: the English training loss is finite in the same place",
        ],
        ["most likely", "Not logged"]
      ),
      (
        "[1, 0.9, Infinity]", "[1, 0.9, 0.8]", ["**Not a finite number after epoch 3"],
        ["from the start"]
      ),
      (
        "[NaN, NaN, NaN]", "[NaN, NaN, NaN]",
        [
          "**Logged, but never as a finite number: English validation loss and English "
            + "training loss.** Training has most likely diverged from the start",
          "English validation loss in every epoch",
        ], ["At times", "Not logged"]
      ),
      // The only loss that was logged is not finite; the others are absent.
      (
        "[null, NaN, null]", "[1, 0.9, 0.8]",
        ["Logged, but never as a finite number: English validation loss.", "Not logged"],
        ["At times"]
      ),
      // Steps without a finite loss that were left out: the network that counts is sound.
      (
        "[1, 0.9, 0.8]", "[1, 0.9, NaN]",
        ["At times", "the English validation loss was."],
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

  /// An accuracy is one of three things as well.
  @Test(arguments: [
    ("[0.5, 0.6]", "labels **60.0 %** of the English validation examples correctly"),
    ("[0.5, NaN]", "The accuracy on English validation was logged, but it is not a finite number."),
    ("null", "The logs do not say how well the model does on English validation."),
  ])
  func anAccuracyIsAbsentOrNotFiniteOrFinite(_ values: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let accuracies = values == "null" ? "" : #""english_val_accuracies": \#(values), "#
    try AtomicFile.write(
      #"{\#(accuracies)"english_val_losses": [1, 0.9], "target_val_accuracies": [0.4, 0.5]}"#,
      to: folder.path + "/training_history.json")
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    for other in [
      "examples correctly", "but it is not a finite number.", "The logs do not say how well",
    ] {
      #expect(text.contains(other) == words.contains(other), "\(text)")
    }
    #expect(text.contains(words), "\(text)")
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
      text.contains("**Without an answer: 10 of 200 examples of English validation.** Their logits")
    )
    #expect(!text.contains("never as a finite") && !text.contains("iverged"))
    #expect(text.contains("labels **80.0 %** of the English validation examples correctly"))
    // Loss, area and calibration are not known of a split with one such example.
    #expect(text.contains("| English validation | 200 | not a number | 80.0 % ["), "\(text)")
    #expect(text.contains("] | – | – |"))
    // The matrix has a column for them, and counts every example.
    #expect(text.contains("true class | predicted no | predicted yes | no answer |"))
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
    #expect(
      text.contains(
        "**Logged, but never as a finite number: English validation loss.** Training has most "
          + "likely diverged, so"))
    #expect(!text.contains("from the start") && !text.contains("clearly fewer"))
    #expect(
      text.contains("No example of English validation has an answer, so there is no accuracy."))
    #expect(!text.contains("0.00 %"))
    #expect(
      text.contains("but English has none there, so there is no transfer gap to it."), "\(text)")
    #expect(!text.contains("negative transfer gap") && !text.contains(Self.little))
  }

  // MARK: One source for a number

  /// Where log and predictions disagree, both numbers are named, and no table mixes them.
  @Test func aLogThatSaysSomethingElseIsNotMixedIn() throws {
    var example = ForeignCase()
    example.map = "source: en\n"
    example.history =
      #"{"epoch": [1, 2], "val_en_accuracy": [0.5, 0.62], "val_de_accuracy": [0.4, 0.6]}"#
    example.splits = [
      ("en.validation", ForeignCase.counts((100, 80), (100, 80))),
      ("de.validation", ForeignCase.counts((100, 60), (100, 60))),
    ]
    let folder = try TemporaryFolder()
    let results = try example.results(in: folder)
    #expect(results.disagreements == [Split("en", .validation)])
    #expect(results.byEpoch[Split("en", .validation)]?.map(\.accuracy) == [0.5, 0.62])
    let text = try Report(results: results, figures: []).markdown()
    #expect(
      text.contains(
        "the log gives 0.62 as accuracy of en.validation, the stored predictions give 0.8; the latter "
          + "is reported. Curves by epoch stay as they were logged."), "\(text)")
    #expect(
      !text.contains("62.0 %") && !text.contains("62 %"), "only the warning has the log's number")
    #expect(!text.contains("## Which Epoch"))
    #expect(text.contains("Which epoch to take for German: the log and the predictions disagree"))
    #expect(text.contains("all others are computed from the predictions"))
  }

  @Test func aLogThatSaysTheSameIsTheSameSource() throws {
    var example = ForeignCase()
    example.map = "source: en\n"
    example.history =
      #"{"epoch": [1, 2], "val_en_accuracy": [0.5, 0.8], "val_de_accuracy": [0.4, 0.6]}"#
    example.splits = [
      ("en.validation", ForeignCase.counts((100, 80), (100, 80))),
      ("de.validation", ForeignCase.counts((100, 60), (100, 60))),
    ]
    let folder = try TemporaryFolder()
    let results = try example.results(in: folder)
    #expect(results.disagreements.isEmpty && results.warnings.isEmpty)
    #expect(try Report(results: results, figures: []).markdown().contains("## Which Epoch"))
  }

  // MARK: A log without evaluations

  @Test func trainingValuesAreNoEvaluations() throws {
    let folder = try TemporaryFolder()
    let lines = (1...50).map {
      #"{"step": \#($0 * 10), "epoch": \#(Double($0) / 50), "loss": 1.5}"#
    }
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: folder.path + "/log.jsonl")
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    #expect(text.contains("| **Epochs** | 50 logged training values up to epoch 1 |"), "\(text)")
    #expect(!text.contains("evaluations up to"))
  }

  // MARK: Which epoch

  /// The sentences of a choice, by what was chosen and what it costs on test; that the accuracies do not rise and
  /// fall together is only described.
  @Test(arguments: [
    ("last", 0, ["In this run nothing was chosen: the configuration takes the last epoch."]),
    ("best_source_validation", 0, []),
    ("best_source_validation", 30, ["another epoch is clearly better for German on test, by more"]),
  ])
  func onlyACostOnTestIsWarnedOf(_ select: String, _ lost: Int, _ expected: [String]) throws {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (6, 6)
    tiny.settings = ["select=\(select)"]
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    let directory = RunDirectory(folder.path)
    // English rises, German falls a little after the first epoch.
    for epoch in 1...6 {
      for (split, correct) in [
        (Split("en", .validation), 60 + 20 * epoch),
        (Split("de", .validation), epoch == 1 ? 60 : 102 - epoch),
        (Split("de", .test), epoch == 6 ? 100 : 100 + lost),
      ] {
        try Predictions(
          classes: 3,
          logits: (0..<200).flatMap { row in
            (0..<3).map { ($0 == row % 3) == (row < correct) ? Float(1) : 0 }
          }, labels: (0..<200).map { $0 % 3 }, ids: Array(0..<200), mode: .evaluation
        ).write(to: directory.predictions(epoch: epoch, split))
      }
    }
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    for words in expected { #expect(text.contains(words), "\(words)\n\(text)") }
    #expect(text.contains("is unreliable for German") == (lost > 0))
    #expect(
      text.contains("validation accuracy over the epochs after the first: −1.00, without an "))
    #expect(text.contains("points of German test accuracy"))
  }

  @Test func oneEpochHasNoSectionOnChoosing() throws {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    #expect(!text.contains("## Which Epoch") && !text.contains("unreliable"))
  }

  /// An upper bound is one because of how it was measured, whatever columns the table has.
  @Test func anUpperBoundSaysWhy() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"english_val_accuracies": [0.6, 0.8, 0.7], "target_val_accuracies": [0.7, 0.5, 0.6]}"#,
      to: folder.path + "/training_history.json")
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    #expect(
      text.contains(
        "20.0 points of Target validation accuracy; it is measured on the examples that the oracle was "
          + "chosen on, which makes it an upper bound."), "\(text)")
    #expect(!text.contains("no test split"))
  }

  // MARK: Small groups

  @Test func aSmallClassIsNamedAndNotDecomposed() throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", ForeignCase.counts((100, 80), (100, 80))),
      ("target.validation", ForeignCase.counts((100, 60), (3, 2))),
    ]
    let text = try example.report()
    #expect(
      text.contains(
        "Too small to say anything about, with fewer than 20 examples of a language: yes. The gap is not "
          + "decomposed"), "\(text)")
    #expect(text.contains("| yes | 80 % [") || text.contains("| yes | 80.0 % (100) | – (3) | – |"))
    #expect(!text.contains("ifferent shares of classes"))
    example.splits[1].counts = ForeignCase.counts((100, 60), (20, 12))
    let enough = try example.report()
    #expect(enough.contains("ifferent shares of classes") && !enough.contains("Too small"))
  }

  // MARK: Decimals

  /// Every number of a column has as many decimals as the others.
  @Test func columnsHaveTheSameDecimals() throws {
    var example = ForeignCase()
    example.splits = [
      ("en.validation", ForeignCase.counts((2000, 1700), (2000, 1650))),
      ("target.validation", ForeignCase.counts((20, 15), (20, 12))),
    ]
    let text = try example.report()
    let lines = text.split(separator: "\n").filter {
      $0.hasPrefix("| English validation | 4,000") || $0.hasPrefix("| Target validation | 40 |")
    }
    try #require(lines.count == 2)
    let rows = lines.map {
      $0.split(separator: "|").map { $0.split(separator: " ").first.map(String.init) ?? "" }
    }
    for column in 2...6 {
      let decimals = rows.map { $0[column].split(separator: ".").dropFirst().first?.count ?? 0 }
      #expect(decimals[0] == decimals[1], "\(rows.map { $0[column] })")
    }
  }
}
