public import Metrics
internal import RunLog

/// How the network did on a split after one epoch, computed from the stored logits and labels.
///
/// For logs from elsewhere only the three numbers are there, as they were logged.
public struct SplitResult: Sendable {
  /// The mean cross-entropy in nats; NaN where it is not known.
  public let loss: Double
  /// In `0...1`; NaN where it is not known.
  public let accuracy: Double
  /// In `0...1`; NaN where it is not known.
  public let macroF1: Double
  /// `nil` without predictions, like all below.
  public let confusion: ConfusionMatrix?
  /// Whether the values were taken in passing while training: dropout on, weights changing.
  public let isRunning: Bool
  /// The 95 % interval of the loss by its standard error over the examples.
  public let lossInterval: Interval?

  /// Whether each example was labelled correctly.
  public let outcomes: [Bool]?
  /// The examples' rows in the data file, in the order of the outcomes.
  public let ids: [Int]?

  /// The number of examples.
  public var examples: Int? { confusion?.total }

  /// Wilson's 95 % interval of the accuracy.
  public var accuracyInterval: Interval? {
    confusion.flatMap { wilsonInterval(successes: $0.correct, total: $0.total) }
  }

  /// A bootstrap interval of macro F1, computed anew at each call.
  public func macroF1Interval(resamples: Int = usualResamples) -> Interval? {
    confusion?.macroF1Interval(resamples: resamples)
  }

  init(loss: Double, accuracy: Double, macroF1: Double, isRunning: Bool = false) {
    (self.loss, self.accuracy, self.macroF1) = (loss, accuracy, macroF1)
    (confusion, self.isRunning, lossInterval, outcomes, ids) = (nil, isRunning, nil, nil, nil)
  }

  init(_ predictions: Predictions) {
    let scores = Scores(
      labels: predictions.labels, classes: predictions.classes, row: predictions.row)
    loss = scores.loss
    accuracy = scores.confusion.accuracy
    macroF1 = scores.confusion.macroF1
    confusion = scores.confusion
    outcomes = predictions.outcomes
    ids = predictions.ids
    isRunning = predictions.mode == .running
    lossInterval = normalInterval(ofMean: scores.losses).map {
      Interval(lower: max(0, $0.lower), upper: $0.upper)
    }
  }
}

extension Predictions {
  /// A row an example, a value a class.
  var probabilities: [[Double]] { labels.indices.map { softmax(row($0)) } }

  /// Whether each example was labelled correctly.
  var outcomes: [Bool] { labels.indices.map { argmax(row($0)) == labels[$0] } }
}
