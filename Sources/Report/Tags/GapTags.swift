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
    let rows = aligned(found.flatMap(\.inOrder), \.gap, \.relative, \.macroF1Gap)
    var start = 0
    for place in found.indices {
      let end = start + found[place].inOrder.count
      found[place].inOrder = Array(rows[start..<end])
      start = end
    }
    return found
  }

  static let tags: [TagDefinition<GapTags>] = [
    .text("language", \.language, "the target language"),
    .section("validation", \.validation, "the gap on the validation splits"),
    .section("test", \.test, "the gap on the test splits"),
    .list("in_order", \.inOrder, "the gaps on both parts, the final one first"),
    .section("parts", \.parts, "what the gap is made of; absent without predictions"),
  ]
}

/// A gap on the final part, or on the part that a language set apart has, and what it shows.
struct FinalGapTags: TagSource {
  let language: String
  let gap: GapPartTags
  let otherGap: GapPartTags?
  let finding: FinalGap.Finding
  let isOnlyBeforeCorrection: Bool

  init(_ gap: FinalGap, _ results: RunResults, _ origins: Origins) {
    language = markdown(gap.target.name)
    func tags(_ part: PartGap) -> GapPartTags {
      GapPartTags(part.accuracy, gap.target, part.part, results, origins)
    }
    self.gap = tags(gap.gap)
    otherGap = gap.otherGap.map(tags)
    (finding, isOnlyBeforeCorrection) = (gap.finding, gap.isOnlyBeforeCorrection)
  }

  var isPositive: Bool { finding == .sourceAhead }
  var isNegative: Bool { finding == .targetAhead }
  var isIndistinct: Bool { finding == .indistinct && !isOnlyBeforeCorrection }
  var isUntested: Bool { finding == .untested }

  static let tags: [TagDefinition<FinalGapTags>] = [
    .text("language", \.language, "the target language"),
    .section("gap", \.optionalGap, "the gap"),
    .section("other", \.otherGap, "the gap on the other part, where both languages have it"),
    .condition(
      "is_positive", \.isPositive, "whether the source is ahead, after that correction"),
    .condition("is_negative", \.isNegative, "whether the target is, likewise"),
    .condition("is_indistinct", \.isIndistinct, "whether the gap's own interval holds zero"),
    .condition(
      "is_only_before_correction", \.isOnlyBeforeCorrection,
      "whether it excludes zero, but the correction leaves the gap open"),
    .condition("is_untested", \.isUntested, "whether no test is possible"),
  ]

  private var optionalGap: GapPartTags? { gap }
}

/// A transfer gap on one part of the data.
struct GapPartTags: TagSource {
  let part: String
  var gap: EstimateTags?
  var macroF1Gap: EstimateTags?
  var relative: EstimateTags?
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
    macroF1Gap = results.selectedGap(in: .macroF1, to: target, part).flatMap {
      $0.value.isNaN ? nil : EstimateTags($0, .scoreChange, "macro-f1-gap", from: both)
    }
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

  static let tags: [TagDefinition<GapPartTags>] = [
    .text("part", \.part, "validation or test"),
    .section("gap", \.gap, "source minus target accuracy in percentage points, with its sign"),
    .section(
      "macro_f1", \.macroF1Gap,
      "source minus target macro F1, with its sign; absent if one is not known"),
    .section("relative", \.relative, "the gap as a share of the source's accuracy"),
    .optionalNumber(
      "smallest_detectable", \.smallestDetectable,
      "the smallest gap in percentage points that this many examples show with 80 % power"),
    .optionalNumber(
      "adjusted_p_value", \.adjustedPValue,
      "of no gap in accuracy, after Holm's correction over the targets; only of the final part"),
    .text("method_anchor", \.methodAnchor, "the section of metrics.md that defines the interval"),
    .section("accuracy", \.accuracy, "the target's accuracy"),
    .section("source_accuracy", \.sourceAccuracy, "the source's accuracy"),
    .optionalNumber("examples", \.examples, "the target's examples, with the noun"),
    .number("size", \.size, "the gap in percentage points without its sign"),
    .optionalNumber(
      "size_interval", \.sizeInterval, "its 95 % interval, turned to the side of the gap"),
    .condition("is_paired", \.isPaired, "whether the same texts were compared"),
    .condition(
      "is_vague", \.isVague, "whether the interval holds zero and is wider than 20 points"),
    .condition("is_unknown", \.isUnknown, "whether an accuracy is missing"),
    .condition(
      "is_alike_throughout", \.isAlikeThroughout,
      "whether of every text, the same in both languages, both answers are right or both are wrong"),
    .optionalText(
      "different_classes", \.differentClasses,
      "which classes only one of the languages has examples of; absent where they have the same"),
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
      groups += present.map { GapGroupTags($0, name($0), results.labels, source, goal) }
      tooSmall += present.filter(\.isTooSmall).map { group in
        // Quarters that are too small have joined their neighbours; only all texts together can be too few.
        group.label.map { markdown(results.labels[$0]) } ?? what
      }
      if let decomposition = breakdown.decomposition {
        decompositions.append(DecompositionTags(what, decomposition, source + goal))
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
    self.groups = aligned(groups, \.source, \.target, \.gap)
    self.decompositions = aligned(decompositions, \.composition, \.within)
    leastExamples = Evidence.definition("gap-by-group").count(Breakdown.leastExamples)
    self.tooSmall = tooSmall.isEmpty ? nil : NumberFormat.list(tooSmall)
    self.texts = aligned(
      [
        analysis.source.map { TextFactsTags($0, results.source.name, files.0) },
        analysis.target.map { TextFactsTags($0, target.name, files.1) },
      ].compactMap { $0 }, \.tokens, \.fertility, \.truncated, \.unknown, \.withUnknown)
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
    .text("part", \.part, "validation or test: the splits that were decomposed"),
    .list("groups", \.groups, "examples by class, by length and by tokens per word"),
    .number(
      "least_examples", \.leastExamples,
      "the fewest examples of either language for which a group says something"),
    .optionalText("too_small", \.tooSmall, "the groups that have fewer, listed"),
    .list("decompositions", \.decompositions, "what differing shares of groups make of the gap"),
    .list("texts", \.texts, "what the tokenizer made of each language"),
  ]
}

/// A group of examples in both languages.
struct GapGroupTags: TagSource {
  let label: String?
  let range: PrintedNumber?
  var source: EstimateTags?
  let sourceExamples: PrintedNumber
  var target: EstimateTags?
  let targetExamples: PrintedNumber
  var gap: EstimateTags?

  init(
    _ group: Breakdown.Group, _ range: PrintedNumber?, _ labels: [String], _ source: Evidence,
    _ target: Evidence
  ) {
    label = group.label.flatMap { labels.indices.contains($0) ? markdown(labels[$0]) : nil }
    self.range = range
    func accuracy(_ hits: Hits, _ from: Evidence) -> EstimateTags {
      hits.total >= Breakdown.leastExamples
        ? EstimateTags(hits.share, .share, "accuracy", from: from)
        : EstimateTags(nil, .share, "accuracy", from: from)
    }
    self.source = accuracy(group.source, source)
    self.target = accuracy(group.target, target)
    sourceExamples = source.count(group.source.total)
    targetExamples = target.count(group.target.total)
    gap =
      group.difference.map {
        EstimateTags($0.absolute, .points, "gap-by-group", from: source + target)
      } ?? EstimateTags(nil, .points, "gap-by-group", from: source + target)
  }

  static let tags: [TagDefinition<GapGroupTags>] = [
    .optionalText("label", \.label, "the class, for groups by class"),
    .optionalNumber("range", \.range, "the lengths or tokens per word, for other groups"),
    .section("source", \.source, "the source's accuracy"),
    .number("source_examples", \.sourceExamples, "examples of the source"),
    .section("target", \.target, "the target's accuracy"),
    .number("target_examples", \.targetExamples, "examples of the target"),
    .section("gap", \.gap, "the gap within the group"),
  ]
}

/// What differing shares of groups make of a gap, and what differing accuracies within groups.
struct DecompositionTags: TagSource {
  let what: String
  var composition: EstimateTags?
  var within: EstimateTags?

  init(_ what: String, _ decomposition: Decomposition, _ from: Evidence) {
    self.what = what
    composition = EstimateTags(decomposition.composition, .points, "decomposition", from: from)
    within = EstimateTags(decomposition.within, .points, "decomposition", from: from)
  }

  static let tags: [TagDefinition<DecompositionTags>] = [
    .text("what", \.what, "classes, lengths or tokens per word"),
    .section("composition", \.composition, "because the groups have different shares"),
    .section("within", \.within, "because the target does worse within the same group"),
  ]
}

/// What the tokenizer made of a language's texts.
struct TextFactsTags: TagSource {
  let language: String
  let examples: PrintedNumber
  var tokens: EstimateTags?
  var fertility: EstimateTags?
  var truncated: EstimateTags?
  var unknown: EstimateTags?
  var withUnknown: EstimateTags?

  init(_ facts: TextFacts, _ language: String, _ from: Evidence) {
    self.language = markdown(language)
    examples = from.count(facts.examples)
    tokens = EstimateTags(facts.tokens, .ratio, "ratio-interval", from: from)
    fertility = EstimateTags(facts.fertility, .ratio, "ratio-interval", from: from)
    truncated = EstimateTags(facts.truncated, .share, "wilson-interval", from: from)
    unknown = EstimateTags(facts.unknown, .share, "ratio-interval", from: from)
    withUnknown = EstimateTags(facts.withUnknown, .share, "wilson-interval", from: from)
  }

  static let tags: [TagDefinition<TextFactsTags>] = [
    .text("language", \.language, "the language"),
    .number("examples", \.examples, "texts"),
    .section("tokens", \.tokens, "tokens per text after truncation"),
    .section("fertility", \.fertility, "tokens per word"),
    .section("truncated", \.truncated, "share of texts that were cut"),
    .section("unknown", \.unknown, "share of tokens that are unknown"),
    .section("with_unknown", \.withUnknown, "share of texts with an unknown token"),
  ]
}
