/// The ratio of two sums over examples, such as tokens per word, with the 95 % interval of its
/// linearisation: `r ± 1.96 · s_d / (√n · x̄)`, `s_d` being the standard deviation of `y − r x`
/// (Cochran 1977, section 2.11).
///
/// - Parameters:
///   - numerators: `y`, one per example.
///   - denominators: `x`, as many, none negative.
/// - Returns: NaN if the denominators are all 0; no interval with fewer than two examples or without
///   any variation.
public func ratio(_ numerators: [Int], _ denominators: [Int]) -> Estimate {
  precondition(numerators.count == denominators.count)
  let (above, below) = (
    numerators.reduce(0.0) { $0 + Double($1) }, denominators.reduce(0.0) { $0 + Double($1) }
  )
  let value = above / below
  guard numerators.count > 1, below > 0 else { return Estimate(value, nil, by: .ratioInterval) }
  let n = Double(numerators.count)
  var squares = 0.0
  for (y, x) in zip(numerators, denominators) {
    let rest = Double(y) - value * Double(x)
    squares += rest * rest
  }
  let half = normalQuantile975 * (squares / (n - 1) / n).squareRoot() / (below / n)
  let interval = half > 0 ? Interval(lower: max(0, value - half), upper: value + half) : nil
  return Estimate(value, interval, by: .ratioInterval)
}

/// Cuts numbers into at most `count` groups of about equal size; equal numbers are in one group.
///
/// - Returns: the largest number of each group, ascending; the last is the largest of all. Empty
///   without numbers.
public func quantileGroups(_ values: [Double], count: Int) -> [Double] {
  precondition(count > 0)
  let sorted = values.sorted()
  guard let last = sorted.last else { return [] }
  var ends: [Double] = []
  for group in stride(from: 1, to: count, by: 1) {
    let end = sorted[(group * sorted.count - 1) / count]
    if end > ends.last ?? -.infinity, end < last { ends.append(end) }
  }
  return ends + [last]
}
