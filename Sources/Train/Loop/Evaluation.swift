internal import Metrics
internal import Model
public import RunLog
internal import Storage

/// Scoring a dataset with the model as it is, dropout off.
public struct Evaluation {
  public let predictions: Predictions
  /// The mean cross-entropy in nats.
  public let loss: Double
  public let accuracy: Double
  public let macroF1: Double
  /// How many examples have no answer: their logits are not finite numbers, and they count as wrong.
  public let unanswered: Int

  /// Summarises predictions.
  public init(_ predictions: Predictions) {
    self.predictions = predictions
    let scores = Scores(
      labels: predictions.labels, classes: predictions.classes, row: predictions.row)
    loss = scores.loss
    (accuracy, macroF1) = (scores.confusion.accuracy, scores.confusion.macroF1)
    unanswered = scores.confusion.unanswered
  }

  /// Scores a dataset, block by block in the order of the file.
  ///
  /// - Parameters:
  ///   - dataset: what is scored.
  ///   - engine: the model and its threads.
  ///   - prefix: the dataset's stored prefix, or `nil` to start from the tokens.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - interruption: looked at between blocks.
  ///   - progress: gets the number of tokens of each block done, from any thread.
  /// - Returns: the logits with the labels, in the order of the file.
  /// - Throws: what reading the prefix throws; `CancellationError` if interrupted.
  package static func predict(
    _ dataset: Dataset, engine: ComputeEngine, prefix: PrefixStore?, blockTokens: Int,
    interruption: Interruption, progress: @Sendable (Int) -> Void
  ) throws -> Predictions {
    let classes = engine.classifier.fineTuning.labels.count
    let cuts = blocks(
      lengths: (0..<dataset.count).map(dataset.length), blockTokens: blockTokens)
    let parts = Locked([[Float]](repeating: [], count: cuts.count))
    let failure = Locked<(any Error)?>(nil)
    engine.pool.forEach(cuts.count) { index, number in
      guard !interruption.isRequested, failure.withLock({ $0 == nil }) else { return }
      do {
        let batch = dataset.batch(cuts[index])
        let rows = try prefix?.rows(of: cuts[index], worker: number)
        let logits = engine.withWorker(number) { $0.logits(of: batch, prefix: rows) }
        parts.withLock { $0[index] = logits }
        progress(batch.tokenCount)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    if interruption.isRequested { throw CancellationError() }
    return Predictions(
      classes: classes, logits: parts.withLock { $0.flatMap { $0 } }, labels: dataset.labels,
      ids: dataset.facts.map(\.id), mode: .evaluation)
  }
}
