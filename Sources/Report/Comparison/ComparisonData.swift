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
    splits = comparison.splits.map {
      SplitComparisonTags(split: $0, comparison: comparison, origins: origins)
    }
    gaps = comparison.gaps.map {
      GapComparisonTags(gap: $0, comparison: comparison, origins: origins)
    }
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
    .text("title", "what is compared") { $0.title },
    .number("runs", "how many runs, with the noun") { $0.runs },
    .number("configuration_count", "how many configurations, with the noun") {
      $0.configurationCount
    },
    .list("configurations", "the configurations, each of one run or of several seeds") {
      $0.configurations
    },
    .section("settings", "what differs in the configurations; absent if nothing does") {
      $0.settings
    },
    .list("warnings", "what differs besides the configuration or prevents a comparison") {
      $0.warnings
    },
    .list("unanswered", "splits with examples that have no answer in a run, a run at a time") {
      $0.unanswered
    },
    .list("splits", "the validation and test splits") { $0.splits },
    .list("other_metrics", "the metrics that have no name in the built-in template") { _ in
      MetricNameTags.others
    },
    .list("other_scores", "those of them in which gaps and differences are given") { _ in
      MetricNameTags.otherScores
    },
    .list("gaps", "differences of transfer gaps, one per target, part and pair") { $0.gaps },
    .number("margin", "the margin of equivalence in percentage points") { $0.margin },
    .condition("has_one_point_margin", "whether the margin is one percentage point") {
      $0.hasOnePointMargin
    },
    .condition("has_seeds", "whether a configuration has several seeds") { $0.hasSeeds },
    .condition("has_two_seeds", "whether a configuration has just two seeds") { $0.hasTwoSeeds },
    .condition("has_three_seeds", "whether a configuration has three or more") { $0.hasThreeSeeds },
    .condition("has_few_seeds", "whether a configuration has fewer than three") { $0.hasFewSeeds },
    .condition("has_pairs", "whether any two configurations share examples") { $0.hasPairs },
    .condition("has_mcnemar", "whether any two single runs are tested") { $0.hasMcNemar },
    .condition("has_contrasts", "whether any pair with several seeds is tested") {
      $0.hasContrasts
    },
    .list("figures", "the figures that could be drawn, and those that could not") { $0.figures },
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
    .text("name", "its name") { $0.name },
    .number("seeds", "the seeds of its runs") { $0.seeds },
    .number("runs", "how many runs it has") { $0.runs },
    .number("trainable", "its trainable parameters") { $0.trainable },
    .number("epochs", "the complete epochs of its runs") { $0.epochs },
    .text("folders", "the names of the run directories") { $0.folders },
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
    .list("names", "the configurations' names, one column each") { $0.names },
    .list("rows", "the keys that differ") { $0.rows },
  ]
}

struct SettingTags: TagSource {
  let key: String
  let values: [CellTags]

  static let tags: [TagDefinition<SettingTags>] = [
    .text("key", "such as training.epochs") { $0.key },
    .list("values", "one per configuration") { $0.values },
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
    .numberOrText("text", "its text", number: { $0.number }, text: { $0.text })
  ]
}
