import Metrics
import Storage
import TestSupport
import Testing

@testable import RunLog

/// What the Trainer logs at odd moments: before training, after it, seldom.
@Suite struct ImportTrainerTests {
  private func state(_ entries: String...) -> String {
    #"{"best_metric": null, "epoch": 3.0, "global_step": 300, "max_steps": 300, "log_history": ["#
      + entries.joined(separator: ",\n") + "]}"
  }

  private func trained(_ epoch: Int, _ loss: Double) -> String {
    #"{"epoch": \#(epoch).0, "learning_rate": 1e-05, "loss": \#(loss), "step": \#(epoch * 100)}"#
  }

  private func evaluated(_ epoch: Int, _ loss: Double, _ accuracy: Double, set: String = "eval")
    -> String
  {
    #"{"epoch": \#(epoch).0, "\#(set)_accuracy": \#(accuracy), "\#(set)_loss": \#(loss), "step": \#(epoch * 100)}"#
  }

  private let summary = #"{"epoch": 3.0, "step": 300, "train_loss": 0.6333, "train_runtime": 60.0}"#

  private func read(_ text: String) throws -> ImportedLog {
    try WrittenLog.read(text, as: "trainer_state.json")
  }

  /// `eval_on_start`: the untrained model is epoch 0, and no epoch is shifted.
  @Test func anEvaluationBeforeTrainingIsEpoch0() throws {
    let log = try read(
      state(
        #"{"epoch": 0, "eval_accuracy": 0.34, "eval_loss": 1.11, "step": 0}"#, trained(1, 0.95),
        evaluated(1, 0.8, 0.64), trained(2, 0.6), evaluated(2, 0.7, 0.71), trained(3, 0.35),
        evaluated(3, 0.78, 0.69)))
    #expect(log.positions == [0, 1, 2, 3] && log.selectedRow == 3 && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .loss), [1.11, 0.8, 0.7, 0.78])
    expectSeries(log.series(.train, .loss), [nil, 0.95, 0.6, 0.35])
  }

  @Test func anEvaluationAfterTrainingIsNoPartOfTheCurve() throws {
    let log = try read(
      state(
        trained(1, 0.95), evaluated(1, 0.8, 0.64), trained(2, 0.6), evaluated(2, 0.7, 0.71),
        trained(3, 0.35), evaluated(3, 0.78, 0.69), summary, evaluated(3, 0.7, 0.71),
        evaluated(3, 0.9, 0.6, set: "eval_de"), evaluated(3, 0.72, 0.7, set: "test")))
    #expect(log.positions == [1, 2, 3])
    expectSeries(log.series(.validation, .loss), [0.8, 0.7, 0.78])
    expectSeries(log.series(.validation, .accuracy), [0.64, 0.71, 0.69])
    #expect(
      log.warns(
        "after the end of the training", "'eval_loss' at epoch 3 is 0.78 and 0.7",
        "those of epoch 2, so that checkpoint was probably loaded"))
    // What was measured then only is all that is known.
    expectSeries(log.series(.validation, .loss, of: "de"), [nil, nil, 0.9])
    #expect(log.tests[Split("source", .test)] == [.loss: 0.72, .accuracy: 0.7])
  }

  /// Evaluated once, in the end, as most examples of transformers do: that is the only row.
  @Test func theOnlyEvaluationMayComeLast() throws {
    let log = try read(
      state(trained(1, 0.9), trained(2, 0.7), trained(3, 0.5), summary, evaluated(3, 0.7, 0.71)))
    #expect(log.positions == [3] && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .loss), [0.7])
    expectSeries(log.series(.train, .loss), [0.7])
  }

  /// The same again is nothing to speak of.
  @Test func anEqualEvaluationAfterTrainingIsNoNews() throws {
    let log = try read(
      state(trained(1, 0.9), evaluated(1, 0.8, 0.6), summary, evaluated(1, 0.8, 0.6)))
    #expect(log.warnings.isEmpty && log.positions == [1])
  }

  /// Logged every 500 steps of epochs of 200: the loss of other epochs is not known, which is not NaN.
  @Test func aLossThatIsSeldomLoggedIsAbsent() throws {
    let log = try read(
      state(
        evaluated(1, 0.98, 0.55), evaluated(2, 0.88, 0.62),
        #"{"epoch": 2.5, "learning_rate": 1e-05, "loss": 0.91, "step": 250}"#,
        evaluated(3, 0.81, 0.66), evaluated(4, 0.79, 0.67)))
    expectSeries(log.series(.train, .loss), [nil, nil, 0.91, nil])
    expectSeries(log.series(.validation, .loss), [0.98, 0.88, 0.81, 0.79])
  }

  /// `pandas.DataFrame(trainer.state.log_history).to_csv()`.
  @Test func theHistoryMayBeATable() throws {
    let log = try WrittenLog.read(
      """
      ,loss,grad_norm,learning_rate,epoch,step,eval_loss,eval_accuracy,train_runtime,train_loss
      0,,,,0,0,1.11,0.34,,
      1,0.95,1.0,1e-05,1.0,100,,,,
      2,,,,1.0,100,0.8,0.64,,
      3,0.6,1.0,5e-06,2.0,200,,,,
      4,,,,2.0,200,0.7,0.71,,
      5,,,,2.0,200,,,60.0,0.775
      6,,,,2.0,200,0.8,0.64,,

      """)
    #expect(log.format == .huggingFace && log.positions == [0, 1, 2])
    expectSeries(log.series(.validation, .loss), [1.11, 0.8, 0.7])
    expectSeries(log.series(.train, .loss), [nil, 0.95, 0.6])
    #expect(log.facts.map(\.key) == ["train_runtime", "train_loss"] && log.warnings.count == 1)
    #expect(log.warns("(line 8)", "'eval_loss' at epoch 2 is 0.7 and 0.8", "those of epoch 1"))
  }

  @Test func resultsAreARowOfTheirOwn() throws {
    let results = """
      {"epoch": 3.0, "eval_accuracy": 0.91, "eval_loss": 0.28, "eval_runtime": 2.0, "eval_samples": 872,
       "train_loss": 0.31, "train_runtime": 99.0, "train_samples": 6734}
      """
    let log = try WrittenLog.read(results, as: "all_results.json")
    #expect(log.format == .huggingFace && log.positions == [3] && log.warnings.isEmpty)
    expectSeries(log.series(.validation, .accuracy), [0.91])
    expectSeries(log.series(.validation, .loss), [0.28])
    #expect(log.facts.contains { $0.key == "train_loss" && $0.value == "0.31" })
    // Beside the state they say nothing more.
    let both = try WrittenLog([
      "all_results.json": results,
      "trainer_state.json": state(trained(1, 0.9), evaluated(1, 0.8, 0.6)),
    ]).read()
    #expect(both.positions == [1] && both.warnings.isEmpty)
    #expect(both.files.map { $0.hasSuffix("trainer_state.json") } == [true])
  }
}
