internal import Metrics
internal import RunLog

/// Whether the model does better than answers that never look at the text.
extension RunInspection {
  private static let noPredictions = "the run holds no predictions"

  /// A finding on every final split: made of its comparison with the baselines, or why there is none.
  private func findings(_ make: (BaselineCheck) -> CheckFinding) -> [CheckFinding] {
    let checks = results.baselineChecks()
    return finalSplits.compactMap { split -> CheckFinding? in
      if let check = checks.first(where: { $0.split == split }) { return make(check) }
      return results.selected[split]?.isWithoutAnswers ?? false
        ? CheckFinding(.cannotBeTold, split, because: "no example has an answer") : nil
    }.or(Self.noPredictions)
  }

  private static func tooFew(_ check: BaselineCheck) -> String? {
    check.examples < BaselineCheck.leastExamples
      ? "there are fewer than \(BaselineCheck.leastExamples) examples" : nil
  }

  func belowMajority() -> [CheckFinding] {
    findings { check in
      let from = CheckValue.Source.splits([check.split])
      let values = [
        CheckValue(
          "accuracy", "accuracy", check.accuracy, .share, defined: "accuracy", from: from),
        CheckValue(
          "majority_share", "share of the most frequent class", check.majorityShare, .share,
          defined: "baselines", from: from),
        CheckValue(
          "p_value", check.tests > 1 ? "McNemar's p, corrected" : "McNemar's p", check.pValue,
          .pValue, defined: "mcnemar", from: from),
      ]
      return switch check.verdict {
      case .below: CheckFinding(.found, check.split, values)
      case .above: CheckFinding(.notFound, check.split, values)
      case .indistinct:
        CheckFinding(
          .cannotBeTold, check.split,
          because: "McNemar's test does not tell the accuracy from that share", values)
      case .tooFewExamples:
        CheckFinding(.cannotBeTold, check.split, because: Self.tooFew(check), values)
      }
    }
  }

  /// The network beside the baseline that source validation chose, on the same examples.
  func belowBaseline() throws -> [CheckFinding] {
    guard let comparisons = try baselineComparisons() else {
      return [].or("the run has no trained baseline")
    }
    return comparisons.languages.map { comparison in
      let split = comparison.split
      let from = CheckValue.Source.baseline(layer: comparisons.baseline.layer, split)
      var values: [CheckValue] = []
      if let difference = comparison.difference, let p = comparison.pValue {
        values = [
          CheckValue(
            "difference", "accuracy minus the baseline's", difference, .points,
            defined: "paired-difference", from: from),
          CheckValue(
            "p_value", comparisons.tests > 1 ? "McNemar's p, corrected" : "McNemar's p", p, .pValue,
            defined: "mcnemar", from: from),
        ]
      }
      func untold(_ reason: String) -> CheckFinding {
        CheckFinding(.cannotBeTold, split, because: reason, values)
      }
      return switch comparison.finding {
      case .below: CheckFinding(.found, split, values)
      case .above: CheckFinding(.notFound, split, values)
      case .indistinct: untold("McNemar's test does not tell the two accuracies apart")
      case .onlyBeforeCorrection:
        untold("McNemar's test tells them apart, its correction for several languages does not")
      case .tooFewExamples:
        untold("there are fewer than \(BaselineCheck.leastExamples) examples")
      case .notCompared(.networkIsSilent): untold("no example has an answer")
      case .notCompared(.noPredictions): untold("the run holds no predictions of it")
      case .notCompared(.noBaseline): untold("the baseline was not scored on it")
      case .notCompared(.baselineIsSilent): untold("no example has an answer of the baseline")
      case .notCompared(.otherExamples): untold("the baseline was scored on other examples")
      }
    }
  }

  private func ranking(_ check: BaselineCheck) -> [CheckValue] {
    let from = CheckValue.Source.splits([check.split])
    return
      (check.macroAUC.map {
        [
          CheckValue(
            "macro_auc", "mean area under the ROC curves", $0, .score, defined: "auc", from: from)
        ]
      } ?? [])
      + [CheckValue("macro_f1", "macro F1", check.macroF1, .score, defined: "f1", from: from)]
  }

  func reversedScores() -> [CheckFinding] {
    findings { check in
      let values = ranking(check).filter { $0.key == "macro_auc" }
      guard let area = check.macroAUC else {
        return CheckFinding(
          .cannotBeTold, check.split,
          because: "a class has no ROC curve, or an example no answer")
      }
      if check.learning == .reversed { return CheckFinding(.found, check.split, values) }
      // Scores that are all alike order nothing, in neither way.
      guard let interval = area.interval else {
        return area.value == 0.5
          ? CheckFinding(.notFound, check.split, values)
          : CheckFinding(
            .cannotBeTold, check.split, because: "the area has no interval", values)
      }
      return interval.lower >= 0.5
        ? CheckFinding(.notFound, check.split, values)
        : CheckFinding(
          .cannotBeTold, check.split, because: "the area's interval holds one half", values)
    }
  }

  func littleLearned() -> [CheckFinding] {
    findings { check in
      let values = ranking(check)
      return switch check.learning {
      case .little: CheckFinding(.found, check.split, values)
      // Whose scores order the classes the wrong way round has learned to order them.
      case .something, .reversed: CheckFinding(.notFound, check.split, values)
      case .unsettled:
        CheckFinding(
          .cannotBeTold, check.split,
          because: check.macroAUC == nil
            ? "a class has no ROC curve, or an example no answer"
            : "the intervals leave it open", values)
      }
    }
  }
}
