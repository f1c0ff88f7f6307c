internal import Metrics
internal import Results
internal import RunLog

/// All configurations on one split.
struct SplitComparisonTags: TagSource {
  let split: SplitComparison
  let comparison: RunComparison
  let origins: ComparedOrigins

  private var rows: [ComparedRowTags] {
    split.rows.map { row in
      ComparedRowTags(
        row: row, group: comparison.groups[row.group], origins: origins,
        from: origins.splits([split.split], of: [row.group]))
    }
  }

  static let tags: [TagDefinition<SplitComparisonTags>] = [
    .text("language", "the split's language") {
      markdown(nameOfLanguage($0.split.split.language, $0.comparison))
    },
    .text("part", "validation or test") { partName($0.split.split.part) },
    .list("rows", "the configurations' results") { aligned($0.rows) },
    .list("pairs", "every two configurations with the same examples") { source in
      aligned(
        source.split.pairs.map { pair in
          PairTags(
            pair: pair, groups: source.comparison.groups, origins: source.origins,
            from: source.origins.splits([source.split.split], of: [pair.a, pair.b]))
        })
    },
    .condition(
      "has_seed_shares", "whether any row says what part of its variance is due to seeds"
    ) { $0.rows.contains { !$0.seedShare.values.isEmpty } },
  ]
}

/// A configuration's results on a split.
struct ComparedRowTags: TableRow {
  let row: SplitComparison.Row
  let group: RunGroup
  let origins: ComparedOrigins
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  private func value(_ metric: Metric) -> EstimateTags {
    let quantity = EstimateTags.Quantity(metric)
    if let estimate = row.estimates[metric] {
      return EstimateTags(estimate, quantity, metric.anchor, from: from)
    }
    return EstimateTags(row.metrics[metric]?.mean.value, quantity, metric.anchor, from: from)
  }

  var seedShare: PrintedNumber {
    // A variance from two values has one degree of freedom.
    guard let variance = row.variance, variance.seeds > 2 else { return from.unknown(.share) }
    let whole = variance.seedVariance + variance.samplingVariance
    return whole > 0
      ? from.percent(variance.seedVariance / whole, digits: 0).defined("variance-components")
      : from.unknown(.share)
  }

  static let tags: [TagDefinition<ComparedRowTags>] =
    [
      .text("name", "the configuration") { markdown($0.group.name) },
      .number("runs", "how many runs it has") {
        $0.origins.record("runs").count($0.group.runs.count)
      },
    ]
    + Metric.all.map { metric in
      .column(metric.key, "the mean over its runs\(metric.unit == .nats ? ", in nats" : "")") {
        $0.value(metric)
      }
    } + [
      .metrics("other_values", "the metrics that have no name in the built-in template") { row in
        Metric.others.map { row.inColumn($0, row.value($0)) }
      },
      .number("seed_deviation", "the accuracy's standard deviation over seeds, in points") { row in
        row.row.metrics[.accuracy]?.standardDeviation.map {
          row.from.number(NumberFormat.decimal(100 * $0, digits: 1), [$0], .points)
            .defined("seed-interval")
        } ?? row.from.unknown(.points)
      },
      .number("seed_share", "the share of the accuracy's variance that is due to the seeds") {
        $0.seedShare
      },
    ]
}

/// Two configurations on the same examples, the first minus the second.
struct PairTags: TableRow {
  let pair: SplitComparison.Pair
  let groups: [RunGroup]
  let origins: ComparedOrigins
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  private func difference(_ metric: Metric) -> EstimateTags? {
    pair.contrasts[metric].map {
      EstimateTags(
        $0.estimate, EstimateTags.Quantity(differenceIn: metric), metric.anchor, from: from)
    }
  }

  private var otherDifferences: [MetricTags] {
    Metric.others.compactMap { metric in
      difference(metric).map { number in
        var tags = inColumn(metric, number)
        tags.adjustedPValue = pair.adjustedPValues[metric].map {
          origins.text("splits[].pairs[].\(metric.key)").probability($0).defined("holm")
        }
        return tags
      }
    }
  }

  private func rows(_ rows: [Int]) -> PrintedNumber {
    from.number(rows.isEmpty ? "none" : rows.map { String($0) }.joined(separator: ", "), rows)
  }

  static let tags: [TagDefinition<PairTags>] =
    [
      .text("first", "one configuration") { markdown($0.groups[$0.pair.a].name) },
      .text("second", "the other") { markdown($0.groups[$0.pair.b].name) },
      .column("accuracy", "the first's minus the second's, in percentage points") {
        $0.difference(.accuracy)
      },
    ]
    + Metric.besideAccuracy.map { metric in
      .column(metric.key, "the same in \(metric.name)") { $0.difference(metric) }
    } + [
      .metrics("other_differences", "in metrics that have no name in the built-in template") {
        $0.otherDifferences
      },
      .number("p_value", "of the test that accuracies are equal, two-sided") {
        $0.from.probability($0.pair.pValue)
          .defined($0.pair.isMcNemar ? "mcnemar" : "two-level-bootstrap")
      },
      .number("adjusted_p_value", "after Holm's correction over splits and pairs") {
        $0.origins.text("splits[].pairs[].p_value").probability($0.pair.adjustedPValue)
          .defined("holm")
      },
      .condition("is_mcnemar", "whether the test is McNemar's exact one") { $0.pair.isMcNemar },
      .condition("is_different", "whether the adjusted p-value is at most 0.05") {
        $0.pair.adjustedPValue <= 0.05
      },
      .condition("is_equivalent", "whether both one-sided tests are significant") {
        $0.pair.equivalence.map { $0.pValue <= 0.05 } ?? false
      },
      .number("equivalence_p_value", "the larger of two one-sided p-values") { source in
        source.pair.equivalence.map {
          source.from.probability($0.pValue).defined("equivalence")
        } ?? source.from.unknown(.ratio)
      },
      .number("only_first", "how many examples only the first labels correctly") {
        $0.from.count($0.pair.onlyA.count)
      },
      .number("only_second", "how many only the second does") {
        $0.from.count($0.pair.onlyB.count)
      },
      .number("only_first_rows", "their rows in the data file, from 0") { $0.rows($0.pair.onlyA) },
      .number("only_second_rows", "their rows in the data file, from 0") { $0.rows($0.pair.onlyB) },
    ]
}

/// The transfer gaps of two configurations.
struct GapComparisonTags: TagSource {
  let gap: GapComparison
  let comparison: RunComparison
  let origins: ComparedOrigins

  private func number(
    _ estimate: Estimate?, _ metric: Metric, _ anchor: String?,
    _ subject: PrintedNumber.Subject, of places: Int...
  ) -> EstimateTags? {
    estimate.map {
      EstimateTags(
        $0, EstimateTags.Quantity(differenceIn: metric), anchor ?? metric.anchor,
        from: origins.gap(to: gap.target, gap.part, of: places)
      ).measuring(subject)
    }
  }

  fileprivate func first(_ metric: Metric) -> EstimateTags? {
    number(gap.metrics[metric]?.a, metric, metric.gap?.anchor, .gap(metric), of: gap.a)
  }

  fileprivate func second(_ metric: Metric) -> EstimateTags? {
    number(gap.metrics[metric]?.b, metric, metric.gap?.anchor, .gap(metric), of: gap.b)
  }

  fileprivate func difference(_ metric: Metric) -> EstimateTags? {
    let subject = PrintedNumber.Subject(
      metric: "difference_in_\(PrintedNumber.Subject.gap(metric).metric)")
    return number(
      gap.metrics[metric]?.difference, metric, "gap-difference", subject, of: gap.a, gap.b)
  }

  static let tags: [TagDefinition<GapComparisonTags>] =
    [
      .text("language", "the target language") {
        markdown(nameOfLanguage($0.gap.target, $0.comparison))
      },
      .text("part", "validation or test") { partName($0.gap.part) },
      .text("first", "one configuration") { markdown($0.comparison.groups[$0.gap.a].name) },
      .text("second", "the other") { markdown($0.comparison.groups[$0.gap.b].name) },
      .section("gap_first", "the first's gap in accuracy, in percentage points") {
        $0.first(.accuracy)
      },
      .section("gap_second", "the second's") { $0.second(.accuracy) },
      .section("difference", "the first's minus the second's") { $0.difference(.accuracy) },
    ] + Metric.besideAccuracy.flatMap(ofMetric) + [
      .list("other_gaps", "in metrics that have no name in the built-in template") { gaps in
        Metric.others.compactMap { metric in
          gaps.gap.metrics[metric].map { _ in MetricGapTags(metric: metric, gaps: gaps) }
        }
      }
    ]

  private static func ofMetric(_ metric: Metric) -> [TagDefinition<GapComparisonTags>] {
    [
      .section("\(metric.key)_first", "the first's gap in \(metric.name)") { $0.first(metric) },
      .section("\(metric.key)_second", "the second's") { $0.second(metric) },
      .section("\(metric.key)_difference", "the first's minus the second's") {
        $0.difference(metric)
      },
    ]
  }
}

/// The transfer gaps of two configurations in one metric.
struct MetricGapTags: TagSource {
  let metric: Metric
  let gaps: GapComparisonTags

  static let tags: [TagDefinition<MetricGapTags>] = [
    .text("metric", "what the gap is in") { $0.metric.name },
    .section("of_first", "the first's gap") { $0.gaps.first($0.metric) },
    .section("of_second", "the second's") { $0.gaps.second($0.metric) },
    .section("of_both", "the first's minus the second's") { $0.gaps.difference($0.metric) },
  ]
}

/// A language's name as the runs call it.
func nameOfLanguage(_ code: String, _ comparison: RunComparison) -> String {
  for run in comparison.groups.flatMap(\.runs) {
    if let language = ([run.source] + run.sources + run.targets).first(where: { $0.code == code }) {
      return language.name
    }
  }
  return code
}

extension Evidence {
  /// A p-value, such as `0.031` or `< 0.0001`.
  func probability(_ value: Double) -> PrintedNumber {
    guard value.isFinite else { return unknown(.ratio) }
    return number(markdown(probabilityText(value)), [value], .ratio)
  }

  /// A p-value in a sentence, such as `p = 0.031` or `p < 0.0001`.
  func equation(_ value: Double) -> PrintedNumber {
    let text = probabilityText(value)
    return number(markdown(text.hasPrefix("<") ? "p \(text)" : "p = \(text)"), [value], .ratio)
  }

  private func probabilityText(_ value: Double) -> String {
    value < 0.0001
      ? "< 0.0001" : NumberFormat.decimal(value, digits: value < 0.01 ? 4 : value < 0.1 ? 3 : 2)
  }
}
