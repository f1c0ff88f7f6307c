import Metrics
import Storage
import TestSupport
import Testing

@testable import RunLog

/// A metric that is no share: it may be negative, and has other names in other programs.
@Suite struct ImportMatthewsTests {
  @Test(
    arguments: [
      ("eval_matthews_correlation", .validation), ("eval_mcc", .validation),
      ("val_mcc", .validation), ("val/MatthewsCorrCoef", .validation),
      ("val_MulticlassMatthewsCorrCoef", .validation), ("train_mcc", .train),
      ("test_matthews_corrcoef", .test),
    ] as [(String, Part)])
  func programsCallItByManyNames(_ name: String, _ part: Part) {
    let meaning = SeriesMeaning(name, format: .table)
    #expect(meaning?.subject == .value(part, .unnamed, .matthewsCorrelation))
    #expect(meaning?.saysAveraging == true)
  }

  /// As the Trainer logs GLUE's CoLA.
  @Test func readsTheTrainersLogOfCoLA() throws {
    let log = try WrittenLog.read(
      #"""
      {"epoch": 2.0, "global_step": 20, "log_history": [
       {"epoch": 1.0, "step": 10, "loss": 0.6, "learning_rate": 1e-5},
       {"epoch": 1.0, "step": 10, "eval_loss": 0.62, "eval_matthews_correlation": -0.0207},
       {"epoch": 2.0, "step": 20, "loss": 0.5, "learning_rate": 5e-6},
       {"epoch": 2.0, "step": 20, "eval_loss": 0.5, "eval_matthews_correlation": 0.5311}]}
      """#, as: "trainer_state.json")
    expectSeries(log.series(.validation, .matthewsCorrelation), [-0.0207, 0.5311])
    #expect(!log.warnings.contains { $0.contains("matthews") })
  }

  @Test func percentHasASignAsWell() throws {
    let log = try WrittenLog.read("epoch,train_loss,val_loss,val_mcc\n1,1,1,-12.5\n2,0.8,0.8,40\n")
    expectSeries(log.series(.validation, .matthewsCorrelation), [-0.125, 0.4])
    #expect(log.warns("'val_mcc' is taken to be in percent."))
    // Nothing but a coefficient far below 0.
    let low = try WrittenLog.read("epoch,train_loss,val_loss,val_mcc\n1,1,1,-12.5\n2,0.8,0.8,-8\n")
    expectSeries(low.series(.validation, .matthewsCorrelation), [-0.125, -0.08])
  }

  @Test func whatCannotBeACoefficientIsLeftOut() throws {
    let log = try WrittenLog.read("epoch,train_loss,val_loss,val_mcc\n1,1,1,-150\n2,0.8,0.8,40\n")
    #expect(log.series(.validation, .matthewsCorrelation) == nil)
    #expect(
      log.warns(
        "'val_mcc' holds values from -150.0 to 40.0, which are not values from −1 to 1; it is left out."
      ))
  }

  @Test func whatMayBeEitherIsLeftOut() throws {
    let text = "epoch,train_loss,val_loss,val_acc,val_mcc\n1,1,1,60,-0.4\n2,0.8,0.8,70,0.2\n"
    let log = try WrittenLog.read(text)
    #expect(log.series(.validation, .matthewsCorrelation) == nil)
    #expect(
      log.warns(
        "'val_mcc' has no value above 1 or below −1, while 'val_acc' of the same log is in percent: it may be a "
          + "value from −1 to 1, or at most 0.4 %, so it is left out."))
    let map = "series: {val_mcc: validation matthews_correlation share}"
    let mapped = try WrittenLog.read(text, map: map)
    expectSeries(mapped.series(.validation, .matthewsCorrelation), [-0.4, 0.2])
    expectSeries(mapped.series(.validation, .accuracy), [0.6, 0.7])
  }
}
