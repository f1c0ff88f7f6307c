internal import Metrics
internal import Results
internal import RunLog

/// Every value that a report prints, by the name a template calls it.
///
/// Numbers are formatted and text from outside is escaped here, so that a template holds words and
/// order only.
struct ReportData: TagSource {
  let name: String
  let source: String
  let targets: String
  let hasTargets: Bool
  let isSentiment: Bool
  let note: String?
  let epochs: PrintedNumber
  let plannedEpochs: PrintedNumber
  let isUnfinished: Bool
  let selectedEpoch: PrintedNumber
  let unit: String
  let log: LogTags?
  let summary: SummaryTags
  let experiment: ExperimentTags?
  let network: NetworkTags?
  let learningRates: LearningRateTags?
  let environment: EnvironmentTags?
  let results: [SplitTags]
  let baselines: [BaselineTags]
  let final: FinalTags
  let gaps: [GapTags]
  let choices: [EpochChoiceTags]
  let languages: [LanguageTags]
  let calibration: CalibrationTags?
  let trainingFigures: [FigureTags]
  let performanceFigures: [FigureTags]
  let transferFigures: [FigureTags]
  let dashboardFigures: [FigureTags]
  let otherFigures: [FigureTags]
  let goals: [GoalTags]
  let hasPredictions: Bool
  let hasRunningValues: Bool
  let nonFinite: [EntryTags]
  let notLogged: [EntryTags]
  let unansweredEarlier: [EntryTags]
  let warnings: [EntryTags]
  let inputWarnings: [InputWarningTags]
  let absences: [AbsenceTags]
  let savings: SavingsTags?
  let cost: CostTags?

  init(
    _ results: RunResults, figures: [ReportFigure], absentFigures: [AbsentFigure],
    options: ReportOptions
  ) throws {
    let run = RelativeText(results.run)
    name = markdown(results.name)
    source = markdown(results.source.name)
    targets = NumberFormat.list(results.targets.map { markdown($0.name) })
    hasTargets = !results.targets.isEmpty
    isSentiment = !Set(results.labels).isDisjoint(with: ["negative", "positive"])
    note = results.run.experiment?.note.map { markdown($0) }
    let origins = Origins(results)
    let ofEpochs = origins.epochs("epoch")
    unit = results.unit.rawValue
    log = results.run.imported.map { LogTags($0, results, origins) }
    epochs = ofEpochs.place(results.epochs, results)
    plannedEpochs =
      results.run.experiment == nil
      ? epochs : origins.configuration("training.epochs").plain(results.plannedEpochs)
    isUnfinished = results.epochs < results.plannedEpochs
    selectedEpoch =
      (results.run.experiment?.select == .bestSourceValidation
      ? origins.series(Split(results.source.code, .validation)) : ofEpochs)
      .place(results.selectedEpoch, results)
    summary = SummaryTags(results, origins)
    experiment = results.run.experiment.map { ExperimentTags($0, origins) }
    network = results.started.map { NetworkTags($0, results, origins) }
    learningRates = LearningRateTags(results, origins)
    environment = results.run.environment.map { EnvironmentTags($0, origins) }
    let rows = SplitTags.rows(results, origins)
    self.results = rows
    baselines = BaselineTags.groups(results, origins)
    final = FinalTags(results, origins)
    gaps = try GapTags.all(results, origins)
    choices = results.targets.compactMap { target in
      results.epochChoice(for: target).map { EpochChoiceTags($0, results, origins) }
    }
    languages = try LanguageTags.all(results, origins, showsExamples: options.showsExamples)
    calibration = CalibrationTags(results, origins)
    let places = FigurePlaces(figures, absentFigures, in: run)
    trainingFigures = places.figures(["losses", "accuracies", "f1_scores", "learning_rate"])
    performanceFigures = places.figures(["ROC", "confusion", "per_class", "calibration"])
    transferFigures = places.figures(["transfer_gap", "final_gaps"])
    dashboardFigures = places.figures(["dashboard", "final_comparison", "accuracy_f1_comparison"])
    otherFigures = places.others
    goals = GoalTags.numbered(results.run.experiment?.goals ?? [], origins)
    hasPredictions = results.selected.values.contains { $0.confusion != nil }
    hasRunningValues = rows.contains { $0.isRunning }
    nonFinite = EntryTags.numbered(nonFiniteValues(results), from: origins.scores())
    notLogged = EntryTags.numbered(valuesNotLogged(results), from: origins.scores())
    unansweredEarlier = EntryTags.numbered(
      unansweredBesideSelected(results), from: origins.scores())
    warnings = EntryTags.numbered(
      results.warnings.map { run.relative($0) }, from: origins.log() + origins.scores())
    inputWarnings = InputWarningTags.all(results, origins)
    absences = results.absences.map { AbsenceTags($0, in: run) }
    savings = try SavingsTags(results, origins)
    cost = CostTags(results, origins)
  }

  static let tags: [TagDefinition<ReportData>] = [
    .text("name", \.name, "the experiment's name"),
    .text("source", \.source, "the source language"),
    .text("targets", \.targets, "the target languages, listed"),
    .condition("has_targets", \.hasTargets, "whether there is a target language"),
    .condition("is_sentiment", \.isSentiment, "whether the labels are those of sentiment"),
    .optionalText("note", \.note, "the experiment's remark on itself"),
    .number("epochs", \.epochs, "complete epochs"),
    .number("planned_epochs", \.plannedEpochs, "epochs that the configuration asks for"),
    .condition("is_unfinished", \.isUnfinished, "whether epochs are missing"),
    .number("selected_epoch", \.selectedEpoch, "the epoch or step whose model counts"),
    .text("unit", \.unit, "epoch, or step where a log from elsewhere has no epochs"),
    .section("log", \.log, "the log from another program; absent for TransferGap's own runs"),
    .section("summary", \.optionalSummary, "what the run found, in words"),
    .section("experiment", \.experiment, "the configuration; absent for logs from elsewhere"),
    .section("network", \.network, "the network as it was built; absent for logs from elsewhere"),
    .section("learning_rates", \.learningRates, "the rates that were used, if they were logged"),
    .section("environment", \.environment, "what the run was computed with, if that is known"),
    .list("results", \.results, "one entry per split, after the selected epoch"),
    .list("baselines", \.baselines, "baselines that never look at the text"),
    .section("final", \.optionalFinal, "the part that final numbers are of, and all targets on it"),
    .list("gaps", \.gaps, "one entry per target language"),
    .condition(
      "has_confusion_figure", \.hasConfusionFigure,
      "whether confusion matrices are shown as a figure"),
    .condition(
      "has_parts", \.hasParts, "whether there is something to say about what gaps are made of"),
    .list("choices", \.choices, "which epoch to take, one entry per target language"),
    .condition("is_choice_unreliable", \.isChoiceUnreliable, "whether for any it is unreliable"),
    .text("unreliable_for", \.unreliableFor, "the target languages for which it is"),
    .list("languages", \.languages, "classes and mistakes by language; none without predictions"),
    .section("calibration", \.calibration, "calibration; absent without predictions"),
    .condition("has_many_targets", \.hasManyTargets, "whether there are more than two targets"),
    .list("training_figures", \.trainingFigures, "losses, accuracies, F1, learning rate"),
    .list(
      "performance_figures", \.performanceFigures,
      "ROC curves, confusion matrices, scores by class, reliability"),
    .list("transfer_figures", \.transferFigures, "the transfer gap"),
    .list("dashboard_figures", \.dashboardFigures, "dashboard and final comparisons"),
    .list("other_figures", \.otherFigures, "any other figures"),
    .list("goals", \.goals, "what the experiment is meant to find out"),
    .condition("has_predictions", \.hasPredictions, "whether logits were stored"),
    .condition(
      "has_running_values", \.hasRunningValues, "whether training values were taken during training"
    ),
    .list("non_finite", \.nonFinite, "values that are not finite numbers, with their epochs"),
    .list(
      "not_logged", \.notLogged,
      "values that were logged in some epochs only, with the other epochs"),
    .list(
      "unanswered_elsewhere", \.unansweredEarlier,
      "splits with examples that have no answer in epochs other than the one that counts"),
    .list("warnings", \.warnings, "what was odd about the files"),
    .list(
      "input_warnings", \.inputWarnings,
      "what about data and settings is often a slip, declared or not"),
    .list("absences", \.absences, "what the logs do not allow"),
    .section("savings", \.savings, "operations saved; absent for logs from elsewhere"),
    .section("cost", \.cost, "times and memory; the only values that are not reproducible"),
  ]

  private var optionalSummary: SummaryTags? { summary }
  private var hasConfusionFigure: Bool {
    performanceFigures.contains { $0.file == "confusion.png" && $0.reason == nil }
  }
  private var hasParts: Bool { gaps.contains { $0.parts != nil } }
  private var hasManyTargets: Bool { gaps.count > 2 }
  private var optionalFinal: FinalTags? { final }
  private var isChoiceUnreliable: Bool { choices.contains { $0.isUnreliable } }
  private var unreliableFor: String {
    NumberFormat.list(choices.filter(\.isUnreliable).map(\.language))
  }
}

/// A line of a list.
struct EntryTags: TagSource {
  let number: PrintedNumber
  let text: String

  /// - Parameters:
  ///   - texts: the entries.
  ///   - evidence: where they come from.
  /// - Returns: an entry each, from 1.
  static func numbered(_ texts: [String], from evidence: Evidence) -> [EntryTags] {
    texts.enumerated().map {
      EntryTags(number: evidence.plain($0.offset + 1), text: markdown($0.element))
    }
  }

  static let tags: [TagDefinition<EntryTags>] = [
    .number("number", \.number, "the entry's number, from 1"),
    .text("text", \.text, "the entry"),
  ]
}

/// Something that the logs do not allow.
struct AbsenceTags: TagSource {
  let what: String
  let why: String

  init(_ absence: RunResults.Absence, in run: RelativeText) {
    what = markdown(run.relative(absence.what))
    why = markdown(run.relative(absence.why))
  }

  static let tags: [TagDefinition<AbsenceTags>] = [
    .text("what", \.what, "what is absent"),
    .text("why", \.why, "why it is absent"),
  ]
}

/// Sorts figures into the report's groups.
private struct FigurePlaces {
  private let places: [(name: String, tags: FigureTags)]

  init(_ figures: [ReportFigure], _ absentFigures: [AbsentFigure], in run: RelativeText) {
    places =
      figures.map { ($0.name, FigureTags($0)) }
      + absentFigures.map { ($0.name, FigureTags($0, in: run)) }
  }

  static let known = [
    "losses", "accuracies", "learning_rate", "ROC", "transfer_gap", "dashboard", "final_comparison",
    "final_gaps",
    "f1_scores", "accuracy_f1_comparison", "confusion", "calibration", "per_class",
  ]

  func figures(_ names: [String]) -> [FigureTags] {
    names.compactMap { name in places.first { $0.name == name }?.tags }
  }

  var others: [FigureTags] { places.filter { !Self.known.contains($0.name) }.map(\.tags) }
}

/// Names every series with values of a kind, and their epochs.
private func values(
  _ results: RunResults, evenInAllEpochs: Bool = true,
  _ isSuch: (SplitResult, Metric) -> Bool
) -> [String] {
  var sentences: [String] = []
  for split in orderedSplits(results) {
    guard let series = results.byEpoch[split] else { continue }
    for metric in Metric.all {
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

/// How many examples have no answer in which epochs other than the one that counts, of which the summary tells.
private func unansweredBesideSelected(_ results: RunResults) -> [String] {
  orderedSplits(results).flatMap { split -> [String] in
    (results.byEpoch[split] ?? []).enumerated().compactMap { index, result in
      guard result.unanswered > 0, index + 1 != results.selectedEpoch else { return nil }
      return "\(NumberFormat.count(result.unanswered)) of "
        + "\(NumberFormat.count(result.examples ?? 0, "example")) of \(languageName(split, results)) "
        + "\(partName(split.part)) in \(results.moment(index + 1))"
    }
  }
}

/// The splits of a run in the order of the report: source before targets, training first.
func orderedSplits(_ results: RunResults) -> [Split] {
  ([results.source] + results.targets).flatMap { language in
    Part.allCases.map { Split(language.code, $0) }
  }.filter { results.selected[$0] != nil || results.byEpoch[$0] != nil }
}

func languageName(_ split: Split, _ results: RunResults) -> String {
  ([results.source] + results.targets).first { $0.code == split.language }?.name ?? split.language
}

func partName(_ part: Part) -> String {
  switch part {
  case .train: "training"
  case .validation: "validation"
  case .test: "test"
  }
}
