internal import Metrics
internal import RunLog

/// Whether what was computed is all there, and all numbers.
extension RunInspection {
  /// Those that figures show.
  private static let metrics = [Metric.loss, .accuracy, .macroF1]

  private func metricsNotFinite(_ result: SplitResult) -> [Metric] {
    Self.metrics.filter { result.isNotFinite($0) }
  }

  private var hasValues: Bool {
    splits.contains { split in
      let all = (results.selected[split].map { [$0] } ?? []) + (results.byEpoch[split] ?? [])
      return all.contains { result in Self.metrics.contains { !result.isAbsent($0) } }
    }
  }

  private static let noValues = "the log holds no loss, accuracy or macro F1"

  /// In the epoch that counts.
  func notFinite() -> [CheckFinding] {
    guard hasValues else { return [].or(Self.noValues) }
    let found = splits.compactMap { split -> CheckFinding? in
      guard let result = results.selected[split] else { return nil }
      let metrics = metricsNotFinite(result)
      guard !metrics.isEmpty || result.unanswered > 0 else { return nil }
      let values =
        result.unanswered > 0
        ? [
          CheckValue(
            "unanswered", "examples without an answer", Double(result.unanswered), .count,
            defined: "no-answer", from: .splits([split]))
        ] : []
      return CheckFinding(
        .found, split, values,
        detail: metrics.isEmpty
          ? nil : "not a finite number: \(metrics.map(\.name).joined(separator: ", "))")
    }
    return found.isEmpty ? [CheckFinding(.notFound)] : found
  }

  /// In other epochs, in steps and in learning rates.
  func unstable() -> [CheckFinding] {
    guard hasValues else { return [].or(Self.noValues) }
    var found = splits.compactMap { split -> CheckFinding? in
      let series = results.byEpoch[split] ?? []
      let such = series.indices.filter { index in
        index + 1 != results.selectedEpoch
          && (series[index].unanswered > 0 || !metricsNotFinite(series[index]).isEmpty)
      }
      guard !such.isEmpty else { return nil }
      let unit = results.unit.rawValue
      return CheckFinding(
        .found, split,
        [
          CheckValue(
            "rows", "\(unit)s with such values", Double(such.count), .count,
            from: .series([split]))
        ])
    }
    let steps = results.run.records.count {
      if case .nonFinite = $0 { true } else { false }
    }
    let rates = results.learningRates.count { !$0.rate.isFinite }
    if steps > 0 || rates > 0 {
      found.append(
        CheckFinding(
          .found, nil,
          (steps > 0
            ? [
              CheckValue(
                "steps", "steps whose loss or gradient was not finite", Double(steps), .count,
                from: .log)
            ] : [])
            + (rates > 0
              ? [
                CheckValue(
                  "learning_rates", "learning rates that are not finite", Double(rates), .count,
                  from: .log)
              ] : [])))
    }
    return found.isEmpty ? [CheckFinding(.notFound)] : found
  }

  func unfinished() -> [CheckFinding] {
    guard results.run.experiment != nil else {
      return [].or("a log from another program does not say how many epochs were planned")
    }
    return [
      CheckFinding(
        results.epochs < results.plannedEpochs ? .found : .notFound, nil,
        [
          CheckValue(
            "epochs", "complete epochs", Double(results.epochs), .count, from: .epochs),
          CheckValue(
            "planned_epochs", "planned epochs", Double(results.plannedEpochs), .count,
            from: .configuration("training.epochs")),
        ])
    ]
  }

  /// The steps of the complete epochs: a training that goes on may still make enough of them.
  func fewSteps(_ bound: Double) -> [CheckFinding] {
    let (steps, source): (Double, CheckValue.Source)
    if let started = results.started {
      // A log may hold any number.
      (steps, source) = (
        Double(started.stepsPerEpoch) * Double(results.epochs), .started("steps_per_epoch")
      )
    } else if results.unit == .step, let last = results.positions.last {
      (steps, source) = (last, .log)
    } else {
      return [].or("the log does not say how many steps were made")
    }
    return [
      CheckFinding(
        steps < bound ? .found : .notFound, nil,
        [CheckValue("steps", "optimiser steps", steps, .count, from: source)],
        isIntended: results.run.experiment?.data.intended.contains(.fewSteps) ?? false)
    ]
  }

  func fewExamples(_ bound: Double) -> [CheckFinding] {
    finalSplits.compactMap { split -> CheckFinding? in
      guard let examples = results.selected[split]?.examples else { return nil }
      return CheckFinding(
        Double(examples) < bound ? .found : .notFound, split,
        [CheckValue("examples", "examples", Double(examples), .count, from: .splits([split]))])
    }.or("the log holds no predictions, and does not say how many examples there are")
  }

  func oddFiles() -> [CheckFinding] {
    // Steps that were not finite have a check of their own.
    let steps = Set(results.run.nonFiniteStepWarnings)
    let found = results.warnings.filter { !steps.contains($0) }
    return [
      found.isEmpty
        ? CheckFinding(.notFound)
        : CheckFinding(
          .found, nil,
          [
            CheckValue(
              "warnings", "warnings under Caveats", Double(found.count), .count, from: .log)
          ],
          detail: found.joined(separator: " "))
    ]
  }
}
