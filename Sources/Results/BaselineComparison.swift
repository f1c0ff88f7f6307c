public import Metrics
public import RunLog

/// The trained network beside the chosen baseline on one split, on the same examples.
///
/// The difference is the contrast of a comparison of two single runs (decision 52), and McNemar's exact test decides; Holm's
/// correction takes all languages that are compared for one family.
public struct BaselineComparison: Sendable {
  /// What the test says.
  public enum Finding: Equatable, Sendable {
    /// The network is better.
    case above
    /// The baseline is.
    case below
    /// The test does not tell them apart, which does not make them equal.
    case indistinct
    /// It does, but the correction for the number of languages leaves it open.
    case onlyBeforeCorrection
    /// Fewer than `BaselineCheck.leastExamples`, from which nothing is concluded.
    case tooFewExamples
    case notCompared(Reason)
  }

  /// Why there is nothing to compare.
  public enum Reason: Equatable, Sendable {
    /// No example has an answer of the trained network.
    case networkIsSilent
    /// The trained network's predictions are not there.
    case noPredictions
    /// The baseline was not scored on it, as on a language that came later.
    case noBaseline
    /// No example has an answer of the baseline.
    case baselineIsSilent
    /// Both have predictions, but of other examples.
    case otherExamples
  }

  public let language: RunResults.Language
  public let split: Split
  public let network: SplitResult?
  public let baseline: SplitResult?
  /// The network's accuracy minus the baseline's; `nil` where they are not compared.
  public let difference: Estimate?
  /// The same of macro F1.
  public let macroF1Difference: Estimate?
  /// McNemar's, after Holm's correction; `nil` where they are not compared.
  public internal(set) var pValue: Double?
  public internal(set) var finding: Finding

  init(
    _ language: RunResults.Language, _ split: Split, network: SplitResult?,
    baseline: SplitResult?, _ predictions: (network: Predictions?, baseline: Predictions?)
  ) {
    (self.language, self.split) = (language, split)
    (self.network, self.baseline) = (network, baseline)
    let reason: Reason? =
      if network?.isWithoutAnswers ?? false {
        .networkIsSilent
      } else if predictions.network == nil {
        .noPredictions
      } else if predictions.baseline == nil {
        .noBaseline
      } else if baseline?.isWithoutAnswers ?? false {
        .baselineIsSilent
      } else {
        nil
      }
    guard reason == nil, let ours = predictions.network, let theirs = predictions.baseline,
      let pairs = matched(ours.ids, theirs.ids),
      pairs.allSatisfy({ ours.labels[$0.0] == theirs.labels[$0.1] })
    else {
      (difference, macroF1Difference, pValue) = (nil, nil, nil)
      finding = .notCompared(reason ?? .otherExamples)
      return
    }
    let labels = pairs.map { ours.labels[$0.0] }
    let a = Scores(labels: labels, classes: ours.classes) { ours.row(pairs[$0].0) }
    let b = Scores(labels: labels, classes: ours.classes) { theirs.row(pairs[$0].1) }
    func contrast(_ metric: Metric) -> Estimate {
      Contrast([
        Contrast.Term(
          weight: 1, configuration: "a", split: "\(split)", answers: [metric.answers(a)]),
        Contrast.Term(
          weight: -1, configuration: "b", split: "\(split)", answers: [metric.answers(b)]),
      ]).estimate
    }
    difference = contrast(.accuracy)
    macroF1Difference = contrast(.macroF1)
    let hits = PairedHits(a.hits, b.hits)
    let own = mcNemarPValue(onlyA: hits.onlyA, onlyB: hits.onlyB)
    pValue = own
    finding =
      hits.total < BaselineCheck.leastExamples
      ? .tooFewExamples : own > 0.05 ? .indistinct : hits.onlyA < hits.onlyB ? .below : .above
  }
}

/// The chosen baseline on the final part of every language.
public struct BaselineComparisons: Sendable {
  public let baseline: LayerBaseline
  /// The source's first.
  public let languages: [BaselineComparison]
  /// How many of them the correction is for.
  public var tests: Int { languages.count { $0.pValue != nil } }

  init(_ baseline: LayerBaseline, _ comparisons: [BaselineComparison]) {
    self.baseline = baseline
    let adjusted = holmAdjusted(comparisons.map { $0.pValue ?? .nan })
    languages = zip(comparisons, adjusted).map { comparison, adjusted in
      var comparison = comparison
      guard comparison.pValue != nil else { return comparison }
      comparison.pValue = adjusted
      if comparison.finding == .above || comparison.finding == .below, adjusted > 0.05 {
        comparison.finding = .onlyBeforeCorrection
      }
      return comparison
    }
  }
}

extension RunResults {
  /// Compares the network after the selected epoch with the chosen baseline: on the final part, or for a language set apart
  /// on the one that it has; `nil` without baselines.
  ///
  /// - Throws: what a damaged file throws.
  public func baselineComparisons() throws -> BaselineComparisons? {
    guard let baseline = chosenBaseline else { return nil }
    let final = finalSplit
    let comparisons = try ([source] + targets).map { language in
      let own = final.setApart.first { $0.language == language }?.part
      let split = Split(language.code, own ?? final.part)
      return BaselineComparison(
        language, split, network: selected[split], baseline: baseline.results[split],
        (
          predictions[split],
          baseline.results[split] == nil
            ? nil : try run.baseline(layer: baseline.layer, split, classes: labels.count)
        ))
    }
    return BaselineComparisons(baseline, comparisons)
  }
}
