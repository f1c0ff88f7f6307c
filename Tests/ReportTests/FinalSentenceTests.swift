import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Every sentence on the end of training: which part of the data it is of, and what it claims.
@Suite struct FinalSentenceTests {
  /// Right answers of a language on a part.
  struct Scored {
    let split: Split
    let correct: Int
    let count: Int

    init(_ split: String, _ correct: Int, of count: Int) {
      self.split = Split(split) ?? Split("", .test)
      (self.correct, self.count) = (correct, count)
    }
  }

  /// The report of a run that ends with these results and no others, up to the model's specifications.
  private func report(_ scored: [Scored], settings: [String] = []) throws -> String {
    var tiny = TinyRun()
    tiny.settings = settings
    tiny.leftOut = TinyRun.splits.map(\.split).filter { $0.part != .train }
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    for entry in scored {
      try Self.answers(entry.correct, of: entry.count)
        .write(to: RunDirectory(folder.path).predictions(epoch: 3, entry.split))
    }
    return try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
  }

  /// The wrong answers are spread over the classes alike.
  static func answers(_ correct: Int, of count: Int) -> Predictions {
    let labels = (0..<count).map { $0 % 3 }
    return Predictions(
      classes: 3,
      logits: labels.enumerated().flatMap { row, label in
        (0..<3).map { $0 == (row < correct ? label : (label + 1) % 3) ? 2 : 0 as Float }
      }, labels: labels, ids: Array(0..<count), mode: .evaluation)
  }

  private func summary(_ text: String) throws -> String {
    let start = try #require(text.range(of: "## Summary"))
    let end = try #require(text.range(of: "## Results"))
    return String(text[start.upperBound..<end.lowerBound])
  }

  private func goals(_ text: String) throws -> String {
    let start = try #require(text.range(of: "What this one run says about each"))
    return String(text[start.lowerBound...])
  }

  // MARK: One part

  /// Validation has few texts and sees nothing; test has many and sees the gap.
  @Test func testSpeaksWhereBothPartsAreThere() throws {
    let text = try report(
      [
        Scored("en.validation", 230, of: 324), Scored("en.test", 640, of: 870),
        Scored("de.validation", 215, of: 324), Scored("de.test", 540, of: 870),
      ],
      settings: [
        "goals=[A reduced 6-layer architecture can maintain performance, It transfers]"
      ])
    let summary = try summary(text)
    #expect(
      summary.contains("of the English test examples correctly (95 % interval 70.5–76.4 %; 870"))
    #expect(
      summary.contains(
        "it labels 62.1 % of the test examples correctly (58.8–65.2 %; 870 examples): **11.5 percentage "
          + "points fewer** than on English (95 % interval "), "\(summary)")
    #expect(
      summary.contains(
        "On validation the gap in accuracy is +4.6 [−2.5 to +11.7] percentage points"))
    #expect(!summary.contains("could not be distinguished"))
    // Both parts stand in the table, the final one first, and it alone is tested.
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| German | ") }
    #expect(rows.count == 2 && rows[0].hasPrefix("| German | test | +11.5 ["), "\(rows)")
    #expect(rows[1].hasPrefix("| German | validation | +4.6 [") && rows[1].contains(" | – | "))
    #expect(rows[0].contains(" | ≤ 0.0002 | "), "what 10,000 draws cannot know is a bound")
    let goals = try goals(text)
    #expect(goals.contains("English test accuracy is 73.6 %"))
    #expect(goals.contains("On test the gaps in accuracy are +11.5 ["))
    #expect(text.contains("| English test | negative | 290 |"), "classes are those of test, too")
  }

  @Test func validationSpeaksWhereALanguageLacksTest() throws {
    let text = try report([
      Scored("en.validation", 230, of: 324), Scored("en.test", 640, of: 870),
      Scored("de.validation", 215, of: 324), Scored("de.test", 540, of: 870),
      Scored("es.validation", 150, of: 324),
    ])
    let summary = try summary(text)
    #expect(summary.contains("of the English validation examples correctly"))
    #expect(
      summary.contains(
        "On German, which this run did not train on, it labels 66.4 % of the validation"))
    #expect(
      summary.contains(
        "On Spanish, which this run did not train on, it labels 46.3 % of the validation"))
    #expect(summary.contains("On test the gap in accuracy is +11.5 ["))
    #expect(!summary.contains("set apart"))
  }

  /// As after `report evaluate` on a language of which there is nothing but a test set.
  @Test func aLanguageEvaluatedLaterOnTestAloneDoesNotMix() throws {
    let all = [
      Scored("en.validation", 230, of: 324), Scored("en.test", 640, of: 870),
      Scored("de.validation", 215, of: 324), Scored("de.test", 540, of: 870),
    ]
    let tested = try summary(report(all + [Scored("fr.test", 500, of: 870)]))
    #expect(
      tested.contains("On French, which this run did not train on, it labels 57.5 % of the test"))
    #expect(!tested.contains("set apart") && !tested.contains("validation examples"))
    // English has no test set: French has nothing that it could be compared with.
    let alone = try summary(
      report([all[0], all[2], Scored("fr.test", 500, of: 870)]))
    #expect(
      alone.contains(
        "French has test results, but English has none there, so there is no transfer gap to it."),
      "\(alone)")
    // German has no test set: French is set apart, with its gap there.
    let apart = try report([all[0], all[1], all[2], Scored("fr.test", 500, of: 870)])
    let words = try summary(apart)
    #expect(
      words.contains(
        "French has only test results and is set apart from the validation results above: its gap on "
          + "test is +16.1 ["), "\(words)")
    #expect(!words.contains("On French"))
  }

  @Test func goalsNameThePartAndWhoIsSetApart() throws {
    let text = try report(
      [
        Scored("en.validation", 230, of: 324), Scored("en.test", 640, of: 870),
        Scored("de.validation", 215, of: 324), Scored("fr.test", 500, of: 870),
      ], settings: ["goals=[It transfers to other languages]"])
    #expect(
      try goals(text).contains(
        "On validation the gaps in accuracy are +4.6 [−2.5 to +11.7] points to German. Spanish is set apart, "
          + "without results. French is set apart, with only test results."), "\(text)")
  }

  @Test func aLanguageSetApartSaysWhetherItsGapIsOne() throws {
    let all = [
      Scored("en.validation", 230, of: 324), Scored("en.test", 640, of: 870),
      Scored("de.validation", 215, of: 324),
    ]
    let summary = try summary(report(all + [Scored("fr.test", 632, of: 870)]))
    #expect(
      summary.contains(
        "its gap on test is +0.9 [−3.3 to +5.1] percentage points, which could not be distinguished from zero."
      ), "\(summary)")
  }

  @Test func aLanguageWithoutResultsIsNamed() throws {
    let text = try report([Scored("en.test", 640, of: 870), Scored("de.test", 540, of: 870)])
    let summary = try summary(text)
    #expect(summary.contains("**11.5 percentage points fewer** than on English"))
    #expect(
      summary.contains(
        "The transfer gap to Spanish is not known: no accuracy on Spanish was logged."))
    // An accuracy that is not a number is not known either.
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      """
      {"train_losses": [1.0], "english_val_accuracies": [0.8], "target_val_accuracies": [NaN]}
      """, to: folder.path + "/training_history.json")
    let history = try self.summary(
      Report(results: RunResults(Run(folder.path)), figures: []).markdown())
    #expect(
      history.contains(
        "The transfer gap to Target is not known: the accuracy on Target was logged, but it is not a finite"
      ))
  }

  // MARK: One target

  @Test func aGapAboveBelowAndNotDistinguished() throws {
    func summary(_ correct: Int, of count: Int) throws -> String {
      try self.summary(
        report([Scored("en.test", 700, of: 1000), Scored("de.test", correct, of: count)]))
    }
    let above = try summary(600, of: 1000)
    #expect(above.contains("**10.0 percentage points fewer** than on English (95 % interval 5."))
    #expect(above.contains("a positive transfer gap. In macro F1 the gap is +0.1"), "\(above)")
    #expect(!above.contains("correction"), "one test needs none")
    let below = try summary(800, of: 1000)
    #expect(below.contains("**10.0 percentage points more** than on English (95 % interval 6."))
    #expect(below.contains("a negative transfer gap. In macro F1 the gap is −0.1"))
    let neither = try summary(690, of: 1000)
    #expect(
      neither.contains(
        "a transfer gap of +1.0 percentage points that **could not be distinguished from zero** (95 % "
          + "interval −3.1 to +5.0)."), "\(neither)")
    let few = try summary(13, of: 20)
    #expect(few.contains("); there are too few examples to say more."), "\(few)")
  }

  // MARK: Several targets

  /// With two targets, an interval that just leaves out zero belongs to a gap that the correction leaves open.
  @Test func theCorrectionIsSaid() throws {
    let text = try report([
      Scored("en.test", 700, of: 1000), Scored("de.test", 656, of: 1000),
      Scored("es.test", 700, of: 1000),
    ])
    let summary = try summary(text)
    #expect(
      summary.contains(
        "a transfer gap of +4.4 percentage points. Its own 95 % interval (+0.2 to +8.5) excludes zero, "
          + "but after [correction](metrics.md#several-targets) for the 2 targets tested it **could "
          + "not be distinguished from zero**."), "\(summary)")
    let clear = try self.summary(
      report([
        Scored("en.test", 700, of: 1000), Scored("de.test", 600, of: 1000),
        Scored("es.test", 800, of: 1000),
      ]))
    #expect(
      clear.contains(
        "a positive transfer gap, also after [correction](metrics.md#several-targets) for the 2 targets"
      ))
    #expect(
      clear.contains(
        "a negative transfer gap, also after [correction](metrics.md#several-targets) for the 2 targets"
      ))
  }

  @Test func manyTargetsAreSummedUpOnOnePart() throws {
    let text = try report([
      Scored("en.test", 700, of: 1000), Scored("de.test", 600, of: 1000),
      Scored("es.test", 800, of: 1000), Scored("fr.test", 656, of: 1000),
      Scored("it.test", 695, of: 1000), Scored("de.validation", 10, of: 40),
    ])
    let summary = try summary(text)
    let sentences = [
      "Its test accuracy is lower than on English for German (gap +10.0 [",
      "Its test accuracy is higher than on English for Spanish (gap −10.0 [",
      "Its test accuracy could not be distinguished from that on English for Italian (gap +0.5 [",
      "Left open by the correction, though their own intervals exclude zero: French (gap +4.4 [",
      "Gaps are in percentage points. 4 targets are tested together; *lower* and *higher* hold after [Holm's correction]",
      "Over 4 targets the mean test accuracy is 68.8 % [",
      "a [mean gap](metrics.md#target-mean) of +1.2 [",
      "The largest observed gap is that to German, +10.0 percentage points; the 95 % interval of",
    ]
    for sentence in sentences { #expect(summary.contains(sentence), "\(sentence)\n\(summary)") }
    #expect(!summary.contains("validation"))
    #expect(text.contains("| Over 4 targets on test | [Mean](metrics.md#target-mean) |"))
    #expect(text.contains("| Macro F1 | 0.6"))
  }

  /// A log without predictions: numbers, no intervals, no tests.
  @Test func manyTargetsWithoutIntervals() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      """
      {"train_losses": [1.0], "english_val_accuracies": [0.8], "de_val_accuracies": [0.7],
       "fr_val_accuracies": [0.6], "es_val_accuracies": [0.5]}
      """, to: folder.path + "/training_history.json")
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    let summary = try summary(text)
    #expect(
      summary.contains(
        "Without an interval on validation, so whether the gap differs from zero is not known: German (gap +10.0), "
          + "French (gap +20.0), Spanish (gap +30.0)."), "\(summary)")
    #expect(
      summary.contains(
        "Over 3 targets the mean validation accuracy is 60.0 %, a [mean gap](metrics.md#target-mean) of +20.0 "
          + "percentage points. The largest observed gap is that to Spanish, +30.0 percentage points."
      ), "\(summary)")
    #expect(!summary.contains("tested together") && !summary.contains("macro F1"))
  }

  /// Three targets of which validation has 100 texts each and test 900, with predictions beside a log.
  @Test func predictionsBesideALogSpeakOfTest() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      """
      {"epoch": [1], "val_en_loss": [0.9], "val_en_accuracy": [0.62],
       "val_de_loss": [1.0], "val_de_accuracy": [0.6], "val_fr_loss": [1.0], "val_fr_accuracy": [0.6],
       "val_es_loss": [1.0], "val_es_accuracy": [0.6]}
      """, to: folder.path + "/training_history.json")
    try AtomicFile.write("source: en\n", to: folder.path + "/map.yaml")
    // Right answers of 100 and of 900.
    let counts = [("en", 62, 603), ("de", 61, 450), ("fr", 60, 450), ("es", 60, 450)]
    var lines = ["split,label,logit_negative,logit_neutral,logit_positive"]
    for (language, validation, test) in counts {
      for (part, correct, count) in [("validation", validation, 100), ("test", test, 900)] {
        for row in 0..<count {
          let label = row % 3
          let answer = row < correct ? label : (label + 1) % 3
          let logits = (0..<3).map { $0 == answer ? "2" : "0" }
          lines.append("\(language).\(part),\(label)," + logits.joined(separator: ","))
        }
      }
    }
    try AtomicFile.write(
      lines.joined(separator: "\n") + "\n", to: folder.path + "/predictions.csv")
    let source = LogSource(
      folder.path + "/training_history.json", predictions: [folder.path + "/predictions.csv"],
      map: folder.path + "/map.yaml")
    let summary = try summary(
      Report(results: RunResults(Run(source)), figures: []).markdown())
    #expect(summary.contains("of the English test examples correctly"))
    let start = try #require(summary.range(of: "Its test accuracy is lower than on English for"))
    let sentence = summary[start.lowerBound...].prefix { $0 != "\n" }
    for language in ["German", "French", "Spanish"] {
      // As the issue's own case has it: +17.0 [+12.4 to +21.4].
      #expect(sentence.contains("\(language) (gap +17.0 [+12.4 to +21.4])"), "\(sentence)")
    }
    #expect(!summary.contains("validation examples"), "\(summary)")
  }
}
