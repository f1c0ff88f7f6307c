internal import Metrics
internal import Results
internal import RunLog

/// How far a target language is behind the source.
struct GapTags: TagSource {
  let target: RunResults.Language
  /// The final part's, then the other's.
  private(set) var inOrder: [GapPartTags]
  let parts: GapAnalysisTags?
  let results: RunResults
  let origins: Origins

  /// - Returns: `nil` without a gap on either part.
  private init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) throws {
    (self.target, self.results, self.origins) = (target, results, origins)
    inOrder = results.finalSplit.parts.compactMap {
      GapPartTags(to: target, $0, results, origins)
    }
    parts = try GapAnalysisTags(target, results, origins)
    if inOrder.isEmpty { return nil }
  }

  /// All targets' gaps stand in one table.
  static func all(_ results: RunResults, _ origins: Origins) throws -> [GapTags] {
    var found = try results.targets.compactMap { try GapTags($0, results, origins) }
    let rows = aligned(found.flatMap(\.inOrder))
    var start = 0
    for place in found.indices {
      let end = start + found[place].inOrder.count
      found[place].inOrder = Array(rows[start..<end])
      start = end
    }
    return found
  }

  /// A gap that stands outside the table, with its own decimals.
  private func gap(on part: Part) -> GapPartTags? {
    GapPartTags(to: target, part, results, origins)
  }

  static let tags: [TagDefinition<GapTags>] = [
    .text("language", "the target language") { markdown($0.target.name) },
    .section("validation", "the gap on the validation splits") { $0.gap(on: .validation) },
    .section("test", "the gap on the test splits") { $0.gap(on: .test) },
    .list("in_order", "the gaps on both parts, the final one first") { $0.inOrder },
    .section("parts", "what the gap is made of; absent without predictions") { $0.parts },
  ]
}

/// A gap on the final part, or on the part that a language set apart has, and what it shows.
struct FinalGapTags: TagSource {
  let gap: FinalGap
  let results: RunResults
  let origins: Origins

  var isIndistinct: Bool { gap.finding == .indistinct && !gap.isOnlyBeforeCorrection }

  private func tags(_ part: PartGap) -> GapPartTags {
    GapPartTags(part.accuracy, gap.target, part.part, results, origins)
  }

  static let tags: [TagDefinition<FinalGapTags>] = [
    .text("language", "the target language") { markdown($0.gap.target.name) },
    .text("relation", "how the target relates to training, to follow its name and a comma") {
      switch $0.gap.target.regime {
      case .zeroShot: "which it was never trained on (zero-shot)"
      case .translateTest: "whose texts were translated before they were scored (translate-test)"
      // A target is never trained on.
      case .translateTrain, nil: "which it was never trained on"
      }
    },
    .section("gap", "the gap") { $0.tags($0.gap.gap) },
    .section("other", "the gap on the other part, where both languages have it") { source in
      source.gap.otherGap.map { source.tags($0) }
    },
    .condition("is_positive", "whether the source is ahead, after that correction") {
      $0.gap.finding == .sourceAhead
    },
    .condition("is_negative", "whether the target is, likewise") {
      $0.gap.finding == .targetAhead
    },
    .condition("is_indistinct", "whether the gap's own interval holds zero") { $0.isIndistinct },
    .condition(
      "is_only_before_correction",
      "whether it excludes zero, but the correction leaves the gap open"
    ) { $0.gap.isOnlyBeforeCorrection },
    .condition("is_untested", "whether no test is possible") { $0.gap.finding == .untested },
  ]
}

/// A transfer gap on one part of the data.
struct GapPartTags: TableRow {
  let gap: TransferGap
  let target: RunResults.Language
  let part: Part
  let results: RunResults
  let origins: Origins
  var columns: [String: EstimateTags] = [:]
  private let ofSource: Evidence
  private let ofTarget: Evidence
  private let both: Evidence

  init(
    _ gap: TransferGap, _ target: RunResults.Language, _ part: Part, _ results: RunResults,
    _ origins: Origins
  ) {
    (self.gap, self.target, self.part) = (gap, target, part)
    (self.results, self.origins) = (results, origins)
    ofSource = origins.split(Split(results.source.code, part))
    ofTarget = origins.split(Split(target.code, part))
    both = ofSource + ofTarget + origins.pairing()
  }

  /// - Returns: `nil` where the run has no gap on the part.
  init?(to target: RunResults.Language, _ part: Part, _ results: RunResults, _ origins: Origins) {
    guard let gap = results.selectedGap(to: target, part) else { return nil }
    self.init(gap, target, part, results, origins)
  }

  private var isUnknown: Bool { gap.gap.isNaN }
  private var source: SplitResult? { results.selected[Split(results.source.code, part)] }
  private var result: SplitResult? { results.selected[Split(target.code, part)] }

  private var absolute: Estimate {
    gap.difference?.absolute ?? Estimate(gap.gap, nil, by: .unpairedBootstrap)
  }

  private func points(_ estimate: Estimate?) -> EstimateTags {
    EstimateTags(estimate, orUnknown: .points, "transfer-gap", from: both)
  }

  /// The gap in another metric than accuracy; `nil` if it is not known.
  private func gap(in metric: Metric) -> EstimateTags? {
    guard let gap = results.selectedGap(in: metric, to: target, part), !gap.value.isNaN else {
      return nil
    }
    return EstimateTags(
      gap, EstimateTags.Quantity(differenceIn: metric), metric.gap?.anchor ?? metric.anchor,
      from: both)
  }

  private var otherValues: [MetricTags] {
    Metric.others.filter(Metric.besideAccuracy.contains).map { metric in
      inColumn(
        metric,
        gap(in: metric)
          ?? EstimateTags(
            nil, EstimateTags.Quantity(differenceIn: metric), metric.anchor, from: both))
    }
  }

  private func accuracy(_ result: SplitResult?, _ from: Evidence) -> EstimateTags {
    EstimateTags(
      result?.estimate(.accuracy) ?? Estimate(.nan, nil, by: .wilson), .share, "accuracy",
      from: from)
  }

  private var relative: EstimateTags? {
    gap.difference.map {
      // A share of an accuracy of zero is no number.
      EstimateTags(
        $0.relative.value.isFinite ? $0.relative : nil, orUnknown: .change, "transfer-gap",
        from: both)
    }
  }

  private var adjustedPValue: PrintedNumber? {
    guard let final = results.finalGaps.gap(to: target), final.gap.part == part,
      let value = final.adjustedPValue
    else { return nil }
    // The correction is over all targets, so every language's answers are behind the number.
    let number = origins.testedGaps.probability(value).defined("several-targets")
    // Where every draw lies on one side of zero, the p-value is no larger than this, and no more is known.
    return gap.difference?.pValue == leastBootstrapPValue ? number.atMost : number
  }

  /// The gap's interval, turned to the side of the gap.
  private var turned: Interval? {
    let sign = gap.gap < 0 ? -1.0 : 1.0
    return absolute.interval.map { interval in
      let bounds = [sign * interval.lower, sign * interval.upper].sorted()
      return Interval(lower: bounds[0], upper: bounds[1])
    }
  }

  private func sizeText(_ share: Double) -> String {
    let digits =
      turned.map { NumberFormat.digits((100 * $0.lower)...(100 * $0.upper), fallback: 1) } ?? 1
    return NumberFormat.decimal(100 * share, digits: digits)
  }

  /// The classes of which only one of the two languages has examples: a gap in macro F1 then compares means
  /// over different classes.
  private var differentClasses: String? {
    guard let a = source?.confusion, let b = result?.confusion, a.classes == b.classes,
      results.labels.count == a.classes
    else { return nil }
    let lacking = [(results.source, a, b), (target, b, a)].compactMap { language, own, other in
      let classes = (0..<own.classes).filter { own.support($0) == 0 && other.support($0) > 0 }
      return classes.isEmpty
        ? nil
        : "\(markdown(language.name)) has no examples of "
          + NumberFormat.list(classes.map { markdown(results.labels[$0]) })
    }
    return lacking.isEmpty ? nil : NumberFormat.list(lacking)
  }

  static let tags: [TagDefinition<GapPartTags>] = gaps + estimates + facts

  private static let gaps: [TagDefinition<GapPartTags>] =
    [
      .text("part", "validation or test") { partName($0.part) },
      .column("gap", "source minus target accuracy in percentage points, with its sign") {
        $0.points($0.isUnknown ? nil : $0.absolute)
      },
    ]
    + Metric.besideAccuracy.map { metric in
      .column(
        metric.key,
        "source minus target \(metric.name), with its sign; absent if one is not known"
      ) { $0.gap(in: metric) }
    } + [
      .metrics("other_values", "in metrics that have no name in the built-in template") {
        $0.otherValues
      }
    ]

  private static let estimates: [TagDefinition<GapPartTags>] = [
    .column("relative", "the gap as a share of the source's accuracy") { $0.relative },
    .optionalNumber(
      "smallest_detectable",
      "the smallest gap in percentage points that this many examples show with 80 % power"
    ) { source in
      source.gap.difference?.smallestDetectable.map {
        source.both.number(NumberFormat.decimal(100 * $0, digits: 1), [$0], .points)
          .defined("smallest-detectable-gap")
      }
    },
    .optionalNumber(
      "adjusted_p_value",
      "of no gap in accuracy, after Holm's correction over the targets; only of the final part"
    ) { $0.adjustedPValue },
    .text("method_anchor", "the section of metrics.md that defines the interval") {
      $0.absolute.method.anchor
    },
    .section("accuracy", "the target's accuracy") { $0.accuracy($0.result, $0.ofTarget) },
    .section("source_accuracy", "the source's accuracy") { $0.accuracy($0.source, $0.ofSource) },
    .optionalNumber("examples", "the target's examples, with the noun") { source in
      source.result?.examples.map { source.ofTarget.count($0, "example") }
    },
    .number("size", "the gap in percentage points without its sign") {
      $0.both.number($0.sizeText(abs($0.gap.gap)), [abs($0.gap.gap)], .points)
        .defined("transfer-gap")
    },
    .optionalNumber("size_interval", "its 95 % interval, turned to the side of the gap") { source in
      source.turned.map {
        source.both.number(
          source.sizeText($0.lower) + " to " + source.sizeText($0.upper), [$0.lower, $0.upper],
          .points
        ).defined(source.absolute.method.anchor)
      }
    },
  ]

  private static let facts: [TagDefinition<GapPartTags>] = [
    .condition("is_paired", "whether the same texts were compared") { $0.gap.isPaired },
    // Twenty points between the ends: an answer of any practical size would fit in.
    .condition("is_vague", "whether the interval holds zero and is wider than 20 points") {
      !$0.isUnknown
        && $0.gap.interval.map { $0.contains(0) && $0.upper - $0.lower > 0.2 } ?? false
    },
    .condition("is_unknown", "whether an accuracy is missing") { $0.isUnknown },
    .condition(
      "is_alike_throughout",
      "whether of every text, the same in both languages, both answers are right or both are wrong"
    ) { $0.gap.isAlikeThroughout },
    .optionalText(
      "different_classes",
      "which classes only one of the languages has examples of; absent where they have the same"
    ) { $0.differentClasses },
  ]
}

/// What a transfer gap is made of.
struct GapAnalysisTags: TagSource {
  let analysis: GapAnalysis
  let target: RunResults.Language
  let part: Part
  let results: RunResults
  let origins: Origins

  /// On the final part, or on the other where there is no gap on that.
  init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) throws {
    var found: (analysis: GapAnalysis, part: Part)?
    for part in results.finalSplit.parts where found == nil {
      found = try results.gapAnalysis(to: target, part).map { ($0, part) }
    }
    guard let (analysis, part) = found else { return nil }
    (self.analysis, self.part, self.target) = (analysis, part, target)
    (self.results, self.origins) = (results, origins)
  }

  private var splits: (source: Split, target: Split) {
    (Split(results.source.code, part), Split(target.code, part))
  }

  /// By class, by length and by tokens per word.
  private var groupings: [Grouping] {
    let (source, goal) = (origins.split(splits.source), origins.split(splits.target))
    // Where groups by length and tokens per word end follows from the texts of both languages.
    let texts =
      source + goal + origins.examples(splits.source) + origins.examples(splits.target)
    return [
      Grouping("classes", analysis.classes, range: nil, source, goal),
      Grouping("lengths", analysis.lengths, range: ("tokens", 0), texts, texts),
      Grouping(
        "tokens per word", analysis.fertilities,
        range: ("tokens per word", Self.digits(telling: analysis.fertilities)), texts, texts),
    ].compactMap { $0 }
  }

  /// As many decimals as tell each group's end from its successor's beginning, two at least.
  private static func digits(telling breakdown: Breakdown?) -> Int {
    let known = (breakdown?.groups ?? []).compactMap(\.range)
    let ends = zip(known, known.dropFirst()).map { ($0.upperBound, $1.lowerBound) }
    return (2...6).first { digits in
      !ends.contains {
        NumberFormat.decimal($0.0, digits: digits) == NumberFormat.decimal($0.1, digits: digits)
      }
    } ?? 6
  }

  private func facts(
    _ facts: TextFacts?, _ language: RunResults.Language, _ split: Split
  ) -> TextFactsTags? {
    facts.map {
      TextFactsTags(facts: $0, language: language.name, from: origins.examples(split))
    }
  }

  static let tags: [TagDefinition<GapAnalysisTags>] = [
    .text("part", "validation or test: the splits that were decomposed") { partName($0.part) },
    .list("groups", "examples by class, by length and by tokens per word") { source in
      aligned(
        source.groupings.flatMap { grouping in
          grouping.groups.map {
            GapGroupTags(group: $0, grouping: grouping, labels: source.results.labels)
          }
        })
    },
    .number(
      "least_examples",
      "the fewest examples of either language for which a group says something"
    ) { _ in Evidence.definition("gap-by-group").count(Breakdown.leastExamples) },
    .optionalText("too_small", "the groups that have fewer, listed") { source in
      let names = source.groupings.flatMap { grouping in
        grouping.groups.filter(\.isTooSmall).map { group in
          // Quarters that are too small have joined their neighbours; only all texts together can be too few.
          group.label.map { markdown(source.results.labels[$0]) } ?? grouping.what
        }
      }
      return names.isEmpty ? nil : NumberFormat.list(names)
    },
    .list("decompositions", "what differing shares of groups make of the gap") {
      aligned($0.groupings.compactMap { DecompositionTags($0) })
    },
    .list("texts", "what the tokenizer made of each language") {
      aligned(
        [
          $0.facts($0.analysis.source, $0.results.source, $0.splits.source),
          $0.facts($0.analysis.target, $0.target, $0.splits.target),
        ].compactMap { $0 })
    },
  ]
}

/// The examples of both languages, grouped in one way.
struct Grouping: Sendable {
  /// Such as "lengths".
  let what: String
  let breakdown: Breakdown
  /// What the groups' ends count, and with how many decimals; `nil` for classes.
  let range: (unit: String, digits: Int)?
  let ofSource: Evidence
  let ofTarget: Evidence

  /// - Returns: `nil` where the examples could not be grouped so.
  init?(
    _ what: String, _ breakdown: Breakdown?, range: (unit: String, digits: Int)?,
    _ ofSource: Evidence, _ ofTarget: Evidence
  ) {
    guard let breakdown else { return nil }
    (self.what, self.breakdown, self.range) = (what, breakdown, range)
    (self.ofSource, self.ofTarget) = (ofSource, ofTarget)
  }

  /// Those that either language has examples of.
  var groups: [Breakdown.Group] {
    breakdown.groups.filter { $0.source.total + $0.target.total > 0 }
  }

  func ends(_ group: Breakdown.Group) -> PrintedNumber? {
    guard let range, let ends = group.range else { return nil }
    let texts = [ends.lowerBound, ends.upperBound].map {
      NumberFormat.decimal($0, digits: range.digits)
    }
    return ofSource.number(
      (texts[0] == texts[1] ? texts[0] : texts.joined(separator: "–")) + " \(range.unit)",
      [ends.lowerBound, ends.upperBound], .tokens)
  }
}

/// A group of examples in both languages.
struct GapGroupTags: TableRow {
  let group: Breakdown.Group
  let grouping: Grouping
  let labels: [String]
  var columns: [String: EstimateTags] = [:]

  private func accuracy(_ hits: Hits, _ from: Evidence) -> EstimateTags {
    EstimateTags(
      hits.total >= Breakdown.leastExamples ? hits.share : nil, .share, "accuracy", from: from
    ).measuring(.of(.accuracy))
  }

  static let tags: [TagDefinition<GapGroupTags>] = [
    .optionalText("label", "the class, for groups by class") { source in
      source.group.label.flatMap {
        source.labels.indices.contains($0) ? markdown(source.labels[$0]) : nil
      }
    },
    .optionalNumber("range", "the lengths or tokens per word, for other groups") {
      $0.grouping.ends($0.group)
    },
    .column("source", "the source's accuracy") {
      $0.accuracy($0.group.source, $0.grouping.ofSource)
    },
    .number("source_examples", "examples of the source") {
      $0.grouping.ofSource.count($0.group.source.total)
    },
    .column("target", "the target's accuracy") {
      $0.accuracy($0.group.target, $0.grouping.ofTarget)
    },
    .number("target_examples", "examples of the target") {
      $0.grouping.ofTarget.count($0.group.target.total)
    },
    .column("gap", "the gap within the group") {
      EstimateTags(
        $0.group.difference?.absolute, orUnknown: .points, "gap-by-group",
        from: $0.grouping.ofSource + $0.grouping.ofTarget
      ).measuring(.gap(.accuracy))
    },
  ]
}

/// What differing shares of groups make of a gap, and what differing accuracies within groups.
struct DecompositionTags: TableRow {
  let what: String
  let decomposition: Decomposition
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  /// - Returns: `nil` where the groups do not allow one.
  init?(_ grouping: Grouping) {
    guard let decomposition = grouping.breakdown.decomposition else { return nil }
    (what, self.decomposition) = (grouping.what, decomposition)
    from = grouping.ofSource + grouping.ofTarget
  }

  static let tags: [TagDefinition<DecompositionTags>] = [
    .text("what", "classes, lengths or tokens per word") { $0.what },
    .column("composition", "because the groups have different shares") {
      EstimateTags($0.decomposition.composition, .points, "decomposition", from: $0.from)
    },
    .column("within", "because the target does worse within the same group") {
      EstimateTags($0.decomposition.within, .points, "decomposition", from: $0.from)
    },
  ]
}

/// What the tokenizer made of a language's texts.
struct TextFactsTags: TableRow {
  let facts: TextFacts
  let language: String
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  static let tags: [TagDefinition<TextFactsTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .number("examples", "texts") { $0.from.count($0.facts.examples) },
    .column("tokens", "tokens per text after truncation") {
      EstimateTags($0.facts.tokens, .ratio, "ratio-interval", from: $0.from)
    },
    .column("fertility", "tokens per word") {
      EstimateTags($0.facts.fertility, .ratio, "ratio-interval", from: $0.from)
    },
    .column("truncated", "share of texts that were cut") {
      EstimateTags($0.facts.truncated, .share, "wilson-interval", from: $0.from)
    },
    .column("unknown", "share of tokens that are unknown") {
      EstimateTags($0.facts.unknown, .share, "ratio-interval", from: $0.from)
    },
    .column("with_unknown", "share of texts with an unknown token") {
      EstimateTags($0.facts.withUnknown, .share, "wilson-interval", from: $0.from)
    },
  ]
}
