/// What a study claims of a contrast, such as the difference of two configurations.
///
/// Margins are on the metric's own scale.
public enum Relation: Equatable, Sendable {
  /// Nearer to 0 than the margin, which is above 0.
  case equivalent(margin: Double)
  /// Below 0 by more than the margin, which is at least 0.
  case less(margin: Double)
  /// Above 0 by more than the margin, which is at least 0.
  case greater(margin: Double)
  /// Above 0, or below it by less than the margin, which is above 0: non-inferiority where more is better.
  case notLess(margin: Double)
  /// Below 0, or above it by less than the margin, which is above 0: non-inferiority where less is better.
  case notGreater(margin: Double)

  /// The values that are claimed; an end that is infinite is none.
  public var claimed: (above: Double, below: Double) {
    switch self {
    case .equivalent(let margin): (-margin, margin)
    case .less(let margin): (-.infinity, -margin)
    case .greater(let margin): (margin, .infinity)
    case .notLess(let margin): (-margin, .infinity)
    case .notGreater(let margin): (-.infinity, margin)
    }
  }

  /// How far a value lies inside of what is claimed; below 0 outside.
  func reach(_ value: Double) -> Double {
    min(value - claimed.above, claimed.below - value)
  }
}

/// What the data say of a claim.
public enum Verdict: String, Sendable {
  case supported
  case notSupported = "not supported"
  case undecided
}

/// A claim judged.
public struct Judgement: Sendable {
  public let relation: Relation
  public let contrast: Contrast
  /// Of the test whose rejection supports the claim: one-sided, for equivalence the larger of two; `nil`
  /// where one number a side leaves nothing to test.
  public let pValue: Double?
  /// After Holm's correction over all claims of the study.
  public let adjustedPValue: Double?
  public let verdict: Verdict
  /// What would decide an undecided claim, if the effect is what was observed.
  public let needed: Needed?

  /// How many examples or seeds in all would decide in 80 % of such studies.
  public struct Needed: Equatable, Sendable {
    /// With the seeds there are; `nil` where no number would do.
    public let examples: Int?
    /// With the examples there are; `nil` where no number would do.
    public let seeds: Int?
  }
}

/// Judges all claims of a study together.
///
/// A claim is *supported* if the test against its contrary is significant at 5 % after Holm's correction over
/// all claims, so that a study in which no claim is true supports any of them with a probability of at most
/// 5 %. It is *not supported* if the 95 % interval lies wholly outside of what it claims. Else it is *undecided*.
/// Where nothing varied, such as between counted operations, the value itself decides; one measured number
/// a side decides nothing.
///
/// - Parameter claims: each a relation, its contrast, and whether the contrast's numbers are counted, not
///   measured.
/// - Returns: one a claim.
public func judge(
  _ claims: [(relation: Relation, contrast: Contrast, isCounted: Bool)]
) -> [Judgement] {
  let pValues = claims.map { pValue($0.relation, $0.contrast, isCounted: $0.isCounted) }
  let tested = claims.indices.filter { pValues[$0] != nil }
  var adjusted = [Double?](repeating: nil, count: claims.count)
  for (index, value) in zip(tested, holmAdjusted(tested.compactMap { pValues[$0] })) {
    adjusted[index] = value
  }
  return claims.indices.map { index in
    let (relation, contrast, isCounted) = claims[index]
    let verdict: Verdict =
      if let value = adjusted[index], value <= 0.05 {
        .supported
      } else if isOutside(relation, contrast, isCounted: isCounted) {
        .notSupported
      } else {
        .undecided
      }
    return Judgement(
      relation: relation, contrast: contrast, pValue: pValues[index],
      adjustedPValue: adjusted[index], verdict: verdict,
      needed: verdict == .undecided
        ? needed(relation, contrast, level: 0.05 / Double(max(1, tested.count))) : nil)
  }
}

private func pValue(_ relation: Relation, _ contrast: Contrast, isCounted: Bool) -> Double? {
  let error = contrast.standardError
  guard error > 0 else {
    // Answers to examples that all agree are an observation; one measured number is none.
    guard isCounted || contrast.examples > 0 else { return nil }
    return relation.reach(contrast.value) > 0 ? 0 : 1
  }
  // Of two one-sided tests the less certain one counts, which is that of the nearer end.
  return contrast.share(below: -relation.reach(contrast.value) / error)
}

/// Whether the whole interval contradicts the claim.
private func isOutside(_ relation: Relation, _ contrast: Contrast, isCounted: Bool) -> Bool {
  guard let interval = contrast.estimate.interval else {
    return isCounted && relation.reach(contrast.value) <= 0
  }
  return interval.lower > relation.claimed.below || interval.upper < relation.claimed.above
}

/// How many examples or seeds would bring the nearer decision about in 80 % of cases: the standard error
/// has to fall to `distance / (t_{1−α} + t_{0.8})`, with Student's quantiles on the degrees of freedom that
/// such a study would have. Variances fall with the number of what they are drawn from.
///
/// - Returns: `nil` where what is present would be enough by this estimate, which then says nothing.
private func needed(
  _ relation: Relation, _ contrast: Contrast, level: Double
) -> Judgement.Needed? {
  let (seeds, examples) = (contrast.seeds, contrast.examples)
  guard contrast.seedVariance + contrast.exampleVariance > 0 else { return nil }
  // Supporting takes the corrected one-sided level, contradicting the interval's 2.5 %.
  let distance = relation.reach(contrast.value)
  let share = distance > 0 ? level : 0.025
  func suffices(seeds: Int, examples: Int) -> Bool {
    let (error, degrees) = contrast.precision(seeds: seeds, examples: examples)
    func quantile(_ share: Double) -> Double {
      degrees.isFinite
        ? StudentT.quantile(share, degrees: max(1, degrees)) : StandardNormal.quantile(share)
    }
    return abs(distance) >= error * (quantile(0.8) - quantile(share))
  }
  guard !suffices(seeds: seeds, examples: examples) else { return nil }
  func smallest(from present: Int, _ suffices: (Int) -> Bool) -> Int? {
    guard present > 0 else { return nil }
    var (low, high) = (present, 2 * present)
    while !suffices(high) {
      guard high < 1_000_000_000 else { return nil }
      (low, high) = (high, 2 * high)
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if suffices(middle) { high = middle } else { low = middle }
    }
    return high
  }
  return Judgement.Needed(
    examples: contrast.exampleVariance > 0
      ? smallest(from: examples) { suffices(seeds: seeds, examples: $0) } : nil,
    seeds: contrast.seedVariance > 0
      ? smallest(from: seeds) { suffices(seeds: $0, examples: examples) } : nil)
}
