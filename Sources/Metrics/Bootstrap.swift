internal import Glibc

extension ConfusionMatrix {
  /// A 95 % percentile interval of a score by the bootstrap (Efron 1979): examples are drawn anew
  /// with replacement, which for a score of the matrix means drawing its counts from a multinomial
  /// distribution.
  ///
  /// The random numbers are seeded: the same matrix gives the same interval on any machine.
  ///
  /// - Parameters:
  ///   - resamples: how often to draw, at least 40.
  ///   - scores: as many numbers for each drawn matrix; ones that are not finite are left out.
  /// - Returns: one a score; `nil` with fewer than two examples, or if the score did not vary, for
  ///   which no honest interval exists.
  public func bootstrapIntervals(
    resamples: Int = 1000, of scores: (ConfusionMatrix) -> [Double]
  ) -> [Interval?] {
    precondition(resamples >= 40)
    var drawn = scores(self).map { _ in [Double]() }
    var random = SeededStream(seed: 0x7261_6E64)
    let draw = Multinomial(cells)
    for _ in 0..<(total > 1 ? resamples : 0) {
      let values = scores(ConfusionMatrix(cells: draw.next(&random), classes: classes))
      for (index, value) in values.enumerated() where value.isFinite { drawn[index].append(value) }
    }
    return drawn.map { values in
      let sorted = values.sorted()
      guard let first = sorted.first, let last = sorted.last, first < last else { return nil }
      return Interval(lower: quantile(0.025, of: sorted), upper: quantile(0.975, of: sorted))
    }
  }
}

/// A quantile by linear interpolation, as `numpy.quantile`.
///
/// - Parameters:
///   - share: in `0...1`.
///   - sorted: ascending, not empty.
/// - Returns: between the smallest and the largest.
func quantile(_ share: Double, of sorted: [Double]) -> Double {
  let place = share * Double(sorted.count - 1)
  let below = Int(place)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
}

/// Draws as many examples as were counted, with replacement, cell by cell.
///
/// Given the cells before it, a cell's count is binomial. Each is found by inversion from its mode
/// outwards, so a draw takes about the square root of the count, not the count.
struct Multinomial {
  private let counts: [Int]
  private let total: Int
  /// `ln n!` for `0...total`.
  private let logFactorials: [Double]

  init(_ counts: [Int]) {
    self.counts = counts
    total = counts.reduce(0, +)
    var (sums, sum) = ([0.0], 0.0)
    for number in stride(from: 1, through: total, by: 1) {
      sum += log(Double(number))
      sums.append(sum)
    }
    logFactorials = sums
  }

  func next(_ random: inout SeededStream) -> [Int] {
    var (left, weight) = (total, total)
    return counts.map { count in
      let drawn = binomial(left, of: count, outOf: weight, &random)
      left -= drawn
      weight -= count
      return drawn
    }
  }

  /// The number of successes in `trials` trials that each succeed `count` times out of `weight`.
  private func binomial(
    _ trials: Int, of count: Int, outOf weight: Int, _ random: inout SeededStream
  ) -> Int {
    if trials == 0 || count == 0 { return 0 }
    if count == weight { return trials }
    let p = Double(count) / Double(weight)
    let odds = p / (1 - p)
    let mode = min(Int(Double(trials + 1) * p), trials)
    let logMode =
      logFactorials[trials] - logFactorials[mode] - logFactorials[trials - mode]
      + Double(mode) * log(p) + Double(trials - mode) * log(1 - p)
    var rest = random.uniform()
    var (up, down) = (exp(logMode), exp(logMode))
    rest -= up
    if rest < 0 { return mode }
    var (above, below) = (mode, mode)
    while above < trials || below > 0 {
      if above < trials {
        up *= Double(trials - above) / Double(above + 1) * odds
        above += 1
        rest -= up
        if rest < 0 { return above }
      }
      if below > 0 {
        down *= Double(below) / Double(trials - below + 1) / odds
        below -= 1
        rest -= down
        if rest < 0 { return below }
      }
      // What is left are rounding errors of the sum.
      if up < 1e-18, down < 1e-18 { break }
    }
    return mode
  }
}

/// A seeded stream of random numbers (Steele, Lea, Flood 2014).
struct SeededStream {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In `0..<1`, of 2⁵³ equally likely values.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
