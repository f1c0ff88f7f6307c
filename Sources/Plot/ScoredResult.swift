internal import Metrics
internal import Results

/// What the figures make of predictions that are not numbers: the first class can be read from them,
/// but nobody answered, so their scores are gaps like the loss.
extension SplitResult {
  private var isScored: Bool { confusion == nil || !loss.isNaN }

  /// As `accuracy`; NaN where there was no answer.
  var scoredAccuracy: Double { isScored ? accuracy : .nan }
  /// As `macroF1`; NaN where there was no answer.
  var scoredMacroF1: Double { isScored ? macroF1 : .nan }
  /// As `accuracyInterval`; `nil` where there was no answer.
  var scoredAccuracyInterval: Interval? { isScored ? accuracyInterval : nil }

  /// A bootstrap interval of macro F1; `nil` where there was no answer.
  func scoredMacroF1Interval(resamples: Int? = nil) -> Interval? {
    guard isScored else { return nil }
    return resamples.map { macroF1Interval(resamples: $0) } ?? macroF1Interval()
  }
}
