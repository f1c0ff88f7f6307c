public import Metrics
public import RunLog

/// Which epoch one should have taken for a target language, and what choosing on the source costs.
public struct EpochChoice: Sendable {
  /// A rule to choose an epoch by.
  public enum Rule: String, CaseIterable, Sendable {
    case last
    /// Not an epoch, but the average of the weights after the last ones.
    case average
    /// The highest accuracy on source validation, the earliest of equal ones.
    case bestSource = "best_source_validation"
    /// The highest accuracy on target validation, the earliest of equal ones: an oracle, since a
    /// language without training data seldom has labelled validation data.
    case bestTarget = "best_target_validation"
  }

  /// What one rule chooses, and what that scores.
  public struct Row: Sendable {
    public let rule: Rule
    public let weights: Weights
    /// From 1; `nil` for an average.
    public var epoch: Int? { weights.epoch }
    /// By split, of the source and the target, validation and test.
    public let accuracies: [Split: Estimate]
    /// By part.
    public let gaps: [Part: TransferGap]
  }

  /// The target accuracy lost by choosing on source validation instead of target validation.
  public struct Regret: Sendable {
    /// The oracle's accuracy minus that of the choice; on test it may be below 0.
    public let difference: Estimate
    /// What it was measured on.
    public let part: Part
    /// Whether the oracle was measured on the examples it was chosen by, which flatters it.
    public var isUpperBound: Bool { part == .validation }
  }

  /// Fewer epochs than this after the first have no correlation: of four, no order is so rare that a
  /// two-sided test at 5 % could reject that there is none (2/4! = 0.08, but 2/5! = 0.02).
  public static let leastEpochs = 5
  /// A regret up to this is a trifle: the margin within which configurations are called equivalent.
  public static let trifle = 0.01

  public let target: RunResults.Language
  public let rows: [Row]
  /// `nil` without values of the target.
  public let regret: Regret?
  /// Spearman's correlation of source and target validation accuracy over the epochs after the first, given
  /// this one training; `nil` where it is not defined. In the first epoch a network has hardly been trained,
  /// so that both accuracies rise from there whatever they do later. It has no interval and warns of nothing, since
  /// noise in the accuracies pulls it towards 0 by an unknown amount (decision 70).
  public let correlation: Double?

  /// Whether another epoch is clearly better for this target, so that choosing on the source is not to be relied on
  /// (Keung et al. 2020): the regret's interval lies above 0, and the regret above what is a trifle. On the examples
  /// that the oracle was chosen by, a regret above 0 shows nothing.
  public var isUnreliable: Bool {
    guard let regret, !regret.isUpperBound, let interval = regret.difference.interval else {
      return false
    }
    return interval.lower > 0 && regret.difference.value > EpochChoice.trifle
  }
}

extension RunResults {
  /// Compares ways to choose an epoch for a target; `nil` with one epoch only, without validation results of
  /// both languages, and where log and predictions disagree on them.
  public func epochChoice(for target: Language) -> EpochChoice? {
    let (ours, theirs) = (Split(source.code, .validation), Split(target.code, .validation))
    guard epochs > 1, disagreements.isDisjoint(with: [ours, theirs]),
      let sourceResults = byEpoch[ours], let targetResults = byEpoch[theirs],
      let bestSource = epochOfHighestAccuracy(ours), let bestTarget = epochOfHighestAccuracy(theirs)
    else { return nil }
    var choices: [(EpochChoice.Rule, Weights)] = [(.last, .epoch(epochs))]
    if let average { choices.append((.average, .average(average.epochs))) }
    choices += [(.bestSource, .epoch(bestSource)), (.bestTarget, .epoch(bestTarget))]
    // Often two rules choose one epoch, or the one that counts; its gaps take thousands of draws.
    var gaps: [Weights: [Part: TransferGap]] = [:]
    let rows = choices.map { rule, weights in
      let known = gaps[weights] ?? self.gaps(to: target, with: weights)
      gaps[weights] = known
      return row(rule, weights, target, gaps: known)
    }
    let regret = regret(of: bestSource, against: bestTarget, for: target)
    return EpochChoice(
      target: target, rows: rows, regret: regret,
      correlation: correlation(sourceResults, targetResults))
  }

  /// By part.
  private func gaps(to target: Language, with weights: Weights) -> [Part: TransferGap] {
    var gaps: [Part: TransferGap] = [:]
    for part in [Part.validation, .test] {
      guard let a = result(Split(source.code, part), with: weights),
        let b = result(Split(target.code, part), with: weights)
      else { continue }
      // The predictions beside a log from elsewhere may be of another moment than its values by epoch.
      gaps[part] =
        weights == selectedWeights && run.imported == nil
        ? selectedGap(to: target, part) : TransferGap(source: a, target: b, isParallel: isParallel)
    }
    return gaps
  }

  /// How a split was scored with some weights.
  public func result(_ split: Split, with weights: Weights) -> SplitResult? {
    switch weights {
    case .epoch(let epoch):
      byEpoch[split].flatMap { $0.indices.contains(epoch - 1) ? $0[epoch - 1] : nil }
    case .average: average?.results[split]
    }
  }

  private func row(
    _ rule: EpochChoice.Rule, _ weights: Weights, _ target: Language, gaps: [Part: TransferGap]
  ) -> EpochChoice.Row {
    var accuracies: [Split: Estimate] = [:]
    for part in [Part.validation, .test] {
      let results = [source, target].map { result(Split($0.code, part), with: weights) }
      for (language, result) in zip([source, target], results) {
        if let result, !result.isAbsent(.accuracy), !result.isWithoutAnswers {
          accuracies[Split(language.code, part)] = result.estimate(.accuracy)
        }
      }
    }
    return EpochChoice.Row(
      rule: rule, weights: weights, accuracies: accuracies, gaps: gaps)
  }

  private func regret(
    of chosen: Int, against oracle: Int, for target: Language
  ) -> EpochChoice.Regret? {
    for part in [Part.test, .validation] {
      guard let series = byEpoch[Split(target.code, part)] else { continue }
      let (a, b) = (series[oracle - 1], series[chosen - 1])
      guard !a.accuracy.isNaN, !b.accuracy.isNaN, !a.isWithoutAnswers, !b.isWithoutAnswers else {
        continue
      }
      // The same examples were labelled twice; one epoch chosen by both has a regret of exactly 0.
      let difference =
        PairedHits(a, b).map { AccuracyDifference($0).absolute }
        ?? Estimate(a.accuracy - b.accuracy, nil, by: .pairedBootstrap)
      return EpochChoice.Regret(difference: difference, part: part)
    }
    return nil
  }

  private func correlation(_ source: [SplitResult], _ target: [SplitResult]) -> Double? {
    // Epochs without one of the accuracies are left out, and so are those whose network answered nothing.
    let pairs = zip(source.dropFirst(), target.dropFirst()).filter { pair in
      [pair.0, pair.1].allSatisfy { !$0.accuracy.isNaN && !$0.isWithoutAnswers }
    }
    guard pairs.count >= EpochChoice.leastEpochs else { return nil }
    return rankCorrelation(pairs.map(\.0.accuracy), pairs.map(\.1.accuracy))
  }
}
