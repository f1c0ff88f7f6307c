import Metrics
import TestSupport
import Testing

/// Whether intervals of what labelled examples bring hold the truth, and how often a gain is seen where there is none:
/// `make simulations`.
@Suite(.enabled(if: Simulations.areWanted)) struct FewShotSimulation {
  static let experiments = 1000

  struct Setting: Sendable, CustomTestStringConvertible {
    let draws: Int
    let examples: Int
    /// The range over which a draw shifts the accuracy.
    let spread: Double
    let gain: Double
    var testDescription: String { "\(draws) draws, \(examples) examples, \(spread), \(gain)" }
  }

  static let settings = [
    Setting(draws: 3, examples: 324, spread: 0.1, gain: 0.05),
    Setting(draws: 5, examples: 324, spread: 0.1, gain: 0),
    Setting(draws: 5, examples: 870, spread: 0.1, gain: 0.05),
    Setting(draws: 5, examples: 324, spread: 0.02, gain: 0.05),
    Setting(draws: 1, examples: 324, spread: 0, gain: 0),
  ]

  /// The run answers an example correctly with a probability of its own, which the examples share with all networks after a
  /// draw; one in two answers of such a network is its own chance.
  @Test(arguments: settings) func intervalsCover(_ setting: Setting) throws {
    let accuracy = 0.6
    var random = SplitMix64(
      seed: UInt64(100_000 * setting.draws + setting.examples) + UInt64(1000 * setting.spread))
    var (covering, found) = (0, 0)
    for _ in 0..<Self.experiments {
      let difficulty = (0..<setting.examples).map { _ in uniform(&random) }
      let run = Answers.mean(
        difficulty.map { (uniform(&random) < 0.5 ? $0 : uniform(&random)) < accuracy ? 1 : 0 })
      let draws = (0..<setting.draws).map { _ -> Answers in
        let level = accuracy + setting.gain + setting.spread * (uniform(&random) - 0.5)
        return .mean(
          difficulty.map { (uniform(&random) < 0.5 ? $0 : uniform(&random)) < level ? 1 : 0 })
      }
      let contrast = Contrast(
        [
          Contrast.Term(weight: 1, configuration: "draws", split: "test", answers: draws),
          Contrast.Term(
            weight: -1, configuration: "draws", split: "test", answers: draws.map { _ in run }),
        ], resamples: 500)
      // The run is one network: the truth is the gain over its own expectation, which the examples vary, too.
      covering += contrast.estimate.interval?.contains(setting.gain) ?? false ? 1 : 0
      found += contrast.pValue <= 0.05 ? 1 : 0
    }
    // Degrees of freedom from few draws make intervals rather too wide than too narrow.
    #expect((930...995).contains(covering))
    if setting.gain == 0 { #expect(found <= 64) }
    let row =
      "| \(setting.draws) | \(setting.examples) | \(setting.spread) | \(setting.gain) | "
      + "\(Double(covering) / 10) | \(Double(found) / 10) |"
    #expect(try Simulations.document().contains(row), "docs/metrics.md lacks: \(row)")
    print(row)
  }
}
