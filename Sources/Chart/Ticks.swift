internal import Glibc

/// Where an axis is labelled.
enum Ticks {
  /// Ticks by the extended Wilkinson algorithm (Talbot, Lin and Hanrahan, "An Extension of
  /// Wilkinson's Algorithm for Positioning Tick Labels on Axes", InfoVis 2010).
  ///
  /// Maximises 0.25 · simplicity + 0.2 · coverage + 0.5 · density + 0.05 · legibility, legibility
  /// taken as 1, over labellings `start, start + step, …`; the loops are cut where no better score
  /// can follow.
  ///
  /// - Parameters:
  ///   - range: of the data, not empty of length.
  ///   - count: how many ticks are wanted, at least 2.
  /// - Returns: ascending values, at least two; the outer ones may lie beyond the range.
  static func wilkinson(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let (low, high) = (range.lowerBound, range.upperBound)
    let wanted = Double(max(count, 2))
    let scale = max(abs(low), abs(high))
    guard low.isFinite, high.isFinite, high / 2 - low / 2 > scale * 1e-10, high - low > 1e-300
    else { return [low] }
    // The span, and what is reckoned with it, must be a number, too.
    if scale > 1e300 {
      return wilkinson(low / 1e10...high / 1e10, count: count).map { $0 * 1e10 }
        .filter(\.isFinite)
    }
    var best: (score: Double, start: Double, step: Double, count: Int)?
    func isWorse(_ simplicity: Double, _ coverage: Double, _ density: Double) -> Bool {
      total(simplicity, coverage, density) < best?.score ?? -2
    }
    skips: for skip in 1...30 {
      for (rank, nice) in niceNumbers.enumerated() {
        let simplicityBound = 2 - Double(rank) / Double(niceNumbers.count - 1) - Double(skip)
        if isWorse(simplicityBound, 1, 1) { break skips }
        for ticks in 2...200 {
          let densityBound =
            Double(ticks) >= wanted ? 2 - Double(ticks - 1) / (wanted - 1) : 1
          if isWorse(simplicityBound, 1, densityBound) { break }
          let delta = (high - low) / Double(ticks + 1) / Double(skip) / nice
          let firstPower = Int(log10(delta).rounded(.up))
          for power in firstPower...(firstPower + 30) {
            let unit = nice * pow(10, Double(power))
            let step = Double(skip) * unit
            let span = step * Double(ticks - 1)
            if isWorse(
              simplicityBound, coverageBound(low: low, high: high, span: span), densityBound)
            {
              break
            }
            let firstStart =
              (high / step).rounded(.down) * Double(skip) - Double((ticks - 1) * skip)
            let lastStart = (low / step).rounded(.up) * Double(skip)
            guard firstStart <= lastStart else { continue }
            // At most as many as ticks times skip; beyond that rounding has taken over.
            for offset in 0...Int(min(lastStart - firstStart, 6000)) {
              let first = (firstStart + Double(offset)) * unit
              let last = first + span
              let score = total(
                simplicity(rank: rank, skip: skip, first: first, last: last, step: step),
                coverage(low: low, high: high, first: first, last: last),
                density(
                  ticks: ticks, wanted: wanted, low: low, high: high, first: first, last: last))
              if score > best?.score ?? -2 { best = (score, first, step, ticks) }
            }
          }
        }
      }
    }
    guard let best else { return [low, high] }
    return (0..<best.count).map { index in
      let value = best.start + Double(index) * best.step
      // 0.1 + 0.2 and its like: zero is zero, and a tick lies on a multiple of its step.
      return abs(value) < best.step * 1e-9 ? 0 : value
    }
  }

  /// Step sizes from nicest to least nice; the order and values are the paper's.
  static let niceNumbers: [Double] = [1, 5, 2, 2.5, 4, 3]

  static func total(_ simplicity: Double, _ coverage: Double, _ density: Double) -> Double {
    0.25 * simplicity + 0.2 * coverage + 0.5 * density + 0.05
  }

  static func simplicity(rank: Int, skip: Int, first: Double, last: Double, step: Double) -> Double
  {
    let remainder = abs(first.remainder(dividingBy: step))
    let includesZero = remainder < 1e-10 * step && first <= 0 && last >= 0
    return 1 - Double(rank) / Double(niceNumbers.count - 1) - Double(skip) + (includesZero ? 1 : 0)
  }

  static func coverage(low: Double, high: Double, first: Double, last: Double) -> Double {
    let tenth = 0.1 * (high - low)
    let (a, b) = ((high - last) / tenth, (low - first) / tenth)
    return 1 - 0.5 * (a * a + b * b)
  }

  private static func coverageBound(low: Double, high: Double, span: Double) -> Double {
    guard span > high - low else { return 1 }
    let excess = (span - (high - low)) / 2 / (0.1 * (high - low))
    return 1 - excess * excess
  }

  static func density(
    ticks: Int, wanted: Double, low: Double, high: Double, first: Double, last: Double
  ) -> Double {
    let found = Double(ticks - 1) / (last - first)
    let target = (wanted - 1) / (max(last, high) - min(low, first))
    return 2 - max(found / target, target / found)
  }

  /// Whole numbers, the first and the last of the range among them.
  ///
  /// Between them lie multiples of a step of 1, 2 or 5 times a power of ten; those too near the ends
  /// are left out.
  ///
  /// - Parameters:
  ///   - range: its ends are rounded inwards.
  ///   - count: how many labels fit beside each other, at least 2.
  /// - Returns: ascending values.
  static func integers(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let first = range.lowerBound.rounded(.up)
    let last = range.upperBound.rounded(.down)
    guard last > first else { return first == last ? [first] : [range.lowerBound.rounded()] }
    // Beyond that not every whole number is a number of this kind.
    guard last - first < 0x1p52, max(abs(first), abs(last)) < 0x1p52 else { return [first, last] }
    let room = Double(max(count - 1, 1))
    // Few numbers are best cut into equal steps: 1, 4, 7, 10.
    if last - first <= 24 {
      let even = (1...24).map(Double.init).first {
        ((last - first) / $0).rounded() * $0 == last - first && (last - first) / $0 <= room
      }
      if let even, (last - first) / even >= min(room, last - first) / 2.5 {
        return Array(stride(from: first, through: last, by: even))
      }
    }
    // The first of 1, 2, 5, 10, … that leaves room; no more steps than that, however large the numbers.
    var step = pow(10, log10(max((last - first) / room, 1)).rounded(.down))
    step = [1, 2, 5, 10].lazy.map { $0 * step }.first { (last - first) / $0 <= room } ?? step * 10
    let start = (first / step).rounded(.up) * step
    let inner = (0...(max(count, 2) + 2)).map { start + Double($0) * step }.filter { value in
      guard value > first, value < last else { return false }
      return step == 1 || value - first >= 0.75 * step && last - value >= 0.75 * step
    }
    return [first] + inner + [last]
  }

  /// Ticks of a logarithmic axis: both ends of the data, and round values between where there is
  /// room.
  ///
  /// - Parameters:
  ///   - ends: the least and greatest value drawn, positive.
  ///   - clearance: the least distance between two ticks, as a share of the axis' length.
  ///   - position: where a value lies on the axis, 0 to 1.
  /// - Returns: ascending values.
  static func logarithmic(
    ends: ClosedRange<Double>, clearance: Double, position: (Double) -> Double
  ) -> [Double] {
    let (low, high) = (ends.lowerBound, ends.upperBound)
    var ticks = low == high ? [low] : [low, high]
    if ticks.count == 2, abs(position(high) - position(low)) < clearance { ticks = [high] }
    let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    // From the roundest to the least round, each only where it keeps its distance.
    for factors in [[1.0], [5, 2], [3, 7], [4, 6, 8, 9]] {
      for power in powers {
        for factor in factors {
          let value = factor * pow(10, Double(power))
          guard value > low, value < high else { continue }
          if ticks.allSatisfy({ abs(position($0) - position(value)) >= clearance }) {
            ticks.append(value)
          }
        }
      }
    }
    return ticks.sorted()
  }
}
