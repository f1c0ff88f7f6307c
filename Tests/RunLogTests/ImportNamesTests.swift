import Metrics
@testable import RunLog
import Storage
import TestSupport
import Testing

/// What names tell, what is refused, and what a map says.
@Suite struct ImportNamesTests {
  private func parse(_ text: String, map: String? = nil) throws -> ImportedLog {
    let map = try map.map { try ImportMap.parse(Array($0.utf8), file: "map.yaml") }
    return try ImportedLog.parse(Array(text.utf8), file: "log", map: map)
  }

  @Test(
    arguments: [
      ("train_loss", "train unnamed loss"), ("loss", "train unnamed loss"),
      ("Loss/train", "train unnamed loss"), ("trainLoss", "train unnamed loss"),
      ("train_loss_step", "train unnamed loss by step"),
      ("train_loss_epoch", "train unnamed loss by epoch"), ("train_acc", "train unnamed accuracy"),
      ("val_loss", "validation unnamed loss"), ("valid/accuracy", "validation unnamed accuracy"),
      ("val_sparse_categorical_accuracy", "validation unnamed accuracy"),
      ("dev_f1_macro", "validation unnamed macro_f1"), ("eval/loss", "validation unnamed loss"),
      ("evaluation_loss_vs_iterations", "validation unnamed loss"),
      ("test_acc", "test unnamed accuracy"), ("val_de_acc", "validation de accuracy"),
      ("accuracy/german", "validation de accuracy"), ("loss/de.test", "test de loss"),
      ("english_val_losses", "validation en loss"),
      ("val_target_f1", "validation target macro_f1 ?"),
      ("val_f1", "validation unnamed macro_f1 ?"), ("lr", "rate"), ("learning_rates", "rate"),
      ("lr-AdamW/pg1", "rate"), ("train/learning_rate", "rate"), ("epoch", "clock"),
      ("val_acc/dataloader_idx_2", "validation dataloader-2 accuracy"),
      // What must not be mistaken for one of ours.
      ("val_balanced_accuracy", nil), ("macro_accuracy", nil), ("val_accuracy_macro", nil),
      ("val_top5_accuracy", nil), ("f1_weighted", nil),
      ("val_loss_accuracy", nil), ("eval_runtime", nil), ("grad_norm", nil), ("best_val_acc", nil),
      ("val_aux_loss", nil), ("train_ctc_loss", nil), ("", nil), ("_/", nil),
    ] as [(String, String?)])
  func tells(_ name: String, _ meaning: String?) {
    #expect(words(SeriesMeaning(name, format: .table)) == meaning)
  }

  /// The Trainer's sets may have any name.
  @Test(
    arguments: [
      ("eval_loss", "validation unnamed loss"), ("eval_mnli_mm_loss", "validation mnli-mm loss"),
      ("eval_de_f1_macro", "validation de macro_f1"),
      ("eval_test_accuracy", "test unnamed accuracy"),
      ("eval_German_loss", "validation de loss"), ("eval_balanced_accuracy", nil),
      ("eval_macro_accuracy", nil), ("eval_de_accuracy_macro", nil),
      ("eval_samples_per_second", nil),
    ] as [(String, String?)])
  func tellsOfTheTrainer(_ name: String, _ meaning: String?) {
    #expect(words(SeriesMeaning(name, format: .huggingFace)) == meaning)
  }

  private func words(_ meaning: SeriesMeaning?) -> String? {
    guard let meaning else { return nil }
    let text: String
    switch meaning.subject {
    case .learningRate: return "rate"
    case .epoch: return "clock"
    case .value(let part, let set, let metric):
      let name =
        switch set {
        case .unnamed: "unnamed"
        case .source: "source"
        case .firstTarget: "target"
        case .named(let code): code
        }
      text = "\(part.rawValue) \(name) \(metric)"
    }
    let grain = meaning.grain == .step ? " by step" : meaning.grain == .epoch ? " by epoch" : ""
    return text + grain + (meaning.saysAveraging ? "" : " ?")
  }

  // MARK: Other layouts

  @Test func readsHistoriesUnderOtherNames() throws {
    let log = try parse(
      #"""
      {"train_loss": [1, 0.5], "val_loss": [1.1, null], "train_acc": [0.5, 0.75],
       "val_acc": [0.5, 0.625], "german_val_acc": [0.4, 0.5], "lr": [1e-3, 9e-4, 8e-4, 7e-4],
       "note": "mine"}
      """#)
    let (training, source) = (Split("source", .train), Split("source", .validation))
    #expect(log.positions == [1, 2] && log.rows[training]?[.loss] == [1, 0.5])
    #expect(
      log.rows[source]?[.loss]?[1].isNaN == true && log.rows[source]?[.accuracy] == [0.5, 0.625])
    // Null was not logged, which is another thing than NaN.
    #expect(log.value(source, .loss, row: 1) == nil && log.value(source, .loss, row: 0) == 1.1)
    let diverged = try parse(#"{"val_loss": [1.1, NaN, null], "train_loss": [1, 0.9, 0.8]}"#)
    #expect(diverged.value(source, .loss, row: 1)?.isNaN == true)
    #expect(diverged.value(source, .loss, row: 2) == nil && diverged.positions == [1, 2, 3])
    #expect(log.targets == [.init(code: "de", name: "German")])
    // Two rates an epoch.
    #expect(log.rates.map(\.position) == [0.5, 1, 1.5, 2])
    #expect(log.warnings.count == 1 && log.warnings[0].contains("'note' means nothing here"))
    let groups = try parse(
      #"{"epochs": [0, 1], "train": {"loss": [2, 1]}, "val": {"loss": [3, 2]}}"#)
    #expect(groups.positions == [1, 2] && groups.rows[source]?[.loss] == [3, 2])
    let dumped = try parse(
      #"{"params": {"epochs": 2}, "epoch": [0, 1], "history": {"loss": [2, 1], "val_loss": [3, 2]}}"#
    )
    #expect(dumped.format == .keras && dumped.rows[source]?[.loss] == [3, 2])
  }

  @Test func readsRecordsALine() throws {
    let log = try parse(
      """
      {"epoch": 0, "train_loss": 2.0, "test_acc1": 30.0, "val_acc": 61.5}
      {"epoch": 1, "train_loss": 1.0, "val_acc": 73.25}
      {"epoch": 2, "tra
      """)
    #expect(log.positions == [1, 2])
    #expect(log.rows[Split("source", .validation)]?[.accuracy] == [0.615, 0.7325])
    #expect(log.warnings.contains { $0.contains("log:3: the last line is torn") })
    #expect(log.warnings.contains("'test_acc1', 'val_acc' are taken to be in percent."))
  }

  @Test func columnsInAnyOrderAndOtherTrainingValues() throws {
    let log = try parse(
      "val_loss;comment;step;train_loss;epoch\n;a;0;2.0;0\n;b;1;1.0;0\n0.9;;1;;0\n;;2;0.5;1\n0.7;;2;;1\n0."
    )
    #expect(log.rows[Split("source", .validation)]?[.loss] == [0.9, 0.7])
    #expect(log.rows[Split("source", .train)]?[.loss] == [1.5, 0.5])
    #expect(log.warnings.contains { $0.contains("last line is torn") })
  }

  @Test func theSourceIsEnglishElseTheFirstSet() throws {
    let both = #"{"val_de_acc": [0.5], "val_en_acc": [0.6]}"#
    #expect(try parse(both).source.code == "en" && parse(both).warnings.isEmpty)
    let neither = try parse(#"{"val_fr_acc": [0.5], "val_de_acc": [0.6]}"#)
    #expect(neither.source.code == "fr" && neither.targets.map(\.code) == ["de"])
    #expect(neither.warnings.contains { $0.contains("taken to be French, the first one") })
    let mapped = try parse(#"{"val_fr_acc": [0.5], "val_de_acc": [0.6]}"#, map: "source: German")
    #expect(mapped.source.code == "de" && mapped.targets.map(\.code) == ["fr"])
    let twice = try parse(#"{"val_acc": [0.5, 0.6], "val_accuracy": [0.7, 0.8]}"#)
    #expect(twice.rows[Split("source", .validation)]?[.accuracy] == [0.5, 0.6])
    #expect(twice.warnings.contains { $0.contains("'val_accuracy' seems to hold the same") })
    let share = try parse(#"{"val_acc": [-1], "val_loss": [3]}"#)
    #expect(share.warnings.contains { $0.contains("which are not shares") })
  }

  // MARK: The map

  @Test func aMapSaysWhatNamesDoNot() throws {
    let log = try parse(
      #"{"a": [1, 2], "b": [0.1, 0.2], "c": [5, 6], "val_loss": [9, 9]}"#,
      map: """
        series: {a: train loss, b: de.validation accuracy, c: learning_rate, val_loss: ignore}
        names: {de: Deutsch}
        source: source
        selected: 1
        """)
    #expect(log.rows[Split("source", .train)]?[.loss] == [1, 2])
    #expect(log.rows[Split("de", .validation)]?[.accuracy] == [0.1, 0.2])
    #expect(log.rates.map(\.rate) == [5, 6] && log.targets.map(\.name) == ["Deutsch"])
    #expect(log.rows[Split("source", .validation)] == nil && log.selectedRow == 0)
  }

  @Test(arguments: [
    ("series: {vall_loss: train loss}", "is not a series of log; did you mean 'val_loss'?"),
    ("series: {val_loss: loss}", "map.yaml:1: 'series.val_loss': expected a split and loss"),
    ("series: {val_loss: de.valid loss}", "expected a split"), ("sources: en", "unknown key"),
    ("selected: 7", "'selected' is epoch 7, but the log has no evaluation there"),
    ("selected: -1", "must be 0 or above"), ("steps: minutes", "expected epochs or steps"),
    ("labels: [a]", "at least two labels"), ("names: {'a/b': c}", "is not a language code"),
    ("series: {val_loss: train loss, val_acc: train loss}", "are given the same meaning"),
    ("[", "not valid YAML"), ("", "is empty"),
  ])
  func aMapThatIsWrong(_ map: String, _ part: String) {
    let error = #expect(throws: RunLogError.self) {
      _ = try parse(#"{"val_loss": [1, 2], "val_acc": [0, 1]}"#, map: map)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(part), "\(error.map { "\($0)" } ?? "")")
  }

  // MARK: What is something else

  @Test(arguments: [
    ("", "is an empty file"), ("hello\n", "neither JSON nor a table"),
    ("a,b\n1,2\n", "a table with the columns a, b, but neither epoch nor step"),
    (#"{"model_type": "bert", "layers": 6}"#, "a JSON object with the keys model_type, layers"),
    ("[1, 2]", "a JSON array that holds no records"), ("{}", "an empty JSON object"),
    (#"{"log_history": []}"#, "is the state of a Trainer whose 'log_history' is empty"),
    (
      #"{"log_history": [{"epoch": "x", "step": 1, "loss": 2}]}"#,
      "'epoch' of entry 0 must be a number"
    ),
    (
      "epoch,speed\n1,2\n",
      "holds no series whose name says loss, accuracy or F1; found 'speed'"
    ),
    ("epoch,loss\n1,x\n", "log:2: 'x' in column 'loss' is not a number"),
    ("epoch,loss\n1,2,3\n", "log:2: expected 2 fields"),
    ("epoch,loss\n-1,2\n", "must not be negative"),
    ("epoch,loss,loss\n1,2,3\n", "the column 'loss' occurs twice"),
    ("split,label,a,b\n", "is a table of predictions, not a log"),
    (#"{"record": "step"}"#, "the log of a TransferGap run"), ("\u{0}\u{1}\u{2}", "binary data"),
    (
      #"{"train_losses": [1, 2], "english_val_losses": [1]}"#, "'english_val_losses' 1; every array"
    ),
    (#"{"loss": ["x"], "val_loss": [1]}"#, "'loss[0]' must be a number, not a string"),
  ])
  func refuses(_ text: String, _ part: String) {
    let error = #expect(throws: (any Error).self) { _ = try parse(text) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(part), "\(error.map { "\($0)" } ?? "")")
  }

  /// A file that bears a log's name is worth an error; any other is none of our business.
  @Test func aFolderNamesWhatBearsALogsName() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(#"{"model_type": "bert"}"#, to: folder.path + "/trainer_state.json")
    let error = try #require(throws: RunLogError.self) { _ = try Run(folder.path) }
    #expect(error.file.hasSuffix("trainer_state.json") && error.message.contains("model_type"))
    try AtomicFile.write("{", to: folder.path + "/config.json")
    try AtomicFile.write("split,label,a,b\n", to: folder.path + "/p.txt")
    try AtomicFile.write(#"{"val_loss": [1]}"#, to: folder.path + "/numbers.txt")
    #expect(throws: RunLogError.self) { _ = try Run(folder.path) }
    try AtomicFile.write("split,label,a,b\nvalidation,a,1,0\n", to: folder.path + "/p.txt")
    let run = try Run(folder.path)
    #expect(run.imported?.labels == ["a", "b"])
    #expect(run.imported?.files.map { $0.hasSuffix("numbers.txt") } == [true, false])
  }

  @Test func severalRunsInOneFolderAreRefused() throws {
    let folder = try TemporaryFolder()
    let events = try RandomAccessFile(
      Fixture.path("imports/tensorboard-restart/events.out.tfevents.1700000000.host.1.0")
    ).contents()
    for run in ["one", "two"] {
      try makeFolder("\(folder.path)/\(run)")
      try AtomicFile.write(events, to: "\(folder.path)/\(run)/renamed")
    }
    let error = try #require(throws: RunLogError.self) { _ = try Run(folder.path) }
    #expect(error.message.contains("holds several runs, 'one' and 'two' among them"))
    #expect(try Run(folder.path + "/one").imported?.positions == [0, 1, 2, 3])
  }

  @Test func damagedEventFilesNameThePlace() throws {
    var events = try RandomAccessFile(
      Fixture.path("imports/tensorboard-restart/events.out.tfevents.1700000000.host.1.0")
    ).contents()
    // Torn inside the last record: the rest counts.
    let torn = try ImportedLog.parse(Array(events.dropLast(5)), file: "e")
    #expect(torn.warnings.contains { $0.contains("ends inside a record") })
    events[60] ^= 1
    let error = #expect(throws: RunLogError.self) { _ = try ImportedLog.parse(events, file: "e") }
    #expect(error?.message.contains("is damaged: its checksum does not match") == true)
  }
}
