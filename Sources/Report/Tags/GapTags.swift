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
    .optionalText(
      "relation",
      "how the target relates to training, to follow its name and a comma; absent with another program's log"
    ) {
      switch $0.gap.target.regime {
      case .zeroShot: "which this run did not train on (zero-shot)"
      case .translateTest: "whose texts were translated before they were scored (translate-test)"
      // No run trains on its targets; what it began with may have.
      case .translateTrain, nil:
        $0.results.run.imported == nil ? "which this run did not train on" : nil
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
