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
    ("label,a,b\n", "no table of predictions"), ("split,label,a,b\n", "holds no prediction"),
    ("split,label,prob_a\nval,a,1\n", "a column of every class"),
    ("split,label,p_a,p_b\nval,a,0.5,0.6\n", "p.csv:2: the probabilities must be from 0 to 1"),
    ("split,label,a,b\nval,c,1,2\n", "p.csv:2: unknown label 'c'"),
    ("split,label,a,b\nval,2,1,2\n", "unknown label '2'"),
    ("split,label,a,b\nval,a,1\n", "expected 4 fields"),
    ("split,label,a,b\nval,a,x,1\n", "'x' in column 'a' is no number"),
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
