public import Metrics
public import RunLog

/// The results of several groups of runs on one split.
public struct SplitComparison: Sendable {
  /// A group's results; `nil` metrics where a run lacks them, none where a run answered nothing.
  public struct Row: Sendable {
    /// The group's place.
    public let group: Int
    /// By metric, over the seeds.
    public let metrics: [Metric: SeedSummary]
    /// By metric, over seeds and examples; `nil` without predictions.
    public let estimates: [Metric: Estimate]
    /// Of accuracy; `nil` with one run or without predictions.
    public let variance: VarianceComponents?
  }

  /// Two groups on the same examples; a minus b.
  public struct Pair: Sendable {
    /// The groups' places.
    public let a: Int
    public let b: Int
    /// By metric, of each that has a gap: over seeds and examples; for two single runs over examples alone. A
    /// study's claim about the same two is judged by this very number.
    public let contrasts: [Metric: Contrast]
    /// Of equal accuracies: for two single runs McNemar's exact test, else the two-sided t test of the contrast.
    public let pValue: Double
    public let isMcNemar: Bool
    /// After Holm's correction over all splits and pairs.
    public internal(set) var adjustedPValue: Double
    /// By metric other than accuracy, of the two-sided t test of its contrast, after the same correction.
    public internal(set) var adjustedPValues: [Metric: Double] = [:]
    /// Of accuracies; `nil` with fewer than two examples.
    public let equivalence: Equivalence?
    /// Rows of examples that all of a's runs label correctly and none of b's, ascending.
    public let onlyA: [Int]
    /// The other way round.
    public let onlyB: [Int]
  }
  public let split: Split
  public let rows: [Row]
  public internal(set) var pairs: [Pair]
  /// Why a pair could not be compared, a sentence each.
  public let warnings: [String]

  /// `nil` where no group has results.
  init?(_ split: Split, _ groups: [RunGroup], margin: Double) {
    self.split = split
    let isSilent = groups.map { !$0.runsWithoutAnswers(split).isEmpty }
    let answers = zip(groups, isSilent).map { $1 ? nil : $0.answers(split) }
    rows = groups.indices.compactMap { place in
      let group = groups[place]
      var metrics: [Metric: SeedSummary] = [:]
      for metric in Metric.all {
        metrics[metric] = group.summary { $0.selected[split]?[metric] }
      }
      // The row remains: that a run has no result here is one thing, that it was never scored another.
      if isSilent[place] {
        return Row(group: place, metrics: [:], estimates: [:], variance: nil)
      }
      guard !metrics.isEmpty else { return nil }
      var estimates: [Metric: Estimate] = [:]
      if let found = answers[place] {
        for metric in Metric.all {
          estimates[metric] =
            group.runs.count == 1
            ? group.runs[0].estimate(metric, split)
            : Contrast([
              Contrast.Term(
                weight: 1, configuration: group.name, split: "\(split)",
                answers: found.answers(metric))
            ]).estimate.within(metric)
        }
      }
      return Row(
        group: place, metrics: metrics, estimates: estimates,
        variance: answers[place].flatMap { found in
          VarianceComponents(found.hits.map { $0.map { $0 ? 1 : 0 } })
        })
    }
    guard !rows.isEmpty else { return nil }
    var (pairs, warnings) = ([Pair](), [String]())
    for group in groups {
      guard let reason = reasonForLackOfAnswers([group], [split]) else { continue }
      warnings.append(
        "\(reason), so \(group.name) has neither a result nor a transfer gap there and is not compared."
      )
    }
    for place in groups.indices where answers[place] == nil && !isSilent[place] {
      if groups[place].runs.contains(where: { $0.predictions[split] != nil }) {
        warnings.append(
          "The runs of \(groups[place].name) do not hold predictions of the same examples of \(split); "
            + "they are not compared there.")
      }
    }
    for (a, b) in RunComparison.pairs(of: groups) {
      guard let first = answers[a], answers[b] != nil else { continue }
      guard let second = groups[b].answers(split, ids: first.ids), second.labels == first.labels
      else {
        warnings.append(
          "\(groups[a].name) and \(groups[b].name) do not hold the same examples of \(split); they are not "
            + "compared there.")
        continue
      }
      pairs.append(
        Pair(
          (a, first), (b, second), split: "\(split)", margin: margin))
    }
    (self.pairs, self.warnings) = (pairs, warnings)
  }
}

extension SplitComparison.Pair {
  fileprivate init(
    _ first: (group: Int, answers: SplitAnswers), _ second: (group: Int, answers: SplitAnswers),
    split: String, margin: Double
  ) {
    (a, b) = (first.group, second.group)
    let (answersA, answersB) = (first.answers, second.answers)
    func difference(_ metric: Metric) -> Contrast {
      Contrast([
        Contrast.Term(
          weight: 1, configuration: "a", split: split, answers: answersA.answers(metric)),
        Contrast.Term(
          weight: -1, configuration: "b", split: split, answers: answersB.answers(metric)),
      ])
    }
    let contrast = difference(.accuracy)
    contrasts = Dictionary(
      uniqueKeysWithValues: Metric.scores.map {
        ($0, $0 == .accuracy ? contrast : difference($0))
      })
    let (hitsA, hitsB) = (answersA.hits, answersB.hits)
    isMcNemar = hitsA.count == 1 && hitsB.count == 1
    if isMcNemar {
      let pairs = PairedHits(hitsA[0], hitsB[0])
      pValue = mcNemarPValue(onlyA: pairs.onlyA, onlyB: pairs.onlyB)
      // Where both answer alike throughout there is no spread to test by, and nothing to tell apart.
      equivalence = contrast.equivalence(margin: margin) ?? Equivalence(pairs, margin: margin)
    } else {
      pValue = contrast.pValue
      equivalence = contrast.equivalence(margin: margin)
    }
    adjustedPValue = pValue
    func rows(_ right: [[Bool]], _ wrong: [[Bool]]) -> [Int] {
      answersA.ids.indices.filter { place in
        right.allSatisfy { $0[place] } && !wrong.contains { $0[place] }
      }.map { answersA.ids[$0] }.sorted()
    }
    onlyA = rows(hitsA, hitsB)
    onlyB = rows(hitsB, hitsA)
  }
}

extension Estimate {
  /// With its interval cut where no value of the metric can be: those of few seeds reach beyond.
  fileprivate func within(_ metric: Metric) -> Estimate {
    Estimate(value, interval.map(metric.withinRange), by: method)
  }
}

extension RunResults {
  /// A metric of one run with the interval over its examples; `nil` without predictions.
  fileprivate func estimate(_ metric: Metric, _ split: Split) -> Estimate? {
    guard let result = selected[split], result.confusion != nil else { return nil }
    return result.estimate(metric)
  }
}
