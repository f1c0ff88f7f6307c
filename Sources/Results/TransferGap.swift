public import Metrics

/// Source accuracy minus target accuracy.
public struct TransferGap: Equatable, Sendable {
  /// In `-1...1`, positive where the source is better; NaN where an accuracy is not known.
  public let gap: Double
  /// Newcombe's 95 % interval of the difference; `nil` where counts are not known.
  public let interval: Interval?

  init(source: SplitResult, target: SplitResult) {
    gap = source.accuracy - target.accuracy
    guard let a = source.confusion, let b = target.confusion else {
      interval = nil
      return
    }
    interval = newcombeInterval(
      successesA: a.correct, totalA: a.total, successesB: b.correct, totalB: b.total)
  }
}
