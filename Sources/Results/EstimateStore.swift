internal import Metrics
internal import RunLog
internal import Storage

/// What is known of a run's estimates, each computed once and when first asked for, since several figures and
/// sentences give it and its interval takes thousands of draws.
final class EstimateStore: Sendable {
  private struct Known {
    var splits: [Split: SplitEstimates] = [:]
    var accuracy: [Split: TransferGap] = [:]
    var macroF1: [Split: Estimate] = [:]
    var final: FinalGaps?
  }
  private let known = Locked(Known())

  /// The metrics of a split.
  subscript(split: Split) -> SplitEstimates? {
    get { known.withLock { $0.splits[split] } }
    set { known.withLock { $0.splits[split] = newValue } }
  }

  /// The gap in accuracy, by target split.
  subscript(accuracy split: Split) -> TransferGap? {
    get { known.withLock { $0.accuracy[split] } }
    set { known.withLock { $0.accuracy[split] = newValue } }
  }

  /// The gap in macro F1, by target split.
  subscript(macroF1 split: Split) -> Estimate? {
    get { known.withLock { $0.macroF1[split] } }
    set { known.withLock { $0.macroF1[split] = newValue } }
  }

  var final: FinalGaps? {
    get { known.withLock { $0.final } }
    set { known.withLock { $0.final = newValue } }
  }
}
