internal import Metrics
internal import RunLog

/// How far what was learned carries, and whether it can be relied on.
extension RunInspection {
  private static let noTarget = "the run has no target language"

  // MARK: Gaps

  func gaps(_ bound: Double) -> [CheckFinding] {
    guard !results.targets.isEmpty else { return [].or(Self.noTarget) }
    let final = results.finalGaps
    // Their intervals hold together for all targets, so that many targets find no more than one by chance.
    let tests = final.tests
    return results.targets.map { target in
      guard let gap = final.gap(to: target)?.gap else {
        let split = [Part.test, .validation].map { Split(target.code, $0) }
          .first { results.selected[$0] != nil }
        return split == nil
          ? CheckFinding(.notApplicable, nil, because: "\(target.name) has no results")
          : CheckFinding(
            .cannotBeTold, split,
            because: "an accuracy is not known, or not known on the same part")
      }
      let split = Split(target.code, gap.part)
      let interval =
        tests > 1
        ? results.accuracyDifference(
          to: target, gap.part, tail: usualTail / Double(tests))?.absolute.interval
        : gap.accuracy.interval
      let method = gap.accuracy.difference?.absolute.method ?? .unpairedBootstrap
      let values = [
        CheckValue(
          "gap", tests > 1 ? "gap, interval for \(tests) targets together" : "gap",
          Estimate(gap.accuracy.gap, interval, by: method), .points, defined: "transfer-gap",
          from: .splits([Split(results.source.code, gap.part), split]))
      ]
      guard let interval else {
        return CheckFinding(
          .cannotBeTold, split,
          because: gap.accuracy.isAlikeThroughout
            ? "nothing varies from which an interval could be drawn"
            : "without predictions the gap has no interval", values)
      }
      let outcome = outcome(interval, above: bound)
      return CheckFinding(
        outcome, split,
        because: outcome == .cannotBeTold ? "the interval holds the bound" : nil, values)
    }
  }

  // MARK: Epochs

  func selectionRegrets(_ bound: Double) -> [CheckFinding] {
    guard !results.targets.isEmpty else { return [].or(Self.noTarget) }
    guard results.epochs > 1 else { return [].or("there is only one epoch to choose") }
    let choices = choices
    return results.targets.map { target in
      guard let choice = choices.first(where: { $0.target == target }), let regret = choice.regret
      else {
        return CheckFinding(
          .notApplicable, Split(target.code, .validation),
          because: "source and target have no validation results by epoch that could be compared")
      }
      let split = Split(target.code, regret.part)
      let values = [
        CheckValue(
          "regret", "accuracy lost", regret.difference, .points, defined: "epoch-choice",
          from: .series([
            split, Split(target.code, .validation), Split(results.source.code, .validation),
          ]))
      ]
      // Both rules choose one epoch, or two that are right on as many examples where that flatters the other.
      let isNone =
        regret.difference.value == 0 && (sameEpoch(choice) || regret.isUpperBound)
      if isNone { return CheckFinding(.notFound, split, values) }
      guard let interval = regret.difference.interval else {
        return CheckFinding(
          .cannotBeTold, split, because: "without predictions the regret has no interval", values)
      }
      if interval.upper <= bound { return CheckFinding(.notFound, split, values) }
      if regret.isUpperBound {
        return CheckFinding(
          .cannotBeTold, split,
          because: "the other epoch was chosen by the examples that it is measured on", values)
      }
      // As the report calls a choice unreliable.
      return interval.lower > 0 && regret.difference.value > bound
        ? CheckFinding(.found, split, values)
        : CheckFinding(
          .cannotBeTold, split, because: "the interval leaves it open", values)
    }
  }

  private func sameEpoch(_ choice: EpochChoice) -> Bool {
    let epochs = choice.rows.filter { [.bestSource, .bestTarget].contains($0.rule) }.map(\.epoch)
    return Set(epochs).count == 1
  }

  // MARK: Probabilities

  /// Mean confidence and accuracy: the two are equal in a calibrated model, though not in it alone.
  func miscalibration(_ bound: Double) -> [CheckFinding] {
    let splits = finalSplits.filter { (results.predictions[$0]?.count ?? 0) > 0 }
    return splits.map { split in
      guard let predictions = results.predictions[split], results.calibration[split] != nil else {
        return CheckFinding(.cannotBeTold, split, because: "an example has no answer")
      }
      let surplus = zip(predictions.probabilities, predictions.outcomes).map { row, isRight in
        (row.max() ?? .nan) - (isRight ? 1 : 0)
      }
      let interval = normalInterval(
        ofMean: surplus, tail: usualTail / Double(splits.count))
      let from = CheckValue.Source.splits([split])
      let mean = Estimate(
        surplus.reduce(0, +) / Double(surplus.count), interval, by: .meanInterval)
      let values =
        [
          CheckValue(
            "overconfidence",
            "mean confidence minus accuracy"
              + (splits.count > 1 ? ", interval for \(splits.count) languages together" : ""),
            mean, .points, defined: "calibration", from: from)
        ]
        + (results.estimates(split)?.calibration).map {
          [
            CheckValue(
              "calibration_error", "debiased calibration error", $0.debiased, .score,
              defined: "debiased-calibration-error", from: from)
          ]
        }.or([])
      guard predictions.count >= BaselineCheck.leastExamples else {
        return CheckFinding(
          .cannotBeTold, split,
          because: "there are fewer than \(BaselineCheck.leastExamples) examples", values)
      }
      guard let interval else {
        return CheckFinding(
          .cannotBeTold, split, because: "nothing varies from which an interval could be drawn",
          values)
      }
      if interval.lower > bound || interval.upper < -bound {
        return CheckFinding(.found, split, values)
      }
      return interval.lower >= -bound && interval.upper <= bound
        ? CheckFinding(.notFound, split, values)
        : CheckFinding(.cannotBeTold, split, because: "the interval holds the bound", values)
    }.or("the run holds no predictions")
  }
}

extension Optional {
  fileprivate func or(_ other: Wrapped) -> Wrapped { self ?? other }
}
