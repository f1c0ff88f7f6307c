public import Metrics
public import RunLog
internal import Storage

/// How the network did on a split after one epoch, computed from the stored logits and labels.
///
/// For logs from elsewhere only the three numbers are there, as they were logged.
public struct SplitResult: Sendable {
  /// The mean cross-entropy in nats; NaN or infinite if it was, NaN as well where it is absent.
  public let loss: Double
  /// In `0...1`, an example without an answer being wrong; NaN where it is absent.
  public let accuracy: Double
  /// In `0...1`; NaN where it is absent.
  public let macroF1: Double
  /// Which of the three nobody logged. A number that was logged and is not finite is not among them.
  public let absent: Set<TrainingHistory.Quantity>
  /// Whether the values were taken in passing while training: dropout on, weights changing.
  public let isRunning: Bool
  /// What only predictions tell; `nil` without them.
  private let details: Details?

  /// What only predictions tell, behind one reference: a log may have a million epochs without any.
  private final class Details: Sendable {
    let confusion: ConfusionMatrix
    let lossInterval: Interval?
    let outcomes: [Bool]
    let ids: [Int]
    /// Intervals of macro F1, by how often was drawn, as far as anybody has asked.
    let macroF1Intervals = Locked<[Int: Interval?]>([:])
    /// Those of the classes' F1.
    let f1Intervals = Locked<[Interval?]?>(nil)

    init(confusion: ConfusionMatrix, lossInterval: Interval?, outcomes: [Bool], ids: [Int]) {
      (self.confusion, self.lossInterval) = (confusion, lossInterval)
      (self.outcomes, self.ids) = (outcomes, ids)
    }
  }

  /// `nil` without predictions, like all below.
  public var confusion: ConfusionMatrix? { details?.confusion }
  /// The 95 % interval of the loss by its standard error over the examples.
  public var lossInterval: Interval? { details?.lossInterval }
  /// Whether each example was labelled correctly.
  public var outcomes: [Bool]? { details?.outcomes }
  /// The examples' rows in the data file, in the order of the outcomes.
  public var ids: [Int]? { details?.ids }

  /// The number of examples.
  public var examples: Int? { confusion?.total }

  /// How many examples have no answer, since their logits are not finite numbers.
  public var unanswered: Int { confusion?.unanswered ?? 0 }

  /// Whether not a single example has an answer: an accuracy of nothing is no accuracy of the network.
  public var isWithoutAnswers: Bool {
    confusion.map { $0.total > 0 && $0.unanswered == $0.total } ?? false
  }

  /// Whether one of the three numbers was logged, or computed, and is not finite.
  public func isNotFinite(_ quantity: TrainingHistory.Quantity) -> Bool {
    !absent.contains(quantity) && !self[quantity].isFinite
  }

  /// Whether both were computed from predictions at one time.
  func isSame(as other: SplitResult) -> Bool { details != nil && details === other.details }

  /// One of the three numbers.
  public subscript(quantity: TrainingHistory.Quantity) -> Double {
    switch quantity {
    case .loss: loss
    case .accuracy: accuracy
    case .macroF1: macroF1
    }
  }

  /// Wilson's 95 % interval of the accuracy.
  public var accuracyInterval: Interval? {
    confusion.flatMap { wilsonInterval(successes: $0.correct, total: $0.total) }
  }

  /// A bootstrap interval of macro F1, computed when it is first asked for.
  public func macroF1Interval(resamples: Int = usualResamples) -> Interval? {
    guard let details else { return nil }
    if let known = details.macroF1Intervals.withLock({ $0[resamples] }) { return known }
    let found = details.confusion.macroF1Interval(resamples: resamples)
    details.macroF1Intervals.withLock { $0[resamples] = .some(found) }
    return found
  }

  /// A bootstrap interval of each class's F1, computed when they are first asked for; none without predictions.
  public func f1Intervals() -> [Interval?] {
    guard let details else { return [] }
    if let known = details.f1Intervals.withLock({ $0 }) { return known }
    let found = details.confusion.f1Intervals()
    details.f1Intervals.withLock { $0 = found }
    return found
  }

  /// What a log says; `nil` for what it does not hold.
  init(loss: Double?, accuracy: Double?, macroF1: Double?, isRunning: Bool = false) {
    let values = [
      (TrainingHistory.Quantity.loss, loss), (.accuracy, accuracy), (.macroF1, macroF1),
    ]
    absent = Set(values.filter { $0.1 == nil }.map(\.0))
    (self.loss, self.accuracy, self.macroF1) = (loss ?? .nan, accuracy ?? .nan, macroF1 ?? .nan)
    (self.isRunning, details) = (isRunning, nil)
  }

  init(_ predictions: Predictions) {
    let scores = Scores(
      labels: predictions.labels, classes: predictions.classes, row: predictions.row)
    absent = []
    loss = scores.loss
    accuracy = scores.confusion.accuracy
    macroF1 = scores.confusion.macroF1
    isRunning = predictions.mode == .running
    details = Details(
      confusion: scores.confusion,
      lossInterval: normalInterval(ofMean: scores.losses).map {
        Interval(lower: max(0, $0.lower), upper: $0.upper)
      },
      outcomes: zip(scores.predictions, predictions.labels).map { $0 == $1 }, ids: predictions.ids)
  }
}

extension Predictions {
  /// A row per example, a value per class.
  var probabilities: [[Double]] { labels.indices.map { softmax(row($0)) } }

  /// Whether each example was labelled correctly; no answer is none.
  var outcomes: [Bool] { labels.indices.map { predictedClass(row($0)) == labels[$0] } }
}
