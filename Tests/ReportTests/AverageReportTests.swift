import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// What a report says of averaged weights.
@Suite struct AverageReportTests {
  private let german = Split("de", .validation)

  private func tiny(_ settings: String...) -> TinyRun {
    var tiny = TinyRun()
    tiny.averaged = 2...3
    tiny.settings = settings
    return tiny
  }

  private func predictions(_ right: Range<Int>, of count: Int) -> Predictions {
    Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row in
        (0..<3).map { ($0 == row % 3) == right.contains(row) ? Float(1) : 0 }
      }, labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count), mode: .evaluation)
  }

  private func report(
    _ run: TinyRun, change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> String {
    let folder = try TemporaryFolder()
    try run.write(to: folder.path)
    try change(RunDirectory(folder.path))
    return try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
  }

  /// What is said of German validation, and only that; English and Spanish are right in neither.
  private func sentence(
    _ last: Range<Int>, _ average: Range<Int>, of count: Int = 200,
    change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> String {
    let text = try report(tiny()) { directory in
      for (weights, right) in [(Weights.epoch(3), last), (.average(2...3), average)] {
        try predictions(right, of: count).write(to: directory.predictions(weights, german))
        for code in ["en", "es"] {
          try predictions(0..<0, of: 100).write(
            to: directory.predictions(weights, Split(code, .validation)))
        }
      }
      try change(directory)
    }
    return try #require(
      text.split(separator: "\n").first { $0.hasPrefix("- German validation: ") }.map(String.init),
      "\(text)")
  }

  // MARK: Sentences

  @Test(
    arguments: [
      (0..<100, 0..<130, 200, "averaging is **better** (+15"),
      (0..<130, 0..<100, 200, "averaging is **worse** (−15"),
      (0..<100, 50..<150, 200, "the two could not be distinguished (0"),
      (
        0..<100, 0..<100, 200,
        "each of the 200 examples is labelled correctly by both or by neither"
      ),
      (0..<0, 0..<29, 29, "from 29 examples nothing follows on which of the two is better."),
      (
        0..<100, 0..<106, 200,
        "McNemar's test alone tells them apart, but the correction leaves it open."
      ),
    ] as [(Range<Int>, Range<Int>, Int, String)])
  func saysWhatTheTestSays(
    _ last: Range<Int>, _ average: Range<Int>, _ count: Int, _ words: String
  ) throws {
    let found = try sentence(last, average, of: count)
    #expect(found.contains(words), "\(found)")
    #expect(found.contains("better**") == words.contains("better**"), "\(found)")
    #expect(found.contains("worse**") == words.contains("worse**"), "\(found)")
    #expect(
      found.contains("which does not make them equal")
        == (words.contains("distinguished") || words.contains("alone")), "\(found)")
  }

  @Test func saysWhyNothingIsCompared() throws {
    let path = { (directory: RunDirectory) in directory.predictions(.average(2...3), german) }
    let unanswered = try sentence(0..<100, 0..<100) { directory in
      try Predictions(
        classes: 3, logits: [Float](repeating: .nan, count: 600),
        labels: (0..<200).map { $0 % 3 }, ids: Array(0..<200), mode: .evaluation
      ).write(to: path(directory))
    }
    #expect(
      unanswered.hasSuffix("not compared, since one of the two has no answer for any example."),
      "\(unanswered)")
    let missing = try sentence(0..<100, 0..<100) { try removeFile(path($0)) }
    #expect(
      missing.hasSuffix("not tested, since what either says of each example is not stored."),
      "\(missing)")
  }

  // MARK: Which weights count

  @Test func anAverageBesideTheLastEpochIsARowAndATable() throws {
    let text = try report(tiny())
    #expect(text.contains("After epoch 3 of 3, the model labels"))
    #expect(
      text.contains(
        "[Four ways](metrics.md#epoch-choice) to choose one of 3 epochs or the "
          + "[average](metrics.md#average) of the last 2 side by side; the last is an oracle"))
    #expect(text.contains("| Average of the last ones | 2–3 |"), "\(text)")
    #expect(
      text.contains(
        "The [average of the weights](metrics.md#average) after epochs 2 to 3, against the weights after epoch 3"
      ))
    #expect(
      text.contains(
        "Holm's correction](metrics.md#holm) for the 3 languages tested, which decides."))
    #expect(
      text.contains("In this run nothing was chosen: the configuration takes the last epoch."))
    for language in ["English", "German", "Spanish"] {
      #expect(text.contains("| \(language) validation | "))
    }
  }

  @Test func anAverageThatCountsIsSaidSo() throws {
    let text = try report(tiny("select=average"))
    #expect(
      text.contains(
        "With the [average of the weights](metrics.md#average) after epochs 2–3, the model labels"),
      "\(text)")
    #expect(text.contains("| **Selected Weights** | average of those after epochs 2–3 |"))
    #expect(text.contains("In this run nothing was chosen: the configuration takes the average."))
    #expect(text.contains("after epochs 2 to 3, which is the model of this run, against"))
    #expect(!text.contains("After epoch 3") && !text.contains("Selected Epoch"))
    #expect(!text.contains("The epoch was selected by its accuracy"))
  }

  @Test func anAverageThatIsStillToComeIsSaidSo() throws {
    var tiny = TinyRun()
    (tiny.plannedEpochs, tiny.isComplete) = (5, false)
    tiny.settings = ["select=average", "average.epochs=2"]
    let text = try report(tiny)
    #expect(text.contains("After epoch 3 of 5, the model labels"))
    #expect(
      text.contains(
        "| **Selected Epoch** | 3 (the last complete one; the average of the last 2 has not been evaluated) |"
      ),
      "\(text)")
    #expect(text.contains("The average of the weights after the last 2 epochs"))
    #expect(!text.contains("The epoch was selected by its accuracy"))
    #expect(!text.contains("### Average of the Last Epochs"))
  }

  @Test func aRunWithoutTargetsHasItsTable() throws {
    let text = try report(tiny("data.targets=[]"))
    #expect(text.contains("## Which Epoch\n\n### Average of the Last Epochs"))
    #expect(text.contains("p-values are those of [McNemar's test](metrics.md#mcnemar).\n"))
    #expect(text.contains("| English test | "), "\(text)")
  }

  // MARK: Origins and audit

  @Test(arguments: ["last", "average"])
  func everyNumberHasAnOriginAndPassesTheAudit(_ select: String) throws {
    let folder = try TemporaryFolder()
    try tiny("select=\(select)").write(to: folder.path)
    let data = try ReportData(
      RunResults(Run(folder.path)), figures: [], absentFigures: [], options: ReportOptions())
    let collector = ValueCollector()
    _ = data.values(collector)
    for value in collector.values
    where value.number?.origins.isEmpty == true && value.number?.values.isEmpty == false {
      Issue.record("\(value.tag) has no origin: \(value.text)")
    }
    let difference = try #require(
      collector.values.first { $0.tag == "average.contrasts[1].difference.printed" })
    #expect(
      difference.number?.origins.map(\.file) == [
        "predictions/epoch-03/de.validation.safetensors",
        "predictions/average/de.validation.safetensors", "log.jsonl", "log.jsonl",
      ])
    let files = try ReportFiles(RunDirectory(folder.path))
    #expect(
      files.inputs.files.contains { $0.name == "predictions/average/de.validation.safetensors" })
  }

  /// An average is no third choice that a regret could be of.
  @Test func averagingChangesNoRegret() throws {
    let folder = try TemporaryFolder()
    try tiny("select=average").write(to: folder.path)
    let directory = RunDirectory(folder.path)
    // Of both, the last epoch is the best on source and target validation.
    for (weights, right) in [
      (Weights.epoch(1), 20), (.epoch(2), 30), (.epoch(3), 60), (.average(2...3), 50),
    ] {
      for code in ["en", "de", "es"] {
        try predictions(0..<right, of: 100).write(
          to: directory.predictions(weights, Split(code, .validation)))
      }
    }
    let checks = try RunChecks(RunResults(Run(folder.path)))
    let finding = try #require(
      checks[.selectionRegret]?.findings.first { $0.split?.language == "de" })
    #expect(finding.outcome == .notFound, "\(finding)")
    #expect(finding.values.first?.estimate.value == 0)
  }
}
