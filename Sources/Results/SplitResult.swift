public import Metrics
internal import RunLog
internal import Storage

/// How the network did on a split after one epoch, computed from the stored logits and labels.
///
/// For logs from elsewhere only the metrics are there, as they were logged.
public struct SplitResult: Sendable {
  private let values: MetricValues
  /// Whether the values were taken in passing while training: dropout on, weights changing.
  public let isRunning: Bool
  /// What only predictions tell; `nil` without them.
  private let details: Details?

  /// What only predictions tell, behind one reference: a log may have a million epochs without any.
  private final class Details: Sendable {
    let confusion: ConfusionMatrix
    /// Those that a formula gives.
    let intervals: [Metric: Interval]
    let outcomes: [Bool]
    let ids: [Int]
    /// Those that are drawn, by how often, as far as anybody has asked.
    let drawnIntervals = Locked<[Draws: Interval?]>([:])
    /// Those of the classes' F1.
    let f1Intervals = Locked<[Interval?]?>(nil)

    init(_ scores: Scores, ids: [Int]) {
      (confusion, outcomes, self.ids) = (scores.confusion, scores.hits, ids)
      intervals = Dictionary(
        uniqueKeysWithValues: Metric.all.compactMap { metric in
          metric.formulaInterval(scores).map { (metric, $0) }
        })
    }

    struct Draws: Hashable {
      let metric: Metric
      let count: Int
    }
  }

  /// `nil` without predictions, like all below.
  public var confusion: ConfusionMatrix? { details?.confusion }
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

  /// Whether nobody logged a metric. One that was logged and is not finite is not absent.
  public func isAbsent(_ metric: Metric) -> Bool { values[metric] == nil }

  /// Whether a metric was logged, or computed, and is not finite.
  public func isNotFinite(_ metric: Metric) -> Bool {
    values[metric].map { !$0.isFinite } ?? false
  }

  /// Whether both were computed from predictions at one time.
  func isSame(as other: SplitResult) -> Bool { details != nil && details === other.details }

  /// A metric; NaN where it is absent.
  public subscript(metric: Metric) -> Double { values[metric] ?? .nan }

  /// The mean cross-entropy in nats; NaN or infinite if it was, NaN as well where it is absent.
  public var loss: Double { self[.loss] }

  /// In `0...1`, an example without an answer being wrong; NaN where it is absent.
  public var accuracy: Double { self[.accuracy] }

  /// The 95 % interval of a metric over the examples; one that is drawn is drawn when it is first asked for.
  ///
  /// - Parameters:
  ///   - metric: whose.
  ///   - resamples: how often to draw, where it is drawn.
  /// - Returns: `nil` without predictions, and where no honest one exists.
  public func interval(_ metric: Metric, resamples: Int = usualResamples) -> Interval? {
    guard let details else { return nil }
    guard case .counts = metric.computation else { return details.intervals[metric] }
    let draws = Details.Draws(metric: metric, count: resamples)
    if let known = details.drawnIntervals.withLock({ $0[draws] }) { return known }
    // Tables have all of them; then one pass of draws does for all.
    let metrics = resamples == usualResamples ? Metric.ofCounts : [metric]
    let found = details.confusion.intervals(of: metrics, resamples: resamples)
    details.drawnIntervals.withLock { known in
      for (metric, interval) in zip(metrics, found) {
        known[Details.Draws(metric: metric, count: resamples)] = .some(interval)
      }
    }
    return metrics.firstIndex(of: metric).flatMap { found[$0] }
  }

  /// A metric with its interval.
  public func estimate(_ metric: Metric) -> Estimate {
    Estimate(self[metric], interval(metric), by: metric.method)
  }

  /// A bootstrap interval of each class's F1, computed when they are first asked for; none without predictions.
  public func f1Intervals() -> [Interval?] {
    guard let details else { return [] }
    if let known = details.f1Intervals.withLock({ $0 }) { return known }
    let found = details.confusion.f1Intervals()
    details.f1Intervals.withLock { $0 = found }
    return found
  }

  /// What a log says.
  init(_ values: MetricValues, isRunning: Bool = false) {
    (self.values, self.isRunning, details) = (values, isRunning, nil)
  }

  init(_ predictions: Predictions) {
    let scores = predictions.scores
    (values, details) = (MetricValues(scores), Details(scores, ids: predictions.ids))
    isRunning = predictions.mode == .running
  }
}

extension Predictions {
  var scores: Scores { Scores(labels: labels, classes: classes, row: row) }

  /// A row per example, a value per class.
  var probabilities: [[Double]] { labels.indices.map { softmax(row($0)) } }

  /// Whether each example was labelled correctly; no answer is none.
  var outcomes: [Bool] { labels.indices.map { predictedClass(row($0)) == labels[$0] } }
}
