internal import Metrics
internal import Results
internal import RunLog

/// Which part of the data the final numbers are of, and what it says of all targets together.
struct FinalTags: TagSource {
  let part: String
  let otherPart: String?
  let gaps: [FinalGapTags]
  let setApart: [SetApartTags]
  let unusableTests: [UnusableTestTags]
  let tests: PrintedNumber
  let hasSeveralTests: Bool
  let targets: TargetSummaryTags?

  init(_ results: RunResults, _ origins: Origins) {
    let found = results.finalGaps
    part = partName(found.split.part)
    otherPart = found.split.otherPart.map(partName)
    gaps = found.gaps.map { FinalGapTags($0, results, origins) }
    setApart = found.split.setApart.map { SetApartTags($0, results, origins) }
    unusableTests = results.unusableTests.map { UnusableTestTags($0, origins) }
    tests = (origins.testedGaps + origins.scores()).number(
      NumberFormat.count(found.tests), [found.tests]
    )
    .defined("several-targets")
    hasSeveralTests = found.tests > 1
    targets = TargetSummaryTags(found, results, origins)
  }

  private var hasManyTargets: Bool { gaps.count > 2 }
  private var hasGaps: Bool { !gaps.isEmpty }
  private var behind: [FinalGapTags] { gaps.filter(\.isPositive) }
  private var ahead: [FinalGapTags] { gaps.filter(\.isNegative) }
  private var undecided: [FinalGapTags] { gaps.filter(\.isIndistinct) }
  private var open: [FinalGapTags] { gaps.filter(\.isOnlyBeforeCorrection) }
  private var untested: [FinalGapTags] { gaps.filter(\.isUntested) }

  static let tags: [TagDefinition<FinalTags>] = [
    .text("part", \.part, "test if the source and every target have it, else validation"),
    .optionalText("other_part", \.otherPart, "the other of the two, where the source has it"),
    .list("gaps", \.gaps, "the gaps on that part, one per target that has it"),
    .condition("has_gaps", \.hasGaps, "whether there is one"),
    .condition("has_many_targets", \.hasManyTargets, "whether there are more than two"),
    .list("behind", \.behind, "the gaps that are above zero after correction"),
    .list("ahead", \.ahead, "the gaps that are below zero after correction"),
    .list("undecided", \.undecided, "the gaps whose own interval holds zero"),
    .list(
      "open", \.open,
      "the gaps whose own interval excludes zero, but which the correction leaves open"),
    .list("untested", \.untested, "the gaps that cannot be tested"),
    .list("set_apart", \.setApart, "the targets that lack the part"),
    .list(
      "unusable_tests", \.unusableTests,
      "the languages for whose sake validation is final although test was scored"),
    .number("tests", \.tests, "how many gaps were tested together"),
    .condition("has_several_tests", \.hasSeveralTests, "whether that is more than one"),
    .section("target_summary", \.targets, "mean and worst target; absent with fewer than two"),
  ]
}

/// A language whose test results cannot be compared.
struct UnusableTestTags: TagSource {
  let language: String
  let unanswered: PrintedNumber?

  init(_ test: RunResults.UnusableTest, _ origins: Origins) {
    language = markdown(test.language.name)
    unanswered = test.unanswered.map {
      origins.split(Split(test.language.code, .test)).count($0, "example")
    }
  }

  static let tags: [TagDefinition<UnusableTestTags>] = [
    .text("language", \.language, "the language"),
    .optionalNumber(
      "unanswered", \.unanswered,
      "its test examples, with the noun, where none has an answer; absent where the accuracy that was "
        + "logged is not a finite number"),
  ]
}

/// A target without results on the final part.
struct SetApartTags: TagSource {
  let language: String
  let part: String?
  let gap: FinalGapTags?
  let reason: String

  init(_ apart: FinalSplit.SetApart, _ results: RunResults, _ origins: Origins) {
    language = markdown(apart.language.name)
    part = apart.part.map(partName)
    gap = results.finalGaps.setApart.first { $0.target == apart.language }.map {
      FinalGapTags($0, results, origins)
    }
    reason = Self.reason(apart.language, results)
  }

  /// Why there is no gap to a language that has no results on any part.
  private static func reason(_ language: RunResults.Language, _ results: RunResults) -> String {
    let own = [Part.test, .validation].compactMap { results.selected[Split(language.code, $0)] }
    let name = markdown(language.name)
    if own.contains(where: \.isWithoutAnswers) { return "no example of \(name) has an answer" }
    return own.contains { $0.isNotFinite(.accuracy) }
      ? "the accuracy on \(name) was logged, but it is not a finite number"
      : "no accuracy on \(name) was logged"
  }

  static let tags: [TagDefinition<SetApartTags>] = [
    .text("language", \.language, "the target language"),
    .optionalText("own_part", \.part, "what it has results on instead; absent for nothing"),
    .text("reason", \.reason, "why there is no gap, for a language with results on no part"),
    .section("own_gap", \.gap, "the gap there; absent where the source has no results on it"),
  ]
}

/// A metric over all targets of the final part.
struct TargetSummaryTags: TagSource {
  let count: PrintedNumber
  let mean: EstimateTags?
  let meanGap: EstimateTags?
  let worst: String
  let worstGap: EstimateTags?
  let macroF1: MacroF1SummaryTags?

  /// `nil` with fewer than two targets on the final part.
  init?(_ gaps: FinalGaps, _ results: RunResults, _ origins: Origins) {
    guard let accuracy = gaps.summaries[.accuracy] else { return nil }
    let ofTargets =
      gaps.split.targets.reduce(Evidence([])) {
        $0 + origins.split(Split($1.code, gaps.split.part))
      } + origins.pairing()
    let all = origins.split(Split(results.source.code, gaps.split.part)) + ofTargets
    count = ofTargets.count(gaps.split.targets.count)
    mean = EstimateTags(accuracy.mean, .share, "target-mean", from: ofTargets)
    meanGap = EstimateTags(accuracy.meanGap, .points, "target-mean", from: all)
    worst = markdown(accuracy.worst.name)
    // As that target's own gap is printed, so that one number does not stand there in two ways.
    let digits = results.selectedGap(to: accuracy.worst, gaps.split.part)?.difference.flatMap {
      EstimateTags($0.absolute, .points, "transfer-gap", from: all).digits
    }
    worstGap = EstimateTags(
      accuracy.worstGap, .points, "largest-gap", from: all, digits: digits)
    macroF1 = gaps.summaries[.macroF1].map { MacroF1SummaryTags($0, ofTargets, all) }
  }

  static let tags: [TagDefinition<TargetSummaryTags>] = [
    .number("count", \.count, "how many targets have the final part"),
    .section("mean", \.mean, "the mean of their accuracies, each counting the same"),
    .section("mean_gap", \.meanGap, "the source's accuracy minus that"),
    .text("worst", \.worst, "the target with the largest gap in accuracy"),
    .section(
      "worst_gap", \.worstGap,
      "that gap, with an interval of the largest true one, whichever target has it"),
    .section("macro_f1", \.macroF1, "the same in macro F1; absent where it is not known"),
  ]
}

/// Macro F1 over all targets of the final part.
struct MacroF1SummaryTags: TagSource {
  let mean: EstimateTags?
  let meanGap: EstimateTags?
  let worst: String
  let worstGap: EstimateTags?

  init(_ macroF1: TargetSummary, _ ofTargets: Evidence, _ all: Evidence) {
    mean = EstimateTags(macroF1.mean, .score, "target-mean", from: ofTargets)
    meanGap = EstimateTags(macroF1.meanGap, .scoreChange, "target-mean", from: all)
    worst = markdown(macroF1.worst.name)
    worstGap = EstimateTags(macroF1.worstGap, .scoreChange, "largest-gap", from: all)
  }

  static let tags: [TagDefinition<MacroF1SummaryTags>] = [
    .section("mean", \.mean, "the mean of the targets' macro F1, each counting the same"),
    .section("mean_gap", \.meanGap, "the source's macro F1 minus that"),
    .text("worst", \.worst, "the target with the largest gap in macro F1"),
    .section("worst_gap", \.worstGap, "that gap, with an interval of the largest true one"),
  ]
}

extension Origins {
  /// What all gaps that are tested together are computed from.
  var testedGaps: Evidence {
    let final = results.finalGaps
    return (final.gaps + final.setApart).reduce(pairing()) { from, gap in
      [results.source, gap.target].reduce(from) { $0 + split(Split($1.code, gap.gap.part)) }
    }
  }
}
