// Exponential and logarithm from additions, multiplications and divisions alone, which IEEE 754 rounds
// in one way. The C library's differ in the last bit between versions and processors, and a report
// has to be the same bytes on all of them.

/// `ln 2` in two parts: multiples of the first, whose last 32 bits are 0, are exact.
private let (naturalLog2High, naturalLog2Low) = (0x1.62e42feep-1, 0x1.a39ef35793c76p-33)

/// eˣ, within about one unit in the last place and the same bits on every machine.
///
/// With `x = k ln 2 + r` and `|r| ≤ ½ ln 2` it is `2ᵏ Σ rⁿ/n!`, whose terms beyond the 13th vanish.
///
/// - Returns: 0 for −∞, ∞ above 709.78, NaN for NaN.
public func exponential(_ x: Double) -> Double {
  if x.isNaN { return x }
  if x > 709.782712893384 { return .infinity }
  if x < -745.1332191019412 { return 0 }
  let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
  let r = (x - k * naturalLog2High) - k * naturalLog2Low
  var sum = 1 / 6227020800.0
  sum = sum * r + 1 / 479001600.0
  sum = sum * r + 1 / 39916800.0
  sum = sum * r + 1 / 3628800.0
  sum = sum * r + 1 / 362880.0
  sum = sum * r + 1 / 40320.0
  sum = sum * r + 1 / 5040.0
  sum = sum * r + 1 / 720.0
  sum = sum * r + 1 / 120.0
  sum = sum * r + 1 / 24.0
  sum = sum * r + 1 / 6.0
  sum = sum * r + 0.5
  let y = 1 + (r + r * r * sum)
  let exponent = Int(k)
  if exponent > -1022, exponent < 1024 {
    return y * Double(bitPattern: UInt64(exponent + 1023) << 52)
  }
  return Double(sign: .plus, exponent: exponent, significand: y)
}

/// ln x, within about one unit in the last place and the same bits on every machine.
///
/// With `x = 2ᵏ (1 + f)`, `1 + f` between √½ and √2 and `s = f / (2 + f)` it is
/// `k ln 2 + 2 (s + s³/3 + s⁵/5 + …)`, added up as FreeBSD's `e_log.c` does: `f` first, which is exact.
///
/// - Returns: −∞ for 0, NaN below 0 and for NaN.
public func naturalLogarithm(_ x: Double) -> Double {
  if x.isNaN || x < 0 { return .nan }
  if x == 0 { return -.infinity }
  if x == .infinity { return x }
  var (k, m) = (Double(x.exponent), x.significand)
  if m > 1.4142135623730951 { (k, m) = (k + 1, m / 2) }
  let f = m - 1
  let s = f / (2 + f)
  let z = s * s
  var sum = 2 / 25.0
  sum = sum * z + 2 / 23.0
  sum = sum * z + 2 / 21.0
  sum = sum * z + 2 / 19.0
  sum = sum * z + 2 / 17.0
  sum = sum * z + 2 / 15.0
  sum = sum * z + 2 / 13.0
  sum = sum * z + 2 / 11.0
  sum = sum * z + 2 / 9.0
  sum = sum * z + 2 / 7.0
  sum = sum * z + 2 / 5.0
  sum = sum * z + 2 / 3.0
  let half = f * f / 2
  return k * naturalLog2High
    - ((half - (s * (half + sum * z) + k * naturalLog2Low)) - f)
}

/// `ln Γ(x)` for `x > 0`: Stirling's series, after the recurrence has raised `x` to 12 or more.
func logGamma(_ x: Double) -> Double {
  precondition(x > 0)
  var (x, product) = (x, 1.0)
  while x < 12 {
    product *= x
    x += 1
  }
  let z = 1 / (x * x)
  // Bernoulli numbers over 2n (2n − 1).
  var series = 1 / 156.0
  series = 691 / 360360.0 - z * series
  series = 1 / 1188.0 - z * series
  series = 1 / 1680.0 - z * series
  series = 1 / 1260.0 - z * series
  series = 1 / 360.0 - z * series
  series = (1 / 12.0 - z * series) / x
  return (x - 0.5) * naturalLogarithm(x) - x + 0.9189385332046728 + series
    - naturalLogarithm(product)
}
