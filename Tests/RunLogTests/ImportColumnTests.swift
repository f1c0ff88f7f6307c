import Storage
import TestSupport
import Testing

import Metrics
@testable import RunLog

/// Columns that do not say all: whose, in what unit, whether they can be read at all.
@Suite struct ImportColumnTests {
  // MARK: Names without a part

  @Test func aBareAccuracyGoesWithTheOthers() throws {
    // fastai.
    let fastai = try WrittenLog.read(
      "epoch,train_loss,valid_loss,accuracy,time\n0,0.92,0.85,0.63,00:12\n1,0.70,0.74,0.70,00:12\n")
    expectSeries(fastai.series(.validation, .accuracy), [0.63, 0.70])
    #expect(fastai.series(.train, .accuracy) == nil && fastai.warnings.count == 1)
    #expect(
      fastai.warns(
        "'accuracy' does not say", "such as 'train_loss', it is taken as validation",
        "'series: {accuracy: train accuracy}'"))
    let mapped = try WrittenLog.read(
      "epoch,train_loss,valid_loss,accuracy\n0,0.92,0.85,0.63\n",
      map: "series: {accuracy: train accuracy}")
    expectSeries(mapped.series(.train, .accuracy), [0.63])
    #expect(mapped.warnings.isEmpty)
    // Keras: a bare loss is of training, and so is all that stands beside it.
    let keras = try WrittenLog.read("epoch,loss,accuracy,val_loss\n0,1,0.5,0.9\n1,0.8,0.6,0.8\n")
    expectSeries(keras.series(.train, .accuracy), [0.5, 0.6])
    #expect(keras.warns("as 'loss' is", "it is taken as training"))
    let plain = try WrittenLog.read("epoch,loss,accuracy,val_loss,val_accuracy\n0,1,0.5,0.9,0.4\n")
    #expect(plain.warnings.isEmpty)
    let only = try WrittenLog.read("epoch,val_loss,accuracy\n1,1,0.5\n")
    expectSeries(only.series(.validation, .accuracy), [0.5])
  }

  // MARK: Percent

  @Test func percentIsSettledForTheLog() throws {
    // 0.8 % in the first epoch, and in a column that never exceeds 1 nothing can tell.
    let log = try WrittenLog.read(
      """
      epoch,train_loss,train_acc,val_loss,val_acc,val_macro_f1
      1,5.0,0.8,4.9,0.9,0.50
      2,4.8,12.0,4.8,10.0,0.65

      """)
    expectSeries(log.series(.train, .accuracy), [0.008, 0.12])
    expectSeries(log.series(.validation, .accuracy), [0.009, 0.1])
    #expect(log.series(.validation, .macroF1) == nil)
    #expect(log.warnings.contains("'train_acc', 'val_acc' are taken to be in percent."))
    #expect(
      log.warns("'val_macro_f1' has no value above 1, while 'train_acc'", "macro_f1 share}'"))
    let mapped = try WrittenLog.read(
      "epoch,val_acc,val_macro_f1\n1,55,0.5\n",
      map: "series: {val_macro_f1: validation macro_f1 share}")
    expectSeries(mapped.series(.validation, .macroF1), [0.5])
    expectSeries(mapped.series(.validation, .accuracy), [0.55])
    let percent = try WrittenLog.read(
      "epoch,val_acc\n1,0.5\n", map: "series: {val_acc: validation accuracy percent}")
    expectSeries(percent.series(.validation, .accuracy), [0.005])
  }

  // MARK: Fields that are no numbers

  @Test func aColumnWithAnUnreadableFieldIsLeftOut() throws {
    let text =
      "epoch,train_loss,val_loss,val_acc,test_acc\n1,0.92,0.85,0.63,N/A\n2,0.70,0.74,oops,-\n3,0.52,0.78,,_\n"
    let log = try WrittenLog.read(text)
    expectSeries(log.series(.validation, .loss), [0.85, 0.74, 0.78])
    #expect(log.series(.validation, .accuracy) == nil && log.tests.isEmpty)
    #expect(
      log.warns("log.csv:3: 'oops' in column 'val_acc' is not a number; the column is left out"))
    #expect(log.warnings.count == 1)
    let ignored = try WrittenLog.read(text, map: "series: {val_acc: ignore}")
    #expect(ignored.warnings.isEmpty)
    // A decimal comma where the comma separates nothing.
    let comma = try WrittenLog.read("epoch;val_loss\n1;0,85\n2;0,74\n")
    expectSeries(comma.series(.validation, .loss), [0.85, 0.74])
  }

  @Test func aTornLineIsLeftOut() throws {
    for end in ["3,0.5", "3,0.5,0.7,\"0.6"] {
      let log = try WrittenLog.read(
        "epoch,train_loss,val_loss,val_acc\n1,1,0.9,0.6\n2,0.8,0.8,0.7\n" + end)
      #expect(log.positions == [1, 2] && log.warns("log.csv:4: the last line is torn"))
    }
    // Within the file it is an error with its place.
    let error = #expect(throws: RunLogError.self) {
      _ = try WrittenLog.read("epoch,train_loss,val_loss\n1,1\n2,0.8,0.8\n")
    }
    #expect(error?.line == 2 && error?.message.contains("expected 3 fields") == true)
  }

  // MARK: Names

  @Test(
    arguments: [
      ("accuracy_top1", "accuracy"), ("eval_top1", "accuracy"), ("val_acc@1", "accuracy"),
      ("top_1_accuracy", "accuracy"), ("accuracy_top5", nil), ("val_acc@5", nil),
      ("top1_loss", nil),
    ] as [(String, String?)])
  func topOneIsAccuracy(_ name: String, _ quantity: String?) {
    let subject = SeriesMeaning(name, format: .table)?.subject
    if case .value(_, _, let found)? = subject {
      #expect("\(found)" == quantity)
    } else {
      #expect(subject == nil && quantity == nil)
    }
  }

  /// A source has the name that the log gives it.
  @Test func onlyALogThatSaysEnglishHasAnEnglishSource() throws {
    let says = try WrittenLog.read(
      #"{"english_val_losses": [1], "target_val_losses": [2]}"#, as: "training_history.json")
    #expect(says.source == .init(code: "source", name: "English"))
    let silent = try WrittenLog.read(
      #"{"train_losses": [1], "target_val_losses": [2]}"#, as: "training_history.json")
    #expect(silent.source == .init(code: "source", name: "Source"))
    let mapped = try WrittenLog.read(
      #"{"train_losses": [1], "target_val_losses": [2]}"#, as: "training_history.json",
      map: "names: {source: French}")
    #expect(mapped.source.name == "French")
  }

  @Test func theMapNamesThePlace() throws {
    let log = try WrittenLog.read(
      "ep,it,train_loss,val_loss\n1,10,0.9,0.8\n2,20,0.7,0.75\n", map: "epoch: ep\nstep: it")
    #expect(log.positions == [1, 2] && log.unit == .epoch && log.warnings.isEmpty)
    let lines = try WrittenLog.read(
      #"{"ep": 0, "val_loss": 0.8}"# + "\n" + #"{"ep": 1, "val_loss": 0.7}"# + "\n",
      as: "log.jsonl", map: "epoch: ep")
    #expect(lines.positions == [1, 2])
    let error = #expect(throws: RunLogError.self) {
      _ = try WrittenLog.read("epoch,val_loss\n1,2\n", map: "epoch: ep")
    }
    #expect(error?.message.contains("has no column 'ep'") == true)
  }

  /// Keras' history written by pandas: rows are epochs, and the report says that this is a guess.
  @Test(arguments: [",loss,val_loss\n0,1,0.9\n1,0.8,0.7\n", "loss,val_loss\n1,0.9\n0.8,0.7\n"])
  func rowsWithoutAPlaceAreEpochs(_ text: String) throws {
    let log = try WrittenLog.read(text)
    #expect(log.positions == [1, 2] && log.warns("each row is taken as an epoch"))
    expectSeries(log.series(.validation, .loss), [0.9, 0.7])
  }

  /// Places that no axis can tell apart.
  @Test func aPlaceThatIsTooFarIsRefused() {
    for place in ["1e300", "1e25"] {
      let error = #expect(throws: RunLogError.self) {
        _ = try WrittenLog.read("epoch,train_loss,val_loss\n1,1,1\n\(place),1,1\n")
      }
      #expect(error?.message.contains("no training gets that far") == true)
    }
  }

  /// Every column that is left out is named, but clocks and costs.
  @Test func columnsThatMeanNothingAreNamed() throws {
    let log = try WrittenLog.read(
      "epoch,val_loss,model_quality,epoch_time,evaluation_score,note\n1,2,3,4,5,6\n")
    #expect(log.warns("'model_quality', 'evaluation_score', 'note' mean nothing here"))
    #expect(log.warns("'series: {model_quality: validation accuracy}'") && log.warnings.count == 1)
  }

  /// A folder without a log says what lies in it.
  @Test func whatIsFoundInsteadIsNamed() throws {
    let nothing = try WrittenLog([
      "config.json": #"{"model_type": "bert"}"#, "data.csv": "a,b\n1,2\n",
    ])
    let error = try #require(throws: RunLogError.self) { _ = try nothing.read() }
    #expect(error.message.contains("data.csv is a table with the columns a, b"), "\(error)")
    #expect(error.message.contains("Weights & Biases history"))
    let below = try WrittenLog(["logs/one/numbers.csv": "epoch,train_loss,val_loss\n1,2,3\n"])
    let hint = try #require(throws: RunLogError.self) { _ = try below.read() }
    #expect(hint.message.contains("name one of those below it: logs/one/numbers.csv"))
    // What is wrong with the only log is said.
    let wrong = try WrittenLog(["numbers.csv": "epoch,train_loss,val_loss\nx,2,3\n"])
    let reason = try #require(throws: RunLogError.self) { _ = try wrong.read() }
    #expect(reason.line == 2 && reason.message.contains("'x' in column 'epoch'"))
  }

  /// The map that docs/other-logs.md gives for spaCy's log; without one its names say nothing here.
  @Test func spaCysLogIsReadWithItsMap() throws {
    let records = [(0, 33.3, 0.67), (1, 55.0, 50.1), (2, 61.0, 40.7)].map { epoch, score, loss in
      "{\"epoch\":\(epoch),\"step\":\(epoch * 200),\"losses\":{\"tok2vec\":1.5,\"textcat\":\(loss)},"
        + "\"scores\":{\"cats_score\":\(score),\"cats_macro_f\":\(score)},\"score\":\(score / 100)}\n"
    }.joined()
    let error = try #require(throws: RunLogError.self) {
      try WrittenLog(["training.jsonl": records]).read("training.jsonl")
    }
    #expect("\(error)".contains("'scores/cats_macro_f'. Say with --map what they are"), "\(error)")
    let document = try String(
      decoding: RandomAccessFile(Fixture.folder + "/../../docs/other-logs.md").contents(),
      as: UTF8.self)
    let section = try #require(document.split(separator: "**spaCy**").last)
    let block = try #require(section.split(separator: "```yaml\n").dropFirst().first)
    let map = try #require(block.split(separator: "```").first)
    let log = try WrittenLog.read(records, as: "training.jsonl", map: String(map))
    #expect(log.warnings == ["'scores/cats_macro_f' is taken to be in percent."])
    // Hundredths of decimal numbers, to rounding.
    expectClose(
      try #require(log.series(.validation, .macroF1)).map { $0 ?? -1 }, [0.333, 0.55, 0.61],
      absolute: 1e-12)
    #expect(log.series(.train, .loss) == nil)
  }
}
