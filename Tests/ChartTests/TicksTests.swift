import Testing
import TestSupport

@testable import Chart

@Suite struct TicksTests {
  /// The paper's own example, and ranges whose best labels are beyond dispute.
  @Test(arguments: [
    (8.1...14.1, 4, [8.0, 10, 12, 14]), (0.0...100, 5, [0, 25, 50, 75, 100]),
    (0.0...1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-1.0...1, 5, [-1, -0.5, 0, 0.5, 1]),
  ])
  func wilkinsonKnownCases(_ range: ClosedRange<Double>, _ count: Int, _ expected: [Double]) {
    expectClose(Ticks.wilkinson(range, count: count), expected, absolute: 1e-12)
  }

  /// The pruned search finds what a search without any bound finds.
  @Test func wilkinsonEqualsExhaustiveSearch() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<40 {
      let low = Double.random(in: -50...50, using: &random)
      let range = low...(low + Double.random(in: 0.01...80, using: &random))
      let count = Int.random(in: 2...8, using: &random)
      let found = Ticks.wilkinson(range, count: count)
      let best = exhaustiveBestScore(range, count: count)
      #expect(abs(score(found, range, count: count) - best) < 1e-9, "\(range) \(count) \(found)")
    }
  }

  private func exhaustiveBestScore(_ range: ClosedRange<Double>, count: Int) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    var best = -Double.infinity
    for skip in 1...4 {
      for (rank, nice) in Ticks.niceNumbers.enumerated() {
        for power in -5...3 {
          let unit = nice * [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000][power + 5]
          let step = Double(skip) * unit
          guard step < 4 * (high - low), step > (high - low) / 40 else { continue }
          for ticks in 2...30 {
            let span = step * Double(ticks - 1)
            guard span < 3 * (high - low) else { break }
            let first = Int(((low - span) / unit).rounded(.down))
            let last = Int(((high + span) / unit).rounded(.up))
            for start in first...last {
              let a = Double(start) * unit
              let total = Ticks.total(
                Ticks.simplicity(rank: rank, skip: skip, first: a, last: a + span, step: step),
                Ticks.coverage(low: low, high: high, first: a, last: a + span),
                Ticks.density(
                  ticks: ticks, wanted: Double(count), low: low, high: high, first: a,
                  last: a + span))
              best = max(best, total)
            }
          }
        }
      }
    }
    return best
  }

  /// The best score that any reading of these ticks as nice number and skip has.
  private func score(_ ticks: [Double], _ range: ClosedRange<Double>, count: Int) -> Double {
    let step = ticks[1] - ticks[0]
    var best = -Double.infinity
    for skip in 1...30 {
      for (rank, nice) in Ticks.niceNumbers.enumerated() {
        for unit in [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000].map({ $0 * nice })
        where abs(unit * Double(skip) / step - 1) < 1e-9 {
          let (first, last) = (ticks[0], ticks[ticks.count - 1])
          // Labels start at a multiple of the unit, or this is not how they came about.
          guard abs(first.remainder(dividingBy: unit)) < 1e-9 * unit else { continue }
          best = max(
            best,
            Ticks.total(
              Ticks.simplicity(rank: rank, skip: skip, first: first, last: last, step: step),
              Ticks.coverage(
                low: range.lowerBound, high: range.upperBound, first: first, last: last),
              Ticks.density(
                ticks: ticks.count, wanted: Double(count), low: range.lowerBound,
                high: range.upperBound, first: first, last: last)))
        }
      }
    }
    return best
  }

  @Test func integersKeepBothEnds() {
    #expect(Ticks.integers(1...10, count: 12) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(Ticks.integers(1...10, count: 6) == [1, 4, 7, 10])
    #expect(Ticks.integers(1...60, count: 8) == [1, 10, 20, 30, 40, 50, 60])
    #expect(Ticks.integers(1...1, count: 6) == [1])
    for last in 2...400 {
      for count in [2, 5, 12] {
        let ticks = Ticks.integers(1...Double(last), count: count)
        #expect(ticks.first == 1 && ticks.last == Double(last))
        #expect(ticks.count <= count + 1 && ticks.allSatisfy { $0 == $0.rounded() })
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
      }
    }
    #expect(Ticks.integers(1...10000, count: 10).last == 10000)
  }

  @Test func logarithmicTicksHaveTheDataEnds() {
    let scale = LogScale(4e-6...6e-5)
    let ticks = Ticks.logarithmic(
      ends: 6.1e-6...5e-5, clearance: 0.1, position: scale.position(of:))
    #expect(ticks.first == 6.1e-6 && ticks.last == 5e-5)
    #expect(ticks.contains { abs($0 - 1e-5) < 1e-18 })
    let places = ticks.map(scale.position(of:))
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 0.1 })
    #expect(
      Ticks.logarithmic(ends: 2...2, clearance: 0.1, position: LogScale(1...3).position(of:)) == [2]
    )
  }

  /// From 1e-12 to 1e12, all-equal values included, an axis has a few finite ticks inside it.
  @Test(arguments: [1e-12, 1e-6, 1, 1e6, 1e12])
  func axesOfAnyMagnitude(_ size: Double) {
    for values in [[size, 3 * size], [size, size], [-size, size], [0, size]] {
      let data = DataRange(values)
      let axis = Axis("quantity")
      let scale = axis.scale(for: data)
      let ticks = axis.ticks(on: scale, data: data, length: 300, spacing: 45)
      #expect((2...12).contains(ticks.count), "\(values) \(ticks)")
      #expect(Set(ticks.map(\.label)).count == ticks.count, "\(values) \(ticks)")
      #expect(ticks.allSatisfy { (-0.001...1.001).contains(scale.position(of: $0.value)) })
    }
  }

  /// Numbers from outside cost no more than a few ticks, however large they are.
  @Test func integersOfAnySizeAreFew() {
    for last in [1e9, 1e15, 4e15, 1e16, 1e25, 1e300, Double.greatestFiniteMagnitude] {
      let ticks = Ticks.integers(1...last, count: 10)
      #expect(ticks.count <= 12 && ticks.first == 1 && ticks.last == last)
      #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
    }
    #expect(Ticks.integers(1e25...1e25, count: 10) == [1e25])
  }

  /// Under rows of values the first and the last label enclose all of them; elsewhere less than a step lies
  /// outside.
  @Test func ticksReachTheData() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<600 {
      let size = [1e-6, 0.01, 1, 100, 1e7][Int.random(in: 0..<5, using: &random)]
      let start = Bool.random(using: &random) ? 0 : Double.random(in: -1...1, using: &random)
      let range = size * start...size * (start + Double.random(in: 0.01...2, using: &random))
      for isRows in [true, false] {
        var axis = Axis("quantity")
        axis.endsAtTicks = isRows
        let data = DataRange([range.lowerBound, range.upperBound])
        let scale = axis.scale(for: data)
        for length in [90.0, 200, 500] {
          let ticks = axis.ticks(on: scale, data: data, length: length, spacing: 45).map(\.value)
          let step = ticks.count > 1 ? ticks[1] - ticks[0] : 0
          let slack = step * (isRows ? 1e-5 : length < 200 ? 1 : 0.75)
          #expect(ticks.count > 1)
          #expect(ticks[0] - slack <= range.lowerBound, "\(range) \(ticks)")
          #expect(ticks[ticks.count - 1] + slack >= range.upperBound, "\(range) \(ticks)")
        }
      }
    }
  }

  /// Any two finite numbers lie on the axis that is made for them, at different places unless all but equal.
  @Test func axesCoverAnyFiniteNumbers() {
    let values: [Double] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude / 64, .leastNormalMagnitude, 1e-12, 0.7, 1,
      1e9, 1e25, 1e300, 1e308,
      Double.greatestFiniteMagnitude,
    ]
    for a in values + values.map({ -$0 }) {
      for b in values {
        for kind in [Axis.Kind.linear, .integer, .logarithmic]
        where kind != .logarithmic || a > 0 && b > 0 {
          for isRows in [true, false] {
            var axis = Axis("quantity", kind)
            axis.endsAtTicks = isRows
            let data = DataRange([a, b])
            let scale = axis.scale(for: data)
            for value in [a, b] {
              #expect((-1e-9...1 + 1e-9).contains(scale.position(of: value)), "\(a) \(b) \(kind)")
            }
            #expect(axis.ticks(on: scale, data: data, length: 300, spacing: 45).count < 40)
          }
        }
      }
    }
  }
}
