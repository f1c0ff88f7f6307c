import Foundation
import Metrics
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

@Suite struct ReportTests {
  static let figures = [
    ("losses", "Training and Validation Losses"), ("accuracies", "Model Accuracies"),
    ("learning_rate", "Learning Rate Schedule"), ("ROC", "ROC Curves"),
    ("transfer_gap", "Transfer Gap Analysis"), ("dashboard", "Training Dashboard"),
    ("final_comparison", "Final Performance Comparison"),
  ].map { name, title in
    ReportFigure(
      name: name, title: title, caption: "What \(name) shows: 5e-5 → 6.1e-6.",
      alternativeText: "\(title), drawn")
  }

  private func report(
    _ run: TinyRun = TinyRun(), change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> String {
    let folder = try TemporaryFolder()
    try run.write(to: folder.path)
    try change(RunDirectory(folder.path))
    return try Report(results: RunResults(Run(folder.path)), figures: Self.figures).markdown()
  }

  private func foreignReport(_ history: String) throws -> String {
    let folder = try TemporaryFolder()
    try AtomicFile.write(history, to: folder.path + "/training_history.json")
    return try Report(
      results: RunResults(Run(folder.path)), figures: Self.figures.filter { $0.name != "ROC" },
      absentFigures: [
        AbsentFigure(
          name: "ROC", title: "ROC Curves",
          reason: "it needs predictions, and \(folder.path)/predictions is not there")
      ]
    ).markdown()
  }

  // MARK: Whole reports

  @Test func aRunOfOurOwn() throws {
    try expectSnapshot(report(), "reports/tiny.md")
  }

  /// Interrupted, diverged on the way, with a torn log and a file of predictions lost.
  @Test func aRunThatWentWrong() throws {
    var tiny = TinyRun()
    (tiny.plannedEpochs, tiny.divergedEpoch, tiny.isComplete) = (10, 2, false)
    tiny.settings = [
      "model.encoder_layers=12", "model.frozen_layers=0", "model.freeze_embeddings=false",
      "training.schedule={name: constant}", "training.gradient_clipping=1",
      "select=best_source_validation", "goals=[]", "training.schedule.warmup_steps=2",
    ]
    let text = try report(tiny) { directory in
      try remove(directory.predictions(epoch: 1, Split("de", .test)))
      let log = try RandomAccessFile(directory.log).contents()
      try AtomicFile.write(log + Array(#"{"record":"st"#.utf8), to: directory.log)
    }
    try expectSnapshot(text, "reports/went-wrong.md")
  }

  @Test func aHistoryFromElsewhere() throws {
    let text = try foreignReport(
      """
      {"train_losses": [1.0, NaN, 0.5], "train_accuracies": [0.5, 0.6, 0.7],
       "english_val_losses": [1.1, 0.9, 0.8], "english_val_accuracies": [0.6, 0.7, 0.8],
       "english_val_f1_scores": [0.55, 0.65, 0.75], "target_val_losses": [1.2, 1.1, 1.0],
       "target_val_accuracies": [0.5, 0.55, 0.6], "learning_rates": [5e-05, 2.7e-05, 6.1e-06]}
      """)
    try expectSnapshot(text, "reports/history-only.md")
  }

  @Test func theBarestHistory() throws {
    let text = try foreignReport(#"{"train_losses": [1.0]}"#)
    #expect(text.contains("The logs do not say how well the model does on Source validation."))
    #expect(text.contains("no target language"))
    #expect(text.contains("| Source training | – | 1.000 | – | – | – | – |"))
  }

  @Test func whatIsOftenASlipStandsAmongTheCaveats() throws {
    var tiny = TinyRun()
    let before = try report(tiny)
    tiny.warnings = []
    // Nothing is said where nothing was looked for, and where nothing was found, but that checks looked for it.
    func withoutChecks(_ text: String) -> String {
      text.replacing(/(?s)## Checks.*?## Caveats/, with: "")
    }
    #expect(try withoutChecks(report(tiny)) == withoutChecks(before))
    #expect(!before.contains("few_steps") && !before.contains("Declared as intended"))
    tiny.warnings = [
      InputWarning(
        kind: .sharedTexts, count: 2, place: "en.test",
        text:
          "2 of 150 texts of en.test are in the training data too, 2 to the letter: test.tsv:3 as *train.tsv*:4.",
        isIntended: false),
      InputWarning(
        kind: .fewSteps, count: 6, place: "training.batch_size",
        text: "2 steps per epoch, 6 in all.",
        isIntended: true),
    ]
    var extended = tiny
    extended.plannedEpochs = 10
    #expect(try !report(extended).contains("few_steps"))
    let text = try report(tiny)
    let caveats = try #require(text.split(separator: "## Caveats").last)
    #expect(
      caveats.contains(
        "\n- Warning (`shared_texts`): 2 of 150 texts of en.test are in the training data too, 2 to the letter: "
          + "test.tsv:3 as \\*train.tsv\\*:4.\n"
          + "- Declared as intended (`few_steps`): 2 steps per epoch, 6 in all.\n"), "\(caveats)")
  }

  // MARK: A pure function of the run

  @Test func theSameRunGivesTheSameBytesWhereverItLies() throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    var texts: Set<String> = []
    for path in [first.path, second.path + "/deep/down", second.path + "/./deep//other"] {
      try TinyRun().write(to: path)
      // The torn line puts a path into a warning.
      let log = try RandomAccessFile(path + "/log.jsonl").contents()
      try AtomicFile.write(log + [0x7B], to: path + "/log.jsonl")
      try remove(path + "/predictions/epoch-01/es.validation.safetensors")
      texts.insert(
        try Report(results: RunResults(Run(path)), figures: Self.figures).markdown())
    }
    #expect(texts.count == 1)
    let text = try #require(texts.first)
    #expect(text.contains("Warning: log.jsonl:"))
    for part in [first.path, "/deep", "/models", "2026", "03:04"] {
      #expect(!text.contains(part), "\(part) is in the report")
    }
  }

  @Test func whatDoesNotRepeatStandsInCostAlone() throws {
    var slow = TinyRun()
    slow.slowness = 3.7
    let (a, b) = (try report(), try report(slow) { try noteInterruption($0) })
    #expect(a != b)
    #expect(try withoutCost(a) == withoutCost(b))
    #expect(b.contains("| **Interrupted** | 1 time |"))
    #expect(!b.contains("Then Resumed"), "the signal was announced")
    let killed = try report(slow) {
      try noteInterruption($0)
      let log = try RunLogWriter($0.log)
      for _ in 0..<2 { try log.append(.resumed(epoch: 3, step: 6)) }
    }
    #expect(try withoutCost(killed) == withoutCost(a))
    #expect(killed.contains("| **Interrupted** | 1 time |"))
    #expect(killed.contains("| **Killed or Failed, Then Resumed** | 2 times |"))
  }

  private func noteInterruption(_ directory: RunDirectory) throws {
    let log = try RunLogWriter(directory.log)
    try log.append(.interrupted(epoch: 3, step: 6))
    try log.append(.resumed(epoch: 3, step: 6))
  }

  private func withoutCost(_ text: String) throws -> String {
    let parts = text.split(separator: "<!-- cost -->", omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    let end = try #require(parts.last).split(separator: "<!-- /cost -->")
    return String(parts[0]) + String(try #require(end.last))
  }

  /// Every number of the results table is worked out again from the stored predictions.
  @Test func theTableHoldsTheNumbersOfThePredictions() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let run = try Run(folder.path)
    let text = try Report(results: RunResults(run), figures: []).markdown()
    let names = ["en": "English", "de": "German", "es": "Spanish"]
    let parts: [Part: String] = [
      .train: "training (running values)", .validation: "validation", .test: "test",
    ]
    for (split, _, _) in TinyRun.splits {
      let predictions = try #require(try run.predictions(epoch: 3, split, classes: 3))
      let rows = predictions.labels.indices.map { predictions.row($0) }
      let confusion = ConfusionMatrix(
        labels: predictions.labels, predictions: rows.map { predictedClass($0) }, classes: 3)
      let losses = zip(rows, predictions.labels).map { crossEntropy($0, label: $1) }
      let interval = try #require(
        wilsonInterval(successes: confusion.correct, total: confusion.total))
      let area = try #require(
        MulticlassROC(
          probabilities: rows.map { softmax($0) }, labels: predictions.labels, classes: 3
        ).macroArea)
      let name = "\(names[split.language] ?? "") \(parts[split.part] ?? "")"
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| \(name) | ") })
      let cells = row.split(separator: "|").map { String($0).trimmingCharacters(in: .whitespaces) }
      #expect(cells[1] == "\(confusion.total)")
      let values = [
        losses.reduce(0, +) / Double(losses.count), 100 * confusion.accuracy, confusion.macroF1,
        confusion.matthewsCorrelation, area,
      ]
      for (cell, value) in zip(cells[2...6], values) {
        let printed = try #require(cell.split(separator: " ").first.map(String.init))
        let digits = printed.split(separator: ".").dropFirst().first?.count ?? 0
        #expect(NumberFormat.decimal(value, digits: digits) == printed, "\(name): \(cell)")
        #expect(cell.hasSuffix("]"), "\(cell)")
      }
      let bounds = (100 * interval.lower)...(100 * interval.upper)
      // As many as the number of its column that deserves most.
      let digits = cells[3].prefix { $0 != " " }.split(separator: ".").dropFirst().first?.count ?? 0
      #expect(digits >= NumberFormat.digits(bounds, fallback: 1))
      let printed = [bounds.lowerBound, bounds.upperBound].map {
        NumberFormat.decimal($0, digits: digits)
      }
      #expect(cells[3].hasSuffix("[\(printed.joined(separator: "–"))]"), "\(cells[3])")
      #expect(cells[7].contains(" ± "), "\(cells[7])")
    }
  }

  // MARK: What the summary says

  /// A run whose validation sets have `english` and `german` right answers of `count`.
  private func summary(english: Int, german: Int, of count: Int) throws -> String {
    let text = try report { directory in
      for (code, correct) in [("en", english), ("de", german)] {
        let labels = (0..<count).map { $0 % 3 }
        let logits = labels.enumerated().flatMap { index, label in
          (0..<3).map { column -> Float in
            column == (index < correct ? label : (label + 1) % 3) ? 3 : 0
          }
        }
        for part in [Part.validation, .test] {
          try Predictions(
            classes: 3, logits: logits, labels: labels, ids: Array(labels.indices),
            mode: .evaluation
          ).write(to: directory.predictions(epoch: 3, Split(code, part)))
        }
      }
    }
    let end = try #require(text.split(separator: "## Model Specifications").first)
    return String(end)
  }

  @Test func aPositiveGap() throws {
    let text = try summary(english: 800, german: 700, of: 1000)
    #expect(
      text.contains(
        "**10.0 percentage points fewer** than on English (95 % interval 6.2 to 13.8), a positive"))
  }

  @Test func aNegativeGap() throws {
    let text = try summary(english: 700, german: 800, of: 1000)
    #expect(
      text.contains(
        "**10.0 percentage points more** than on English (95 % interval 6.2 to 13.8), a negative"))
  }

  @Test func aGapThatIsNone() throws {
    let text = try summary(english: 700, german: 700, of: 1000)
    #expect(
      text.contains(
        "a transfer gap of 0.0 percentage points that **could not be distinguished from zero**"))
    #expect(
      text.contains("(95 % interval −4.1 to +4.0). In macro F1 the gap is 0.000 ["), "\(text)")
    #expect(text.contains("On test the gap in accuracy is 0.0 [−4.1 to +4.0] percentage points."))
  }

  @Test func tooFewExamples() throws {
    let text = try summary(english: 12, german: 11, of: 20)
    #expect(text.contains("there are too few examples to say more"))
  }

  @Test func aModelThatLearnedNothing() throws {
    let text = try summary(english: 340, german: 330, of: 1000)
    #expect(text.contains("could not be distinguished from always naming the most frequent class"))
  }

  @Test func aRunThatDivergedInTheEnd() throws {
    var tiny = TinyRun()
    tiny.divergedEpoch = 3
    let text = try report(tiny)
    // The network that counts answers on validation; it is the passing through training that failed.
    #expect(
      text.contains("but after epoch 3, which is reported here, the English validation loss was."))
    #expect(
      text.contains(
        "Not finite numbers, and shown as gaps in the figures: English training loss in epoch 3."))
    #expect(
      text.contains("| English training (running values) | 120 | not a number | – | – | – | – |"))
    #expect(
      text.contains("**Without an answer: 120 of 120 examples of English training.**"), "\(text)")
  }

  @Test func aRunWithoutTargets() throws {
    var tiny = TinyRun()
    tiny.settings = ["data.targets=[]"]
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    // The tiny run writes predictions of its targets all the same; without them there are none.
    for epoch in 1...3 {
      for name in ["de.validation", "de.test", "es.validation"] {
        try remove("\(folder.path)/predictions/epoch-0\(epoch)/\(name).safetensors")
      }
    }
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    #expect(text.contains("The run has no target language, so there is no transfer to report."))
    #expect(!text.contains("| Transfer gap |"))
  }

  @Test func aLanguageScoredLater() throws {
    let text = try report { directory in
      try Predictions(
        classes: 3, logits: [1, 0, 0, 0, 1, 0, 0, 0, 1], labels: [0, 1, 1], ids: [0, 1, 2],
        mode: .evaluation
      ).write(to: directory.predictions(epoch: 3, Split("fr", .test)))
    }
    #expect(text.contains("| French test | 3 |"))
    #expect(!text.contains("| French | validation |"))
    #expect(text.contains("| French | test | +"))
    // Spanish has no test, so validation speaks, and French stands apart.
    #expect(
      text.contains(
        "French has only test results and is set apart from the validation results above: its gap on test is"
      ), "\(text)")
  }

  // MARK: Text from outside

  @Test func outsideTextCannotBreakOut() throws {
    var tiny = TinyRun()
    tiny.settings = [
      ##"name="# <b>x<b> | `y` <!-- cost -->""##,
      ##"note="line\n\n# heading\n<!-- /cost --> ![x](y) {{name}}""##,
      ##"goals=["- nested", "1. more", "a | b", "> quote\n\nparagraph", "*bold*"]"##,
      ##"labels=["a|b", "<i>", "__c__"]"##, ##"data.targets.0.name="[Ger](x) | man""##,
    ]
    let text = try report(tiny)
    try expectSnapshot(text, "reports/hostile.md")
    #expect(text.split(separator: "<!-- cost -->", omittingEmptySubsequences: false).count == 2)
    #expect(text.split(separator: "<!-- /cost -->", omittingEmptySubsequences: false).count == 2)
    // Every row of a table has as many cells as its head.
    var cells: Int?
    var rows = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        cells = nil
        continue
      }
      let found = line.replacing("\\|", with: "").count { $0 == "|" }
      #expect(found == cells ?? found, "\(line)")
      (cells, rows) = (found, rows + 1)
    }
    #expect(rows > 60)
  }

  @Test func writesWholeFiles() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    var options = ReportOptions()
    options.template = try Template("{{name}}: {{#results}}{{part}}, {{/results}}", file: "t")
    let files = try ReportFiles(RunDirectory(folder.path), options: options)
    #expect(files.markdown == "tiny: training, validation, test, validation, test, validation, \n")
    try files.write()
    for (name, text) in [("report.md", files.markdown), ("report.json", files.json)] {
      let bytes = try RandomAccessFile("\(folder.path)/\(name)").contents()
      #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
  }
}

/// Removes a file.
private func remove(_ path: String) throws {
  try #require(unlink(path) == 0)
}
