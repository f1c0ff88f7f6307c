import Metrics
import Storage
import TestSupport
import Testing

@testable import RunLog

/// Logs as further programs write them; what each holds stands beside it.
@Suite struct ImportProgramTests {
  private let losses: [Double?] = [0.85, 0.74, 0.78]
  private let accuracies: [Double?] = [0.63, 0.70, 0.69]
  private let training: [Double?] = [0.92, 0.70, 0.52]

  // MARK: A file per series, a file per epoch

  @Test func allenNLPsFilesAreOneLog() throws {
    func metrics(_ epoch: Int, _ train: Double, _ loss: Double, _ accuracy: Double) -> String {
      """
      {"best_epoch": 1, "peak_worker_0_memory_MB": 900, "training_duration": "0:00:10",
       "training_start_epoch": 0, "training_epochs": \(epoch), "epoch": \(epoch), "training_accuracy": 0.8,
       "training_loss": \(train), "validation_accuracy": \(accuracy), "validation_loss": \(loss),
       "best_validation_accuracy": 0.7, "best_validation_loss": 0.74}
      """
    }
    // More than ten, so that their names' order is not their numbers'.
    var files = ["metrics.json": metrics(11, 0.1, 0.9, 0.5)]
    for epoch in 0..<12 {
      files["metrics_epoch_\(epoch).json"] = metrics(epoch, 0.9 - 0.05 * Double(epoch), 0.85, 0.5)
    }
    let log = try WrittenLog(files).read()
    #expect(log.format == .allenNLP && log.positions == (1...12).map(Double.init))
    expectSeries(log.series(.train, .loss), (0..<12).map { 0.9 - 0.05 * Double($0) })
    #expect(log.warnings.isEmpty && log.files.count == 12)
  }

  private let dvcLive = [
    "dvclive/plots/metrics/train/loss.tsv": "step\tloss\n0\t0.92\n1\t0.70\n2\t0.52\n",
    "dvclive/plots/metrics/eval/loss.tsv": "step\tloss\n0\t0.85\n1\t0.74\n2\t0.78\n",
    "dvclive/plots/metrics/eval/accuracy.tsv": "step\taccuracy\n0\t0.63\n1\t0.70\n2\t0.69\n",
    "dvclive/metrics.json": #"{"train": {"loss": 0.52}, "eval": {"loss": 0.78}, "step": 2}"#,
  ]

  @Test(arguments: ["", "dvclive", "dvclive/plots", "dvclive/plots/metrics"])
  func foldersOfDVCLiveNameItsSeries(_ folder: String) throws {
    let log = try WrittenLog(dvcLive).read(folder)
    expectSeries(log.series(.train, .loss), training)
    expectSeries(log.series(.validation, .loss), losses)
    expectSeries(log.series(.validation, .accuracy), accuracies)
    #expect(log.warnings.isEmpty && log.files.count == 3 && log.positions == [0, 1, 2])
  }

  /// A file alone is what its folder says.
  @Test func aSeriesInAFolderCalledEvalIsNotTraining() throws {
    let log = try WrittenLog(dvcLive).read("dvclive/plots/metrics/eval/loss.tsv")
    #expect(log.series(.train, .loss) == nil)
    expectSeries(log.series(.validation, .loss), losses)
  }

  @Test func downloadsOfTensorBoardAreOneLog() throws {
    func table(_ values: [Double], every seconds: Double, from: Double) -> String {
      "Wall time,Step,Value\n"
        + values.enumerated().map { "\(from + Double($0) * seconds),\($0),\($1)\n" }.joined()
    }
    let log = try WrittenLog([
      "run-.-tag-train_loss.csv": table(
        (0..<12).map { 1 - 0.05 * Double($0) }, every: 10, from: 1e9),
      "run-.-tag-val_loss.csv": table([0.85, 0.74, 0.78], every: 40, from: 1e9 + 35),
    ]).read()
    #expect(log.format == .tensorBoard && log.positions == [1, 2, 3])
    expectSeries(log.series(.validation, .loss), losses)
    // Four steps before each evaluation, as the times say.
    expectSeries(log.series(.train, .loss), [0.925, 0.725, 0.525])
    #expect(log.warns("'train_loss' counts steps, 0 to 11", "the order in which they were logged"))
    #expect(!log.alignment.isEmpty)
  }

  @Test func mlflowsFilesAreOneLog() throws {
    func lines(_ values: [Double?]) -> String {
      values.enumerated().map { "\(1_700_000_000_000 + $0 * 1000) \($1 ?? 0) \($0)\n" }.joined()
    }
    let metrics = "mlruns/0/abc/metrics"
    let files = [
      "\(metrics)/train/loss": lines(training), "\(metrics)/val_loss": lines(losses),
      "\(metrics)/val_accuracy": lines(accuracies), "mlruns/0/abc/params/lr": "0.1",
    ]
    let log = try WrittenLog(files).read()
    #expect(log.format == .mlflow && log.warnings.isEmpty)
    expectSeries(log.series(.train, .loss), training)
    expectSeries(log.series(.validation, .loss), losses)
    expectSeries(log.series(.validation, .accuracy), accuracies)
    // Two runs are two trainings.
    let two = files.merging(["mlruns/0/def/metrics/val_loss": lines(losses)]) { $1 }
    let error = try #require(throws: RunLogError.self) { _ = try WrittenLog(two).read() }
    #expect(error.message.contains("holds several runs"))
  }

  @Test func mlflowsLongTable() throws {
    let log = try WrittenLog.read(
      """
      run_id,key,value,step,timestamp
      abc,train_loss,0.92,0,1700000000000
      abc,val_loss,0.85,0,1700000000001
      abc,val_accuracy,0.63,0,1700000000001
      abc,train_loss,0.70,1,1700000010000
      abc,val_loss,0.74,1,1700000010001
      abc,val_accuracy,0.70,1,1700000010001

      """)
    expectSeries(log.series(.train, .loss), [0.92, 0.70])
    expectSeries(log.series(.validation, .loss), [0.85, 0.74])
    expectSeries(log.series(.validation, .accuracy), [0.63, 0.70])
    #expect(log.warnings.isEmpty)
  }

  // MARK: Weights & Biases

  @Test(arguments: ["", "NaN"])
  func historiesOfWeightsAndBiases(_ nothing: String) throws {
    let n = nothing
    let log = try WrittenLog.read(
      """
      "_step","_runtime","_timestamp","train/epoch","train/global_step","train/loss","train/learning_rate","train/grad_norm","eval/loss","eval/accuracy","eval/runtime"
      0,5.1,1700000001.5,0.5,50,0.95,0.000016,1.2,\(n),\(n),\(n)
      1,9.9,1700000006.5,1,100,0.78,0.000013,1.1,\(n),\(n),\(n)
      2,11.0,1700000007.5,1,100,\(n),\(n),\(n),0.74,0.66,1.0
      3,15.2,1700000012.5,1.5,150,0.55,0.00001,0.9,\(n),\(n),\(n)
      4,19.8,1700000016.5,2,200,0.45,0.000006,0.8,\(n),\(n),\(n)
      5,21.0,1700000017.5,2,200,\(n),\(n),\(n),0.70,0.71,1.0

      """)
    #expect(log.format == .weightsAndBiases && log.positions == [1, 2] && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .loss), [0.74, 0.70])
    expectSeries(log.series(.validation, .accuracy), [0.66, 0.71])
    expectSeries(log.series(.train, .loss), [0.865, 0.5])
    #expect(log.rates.map(\.rate) == [1.6e-5, 1.3e-5, 1e-5, 6e-6])
    #expect(log.rates.map(\.position) == [0.5, 1, 1.5, 2])
  }

  /// `_step` counts calls of `log`, so the call after the last training loss is no `validate()` at its end.
  @Test(arguments: ["train/epoch", "epoch"])
  func lastEvaluationOfAHistoryWithoutSteps(_ epoch: String) throws {
    let log = try WrittenLog.read(
      """
      _step,\(epoch),train/loss,eval/loss,eval/accuracy
      0,0.5,0.95,,
      1,1,,0.74,0.62
      2,1.5,0.70,,
      3,2,,0.70,0.65
      4,2.5,0.55,,
      5,3,,0.68,0.67

      """)
    #expect(log.positions == [1, 2, 3] && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .accuracy), [0.62, 0.65, 0.67])
  }

  @Test func panelsOfWeightsAndBiases() throws {
    let header =
      #""Step","brave-sun-7 - eval/loss","brave-sun-7 - eval/loss__MIN","brave-sun-7 - eval/loss__MAX""#
    let log = try WrittenLog.read(
      header + "\n\"100\",\"0.74\",\"0.74\",\"0.74\"\n200,0.70,0.70,0.70\n")
    #expect(log.positions == [100, 200] && log.unit == .step && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .loss), [0.74, 0.70])
    #expect(log.origins.map(\.key) == ["brave-sun-7 - eval/loss"])
    // Two runs in one panel are two trainings.
    let two =
      "Step,a - eval/loss,a - eval/loss__MIN,b - eval/loss,b - eval/loss__MIN\n1,0.7,0.7,0.8,0.8\n"
    let error = try #require(throws: RunLogError.self) { _ = try WrittenLog.read(two) }
    #expect(error.message.contains("'series: {\"a - eval/loss\": ignore}'"), "\(error)")
    let one = try WrittenLog.read(two, map: "series: {\"a - eval/loss\": ignore}")
    expectSeries(one.series(.validation, .loss), [0.8])
  }

  /// Lightning's logger for Weights & Biases counts epochs and steps from 0.
  @Test func lightningInWeightsAndBiases() throws {
    let log = try WrittenLog.read(
      """
      _step,epoch,trainer/global_step,train_loss,val_loss
      0,0,4,1.0,NaN
      1,0,9,0.8,NaN
      2,0,9,NaN,0.85
      3,1,14,0.6,NaN
      4,1,19,0.4,NaN
      5,1,19,NaN,0.74

      """)
    #expect(log.positions == [1, 2])
    expectSeries(log.series(.validation, .loss), [0.85, 0.74])
    expectSeries(log.series(.train, .loss), [0.9, 0.5])
  }

  // MARK: Tables

  @Test func flairsTables() throws {
    let log = try WrittenLog.read(
      """
      EPOCH\tTIMESTAMP\tBAD_EPOCHS\tLEARNING_RATE\tTRAIN_LOSS\tDEV_LOSS\tDEV_PRECISION\tDEV_RECALL\tDEV_F1\tDEV_ACCURACY
      1\t10:00:01\t0\t0.1000\t0.92\t0.8512341\t0.6\t0.6\t0.6\t0.63
      2\t10:00:31\t0\t0.1000\t0.70\t0.7412341\t0.7\t0.7\t0.7\t0.70
      3\t10:01:01\t1\t0.0500\t0.52\t0.7812341\t0.69\t0.69\t0.69\t0.69

      """, as: "loss.tsv")
    expectSeries(log.series(.train, .loss), training)
    expectSeries(log.series(.validation, .loss), [0.8512341, 0.7412341, 0.7812341])
    expectSeries(log.series(.validation, .accuracy), accuracies)
    #expect(log.rates.map(\.rate) == [0.1, 0.1, 0.05])
    #expect(log.warns("'BAD_EPOCHS', 'DEV_PRECISION', 'DEV_RECALL' mean nothing here"))
    // What was not measured is an underscore.
    let old = try WrittenLog.read(
      """
      EPOCH\tTIMESTAMP\tLEARNING_RATE\tTRAIN_LOSS\tDEV_LOSS\tDEV_ACCURACY\tTEST_LOSS\tTEST_ACCURACY
      1\t10:00:01\t0.1000\t0.92\t0.8512341\t0.63\t_\t_
      2\t10:00:31\t0.1000\t0.70\t0.7412341\t0.70\t_\t_

      """, as: "loss.tsv")
    expectSeries(old.series(.validation, .loss), [0.8512341, 0.7412341])
    #expect(old.tests.isEmpty && old.warnings.isEmpty)
  }

  @Test func simpleTransformersNequIPAndDeepLabCut() throws {
    let simple = try WrittenLog.read(
      """
      global_step,train_loss,mcc,tp,tn,fp,fn,eval_loss
      100,0.71,0.40,35,35,15,15,0.64
      200,0.45,0.55,39,38,12,11,0.52
      300,0.20,0.53,38,38,12,12,0.58

      """)
    #expect(simple.positions == [100, 200, 300] && simple.unit == .step)
    expectSeries(simple.series(.train, .loss), [0.71, 0.45, 0.20])
    expectSeries(simple.series(.validation, .loss), [0.64, 0.52, 0.58])
    let nequip = try WrittenLog.read(
      "epoch, wall, LR, training_loss, validation_loss\n0, 10.1, 0.005, 1.010, 0.920\n"
        + "1, 20.2, 0.005, 0.805, 0.770\n2, 30.3, 0.0025, 0.690, 0.745\n")
    #expect(nequip.positions == [1, 2, 3] && nequip.warnings.isEmpty)
    expectSeries(nequip.series(.train, .loss), [1.010, 0.805, 0.690])
    expectSeries(nequip.series(.validation, .loss), [0.920, 0.770, 0.745])
    #expect(nequip.rates.map(\.rate) == [0.005, 0.005, 0.0025])
    // The header changes when another metric is logged.
    let dlc = try WrittenLog.read(
      """
      epoch,losses/train.total_loss,losses/eval.total_loss
      1,0.92,0.85
      2,0.70,0.74
      epoch,losses/train.total_loss,losses/eval.total_loss,metrics/test.accuracy
      3,0.52,0.78,
      4,0.45,0.76,0.7

      """)
    #expect(dlc.positions == [1, 2, 3, 4] && dlc.warnings.isEmpty)
    expectSeries(dlc.series(.validation, .loss), [0.85, 0.74, 0.78, 0.76])
    #expect(dlc.tests[Split("source", .test)]?[.accuracy] == 0.7)
  }

  /// A table of evaluations that is called so; the last step of an epoch is -1.
  @Test func sentenceTransformersTables() throws {
    let log = try WrittenLog.read(
      "epoch,steps,accuracy\n0,-1,0.63\n1,-1,0.70\n2,-1,0.69\n",
      as: "accuracy_evaluation_results.csv")
    #expect(log.positions == [1, 2, 3])
    expectSeries(log.series(.validation, .accuracy), accuracies)
    #expect(log.warns("'accuracy' does not say", "the file's name mentions evaluation"))
  }

  @Test func openMMLabsModesAndTopOne() throws {
    let log = try WrittenLog.read(
      """
      {"mode": "train", "epoch": 1, "iter": 100, "lr": 0.1, "memory": 9, "loss": 0.92, "time": 0.1}
      {"mode": "val", "epoch": 1, "iter": 50, "lr": 0.1, "accuracy_top-1": 63.0, "accuracy_top-5": 90.0}
      {"mode": "train", "epoch": 2, "iter": 100, "lr": 0.1, "memory": 9, "loss": 0.70, "time": 0.1}
      {"mode": "val", "epoch": 2, "iter": 50, "lr": 0.1, "accuracy_top-1": 70.0, "accuracy_top-5": 92.0}

      """, as: "20240101.log.json")
    #expect(log.positions == [1, 2])
    expectSeries(log.series(.train, .loss), [0.92, 0.70])
    expectSeries(log.series(.validation, .accuracy), [0.63, 0.70])
    #expect(log.warns("'val/accuracy_top-5' means nothing here"))
    // The same in a table.
    let table = try WrittenLog.read(
      "epoch,phase,loss\n1,train,0.9\n1,val,0.8\n2,train,0.7\n2,val,0.6\n")
    expectSeries(table.series(.train, .loss), [0.9, 0.7])
    expectSeries(table.series(.validation, .loss), [0.8, 0.6])
    #expect(table.warnings.isEmpty)
  }

  /// A test after the training bears the number of an epoch that never began.
  @Test func lightningsTestIsNoEpoch() throws {
    let log = try WrittenLog.read(
      """
      epoch,step,test_acc,test_loss,train_loss,val_acc,val_loss
      0,9,,,,0.63,0.85
      0,9,,,0.92,,
      1,19,,,,0.70,0.74
      1,19,,,0.70,,
      2,29,,,,0.69,0.78
      2,29,,,0.52,,
      3,30,0.68,0.80,,,

      """, as: "metrics.csv")
    #expect(log.positions == [1, 2, 3] && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .loss), losses)
    expectSeries(log.series(.train, .loss), training)
    #expect(log.tests[Split("source", .test)] == [.accuracy: 0.68, .loss: 0.80])
  }

  /// `validate()` after training is no epoch, and another measurement.
  @Test func lightningsValidationAfterTrainingIsNoEpoch() throws {
    let log = try WrittenLog.read(
      """
      epoch,step,train_loss,val_loss
      0,9,,0.85
      0,9,0.92,
      1,19,,0.74
      1,19,0.70,
      2,20,,0.75

      """, as: "metrics.csv")
    #expect(log.positions == [1, 2])
    expectSeries(log.series(.validation, .loss), [0.85, 0.74])
    #expect(log.warns("after the end of the training (line 6)", "is 0.74 and 0.75"))
  }

  @Test func ultralyticsAndEpochsAsKeys() throws {
    let log = try WrittenLog.read(
      "epoch,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0,lr/pg1\n"
        + "1,0.92,0.63,0.9,0.85,0.1,0.1\n2,0.70,0.70,0.95,0.74,0.05,0.05\n", as: "results.csv")
    expectSeries(log.series(.validation, .accuracy), [0.63, 0.70])
    #expect(log.warns("'metrics/accuracy_top1' does not say") && log.rates.count == 2)
    let keys = try WrittenLog.read(
      #"{"0": {"train": {"loss": 0.9}, "val": {"loss": 0.8}}, "1": {"train": {"loss": 0.7}, "val": {"loss": 0.75}}}"#,
      as: "log.json")
    #expect(keys.positions == [1, 2] && keys.warnings.isEmpty)
    expectSeries(keys.series(.validation, .loss), [0.8, 0.75])
  }

  // MARK: What is missing

  /// pandas writes nan for an empty field on request; a loss that is not a number stands beside numbers.
  @Test func nanMayBeAnEmptyField() throws {
    let sparse = try WrittenLog.read(
      "epoch,train_loss,val_loss,val_acc\n1,0.9,nan,nan\n1,nan,0.8,0.6\n2,0.7,nan,nan\n2,nan,0.75,0.65\n"
    )
    expectSeries(sparse.series(.train, .loss), [0.9, 0.7])
    expectSeries(sparse.series(.validation, .loss), [0.8, 0.75])
    #expect(sparse.warns("such fields are read as empty") && sparse.warnings.count == 1)
    let diverged = try WrittenLog.read(
      "epoch,train_loss,val_loss,val_acc\n1,0.9,0.8,0.6\n2,nan,nan,0.3\n3,nan,0.9,0.3\n")
    #expect(diverged.series(.train, .loss)?[2]?.isNaN == true && diverged.warnings.isEmpty)
  }

  @Test func nothingIsNotNaN() throws {
    let lines = try WrittenLog.read(
      """
      {"epoch": 1, "train_loss": 0.92, "val_loss": 0.85, "val_acc": 0.63, "time": "00:12", "note": null}
      {"epoch": 2, "train_loss": null, "val_loss": 0.74, "val_acc": 0.70}
      {"epoch": 3, "train_loss": 0.52, "val_loss": 0.78, "val_acc": 0.69}

      """, as: "log.jsonl")
    expectSeries(lines.series(.train, .loss), [0.92, nil, 0.52])
    #expect(lines.warnings.isEmpty)
    let diverged = try WrittenLog.read(
      "epoch,loss,accuracy,val_loss,val_accuracy\n0,nan,0.33,nan,0.33\n1,nan,0.33,nan,0.33\n")
    #expect(diverged.series(.train, .loss)?.allSatisfy { $0?.isNaN ?? false } == true)
    #expect(diverged.series(.validation, .loss)?.allSatisfy { $0?.isNaN ?? false } == true)
  }
}
