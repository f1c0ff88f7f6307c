internal import Metrics
internal import Results
internal import RunLog

/// All configurations on one split.
struct SplitComparisonTags: TagSource {
  let language: String
  let part: String
  let rows: [ComparedRowTags]
  let pairs: [PairTags]

  let hasSeedShares: Bool

  init(
    _ split: SplitComparison, _ comparison: RunComparison, _ origins: ComparedOrigins
  ) {
    language = markdown(nameOfLanguage(split.split.language, comparison))
    part = partName(split.split.part)
    rows = aligned(
      split.rows.map { ComparedRowTags($0, on: split.split, comparison, origins) }, \.loss,
      \.accuracy,
      \.macroF1)
    pairs = aligned(
      split.pairs.map { PairTags($0, on: split.split, comparison, origins) }, \.accuracy, \.macroF1)
    hasSeedShares = rows.contains { !$0.seedShare.values.isEmpty }
  }

  static let tags: [TagDefinition<SplitComparisonTags>] = [
    .text("language", \.language, "the split's language"),
    .text("part", \.part, "validation or test"),
    .list("rows", \.rows, "the configurations' results"),
    .list("pairs", \.pairs, "every two configurations with the same examples"),
    .condition(
      "has_seed_shares", \.hasSeedShares,
      "whether any row says what part of its variance is due to seeds"
    ),
  ]
}

/// A configuration's results on a split.
struct ComparedRowTags: TagSource {
  let name: String
  let runs: PrintedNumber
  var accuracy: EstimateTags?
  var macroF1: EstimateTags?
  var loss: EstimateTags?
  let seedDeviation: PrintedNumber
  let seedShare: PrintedNumber

  init(
    _ row: SplitComparison.Row, on split: Split, _ comparison: RunComparison,
    _ origins: ComparedOrigins
  ) {
    let from = origins.splits([split], of: [row.group])
    let group = comparison.groups[row.group]
    name = markdown(group.name)
    runs = origins.record("runs").count(group.runs.count)
    func estimate(
      _ metric: Metric, _ quantity: EstimateTags.Quantity, _ anchor: String
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
        from.number(NumberFormat.decimal(100 * $0, digits: 1), [$0], .points)
          .defined("seed-interval")
      } ?? from.unknown(.points)
    seedShare =
      row.variance.flatMap { variance -> PrintedNumber? in
        // A variance from two values has one degree of freedom.
        guard variance.seeds > 2 else { return nil }
        let whole = variance.seedVariance + variance.samplingVariance
        return whole > 0
          ? from.percent(variance.seedVariance / whole, digits: 0).defined("variance-components")
          : nil
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
  var accuracy: EstimateTags?
  var macroF1: EstimateTags?
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

  init(
    _ pair: SplitComparison.Pair, on split: Split, _ comparison: RunComparison,
    _ origins: ComparedOrigins
  ) {
    let from = origins.splits([split], of: [pair.a, pair.b])
    first = markdown(comparison.groups[pair.a].name)
    second = markdown(comparison.groups[pair.b].name)
    func difference(_ metric: Metric, _ quantity: EstimateTags.Quantity) -> EstimateTags? {
      pair.contrasts[metric].map {
        EstimateTags($0.estimate, quantity, metric.anchor, from: from)
      }
    }
    accuracy = difference(.accuracy, .points)
    macroF1 = difference(.macroF1, .scoreChange)
    pValue = from.probability(pair.pValue)
      .defined(pair.isMcNemar ? "mcnemar" : "two-level-bootstrap")
    adjustedPValue = origins.text("splits[].pairs[].p_value").probability(pair.adjustedPValue)
      .defined("holm")
    isMcNemar = pair.isMcNemar
    isDifferent = pair.adjustedPValue <= 0.05
    isEquivalent = pair.equivalence.map { $0.pValue <= 0.05 } ?? false
    equivalencePValue =
      pair.equivalence.map { from.probability($0.pValue).defined("equivalence") }
      ?? from.unknown(.ratio)
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
    .section("macro_f1", \.macroF1, "the same in macro F1"),
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
  let gapFirst: EstimateTags?
  let gapSecond: EstimateTags?
  let difference: EstimateTags?
  let macroF1First: EstimateTags?
  let macroF1Second: EstimateTags?
  let macroF1Difference: EstimateTags?

  init(_ gap: GapComparison, _ comparison: RunComparison, _ origins: ComparedOrigins) {
    let from = origins.gap(to: gap.target, gap.part, of: [gap.a, gap.b])
    language = markdown(nameOfLanguage(gap.target, comparison))
    part = partName(gap.part)
    first = markdown(comparison.groups[gap.a].name)
    second = markdown(comparison.groups[gap.b].name)
    let (ofFirst, ofSecond) = (
      origins.gap(to: gap.target, gap.part, of: [gap.a]),
      origins.gap(to: gap.target, gap.part, of: [gap.b])
    )
    let (accuracy, macroF1) = (gap.metrics[.accuracy], gap.metrics[.macroF1])
    gapFirst = accuracy.map { EstimateTags($0.a, .points, "transfer-gap", from: ofFirst) }
    gapSecond = accuracy.map { EstimateTags($0.b, .points, "transfer-gap", from: ofSecond) }
    difference = accuracy.map {
      EstimateTags($0.difference, .points, "gap-difference", from: from)
    }
    macroF1First = macroF1.map { EstimateTags($0.a, .scoreChange, "macro-f1-gap", from: ofFirst) }
    macroF1Second = macroF1.map {
      EstimateTags($0.b, .scoreChange, "macro-f1-gap", from: ofSecond)
    }
    macroF1Difference = macroF1.map {
      EstimateTags($0.difference, .scoreChange, "gap-difference", from: from)
    }
  }

  static let tags: [TagDefinition<GapComparisonTags>] = [
    .text("language", \.language, "the target language"),
    .text("part", \.part, "validation or test"),
    .text("first", \.first, "one configuration"),
    .text("second", \.second, "the other"),
    .section("gap_first", \.gapFirst, "the first's gap in accuracy, in percentage points"),
    .section("gap_second", \.gapSecond, "the second's"),
    .section("difference", \.difference, "the first's minus the second's"),
    .section("macro_f1_first", \.macroF1First, "the first's gap in macro F1"),
    .section("macro_f1_second", \.macroF1Second, "the second's"),
    .section("macro_f1_difference", \.macroF1Difference, "the first's minus the second's"),
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
