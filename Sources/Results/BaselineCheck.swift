public import Metrics
public import RunLog

/// Whether a network does better on a split than always naming its most frequent class.
///
/// The two are compared on the same examples by McNemar's exact test, Holm's correction taking all the
/// languages that are looked at for one family: of many, one would seem to differ by chance.
public struct BaselineCheck: Sendable {
  /// What the test says of the accuracy.
  public enum Verdict: Sendable {
    /// Fewer than `leastExamples`, from which nothing is concluded.
    case tooFewExamples
    case below
    /// The test does not tell them apart, which does not make them equal.
    case indistinct
    case above
  }

  /// What macro F1 and the area under the ROC curve say, which a frequent class does not flatter.
  public enum Learning: Sendable {
    /// Both intervals lie low: the network has learned little that tells the classes apart.
    case little
    /// Both intervals lie above what answers that never look at the text score.
    case something
    /// The area's interval lies below one half: scores order the classes the wrong way round, as they do where
    /// labels are swapped. Something was learned, or the labels of one side are not the other's.
    case reversed
    /// None of these.
    case unsettled
  }

  /// From fewer examples nothing is concluded: with 30, half of them right, Wilson's interval of the
  /// accuracy is 34 points wide, and a network that names 70 % where the most frequent class has 50 % is told
  /// from that in only one of four such tests.
  public static let leastExamples = 30
  /// How far above 0.5 the area may lie where little was learned.
  public static let slightArea = 0.1
  /// How far above the answers that never look macro F1 may lie then.
  public static let slightF1 = 0.1
  /// How far above an equal share of all classes the most frequent one must lie to flatter the accuracy.
  public static let unevenShare = 0.1

  public let language: RunResults.Language
  public let split: Split
  public let examples: Int
  /// Examples without an answer count as wrong.
  public let unanswered: Int
  public let accuracy: Estimate
  public let majorityShare: Double
  /// McNemar's, before Holm's correction.
  public let ownPValue: Double
  /// McNemar's, after Holm's correction.
  public let pValue: Double
  /// How many languages the correction is for.
  public let tests: Int
  public let verdict: Verdict
  public let macroF1: Estimate
  /// `nil` where a class has no curve or an example no answer.
  public let macroAUC: Estimate?
  public let learning: Learning
  /// Whether one class is so frequent that it flatters the accuracy, which it does not where all are about as
  /// frequent as each other.
  public let isUneven: Bool

  /// Whether the language's own test tells accuracy and share apart, but the correction for the number of
  /// languages leaves open whether they differ.
  public var isOnlyBeforeCorrection: Bool { verdict == .indistinct && ownPValue <= 0.05 }
}

extension RunResults {
  /// Compares source and targets with their most frequent classes after the selected epoch, on the final part;
  /// a language that lacks it on the part that it has. Languages without predictions are left out, and
  /// those of which no example has an answer.
  public func baselineChecks() -> [BaselineCheck] {
    let final = finalSplit
    let places: [(language: Language, part: Part?)] =
      [(source, final.part)]
      + targets.map { target in
        final.targets.contains(target)
          ? (target, final.part)
          : (target, final.setApart.first { $0.language == target }?.part)
      }
    var found: [(language: Language, split: Split, pairs: PairedHits, estimates: SplitEstimates)] =
      []
    for (language, part) in places {
      guard let split = part.map({ Split(language.code, $0) }),
        let predictions = predictions[split],
        let estimates = estimates(split), selected[split]?.isWithoutAnswers == false
      else { continue }
      let counts = estimates.classCounts
      let majority = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }
      let pairs = PairedHits(predictions.outcomes, predictions.labels.map { $0 == majority })
      found.append((language, split, pairs, estimates))
    }
    let own = found.map { mcNemarPValue(onlyA: $0.pairs.onlyA, onlyB: $0.pairs.onlyB) }
    return zip(found, zip(own, holmAdjusted(own))).map { entry, pValues in
      let (ownPValue, pValue) = pValues
      let estimates = entry.estimates
      let verdict: BaselineCheck.Verdict =
        entry.pairs.total < BaselineCheck.leastExamples
        ? .tooFewExamples
        : pValue > 0.05 ? .indistinct : entry.pairs.onlyA < entry.pairs.onlyB ? .below : .above
      return BaselineCheck(
        language: entry.language, split: entry.split, examples: entry.pairs.total,
        unanswered: selected[entry.split]?.unanswered ?? 0, accuracy: estimates[.accuracy],
        majorityShare: estimates.baselines.majorityAccuracy, ownPValue: ownPValue,
        pValue: pValue, tests: found.count, verdict: verdict,
        macroF1: estimates[.macroF1], macroAUC: estimates.macroAUC,
        learning: learning(estimates),
        isUneven: estimates.baselines.majorityAccuracy
          >= 1 / Double(estimates.classCounts.count) + BaselineCheck.unevenShare)
    }
  }

  private func learning(_ estimates: SplitEstimates) -> BaselineCheck.Learning {
    guard let area = estimates.macroAUC else { return .unsettled }
    let f1 = estimates[.macroF1]
    let blind = max(estimates.baselines.majorityMacroF1, estimates.baselines.chanceMacroF1)
    // Scores that are all alike order nothing, and leave no doubt of it.
    let isFlat = area.interval == nil && area.value == 0.5
    guard let ofArea = area.interval ?? (isFlat ? Interval(lower: 0.5, upper: 0.5) : nil) else {
      return .unsettled
    }
    if ofArea.upper < 0.5 { return .reversed }
    // Always the same answer has one macro F1 whatever examples are drawn.
    let ofF1 = f1.interval ?? Interval(lower: f1.value, upper: f1.value)
    if ofArea.upper <= 0.5 + BaselineCheck.slightArea, ofF1.upper <= blind + BaselineCheck.slightF1
    {
      return .little
    }
    if ofArea.lower > 0.5, ofF1.lower > blind { return .something }
    return .unsettled
  }
}
