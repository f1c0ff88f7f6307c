internal import Metrics
internal import Results
internal import RunLog

/// A row of the results table.
struct SplitTags: TableRow {
  let split: Split
  let result: SplitResult
  let results: RunResults
  /// What predictions say; `nil` where there are none, or none that answers.
  let estimates: SplitEstimates?
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  init(_ split: Split, _ result: SplitResult, _ results: RunResults, _ origins: Origins) {
    (self.split, self.result, self.results) = (split, result, results)
    // By count the scores would be 0, as of a network that answers and is always wrong.
    estimates = result.isWithoutAnswers ? nil : results.estimates(split)
    from = origins.split(split)
  }

  static func rows(_ results: RunResults, _ origins: Origins) -> [SplitTags] {
    aligned(
      splitsWithEachSource(results).compactMap { split in
        results.selected[split].map { SplitTags(split, $0, results, origins) }
      })
  }

  /// An estimate from predictions, else what was logged: that is printed, were it "not a number"; what a log does not
  /// hold is unknown.
  private func value(_ metric: Metric) -> EstimateTags {
    let quantity = EstimateTags.Quantity(metric)
    if let estimate = estimates?[metric] {
      return EstimateTags(estimate, quantity, metric.anchor, from: from)
    }
    // Without answers a score would be 0 by count; the loss says itself what it is.
    let isUnknown = result.isAbsent(metric) || result.isWithoutAnswers && metric != .loss
    return EstimateTags(isUnknown ? nil : result[metric], quantity, metric.anchor, from: from)
  }

  static let tags: [TagDefinition<SplitTags>] =
    [
      .text("language", "the split's language") { markdown(languageName($0.split, $0.results)) },
      .text("part", "training, validation or test") { partName($0.split.part) },
      .condition("is_running", "whether the values were taken while training") {
        $0.result.isRunning
      },
      .number("examples", "how many examples it has") { row in
        row.result.examples.map { row.from.count($0) } ?? row.from.unknown(.count)
      },
    ] + Metric.all.map { metric in .column(metric.key, metric.meaning) { $0.value(metric) } } + [
      .column("auc", "mean one-versus-rest area under the ROC curve") {
        EstimateTags($0.estimates?.macroAUC, orUnknown: .score, "auc", from: $0.from)
      },
      .column(
        "calibration_error",
        "debiased expected calibration error, with its bootstrap spread after ±"
      ) { EstimateTags($0.estimates?.calibration, "calibration", from: $0.from) },
      .metrics("other_values", "the metrics that have no name in the built-in template") { row in
        Metric.others.map { row.inColumn($0, row.value($0)) }
      },
    ]
}

/// What answers score that never look at the text, on splits with the same shares of classes.
struct BaselineTags: TagSource {
  let baselines: Baselines
  let counts: [Int]
  let splits: [Split]
  /// Whether there are several splits and all have the same shares.
  let isEverySplit: Bool
  let results: RunResults
  let from: Evidence

  /// One entry for all splits that have the same shares.
  static func groups(_ results: RunResults, _ origins: Origins) -> [BaselineTags] {
    var groups: [(baselines: Baselines, counts: [Int], splits: [Split])] = []
    for split in orderedSplits(results) {
      guard let confusion = results.selected[split]?.confusion, confusion.total > 0 else {
        continue
      }
      let counts = (0..<confusion.classes).map(confusion.support)
      let shares = counts.map { Double($0) / Double(confusion.total) }
      if let index = groups.firstIndex(where: { group in
        let total = Double(group.counts.reduce(0, +))
        return group.counts.map { Double($0) / total } == shares
      }) {
        groups[index].splits.append(split)
      } else {
        groups.append((Baselines(counts), counts, [split]))
      }
    }
    return groups.map {
      BaselineTags(
        baselines: $0.baselines, counts: $0.counts, splits: $0.splits,
        isEverySplit: groups.count == 1 && $0.splits.count > 1, results: results,
        from: $0.splits.reduce(Evidence([])) { $0 + origins.split($1) })
    }
  }

  private var shares: PrintedNumber {
    let total = counts.reduce(0, +)
    let shares = counts.map { Double($0) / Double(total) }
    // Of many classes the smallest and the largest share say enough.
    let text =
      shares.count > 5
      ? [shares.min(), shares.max()].map { NumberFormat.percent($0 ?? .nan) }
        .joined(separator: " to ")
      : zip(results.labels, shares).map { "\(markdown($0)) \(NumberFormat.percent($1))" }
        .joined(separator: ", ")
    return from.number(text, shares, .share)
  }

  private func percent(_ share: Double) -> PrintedNumber {
    from.percent(share).defined("baselines")
  }

  private func decimal(_ value: Double, _ unit: PrintedNumber.Unit) -> PrintedNumber {
    from.decimal(value, digits: 3, unit).defined("baselines")
  }

  static let tags: [TagDefinition<BaselineTags>] = [
    .list("splits", "the splits") { group in
      group.splits.map { SplitNameTags(split: $0, language: languageName($0, group.results)) }
    },
    .condition("is_every_split", "whether all splits have the same shares") { $0.isEverySplit },
    .number("shares", "the share of each class") { $0.shares },
    .number("majority_accuracy", "of always naming the most frequent class") {
      $0.percent($0.baselines.majorityAccuracy)
    },
    .number("majority_macro_f1", "of the same") {
      $0.decimal($0.baselines.majorityMacroF1, .score)
    },
    .number("chance_accuracy", "of naming every class equally often") {
      $0.percent($0.baselines.chanceAccuracy)
    },
    .number("chance_macro_f1", "of the same") { $0.decimal($0.baselines.chanceMacroF1, .score) },
    .number("chance_loss", "of giving every class the same probability") {
      $0.decimal($0.baselines.chanceLoss, .nats)
    },
  ]
}

/// The name of a split.
struct SplitNameTags: TagSource {
  let split: Split
  let language: String

  static let tags: [TagDefinition<SplitNameTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .text("part", "training, validation or test") { partName($0.split.part) },
  ]
}
