internal import Metrics
internal import RunLog

extension RunResults {
  /// The results of a run of our own: its predictions, else what it logged.
  static func own(
    _ run: Run, _ experiment: Experiment, after earlier: RunResults?
  ) throws -> RunResults {
    let classes = experiment.labels.count
    let records = run.records.epochs
    // An epoch counts when it is trained and evaluated: the epoch record comes last.
    let epochs = records.count
    guard epochs > 0 else {
      throw RunLogError(
        file: run.directory.log, "no epoch is complete yet, so there is nothing to report.")
    }
    guard epochs <= ExperimentRanges.mostEpochs else {
      throw RunLogError(
        file: run.directory.log, "has more than \(ExperimentRanges.mostEpochs) epochs.")
    }
    if let gap = records.indices.first(where: { records[$0].epoch != $0 + 1 }) {
      throw RunLogError(file: run.directory.log, "the record of epoch \(gap + 1) is missing.")
    }
    let pooled = experiment.data.source
    let each = experiment.data.sources.map(Language.init)
    let source = each.count == 1 ? each[0] : Language(code: pooled.language, name: pooled.name)
    var targets = experiment.data.targets.map(Language.init)
    var absences: [Absence] = []
    var byEpoch: [Split: [SplitResult]] = [:]
    var warnings = run.warnings
    // Source validation first, since it may choose the epoch: every file is read once then.
    let choosing = Split(source.code, .validation)
    var reading = EpochReading(run, classes: classes, epochs: epochs, earlier: earlier)
    let isChosen = experiment.select == .bestSourceValidation
    let splits = experiment.data.splits
    if splits.contains(choosing) {
      try reading.read(choosing, keeping: isChosen ? .best : .epoch(epochs))
    }
    let selectedEpoch = isChosen ? reading.bestEpoch ?? epochs : epochs
    let averaged = try AverageReading(run, experiment, after: earlier)
    let selectedWeights: Weights =
      if experiment.select == .average, let averaged { .average(averaged.epochs) } else {
        .epoch(selectedEpoch)
      }
    for split in splits {
      if split != choosing { try reading.read(split, keeping: .epoch(selectedEpoch)) }
      guard let found = reading.found[split] else { continue }
      warnings += found.contradictions
      byEpoch[split] = found.series
      if let first = found.missing.first {
        let places = found.missing.count == epochs ? "all epochs" : "epoch " + found.missing.listed
        absences.append(
          Absence(
            what: "Intervals, F1 and curves of \(split) for \(places)",
            why: found.missing.count == 1
              ? "\(run.directory.predictions(epoch: first, split)) is missing"
              : "\(found.missing.count) prediction files, "
                + "\(run.directory.predictions(epoch: first, split)) the first of them, are missing"
          ))
      }
    }
    warnings += averaged?.contradictions ?? []
    absences += AverageReading.absences(averaged, experiment, run, epochs: epochs)
    var selected = byEpoch.compactMapValues { $0[selectedEpoch - 1] }
    if case .average = selectedWeights, let averaged { selected = averaged.results }
    var scored = ScoredPredictions()
    for split in try run.splits(selectedWeights) {
      let found =
        selectedWeights.epoch == nil
        ? averaged?.predictions[split] : try reading.predictions(split, epoch: selectedEpoch)
      guard let predictions = found else { continue }
      if selected[split] == nil { selected[split] = SplitResult(predictions) }
      if !([source] + each + targets).contains(where: { $0.code == split.language }) {
        targets.append(Language(code: split.language, name: languageName(split.language)))
      }
      scored.add(predictions, of: split)
      for (own, rows) in reading.shares(of: split) {
        let share = predictions.share(rows)
        if selectedWeights.epoch == nil { selected[own] = SplitResult(share) }
        scored.add(share, of: own)
      }
    }
    for split in splits {
      for (own, _) in reading.shares(of: split) { byEpoch[own] = reading.found[own]?.series }
    }
    if selectedWeights.epoch != nil {
      selected.merge(byEpoch.compactMapValues { $0[selectedEpoch - 1] }) { known, _ in known }
    }
    let fitted = try LayerBaseline.all(
      of: run, splits.filter { $0.part != .train }, classes: classes, after: earlier)
    absences += fitted.absences
    let steps = run.records.steps
    let started = run.records.started
    let stepsPerEpoch = started.map { Double($0.stepsPerEpoch) } ?? 1
    let schedule = experiment.training.schedule
    let isPerStep = schedule.per == .step || schedule.warmupSteps > 0
    let rates =
      isPerStep
      ? steps.map { LearningRate(epochs: Double($0.step) / stepsPerEpoch, rate: $0.learningRate) }
      : records.map { LearningRate(epochs: Double($0.epoch), rate: $0.learningRate) }
    if targets.isEmpty {
      absences.append(Absence(what: "The transfer gap", why: "the run has no target language"))
    }
    for target in targets {
      let parts = Part.allCases.filter { selected[Split(target.code, $0)] != nil }
      if !parts.contains(where: { selected[Split(source.code, $0)] != nil }) {
        absences.append(
          Absence(
            what: "The transfer gap to \(target.name)",
            why: "\(source.name) was not scored on the same part of its data"))
      }
    }
    if experiment.data.parallel {
      warnings += unpairedRows(byEpoch, source: source, targets: targets)
    }
    if let exported = run.records.finished?.selected, exported != selectedWeights {
      warnings.append(
        "\(run.directory.log) says that \(exported.words) was selected; according to the predictions it is "
          + "\(selectedWeights.words), which is reported.")
    }
    return RunResults(
      run: run, name: experiment.name, labels: experiment.labels, source: source,
      sources: each.count == 1 ? [] : each, targets: targets,
      positions: (1...epochs).map(Double.init),
      plannedEpochs: experiment.training.epochs, selectedWeights: selectedWeights,
      average: averaged?.summary, byEpoch: byEpoch,
      selected: selected, scored: scored,
      learningRates: rates, hasRateOfEachStep: isPerStep,
      absences: absences, warnings: warnings, baselines: fitted.baselines, earlier: earlier)
  }

  /// Says where the log and the predictions disagree by more than rounding: every metric, with both numbers.
  static func contradiction(
    _ logged: SplitResult, _ computed: SplitResult, _ what: String
  ) -> String? {
    let metrics = Metric.all.filter { !agrees(logged, computed, $0) }
    guard !metrics.isEmpty else { return nil }
    let numbers = metrics.enumerated().map { place, metric in
      let (a, b) = (logged[metric], computed[metric])
      return place == 0
        ? "the log gives \(a) as \(metric.name) of \(what), the stored predictions give \(b)"
        : "\(a) and \(b) as \(metric.name)"
    }
    return numbers.joined(separator: "; ") + "; the latter "
      + (metrics.count == 1 ? "is" : "of each are") + " reported."
  }

  /// Whether both say the same of a metric, up to rounding; what was not logged contradicts nothing.
  static func agrees(
    _ logged: SplitResult, _ computed: SplitResult, _ metric: Metric
  ) -> Bool {
    if logged.isAbsent(metric) { return true }
    let (a, b) = (logged[metric], computed[metric])
    return a == b || a.isNaN && b.isNaN || abs(a - b) <= 1e-3 * max(1, abs(b))
  }

  /// Says where splits that are declared parallel do not hold the same rows.
  private static func unpairedRows(
    _ byEpoch: [Split: [SplitResult]], source: Language, targets: [Language]
  ) -> [String] {
    targets.flatMap { target in
      [Part.validation, .test].compactMap { part -> String? in
        let splits = (Split(source.code, part), Split(target.code, part))
        guard let a = byEpoch[splits.0], let b = byEpoch[splits.1] else { return nil }
        let differs = zip(a, b).contains { a, b in
          guard let a = a.ids, let b = b.ids else { return false }
          return matched(a, b) == nil
        }
        return differs
          ? "data.parallel is true, but \(splits.0) and \(splits.1) do not hold the same rows; where "
            + "they differ, the gap is computed as one between independent examples." : nil
      }
    }
  }
}

extension RunResults.Language {
  init(_ data: LanguageData) {
    self.init(code: data.language, name: data.name, regime: data.regime)
  }
}

extension [LogRecord] {
  var started: RunStarted? {
    for case .runStarted(let started) in self { return started }
    return nil
  }

  var finished: RunFinished? {
    for case .runFinished(let finished) in reversed() { return finished }
    return nil
  }

  /// One a finished epoch, in order; a resumed run repeats records, the last of each counts.
  var epochs: [EpochRecord] {
    var result: [EpochRecord] = []
    for case .epoch(let record) in self {
      while let last = result.last, last.epoch >= record.epoch { result.removeLast() }
      result.append(record)
    }
    return result
  }

  fileprivate var steps: [StepRecord] {
    var result: [StepRecord] = []
    for case .step(let record) in self {
      while let last = result.last, last.step >= record.step { result.removeLast() }
      result.append(record)
    }
    return result
  }
}

extension [Int] {
  /// Such as `1, 2, 5`.
  fileprivate var listed: String { map(String.init).joined(separator: ", ") }
}
