/// The standard normal distribution.
public enum StandardNormal {
  /// The density, `exp(−x²/2) / √(2π)`.
  static func density(_ x: Double) -> Double { 0.3989422804014327 * exponential(-x * x / 2) }

  /// The share below `x`.
  ///
  /// Near 0 by the series `½ + φ(x) (x + x³/3 + x⁵/15 + …)`, far out by the continued fraction of the
  /// tail, `φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))` (Abramowitz and Stegun 26.2.11 and 26.2.14).
  public static func share(below x: Double) -> Double {
    if x.isNaN { return x }
    let distance = abs(x)
    if distance > 3 {
      var fraction = distance
      for n in stride(from: 160.0, through: 1, by: -1) { fraction = distance + n / fraction }
      let tail = distance > 40 ? 0 : density(distance) / fraction
      return x < 0 ? tail : 1 - tail
    }
    var (term, sum, n) = (x, x, 1.0)
    while abs(term) > 1e-18 * abs(sum) {
      n += 2
      term *= x * x / n
      sum += term
    }
    return 0.5 + density(x) * sum
  }

  /// The point that a share of the distribution lies below, by Newton's method.
  ///
  /// - Parameter share: in `0...1`.
  /// - Returns: −∞ for 0, ∞ for 1, NaN outside.
  public static func quantile(_ share: Double) -> Double {
    if share.isNaN || share < 0 || share > 1 { return .nan }
    if share > 0.5 {
      // The tail's own share keeps its digits.
      return -quantile(1 - share)
    }
    if share == 0 { return -.infinity }
    // Below 0 the distribution function is convex: from the right, each step stays on the right.
    var x = 0.0
    for _ in 0..<200 {
      let step = (Self.share(below: x) - share) / density(x)
      x -= step
      if abs(step) <= 1e-15 * abs(x) { break }
    }
    return x
  }
}

/// Student's t distribution.
public enum StudentT {
  /// The share below `t` with `degrees` degrees of freedom, by the incomplete beta function.
  ///
  /// - Parameters:
  ///   - t: any number.
  ///   - degrees: above 0.
  /// - Returns: in `0...1`.
  public static func share(below t: Double, degrees: Double) -> Double {
    if t.isNaN { return t }
    let tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    return t < 0 ? tail : 1 - tail
  }

  /// The point that a share lies below, by bisection.
  ///
  /// - Parameters:
  ///   - share: above 0 and below 1.
  ///   - degrees: of freedom, above 0.
  /// - Returns: a finite number.
  public static func quantile(_ share: Double, degrees: Double) -> Double {
    precondition(share > 0 && share < 1 && degrees > 0)
    if share > 0.5 { return -quantile(1 - share, degrees: degrees) }
    if share == 0.5 { return 0 }
    var (low, high) = (-1.0, 0.0)
    while Self.share(below: low, degrees: degrees) > share { low *= 2 }
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if Self.share(below: middle, degrees: degrees) < share { low = middle } else { high = middle }
    }
  }
}

/// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (DLMF 8.17.22) in
/// Lentz's order.
///
/// - Parameters:
///   - x: in `0...1`.
///   - a: above 0.
///   - b: above 0.
/// - Returns: in `0...1`.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  // The fraction converges fast on this side only.
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let front = exponential(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * naturalLogarithm(x)
      + b * naturalLogarithm(1 - x))
  let tiny = 1e-300
  func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var d = 1 / away(1 - (a + b) * x / (a + 1))
  var (c, fraction) = (1.0, d)
  for m in stride(from: 1.0, through: 10_000, by: 1) {
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= d * c
    if abs(d * c - 1) < 1e-15 { break }
  }
  return front * fraction / a
}
