internal import Metrics
internal import Results

/// What the figures make of a network that gave no answer at all: its score is 0 by count, but a line that
/// falls to 0 would tell of one that answered wrongly, so it is a gap like the loss. Where single answers
/// are missing, they count as wrong.
extension SplitResult {
  private var isScored: Bool { !isWithoutAnswers }

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
