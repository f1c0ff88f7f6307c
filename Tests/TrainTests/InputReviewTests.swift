import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Each kind of warning about data and settings: absent, present, and declared as intended.
@Suite struct InputReviewTests {
  /// Data and settings that nothing is to be said of.
  static let files = [
    "train.tsv":
      "text\tlabel\ngood food\tpositive\nbad room\tnegative\nthe train\tneutral\n"
      + "great film\tpositive\npoor film\tnegative\na room\tneutral\n",
    "validation.tsv": "text\tlabel\nfine food\tpositive\ndull film\tnegative\nit was\tneutral\n",
    "test.tsv": "text\tlabel\nfine film\tpositive\ndull train\tnegative\nthe room\tneutral\n",
    "target.tsv": "text\tlabel\nvery good\tpositive\nvery bad\tnegative\nnot it\tneutral\n",
  ]

  /// What is changed, and what is then said.
  struct Case: CustomTestStringConvertible, Sendable {
    let kind: InputWarning.Kind
    var files: [String: String] = [:]
    var settings: [String] = []
    let count: Int
    let place: String
    let text: String

    var testDescription: String { "\(kind.rawValue): \(text)" }
  }

  private static let twelveHundredTexts =
    "text\tlabel\n"
    + (1...1200).map { "good \($0)\t\(["negative", "neutral", "positive"][$0 % 3])\n" }.joined()

  static let cases: [Case] = [
    Case(
      kind: .sharedTexts,
      files: [
        "test.tsv":
          "text\tlabel\nfine film\tpositive\nbad room\tnegative\nthe room\tneutral\n"
          + "\u{FF27}ood \u{A0} FOOD\tpositive\nbad room\tnegative\n\u{3000}\tneutral\n"
      ], settings: ["data.intended=[missing_texts]"], count: 3, place: "en.test",
      text:
        "3 of 6 texts of en.test are in the training data too, 2 to the letter, 1 more after normalisation (NFKC, "
        + "case folded, white space collapsed): test.tsv:3 as train.tsv:3, test.tsv:5 as train.tsv:2 and test.tsv:6 "
        + "as train.tsv:3. How well the model does on them is no measure of how well it does on new texts."
    ),
    Case(
      kind: .sharedTexts,
      files: [
        "target.tsv": "text\tlabel\nA  ROOM\tpositive\nvery bad\tnegative\nnot it\tneutral\n"
      ], count: 1, place: "de.validation",
      text:
        "1 of 3 texts of de.validation is in the training data too, after normalisation (NFKC, case folded, white "
        + "space collapsed): target.tsv:2 as train.tsv:7. How well the model does on it is no measure of how well "
        + "it does on new texts."),
    Case(
      kind: .sharedValidationTexts,
      files: [
        "test.tsv":
          "text\tlabel\nfine film\tpositive\nDull  Film\tnegative\nthe room\tneutral\nit was\tneutral\n"
      ], count: 2, place: "en.test",
      text:
        "2 of 4 texts of en.test are in en.validation too, 1 to the letter, 1 more after normalisation (NFKC, case "
        + "folded, white space collapsed): test.tsv:3 as validation.tsv:3 and test.tsv:5 as validation.tsv:4. An epoch "
        + "or a setting that was chosen on validation was chosen on them, too, so the test is not independent of that "
        + "choice."),
    Case(
      kind: .repeatedFile, settings: ["data.source.test=validation.tsv"], count: 2,
      place: "en.validation, en.test",
      text:
        "en.validation and en.test are read from one file or from copies of it: validation.tsv (en.validation) and "
        + "validation.tsv (en.test) have the same contents."),
    // A copy of the training data is said once, not once more for each of its texts.
    Case(
      kind: .repeatedFile, files: ["test.tsv": files["train.tsv"] ?? ""], count: 2,
      place: "en.train, en.test",
      text:
        "en.train and en.test are read from one file or from copies of it: train.tsv (en.train) and test.tsv (en.test) "
        + "have the same contents."),
    Case(
      kind: .duplicateColumns,
      files: [
        "test.tsv":
          "id\ttext\tlabel\ttext\tid\t\t\n1\tfine film\tpositive\t\t\t\t\n2\tdull train\tnegative\t\t\t\t\n"
          + "3\tthe room\tneutral\t\t\t\t\n"
      ], count: 2, place: "en.test",
      text:
        "The header of test.tsv (en.test) names more than one column 'id' (columns 1 and 5; none is read) and 'text' "
        + "(columns 2 and 4; column 2 is read)."),
    // Twelve rows became ten: two of them begin with a mark that the raw file means as a letter.
    Case(
      kind: .multilineFields,
      files: [
        "test.tsv":
          "text\tlabel\nfine film\tpositive\n\"dull train\tnegative\nthe food\tneutral\nsaid it\"\tpositive\n"
          + "was \"good\"\tnegative\nfine\tneutral\n\"not great\tpositive\nthat \"\tneutral\n"
          + "a fine film\tnegative\n"
      ], count: 2, place: "en.test",
      text:
        "2 quoted fields of test.tsv (en.test) span several lines, so that 5 lines became 2 rows: test.tsv:3–5 "
        + "and test.tsv:8–9. If quotation marks are ordinary characters there, they swallow lines; then set data.quoting to "
        + "none."),
    // Fields over one line are quoted as well, but each line of this one reads as a row.
    Case(
      kind: .multilineFields,
      files: [
        "test.tsv":
          "text\tlabel\n\"fine\tfilm\"\tpositive\n\"dull train\tnegative\nthe food\"\tneutral\nthe room\tnegative\n"
      ], count: 1, place: "en.test",
      text:
        "1 quoted field of test.tsv (en.test) spans several lines, so that 2 lines became 1 row: test.tsv:3–4. If "
        + "quotation marks are ordinary characters there, they swallow lines; then set data.quoting to none."
    ),
    Case(
      kind: .missingTexts,
      files: [
        "test.tsv":
          "text\tlabel\nnan\tpositive\ndull train\tnegative\n\tneutral\n \u{A0}\tneutral\nNone\tneutral\n"
      ], count: 4, place: "en.test",
      text:
        "4 of 5 texts of en.test are empty or look like missing values, such as test.tsv:2 ('nan'), test.tsv:4 "
        + "(empty) and test.tsv:5 (empty)."),
    Case(
      kind: .missingClasses,
      files: ["target.tsv": "text\tlabel\nvery good\tpositive\nnot it\tpositive\n"], count: 2,
      place: "de.validation",
      text:
        "de.validation (target.tsv) has no example of 'negative' or 'neutral', so nothing is known there of how well "
        + "the model finds them."),
    Case(
      kind: .missingClasses,
      files: [
        "train.tsv": "text\tlabel\n"
          + (1...40).map { "good \($0)\t\($0.isMultiple(of: 2) ? "positive" : "negative")\n" }
          .joined() + "the train\tneutral\n"
      ], settings: ["data.percentage=40"], count: 1, place: "en.train",
      text:
        "en.train (train.tsv) has no example of 'neutral', so the model cannot learn it. The file has 1; "
        + "data.percentage, 40, left none of them."),
    Case(
      kind: .smallPercentage,
      files: ["train.tsv": twelveHundredTexts], settings: ["data.percentage=0.5"], count: 6,
      place: "data.percentage",
      text:
        "data.percentage is in percent, so 0.5 uses 6 of 1,200 training texts. If a share of 0.5 was meant, write 50."
    ),
    Case(
      kind: .smallPercentage,
      files: ["train.tsv": twelveHundredTexts], settings: ["data.percentage=0.57"], count: 7,
      place: "data.percentage",
      text:
        "data.percentage is in percent, so 0.57 uses 7 of 1,200 training texts. If a share of 0.57 was meant, write 57."
    ),
    Case(
      kind: .fewSteps, settings: ["training.batch_size=1024", "training.epochs=19"], count: 19,
      place: "training.batch_size",
      text:
        "6 texts in batches of 1,024 are 1 step per epoch, 19 in all; the usual learning rates suit hundreds to "
        + "thousands of steps. A smaller training.batch_size makes more of them."),
    Case(
      kind: .fewSteps,
      settings: ["training.batch_size=2", "training.epochs=1", "data.percentage=50"], count: 2,
      place: "training.batch_size",
      text:
        "6 texts × 50 % in batches of 2 are 2 steps per epoch, 2 in all; the usual learning rates suit hundreds to "
        + "thousands of steps. A smaller training.batch_size makes more of them."),
    Case(
      kind: .learningRate, settings: ["training.optimizer.learning_rate=5e-3"], count: 1,
      place: "training.optimizer.learning_rate",
      text:
        "The learning rate 0.005 is 100 times the highest that is usual for fine-tuning encoders such as BERT (2e-5 to 5e-5); the "
        + "training may diverge."),
    Case(
      kind: .learningRate, settings: ["training.optimizer.learning_rate=2e-7"], count: 1,
      place: "training.optimizer.learning_rate",
      text:
        "The learning rate 2e-7 is 1/100 of the lowest that is usual for fine-tuning encoders such as BERT (2e-5 to 5e-5); the model "
        + "may learn next to nothing."),
    Case(
      kind: .learningRate,
      settings: ["model.frozen_layers=3", "training.optimizer.learning_rate=0.1"], count: 1,
      place: "training.optimizer.learning_rate",
      text:
        "The learning rate 0.1 is 100 times the highest that is usual for a classifier on a frozen encoder (about "
        + "1e-3); the training may diverge."),
    Case(
      kind: .languageCase,
      settings: [
        "data.targets.0.language=EN", "data.targets.0.name=Other", "data.source.language=en",
      ], count: 2, place: "en, EN",
      text:
        "The languages 'en' and 'EN' differ in upper and lower case alone; a file system that ignores case cannot keep "
        + "their files apart."),
    Case(
      kind: .languageNames, settings: ["data.targets.0.name=ENGLISH "], count: 2, place: "en, de",
      text:
        "The languages 'en' and 'de' are all called 'English', so figures and tables cannot tell them apart; give each "
        + "a name of its own."),
    Case(
      kind: .zeroShot,
      settings: ["data.targets.0.language=en-GB", "data.targets.0.regime=zero-shot"], count: 1,
      place: "en-GB",
      text:
        "The target 'en-GB' is stated to be zero-shot, but 'en', a variety of the same language by its code, is "
        + "trained on."),
  ]

  private func warnings(
    _ changed: [String: String] = [:], _ settings: [String] = []
  ) throws -> [InputWarning] {
    let folder = try TemporaryFolder()
    for (name, content) in Self.files.merging(changed, uniquingKeysWith: { $1 }) {
      try AtomicFile.write(content, to: "\(folder.path)/\(name)")
    }
    let experiment = try Experiment.parse(
      """
      name: reviewed
      model: {checkpoint: \(Fixture.path("train/model")), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: train.tsv, validation: validation.tsv, test: test.tsv}
        targets:
          - {language: de, validation: target.tsv}
        max_length: 24
      training: {epochs: 20, batch_size: 2, optimizer: {learning_rate: 5e-5}, schedule: {name: constant}}
      """, file: "e.yaml", settings: settings, relativeTo: folder.path)
    return try Preparation(experiment, threads: 1).warnings
  }

  @Test func nothingIsSaidOfWhatIsAsUsual() throws {
    #expect(try warnings() == [])
    // Just inside each bound.
    #expect(try warnings([:], ["training.optimizer.learning_rate=4.9e-3"]) == [])
    #expect(try warnings([:], ["training.optimizer.learning_rate=2.1e-7"]) == [])
    #expect(try warnings([:], ["training.batch_size=1024", "training.epochs=20"]) == [])
    #expect(
      try warnings(
        [:], ["model.frozen_layers=3", "training.optimizer.learning_rate=0.05"]) == [])
    // Rows that are meant to span lines, beside quoted ones that do not.
    #expect(
      try warnings([
        "test.tsv":
          "text\tlabel\n\"fine\nfilm\"\tpositive\n\"dull \"\"train\"\"\"\tnegative\nthe room\tneutral\n"
      ]) == [])
    // Two splits that are both evaluated may have texts in common.
    let test = Self.files["test.tsv"] ?? ""
    #expect(try warnings(["target.tsv": test + "not it\tneutral\n"]) == [])
  }

  /// A text of the file that is not drawn for training is not in the training data.
  @Test func onlyTextsThatAreTrainedOnAreShared() throws {
    let rows = (1...60).map { "text \($0)\t\(["negative", "neutral", "positive"][$0 % 3])\n" }
    let all = "text\tlabel\n" + rows.joined()
    let found = try warnings(
      ["train.tsv": all, "test.tsv": all + "more\tneutral\n"], ["data.percentage=50"])
    #expect(found.map(\.kind) == [.sharedTexts])
    #expect(found.first?.count == 30)
    #expect(found.first?.text.hasPrefix("30 of 61 texts of en.test are in") == true)
  }

  @Test(arguments: cases)
  func aSlipIsNamed(_ example: Case) throws {
    let found = try warnings(example.files, example.settings).filter { !$0.isIntended }
    #expect(found.map(\.kind) == [example.kind])
    let warning = try #require(found.first)
    #expect(warning.count == example.count)
    #expect(warning.place == example.place)
    #expect(warning.text == example.text)
  }

  @Test(arguments: cases)
  func whatIsDeclaredStands(_ example: Case) throws {
    let settings = example.settings.filter { !$0.hasPrefix("data.intended") }
    let found = try warnings(
      example.files,
      settings + ["data.intended=[\(example.kind.rawValue), missing_texts]"])
    let declared = found.filter { $0.kind == example.kind }
    #expect(declared.map(\.isIntended) == [true])
    #expect(declared.first?.text == example.text)
    #expect(found.allSatisfy { $0.isIntended })
  }

  @Test func everyKindHasACase() {
    #expect(Set(Self.cases.map(\.kind)) == Set(InputWarning.Kind.allCases))
  }

  /// With several files wrong, each is named, in the order of kinds and then of splits.
  @Test func everySplitIsNamed() throws {
    let found = try warnings(
      [
        "validation.tsv": "text\tlabel\nnan\tpositive\nbad room\tnegative\n",
        "target.tsv": "text\tlabel\nNaN\tpositive\ngood food\tnegative\n",
      ], ["data.intended=[missing_classes]"])
    #expect(
      found.map { "\($0.kind.rawValue) \($0.place) \($0.count) \($0.isIntended)" } == [
        "shared_texts en.validation 1 false", "shared_texts de.validation 1 false",
        "missing_texts en.validation 1 false", "missing_texts de.validation 1 false",
        "missing_classes en.validation 1 true", "missing_classes de.validation 1 true",
      ])
  }
}
