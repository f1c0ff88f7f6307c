internal import Metrics
internal import RunLog
internal import Storage

/// What is known of a run's gaps, each computed once and when first asked for, since several figures and
/// sentences give it and its interval takes thousands of draws.
final class GapStore: Sendable {
  private struct Known {
    var accuracy: [Split: TransferGap] = [:]
    var macroF1: [Split: Estimate] = [:]
    var final: FinalGaps?
  }
  private let known = Locked(Known())

  /// By target split.
  subscript(accuracy split: Split) -> TransferGap? {
    get { known.withLock { $0.accuracy[split] } }
    set { known.withLock { $0.accuracy[split] = newValue } }
  }

  /// By target split.
  subscript(macroF1 split: Split) -> Estimate? {
    get { known.withLock { $0.macroF1[split] } }
    set { known.withLock { $0.macroF1[split] = newValue } }
  }

  var final: FinalGaps? {
    get { known.withLock { $0.final } }
    set { known.withLock { $0.final = newValue } }
  }
}
