internal import Metrics
internal import Results
internal import RunLog

/// What one number of labelled texts brings.
struct FewShotSizeTags: TagSource {
  let size: FewShotResults.Size
  let results: FewShotResults
  let origins: FewShotOrigins

  /// That of one way to use them, if it is known.
  private func accuracy(_ way: FewShotMethod) -> EstimateTags? {
    size.cell(way).flatMap { cell in
      cell.absence == nil
        ? EstimateTags(
          cell.accuracy, .share, Metric.accuracy.anchor, from: origins.cell(size, cell)) : nil
    }
  }

  static let tags: [TagDefinition<FewShotSizeTags>] = [
    .number("per_class", "how many texts of each class") {
      $0.origins.record.count($0.size.perClass)
    },
    .number("texts", "how many in all, with the noun") {
      $0.origins.data($0.size).count($0.size.texts)
    },
    .section("gain", "accuracy with them minus accuracy without") {
      FewShotDifferenceTags(
        difference: $0.size.gain, of: "gain", tests: $0.results.tests,
        from: $0.origins.difference($0.size, from: nil), origins: $0.origins)
    },
    .section("advantage", "continued fine-tuning minus the labelled texts alone") {
      FewShotDifferenceTags(
        difference: $0.size.advantage, of: "advantage", tests: $0.results.tests,
        from: $0.origins.difference($0.size, from: .targetAlone), origins: $0.origins)
    },
    .section("alone", "the accuracy with the labelled texts alone; absent if not known") {
      $0.accuracy(.targetAlone)
    },
    .section("continued", "the accuracy after continued fine-tuning; absent if not known") {
      $0.accuracy(.continued)
    },
  ]
}

/// A difference in accuracy, and what may be said of it: exactly one of its conditions holds.
struct FewShotDifferenceTags: TagSource {
  let difference: FewShotDifference
  /// The tag of the column with its p-value.
  private let column: String
  private let tests: Int
  private let from: Evidence
  private let origins: FewShotOrigins

  init(
    difference: FewShotDifference, of column: String, tests: Int, from: Evidence,
    origins: FewShotOrigins
  ) {
    (self.difference, self.column, self.tests) = (difference, column, tests)
    (self.from, self.origins) = (from, origins)
  }

  private var tags: EstimateTags? {
    difference.estimate.map { EstimateTags($0, .points, "few-shot", from: from) }
  }

  private func `is`(_ verdict: FewShotDifference.Verdict) -> Bool {
    switch (difference.verdict, verdict) {
    case (.tooFewExamples, .tooFewExamples), (.nothingVaried, .nothingVaried), (.less, .less),
      (.indistinct, .indistinct), (.onlyBeforeCorrection, .onlyBeforeCorrection), (.more, .more):
      true
    default: false
    }
  }

  static let tags: [TagDefinition<FewShotDifferenceTags>] = [
    .optionalNumber("value", "in percentage points with its sign") { $0.tags?.value },
    .optionalNumber("size", "the same without its sign") { source in
      source.difference.estimate.map { estimate in
        let digits = source.tags?.digits ?? 1
        return source.from.number(
          NumberFormat.decimal(100 * abs(estimate.value), digits: digits), [abs(estimate.value)],
          .points
        ).defined("few-shot")
      }
    },
    .optionalNumber("interval", "its 95 % interval") { $0.tags?.interval },
    .text("interval_kind", "what the interval is over, such as draws and examples") {
      $0.difference.contrast.map { $0.isForTheseSeedsOnly ? "examples" : "draws and examples" }
        ?? ""
    },
    .number("equation", "its p-value as a sentence has it, after Holm's correction") {
      $0.origins.text("differences[].\($0.column)_p").equation($0.difference.pValue)
        .defined("holm")
    },
    .number("tests", "over how many differences the correction is") {
      $0.origins.text("differences[].\($0.column)_p").count($0.tests)
    },
    .condition("has_several_tests", "whether it is over several") { $0.tests > 1 },
    .condition("is_more", "whether the difference is above zero") { $0.is(.more) },
    .condition("is_less", "whether it is below zero") { $0.is(.less) },
    .condition("is_indistinct", "whether it could not be distinguished from zero") {
      $0.is(.indistinct)
    },
    .condition(
      "is_only_before_correction", "whether only its own test distinguishes it from zero"
    ) { $0.is(.onlyBeforeCorrection) },
    .condition("is_too_few", "whether there are too few examples to conclude anything") {
      $0.is(.tooFewExamples)
    },
    .condition("has_not_varied", "whether nothing varied from which to draw an interval") {
      $0.is(.nothingVaried)
    },
    .optionalText("absence", "why there is no difference, if so") {
      guard case .absent(let reason) = $0.difference.verdict else { return nil }
      return markdown(reason)
    },
    .condition(
      "is_for_these_draws_only", "whether there are too few draws to speak of others"
    ) { $0.difference.contrast?.isForTheseSeedsOnly ?? false },
    .condition("is_of_one_draw", "whether there is only one") { $0.difference.draws == 1 },
  ]
}
