internal import Metrics
internal import Results
internal import RunLog

/// Which part of the data the final numbers are of, and what it says of all targets together.
struct FinalTags: TagSource {
  let found: FinalGaps
  let gaps: [FinalGapTags]
  let results: RunResults
  let origins: Origins

  init(_ results: RunResults, _ origins: Origins) {
    (self.results, self.origins) = (results, origins)
    found = results.finalGaps
    gaps = found.gaps.map { FinalGapTags(gap: $0, results: results, origins: origins) }
  }

  static let tags: [TagDefinition<FinalTags>] = [
    .text("part", "test if the source and every target have it, else validation") {
      partName($0.found.split.part)
    },
    .optionalText("other_part", "the other of the two, where the source has it") {
      $0.found.split.otherPart.map(partName)
    },
    .list("gaps", "the gaps on that part, one per target that has it") { $0.gaps },
    .condition("has_gaps", "whether there is one") { !$0.gaps.isEmpty },
    .condition("has_many_targets", "whether there are more than two") { $0.gaps.count > 2 },
    .list("behind", "the gaps that are above zero after correction") {
      $0.gaps.filter { $0.gap.finding == .sourceAhead }
    },
    .list("ahead", "the gaps that are below zero after correction") {
      $0.gaps.filter { $0.gap.finding == .targetAhead }
    },
    .list("undecided", "the gaps whose own interval holds zero") {
      $0.gaps.filter(\.isIndistinct)
    },
    .list(
      "open", "the gaps whose own interval excludes zero, but which the correction leaves open"
    ) { $0.gaps.filter(\.gap.isOnlyBeforeCorrection) },
    .list("untested", "the gaps that cannot be tested") {
      $0.gaps.filter { $0.gap.finding == .untested }
    },
    .list("set_apart", "the targets that lack the part") { source in
      source.found.split.setApart.map {
        SetApartTags(apart: $0, results: source.results, origins: source.origins)
      }
    },
    .list(
      "unusable_tests",
      "the languages for whose sake validation is final although test was scored"
    ) { source in
      source.results.unusableTests.map { UnusableTestTags(test: $0, origins: source.origins) }
    },
    .number("tests", "how many gaps were tested together") {
      ($0.origins.testedGaps + $0.origins.scores()).number(
        NumberFormat.count($0.found.tests), [$0.found.tests]
      ).defined("several-targets")
    },
    .condition("has_several_tests", "whether that is more than one") { $0.found.tests > 1 },
    .section("target_summary", "mean and worst target; absent with fewer than two") {
      TargetSummaryTags($0.found, $0.results, $0.origins)
    },
  ]
}

/// A language whose test results cannot be compared.
struct UnusableTestTags: TagSource {
  let test: RunResults.UnusableTest
  let origins: Origins

  static let tags: [TagDefinition<UnusableTestTags>] = [
    .text("language", "the language") { markdown($0.test.language.name) },
    .optionalNumber(
      "unanswered",
      "its test examples, with the noun, where none has an answer; absent where the accuracy that was "
        + "logged is not a finite number"
    ) { test in
      test.test.unanswered.map {
        test.origins.split(Split(test.test.language.code, .test)).count($0, "example")
      }
    },
  ]
}

/// A target without results on the final part.
struct SetApartTags: TagSource {
  let apart: FinalSplit.SetApart
  let results: RunResults
  let origins: Origins

  /// Why there is no gap to a language that has no results on any part.
  private var reason: String {
    let own = [Part.test, .validation].compactMap {
      results.selected[Split(apart.language.code, $0)]
    }
    let name = markdown(apart.language.name)
    if own.contains(where: \.isWithoutAnswers) { return "no example of \(name) has an answer" }
    return own.contains { $0.isNotFinite(.accuracy) }
      ? "the accuracy on \(name) was logged, but it is not a finite number"
      : "no accuracy on \(name) was logged"
  }

  static let tags: [TagDefinition<SetApartTags>] = [
    .text("language", "the target language") { markdown($0.apart.language.name) },
    .optionalText("own_part", "what it has results on instead; absent for nothing") {
      $0.apart.part.map(partName)
    },
    .text("reason", "why there is no gap, for a language with results on no part") { $0.reason },
    .section("own_gap", "the gap there; absent where the source has no results on it") { source in
      source.results.finalGaps.setApart.first { $0.target == source.apart.language }.map {
        FinalGapTags(gap: $0, results: source.results, origins: source.origins)
      }
    },
  ]
}

/// A metric over all targets of the final part.
struct TargetSummaryTags: TagSource {
  let gaps: FinalGaps
  let accuracy: TargetSummary
  let results: RunResults
  private let ofTargets: Evidence
  private let all: Evidence

  /// `nil` with fewer than two targets on the final part.
  init?(_ gaps: FinalGaps, _ results: RunResults, _ origins: Origins) {
    guard let accuracy = gaps.summaries[.accuracy] else { return nil }
    (self.gaps, self.accuracy, self.results) = (gaps, accuracy, results)
    ofTargets =
      gaps.split.targets.reduce(Evidence([])) {
        $0 + origins.split(Split($1.code, gaps.split.part))
      } + origins.pairing()
    all = origins.split(Split(results.source.code, gaps.split.part)) + ofTargets
  }

  private var worstGap: EstimateTags {
    // As that target's own gap is printed, so that one number does not stand there in two ways.
    let digits = results.selectedGap(to: accuracy.worst, gaps.split.part)?.difference.flatMap {
      EstimateTags($0.absolute, .points, "transfer-gap", from: all).digits
    }
    return EstimateTags(accuracy.worstGap, .points, "largest-gap", from: all, digits: digits)
      .measuring(.largestGap(.accuracy, of: accuracy.worst, gaps.split.part))
  }

  static let tags: [TagDefinition<TargetSummaryTags>] =
    [
      .number("count", "how many targets have the final part") {
        $0.ofTargets.count($0.gaps.split.targets.count)
      },
      .section("mean", "the mean of their accuracies, each counting the same") {
        EstimateTags($0.accuracy.mean, .share, "target-mean", from: $0.ofTargets)
          .measuring(.mean(.of(.accuracy), $0.gaps.split.part))
      },
      .section("mean_gap", "the source's accuracy minus that") {
        EstimateTags($0.accuracy.meanGap, .points, "target-mean", from: $0.all)
          .measuring(.mean(.gap(.accuracy), $0.gaps.split.part))
      },
      .text("worst", "the target with the largest gap in accuracy") {
        markdown($0.accuracy.worst.name)
      },
      .section(
        "worst_gap", "that gap, with an interval of the largest true one, whichever target has it"
      ) { $0.worstGap },
    ]
    + Metric.besideAccuracy.map { metric in
      .section(metric.key, "the same in \(metric.name); absent where it is not known") {
        $0.summary(metric)
      }
    } + [
      .list("other_summaries", "the same in metrics that have no name in the built-in template") {
        Metric.others.compactMap($0.summary)
      }
    ]

  private func summary(_ metric: Metric) -> MetricSummaryTags? {
    guard metric != .accuracy else { return nil }
    return gaps.summaries[metric].map {
      MetricSummaryTags(
        metric: metric, summary: $0, part: gaps.split.part, ofTargets: ofTargets, all: all)
    }
  }
}

/// A metric other than accuracy over all targets of the final part.
struct MetricSummaryTags: TagSource {
  let metric: Metric
  let summary: TargetSummary
  let part: Part
  let ofTargets: Evidence
  let all: Evidence

  private func gap(_ estimate: Estimate, _ anchor: String) -> EstimateTags {
    EstimateTags(estimate, EstimateTags.Quantity(differenceIn: metric), anchor, from: all)
  }

  static let tags: [TagDefinition<MetricSummaryTags>] = [
    .text("title", "the metric, to begin a row with") { MetricNameTags(metric: $0.metric).title },
    .section("mean", "the mean of the targets' values, each counting the same") {
      EstimateTags(
        $0.summary.mean, EstimateTags.Quantity($0.metric), "target-mean", from: $0.ofTargets
      ).measuring(.mean(.of($0.metric), $0.part))
    },
    .section("mean_gap", "the source's value minus that") {
      $0.gap($0.summary.meanGap, "target-mean").measuring(.mean(.gap($0.metric), $0.part))
    },
    .text("worst", "the target with the largest gap") { markdown($0.summary.worst.name) },
    .section("worst_gap", "that gap, with an interval of the largest true one") {
      $0.gap($0.summary.worstGap, "largest-gap")
        .measuring(.largestGap($0.metric, of: $0.summary.worst, $0.part))
    },
  ]
}

extension PrintedNumber.Subject {
  /// The mean over targets.
  fileprivate static func mean(_ subject: Self, _ part: Part) -> Self {
    Self(metric: "mean_\(subject.metric)").on(part)
  }

  /// The largest gap, and whose it is.
  fileprivate static func largestGap(
    _ metric: Metric, of target: RunResults.Language, _ part: Part
  ) -> Self {
    Self(metric: "largest_\(Self.gap(metric).metric)").on(part, of: target.name)
  }
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
