import Metrics
@testable import RunLog
import Storage
import TestSupport
import Testing

@Suite struct ImportPredictionsTests {
  private func read(_ text: String, classes: [String]? = nil) throws -> PredictionTable {
    try PredictionTable.read(Array(text.utf8), file: "p.csv", classes: classes)
  }

  @Test func logitsAndProbabilitiesOfEveryNaming() throws {
    let logits = try read("split,label,logit_a,logit_b\nde.test,b,1.5,-2\nde.test,a,0,1\n")
    #expect(logits.labels == ["a", "b"] && logits.splits.count == 1)
    let split = logits.splits[0]
    #expect(split.part == .test && split.set == .named("de"))
    #expect(split.predictions.logits == [1.5, -2, 0, 1] && split.predictions.labels == [1, 0])
    for header in ["prob_a,prob_b", "p_a,p_b", "probability_a,probability_b", "a,b"] {
      let table = try read("id,split,label,\(header)\n7,validation,a,0.25,0.75\n")
      let found = table.splits[0].predictions
      #expect(found.ids == [7] && table.labels == ["a", "b"])
      // The softmax of the stored logits gives the probabilities back.
      let (x, y) = (Double(found.logits[0]), Double(found.logits[1]))
      #expect(abs(1 / (1 + exponential(y - x)) - 0.25) < 1e-7)
    }
    // Columns without a prefix that add up to something else are logits.
    #expect(try read("split,label,a,b\nval,a,2,3\n").splits[0].predictions.logits == [2, 3])
    // Class columns in another order than the names given: the columns' own counts.
    #expect(try read("split,label,b,a\nval,a,2,3\n", classes: ["a", "b"]).labels == ["b", "a"])
    #expect(try read("split,label,0,1\nval,1,2,3\n", classes: ["x", "y"]).labels == ["x", "y"])
  }

  private func exponential(_ x: Double) -> Double {
    (0..<60).reversed().reduce(1.0) { 1 + x / Double($1 + 1) * $0 }
  }

  @Test func oneColumnIsOfTheSecondOfTwoClasses() throws {
    let table = try read("label,split,probability\n1,val,0.5\n0,val,1\n")
    #expect(table.labels == ["0", "1"] && table.splits[0].predictions.labels == [1, 0])
    let logits = table.splits[0].predictions.logits
    #expect(logits[0] == logits[1] && logits[3] == 0 && logits[2] < -100)
    #expect(table.warnings.contains { $0.contains("probabilities are 0") })
    #expect(try read("label,split,logit\nyes,val,2\nno,val,1\n").labels == ["no", "yes"])
  }

  @Test(arguments: [
    ("label,a,b\n", "not a table of predictions"), ("split,label,a,b\n", "holds no prediction"),
    ("split,label,prob_a\nval,a,1\n", "a column of every class"),
    ("split,label,p_a,p_b\nval,a,0.5,0.6\n", "p.csv:2: the probabilities must be from 0 to 1"),
    ("split,label,a,b\nval,c,1,2\n", "p.csv:2: unknown label 'c'"),
    ("split,label,a,b\nval,2,1,2\n", "unknown label '2'"),
    ("split,label,a,b\nval,a,1\n", "expected 4 fields"),
    ("split,label,a,b\nval,a,x,1\n", "'x' in column 'a' is not a number"),
    ("split,label,a,b\nval,a,1,2\nvalidation,a,1,2\n", "two names of splits mean the same"),
  ])
  func refuses(_ text: String, _ part: String) {
    let error = #expect(throws: RunLogError.self) { _ = try read(text) }
    #expect(error.map { "\($0)" }?.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
  }

  /// A log that says "validation" and predictions that say "en" and "de" mean the same languages.
  @Test func languagesOfPredictionsAndLogAreBroughtTogether() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"english_val_losses": [1], "target_val_losses": [2]}"#,
      to: folder.path + "/training_history.json")
    try AtomicFile.write(
      "split,label,a,b\nde.validation,a,1,2\nen.validation,a,1,2\n", to: folder.path + "/p.csv")
    let log = try #require(try Run(folder.path).imported)
    #expect(log.source == .init(code: "en", name: "English"))
    #expect(log.targets == [.init(code: "de", name: "German")])
    #expect(log.rows[Split("de", .validation)]?[.loss] == [2])
    #expect(Set(log.predictions.keys) == [Split("en", .validation), Split("de", .validation)])
    // And the other way round: the log names the language, the predictions only the part.
    try AtomicFile.write(#"{"val_en_loss": [1]}"#, to: folder.path + "/training_history.json")
    try AtomicFile.write("split,label,a,b\nvalidation,a,1,2\n", to: folder.path + "/p.csv")
    #expect(try Run(folder.path).imported?.predictions.keys.map(\.description) == ["en.validation"])
  }
}

/// Predictions as spreadsheets save them.
@Suite struct SpreadsheetPredictionsTests {
  private let table = "split,label,a,b\nen.validation,a,1,2\n"

  private func logits(_ bytes: [UInt8]) throws -> [Float]? {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"english_val_losses": [1]}"#, to: folder.path + "/training_history.json")
    try AtomicFile.write(bytes, to: folder.path + "/p.csv")
    return try ImportedLog.read(folder.path, predictions: [folder.path + "/p.csv"])
      .predictions[Split("en", .validation)]?.logits
  }

  @Test(arguments: [",", ";", "\t"])
  func columnsMayBeSeparatedOtherwise(_ separator: String) throws {
    #expect(try logits(Array(table.replacing(",", with: separator).utf8)) == [1, 2])
  }

  @Test func anotherEncodingIsNamed() throws {
    let wide = table.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let error = try #require(throws: RunLogError.self) { _ = try logits([0xFF, 0xFE] + wide) }
    #expect("\(error)".contains("p.csv: is UTF-16, but UTF-8 is expected; convert it"), "\(error)")
    let lines = try #require(throws: RunLogError.self) {
      _ = try logits(Array(table.replacing("\n", with: "\r").utf8))
    }
    #expect("\(lines)".contains("p.csv: has lines that end in a carriage return alone"), "\(lines)")
  }
}

/// Labels are names or indices, all of a file.
@Suite struct LabelReadingTests {
  @Test func aFileIsReadAsAWhole() throws {
    let words = ["negative", "neutral", "positive"]
    #expect(try LabelReading(["neutral", "positive"], classes: words).index(of: "positive") == 2)
    #expect(try LabelReading(["0", "2"], classes: words).index(of: "2") == 2)
    // Classes that are called by their own indices leave no question.
    #expect(try LabelReading(["0", "1"], classes: ["0", "1"]).index(of: "1") == 1)
    let stars = ["1", "2", "3"]
    // 0 is no name, so they are indices; 3 is no index, so they are names.
    #expect(try LabelReading(["0", "1", "2"], classes: stars).index(of: "1") == 1)
    #expect(try LabelReading(["1", "2", "3"], classes: stars).index(of: "1") == 0)
    #expect(try LabelReading(["1", "2"], classes: stars, form: .names).index(of: "2") == 1)
    #expect(try LabelReading(["1", "2"], classes: stars, form: .indices).index(of: "2") == 2)
  }

  @Test(
    arguments: [
      (["1", "2"], ["1", "2", "3"], LabelReading.Failure.ambiguous("1")),
      (["0", "1", "3"], ["1", "2", "3"], .mixed(name: "3", index: "0")),
      (["a", "0"], ["a", "b"], .mixed(name: "a", index: "0")),
      (["a", "c"], ["a", "b"], .unknown("c")), (["-1", "0"], ["a", "b"], .unknown("-1")),
    ] as [(Set<String>, [String], LabelReading.Failure)])
  func asksWhereBothFit(_ labels: Set<String>, _ classes: [String], _ failure: LabelReading.Failure)
  {
    let found = #expect(throws: LabelReading.Failure.self) {
      _ = try LabelReading(labels, classes: classes)
    }
    #expect(found == failure)
  }

  @Test func nearMissesAreNamed() {
    let classes = ["negative", "positive"]
    #expect(LabelReading.nearMiss(" Positive ", classes: classes) == "positive")
    #expect(LabelReading.nearMiss("1.0", classes: classes) == "1")
    #expect(LabelReading.nearMiss("2.0", classes: ["1", "2"]) == "2")
    #expect(LabelReading.nearMiss("other", classes: classes) == nil)
  }

  @Test(arguments: [
    ("split,label,p_1,p_2,p_3\nval,1,1,0,0\nval,2,0,1,0\n", "label_form: names"),
    ("split,label,a,b\nval,a,1,2\nval,0,1,2\n", "p.csv:3: the label '0' is an index, but 'a'"),
    ("split,label,a,b\nval,A,1,2\n", "unknown label 'A' (did you mean 'a'?)"),
  ])
  func tablesOfPredictionsAsk(_ text: String, _ part: String) {
    let error = #expect(throws: RunLogError.self) {
      _ = try PredictionTable.read(Array(text.utf8), file: "p.csv")
    }
    #expect(error.map { "\($0)" }?.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func theUserSaysWhich() throws {
    let text = Array("split,label,p_1,p_2,p_3\nval,1,1,0,0\nval,2,0,1,0\n".utf8)
    for (form, labels) in [(ImportMap.LabelForm.names, [0, 1]), (.indices, [1, 2])] {
      let table = try PredictionTable.read(text, file: "p.csv", form: form)
      #expect(table.splits[0].predictions.labels == labels)
    }
    let map = try ImportMap.parse(Array("label_form: indices".utf8), file: "m")
    #expect(map.labelForm == .indices)
  }
}
