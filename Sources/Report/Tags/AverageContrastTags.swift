internal import Metrics
internal import Results
internal import RunLog

/// A language with averaged weights and with the last epoch's.
struct AverageContrastTags: TableRow {
  let contrast: AverageContrast
  private let last: Evidence
  private let average: Evidence
  var columns: [String: EstimateTags] = [:]

  init(_ contrast: AverageContrast, _ epochs: ClosedRange<Int>, _ origins: Origins) {
    self.contrast = contrast
    last = origins.split(contrast.split, with: .epoch(epochs.upperBound))
    average = origins.split(contrast.split, with: .average(epochs)) + origins.average()
  }

  /// A p-value, where there was a test.
  private func probability(_ value: Double, _ anchor: String) -> PrintedNumber {
    value.isNaN
      ? (last + average).unknown(.ratio)
      : (last + average).probability(value).defined(anchor)
  }

  static let tags: [TagDefinition<AverageContrastTags>] = [
    .text("language", "the language") { markdown($0.contrast.language.name) },
    .text("part", "test or validation") { partName($0.contrast.split.part) },
    .number("examples", "how many examples were compared, with the noun") {
      ($0.last + $0.average).count($0.contrast.examples, "example")
    },
    .column("last", "the last epoch's accuracy") {
      EstimateTags($0.contrast.last, orUnknown: .share, "accuracy", from: $0.last)
        .measuring(.of(.accuracy))
    },
    .column("average", "the accuracy with averaged weights") {
      EstimateTags($0.contrast.average, orUnknown: .share, "accuracy", from: $0.average)
        .measuring(.of(.accuracy))
    },
    .column("difference", "the latter minus the former, in percentage points") {
      EstimateTags(
        $0.contrast.difference, orUnknown: .points, "average", from: $0.last + $0.average
      ).measuring(.difference(.accuracy))
    },
    .number("p_value", "McNemar's two-sided p-value of equal accuracies") {
      $0.probability($0.contrast.ownPValue, "mcnemar")
    },
    .number("adjusted_p_value", "the same after Holm's correction") {
      $0.probability($0.contrast.pValue, "holm")
    },
    .condition("is_above", "whether averaging is clearly better") {
      $0.contrast.verdict == .above
    },
    .condition("is_below", "whether it is clearly worse") { $0.contrast.verdict == .below },
    .condition("is_indistinct", "whether the two could not be distinguished") {
      $0.contrast.verdict == .indistinct
    },
    .condition(
      "is_only_before_correction",
      "whether McNemar's test alone would tell them apart, but the correction leaves it open"
    ) { $0.contrast.isOnlyBeforeCorrection },
    .condition("is_interval_apart", "whether the interval leaves out 0 all the same") {
      $0.contrast.isIntervalApart && !$0.contrast.isOnlyBeforeCorrection
    },
    .condition("is_identical", "whether each example is right with both or with neither") {
      $0.contrast.verdict == .identical
    },
    .condition("is_too_few", "whether there are too few examples to say") {
      $0.contrast.verdict == .tooFewExamples
    },
    .condition("is_untested", "whether answers by example are missing, so that there is no test") {
      $0.contrast.verdict == .untested
    },
    .condition("is_unanswered", "whether one of the two has no answer for any example") {
      $0.contrast.verdict == .unanswered
    },
    .condition("is_unknown", "whether an accuracy is not known") {
      $0.contrast.verdict == .unknown
    },
  ]
}

extension Evidence {
  /// Consecutive epochs, such as `8–10`.
  func span(_ epochs: ClosedRange<Int>) -> PrintedNumber {
    number(
      "\(epochs.lowerBound)–\(epochs.upperBound)", [epochs.lowerBound, epochs.upperBound])
  }
}
