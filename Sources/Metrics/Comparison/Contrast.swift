/// What each example of a split says about one training: a number whose mean is the metric, or the label
/// and the answer, of which those are made that depend on counts.
public enum Answers: Sendable {
  /// Such as 1 for a right answer and 0 for a wrong one, or the example's loss.
  case mean([Double])
  /// True and predicted classes, `nil` where there is no answer, and what their counts are worth.
  case counts(
    labels: [Int], predictions: [Int?], classes: Int, of: @Sendable (ConfusionMatrix) -> Double)

  /// The number of examples.
  public var count: Int {
    switch self {
    case .mean(let values): values.count
    case .counts(let labels, _, _, _): labels.count
    }
  }

  /// The metric over some examples, each as often as its place is named.
  fileprivate func value(_ places: [Int]) -> Double {
    switch self {
    case .mean(let values):
      var sum = 0.0
      for place in places { sum += values[place] }
      return sum / Double(places.count)
    case .counts(let labels, let predictions, let classes, let score):
      let columns = classes + 1
      var cells = [Int](repeating: 0, count: classes * columns)
      for place in places { cells[labels[place] * columns + (predictions[place] ?? classes)] += 1 }
      return score(ConfusionMatrix(cells: cells, classes: classes))
    }
  }
}

/// A weighted sum of means over seeds, such as the difference of two configurations' accuracies, or a
/// difference of differences, with what is needed to judge it.
public struct Contrast: Sendable {
  /// One part of the sum.
  public struct Term: Sendable {
    /// Such as +1 and −1 for a difference.
    public let weight: Double
    /// Terms of one configuration share their seeds, and terms of one split their examples.
    public let configuration: String
    public let split: String
    /// One per seed, in the same order for every term of a configuration.
    public let answers: [Answers]

    /// - Parameters:
    ///   - weight: the term's factor.
    ///   - configuration: its name.
    ///   - split: its name.
    ///   - answers: one per seed, of the same examples in the same order.
    public init(weight: Double, configuration: String, split: String, answers: [Answers]) {
      (self.weight, self.configuration) = (weight, configuration)
      (self.split, self.answers) = (split, answers)
    }
  }

  public let value: Double
  /// The variance of the value because other seeds might have been drawn; 0 with fewer than three seeds
  /// of a configuration, for which nothing can be said.
  public let seedVariance: Double
  /// The variance because other examples might have been drawn.
  public let exampleVariance: Double
  /// Satterthwaite's degrees of freedom of the whole variance.
  public let degrees: Double
  /// The smallest number of seeds of a configuration.
  public let seeds: Int
  /// The smallest number of examples of a split; 0 for numbers that no examples vary.
  public let examples: Int

  /// Whether only these seeds are spoken of, since there are too few to speak of others.
  public var isForTheseSeedsOnly: Bool { seeds < 3 }

  public var standardError: Double { (seedVariance + exampleVariance).squareRoot() }

  /// The 95 % interval, `value ± t · standard error`; `nil` where nothing varied.
  public var estimate: Estimate {
    let half = quantile(0.975) * standardError
    let interval =
      half > 0 && half.isFinite ? Interval(lower: value - half, upper: value + half) : nil
    return Estimate(value, interval, by: .twoLevelBootstrap)
  }

  /// Judges a contrast by a two-level bootstrap: the examples of every split and the seeds of every
  /// configuration are drawn anew, the same examples for all seeds (the "pigeonhole" bootstrap of crossed
  /// factors, Owen 2007).
  ///
  /// Seeds are few. Drawn from S, they vary by `(S − 1)/S` of what they should, so their deviations are
  /// widened by `√(S/(S − 1))`; what belongs to seed and example together, which such draws count three times,
  /// is taken off twice; and as the draws' spread is itself an estimate from few, the interval takes
  /// Student's quantile with Satterthwaite's degrees of freedom in place of the draws' percentiles.
  ///
  /// - Parameters:
  ///   - terms: not empty; every configuration with the same number of seeds in all its terms, every split with
  ///     the same examples.
  ///   - resamples: how often to draw.
  public init(_ terms: [Term], resamples: Int = 2000) {
    precondition(!terms.isEmpty && terms.allSatisfy { !$0.answers.isEmpty })
    var (seedCounts, exampleCounts) = ([String: Int](), [String: Int]())
    for term in terms {
      let count = term.answers[0].count
      precondition(term.answers.allSatisfy { $0.count == count })
      precondition(
        seedCounts.updateValue(term.answers.count, forKey: term.configuration)
          ?? term.answers.count == term.answers.count)
      precondition(exampleCounts.updateValue(count, forKey: term.split) ?? count == count)
    }
    let configurations = seedCounts.keys.sorted()
    let splits = exampleCounts.keys.sorted()
    seeds = seedCounts.values.min() ?? 0
    examples = exampleCounts.values.min() ?? 0

    // By configuration, what each of its seeds adds to the value on some examples.
    func parts(_ places: [String: [Int]]) -> [[Double]] {
      configurations.map { configuration in
        var sums = [Double](repeating: 0, count: seedCounts[configuration] ?? 0)
        for term in terms where term.configuration == configuration {
          guard let places = places[term.split] else { continue }
          for (seed, answers) in term.answers.enumerated() {
            sums[seed] += term.weight * answers.value(places)
          }
        }
        return sums
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let whole = parts(exampleCounts.mapValues { Array(0..<$0) })
    value = whole.reduce(0) { $0 + mean($1) }

    var random = SeededStream(seed: 0x7477_6F6C)
    let isVaryingSeeds = seeds >= 3
    var (ofExamples, ofSeeds) = (
      Moments(), [Moments](repeating: Moments(), count: configurations.count)
    )
    var places: [String: [Int]] = [:]
    for _ in 0..<resamples {
      for split in splits {
        let count = exampleCounts[split] ?? 0
        places[split] = (0..<count).map { _ in random.below(count) }
      }
      let drawn = parts(places)
      let means = drawn.map(mean)
      ofExamples.add(means.reduce(0, +))
      guard isVaryingSeeds else { continue }
      for (index, values) in drawn.enumerated() {
        var sum = 0.0
        for _ in values { sum += values[random.below(values.count)] }
        let count = Double(values.count)
        ofSeeds[index].add((sum / count - means[index]) * (count / (count - 1)).squareRoot())
      }
    }
    exampleVariance = ofExamples.variance
    // Satterthwaite (1946): the parts' variances are estimated from as many degrees each.
    var denominator = exampleVariance * exampleVariance / Double(max(1, examples - 1))
    var seedVariance = 0.0
    for (index, values) in whole.enumerated() where isVaryingSeeds {
      // What drawing the examples adds to the distances of the seeds is what belongs to neither level
      // alone. The examples' variance holds it already, and so does that of the seeds on all examples.
      let onAll = Self.variance(values) / Double(values.count)
      seedVariance += 2 * onAll - ofSeeds[index].variance
      denominator += onAll * onAll / Double(values.count - 1)
    }
    seedVariance = max(0, seedVariance)
    self.seedVariance = seedVariance
    let total = exampleVariance + seedVariance
    degrees = denominator > 0 ? total * total / denominator : .infinity
  }

  private static func variance(_ values: [Double]) -> Double {
    var moments = Moments()
    for value in values { moments.add(value) }
    return moments.variance
  }

  /// A contrast of numbers that no examples vary, such as seconds an epoch: Welch's interval.
  ///
  /// - Parameter groups: for each configuration its weight and one number per seed; none empty.
  public init(_ groups: [(weight: Double, values: [Double])]) {
    precondition(!groups.isEmpty && groups.allSatisfy { !$0.values.isEmpty })
    let summaries = groups.map { (weight: $0.weight, summary: SeedSummary($0.values)) }
    value = summaries.reduce(0) { $0 + $1.weight * $1.summary.mean.value }
    seeds = groups.map(\.values.count).min() ?? 0
    (examples, exampleVariance) = (0, 0)
    var (variance, denominator) = (0.0, 0.0)
    for (weight, summary) in summaries {
      guard let deviation = summary.standardDeviation else { continue }
      let count = Double(summary.values.count)
      let part = weight * weight * deviation * deviation / count
      variance += part
      denominator += part * part / (count - 1)
    }
    seedVariance = variance
    degrees = denominator > 0 ? variance * variance / denominator : .infinity
  }

  /// The two-sided p-value of no difference; 1 where nothing varied and the value is 0, NaN where nothing
  /// varied and it is not.
  public var pValue: Double {
    guard standardError > 0 else { return value == 0 ? 1 : .nan }
    return min(1, 2 * share(below: -abs(value) / standardError))
  }

  /// Whether the value is 0 up to a margin; `nil` where nothing varied.
  ///
  /// - Parameter margin: above 0, on the metric's own scale.
  /// - Returns: two one-sided tests on the contrast's degrees of freedom.
  public func equivalence(margin: Double) -> Equivalence? {
    guard standardError > 0 else { return nil }
    return Equivalence(
      difference: value, standardError: standardError,
      degrees: degrees.isFinite ? max(1, degrees) : 1e9, margin: margin)
  }

  /// The standard error and Satterthwaite's degrees of freedom that as many seeds a side and examples would
  /// give if the variances of one seed and of one example are what they were estimated to be.
  func precision(seeds: Int, examples: Int) -> (error: Double, degrees: Double) {
    let ofExamples =
      examples > 0 ? exampleVariance * Double(self.examples) / Double(examples) : exampleVariance
    let ratio = Double(self.seeds) / Double(max(1, seeds))
    let ofSeeds = seedVariance * ratio
    let present = exampleVariance + seedVariance
    let exampleTerm = exampleVariance * exampleVariance / Double(max(1, self.examples - 1))
    let seedTerm = degrees.isFinite ? max(0, present * present / degrees - exampleTerm) : 0
    let total = ofExamples + ofSeeds
    let denominator =
      ofExamples * ofExamples / Double(max(1, examples - 1))
      + seedTerm * ratio * ratio * Double(max(1, self.seeds - 1)) / Double(max(1, seeds - 1))
    return (total.squareRoot(), denominator > 0 ? total * total / denominator : .infinity)
  }

  func quantile(_ share: Double) -> Double {
    degrees.isFinite
      ? StudentT.quantile(share, degrees: max(1, degrees)) : StandardNormal.quantile(share)
  }

  /// The share of its distribution that lies below `t` standard errors.
  func share(below t: Double) -> Double {
    degrees.isFinite
      ? StudentT.share(below: t, degrees: max(1, degrees)) : StandardNormal.share(below: t)
  }
}

/// Mean and variance of numbers as they come (Welford 1962).
private struct Moments {
  private var (count, mean, squares) = (0.0, 0.0, 0.0)

  mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / count
    squares += distance * (value - mean)
  }

  var variance: Double { count > 1 ? squares / (count - 1) : 0 }
}
