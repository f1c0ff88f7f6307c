import Metrics
import Storage
import TestSupport
import Testing

/// Differences of accuracies; Tests/Fixtures/make_metric_fixtures.py wrote what is expected.
@Suite struct DifferenceTests {
  private func json(_ file: String, _ key: String) throws -> [JSON] {
    try #require(try Fixture.json("metrics/\(file).json")[key]?.array)
  }

  private func numbers(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).compactMap(\.double)
  }

  @Test func powerAndSmallestDifferenceEqualStatsmodels() throws {
    for row in try json("differences", "power").map({ try numbers($0) }) {
      let found = powerOfDifference(row[0], Int(row[1]), row[2], Int(row[3]))
      expectClose([found], [row[4]], "power \(row)", absolute: 1e-11)
    }
    for row in try json("differences", "smallest").map({ try numbers($0) }) {
      let found = try #require(smallestDetectableDifference(from: row[0], Int(row[1]), Int(row[2])))
      expectClose([found], [row[3]], "smallest \(row)", absolute: 1e-10)
    }
    for row in try json("differences", "smallest_paired").map({ try numbers($0) }) {
      let found = try #require(
        smallestDetectableDifference(discordance: row[0], pairs: Int(row[1])))
      expectClose([found], [row[2]], "paired \(row)", absolute: 1e-10)
    }
    #expect(smallestDetectableDifference(from: 0.5, 3, 3) == nil, "three examples show nothing")
    #expect(smallestDetectableDifference(from: 0, 300, 300) == nil)
    #expect(smallestDetectableDifference(discordance: 0, pairs: 300) == nil)
  }

  @Test func bootstrapsAgreeWithNumPys() throws {
    // The ends of a percentile interval of 10,000 draws stray by some 1.5 % of its width, and shares are
    // multiples of 1/n.
    func expect(_ found: AccuracyDifference, _ row: ArraySlice<Double>, _ grain: Double) throws {
      let row = Array(row)
      for (estimate, bounds) in [(found.absolute, row[0...1]), (found.relative, row[2...3])] {
        let interval = try #require(estimate.interval)
        let (lower, upper) = (try #require(bounds.first), try #require(bounds.last))
        expectClose(
          [interval.lower, interval.upper], [lower, upper], "\(row)",
          absolute: 0.03 * (upper - lower) + grain)
        #expect(interval.contains(estimate.value))
      }
    }
    for row in try json("difference_intervals", "unpaired").map({ try numbers($0) }) {
      let (a, b) = (Hits(Int(row[0]), of: Int(row[1])), Hits(Int(row[2]), of: Int(row[3])))
      let found = AccuracyDifference(a, b)
      #expect(found.absolute.method == .unpairedBootstrap)
      #expect(found == AccuracyDifference(a, b), "seeded")
      try expect(found, row[4...], 1 / Double(min(a.total, b.total)))
      // The two kinds of interval must tell the same story.
      let (newcombe, interval) = (
        try #require(found.newcombe), try #require(found.absolute.interval)
      )
      expectClose(
        [interval.lower, interval.upper], [newcombe.lower, newcombe.upper], "\(row)",
        absolute: 0.1 * (newcombe.upper - newcombe.lower))
    }
    for row in try json("difference_intervals", "paired").map({ try numbers($0) }) {
      let counts = row[0...3].map { Int($0) }
      let pairs = PairedHits(
        both: counts[0], onlyA: counts[1], onlyB: counts[2], neither: counts[3])
      let found = AccuracyDifference(pairs)
      #expect(found.absolute.method == .pairedBootstrap && found.newcombe == nil)
      try expect(found, row[4...], 1 / Double(pairs.total))
    }
  }

  @Test func pairsNarrowTheInterval() throws {
    let pairs = PairedHits(both: 220, onlyA: 20, onlyB: 10, neither: 74)
    let (paired, unpaired) = (AccuracyDifference(pairs), AccuracyDifference(pairs.a, pairs.b))
    let widths = try [paired, unpaired].map { difference in
      let interval = try #require(difference.absolute.interval)
      return interval.upper - interval.lower
    }
    #expect(widths[0] < 0.7 * widths[1])
    #expect(paired.absolute.value == unpaired.absolute.value)
    #expect(PairedHits([true, true, false, false], [true, false, true, false]).discordance == 0.5)
  }

  @Test func fewAnswersHaveNewcombesInterval() {
    let few = AccuracyDifference(Hits(9, of: 9), Hits(3, of: 9))
    #expect(few.absolute.method == .newcombe && few.absolute.interval == few.newcombe)
    #expect(few.relative.interval == nil)
    expectClose([few.relative.value], [2.0 / 3], "relative", absolute: 1e-15)
    let none = AccuracyDifference(Hits(0, of: 0), Hits(3, of: 9))
    #expect(none.absolute.value.isNaN && none.absolute.interval == nil)
    let alike = AccuracyDifference(PairedHits(both: 5, onlyA: 0, onlyB: 0, neither: 2))
    #expect(alike.absolute.interval == nil && alike.smallestDetectable == nil)
  }

  @Test func ratiosEqualTheirDefinition() throws {
    for row in try json("differences", "ratios") {
      let (y, x) = (try numbers(row["y"]).map { Int($0) }, try numbers(row["x"]).map { Int($0) })
      let found = ratio(y, x)
      let interval = try #require(found.interval)
      expectClose(
        [found.value, interval.lower, interval.upper],
        try [#require(row["value"]?.double)] + numbers(row["interval"]), "ratio", absolute: 1e-12)
    }
    #expect(ratio([1], [2]).interval == nil && ratio([0, 0], [0, 0]).value.isNaN)
    #expect(ratio([2, 4], [1, 2]).interval == nil, "no variation")
  }

  @Test func decompositionsEqualKitagawas() throws {
    for row in try json("differences", "decompositions") {
      func hits(_ key: String) throws -> [Hits] {
        let lists = try #require(row[key]?.array).map { try numbers($0).map { Int($0) } }
        return zip(lists[0], lists[1]).map { Hits($0, of: $1) }
      }
      let (a, b) = (try hits("a"), try hits("b"))
      let found = try #require(Decomposition(a, b, resamples: 500))
      expectClose(
        found.groups.map(\.composition), try numbers(row["composition"]), "composition",
        absolute: 1e-14)
      expectClose(found.groups.map(\.within), try numbers(row["within"]), "within", absolute: 1e-14)
      func share(_ hits: [Hits]) -> Double {
        Double(hits.reduce(0) { $0 + $1.correct }) / Double(hits.reduce(0) { $0 + $1.total })
      }
      expectClose(
        [found.composition.value + found.within.value], [share(a) - share(b)], "sum",
        absolute: 1e-14)
      #expect(try #require(found.within.interval).contains(found.within.value))
    }
  }

  @Test func aGroupOfOneSideIsComposition() throws {
    let found = try #require(
      Decomposition([Hits(9, of: 10), Hits(0, of: 0)], [Hits(9, of: 10), Hits(2, of: 10)]))
    expectClose([found.within.value], [0], "within", absolute: 1e-15)
    expectClose([found.composition.value], [0.9 - 0.55], "composition", absolute: 1e-15)
    #expect(Decomposition([Hits(0, of: 0)], [Hits(1, of: 2)]) == nil)
  }

  @Test func groupsAreOfAboutEqualSizeAndKeepEqualsTogether() {
    #expect(quantileGroups([], count: 4).isEmpty)
    #expect(quantileGroups([5, 5, 5], count: 4) == [5])
    #expect(quantileGroups([4, 1, 3, 2, 8, 5, 7, 6], count: 4) == [2, 4, 6, 8])
    var random = SplitMix64(seed: 8)
    for _ in 0..<50 {
      let values = (0..<97).map { _ in Double(Int.random(in: 0..<30, using: &random)) }
      let ends = quantileGroups(values, count: 4)
      #expect(ends.last == values.max() && ends == Set(ends).sorted())
      let sizes = ends.indices.map { group in
        values.count { $0 <= ends[group] && (group == 0 || $0 > ends[group - 1]) }
      }
      // A group is a quarter of 97, up to the examples that share its last number.
      #expect(sizes.reduce(0, +) == 97 && sizes.allSatisfy { (10...45).contains($0) })
    }
  }
}
