internal import Metrics
internal import Results
internal import RunLog

/// The network beside a logistic regression on the checkpoint before training.
struct SimpleBaselineTags: TagSource {
  let record: BaselinesRecord
  /// `nil` where no baseline could be chosen.
  let comparisons: BaselineComparisons?
  let rows: [BaselineRowTags]
  let results: RunResults
  let origins: Origins

  /// - Returns: `nil` for a run without, and for one that left all of them out without a word.
  init?(_ results: RunResults, _ origins: Origins) throws {
    guard let record = results.baselinesRecord else { return nil }
    (self.record, self.results, self.origins) = (record, results, origins)
    let comparisons = try results.baselineComparisons()
    self.comparisons = comparisons
    rows =
      comparisons.map { comparisons in
        aligned(
          comparisons.languages.map { BaselineRowTags($0, comparisons, results, origins) })
      } ?? []
  }

  private var layers: [LayerBaseline] { results.baselines }

  private func rows(_ finding: BaselineComparison.Finding) -> [BaselineRowTags] {
    rows.filter { $0.comparison.finding == finding }
  }

  /// What the choice of the layer depends on.
  private var choosing: Evidence {
    layers.reduce(Evidence([])) {
      $0 + origins.baseline(layer: $1.layer, Split(results.source.code, .validation))
    }
  }

  static let tags: [TagDefinition<SimpleBaselineTags>] = [
    .section("chosen", "the baseline with the highest accuracy on source validation, if any") {
      source in
      source.comparisons.map {
        ChosenBaselineTags(
          baseline: $0.baseline, choosing: source.choosing, results: source.results,
          origins: source.origins)
      }
    },
    .list("rows", "the network beside the chosen baseline, one entry per language") { $0.rows },
    .list("above", "the languages on which the network is better, after correction") {
      $0.rows(.above)
    },
    .list("below", "those on which the baseline is") { $0.rows(.below) },
    .list("undecided", "those on which they could not be told apart") { $0.rows(.indistinct) },
    .list("open", "those that only the correction for several languages leaves open") {
      $0.rows(.onlyBeforeCorrection)
    },
    .list("few", "those with too few examples to conclude anything") {
      $0.rows(.tooFewExamples)
    },
    .list("not_compared", "those that are not compared, with the reason") {
      $0.rows.filter { if case .notCompared = $0.comparison.finding { true } else { false } }
    },
    .number("tests", "how many languages were tested together") {
      $0.choosing.count($0.comparisons?.tests ?? 0).defined("holm")
    },
    .condition("has_several_tests", "whether that is more than one") {
      ($0.comparisons?.tests ?? 0) > 1
    },
    .condition(
      "is_on_validation", "whether the source is compared on the examples that chose the baseline"
    ) { $0.rows.first?.comparison.split.part == .validation },
    .list("layers", "every baseline, the lowest layer's first") { source in
      aligned(
        source.layers.map {
          LayerBaselineTags(baseline: $0, results: source.results, origins: source.origins)
        })
    },
    .condition("has_several_layers", "whether there is more than one") { $0.layers.count > 1 },
    .list("languages", "the source and the targets, as the columns by layer have them") { source in
      LayerBaselineTags.splits(source.results).map {
        SplitNameTags(split: $0, language: languageName($0, source.results))
      }
    },
    .list("left_out", "layers without a baseline, and why") { source in
      source.record.leftOut.map { LeftOutTags(entry: $0, origins: source.origins) }
    },
  ]
}

/// The baseline that the network is compared with.
struct ChosenBaselineTags: TagSource {
  let baseline: LayerBaseline
  let choosing: Evidence
  let results: RunResults
  let origins: Origins

  private func field(_ key: String) -> Evidence { origins.baseline(layer: baseline.layer, key) }

  static let tags: [TagDefinition<ChosenBaselineTags>] = [
    .condition("is_embeddings", "whether it reads the embeddings") { $0.baseline.layer == 0 },
    .number("layer", "the encoder layer whose output it reads") {
      $0.choosing.plain($0.baseline.layer).defined("simple-baseline")
    },
    .number("strength", "C, the inverse strength of its penalty") {
      $0.field("strength").setting($0.baseline.record.strength)
    },
    .number("features", "numbers that it reads of each text") {
      $0.field("features").count($0.baseline.record.features)
    },
    .number("examples", "training examples that it was fitted to") {
      $0.field("examples").count($0.baseline.record.examples)
    },
    .condition("has_converged", "whether its fit converged") { $0.baseline.record.hasConverged },
    .condition("is_only_one", "whether there was no other layer to choose") {
      $0.results.baselines.count == 1
    },
  ]
}

/// A language: the network, the baseline, and their difference.
struct BaselineRowTags: TableRow {
  let comparison: BaselineComparison
  let results: RunResults
  private let gaps: (network: TransferGap?, baseline: TransferGap?)
  private let from: (network: Evidence, baseline: Evidence, both: Evidence, all: Evidence)
  /// Likewise with the source's split, as gaps are.
  private let ofGaps: (network: Evidence, baseline: Evidence)
  var columns: [String: EstimateTags] = [:]

  init(
    _ comparison: BaselineComparison, _ comparisons: BaselineComparisons, _ results: RunResults,
    _ origins: Origins
  ) {
    (self.comparison, self.results) = (comparison, results)
    let layer = comparisons.baseline.layer
    let isTarget = comparison.language != results.source
    let part = comparison.split.part
    gaps =
      isTarget
      ? (
        results.selectedGap(to: comparison.language, part),
        results.gap(of: comparisons.baseline, to: comparison.language, part)
      ) : (nil, nil)
    let source = Split(results.source.code, part)
    ofGaps = (
      origins.split(source) + origins.split(comparison.split) + origins.pairing(),
      origins.baseline(layer: layer, source) + origins.baseline(layer: layer, comparison.split)
        + origins.pairing()
    )
    func both(_ split: Split) -> Evidence {
      origins.split(split) + origins.baseline(layer: layer, split)
    }
    from = (
      origins.split(comparison.split), origins.baseline(layer: layer, comparison.split),
      both(comparison.split),
      comparisons.languages.reduce(Evidence([])) { $0 + both($1.split) }
    )
  }

  private func estimate(_ result: SplitResult?, _ metric: Metric, _ from: Evidence) -> EstimateTags
  {
    guard let result, !result.isAbsent(metric), !result.isWithoutAnswers else {
      return EstimateTags(nil, EstimateTags.Quantity(metric), metric.anchor, from: from)
        .measuring(.of(metric))
    }
    return EstimateTags(
      result.estimate(metric), EstimateTags.Quantity(metric), metric.anchor, from: from
    ).measuring(.of(metric))
  }

  private func gap(_ gap: TransferGap?, _ from: Evidence) -> EstimateTags {
    guard let gap, gap.gap.isFinite else {
      return EstimateTags(nil, .points, "transfer-gap", from: from).measuring(.gap(.accuracy))
    }
    let number =
      gap.difference.map { EstimateTags($0.absolute, .points, "transfer-gap", from: from) }
      ?? EstimateTags(gap.gap, .points, "transfer-gap", from: from)
    return number.measuring(.gap(.accuracy))
  }

  private var reason: String {
    guard case .notCompared(let reason) = comparison.finding else { return "" }
    return switch reason {
    case .networkIsSilent: "no example has an answer of the fine-tuned network"
    case .noPredictions: "the fine-tuned network's predictions are missing"
    case .noBaseline: "the baseline was not scored on it"
    case .baselineIsSilent: "no example has an answer of the baseline"
    case .otherExamples: "the two hold predictions of different examples"
    }
  }

  static let tags: [TagDefinition<BaselineRowTags>] = [
    .text("language", "the language") { markdown($0.comparison.language.name) },
    .text("part", "what it is compared on") { partName($0.comparison.split.part) },
    .number("examples", "how many examples that has, with the noun") { row in
      (row.comparison.network?.examples ?? row.comparison.baseline?.examples).map {
        row.from.both.count($0, "example")
      } ?? row.from.both.unknown(.count)
    },
    .column("network", "the fine-tuned network's accuracy") {
      $0.estimate($0.comparison.network, .accuracy, $0.from.network)
    },
    .column("baseline", "the baseline's accuracy") {
      $0.estimate($0.comparison.baseline, .accuracy, $0.from.baseline)
    },
    .column("majority", "the share of the most frequent class") { row in
      EstimateTags(
        (row.comparison.network?.confusion ?? row.comparison.baseline?.confusion)?.majorityShare,
        .share, "baselines", from: row.from.both
      ).measuring(PrintedNumber.Subject(metric: "majority_accuracy"))
    },
    .column("difference", "network minus baseline, in points") {
      EstimateTags(
        $0.comparison.difference, orUnknown: .points, "paired-difference", from: $0.from.both
      ).measuring(.difference(.accuracy))
    },
    .number("p_value", "McNemar's, after Holm's correction") { row in
      row.comparison.pValue.map {
        row.from.all.probability($0).defined("holm")
      } ?? row.from.both.unknown(.ratio)
    },
    .column("network_macro_f1", "the network's macro F1") {
      $0.estimate($0.comparison.network, .macroF1, $0.from.network)
    },
    .column("baseline_macro_f1", "the baseline's") {
      $0.estimate($0.comparison.baseline, .macroF1, $0.from.baseline)
    },
    .column("macro_f1_difference", "network minus baseline in macro F1") {
      EstimateTags(
        $0.comparison.macroF1Difference, orUnknown: .scoreChange, "paired-difference",
        from: $0.from.both
      ).measuring(.difference(.macroF1))
    },
    .column("network_gap", "the network's transfer gap; unknown for the source") {
      $0.gap($0.gaps.network, $0.ofGaps.network)
    },
    .column("baseline_gap", "the baseline's") { $0.gap($0.gaps.baseline, $0.ofGaps.baseline) },
    .text("reason", "why it is not compared, half a sentence") { $0.reason },
  ]
}

/// A layer's baseline on every language.
struct LayerBaselineTags: TableRow {
  let baseline: LayerBaseline
  let results: RunResults
  let origins: Origins
  var columns: [String: EstimateTags] = [:]

  init(baseline: LayerBaseline, results: RunResults, origins: Origins) {
    (self.baseline, self.results, self.origins) = (baseline, results, origins)
  }

  /// Source validation, which chooses, then the final part of every language.
  static func splits(_ results: RunResults) -> [Split] {
    let part = results.finalSplit.part
    let validation = Split(results.source.code, .validation)
    return [validation]
      + ([results.source] + results.targets).map { Split($0.code, part) }
      .filter { $0 != validation }
  }

  private func field(_ key: String) -> Evidence { origins.baseline(layer: baseline.layer, key) }

  static let tags: [TagDefinition<LayerBaselineTags>] = [
    .number("layer", "its number; 0 for the embeddings") {
      $0.field("layer").plain($0.baseline.layer)
    },
    .condition("is_chosen", "whether it is the one that the network is compared with") {
      $0.results.chosenBaseline?.layer == $0.baseline.layer
    },
    .number("strength", "C, the inverse strength of its penalty") {
      $0.field("strength").setting($0.baseline.record.strength)
    },
    .condition("has_converged", "whether the fit converged") { $0.baseline.record.hasConverged },
    .list("accuracies", "its accuracy on source validation, then on each language") { source in
      splits(source.results).map { split in
        let from = source.origins.baseline(layer: source.baseline.layer, split)
        let result = source.baseline.results[split].flatMap { $0.isWithoutAnswers ? nil : $0 }
        return EstimateTags(
          result?.estimate(.accuracy), orUnknown: .share, "accuracy", from: from
        ).measuring(.of(.accuracy).on(split.part, of: languageName(split, source.results)))
      }
    },
  ]
}

/// Layers without a baseline.
struct LeftOutTags: TagSource {
  let entry: BaselinesRecord.LeftOut
  let origins: Origins

  static let tags: [TagDefinition<LeftOutTags>] = [
    .text("layers", "which, such as \"layers 5 and 6\"") { source in
      let names = source.entry.layers.map(String.init)
      let list =
        names.count > 2 && source.entry.layers.last == source.entry.layers[0] + names.count - 1
        ? "\(names[0]) to \(names[names.count - 1])" : NumberFormat.list(names)
      return "layer\(names.count == 1 ? "" : "s") \(list)"
    },
    .text("reason", "why, half a sentence") { markdown($0.entry.reason) },
  ]
}
