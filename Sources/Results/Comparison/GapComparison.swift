public import Metrics
public import RunLog

/// The transfer gaps of two groups to the same target; a's minus b's.
public struct GapComparison: Sendable {
  /// One metric's gaps.
  public struct Gaps: Sendable {
    /// Of a, as its own report gives it where it is one run.
    public let a: Estimate
    public let b: Estimate
    /// Over seeds and examples; of two single runs over examples alone.
    public let difference: Estimate
  }
  /// The target's code.
  public let target: String
  public let part: Part
  /// The groups' places.
  public let a: Int
  public let b: Int
  /// By metric, of each that has a gap.
  public let metrics: [Metric: Gaps]

  /// `nil` unless both hold predictions of the same examples of both languages.
  init?(target: String, _ part: Part, a: Int, b: Int, _ groups: [RunGroup]) {
    let pair = (groups[a], groups[b])
    func gaps(_ metric: Metric) -> Gaps? {
      guard
        let difference = contrast(
          .transferGap(target: target, part, of: metric),
          of: [(1, pair.0), (-1, pair.1)]),
        let first = pair.0.gap(metric, to: target, part),
        let second = pair.1.gap(metric, to: target, part)
      else { return nil }
      return Gaps(a: first, b: second, difference: difference.estimate)
    }
    var found: [Metric: Gaps] = [:]
    for metric in Metric.scores {
      guard let gaps = gaps(metric) else { return nil }
      found[metric] = gaps
    }
    (self.target, self.part, self.a, self.b) = (target, part, a, b)
    metrics = found
  }
}
