internal import RunLog
internal import Storage

extension TrainingSession {
  /// What was averaged.
  struct Average {
    let epochs: ClosedRange<Int>
    /// The state after the last of them, whose parameters the averages have replaced.
    let last: TrainingCheckpoint
  }

  /// Averages the weights after the last epochs, leaves them in place and scores every split with them.
  ///
  /// - Parameters:
  ///   - trainer: whose experiment says which epochs; all of them are trained.
  ///   - watch: gets the scores.
  /// - Returns: `nil` if nothing is to be averaged.
  /// - Throws: `CancellationError` if interrupted, in which case the state of the last epoch is saved already;
  ///   whatever of a checkpoint is not as it was written.
  func evaluateAverage(in trainer: Trainer, watch: (TrainingEvent) -> Void) throws -> Average? {
    guard let epochs = checkpoints.averagedEpochs else { return nil }
    let start = Clock.now
    let words = "the average of epochs \(epochs.lowerBound) to \(epochs.upperBound)"
    meter.begin("\(words), evaluating", cost: .evaluation)
    let average = try WeightAverage(of: epochs, in: checkpoints)
    try average.putInPlace(on: backend, trainer.interruption)
    var records: [AverageEvaluationRecord] = []
    let scores = try evaluate(with: .average(epochs), in: trainer) { split, evaluation, seconds in
      let record = AverageEvaluationRecord(
        epochs: epochs, split: split, examples: evaluation.predictions.count,
        loss: evaluation.loss, accuracy: evaluation.accuracy, seconds: seconds)
      records.append(record)
      return .averageEvaluation(record)
    }
    try log.append(
      .files(
        scores.map {
          RunSeal.hash(of: $0.evaluation.predictions, with: .average(epochs), $0.split)
        }))
    if let first = scores.first {
      try syncFolder(of: trainer.run.predictions(.average(epochs), first.split))
    }
    try log.append(.average(AverageRecord(epochs: epochs, seconds: Clock.now - start)))
    watch(.average(records))
    tellUnanswered("with \(words)", scores, watch)
    return Average(epochs: epochs, last: average.last)
  }
}
