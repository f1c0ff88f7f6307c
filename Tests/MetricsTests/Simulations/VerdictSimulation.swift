import Metrics
import TestSupport
import Testing

/// How often a study in which no claim is true supports one: `make simulations`.
///
/// 64 of 1,000 is the 97.5 % point of a probability of 5 %. The truth lies where it is hardest to tell: no
/// difference at all, and for equivalence and non-inferiority a difference of just the margin.
@Suite(.enabled(if: Simulations.areWanted)) struct VerdictSimulation {
  static let studies = 1000
  static let margin = 0.03

  /// Trainings of one configuration: answers that agree in part from seed to seed, at an accuracy that
  /// each seed shifts.
  private func trainings(
    _ seeds: Int, accuracy: Double, spread: Double, shared: [Double], _ random: inout SplitMix64
  ) -> [Answers] {
    (0..<seeds).map { _ in
      let shift = spread * (uniform(&random) - 0.5)
      return .mean(
        shared.map { difficulty in
          // One in two answers is this training's own chance; either way the expectation is the same.
          let luck = uniform(&random) < 0.5 ? difficulty : uniform(&random)
          return luck < accuracy + shift ? 1 : 0
        })
    }
  }

  @Test(
    arguments: [
      (seeds: 3, examples: 324, spread: 0.06), (seeds: 5, examples: 324, spread: 0.15),
      (seeds: 3, examples: 870, spread: 0.0), (seeds: 1, examples: 324, spread: 0.0),
    ])
  func falseSupportIsRare(_ seeds: Int, _ examples: Int, _ spread: Double) throws {
    var random = SplitMix64(seed: UInt64(10_000 * seeds + examples))
    var (falselySupported, contradicted) = (0, 0)
    for _ in 0..<Self.studies {
      let shared = (0..<examples).map { _ in uniform(&random) }
      func term(_ weight: Double, _ name: String, _ accuracy: Double) -> Contrast.Term {
        Contrast.Term(
          weight: weight, configuration: name, split: "de.test",
          answers: trainings(
            seeds, accuracy: accuracy, spread: spread, shared: shared, &random))
      }
      let base = term(1, "base", 0.7)
      let (a, b) = (term(-1, "a", 0.7), term(-1, "b", 0.7))
      let worse = term(-1, "worse", 0.7 - Self.margin)
      let better = term(-1, "better", 0.7 + Self.margin)
      let (c, d) = (term(1, "c", 0.65), term(-1, "d", 0.65))
      func contrast(_ terms: [Contrast.Term]) -> Contrast { Contrast(terms, resamples: 500) }
      let judged = judge([
        (.greater(margin: 0), contrast([base, a]), false),
        (.less(margin: 0), contrast([base, b]), false),
        (.equivalent(margin: Self.margin), contrast([base, worse]), false),
        (.greater(margin: 0), contrast([base, a, c, d]), false),
        (.notLess(margin: Self.margin), contrast([base, better]), false),
      ])
      if judged.contains(where: { $0.verdict == .supported }) { falselySupported += 1 }
      contradicted += judged.count { $0.verdict == .notSupported }
    }
    #expect(falselySupported <= 64)
    let row = "| \(seeds) | \(examples) | \(spread) | \(falselySupported) | \(contradicted) |"
    #expect(try Simulations.document().contains(row), "docs/metrics.md lacks: \(row)")
    print(row)
  }

  /// Intervals of a mean over three seeds and of a difference cover, whatever varies more.
  @Test(arguments: [(seeds: 3, spread: 0.02), (seeds: 5, spread: 0.2), (seeds: 3, spread: 0.2)])
  func twoLevelIntervalsCover(_ seeds: Int, _ spread: Double) throws {
    var random = SplitMix64(seed: UInt64(seeds) + UInt64(1000 * spread))
    var covering = 0
    for _ in 0..<Self.studies {
      let shared = (0..<324).map { _ in uniform(&random) }
      let terms = [(1.0, "a", 0.75), (-1, "b", 0.7)].map { weight, name, accuracy in
        Contrast.Term(
          weight: weight, configuration: name, split: "de.test",
          answers: trainings(seeds, accuracy: accuracy, spread: spread, shared: shared, &random))
      }
      let interval = Contrast(terms, resamples: 500).estimate.interval
      covering += interval?.contains(0.05) ?? false ? 1 : 0
    }
    // Degrees of freedom from few seeds make intervals rather too wide than too narrow.
    #expect((930...995).contains(covering))
    let row = "| \(seeds) | \(spread) | \(Double(covering) / 10) |"
    #expect(try Simulations.document().contains(row), "docs/metrics.md lacks: \(row)")
    print(row)
  }
}
