internal import Metrics
internal import Results
internal import RunLog

/// How far a target language is behind the source.
struct GapTags: TagSource {
  let language: String
  let validation: GapPartTags?
  let test: GapPartTags?
  /// The final part's, then the other's.
  private(set) var inOrder: [GapPartTags]
  let parts: GapAnalysisTags?

  init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) throws {
    language = markdown(target.name)
    func part(_ part: Part) -> GapPartTags? {
      results.selectedGap(to: target, part).map {
        GapPartTags($0, target, part, results, origins)
      }
    }
    (validation, test) = (part(.validation), part(.test))
    inOrder = (results.finalSplit.part == .test ? [test, validation] : [validation, test])
      .compactMap { $0 }
    parts = try GapAnalysisTags(target, results, origins)
    if validation == nil, test == nil { return nil }
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

  static let tags: [TagDefinition<GapTags>] = [
    .text("language", "the target language") { $0.language },
    .section("validation", "the gap on the validation splits") { $0.validation },
    .section("test", "the gap on the test splits") { $0.test },
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
  var columns: [String: EstimateTags] = [:]
  let part: String
  let gap: EstimateTags?
  /// In metrics other than accuracy.
  let metricGaps: [Metric: EstimateTags]
  private let evidence: Evidence
  let relative: EstimateTags?
  let smallestDetectable: PrintedNumber?
  let adjustedPValue: PrintedNumber?
  let methodAnchor: String
  let accuracy: EstimateTags?
  let sourceAccuracy: EstimateTags?
  let examples: PrintedNumber?
  let size: PrintedNumber
  let sizeInterval: PrintedNumber?
  let isPaired: Bool
  let isVague: Bool
  let isUnknown: Bool
  let isAlikeThroughout: Bool
  /// Why a gap in macro F1 compares means over different classes; `nil` where it does not.
  let differentClasses: String?

  init(
    _ gap: TransferGap, _ target: RunResults.Language, _ part: Part, _ results: RunResults,
    _ origins: Origins
  ) {
    let splits = (Split(results.source.code, part), Split(target.code, part))
    let (ofSource, ofTarget) = (origins.split(splits.0), origins.split(splits.1))
    let both = ofSource + ofTarget + origins.pairing()
    let result = results.selected[splits.1]
    self.part = partName(part)
    let absolute =
      gap.difference?.absolute ?? Estimate(gap.gap, nil, by: .unpairedBootstrap)
    isUnknown = gap.gap.isNaN
    self.gap =
      isUnknown
      ? EstimateTags(nil, .points, "transfer-gap", from: both)
      : EstimateTags(absolute, .points, "transfer-gap", from: both)
    var metricGaps: [Metric: EstimateTags] = [:]
    for metric in Metric.besideAccuracy {
      guard let gap = results.selectedGap(in: metric, to: target, part), !gap.value.isNaN else {
        continue
      }
      metricGaps[metric] = EstimateTags(
        gap, EstimateTags.Quantity(differenceIn: metric), metric.gap?.anchor ?? metric.anchor,
        from: both)
    }
    self.metricGaps = metricGaps
    evidence = both
    methodAnchor = absolute.method.anchor
    relative = gap.difference.map {
      // A share of an accuracy of zero is no number.
      $0.relative.value.isFinite
        ? EstimateTags($0.relative, .change, "transfer-gap", from: both)
        : EstimateTags(nil, .change, "transfer-gap", from: both)
    }
    smallestDetectable = gap.difference.flatMap { difference in
      difference.smallestDetectable.map {
        both.number(NumberFormat.decimal(100 * $0, digits: 1), [$0], .points)
          .defined("smallest-detectable-gap")
      }
    }
    adjustedPValue = results.finalGaps.gap(to: target).flatMap { final in
      guard final.gap.part == part, let value = final.adjustedPValue else { return nil }
      // The correction is over all targets, so every language's answers are behind the number.
      let number = origins.testedGaps.probability(value).defined("several-targets")
      // Where every draw lies on one side of zero, the p-value is no larger than this, and no more is known.
      return gap.difference?.pValue == leastBootstrapPValue ? number.atMost : number
    }
    func accuracy(_ result: SplitResult?, _ from: Evidence) -> EstimateTags {
      EstimateTags(
        result?.estimate(.accuracy) ?? Estimate(.nan, nil, by: .wilson), .share,
        "accuracy", from: from)
    }
    self.accuracy = accuracy(result, ofTarget)
    sourceAccuracy = accuracy(results.selected[splits.0], ofSource)
    examples = result?.examples.map { ofTarget.count($0, "example") }
    let sign = gap.gap < 0 ? -1.0 : 1.0
    let interval = absolute.interval.map { interval in
      let bounds = [sign * interval.lower, sign * interval.upper].sorted()
      return Interval(lower: bounds[0], upper: bounds[1])
    }
    let digits =
      interval.map { NumberFormat.digits((100 * $0.lower)...(100 * $0.upper), fallback: 1) } ?? 1
    size = both.number(
      NumberFormat.decimal(abs(100 * gap.gap), digits: digits), [abs(gap.gap)], .points
    ).defined("transfer-gap")
    sizeInterval = interval.map {
      both.number(
        NumberFormat.decimal(100 * $0.lower, digits: digits) + " to "
          + NumberFormat.decimal(100 * $0.upper, digits: digits), [$0.lower, $0.upper], .points
      ).defined(absolute.method.anchor)
    }
    isPaired = gap.isPaired
    isAlikeThroughout = gap.isAlikeThroughout
    differentClasses = Self.differentClasses(target, part, results)
    // Twenty points between the ends: an answer of any practical size would fit in.
    isVague =
      !isUnknown && gap.interval.map { $0.contains(0) && $0.upper - $0.lower > 0.2 } ?? false
  }

  private var otherValues: [MetricTags] {
    Metric.others.filter(Metric.besideAccuracy.contains).map { metric in
      inColumn(
        metric,
        metricGaps[metric]
          ?? EstimateTags(
            nil, EstimateTags.Quantity(differenceIn: metric), metric.anchor, from: evidence))
    }
  }

  /// The classes of which only one of the two languages has examples.
  private static func differentClasses(
    _ target: RunResults.Language, _ part: Part, _ results: RunResults
  ) -> String? {
    guard let a = results.selected[Split(results.source.code, part)]?.confusion,
      let b = results.selected[Split(target.code, part)]?.confusion, a.classes == b.classes,
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

  static let tags: [TagDefinition<GapPartTags>] =
    [
      .text("part", "validation or test") { $0.part },
      .column("gap", "source minus target accuracy in percentage points, with its sign") { $0.gap },
    ]
    + Metric.besideAccuracy.map { metric in
      .column(
        metric.key,
        "source minus target \(metric.name), with its sign; absent if one is not known"
      ) { $0.metricGaps[metric] }
    } + [
      .metrics("other_values", "in metrics that have no name in the built-in template") {
        $0.otherValues
      },
      .column("relative", "the gap as a share of the source's accuracy") { $0.relative },
      .optionalNumber(
        "smallest_detectable",
        "the smallest gap in percentage points that this many examples show with 80 % power"
      ) { $0.smallestDetectable },
      .optionalNumber(
        "adjusted_p_value",
        "of no gap in accuracy, after Holm's correction over the targets; only of the final part"
      ) { $0.adjustedPValue },
      .text("method_anchor", "the section of metrics.md that defines the interval") {
        $0.methodAnchor
      },
      .section("accuracy", "the target's accuracy") { $0.accuracy },
      .section("source_accuracy", "the source's accuracy") { $0.sourceAccuracy },
      .optionalNumber("examples", "the target's examples, with the noun") { $0.examples },
      .number("size", "the gap in percentage points without its sign") { $0.size },
      .optionalNumber("size_interval", "its 95 % interval, turned to the side of the gap") {
        $0.sizeInterval
      },
      .condition("is_paired", "whether the same texts were compared") { $0.isPaired },
      .condition("is_vague", "whether the interval holds zero and is wider than 20 points") {
        $0.isVague
      },
      .condition("is_unknown", "whether an accuracy is missing") { $0.isUnknown },
      .condition(
        "is_alike_throughout",
        "whether of every text, the same in both languages, both answers are right or both are wrong"
      ) { $0.isAlikeThroughout },
      .optionalText(
        "different_classes",
        "which classes only one of the languages has examples of; absent where they have the same"
      ) { $0.differentClasses },
    ]
}

/// What a transfer gap is made of.
struct GapAnalysisTags: TagSource {
  let part: String
  let groups: [GapGroupTags]
  let leastExamples: PrintedNumber
  let tooSmall: String?
  let decompositions: [DecompositionTags]
  let texts: [TextFactsTags]

  /// On the final part, or on the other where there is no gap on that.
  init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) throws {
    var found: (analysis: GapAnalysis, part: Part)?
    for part in results.finalSplit.parts where found == nil {
      found = try results.gapAnalysis(to: target, part).map { ($0, part) }
    }
    guard let (analysis, part) = found else { return nil }
    self.part = partName(part)
    let splits = (Split(results.source.code, part), Split(target.code, part))
    let sides = (origins.split(splits.0), origins.split(splits.1))
    let files = (origins.examples(splits.0), origins.examples(splits.1))
    let texts = sides.0 + sides.1 + files.0 + files.1
    var groups: [GapGroupTags] = []
    var decompositions: [DecompositionTags] = []
    var tooSmall: [String] = []
    func add(_ breakdown: Breakdown?, _ what: String, _ name: (Breakdown.Group) -> PrintedNumber?) {
      guard let breakdown else { return }
      let withTexts = what != "classes"
      // Where groups by length and tokens per word end follows from the texts of both languages.
      let source = withTexts ? texts : sides.0
      let goal = withTexts ? texts : sides.1
      let present = breakdown.groups.filter { $0.source.total + $0.target.total > 0 }
      groups += present.map {
        GapGroupTags(
          group: $0, range: name($0), labels: results.labels, ofSource: source, ofTarget: goal)
      }
      tooSmall += present.filter(\.isTooSmall).map { group in
        // Quarters that are too small have joined their neighbours; only all texts together can be too few.
        group.label.map { markdown(results.labels[$0]) } ?? what
      }
      if let decomposition = breakdown.decomposition {
        decompositions.append(
          DecompositionTags(what: what, decomposition: decomposition, from: source + goal))
      }
    }
    add(analysis.classes, "classes") { _ in nil }
    add(analysis.lengths, "lengths") { group in
      group.range.map { range in
        let ends = [range.lowerBound, range.upperBound].map {
          NumberFormat.decimal($0, digits: 0)
        }
        return texts.number(
          (ends[0] == ends[1] ? ends[0] : ends.joined(separator: "–")) + " tokens",
          [range.lowerBound, range.upperBound], .tokens)
      }
    }
    let fertilityDigits = Self.digits(telling: (analysis.fertilities?.groups ?? []).map(\.range))
    add(analysis.fertilities, "tokens per word") { group in
      group.range.map { range in
        let ends = [range.lowerBound, range.upperBound].map {
          NumberFormat.decimal($0, digits: fertilityDigits)
        }
        return texts.number(
          (ends[0] == ends[1] ? ends[0] : ends.joined(separator: "–")) + " tokens per word",
          [range.lowerBound, range.upperBound], .tokens)
      }
    }
    self.groups = aligned(groups)
    self.decompositions = aligned(decompositions)
    leastExamples = Evidence.definition("gap-by-group").count(Breakdown.leastExamples)
    self.tooSmall = tooSmall.isEmpty ? nil : NumberFormat.list(tooSmall)
    self.texts = aligned(
      [
        analysis.source.map {
          TextFactsTags(facts: $0, language: results.source.name, from: files.0)
        },
        analysis.target.map { TextFactsTags(facts: $0, language: target.name, from: files.1) },
      ].compactMap { $0 })
  }

  /// As many decimals as tell each group's end from its successor's beginning, two at least.
  private static func digits(telling ranges: [ClosedRange<Double>?]) -> Int {
    let known = ranges.compactMap { $0 }
    let ends = zip(known, known.dropFirst()).map { ($0.upperBound, $1.lowerBound) }
    return (2...6).first { digits in
      !ends.contains {
        NumberFormat.decimal($0.0, digits: digits) == NumberFormat.decimal($0.1, digits: digits)
      }
    } ?? 6
  }

  static let tags: [TagDefinition<GapAnalysisTags>] = [
    .text("part", "validation or test: the splits that were decomposed") { $0.part },
    .list("groups", "examples by class, by length and by tokens per word") { $0.groups },
    .number(
      "least_examples", "the fewest examples of either language for which a group says something"
    ) { $0.leastExamples },
    .optionalText("too_small", "the groups that have fewer, listed") { $0.tooSmall },
    .list("decompositions", "what differing shares of groups make of the gap") {
      $0.decompositions
    },
    .list("texts", "what the tokenizer made of each language") { $0.texts },
  ]
}

/// A group of examples in both languages.
struct GapGroupTags: TableRow {
  let group: Breakdown.Group
  let range: PrintedNumber?
  let labels: [String]
  let ofSource: Evidence
  let ofTarget: Evidence
  var columns: [String: EstimateTags] = [:]

  private func accuracy(_ hits: Hits, _ from: Evidence) -> EstimateTags {
    hits.total >= Breakdown.leastExamples
      ? EstimateTags(hits.share, .share, "accuracy", from: from)
      : EstimateTags(nil, .share, "accuracy", from: from)
  }

  static let tags: [TagDefinition<GapGroupTags>] = [
    .optionalText("label", "the class, for groups by class") { source in
      source.group.label.flatMap {
        source.labels.indices.contains($0) ? markdown(source.labels[$0]) : nil
      }
    },
    .optionalNumber("range", "the lengths or tokens per word, for other groups") { $0.range },
    .column("source", "the source's accuracy") { $0.accuracy($0.group.source, $0.ofSource) },
    .number("source_examples", "examples of the source") {
      $0.ofSource.count($0.group.source.total)
    },
    .column("target", "the target's accuracy") { $0.accuracy($0.group.target, $0.ofTarget) },
    .number("target_examples", "examples of the target") {
      $0.ofTarget.count($0.group.target.total)
    },
    .column("gap", "the gap within the group") {
      EstimateTags(
        $0.group.difference?.absolute, orUnknown: .points, "gap-by-group",
        from: $0.ofSource + $0.ofTarget)
    },
  ]
}

/// What differing shares of groups make of a gap, and what differing accuracies within groups.
struct DecompositionTags: TableRow {
  let what: String
  let decomposition: Decomposition
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

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
