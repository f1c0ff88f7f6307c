/// Examples of several independent samples, counted by what was answered to them, to be drawn anew together.
///
/// Languages of different texts are a sample each; languages of the same texts are one sample whose cells
/// hold the answers in all of them. Each draw takes as many examples of every sample, so whatever shares a
/// sample, such as the gaps of several targets to one source, shares its draws.
struct SampleBootstrap {
  /// By sample, examples in each cell.
  let counts: [[Int]]
  let seed: UInt64

  /// 95 % intervals of numbers that depend on the counts.
  ///
  /// - Parameters:
  ///   - resamples: how often to draw.
  ///   - tail: the share of experiments whose truth either end may miss.
  ///   - isAccelerated: whether the percentiles are corrected for bias and acceleration (BCa), as
  ///     `scipy.stats.bootstrap` does for several samples.
  ///   - numbers: as many for any counts; ones that are not finite are left out.
  /// - Returns: one a number; `nil` where a sample has fewer than two examples, or the number did not vary.
  func intervals(
    resamples: Int, tail: Double, isAccelerated: Bool, of numbers: ([[Int]]) -> [Double]
  ) -> [Interval?] {
    let observed = numbers(counts)
    guard counts.allSatisfy({ $0.reduce(0, +) > 1 }) else { return observed.map { _ in nil } }
    var drawn = observed.map { _ in [Double]() }
    var random = SeededStream(seed: seed)
    let draws = counts.map { Multinomial($0) }
    var cells = counts
    for _ in 0..<resamples {
      for sample in draws.indices { draws[sample].next(&random, into: &cells[sample]) }
      for (index, value) in numbers(cells).enumerated() where value.isFinite {
        drawn[index].append(value)
      }
    }
    guard isAccelerated else { return drawn.map { percentileInterval(of: $0, tail: tail) } }
    var jackknives: [[(weight: Int, values: [Double])]] = []
    for sample in counts.indices {
      // Leaving out one example of a cell is the same for each of them.
      jackknives.append(
        counts[sample].indices.filter { counts[sample][$0] > 0 }.map { cell in
          var fewer = counts
          fewer[sample][cell] -= 1
          return (counts[sample][cell], numbers(fewer))
        })
    }
    return observed.indices.map { index in
      acceleratedInterval(
        of: drawn[index], observed: observed[index],
        jackknives: jackknives.map { $0.map { ($0.weight, $0.values[index]) } }, tail: tail)
    }
  }
}
