import Metrics
import RunLog
import Storage
import TestSupport
import Testing

@Suite struct TrainingHistoryTests {
  private func read(_ text: String) throws -> TrainingHistory {
    let folder = try TemporaryFolder()
    let path = folder.path + "/training_history.json"
    try AtomicFile.write(text, to: path)
    return try TrainingHistory.read(path)
  }

  @Test func readsWhatPythonTrainersWrite() throws {
    let history = try read(
      """
      {"train_losses": [1.0986, NaN], "train_accuracies": [0.4, 1],
       "english_val_losses": [1.0, Infinity], "target_val_accuracies": [0.3, null],
       "fr_val_f1_scores": [0.1, "NaN"], "learning_rates": [5e-05, 4.9e-05]}
      """)
    #expect(history.epochs == 2)
    #expect(history[.training, .loss]?[0] == 1.0986 && history[.training, .loss]?[1].isNaN == true)
    #expect(history[.training, .accuracy] == [0.4, 1])
    #expect(history[.training, .macroF1] == nil)
    #expect(history[.source, .loss] == [1, .infinity])
    #expect(history[.firstTarget, .accuracy]?[1].isNaN == true)
    #expect(history[.target("fr"), .macroF1]?[1].isNaN == true)
    #expect(history.furtherTargets == ["fr"])
    #expect(history.learningRates == [5e-5, 4.9e-5])
    #expect(history.has(.source) && !history.has(.target("es")) && history.unknownKeys.isEmpty)
  }

  @Test func writesInTheDocumentedOrderAndReadsBack() throws {
    var history = TrainingHistory(epochs: 2, learningRates: [5e-5, 4e-5])
    history[.target("es"), .loss] = [0.5, 0.25]
    history[.firstTarget, .accuracy] = [0.5, 1]
    history[.training, .loss] = [1 / 3, .nan]
    history[.source, .macroF1] = [0.1, 0.2]
    let folder = try TemporaryFolder()
    let path = folder.path + "/training_history.json"
    try history.write(to: path)
    let text = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
    #expect(
      text == """
        {
          "train_losses": [0.3333333333333333, NaN],
          "english_val_f1_scores": [0.1, 0.2],
          "target_val_accuracies": [0.5, 1.0],
          "es_val_losses": [0.5, 0.25],
          "learning_rates": [5e-05, 4e-05]
        }

        """)
    let read = try TrainingHistory.read(path)
    #expect(read[.training, .loss]?[0] == 1 / 3 && read[.training, .loss]?[1].isNaN == true)
    #expect(read[.target("es"), .loss] == [0.5, 0.25] && read.learningRates == [5e-5, 4e-5])
  }

  @Test func growsByEpochs() {
    var history = TrainingHistory(epochs: 0, learningRates: [])
    for epoch in 1...2 {
      let values: MetricValues = [.loss: Double(epoch), .accuracy: 0.5, .macroF1: 0.25]
      history.append([(.training, values), (.target("es"), values)], learningRate: 1e-3)
    }
    #expect(history.epochs == 2 && history.learningRates == [1e-3, 1e-3])
    #expect(
      history[.training, .loss] == [1, 2] && history[.target("es"), .accuracy] == [0.5, 0.5])
  }

  @Test func unknownKeysAreKeptForAWarning() throws {
    let history = try read(
      #"{"train_losses": [1], "best_epoch": 3, "a b_val_losses": [1], "losses": [2]}"#)
    #expect(history.unknownKeys == ["best_epoch", "a b_val_losses", "losses"])
  }

  @Test(arguments: [
    (
      #"{"train_losses": [1, 2], "english_val_losses": [1]}"#,
      "'train_losses' has 2 entries and 'english_val_losses' 1; every array must have one entry"
    ),
    (#"{"train_losses": [1], "learning_rates": []}"#, "'learning_rates' 0"),
    (#"{"train_losses": []}"#, "holds no epoch"), ("{}", "holds no epoch"),
    (#"{"loss": [1]}"#, "holds no epoch"), ("[1]", "expected an object of arrays"),
    (#"{"train_losses": 3}"#, "must be an array of numbers, not an integer"),
    (#"{"train_losses": [1, "x"]}"#, "'train_losses[1]' must be a number, not a string"),
    (#"{"train_losses": [true]}"#, "must be a number, not true or false"),
  ])
  func refuses(_ text: String, _ part: String) throws {
    let error = try #require(throws: RunLogError.self) { _ = try read(text) }
    #expect(error.message.contains(part), "\(error)")
  }
}
