internal import Foundation
internal import Results
internal import RunLog

/// Everything that a comparison of runs prints.
struct ComparisonData: TagSource {
  let title: String
  let runs: PrintedNumber
  let configurationCount: PrintedNumber
  let configurations: [ConfigurationTags]
  let settings: SettingsTags?
  let warnings: [EntryTags]
  let unanswered: [ComparedUnansweredTags]
  let splits: [SplitComparisonTags]
  let gaps: [GapComparisonTags]
  let margin: PrintedNumber
  let hasOnePointMargin: Bool
  let hasSeeds: Bool
  let hasTwoSeeds: Bool
  let hasThreeSeeds: Bool
  let hasFewSeeds: Bool
  let hasPairs: Bool
  let hasMcNemar: Bool
  let hasContrasts: Bool
  let figures: [FigureTags]

  /// - Parameters:
  ///   - comparison: the numbers.
  ///   - title: what is compared.
  ///   - figures: drawn or absent.
  ///   - origins: where the numbers come from.
  init(
    _ comparison: RunComparison, title: String, figures: [FigureTags], _ origins: ComparedOrigins
  ) {
    self.title = markdown(title)
    self.figures = figures
    runs = origins.record("runs").count(
      comparison.groups.reduce(0) { $0 + $1.runs.count }, "run")
    configurationCount = origins.record("runs").count(comparison.groups.count, "configuration")
    configurations = comparison.groups.indices.map {
      ConfigurationTags($0, comparison.groups[$0], origins)
    }
    settings = SettingsTags(comparison, origins)
    warnings = EntryTags.numbered(comparison.warnings, from: origins.all { $0.log() })
    unanswered = comparison.unanswered.map { ComparedUnansweredTags($0, comparison, origins) }
    splits = comparison.splits.map { SplitComparisonTags($0, comparison, origins) }
    gaps = comparison.gaps.map { GapComparisonTags($0, comparison, origins) }
    margin = origins.record("margin").number(
      NumberFormat.setting(100 * comparison.margin), [comparison.margin], .points)
    hasOnePointMargin = comparison.margin == 0.01
    let counts = comparison.groups.map(\.runs.count)
    hasSeeds = counts.contains { $0 > 1 }
    hasTwoSeeds = counts.contains(2)
    hasThreeSeeds = counts.contains { $0 > 2 }
    hasFewSeeds = counts.contains { $0 < 3 }
    let pairs = comparison.splits.flatMap(\.pairs)
    hasPairs = !pairs.isEmpty
    hasMcNemar = pairs.contains(where: \.isMcNemar)
    hasContrasts = pairs.contains { !$0.isMcNemar }
  }

  static let tags: [TagDefinition<ComparisonData>] = [
    .text("title", \.title, "what is compared"),
    .number("runs", \.runs, "how many runs, with the noun"),
    .number("configuration_count", \.configurationCount, "how many configurations, with the noun"),
    .list(
      "configurations", \.configurations, "the configurations, each of one run or of several seeds"),
    .section("settings", \.settings, "what differs in the configurations; absent if nothing does"),
    .list(
      "warnings", \.warnings, "what differs besides the configuration or prevents a comparison"),
    .list(
      "unanswered", \.unanswered,
      "splits with examples that have no answer in a run, a run at a time"),
    .list("splits", \.splits, "the validation and test splits"),
    .list("gaps", \.gaps, "differences of transfer gaps, one per target, part and pair"),
    .number("margin", \.margin, "the margin of equivalence in percentage points"),
    .condition(
      "has_one_point_margin", \.hasOnePointMargin, "whether the margin is one percentage point"),
    .condition("has_seeds", \.hasSeeds, "whether a configuration has several seeds"),
    .condition("has_two_seeds", \.hasTwoSeeds, "whether a configuration has just two seeds"),
    .condition("has_three_seeds", \.hasThreeSeeds, "whether a configuration has three or more"),
    .condition("has_few_seeds", \.hasFewSeeds, "whether a configuration has fewer than three"),
    .condition("has_pairs", \.hasPairs, "whether any two configurations share examples"),
    .condition("has_mcnemar", \.hasMcNemar, "whether any two single runs are tested"),
    .condition("has_contrasts", \.hasContrasts, "whether any pair with several seeds is tested"),
    .list("figures", \.figures, "the figures that could be drawn, and those that could not"),
  ]
}

/// A configuration among those compared.
struct ConfigurationTags: TagSource {
  let name: String
  let seeds: PrintedNumber
  let runs: PrintedNumber
  let trainable: PrintedNumber
  let epochs: PrintedNumber
  let folders: String

  init(_ place: Int, _ group: RunGroup, _ origins: ComparedOrigins) {
    name = markdown(group.name)
    let ofSeeds = origins.group(place) { $0.configuration("training.seed") }
    seeds =
      group.seeds.isEmpty
      ? origins.record("runs").unknown(.setting)
      : ofSeeds.number(
        NumberFormat.list(group.seeds.map { String($0) }), group.seeds, .setting)
    runs = origins.record("runs").count(group.runs.count)
    trainable =
      group.runs[0].started.map { started in
        origins.group(place) { $0.started("trainable_parameters") }
          .count(started.trainableParameters)
      } ?? origins.record("runs").unknown(.count)
    let epochs = group.runs.map(\.epochs)
    let ofEpochs = origins.group(place) { $0.epochs("epoch") }
    self.epochs =
      Set(epochs).count == 1
      ? ofEpochs.count(epochs[0])
      : ofEpochs.number(epochs.map(NumberFormat.count).joined(separator: ", "), epochs)
    folders = markdown(group.runs.map(\.folder).joined(separator: ", "))
  }

  static let tags: [TagDefinition<ConfigurationTags>] = [
    .text("name", \.name, "its name"),
    .number("seeds", \.seeds, "the seeds of its runs"),
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

  init?(_ comparison: RunComparison, _ origins: ComparedOrigins) {
    guard !comparison.configurations.rows.isEmpty else { return nil }
    names = comparison.groups.map { CellTags(text: markdown($0.name)) }
    rows = comparison.configurations.rows.map { row in
      SettingTags(
        key: markdown(row.key),
        values: row.values.enumerated().map { place, value in
          CellTags(
            value, from: origins.group(place) { $0.configuration(row.key) })
        })
    }
  }

  static let tags: [TagDefinition<SettingsTags>] = [
    .list("names", \.names, "the configurations' names, one column each"),
    .list("rows", \.rows, "the keys that differ"),
  ]
}

struct SettingTags: TagSource {
  let key: String
  let values: [CellTags]

  static let tags: [TagDefinition<SettingTags>] = [
    .text("key", \.key, "such as training.epochs"),
    .list("values", \.values, "one per configuration"),
  ]
}

/// A cell of a table.
struct CellTags: TagSource {
  let text: String
  /// `nil` for words.
  let number: PrintedNumber?

  init(text: String) { (self.text, number) = (text, nil) }

  /// A setting as its file has it, `nil` where the key does not occur.
  init(_ setting: String?, from: Evidence) {
    let words = setting.map { markdown($0) } ?? NumberFormat.unknown
    text = words
    // The language `nan` (Min Nan) is no number.
    number = setting.flatMap { Double($0) }.flatMap { value in
      guard value.isFinite else { return nil }
      // A tenth of a rate, which is what a schedule ends at if nothing else is said, is seldom a short number.
      let rounded = Double(String(format: "%.12g", value)) ?? value
      return from.number(
        Int(words) == nil ? NumberFormat.setting(rounded) : words, [value], .setting)
    }
  }

  static let tags: [TagDefinition<CellTags>] = [
    .text("text", \.text, number: \.number, "its text")
  ]
}
