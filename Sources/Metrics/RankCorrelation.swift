/// Spearman's rank correlation of two series (Spearman 1904): the correlation of their ranks, equal
/// values sharing the mean of theirs, as `scipy.stats.spearmanr`.
///
/// - Parameters:
///   - a: finite numbers.
///   - b: as many.
/// - Returns: in `−1...1`; `nil` with fewer than two values or where one series does not vary.
public func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double? {
  precondition(a.count == b.count)
  guard a.count > 1 else { return nil }
  let (x, y) = (ranks(a), ranks(b))
  // Ranks add up to n (n + 1) / 2 whatever their ties.
  let mean = Double(a.count + 1) / 2
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (x, y) in zip(x, y) {
    xx += (x - mean) * (x - mean)
    yy += (y - mean) * (y - mean)
    xy += (x - mean) * (y - mean)
  }
  guard xx > 0, yy > 0 else { return nil }
  return max(-1, min(1, xy / (xx * yy).squareRoot()))
}

/// The place of each value in ascending order, from 1; equal values share the mean of their places.
func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var result = [Double](repeating: 0, count: values.count)
  var first = 0
  while first < order.count {
    var last = first
    while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
    for place in first...last { result[order[place]] = Double(first + last) / 2 + 1 }
    first = last + 1
  }
  return result
}
