import Metrics
import TestSupport
import Testing

/// How often some language is called different where none is, and whether the intervals of the mean and of
/// the worst of several targets hold the truth: `make simulations`.
///
/// 64 of 1,000 is the 97.5 % point of a probability of 5 %, and 93 % lies below 95 % by as much.
@Suite(.enabled(if: Simulations.areWanted)) struct TargetsSimulation {
  static let experiments = 1000

  struct Setting: Sendable, CustomTestStringConvertible {
    let name: String
    let examples: Int
    /// True accuracies, the source's first.
    let accuracies: [Double]
    var testDescription: String { "\(name), \(examples)" }
  }

  static let settings = [324, 870].flatMap { examples in
    [
      Setting(
        name: "8 targets, no gap", examples: examples,
        accuracies: [Double](repeating: 0.75, count: 9)),
      Setting(
        name: "8 targets, gaps of 0 to 14 points", examples: examples,
        accuracies: [0.75] + (0..<8).map { 0.75 - 0.02 * Double($0) }),
      Setting(name: "2 targets, no gap", examples: examples, accuracies: [0.75, 0.75, 0.75]),
    ]
  }

  /// Two classes in equal shares, each labelled correctly with the same probability, of which macro F1 is the
  /// accuracy in the limit of many examples.
  private func sample(
    _ accuracy: Double, _ examples: Int, _ random: inout SplitMix64
  ) -> ConfusionMatrix {
    var (labels, answers) = ([Int](), [Int]())
    for _ in 0..<examples {
      let label = uniform(&random) < 0.5 ? 0 : 1
      labels.append(label)
      answers.append(uniform(&random) < accuracy ? label : 1 - label)
    }
    return ConfusionMatrix(labels: labels, predictions: answers, classes: 2)
  }

  @Test(arguments: settings) func familiesAndMeansHold(_ setting: Setting) throws {
    let examples = setting.examples
    let targets = setting.accuracies.count - 1
    let gaps = setting.accuracies.dropFirst().map { setting.accuracies[0] - $0 }
    let meanGap = gaps.reduce(0, +) / Double(targets)
    let largest = try #require(gaps.max())
    var random = SplitMix64(seed: UInt64(31 * examples + 1000 * targets) + UInt64(1e6 * meanGap))
    var (uncorrected, corrected) = (0, 0)
    var covered = Simulations.Counts()
    var excess = 0.0
    for _ in 0..<Self.experiments {
      let languages = setting.accuracies.map { sample($0, examples, &random) }
      let hits = languages.map { Hits($0.correct, of: examples) }
      let differences = hits.dropFirst().map { AccuracyDifference(hits[0], $0) }
      let pValues = differences.compactMap(\.pValue)
      #expect(pValues.count == targets)
      // Only gaps that are none can be called different falsely.
      let isNone = gaps.map { abs($0) < 1e-12 }
      func isFalse(_ values: [Double]) -> Bool { zip(values, isNone).contains { $0 < 0.05 && $1 } }
      if isFalse(pValues) { uncorrected += 1 }
      if isFalse(holmAdjusted(pValues)) { corrected += 1 }
      let answers = LanguageAnswers(languages)
      let (accuracy, macroF1) = try (
        #require(answers.meanAccuracy(resamples: 2000)),
        #require(answers.means(of: [.macroF1], resamples: 2000).first)
      )
      covered.add("mean gap", accuracy.gap.interval, meanGap)
      covered.add("mean gap in macro F1", macroF1.gap.interval, meanGap)
      covered.add(
        "gap in macro F1",
        LanguageAnswers([languages[0], languages[1]]).differences(in: [.macroF1], resamples: 2000)[
          0
        ].interval,
        gaps[0])
      let worst = intervalOfLargest(
        upperEnds: differences.compactMap { $0.absolute.interval?.upper },
        lowerEnds: hits.dropFirst().compactMap {
          AccuracyDifference(hits[0], $0, tail: usualTail / Double(targets))
            .absolute.interval?.lower
        })
      covered.add("worst gap", worst, largest)
      let observed = try #require(differences.map(\.absolute.value).max())
      excess += observed - largest
    }
    #expect(corrected <= 64, "\(corrected) of 1,000 experiments call a language different")
    for (name, share) in covered.shares(Self.experiments) {
      // What is built to hold at least as often may hold more often.
      #expect((0.93...(name == "worst gap" ? 1 : 0.97)).contains(share), "\(name): \(share)")
    }
    let points = Double((1000 * excess / Double(Self.experiments)).rounded()) / 10
    let row =
      covered.row(
        Self.experiments, first: "\(setting.name) | \(examples) | \(uncorrected) | \(corrected)")
      + " \(points) |"
    #expect(try Simulations.document().contains(row), "docs/metrics.md lacks: \(row)")
    print(row)
  }
}
