internal import Foundation
internal import Results
internal import RunLog

/// Everything that a comparison of runs prints.
struct ComparisonData: TagSource {
  let comparison: RunComparison
  /// What is compared.
  let title: String
  /// Drawn or absent.
  let figures: [FigureTags]
  /// The part that final numbers are of.
  let part: Part
  let origins: ComparedOrigins
  /// What the logs of the runs tell of each, by check.
  private let found: [FoundInRunsTags]

  /// - Throws: nothing that reading the logs did not throw.
  init(
    comparison: RunComparison, title: String, figures: [FigureTags], part: Part,
    origins: ComparedOrigins
  ) throws {
    (self.comparison, self.title, self.part) = (comparison, title, part)
    (self.figures, self.origins) = (figures, origins)
    found = try FoundInRunsTags.all(comparison)
  }

  private var runCounts: [Int] { comparison.groups.map(\.runs.count) }
  private var pairs: [SplitComparison.Pair] { comparison.splits.flatMap(\.pairs) }

  static let tags: [TagDefinition<ComparisonData>] = [
    .text("title", "what is compared") { markdown($0.title) },
    .number("runs", "how many runs, with the noun") {
      $0.origins.record("runs").count($0.runCounts.reduce(0, +), "run")
    },
    .number("configuration_count", "how many configurations, with the noun") {
      $0.origins.record("runs").count($0.comparison.groups.count, "configuration")
    },
    .list("configurations", "the configurations, each of one run or of several seeds") { source in
      source.comparison.groups.enumerated().map {
        ConfigurationTags(place: $0, group: $1, origins: source.origins)
      }
    },
    .section("settings", "what differs in the configurations; absent if nothing does") {
      SettingsTags($0.comparison, $0.origins)
    },
    .list("warnings", "what differs besides the configuration or prevents a comparison") {
      EntryTags.numbered($0.comparison.warnings, from: $0.origins.all { $0.log() })
    },
    .list("found", "what the logs of the runs tell that should be known, a check at a time") {
      $0.found
    },
    .list(
      "unanswered", "splits with examples that have no answer in a run, a run at a time"
    ) { source in
      source.comparison.unanswered.map {
        ComparedUnansweredTags(
          found: $0, comparison: source.comparison, origins: source.origins)
      }
    },
    .list("splits", "the validation and test splits") { source in
      source.comparison.splits.map {
        SplitComparisonTags(split: $0, comparison: source.comparison, origins: source.origins)
      }
    },
    .list("other_metrics", "the metrics that have no name in the built-in template") { _ in
      MetricNameTags.others
    },
    .list("other_scores", "those of them in which gaps and differences are given") { _ in
      MetricNameTags.otherScores
    },
    .list("gaps", "differences of transfer gaps, one per target, part and pair") { source in
      source.comparison.gaps.map {
        GapComparisonTags(gap: $0, comparison: source.comparison, origins: source.origins)
      }
    },
    .section(
      "source_matrix", "accuracies by source and target; absent where all have the same sources"
    ) { source in
      SourceMatrix(source.comparison, on: source.part).map {
        SourceMatrixTags(matrix: $0, origins: source.origins)
      }
    },
    .number("margin", "the margin of equivalence in percentage points") {
      $0.origins.record("margin").number(
        NumberFormat.setting(100 * $0.comparison.margin), [$0.comparison.margin], .points)
    },
    .condition("has_one_point_margin", "whether the margin is one percentage point") {
      $0.comparison.margin == 0.01
    },
    .condition("has_average", "whether averaged weights count in a run") {
      $0.comparison.hasAverage
    },
    .condition("has_seeds", "whether a configuration has several seeds") {
      $0.runCounts.contains { $0 > 1 }
    },
    .condition("has_two_seeds", "whether a configuration has just two seeds") {
      $0.runCounts.contains(2)
    },
    .condition("has_three_seeds", "whether a configuration has three or more") {
      $0.runCounts.contains { $0 > 2 }
    },
    .condition("has_few_seeds", "whether a configuration has fewer than three") {
      $0.runCounts.contains { $0 < 3 }
    },
    .condition("has_pairs", "whether any two configurations share examples") {
      !$0.pairs.isEmpty
    },
    .condition("has_mcnemar", "whether any two single runs are tested") {
      $0.pairs.contains(where: \.isMcNemar)
    },
    .condition("has_contrasts", "whether any pair with several seeds is tested") {
      $0.pairs.contains { !$0.isMcNemar }
    },
    .list("figures", "the figures that could be drawn, and those that could not") { $0.figures },
  ]
}

/// A configuration among those compared.
struct ConfigurationTags: TagSource {
  let place: Int
  let group: RunGroup
  let origins: ComparedOrigins

  static let tags: [TagDefinition<ConfigurationTags>] = [
    .text("name", "its name") { markdown($0.group.name) },
    .number("seeds", "the seeds of its runs") {
      $0.group.seeds.isEmpty
        ? $0.origins.record("runs").unknown(.setting)
        : $0.origins.group($0.place) { $0.configuration("training.seed") }.number(
          NumberFormat.list($0.group.seeds.map { String($0) }), $0.group.seeds, .setting)
    },
    .number("runs", "how many runs it has") {
      $0.origins.record("runs").count($0.group.runs.count)
    },
    .number("trainable", "its trainable parameters") { source in
      source.group.runs[0].started.map { started in
        source.origins.group(source.place) { $0.started("trainable_parameters") }
          .count(started.trainableParameters)
      } ?? source.origins.record("runs").unknown(.count)
    },
    .number("epochs", "the complete epochs of its runs") {
      let epochs = $0.group.runs.map(\.epochs)
      let from = $0.origins.group($0.place) { $0.epochs("epoch") }
      return Set(epochs).count == 1
        ? from.count(epochs[0])
        : from.number(epochs.map(NumberFormat.count).joined(separator: ", "), epochs)
    },
    .text("folders", "the names of the run directories") {
      markdown($0.group.runs.map(\.folder).joined(separator: ", "))
    },
  ]
}

/// Keys whose values differ between configurations.
struct SettingsTags: TagSource {
  let comparison: RunComparison
  let origins: ComparedOrigins

  /// `nil` where none does.
  init?(_ comparison: RunComparison, _ origins: ComparedOrigins) {
    guard !comparison.configurations.rows.isEmpty else { return nil }
    (self.comparison, self.origins) = (comparison, origins)
  }

  static let tags: [TagDefinition<SettingsTags>] = [
    .list("names", "the configurations' names, one column each") {
      $0.comparison.groups.map { CellTags(text: markdown($0.name)) }
    },
    .list("rows", "the keys that differ") { source in
      source.comparison.configurations.rows.map {
        SettingTags(key: $0.key, values: $0.values, origins: source.origins)
      }
    },
  ]
}

struct SettingTags: TagSource {
  let key: String
  /// One per configuration; `nil` where the key does not occur.
  let values: [String?]
  let origins: ComparedOrigins

  static let tags: [TagDefinition<SettingTags>] = [
    .text("key", "such as training.epochs") { markdown($0.key) },
    .list("values", "one per configuration") { row in
      row.values.enumerated().map { place, value in
        CellTags(value, from: row.origins.group(place) { $0.configuration(row.key) })
      }
    },
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

/// The runs in whose logs a check finds something.
struct FoundInRunsTags: TagSource {
  let code: CheckCode
  /// The names of the run directories; `nil` for all of them.
  let folders: [String]?

  /// - Throws: what a check throws.
  static func all(_ comparison: RunComparison) throws -> [FoundInRunsTags] {
    let runs = comparison.groups.flatMap(\.runs)
    let found = try runs.map { try RunChecks($0, only: RunChecks.ofTheLog).found }
    return RunChecks.ofTheLog.compactMap { code in
      let such = runs.indices.filter { found[$0].contains(code) }
      guard !such.isEmpty else { return nil }
      return FoundInRunsTags(
        code: code, folders: such.count == runs.count ? nil : such.map { runs[$0].folder })
    }
  }

  static let tags: [TagDefinition<FoundInRunsTags>] = [
    .text("code", "the check") { $0.code.rawValue },
    .text("finding", "what it is that the check looks for") { $0.code.finding },
    .optionalText("folders", "the names of the run directories; absent where it is all of them") {
      $0.folders.map { markdown($0.joined(separator: ", ")) }
    },
  ]
}
