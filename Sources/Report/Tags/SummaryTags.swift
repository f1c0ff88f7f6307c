internal import Metrics
internal import Results
internal import RunLog

/// What the run found, for the first paragraph.
struct SummaryTags: TagSource {
  let accuracy: PrintedNumber?
  let interval: PrintedNumber?
  let examples: PrintedNumber?
  let majority: PrintedNumber?
  let isDiverged: Bool
  let isUnstable: Bool
  let isNotAboveMajority: Bool
  let isSelectedLast: Bool

  init(_ results: RunResults, _ origins: Origins) {
    let validation = Split(results.source.code, .validation)
    let final = Split(results.source.code, results.finalSplit.part)
    let result = results.selected[final]
    let from = origins.split(final)
    let estimate = result.flatMap { result in
      result.accuracy.isNaN
        ? nil
        : EstimateTags(
          Estimate(result.accuracy, result.accuracyInterval, by: .wilson), .share, "accuracy",
          from: from)
    }
    accuracy = estimate?.value
    interval = estimate?.interval
    examples = result?.examples.map { from.count($0, "example") }
    let share = results.majorityShare(final)
    majority = share.map { from.percent($0) }
    isNotAboveMajority =
      if let lower = result?.accuracyInterval?.lower, let share { lower <= share } else { false }
    let training = Split(results.source.code, .train)
    let losses = [validation, training].compactMap { results.byEpoch[$0]?.map(\.loss) }
      // A log may lack one of the losses altogether; that is no divergence.
      .filter { series in series.contains { !$0.isNaN } || !results.labels.isEmpty }
    isDiverged = losses.contains { !$0[results.selectedEpoch - 1].isFinite }
    isUnstable = !isDiverged && losses.contains { series in series.contains { !$0.isFinite } }
    isSelectedLast = results.run.experiment?.select ?? .last == .last
  }

  static let tags: [TagDefinition<SummaryTags>] = [
    .optionalNumber("accuracy", \.accuracy, "the source's accuracy on the final part, if known"),
    .optionalNumber("interval", \.interval, "Wilson's 95 % interval of it"),
    .optionalNumber("examples", \.examples, "the source's examples there, with the noun"),
    .optionalNumber("majority", \.majority, "share of the most frequent class there"),
    .condition(
      "is_diverged", \.isDiverged,
      "whether a source loss is not finite after the epoch that counts"),
    .condition("is_unstable", \.isUnstable, "whether one is not finite after another epoch only"),
    .condition(
      "is_not_above_majority", \.isNotAboveMajority,
      "whether the interval reaches down to the share of the most frequent class"),
    .condition("is_selected_last", \.isSelectedLast, "whether the last epoch counts by choice"),
  ]
}
