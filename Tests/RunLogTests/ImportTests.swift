import Metrics
@testable import RunLog
import Storage
import TestSupport
import Testing

/// Logs of real programs (Tests/Fixtures/make_import_fixtures.py) read as what these programs say they
/// hold: `expected/` comes from their own objects.
@Suite struct ImportTests {
  private func log(_ name: String, map: String? = nil) throws -> ImportedLog {
    let map = try map.map { try ImportMap.parse(Array($0.utf8), file: "map.yaml") }
    return try ImportedLog.read(Fixture.path("imports/\(name)"), map: map)
  }

  private func expected(_ name: String) throws -> JSON {
    try Fixture.json("imports/expected/\(name).json")
  }

  /// The values of a key in the records that have it.
  private func values(_ key: String, _ records: JSON) throws -> [Double] {
    try #require(records.array).compactMap { $0[key]?.double }
  }

  private let en = Split("en", .validation)
  private let de = Split("de", .validation)
  private let training = Split("source", .train)
  private let source = Split("source", .validation)

  // MARK: Hugging Face

  @Test func readsTheNewestCheckpointOfATrainer() throws {
    let log = try log("huggingface-checkpoints")
    let records = try expected("huggingface-checkpoints")
    #expect(log.format == .huggingFace && log.unit == .epoch)
    #expect(log.files.map { $0.hasSuffix("checkpoint-150/trainer_state.json") } == [true, false])
    #expect(log.positions == (1...10).map(Double.init) && log.selectedRow == 9)
    #expect(log.source == .init(code: "en", name: "English"))
    #expect(log.targets == [.init(code: "de", name: "German")])
    for (split, name) in [(en, "en"), (de, "de")] {
      #expect(try log.rows[split]?[.loss] == values("eval_\(name)_loss", records))
      #expect(try log.rows[split]?[.accuracy] == values("eval_\(name)_accuracy", records))
      #expect(try log.rows[split]?[.macroF1] == values("eval_\(name)_f1_macro", records))
    }
    let losses = try values("loss", records)
    #expect(losses.count == 10 && log.rows[Split("en", .train)]?[.loss] == losses)
    #expect(log.rows[Split("en", .train)]?[.accuracy] == nil)
    #expect(try log.rates.map(\.rate) == values("learning_rate", records))
    #expect(log.rates.map(\.position) == log.positions && log.warnings.isEmpty)
    #expect(
      log.facts.contains(.init(name: "Batch size per device", value: "8", key: "train_batch_size"))
    )
  }

  /// What the Trainer predicted in the end gives the accuracy that it logged in the end.
  @Test func readsPredictionsBesideTheLog() throws {
    let log = try log("huggingface-checkpoints")
    #expect(log.labels == ["negative", "neutral", "positive"])
    #expect(Set(log.predictions.keys) == [en, de, Split("en", .test)])
    for split in [en, de] {
      let predictions = try #require(log.predictions[split])
      #expect(
        predictions.mode == .evaluation && predictions.ids == Array(predictions.labels.indices))
      let hits = predictions.labels.indices.count { index in
        let row = Array(predictions.row(index))
        return row.firstIndex(of: row.max() ?? 0) == predictions.labels[index]
      }
      let logged = try #require(log.rows[split]?[.accuracy]?.last)
      #expect(abs(Double(hits) / Double(predictions.count) - logged) < 1e-9)
    }
  }

  @Test func placesEvaluationsBetweenEpochs() throws {
    let log = try log("huggingface-steps")
    let records = try #require(try expected("huggingface-steps").array)
    let evaluations = records.filter { $0["eval_loss"] != nil }
    #expect(log.positions == evaluations.compactMap { $0["epoch"]?.double })
    #expect(log.positions.count == 5 && log.source.name == "Source" && log.targets.isEmpty)
    #expect(log.rows[source]?[.loss] == evaluations.compactMap { $0["eval_loss"]?.double })
    // The training loss of a row is the mean over the steps that were logged since the row before, each
    // logged value being one of two steps; the last of 30 steps is evaluated as well.
    var sums: [(sum: Double, count: Double)] = []
    var open = (sum: 0.0, count: 0.0)
    for record in records {
      if let loss = record["loss"]?.double { open = (open.sum + loss, open.count + 1) }
      if record["eval_loss"] != nil { (sums, open) = (sums + [open], (0, 0)) }
    }
    let found = try #require(log.rows[training]?[.loss])
    #expect(found.count == 5 && sums.count == 5)
    for (value, expected) in zip(found, sums) {
      #expect(abs(value - expected.sum / expected.count) < 1e-12)
    }
    // A warm-up: rates of each step, on their own places.
    #expect(log.rates.count == 15 && log.rates[0].position == records[0]["epoch"]?.double)
    #expect(log.facts.contains { $0.key == "train_loss" } && log.facts.contains { $0.isCost })
  }

  @Test func readsTheArrayAloneAndOtherLayouts() throws {
    let (state, array) = (try log("huggingface-steps"), try log("huggingface-array"))
    #expect(array.format == .huggingFace && array.rows == state.rows && array.rates == state.rates)
    let byFile = try log("huggingface-array/logs_of_my_run.json")
    #expect(byFile.rows == array.rows)
    let old = try log("huggingface-old")
    let records = try expected("huggingface-old")
    #expect(old.positions == [1, 2, 3])
    #expect(try old.rows[source]?[.accuracy] == values("eval_accuracy", records))
    #expect(try old.rows[training]?[.loss] == values("loss", records))
    let bare = try log("huggingface-no-evaluation")
    #expect(bare.positions.count == 9 && bare.positions.last == 3 && bare.rows.count == 1)
    #expect(bare.rows[training]?[.loss]?.contains { !$0.isFinite } == false)
  }

  // MARK: Lightning

  /// The numbers of a column, with their lines, read the plain way.
  private func column(_ name: String, _ file: String) throws -> [Double] {
    let text = String(
      decoding: try RandomAccessFile(Fixture.path("imports/\(file)")).contents(), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let index = try #require(lines[0].firstIndex { $0 == name })
    return lines.dropFirst().compactMap { Double($0[index]) }
  }

  @Test func readsLightningsSparseTable() throws {
    let file = "lightning/lightning_logs/version_10/metrics.csv"
    // The newest version by its number, not by its name.
    for name in [
      "lightning", "lightning/lightning_logs", "lightning/lightning_logs/version_10", file,
    ] {
      let log = try log(name)
      #expect(log.format == .lightning && log.unit == .epoch && log.positions == [1, 2, 3, 4])
      #expect(try log.rows[source]?[.loss] == column("val_loss", file))
      #expect(try log.rows[source]?[.accuracy] == column("val_acc", file))
      #expect(try log.rows[training]?[.loss] == column("train_loss_epoch", file))
      #expect(try log.rows[training]?[.accuracy] == column("train_acc", file))
      #expect(try log.tests[Split("source", .test)]?[.loss] == column("test_loss", file).last)
      #expect(try log.rates.map(\.rate) == column("lr-AdamW", file))
      // Rates are logged before the first step of an epoch of 15.
      let places = [1.0, 16, 31, 46].map { $0 / 15 }
      #expect(zip(log.rates.map(\.position), places).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(log.warnings.isEmpty)
    }
  }

  @Test func readsTwoDataLoadersTwiceAnEpoch() throws {
    let log = try log("lightning-two-sets")
    let file = "lightning-two-sets/numbers.csv"
    #expect(log.positions.count == 8)
    let places = [7.0, 14, 22, 29, 37, 44, 52, 59].map { $0 / 15 }
    #expect(zip(log.positions, places).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(log.targets.map(\.code) == ["dataloader-1"])
    #expect(try log.rows[source]?[.loss] == column("val_loss/dataloader_idx_0", file))
    #expect(
      try log.rows[Split("dataloader-1", .validation)]?[.accuracy]
        == column("val_acc/dataloader_idx_1", file))
    // --map gives the sets their names.
    let named = try self.log(
      "lightning-two-sets",
      map: """
        source: en
        series:
          val_loss/dataloader_idx_0: en.validation loss
          val_acc/dataloader_idx_0: en.validation accuracy
          val_loss/dataloader_idx_1: de.validation loss
          val_acc/dataloader_idx_1: de.validation accuracy
          train_loss_step: ignore
        names: {en: British, de: German}
        """)
    #expect(named.source.name == "British" && named.targets.map(\.code) == ["de"])
    #expect(named.rows[en]?[.loss] == log.rows[source]?[.loss])
  }

  // MARK: Keras

  @Test func readsKerasTablesAndHistories() throws {
    let history = try expected("keras-csv")
    for name in ["keras-csv", "keras-csv/training.log", "keras-history"] {
      let log = try log(name)
      #expect(log.format == .keras && log.positions == (1...6).map(Double.init))
      for (split, prefix) in [(training, ""), (source, "val_")] {
        for (metric, key) in [(Metric.loss, "loss"), (.accuracy, "accuracy")] {
          let values = try #require(history[prefix + key]?.array).compactMap(\.double)
          #expect(log.rows[split]?[metric] == values, "\(prefix + key)")
        }
      }
      #expect(log.rates.map(\.rate) == history["learning_rate"]?.array?.compactMap(\.double))
      #expect(log.warnings.isEmpty)
    }
  }

  /// Validated every second epoch: the table says NA, the history has shorter arrays.
  @Test func readsSparseValidation() throws {
    let history = try expected("keras-sparse")
    for name in ["keras-sparse", "keras-sparse-history"] {
      let log = try log(name)
      #expect(log.positions == [2, 4, 6])
      #expect(log.rows[source]?[.loss] == history["val_loss"]?.array?.compactMap(\.double))
      let losses = try #require(history["loss"]?.array).compactMap(\.double)
      let found = try #require(log.rows[training]?[.loss])
      for row in 0..<3 {
        #expect(abs(found[row] - (losses[2 * row] + losses[2 * row + 1]) / 2) < 1e-12)
      }
    }
  }

  // MARK: TensorBoard

  /// A tag's steps and values as TensorBoard's own reader gives them.
  private func series(_ name: String, _ tag: String) throws -> [(step: Double, value: Double)] {
    try #require(try expected(name)[tag]?.array, "\(tag)").map { pair in
      (try #require(pair.array?[0].double), try #require(pair.array?[1].double))
    }
  }

  @Test func readsScalarsAndTensors() throws {
    let log = try log("tensorboard-torch")
    #expect(log.format == .tensorBoard && log.unit == .step && log.positions == [1, 2, 3, 4, 5])
    let name = "tensorboard-torch"
    // The tensor-valued ones are doubles in our hands and floats in the file, as in the reference.
    #expect(try log.rows[source]?[.loss] == series(name, "Loss/val").map(\.value))
    #expect(try log.rows[source]?[.accuracy] == series(name, "Accuracy/val").map(\.value))
    #expect(try log.rows[de]?[.accuracy] == series(name, "Accuracy/val_de").map(\.value))
    #expect(try log.rows[training]?[.loss] == series(name, "Loss/train").map(\.value))
    #expect(try log.rates.map(\.rate) == series(name, "lr").map(\.value))
    let asEpochs = try self.log(name, map: "steps: epochs")
    #expect(asEpochs.unit == .epoch && asEpochs.positions == log.positions)
    #expect(asEpochs.rows == log.rows)
  }

  @Test func aRestartTakesBackWhatItRepeats() throws {
    let log = try log("tensorboard-restart")
    #expect(log.positions == [0, 1, 2, 3, 4, 5])
    let name = "tensorboard-restart"
    #expect(try log.rows[source]?[.loss] == series(name, "eval/loss").map(\.value))
    #expect(try log.rows[training]?[.loss] == series(name, "train/loss").map(\.value))
  }

  @Test func readsFoldersThatAreCurves() throws {
    let log = try log("tensorboard-x")
    let name = "tensorboard-x"
    #expect(log.positions == [10, 20, 30, 40, 50])
    #expect(try log.rows[source]?[.loss] == series(name, "loss/validation/loss").map(\.value))
    #expect(try log.rows[training]?[.loss] == series(name, "loss/train/loss").map(\.value))
    #expect(try log.rows[source]?[.accuracy] == series(name, "validation/acc").map(\.value))
  }

  /// The Trainer's and Lightning's event files tell epochs like their other logs; Keras counts them.
  @Test func eventFilesAgreeWithTheProgramsOtherLogs() throws {
    let (trainer, state) = (try log("tensorboard-huggingface"), try log("huggingface-steps"))
    #expect(trainer.unit == .epoch && trainer.positions.count == state.positions.count)
    for (a, b) in zip(trainer.positions, state.positions) { #expect(abs(a - b) < 1e-4) }
    try expectNear(trainer.rows[source]?[.loss], state.rows[source]?[.loss])
    try expectNear(trainer.rows[training]?[.loss], state.rows[training]?[.loss])
    let (events, table) = (try log("tensorboard-lightning"), try log("lightning"))
    #expect(events.positions == table.positions)
    try expectNear(events.rows[source]?[.accuracy], table.rows[source]?[.accuracy])
    try expectNear(events.rows[training]?[.loss], table.rows[training]?[.loss])
    try expectNear(events.rates.map(\.position), table.rates.map(\.position))
    let keras = try log("tensorboard-keras")
    #expect(keras.unit == .epoch && keras.positions == (1...6).map(Double.init))
    #expect(
      try keras.rows[source]?[.loss]
        == series("tensorboard-keras", "validation/epoch_loss").map(\.value))
    #expect(
      try keras.rows[training]?[.accuracy]
        == series("tensorboard-keras", "train/epoch_accuracy").map(\.value))
  }

  /// Event files hold 32-bit numbers.
  private func expectNear(_ a: [Double]?, _ b: [Double]?) throws {
    let (a, b) = (try #require(a), try #require(b))
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-6 * max(1, abs(y))) }
  }
}
