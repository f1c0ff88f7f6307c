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

  /// A run has no trained baseline yet whose predictions could be compared with its own.
  func belowBaseline() -> [CheckFinding] {
    [].or("the run has no trained baseline")
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
