import Metrics
import Storage
import TestSupport
import Testing

/// Comparisons of networks; Tests/Fixtures/make_metric_fixtures.py wrote what is expected.
@Suite struct ComparisonTests {
  private func rows(_ key: String) throws -> [JSON] {
    try #require(try Fixture.json("metrics/comparisons.json")[key]?.array)
  }

  private func numbers(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).compactMap(\.double)
  }

  @Test func mcNemarsTestEqualsStatsmodels() throws {
    for row in try rows("mcnemar").map({ try numbers($0) }) {
      expectClose(
        [mcNemarPValue(onlyA: Int(row[0]), onlyB: Int(row[1]))], [row[2]], "\(row)", absolute: 0,
        relative: 1e-11)
    }
  }

  @Test func equivalenceEqualsStatsmodels() throws {
    for row in try rows("equivalence").map({ try numbers($0) }) {
      let counts = row.prefix(4).map { Int($0) }
      let found = try #require(
        Equivalence(
          PairedHits(both: counts[0], onlyA: counts[1], onlyB: counts[2], neither: counts[3]),
          margin: row[4]))
      expectClose(
        [found.pValue, found.interval.lower, found.interval.upper], Array(row[5...]), "\(row)",
        absolute: 1e-10)
      // The two ways to look at it agree.
      let isInside = found.interval.lower > -row[4] && found.interval.upper < row[4]
      #expect((found.pValue < 0.05) == isInside)
    }
    let (one, alike) = (
      PairedHits(both: 1, onlyA: 0, onlyB: 0, neither: 0),
      PairedHits(both: 5, onlyA: 0, onlyB: 0, neither: 5)
    )
    #expect(Equivalence(one, margin: 0.1) == nil)
    #expect(Equivalence(alike, margin: 0.1)?.pValue == 0)
  }

  @Test func holmsCorrectionEqualsStatsmodels() throws {
    for row in try rows("holm") {
      let row = try #require(row.array)
      expectClose(holmAdjusted(try numbers(row[0])), try numbers(row[1]), "Holm", absolute: 1e-15)
    }
    #expect(holmAdjusted([]).isEmpty)
    // Where nothing varied there is no test, which neither counts nor harms the others.
    let found = holmAdjusted([0.04, .nan, 0.01])
    #expect(found[0] == 0.04 && found[1].isNaN && found[2] == 0.02)
  }

  @Test func theDifferenceOfMacroF1AgreesWithSciPys() throws {
    let json = try #require(try Fixture.json("metrics/comparisons.json")["macro_f1"])
    func integers(_ key: String) throws -> [Int] { try numbers(json[key]).map { Int($0) } }
    let (labels, a, b) = (try integers("labels"), try integers("a"), try integers("b"))
    let (value, lower, upper) = (
      try #require(json["value"]?.double), try #require(json["lower"]?.double),
      try #require(json["upper"]?.double)
    )
    // Of two languages on parallel texts.
    let languages = LanguageAnswers(parallel: [(labels, a), (labels, b)], classes: 3)
      .differences(in: [.macroF1])[0]
    // Of two networks on the same texts.
    let networks = Contrast(
      [(1, "a", a), (-1, "b", b)].map { weight, name, answers in
        Contrast.Term(
          weight: weight, configuration: name, split: "test",
          answers: [.counts(labels: labels, predictions: answers, classes: 3, of: { $0.macroF1 })])
      }
    ).estimate
    // The ends of 10,000 draws stray by some 2 % of the width. A contrast's interval is symmetric, which BCa's
    // is not: its ends are as close as the skewness of a few hundred examples lets them be.
    for (name, found, tolerance) in [
      ("languages", languages, 0.05), ("networks", networks, 0.1),
    ] {
      let interval = try #require(found.interval)
      expectClose([found.value], [value], name, absolute: 1e-12)
      expectClose(
        [interval.lower, interval.upper], [lower, upper], name,
        absolute: tolerance * (upper - lower))
    }
  }

  /// By the variances of independent sums: a source's and a target's differences of pairs, added up.
  @Test func theDifferenceOfGapsAddsVariances() throws {
    let source = PairedHits(both: 200, onlyA: 40, onlyB: 20, neither: 64)
    let target = PairedHits(both: 150, onlyA: 30, onlyB: 50, neither: 94)
    func terms(_ hits: PairedHits, _ split: String, _ sign: Double) -> [Contrast.Term] {
      let counts = [
        (hits.both, 1.0, 1.0), (hits.onlyA, 1, 0), (hits.onlyB, 0, 1), (hits.neither, 0, 0),
      ]
      func answers(_ value: ((Int, Double, Double)) -> Double) -> [Answers] {
        [.mean(counts.flatMap { [Double](repeating: value($0), count: $0.0) })]
      }
      return [
        Contrast.Term(weight: sign, configuration: "a", split: split, answers: answers(\.1)),
        Contrast.Term(weight: -sign, configuration: "b", split: split, answers: answers(\.2)),
      ]
    }
    let found = Contrast(terms(source, "en", 1) + terms(target, "de", -1)).estimate
    expectClose([found.value], [20.0 / 324 + 20.0 / 324], "value", absolute: 1e-14)
    func variance(_ hits: PairedHits) -> Double {
      let n = Double(hits.total)
      let difference = Double(hits.onlyA - hits.onlyB) / n
      return (hits.discordance - difference * difference) / n
    }
    let half = 1.96 * (variance(source) + variance(target)).squareRoot()
    let interval = try #require(found.interval)
    expectClose(
      [interval.lower, interval.upper], [found.value - half, found.value + half], "interval",
      absolute: 0.06 * half)
  }

  // MARK: Seeds

  @Test func seedsHaveStudentsInterval() throws {
    for row in try rows("seeds") {
      let row = try #require(row.array)
      let found = SeedSummary(try numbers(row[0]))
      let interval = try #require(found.mean.interval)
      expectClose(
        [interval.lower, interval.upper, try #require(found.standardDeviation)],
        try numbers(row[1]) + [try #require(row[2].double)], "seeds", absolute: 1e-11)
    }
    #expect(SeedSummary([0.7]).mean.interval == nil && SeedSummary([0.7]).standardDeviation == nil)
    #expect(SeedSummary([2, 2]).mean.interval == nil)
  }

  @Test func varianceIsSplitAsInATwoWayTable() throws {
    for row in try rows("tables") {
      let table = try #require(row["table"]?.array).map { try numbers($0) }
      let found = try #require(VarianceComponents(table))
      expectClose(
        [found.ofSeeds, found.ofExamples, found.rest],
        try ["seeds", "examples", "rest"].map { try #require(row[$0]?.double) }, "components",
        absolute: 1e-14)
      #expect(found.seedVariance == found.ofSeeds / Double(table.count))
    }
    #expect(VarianceComponents([[1, 0]]) == nil && VarianceComponents([[1], [0]]) == nil)
  }

  @Test func numbersWithoutExamplesHaveWelchsInterval() throws {
    for row in try rows("welch") {
      let row = try #require(row.array)
      let contrast = Contrast([(1, try numbers(row[0])), (-1, try numbers(row[1]))])
      let interval = try #require(contrast.estimate.interval)
      expectClose(
        [contrast.value, interval.lower, interval.upper, contrast.degrees],
        row[2...5].compactMap(\.double), "Welch", absolute: 1e-9)
      let judged = judge([(.less(margin: 0), contrast, isCounted: false)])[0]
      expectClose(
        [try #require(judged.pValue)], [try #require(row[6].double)], "p", absolute: 1e-11)
    }
  }

  // MARK: Two levels

  /// Seeds of one configuration, as right and wrong answers.
  private func seeds(
    _ count: Int, _ accuracy: Double, _ spread: Double, _ examples: Int,
    _ random: inout SplitMix64, shared: [Double]
  ) -> [Answers] {
    (0..<count).map { seed in
      let shift = spread * (uniform(&random) - 0.5)
      return .mean(
        (0..<examples).map { place in
          let own = uniform(&random) < 0.5 ? shared[place] : uniform(&random)
          return own < accuracy + shift ? 1 : 0
        })
    }
  }

  @Test func twoLevelsAddUpTheVariances() throws {
    var random = SplitMix64(seed: 12)
    let shared = (0..<400).map { _ in uniform(&random) }
    let (a, b) = (
      seeds(5, 0.7, 0.1, 400, &random, shared: shared),
      seeds(4, 0.6, 0.1, 400, &random, shared: shared)
    )
    let terms = [
      Contrast.Term(weight: 1, configuration: "a", split: "de.test", answers: a),
      Contrast.Term(weight: -1, configuration: "b", split: "de.test", answers: b),
    ]
    let found = Contrast(terms)
    func values(_ answers: [Answers]) -> [[Double]] {
      answers.map { if case .mean(let values) = $0 { values } else { [] } }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func variance(_ values: [Double]) -> Double {
      let centre = mean(values)
      return values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)
    }
    let (x, y) = (values(a), values(b))
    expectClose(
      [found.value], [mean(x.map(mean)) - mean(y.map(mean))], "value", absolute: 1e-12)
    // Of the examples: the variance of the difference of mean answers.
    let differences = (0..<400).map { place in mean(x.map { $0[place] }) - mean(y.map { $0[place] })
    }
    expectClose(
      [found.exampleVariance], [variance(differences) / 400], "examples", absolute: 0,
      relative: 0.1)
    // Of the seeds: what a two-way table of each configuration's answers leaves to them.
    let ofSeeds = try [x, y].reduce(0) { try $0 + #require(VarianceComponents($1)).seedVariance }
    expectClose([found.seedVariance], [ofSeeds], "seeds", absolute: 0, relative: 0.15)
    #expect(found.seeds == 4 && found.examples == 400 && !found.isForTheseSeedsOnly)
    #expect(found.degrees > 3 && found.degrees < 406)
    #expect(try #require(found.estimate.interval).contains(found.value))
    // Two seeds say nothing of others.
    let few = Contrast(
      [Contrast.Term(weight: 1, configuration: "a", split: "de.test", answers: Array(a.prefix(2)))])
    #expect(few.isForTheseSeedsOnly && few.seedVariance == 0 && few.degrees == 399)
  }

  @Test func macroF1GoesThroughTheSameDraws() throws {
    let labels = (0..<90).map { $0 % 3 }
    func answers(_ step: Int) -> Answers {
      .counts(
        labels: labels, predictions: labels.indices.map { $0 % step == 0 ? ($0 + 1) % 3 : $0 % 3 },
        classes: 3, of: { $0.macroF1 })
    }
    let found = Contrast(
      [
        Contrast.Term(weight: 1, configuration: "a", split: "s", answers: [answers(9)]),
        Contrast.Term(weight: -1, configuration: "b", split: "s", answers: [answers(3)]),
      ], resamples: 500)
    let expected = try #require(found.estimate.interval)
    #expect(found.value > 0.15 && expected.lower > 0 && found.isForTheseSeedsOnly)
    let a = Contrast(
      [Contrast.Term(weight: 1, configuration: "a", split: "s", answers: [answers(9)])],
      resamples: 500)
    #expect(
      a.value
        == ConfusionMatrix(
          labels: labels, predictions: labels.indices.map { $0 % 9 == 0 ? ($0 + 1) % 3 : $0 % 3 },
          classes: 3
        ).macroF1)
  }

  // MARK: Verdicts

  private func measured(_ a: [Double], _ b: [Double]) -> Contrast { Contrast([(1, a), (-1, b)]) }

  @Test func verdictsFollowTheirRules() {
    let less = measured([1, 1.1, 0.9], [2, 2.1, 1.9])
    let close = measured([1, 1.01, 0.99], [1, 1.01, 0.99])
    let vague = measured([1, 3, 2], [2.2, 1, 3.5])
    let found = judge([
      (.less(margin: 0), less, false), (.greater(margin: 0), less, false),
      (.equivalent(margin: 0.5), close, false), (.equivalent(margin: 0.5), less, false),
      (.greater(margin: 0), vague, false), (.less(margin: 2), less, false),
    ])
    #expect(
      found.map(\.verdict) == [
        .supported, .notSupported, .supported, .notSupported, .undecided, .notSupported,
      ])
    for judged in found {
      #expect((judged.adjustedPValue ?? 0) >= (judged.pValue ?? 1))
      #expect((judged.needed != nil) == (judged.verdict == .undecided))
    }
  }

  /// To lie no lower than a margin allows is to lie higher once the margin is added, and the other way
  /// round; to be equivalent is both.
  @Test(arguments: [0.02, 0.5, 1.0, 3.0])
  func nonInferiorityIsAShiftedComparison(_ margin: Double) throws {
    let (a, b) = ([1, 1.3, 0.8, 1.1], [1.6, 2.4, 1.9])
    let plain = measured(a, b)
    let (up, down) = (measured(a.map { $0 + margin }, b), measured(a.map { $0 - margin }, b))
    func p(_ relation: Relation, _ contrast: Contrast) throws -> Double {
      try #require(judge([(relation, contrast, false)])[0].pValue)
    }
    let notLess = try p(.notLess(margin: margin), plain)
    let notGreater = try p(.notGreater(margin: margin), plain)
    expectClose([notLess], [try p(.greater(margin: 0), up)], "not less", absolute: 1e-12)
    expectClose([notGreater], [try p(.less(margin: 0), down)], "not greater", absolute: 1e-12)
    expectClose(
      [try p(.equivalent(margin: margin), plain)], [max(notLess, notGreater)], "equivalent",
      absolute: 1e-12)
    expectClose(
      [try #require(plain.equivalence(margin: margin)).pValue], [max(notLess, notGreater)],
      "two one-sided tests", absolute: 1e-9)
  }

  /// Better by far is no equivalence, and no worse.
  @Test func holdingOnesOwnIsNotBeingAlike() {
    let better = measured([5, 5.1, 4.9], [1, 1.1, 0.9])
    let found = judge([
      (.equivalent(margin: 0.5), better, false), (.notLess(margin: 0.5), better, false),
      (.notGreater(margin: 0.5), better, false), (.notLess(margin: 0.5), measured([1], [5]), true),
      (.notGreater(margin: 0.5), measured([1], [5]), true),
    ])
    #expect(
      found.map(\.verdict) == [
        .notSupported, .supported, .notSupported, .notSupported, .supported,
      ])
  }

  @Test func whatIsCountedDecidesByItself() {
    let fewer = Contrast([(1, [100]), (-1, [200])])
    #expect(judge([(.less(margin: 0), fewer, true)])[0].verdict == .supported)
    #expect(judge([(.greater(margin: 0), fewer, true)])[0].verdict == .notSupported)
    let measured = judge([(.less(margin: 0), fewer, false)])[0]
    #expect(measured.verdict == .undecided && measured.pValue == nil && measured.needed == nil)
    let same = Contrast([(1, [100]), (-1, [100])])
    #expect(judge([(.equivalent(margin: 1), same, true)])[0].verdict == .supported)
    #expect(judge([(.less(margin: 0), same, true)])[0].verdict == .notSupported)
  }

  /// With as many as it asks for and the same effect, the standard error is what 80 % power takes, with
  /// Student's quantiles on Welch's degrees of freedom; one fewer is too few.
  @Test(arguments: [-0.1, 0, 0.1])
  func whatIsNeededWouldDecide(_ shift: Double) throws {
    let (a, b) = ([1.0, 1.4, 1.2, 0.8], [1.1, 1.6, 1.3, 1.2].map { $0 + shift })
    let vague = measured(a, b)
    let judged = judge([(.less(margin: 0), vague, false)])[0]
    let seeds = try #require(judged.needed?.seeds)
    #expect(judged.verdict == .undecided && judged.needed?.examples == nil && seeds > 4)
    func variance(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
    let (v, w) = (variance(a), variance(b))
    func excess(_ count: Int) -> Double {
      let n = Double(count)
      let degrees = (v + w) * (v + w) / ((v * v + w * w) / (n - 1))
      let wanted =
        StudentT.quantile(0.95, degrees: degrees) + StudentT.quantile(0.8, degrees: degrees)
      return -vague.value / ((v + w) / n).squareRoot() - wanted
    }
    #expect(excess(seeds) >= 0 && excess(seeds - 1) < 0)
  }
}
