internal import Metrics
internal import RunLog

extension RunResults {
  /// The results of a log from elsewhere: its numbers as they were logged, and those of the
  /// predictions beside it.
  static func imported(_ log: ImportedLog, _ run: Run) -> RunResults {
    let source = Language(code: log.source.code, name: log.source.name)
    let targets = log.targets.map { Language(code: $0.code, name: $0.name) }
    var byEpoch = Dictionary(
      uniqueKeysWithValues: log.rows.keys.map { split in
        let results = log.positions.indices.map { row in
          SplitResult(MetricValues { log.value(split, $0, row: row) })
        }
        return (split, results)
      })
    var selected = byEpoch.compactMapValues { $0[log.selectedRow] }
    for (split, values) in log.tests {
      selected[split] = SplitResult(MetricValues { values[$0] })
    }
    var scored = ScoredPredictions()
    var disagreements: Set<Split> = []
    var warnings = run.warnings
    for split in log.predictions.keys.sorted(by: { "\($0)" < "\($1)" }) {
      guard let predictions = log.predictions[split] else { continue }
      let computed = SplitResult(predictions)
      if let logged = selected[split],
        let warning = contradiction(logged, computed, "\(split)")
      {
        // What is by epoch stays the log's alone: a last point of another origin would be a jump that nobody
        // measured.
        if byEpoch[split] != nil { disagreements.insert(split) }
        warnings.append(
          warning
            + (byEpoch[split] == nil
              ? "" : " Curves by \(log.unit.rawValue) stay as they were logged.")
            + otherRow(of: computed, among: byEpoch[split] ?? [], log))
      } else {
        byEpoch[split]?[log.selectedRow] = computed
      }
      selected[split] = computed
      scored.add(predictions, of: split)
    }
    return RunResults(
      run: run, name: log.format.name, labels: log.labels, source: source, targets: targets,
      positions: log.positions, unit: log.unit, plannedEpochs: log.positions.count,
      selectedWeights: .epoch(log.selectedRow + 1), byEpoch: byEpoch, selected: selected,
      scored: scored,
      learningRates: log.rates.map { LearningRate(epochs: $0.position, rate: $0.rate) },
      hasRateOfEachStep: log.rates.count > log.positions.count,
      absences: absences(of: log, selected)
        + (log.positions.count > 1
          ? undecidable(disagreements, source: source, targets: targets) : []),
      disagreements: disagreements, warnings: warnings)
  }

  /// What is not worked out since it would take values of the log and of the predictions for one.
  private static func undecidable(
    _ disagreements: Set<Split>, source: Language, targets: [Language]
  ) -> [Absence] {
    let names = targets.filter { target in
      disagreements.contains { $0.language == source.code || $0.language == target.code }
    }.map(\.name)
    return names.isEmpty
      ? []
      : [
        Absence(
          what: "Which epoch to take for \(names.joined(separator: ", "))",
          why: "the log and the predictions disagree on a validation split that this takes")
      ]
  }

  /// Where predictions fit another row than the one that counts, in a sentence.
  private static func otherRow(
    of computed: SplitResult, among rows: [SplitResult], _ log: ImportedLog
  ) -> String {
    func fit(_ metrics: [Metric]) -> [Int] {
      rows.indices.filter { row in
        rows[row].accuracy.isFinite
          && metrics.allSatisfy { agrees(rows[row], computed, $0) }
      }
    }
    let all = fit(Metric.all)
    // One metric alone still tells where to look.
    let fitting = all.isEmpty ? fit([.accuracy]) : all
    guard fitting.count == 1, let row = fitting.first, row != log.selectedRow else { return "" }
    let position = log.positions[row]
    let place = "\(log.unit.rawValue) \(Int(exactly: position).map(String.init) ?? "\(position)")"
    let advice = "`selected` in a file for --map makes that the one that is reported."
    return all.isEmpty
      ? " Their accuracy alone is that of \(place); \(advice)" : " They fit \(place); \(advice)"
  }

  private static func absences(
    of log: ImportedLog, _ selected: [Split: SplitResult]
  ) -> [Absence] {
    var absences: [Absence] = []
    if log.predictions.isEmpty {
      let why =
        "a \(log.format.name) holds no predictions; --predictions takes a table of them"
      absences.append(Absence(what: "ROC curves", why: why))
      absences.append(Absence(what: "Confidence intervals", why: why))
    } else {
      let without = selected.keys.filter { log.predictions[$0] == nil && $0.part != .train }
      if !without.isEmpty {
        absences.append(
          Absence(
            what: "Curves and intervals of "
              + without.map(\.description).sorted().joined(separator: ", "),
            why: "the tables of predictions do not hold these splits"))
      }
    }
    absences.append(Absence(what: "The configuration", why: "there is no experiment.yaml"))
    if log.targets.isEmpty {
      absences.append(
        Absence(what: "The transfer gap", why: "the log has no values of a target language"))
    }
    let splits = selected.keys
    if !splits.contains(where: { $0.language == log.source.code && $0.part == .validation }) {
      absences.append(
        Absence(
          what: "Source validation",
          why: log.format == .trainingHistory
            ? "the history has no 'english_val_' arrays" : "the log holds no evaluation on it"))
    }
    if !splits.contains(where: { $0.part == .train }) {
      absences.append(Absence(what: "Training values", why: "the log holds none"))
    }
    if log.rates.isEmpty {
      absences.append(
        Absence(
          what: "Learning rates",
          why: log.format == .trainingHistory
            ? "the history has no array 'learning_rates'" : "the log holds none"))
    }
    return absences
  }
}
