internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// Every value that a report prints, by the name a template calls it.
///
/// Numbers are formatted and text from outside is escaped here, so that a template holds words and
/// order only.
struct ReportData: TagSource {
  let results: RunResults
  let origins: Origins
  let gaps: [GapTags]
  let choices: [EpochChoiceTags]
  let languages: [LanguageTags]
  let savings: SavingsTags?
  let checks: RunChecks
  let simpleBaseline: SimpleBaselineTags?
  private let figures: FigurePlaces

  /// Reads what only some of the files say, so that what is wrong with them is an error.
  init(
    _ results: RunResults, figures: [ReportFigure], absentFigures: [AbsentFigure],
    options: ReportOptions
  ) throws {
    let origins = Origins(results)
    (self.results, self.origins) = (results, origins)
    gaps = try GapTags.all(results, origins)
    choices = results.targets.compactMap { target in
      results.epochChoice(for: target).map { EpochChoiceTags($0, results, origins) }
    }
    languages = try LanguageTags.all(results, origins, showsExamples: options.showsExamples)
    savings = try SavingsTags(results, origins)
    simpleBaseline = try SimpleBaselineTags(results, origins)
    checks = try RunChecks(
      results, choices: choices.map(\.choice), baseline: simpleBaseline?.comparisons)
    let run = RelativeText(results.run)
    self.figures = FigurePlaces(
      figures.map { FigureTags($0) } + absentFigures.map { FigureTags($0, in: run) })
  }

  private var run: RelativeText { RelativeText(results.run) }

  private var epochs: PrintedNumber { origins.epochs("epoch").place(results.epochs, results) }

  private var plannedEpochs: PrintedNumber {
    results.run.experiment == nil
      ? epochs : origins.configuration("training.epochs").plain(results.plannedEpochs)
  }

  private var selectedEpoch: PrintedNumber {
    switch results.selectedWeights {
    case .average(let epochs): origins.average().span(epochs)
    case .epoch(let epoch):
      (results.run.experiment?.select == .bestSourceValidation
        ? origins.series(Split(results.source.code, .validation)) : origins.epochs("epoch"))
        .place(epoch, results)
    }
  }

  static let tags: [TagDefinition<ReportData>] = [
    .text("name", "the experiment's name") { markdown($0.results.name) },
    .text("source", "the source language; several, listed") {
      markdown($0.results.source.name)
    },
    .condition("has_several_sources", "whether several languages were trained on") {
      $0.results.hasSeveralSources
    },
    .section(
      "data", "sources and regimes; absent with one source and without a stated regime"
    ) { DataTags($0.results, $0.origins) },
    .text("targets", "the target languages, listed") {
      NumberFormat.list($0.results.targets.map { markdown($0.name) })
    },
    .condition("has_targets", "whether there is a target language") { !$0.results.targets.isEmpty },
    .condition("is_sentiment", "whether the labels are those of sentiment") {
      !Set($0.results.labels).isDisjoint(with: ["negative", "positive"])
    },
    .optionalText("note", "the experiment's remark on itself") {
      $0.results.run.experiment?.note.map { markdown($0) }
    },
    .number("epochs", "complete epochs") { $0.epochs },
    .number("planned_epochs", "epochs that the configuration asks for") { $0.plannedEpochs },
    .condition("is_unfinished", "whether epochs are missing") {
      $0.results.epochs < $0.results.plannedEpochs
    },
    .number("selected_epoch", "the epoch or step whose model counts, or the epochs averaged") {
      $0.selectedEpoch
    },
    .condition("is_average_selected", "whether averaged weights count, not those of an epoch") {
      $0.results.selectedEpoch == nil
    },
    .text("unit", "epoch, or step where a log from elsewhere has no epochs") {
      $0.results.unit.rawValue
    },
    .section("log", "the log from another program; absent for TransferGap's own runs") { source in
      source.results.run.imported.map {
        LogTags(log: $0, results: source.results, origins: source.origins)
      }
    },
    .section("summary", "what the run found, in words") { SummaryTags($0.results, $0.origins) },
    .section("experiment", "the configuration; absent for logs from elsewhere") { source in
      source.results.run.experiment.map { ExperimentTags(experiment: $0, origins: source.origins) }
    },
    .section("network", "the network as it was built; absent for logs from elsewhere") { source in
      source.results.started.map {
        NetworkTags(started: $0, results: source.results, origins: source.origins)
      }
    },
    .section("learning_rates", "the rates that were used, if they were logged") {
      LearningRateTags($0.results, $0.origins)
    },
    .section("environment", "what the run was computed with, if that is known") { source in
      source.results.run.environment.map {
        EnvironmentTags(environment: $0, origins: source.origins)
      }
    },
    .list("results", "one entry per split, after the selected epoch") {
      SplitTags.rows($0.results, $0.origins)
    },
    .list("few_shot", "what `report few-shot` found out afterwards, one entry per target") {
      FewShotLinkTags.all($0.results)
    },
    .list("other_metrics", "the metrics that have no name in the built-in template") { _ in
      MetricNameTags.others
    },
    .list("other_scores", "those of them in which gaps and differences are given") { _ in
      MetricNameTags.otherScores
    },
    .list("baselines", "baselines that never look at the text") {
      BaselineTags.groups($0.results, $0.origins)
    },
    .section(
      "simple_baseline",
      "logistic regressions on the checkpoint before training; absent in runs without"
    ) { $0.simpleBaseline },
    .section("final", "the part that final numbers are of, and all targets on it") {
      FinalTags($0.results, $0.origins)
    },
    .list("gaps", "one entry per target language") { $0.gaps },
    .condition("has_confusion_figure", "whether confusion matrices are shown as a figure") {
      $0.figures.isDrawn(.confusion)
    },
    .condition("has_parts", "whether there is something to say about what gaps are made of") {
      $0.gaps.contains { $0.parts != nil }
    },
    .list("choices", "which epoch to take, one entry per target language") { $0.choices },
    .section("average", "the weights of the last epochs averaged; absent if none were") {
      AverageTags($0.results, $0.origins)
    },
    .condition("is_choice_unreliable", "whether for any it is unreliable") {
      $0.choices.contains { $0.choice.isUnreliable }
    },
    .text("unreliable_for", "the target languages for which it is") {
      NumberFormat.list($0.choices.filter(\.choice.isUnreliable).map(\.language))
    },
    .list("languages", "classes and mistakes by language; none without predictions") {
      $0.languages
    },
    .section("calibration", "calibration; absent without predictions") {
      CalibrationTags($0.results, $0.origins)
    },
    .condition("has_many_targets", "whether there are more than two targets") { $0.gaps.count > 2 },
    .list("training_figures", "losses, accuracies, F1, learning rate") { $0.figures.of(.training) },
    .list("performance_figures", "ROC curves, confusion matrices, scores by class, reliability") {
      $0.figures.of(.performance)
    },
    .list("transfer_figures", "the transfer gap") { $0.figures.of(.transfer) },
    .list("dashboard_figures", "dashboard and final comparisons") { $0.figures.of(.overview) },
    .list("other_figures", "any other figures") { $0.figures.others },
    .list("goals", "what the experiment is meant to find out") {
      GoalTags.numbered($0.results.run.experiment?.goals ?? [], $0.origins)
    },
    .condition("has_predictions", "whether logits were stored") {
      $0.results.selected.values.contains { $0.confusion != nil }
    },
    .condition("has_running_values", "whether training values were taken during training") {
      source in
      orderedSplits(source.results).contains { source.results.selected[$0]?.isRunning ?? false }
    },
    .list("non_finite", "values that are not finite numbers, with their epochs") {
      EntryTags.numbered(nonFiniteValues($0.results), from: $0.origins.scores())
    },
    .list("not_logged", "values that were logged in some epochs only, with the other epochs") {
      EntryTags.numbered(valuesNotLogged($0.results), from: $0.origins.scores())
    },
    .list(
      "unanswered_elsewhere",
      "splits with examples that have no answer in epochs other than the one that counts"
    ) { EntryTags.numbered(unansweredBesideSelected($0.results), from: $0.origins.scores()) },
    .list("warnings", "what was odd about the files") { source in
      EntryTags.numbered(
        source.results.warnings.map { source.run.relative($0) },
        from: source.origins.log() + source.origins.scores())
    },
    .list("input_warnings", "what about data and settings is often a slip, declared or not") {
      InputWarningTags.all($0.results, $0.origins)
    },
    .section("checks", "what the checks of the run say") {
      ChecksTags(checks: $0.checks, results: $0.results, origins: $0.origins)
    },
    .list("absences", "what the logs do not allow") { source in
      source.results.absences.map { AbsenceTags($0, in: source.run) }
    },
    .section("savings", "operations saved; absent for logs from elsewhere") { $0.savings },
    .section("cost", "times and memory; the only values that are not reproducible") {
      CostTags($0.results, $0.origins)
    },
  ]
}

/// A line of a list.
struct EntryTags: TagSource {
  let number: Int
  let text: String
  let from: Evidence

  /// - Parameters:
  ///   - texts: the entries.
  ///   - evidence: where they come from.
  /// - Returns: an entry each, from 1.
  static func numbered(_ texts: [String], from evidence: Evidence) -> [EntryTags] {
    texts.enumerated().map {
      EntryTags(number: $0.offset + 1, text: $0.element, from: evidence)
    }
  }

  static let tags: [TagDefinition<EntryTags>] = [
    .number("number", "the entry's number, from 1") { $0.from.plain($0.number) },
    .text("text", "the entry") { markdown($0.text) },
  ]
}

/// Something that the logs do not allow.
struct AbsenceTags: TagSource {
  let absence: RunResults.Absence
  let run: RelativeText

  init(_ absence: RunResults.Absence, in run: RelativeText) {
    (self.absence, self.run) = (absence, run)
  }

  static let tags: [TagDefinition<AbsenceTags>] = [
    .text("what", "what is absent") { markdown($0.run.relative($0.absence.what)) },
    .text("why", "why it is absent") { markdown($0.run.relative($0.absence.why)) },
  ]
}

/// Names every series with values of a kind, and their epochs.
private func values(
  _ results: RunResults, evenInAllEpochs: Bool = true,
  _ isSuch: (SplitResult, Metric) -> Bool
) -> [String] {
  var sentences: [String] = []
  for split in orderedSplits(results) {
    guard let series = results.byEpoch[split] else { continue }
    // What has no figure is no gap in one.
    for metric in Metric.all where Metric.drawn.contains(metric) {
      let such = series.indices.filter { isSuch(series[$0], metric) }
      if such.isEmpty || !evenInAllEpochs && such.count == series.count { continue }
      let unit = results.unit.rawValue
      sentences.append(
        "\(languageName(split, results)) \(partName(split.part)) \(metric.name) in "
          + (such.count == series.count && such.count > 1
            ? "every \(unit)"
            : "\(unit)\(such.count == 1 ? "" : "s") "
              + NumberFormat.list(such.map { results.place($0 + 1) })))
    }
  }
  return sentences
}

private func nonFiniteValues(_ results: RunResults) -> [String] {
  let rates = results.learningRates.filter { !$0.rate.isFinite }.count
  return values(results) { $0.isNotFinite($1) }
    + (rates > 0 ? ["\(rates) of the logged learning rates"] : [])
}

/// What was logged in some epochs and not in others; what a program never logs is no gap.
private func valuesNotLogged(_ results: RunResults) -> [String] {
  values(results, evenInAllEpochs: false) { $0.isAbsent($1) }
}

/// How many examples have no answer with which weights other than those that count, of which the summary tells.
private func unansweredBesideSelected(_ results: RunResults) -> [String] {
  orderedSplits(results).flatMap { split -> [String] in
    var others: [(result: SplitResult, place: String)] = []
    for (index, result) in (results.byEpoch[split] ?? []).enumerated()
    where index + 1 != results.selectedEpoch {
      others.append((result, "in \(results.moment(index + 1))"))
    }
    if let average = results.average, results.selectedEpoch != nil,
      let result = average.results[split]
    {
      let (first, last) = (average.epochs.lowerBound, average.epochs.upperBound)
      others.append((result, "with the average of epochs \(first) to \(last)"))
    }
    return others.filter { $0.result.unanswered > 0 }.map { result, place in
      "\(NumberFormat.count(result.unanswered)) of "
        + "\(NumberFormat.count(result.examples ?? 0, "example")) of \(languageName(split, results)) "
        + "\(partName(split.part)) \(place)"
    }
  }
}

/// The splits of a run in the order of the report: source before targets, training first.
func orderedSplits(_ results: RunResults) -> [Split] {
  ([results.source] + results.targets).flatMap { language in
    Part.allCases.map { Split(language.code, $0) }
  }.filter { results.selected[$0] != nil || results.byEpoch[$0] != nil }
}

/// The same, with the splits of each of several sources after those of all of them.
func splitsWithEachSource(_ results: RunResults) -> [Split] {
  guard results.hasSeveralSources else { return orderedSplits(results) }
  let each = results.sources.flatMap { language in
    [Part.validation, .test].map { Split(language.code, $0) }
  }.filter { results.selected[$0] != nil }
  let all = orderedSplits(results)
  let pooled = all.filter { $0.language == results.source.code }
  return pooled + each + all.dropFirst(pooled.count)
}

func languageName(_ split: Split, _ results: RunResults) -> String {
  ([results.source] + results.sources + results.targets)
    .first { $0.code == split.language }?.name ?? split.language
}

func partName(_ part: Part) -> String {
  switch part {
  case .train: "training"
  case .validation: "validation"
  case .test: "test"
  }
}
