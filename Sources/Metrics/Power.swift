/// The power of the two-sided test of two independent shares with a pooled variance under the null
/// hypothesis (Fleiss, Levin, Paik 2003, section 4.2), as statsmodels'
/// `power_proportions_2indep(diff, prop2, nobs1, ratio)`.
///
/// - Parameters:
///   - p: one share.
///   - countA: its examples.
///   - q: the other share.
///   - countB: its examples.
/// - Returns: in `0...1`.
public func powerOfDifference(_ p: Double, _ countA: Int, _ q: Double, _ countB: Int) -> Double {
  let (n, m) = (Double(countA), Double(countB))
  let pooled = (n * p + m * q) / (n + m)
  let null = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
  let actual = (p * (1 - p) / n + q * (1 - q) / m).squareRoot()
  let (reach, difference) = (normalQuantile975 * null, abs(p - q))
  if actual == 0 { return difference > reach ? 1 : 0 }
  return StandardNormal.share(below: (difference - reach) / actual)
    + StandardNormal.share(below: (-difference - reach) / actual)
}

/// By how much a second share must lie below a first for the test of two independent shares at 5 % to
/// show it with a power of 80 %; `nil` if even 0 would not be shown.
///
/// - Parameters:
///   - share: the first, in `0...1`.
///   - countA: examples of the first.
///   - countB: examples of the second.
/// - Returns: `nil` if even 0 would not be shown.
public func smallestDetectableDifference(
  from share: Double, _ countA: Int, _ countB: Int
) -> Double? {
  guard countA > 0, countB > 0, share > 0 else { return nil }
  return smallest(upTo: share) { powerOfDifference(share, countA, share - $0, countB) }
}

/// By how much two shares of the same examples must differ for McNemar's test at 5 % to show it with a
/// power of 80 %, for a given share of examples on which they differ (Connor 1987): the power is that of
/// `(√n δ − 1.96 √ψ) / √(ψ − δ²)`.
///
/// - Parameters:
///   - discordance: `ψ`, in `0...1`.
///   - pairs: `n`.
/// - Returns: at most `ψ`; `nil` if even that would not be shown.
public func smallestDetectableDifference(discordance: Double, pairs: Int) -> Double? {
  guard pairs > 0, discordance > 0 else { return nil }
  return smallest(upTo: discordance) { difference in
    let spread = (discordance - difference * difference).squareRoot()
    let reach =
      Double(pairs).squareRoot() * difference - normalQuantile975 * discordance.squareRoot()
    return spread > 0 ? StandardNormal.share(below: reach / spread) : reach > 0 ? 1 : 0
  }
}

/// The smallest difference whose power is 80 %, by bisection.
private func smallest(upTo limit: Double, power: (Double) -> Double) -> Double? {
  guard power(limit) >= 0.8 else { return nil }
  var (low, high) = (0.0, limit)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if power(middle) >= 0.8 { high = middle } else { low = middle }
  }
  return high
}
