internal import Metrics
public import RunLog
internal import Storage

/// How the network did with the weights of several epochs averaged.
public struct AverageResults: Sendable {
  /// Those averaged.
  public let epochs: ClosedRange<Int>
  /// Of validation and test splits.
  public let results: [Split: SplitResult]
}

/// Reads what a run of our own stored and logged with averaged weights, each file once.
struct AverageReading {
  let epochs: ClosedRange<Int>
  private(set) var results: [Split: SplitResult] = [:]
  /// Only if the average is selected.
  private(set) var predictions: [Split: Predictions] = [:]
  /// Where the log and the predictions disagree, a sentence each.
  private(set) var contradictions: [String] = []
  /// Splits without predictions.
  private(set) var missing: [Split] = []

  /// Reads it; `nil` unless the log says that an average is complete.
  ///
  /// - Parameters:
  ///   - run: of our own.
  ///   - experiment: its configuration.
  ///   - earlier: the run's results at an earlier time; scores of files that are as they were hold.
  /// - Throws: what a damaged file throws.
  init?(_ run: Run, _ experiment: Experiment, after earlier: RunResults?) throws {
    guard experiment.average != nil, let epochs = run.records.averagedEpochs else { return nil }
    self.epochs = epochs
    let weights = Weights.average(epochs)
    let isSelected = experiment.select == .average
    var logged: [Split: SplitResult] = [:]
    for case .averageEvaluation(let record) in run.records where record.epochs == epochs {
      logged[record.split] = SplitResult([.loss: record.loss, .accuracy: record.accuracy])
    }
    let stored = try run.splits(weights)
    let isSameAverage =
      earlier?.run.directory == run.directory && earlier?.average?.epochs == epochs
    for split in Set(stored).union(logged.keys).sorted(by: { "\($0)" < "\($1)" }) {
      let isAsBefore =
        isSameAverage && run.files.isAsBefore(run.directory.predictions(weights, split))
      if isAsBefore, let known = earlier?.average?.results[split], known.confusion != nil {
        results[split] = known
        if isSelected {
          predictions[split] =
            try earlier?.predictions[split]
            ?? run.predictions(weights, split, classes: experiment.labels.count)
        }
      } else if let found = try run.predictions(weights, split, classes: experiment.labels.count) {
        results[split] = SplitResult(found)
        if isSelected { predictions[split] = found }
      } else {
        results[split] = logged[split]
        missing.append(split)
      }
      if let logged = logged[split], let result = results[split],
        let warning = RunResults.contradiction(logged, result, "\(split) with \(weights.words)")
      {
        contradictions.append(warning)
      }
    }
  }

  var summary: AverageResults { AverageResults(epochs: epochs, results: results) }

  /// What of an average is absent, though the configuration asks for one.
  static func absences(
    _ reading: AverageReading?, _ experiment: Experiment, _ run: Run, epochs: Int
  ) -> [RunResults.Absence] {
    guard let settings = experiment.average else { return [] }
    guard let reading else {
      let planned = experiment.training.epochs
      return [
        RunResults.Absence(
          what: "The average of the weights after the last \(settings.epochs) epochs",
          why: epochs < planned
            ? "\(epochs) of \(planned) epochs are complete"
              + (experiment.select == .average ? "; until then the last complete one counts" : "")
            : "the run ended before it was evaluated; `report train --resume` does that"
              + (experiment.select == .average ? ", and until then the last epoch counts" : ""))
      ]
    }
    guard let first = reading.missing.first else { return [] }
    let path = run.directory.predictions(.average(reading.epochs), first)
    return [
      RunResults.Absence(
        what:
          "Intervals, F1 and curves of \(reading.missing.map(\.description).joined(separator: ", ")) for "
          + "\(Weights.average(reading.epochs).words)",
        why: reading.missing.count == 1
          ? "\(path) is missing"
          : "\(reading.missing.count) prediction files, \(path) the first of them, are missing")
    ]
  }
}

extension Weights {
  /// What a sentence calls them.
  var words: String {
    switch self {
    case .epoch(let epoch): "epoch \(epoch)"
    case .average(let epochs):
      "the average of epochs \(epochs.lowerBound) to \(epochs.upperBound)"
    }
  }
}

extension [LogRecord] {
  /// Those of the last average that is complete.
  fileprivate var averagedEpochs: ClosedRange<Int>? {
    for case .average(let record) in reversed() { return record.epochs }
    return nil
  }
}
