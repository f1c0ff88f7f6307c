/// How often examples are drawn anew for an interval unless something else is asked for.
public let usualResamples = 10_000

/// The smallest p-value that as many draws can give: it is a bound, not a value.
public let leastBootstrapPValue = 2 / Double(usualResamples + 1)

/// The share of experiments whose truth either end of an interval may miss unless something else is asked
/// for: that of 95 % intervals.
public let usualTail = 0.025

extension ConfusionMatrix {
  /// 95 % intervals of scores by the bias-corrected and accelerated bootstrap (Efron 1987, "Better
  /// bootstrap confidence intervals"): examples are drawn anew with replacement, which for a score of
  /// the matrix means drawing its counts from a multinomial distribution.
  ///
  /// As `scipy.stats.bootstrap(method="BCa")`. Where a class is rare, plain percentiles of macro F1 hold
  /// the truth in 93 % of cases only; see docs/metrics.md. The random numbers are seeded: the same
  /// matrix gives the same interval on any machine.
  ///
  /// - Parameters:
  ///   - resamples: how often to draw, at least 40.
  ///   - scores: as many numbers for each drawn matrix; ones that are not finite are left out.
  /// - Returns: one a score; `nil` with fewer than two examples, or if the score did not vary, for
  ///   which no honest interval exists.
  public func bootstrapIntervals(
    resamples: Int = usualResamples, of scores: (ConfusionMatrix) -> [Double]
  ) -> [Interval?] {
    precondition(resamples >= 40)
    let observed = scores(self)
    guard total > 1 else { return observed.map { _ in nil } }
    var drawn = observed.map { _ in [Double]() }
    var random = SeededStream(seed: 0x7261_6E64)
    let draw = Multinomial(cells)
    for _ in 0..<resamples {
      let values = scores(ConfusionMatrix(cells: draw.next(&random), classes: classes))
      for (index, value) in values.enumerated() where value.isFinite { drawn[index].append(value) }
    }
    // Leaving out one example of a cell is the same for each of them.
    let jackknife = cells.indices.filter { cells[$0] > 0 }.map { cell in
      var fewer = cells
      fewer[cell] -= 1
      return (weight: cells[cell], scores: scores(ConfusionMatrix(cells: fewer, classes: classes)))
    }
    return observed.indices.map { index in
      acceleratedInterval(
        of: drawn[index], observed: observed[index],
        jackknife: jackknife.map { ($0.weight, $0.scores[index]) })
    }
  }
}

/// The BCa interval of what a bootstrap drew.
///
/// The percentiles taken are `Φ(z₀ + (z₀ + z)/(1 − a (z₀ + z)))` for z = ∓1.96, where `z₀` is the normal
/// quantile of the share of draws below what was observed, ties counting half, and
/// `a = Σ d³ / (6 (Σ d²)^{3/2})` over the distances `d` of the leave-one-out values below their mean.
///
/// - Parameters:
///   - values: finite.
///   - observed: the value of the sample itself.
///   - jackknife: leave-one-out values, each with the number of examples it stands for.
///   - tail: the share of experiments whose truth either end may miss.
/// - Returns: `nil` if the values do not vary.
func acceleratedInterval(
  of values: [Double], observed: Double, jackknife: [(weight: Int, value: Double)],
  tail: Double = usualTail
) -> Interval? {
  acceleratedInterval(of: values, observed: observed, jackknives: [jackknife], tail: tail)
}

/// The same of several independent samples, whose leave-one-out values come sample by sample, as
/// `scipy.stats.bootstrap` takes them: the acceleration is `Σ u³ / (6 (Σ u²)^{3/2})` over all examples, a
/// sample's `u` being its distances times `(n − 1)/n`.
func acceleratedInterval(
  of values: [Double], observed: Double, jackknives: [[(weight: Int, value: Double)]],
  tail: Double = usualTail
) -> Interval? {
  let sorted = values.sorted()
  guard let first = sorted.first, let last = sorted.last, first < last else { return nil }
  let below = sorted.count { $0 < observed }
  let equal = sorted.count { $0 == observed }
  let bias = StandardNormal.quantile(
    (Double(below) + Double(equal) / 2) / Double(sorted.count))
  var (squares, cubes) = (0.0, 0.0)
  for jackknife in jackknives {
    let weight = Double(jackknife.reduce(0) { $0 + $1.weight })
    let mean = jackknife.reduce(0) { $0 + Double($1.weight) * $1.value } / weight
    // Of a single sample the factor cancels out; without it, its bits stay what they were.
    let factor = jackknives.count == 1 ? 1 : (weight - 1) / weight
    for (weight, value) in jackknife {
      let distance = factor * (mean - value)
      squares += Double(weight) * distance * distance
      cubes += Double(weight) * distance * distance * distance
    }
  }
  let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
  // A sample at the edge of its own draws, or one whose leave-one-out values are not numbers.
  guard bias.isFinite, acceleration.isFinite else {
    return percentileInterval(of: values, tail: tail)
  }
  func end(_ z: Double) -> Double {
    let denominator = 1 - acceleration * (bias + z)
    let share = StandardNormal.share(below: bias + (bias + z) / denominator)
    return quantile(denominator > 0 ? share : z < 0 ? 0 : 1, of: sorted)
  }
  let z = normalQuantile(tail: tail)
  return Interval(lower: end(-z), upper: end(z))
}

/// The point of the standard normal distribution that a share of it lies above.
func normalQuantile(tail: Double) -> Double {
  tail == usualTail ? normalQuantile975 : -StandardNormal.quantile(tail)
}

/// The points of what a bootstrap drew below and above which a share of the draws lies; `nil` if it did not
/// vary.
func percentileInterval(of values: [Double], tail: Double = usualTail) -> Interval? {
  let sorted = values.sorted()
  guard let first = sorted.first, let last = sorted.last, first < last else { return nil }
  return Interval(lower: quantile(tail, of: sorted), upper: quantile(1 - tail, of: sorted))
}

/// The two-sided p-value of 0 that goes with the percentile interval: twice the tail at which an end of it
/// is 0, interpolated as the ends are.
///
/// - Parameter sorted: what a bootstrap drew, ascending.
/// - Returns: at least `2/(B + 1)` for B draws, which cannot know smaller ones; `nil` if they did not vary.
func percentilePValue(of sorted: [Double]) -> Double? {
  guard let first = sorted.first, let last = sorted.last, first < last else { return nil }
  let steps = Double(sorted.count - 1)
  // The largest tail whose lower end is not above 0.
  func shareUpToZero(_ value: (Int) -> Double) -> Double {
    if value(0) > 0 { return 0 }
    var (low, high) = (0, sorted.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if value(middle) > 0 { high = middle } else { low = middle }
    }
    guard high < sorted.count else { return 1 }
    return (Double(low) + value(low) / (value(low) - value(high))) / steps
  }
  let below = shareUpToZero { sorted[$0] }
  let above = shareUpToZero { -sorted[sorted.count - 1 - $0] }
  return min(1, max(2 * min(below, above), 2 / Double(sorted.count + 1)))
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

/// Draws as many examples as were counted, with replacement, and counts them by cell.
///
/// Few examples are drawn one by one. Of many, the cells are drawn in turn: given the cells before it, a
/// cell's count is binomial, and is found by inversion from its mode outwards, so a draw takes about the
/// square root of the count, not the count. The two have the same distribution.
struct Multinomial {
  private struct Cell {
    var count: Int
    /// The cell's share of what the cells before it left over, and `ln` of it and of the rest.
    var share, logShare, logRest: Double
  }
  private let cells: [Cell]
  private let total: Int
  /// `ln n!` for `0...total`; empty where examples are drawn one by one.
  private let logFactorials: [Double]
  /// Each example's cell; empty where cells are drawn.
  private let cellOfExample: [Int]
  /// The first cell's count has the same distribution in every draw: the shares up to each count, from
  /// `firstCount` on.
  private let firstShares: [Double]
  private let firstCount: Int

  /// - Parameter counts: none negative.
  init(_ counts: [Int]) {
    total = counts.reduce(0, +)
    var weight = total
    cells = counts.map { count in
      let share = Double(count) / Double(weight)
      let rest = Double(weight - count) / Double(weight)
      weight -= count
      return Cell(
        count: count, share: share, logShare: naturalLogarithm(share),
        logRest: naturalLogarithm(rest))
    }
    // A cell takes about as long as 25 examples.
    if total < 25 * counts.count(where: { $0 > 0 }) {
      cellOfExample = counts.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
      (logFactorials, firstShares, firstCount) = ([], [], 0)
      return
    }
    cellOfExample = []
    let factorials = Metrics.logFactorials(upTo: total)
    logFactorials = factorials
    guard let first = cells.first, first.count > 0, first.count < total else {
      (firstShares, firstCount) = ([], 0)
      return
    }
    let trials = total
    func chance(_ count: Int) -> Double {
      exponential(
        factorials[trials] - factorials[count] - factorials[trials - count]
          + Double(count) * first.logShare + Double(trials - count) * first.logRest)
    }
    // The mode is the count itself; what lies further out than 1e-18 never comes about.
    var (low, high) = (first.count, first.count)
    while low > 0, chance(low - 1) > 1e-18 { low -= 1 }
    while high < trials, chance(high + 1) > 1e-18 { high += 1 }
    var (sums, sum) = ([Double](), 0.0)
    for count in low...high {
      sum += chance(count)
      sums.append(sum)
    }
    (firstShares, firstCount) = (sums, low)
  }

  /// The first cell's count: the first whose share of the distribution exceeds a uniform number.
  private func drawFirst(_ random: inout SeededStream) -> Int {
    let uniform = random.uniform()
    var (low, high) = (0, firstShares.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if firstShares[middle] <= uniform { low = middle + 1 } else { high = middle }
    }
    return firstCount + low
  }

  /// One draw, a count a cell, which add up to the number of examples.
  func next(_ random: inout SeededStream) -> [Int] {
    var drawn = [Int](repeating: 0, count: cells.count)
    next(&random, into: &drawn)
    return drawn
  }

  /// The same without a new array.
  ///
  /// - Parameters:
  ///   - random: where chance comes from.
  ///   - drawn: as many as cells; overwritten.
  func next(_ random: inout SeededStream, into drawn: inout [Int]) {
    precondition(drawn.count == cells.count)
    if !cellOfExample.isEmpty {
      for index in drawn.indices { drawn[index] = 0 }
      for _ in 0..<total { drawn[cellOfExample[random.below(total)]] += 1 }
      return
    }
    var (left, weight) = (total, total)
    for index in cells.indices {
      let cell = cells[index]
      let count =
        if left == 0 || cell.count == 0 { 0 } else if cell.count == weight {
          left
        } else if index == 0 {
          drawFirst(&random)
        } else { draw(left, cell, &random) }
      drawn[index] = count
      left -= count
      weight -= cell.count
    }
  }

  /// The number of successes in `trials` trials that each succeed with a cell's share, which is
  /// neither 0 nor 1.
  private func draw(_ trials: Int, _ cell: Cell, _ random: inout SeededStream) -> Int {
    let odds = cell.share / (1 - cell.share)
    let mode = min(Int(Double(trials + 1) * cell.share), trials)
    let logMode =
      logFactorials[trials] - logFactorials[mode] - logFactorials[trials - mode]
      + Double(mode) * cell.logShare + Double(trials - mode) * cell.logRest
    var rest = random.uniform()
    var up = exponential(logMode)
    var down = up
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

/// `ln n!` for `0...limit`.
func logFactorials(upTo limit: Int) -> [Double] {
  var (sums, sum) = ([0.0], 0.0)
  sums.reserveCapacity(limit + 1)
  for number in stride(from: 1, through: limit, by: 1) {
    sum += naturalLogarithm(Double(number))
    sums.append(sum)
  }
  return sums
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

  /// In `0..<bound`, by the upper bits of a product (Lemire 2019) without its rejection step: the bias
  /// is below `bound/2⁶⁴`.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
