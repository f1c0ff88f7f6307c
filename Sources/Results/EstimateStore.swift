internal import Metrics
internal import RunLog
internal import Storage

/// What is known of a run's estimates, each computed once and when first asked for, since several figures and
/// sentences give it and its interval takes thousands of draws.
final class EstimateStore: Sendable {
  private struct Known {
    var splits: [Split: SplitEstimates] = [:]
    var accuracy: [Split: TransferGap] = [:]
    var ofCounts: [Split: [Metric: Estimate]] = [:]
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

  /// The gaps in metrics of counts, by target split.
  subscript(ofCounts split: Split) -> [Metric: Estimate]? {
    get { known.withLock { $0.ofCounts[split] } }
    set { known.withLock { $0.ofCounts[split] = newValue } }
  }

  var final: FinalGaps? {
    get { known.withLock { $0.final } }
    set { known.withLock { $0.final = newValue } }
  }
}
