/// A confidence interval.
public struct Interval: Equatable, Sendable {
  public let lower: Double
  public let upper: Double

  public init(lower: Double, upper: Double) {
    (self.lower, self.upper) = (lower, upper)
  }

  /// Whether a value lies inside, ends included.
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// The 97.5 % point of the standard normal distribution.
let normalQuantile975 = 1.959963984540054

/// Wilson's 95 % score interval of a proportion (Wilson 1927), as statsmodels'
/// `proportion_confint(method="wilson")`.
///
/// - Parameters:
///   - successes: in `0...total`.
///   - total: the number of trials.
/// - Returns: bounds in `0...1`; `nil` without trials.
public func wilsonInterval(successes: Int, total: Int) -> Interval? {
  wilsonInterval(successes: successes, total: total, z: normalQuantile975)
}

/// The same at another level.
///
/// - Parameters:
///   - successes: in `0...total`.
///   - total: the number of trials.
///   - z: the point of the standard normal distribution above which one of the two tails lies.
/// - Returns: bounds in `0...1`; `nil` without trials.
func wilsonInterval(successes: Int, total: Int, z: Double) -> Interval? {
  precondition(successes >= 0 && successes <= total)
  guard total > 0 else { return nil }
  let n = Double(total)
  let share = Double(successes) / n
  let denominator = 1 + z * z / n
  let centre = (share + z * z / (2 * n)) / denominator
  let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / denominator
  // At the ends the bound is 0 or 1 exactly; rounding must not push it outside.
  return Interval(
    lower: successes == 0 ? 0 : max(0, centre - half),
    upper: successes == total ? 1 : min(1, centre + half))
}

/// Newcombe's 95 % hybrid score interval of the difference of two independent proportions,
/// `a − b` (Newcombe 1998, method 10), as statsmodels' `confint_proportions_2indep(method="newcomb")`.
///
/// - Returns: bounds in `−1...1`; `nil` if either has no trials.
public func newcombeInterval(
  successesA: Int, totalA: Int, successesB: Int, totalB: Int
) -> Interval? {
  newcombeInterval(Hits(successesA, of: totalA), Hits(successesB, of: totalB), z: normalQuantile975)
}

/// The same at another level.
func newcombeInterval(_ first: Hits, _ second: Hits, z: Double) -> Interval? {
  guard let a = wilsonInterval(successes: first.correct, total: first.total, z: z),
    let b = wilsonInterval(successes: second.correct, total: second.total, z: z)
  else { return nil }
  let (p, q) = (first.share, second.share)
  let difference = p - q
  return Interval(
    lower: difference - distance(p - a.lower, b.upper - q),
    upper: difference + distance(a.upper - p, q - b.lower))
}

/// The two-sided p-value of no difference that goes with Newcombe's interval: the level at which the
/// interval just reaches 0.
///
/// - Returns: in `0...1`; `nil` if either has no trials.
func newcombePValue(_ a: Hits, _ b: Hits) -> Double? {
  guard a.total > 0, b.total > 0 else { return nil }
  if a.share == b.share { return 1 }
  func reachesZero(_ z: Double) -> Bool { newcombeInterval(a, b, z: z)?.contains(0) ?? true }
  // Both ends move outwards as z grows; beyond 40 no level is left to tell apart.
  var (low, high) = (0.0, 40.0)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if reachesZero(middle) { high = middle } else { low = middle }
  }
  return min(1, 2 * StandardNormal.share(below: -high))
}

/// The length of a vector, the same bits on every machine, which the C library's is not.
private func distance(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }

/// The 95 % interval of a mean by its standard error, `mean ± 1.96 · s/√n`.
///
/// - Parameters:
///   - values: a number per example.
///   - tail: the share of experiments whose truth either end may miss.
/// - Returns: `nil` with fewer than two values, if one is not finite, or if all are alike.
public func normalInterval(ofMean values: [Double], tail: Double = usualTail) -> Interval? {
  guard values.count > 1 else { return nil }
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let half = normalQuantile(tail: tail) * (squares / (count - 1) / count).squareRoot()
  guard half > 0, half.isFinite else { return nil }
  return Interval(lower: mean - half, upper: mean + half)
}

/// The 95 % interval of a share-like quantity by its standard error, formed on the scale of the log
/// odds; `nil` without a standard error above 0, or at 0 and 1, where the scale ends.
func logitInterval(_ value: Double, standardError: Double?) -> Interval? {
  guard let standardError, standardError > 0, value > 0, value < 1 else { return nil }
  let centre = naturalLogarithm(value / (1 - value))
  let half = normalQuantile975 * standardError / (value * (1 - value))
  return Interval(
    lower: 1 / (1 + exponential(half - centre)), upper: 1 / (1 + exponential(-half - centre)))
}
