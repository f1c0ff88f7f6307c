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
  public let accuracy: Gaps
  public let macroF1: Gaps

  /// `nil` unless both hold predictions of the same examples of both languages.
  init?(target: String, _ part: Part, a: Int, b: Int, _ groups: [RunGroup]) {
    let pair = (groups[a], groups[b])
    func gaps(_ metric: ComparedMetric) -> Gaps? {
      guard
        let difference = contrast(
          .transferGap(target: target, part, of: metric),
          of: [(1, pair.0), (-1, pair.1)]),
        let first = pair.0.gap(metric, to: target, part),
        let second = pair.1.gap(metric, to: target, part)
      else { return nil }
      return Gaps(a: first, b: second, difference: difference.estimate)
    }
    guard let accuracy = gaps(.accuracy), let macroF1 = gaps(.macroF1) else { return nil }
    (self.target, self.part, self.a, self.b) = (target, part, a, b)
    (self.accuracy, self.macroF1) = (accuracy, macroF1)
  }
}
