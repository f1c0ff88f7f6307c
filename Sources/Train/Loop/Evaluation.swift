public import Metrics
internal import Model
public import RunLog

/// Scoring a dataset with the model as it is, dropout off.
public struct Evaluation: Sendable {
  public let predictions: Predictions
  /// All metrics.
  public let values: MetricValues
  /// How many examples have no answer: their logits are not finite numbers, and they count as wrong.
  public let unanswered: Int

  /// The mean cross-entropy in nats.
  public var loss: Double { values[.loss] ?? .nan }
  public var accuracy: Double { values[.accuracy] ?? .nan }

  /// Summarises predictions.
  public init(_ predictions: Predictions) {
    self.predictions = predictions
    let scores = Scores(
      labels: predictions.labels, classes: predictions.classes, row: predictions.row)
    values = MetricValues(scores)
    unanswered = scores.confusion.unanswered
  }

  /// Scores a dataset, block by block in the order of the file.
  ///
  /// - Parameters:
  ///   - dataset: what is scored.
  ///   - backend: what computes it.
  ///   - prefix: the dataset's stored prefix, or `nil` to start from the tokens.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - watch: looked at between blocks.
  /// - Returns: the logits with the labels, in the order of the file.
  /// - Throws: what reading the prefix throws; `CancellationError` if interrupted.
  package static func predict(
    _ dataset: Dataset, on backend: any Backend, prefix: PrefixStore?, blockTokens: Int,
    _ watch: Watch
  ) throws -> Predictions {
    let all = Blocks(
      Array(0..<dataset.count), of: dataset, prefix: prefix, blockTokens: blockTokens)
    return Predictions(
      classes: backend.fineTuning.labels.count, logits: try backend.logits(of: all, watch),
      labels: dataset.labels, ids: dataset.facts.map(\.id), mode: .evaluation)
  }
}
