internal import Foundation
internal import Metrics
internal import Results
internal import RunLog

/// Everything that a comparison of runs prints.
struct ComparisonData: TagSource {
  let title: String
  let runs: PrintedNumber
  let configurations: [ConfigurationTags]
  let settings: SettingsTags?
  let warnings: [EntryTags]
  let splits: [SplitComparisonTags]
  let gaps: [GapComparisonTags]
  let margin: PrintedNumber
  let hasSeeds: Bool
  let hasTwoSeeds: Bool
  let hasPairs: Bool
  let figures: [FigureTags]

  init(_ comparison: RunComparison, title: String, figures: [FigureTags]) {
    let from = Evidence([])
    self.title = markdown(title)
    self.figures = figures
    runs = from.count(comparison.groups.reduce(0) { $0 + $1.runs.count }, "run")
    configurations = comparison.groups.map { ConfigurationTags($0) }
    settings = SettingsTags(comparison)
    warnings = EntryTags.numbered(comparison.warnings)
    splits = comparison.splits.map { SplitComparisonTags($0, comparison) }
    gaps = comparison.gaps.map { GapComparisonTags($0, comparison) }
    margin = from.decimal(100 * comparison.margin, digits: 1, .points)
    hasSeeds = comparison.groups.contains { $0.runs.count > 1 }
    hasTwoSeeds = comparison.groups.contains { $0.runs.count == 2 }
    hasPairs = comparison.splits.contains { !$0.pairs.isEmpty }
  }

  static let tags: [TagDefinition<ComparisonData>] = [
    .text("title", \.title, "what is compared"),
    .number("runs", \.runs, "how many runs, with the noun"),
    .list(
      "configurations", \.configurations, "the configurations, each of one run or of several seeds"),
    .section("settings", \.settings, "what differs in the configurations; absent if nothing does"),
    .list("warnings", \.warnings, "what differs beside the configuration or stands in the way"),
    .list("splits", \.splits, "the validation and test splits"),
    .list("gaps", \.gaps, "differences of transfer gaps, one a target, part and pair"),
    .number("margin", \.margin, "the margin of equivalence in percentage points"),
    .condition("has_seeds", \.hasSeeds, "whether a configuration has several seeds"),
    .condition("has_two_seeds", \.hasTwoSeeds, "whether a configuration has just two seeds"),
    .condition("has_pairs", \.hasPairs, "whether any two configurations share examples"),
    .list("figures", \.figures, "the figures that could be drawn, and those that could not"),
  ]
}

/// A configuration among those compared.
struct ConfigurationTags: TagSource {
  let name: String
  let seeds: String
  let runs: PrintedNumber
  let trainable: PrintedNumber
  let epochs: PrintedNumber
  let folders: String

  init(_ group: RunGroup) {
    let from = Evidence([])
    name = markdown(group.name)
    seeds =
      group.seeds.isEmpty
      ? NumberFormat.unknown : NumberFormat.list(group.seeds.map { String($0) })
    runs = from.count(group.runs.count)
    trainable =
      group.runs[0].started.map { from.count($0.trainableParameters) } ?? from.unknown(.count)
    let epochs = group.runs.map(\.epochs)
    self.epochs =
      Set(epochs).count == 1
      ? from.count(epochs[0])
      : from.number(epochs.map(NumberFormat.count).joined(separator: ", "), epochs)
    folders = markdown(group.runs.map(\.folder).joined(separator: ", "))
  }

  static let tags: [TagDefinition<ConfigurationTags>] = [
    .text("name", \.name, "its name"),
    .text("seeds", \.seeds, "the seeds of its runs"),
    .number("runs", \.runs, "how many runs it has"),
    .number("trainable", \.trainable, "its trainable parameters"),
    .number("epochs", \.epochs, "the complete epochs of its runs"),
    .text("folders", \.folders, "the names of the run directories"),
  ]
}

/// Keys whose values differ between configurations.
struct SettingsTags: TagSource {
  let names: [CellTags]
  let rows: [SettingTags]

  init?(_ comparison: RunComparison) {
    guard !comparison.configurations.rows.isEmpty else { return nil }
    names = comparison.groups.map { CellTags(text: markdown($0.name)) }
    rows = comparison.configurations.rows.map { row in
      SettingTags(
        key: markdown(row.key),
        values: row.values.map { CellTags(text: $0.map { markdown($0) } ?? NumberFormat.unknown) })
    }
  }

  static let tags: [TagDefinition<SettingsTags>] = [
    .list("names", \.names, "the configurations' names, a column each"),
    .list("rows", \.rows, "the keys that differ"),
  ]
}

struct SettingTags: TagSource {
  let key: String
  let values: [CellTags]

  static let tags: [TagDefinition<SettingTags>] = [
    .text("key", \.key, "such as training.epochs"),
    .list("values", \.values, "one a configuration"),
  ]
}

/// A cell of a table.
struct CellTags: TagSource {
  let text: String

  static let tags: [TagDefinition<CellTags>] = [.text("text", \.text, "what stands in it")]
}

/// All configurations on one split.
struct SplitComparisonTags: TagSource {
  let language: String
  let part: String
  let rows: [ComparedRowTags]
  let pairs: [PairTags]

  init(_ split: SplitComparison, _ comparison: RunComparison) {
    language = markdown(nameOfLanguage(split.split.language, comparison))
    part = partName(split.split.part)
    rows = split.rows.map { ComparedRowTags($0, comparison) }
    pairs = split.pairs.map { PairTags($0, comparison) }
  }

  static let tags: [TagDefinition<SplitComparisonTags>] = [
    .text("language", \.language, "the split's language"),
    .text("part", \.part, "validation or test"),
    .list("rows", \.rows, "the configurations' results"),
    .list("pairs", \.pairs, "every two configurations with the same examples"),
  ]
}

/// A configuration's results on a split.
struct ComparedRowTags: TagSource {
  let name: String
  let runs: PrintedNumber
  let accuracy: EstimateTags?
  let macroF1: EstimateTags?
  let loss: EstimateTags?
  let seedDeviation: PrintedNumber
  let seedShare: PrintedNumber

  init(_ row: SplitComparison.Row, _ comparison: RunComparison) {
    let from = Evidence([])
    let group = comparison.groups[row.group]
    name = markdown(group.name)
    runs = from.count(group.runs.count)
    func estimate(
      _ metric: ComparedMetric, _ quantity: EstimateTags.Quantity, _ anchor: String
    ) -> EstimateTags {
      if let estimate = row.estimates[metric] {
        return EstimateTags(estimate, quantity, anchor, from: from)
      }
      return EstimateTags(row.metrics[metric]?.mean.value, quantity, anchor, from: from)
    }
    accuracy = estimate(.accuracy, .share, "accuracy")
    macroF1 = estimate(.macroF1, .score, "f1")
    loss = estimate(.loss, .nats, "loss")
    seedDeviation =
      row.metrics[.accuracy]?.standardDeviation.map {
        from.decimal(100 * $0, digits: 1, .points)
      } ?? from.unknown(.points)
    seedShare =
      row.variance.flatMap { variance -> PrintedNumber? in
        // A variance from two values has one degree of freedom.
        guard variance.seeds > 2 else { return nil }
        let whole = variance.seedVariance + variance.samplingVariance
        return whole > 0 ? from.percent(variance.seedVariance / whole, digits: 0) : nil
      } ?? from.unknown(.share)
  }

  static let tags: [TagDefinition<ComparedRowTags>] = [
    .text("name", \.name, "the configuration"),
    .number("runs", \.runs, "how many runs it has"),
    .section("accuracy", \.accuracy, "the mean over its runs"),
    .section("macro_f1", \.macroF1, "the mean over its runs"),
    .section("loss", \.loss, "the mean over its runs, in nats"),
    .number(
      "seed_deviation", \.seedDeviation, "the accuracy's standard deviation over seeds, in points"),
    .number(
      "seed_share", \.seedShare, "the share of the accuracy's variance that is due to the seeds"),
  ]
}

/// Two configurations on the same examples, the first minus the second.
struct PairTags: TagSource {
  let first: String
  let second: String
  let accuracy: EstimateTags?
  let macroF1: EstimateTags?
  let pValue: PrintedNumber
  let adjustedPValue: PrintedNumber
  let isMcNemar: Bool
  let isDifferent: Bool
  let isEquivalent: Bool
  let equivalencePValue: PrintedNumber
  let onlyFirst: PrintedNumber
  let onlySecond: PrintedNumber
  let onlyFirstRows: PrintedNumber
  let onlySecondRows: PrintedNumber

  init(_ pair: SplitComparison.Pair, _ comparison: RunComparison) {
    let from = Evidence([])
    first = markdown(comparison.groups[pair.a].name)
    second = markdown(comparison.groups[pair.b].name)
    accuracy = EstimateTags(pair.accuracy, .points, "accuracy", from: from)
    macroF1 = EstimateTags(pair.macroF1, .scoreChange, "f1", from: from)
    pValue = from.probability(pair.pValue)
    adjustedPValue = from.probability(pair.adjustedPValue)
    isMcNemar = pair.isMcNemar
    isDifferent = pair.adjustedPValue <= 0.05
    isEquivalent = pair.equivalence.map { $0.pValue <= 0.05 } ?? false
    equivalencePValue =
      pair.equivalence.map { from.probability($0.pValue) } ?? from.unknown(.ratio)
    onlyFirst = from.count(pair.onlyA.count)
    onlySecond = from.count(pair.onlyB.count)
    func rows(_ rows: [Int]) -> PrintedNumber {
      from.number(
        rows.isEmpty ? "none" : rows.map { String($0) }.joined(separator: ", "), rows)
    }
    onlyFirstRows = rows(pair.onlyA)
    onlySecondRows = rows(pair.onlyB)
  }

  static let tags: [TagDefinition<PairTags>] = [
    .text("first", \.first, "one configuration"),
    .text("second", \.second, "the other"),
    .section("accuracy", \.accuracy, "the first's minus the second's, in percentage points"),
    .section("macro_f1", \.macroF1, "the same of macro F1"),
    .number("p_value", \.pValue, "of the test that accuracies are equal, two-sided"),
    .number("adjusted_p_value", \.adjustedPValue, "after Holm's correction over splits and pairs"),
    .condition("is_mcnemar", \.isMcNemar, "whether the test is McNemar's exact one"),
    .condition("is_different", \.isDifferent, "whether the adjusted p-value is at most 0.05"),
    .condition("is_equivalent", \.isEquivalent, "whether both one-sided tests are significant"),
    .number("equivalence_p_value", \.equivalencePValue, "the larger of two one-sided p-values"),
    .number("only_first", \.onlyFirst, "how many examples only the first labels correctly"),
    .number("only_second", \.onlySecond, "how many only the second does"),
    .number("only_first_rows", \.onlyFirstRows, "their rows in the data file, from 0"),
    .number("only_second_rows", \.onlySecondRows, "their rows in the data file, from 0"),
  ]
}

/// The transfer gaps of two configurations.
struct GapComparisonTags: TagSource {
  let language: String
  let part: String
  let first: String
  let second: String
  let gapFirst: PrintedNumber
  let gapSecond: PrintedNumber
  let difference: EstimateTags?

  init(_ gap: GapComparison, _ comparison: RunComparison) {
    let from = Evidence([])
    language = markdown(nameOfLanguage(gap.target, comparison))
    part = partName(gap.part)
    first = markdown(comparison.groups[gap.a].name)
    second = markdown(comparison.groups[gap.b].name)
    gapFirst = from.points(gap.gapA)
    gapSecond = from.points(gap.gapB)
    difference = EstimateTags(gap.difference, .points, "transfer-gap", from: from)
  }

  static let tags: [TagDefinition<GapComparisonTags>] = [
    .text("language", \.language, "the target language"),
    .text("part", \.part, "validation or test"),
    .text("first", \.first, "one configuration"),
    .text("second", \.second, "the other"),
    .number("gap_first", \.gapFirst, "the first's gap in percentage points"),
    .number("gap_second", \.gapSecond, "the second's"),
    .section("difference", \.difference, "the first's minus the second's"),
  ]
}

/// A language's name as the runs call it.
func nameOfLanguage(_ code: String, _ comparison: RunComparison) -> String {
  for run in comparison.groups.flatMap(\.runs) {
    if let language = ([run.source] + run.targets).first(where: { $0.code == code }) {
      return language.name
    }
  }
  return code
}

extension Evidence {
  /// A p-value, such as `0.031` or `< 0.0001`.
  func probability(_ value: Double) -> PrintedNumber {
    guard value.isFinite else { return unknown(.ratio) }
    let text =
      value < 0.0001
      ? "< 0.0001" : NumberFormat.decimal(value, digits: value < 0.01 ? 4 : value < 0.1 ? 3 : 2)
    return number(markdown(text), [value], .ratio)
  }
}
