internal import Metrics
internal import Results

/// What the figures make of a network that gave no answer at all: its score is 0 by count, but a line that
/// falls to 0 would tell of one that answered wrongly, so it is a gap like the loss. Where single answers
/// are missing, they count as wrong.
extension SplitResult {
  private var isScored: Bool { !isWithoutAnswers }

  /// A metric; NaN where there was no answer.
  func scored(_ metric: Metric) -> Double { isScored ? self[metric] : .nan }

  /// As `accuracy`; NaN where there was no answer.
  var scoredAccuracy: Double { scored(.accuracy) }

  /// The interval of a metric; `nil` where there was no answer.
  func scoredInterval(_ metric: Metric, resamples: Int = usualResamples) -> Interval? {
    isScored ? interval(metric, resamples: resamples) : nil
  }
}
