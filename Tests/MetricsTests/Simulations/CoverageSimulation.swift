import Foundation
import Metrics
import Storage
import TestSupport
import Testing

/// Whether 95 % intervals hold the truth in 95 % of experiments: `make simulations`.
///
/// 2,000 experiments are simulated for each population and number of examples. A coverage counted from
/// as many has a standard error of half a percent; 93 % and 97 % lie four of them away.
@Suite(.enabled(if: Simulations.areWanted)) struct CoverageSimulation {
  static let experiments = 2000
  static let populations = [
    Population(
      name: "balanced, medium", shares: [1 / 3.0, 1 / 3.0, 1 / 3.0], skills: [2, 1.5, 2.5]),
    Population(name: "balanced, good", shares: [1 / 3.0, 1 / 3.0, 1 / 3.0], skills: [4, 3, 4]),
    Population(name: "unbalanced", shares: [0.6, 0.3, 0.1], skills: [2.5, 2, 2]),
  ]

  @Test(arguments: [0, 1, 2], [324, 870])
  func intervalsCover(_ place: Int, _ examples: Int) throws {
    let population = Self.populations[place]
    let truth = population.truth()
    // A target whose network does worse; its truth is that of the medium population.
    let other = Self.populations[(place + 1) % 3]
    let otherTruth = other.truth()
    let gap = truth.accuracy - otherTruth.accuracy
    var random = SplitMix64(seed: UInt64(1000 * place + examples))
    var covered = Simulations.Counts()
    for _ in 0..<Self.experiments {
      let (sample, target) = (
        population.sample(examples, &random), other.sample(examples, &random)
      )
      let (confusion, roc) = (sample.confusion, sample.roc)
      let accuracy = Hits(confusion.correct, of: examples)
      covered.add("accuracy", accuracy.estimate.interval, truth.accuracy)
      covered.add("macro F1", confusion.intervals(of: [.macroF1])[0], truth.macroF1)
      covered.add("macro AUC", try #require(roc.macroEstimate).interval, truth.macroAUC)
      covered.add("AUC of a class", roc.classes[2]?.interval, truth.classAUC)
      let losses = zip(sample.logits, sample.labels).map { crossEntropy($0, label: $1) }
      covered.add("loss", normalInterval(ofMean: losses), truth.loss)
      let answers = target.confusion
      let difference = AccuracyDifference(
        accuracy, Hits(answers.correct, of: examples))
      covered.add("gap", difference.absolute.interval, gap)
      covered.add("relative gap", difference.relative.interval, gap / truth.accuracy)
      // The same texts in two languages: the second network is right on most of what the first is.
      let paired = zip(sample.logits, sample.labels).map { row, label in
        predictedClass(row.map { Float($0) }) == label
      }
      let second = paired.map { $0 ? uniform(&random) < 0.85 : uniform(&random) < 0.2 }
      let pairedGap = truth.accuracy - (0.85 * truth.accuracy + 0.2 * (1 - truth.accuracy))
      covered.add(
        "paired gap",
        AccuracyDifference(PairedHits(paired, second)).absolute.interval,
        pairedGap)
      covered.add(
        "macro F1 gap",
        LanguageAnswers([confusion, answers]).differences(in: [.macroF1])[0].interval,
        truth.macroF1 - otherTruth.macroF1)
    }
    let row = covered.row(Self.experiments, first: "\(population.name) | \(examples)")
    for (name, share) in covered.shares(Self.experiments) {
      #expect((0.93...0.97).contains(share), "\(name) of \(population.name), \(examples): \(share)")
    }
    // The table of docs/metrics.md holds these very numbers.
    #expect(try Simulations.document().contains(row), "docs/metrics.md lacks: \(row)")
    print(row)
  }
}

/// What the simulations share.
enum Simulations {
  /// They take minutes, so only on request.
  static let areWanted = ProcessInfo.processInfo.environment["SIMULATIONS"] == "1"

  /// docs/metrics.md.
  static func document() throws -> String {
    let bytes = try RandomAccessFile(Fixture.folder + "/../../docs/metrics.md").contents()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How often intervals held the truth, by name in the order of first use.
  struct Counts {
    private(set) var names: [String] = []
    private var counts: [String: Int] = [:]

    mutating func add(_ name: String, _ interval: Interval?, _ truth: Double) {
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += interval?.contains(truth) ?? false ? 1 : 0
    }

    func shares(_ experiments: Int) -> [(name: String, share: Double)] {
      names.map { ($0, Double(counts[$0] ?? 0) / Double(experiments)) }
    }

    /// A row of a Markdown table, in percent.
    func row(_ experiments: Int, first: String) -> String {
      let cells = shares(experiments).map { "\(Double(($0.share * 1000).rounded()) / 10)" }
      return "| \(first) | " + cells.joined(separator: " | ") + " |"
    }
  }
}
