import RunLog
import TestSupport
import Testing

/// The experiments that the project publishes.
@Suite struct ExperimentFilesTests {
  private func experiment(_ name: String) throws -> Experiment {
    try Experiment.read("\(Fixture.folder)/../../experiments/\(name).yaml")
  }

  /// The experiment on XLM-R is that on multilingual BERT but for what its first lines say.
  @Test func theSiblingDiffersInWhatItSays() throws {
    let (mbert, xlmr) = (try experiment("mbert-6-layers"), try experiment("xlmr-6-layers"))
    let differences = xlmr.differences(from: mbert).filter { $0.key != "model.checkpoint" }
    #expect(
      differences.map { "\($0.key): \($0.before), \($0.now)" }.sorted() == [
        "model.frozen_layers: 4, 0", #"name: "mbert-6-layers", "xlmr-6-layers""#,
        "training.batch_size: 1024, 512", "training.optimizer.learning_rate: 5e-05, 0.0002",
        "training.schedule.eta_min: 5e-06, 2e-05",
      ])
    #expect(xlmr.model.encoderLayers == 6 && xlmr.model.freezeEmbeddings)
    #expect(xlmr.model.hubName?.id == "FacebookAI/xlm-roberta-base")
  }
}
