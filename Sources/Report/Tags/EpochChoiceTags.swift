internal import Metrics
internal import Results
internal import RunLog

/// Which epoch one should have taken for a target language.
struct EpochChoiceTags: TagSource {
  let language: String
  let rules: [EpochRuleTags]
  let regret: EstimateTags?
  let regretPart: String
  let isUpperBound: Bool
  let isSameEpoch: Bool
  let correlation: PrintedNumber?
  let epochs: PrintedNumber
  let leastEpochs: PrintedNumber
  let hasTooFewEpochs: Bool
  let isUnreliable: Bool

  init(_ choice: EpochChoice, _ results: RunResults, _ origins: Origins) {
    language = markdown(choice.target.name)
    rules = aligned(
      choice.rows.map { EpochRuleTags($0, choice.target, results, origins) }, \.sourceValidation,
      \.targetValidation, \.sourceTest, \.targetTest, \.gap)
    let series =
      origins.series(Split(results.source.code, .validation))
      + origins.series(Split(choice.target.code, .validation))
    func epoch(_ rule: EpochChoice.Rule) -> Int? {
      choice.rows.first { $0.rule == rule }?.epoch
    }
    let ofRegret = [EpochChoice.Rule.bestSource, .bestTarget].reduce(Evidence([])) {
      $0
        + origins.split(
          Split(choice.target.code, choice.regret?.part ?? .validation), epoch: epoch($1))
    }
    // Which epochs are compared follows from all of them.
    regret = choice.regret.map {
      EstimateTags($0.difference, .points, "regret", from: ofRegret + series)
    }
    regretPart = partName(choice.regret?.part ?? .validation)
    isUpperBound = choice.regret?.isUpperBound ?? false
    isSameEpoch = epoch(.bestSource) == epoch(.bestTarget)
    correlation = choice.correlation.map {
      series.number(NumberFormat.decimal($0, digits: 2), [$0], .ratio).defined("epoch-correlation")
    }
    epochs = series.plain(results.epochs)
    leastEpochs = Evidence.definition("epoch-correlation").count(EpochChoice.leastEpochs)
    hasTooFewEpochs = results.epochs - 1 < EpochChoice.leastEpochs
    isUnreliable = choice.isUnreliable
  }

  static let tags: [TagDefinition<EpochChoiceTags>] = [
    .text("language", \.language, "the target language"),
    .list("rules", \.rules, "what each rule chooses: last, best on source, best on target"),
    .section(
      "regret", \.regret, "target accuracy lost by choosing on source validation, in points"),
    .text("regret_part", \.regretPart, "what the regret was measured on: test, else validation"),
    .condition("is_upper_bound", \.isUpperBound, "whether that was validation"),
    .condition("is_same_epoch", \.isSameEpoch, "whether both choices are the same epoch"),
    .optionalNumber(
      "correlation", \.correlation,
      "rank correlation of both validation accuracies over the epochs after the first"),
    .number("epochs", \.epochs, "the number of epochs"),
    .number(
      "least_epochs", \.leastEpochs, "how many epochs after the first a correlation needs"),
    .condition(
      "has_too_few_epochs", \.hasTooFewEpochs, "whether there are fewer epochs after the first"),
    .condition(
      "is_unreliable", \.isUnreliable,
      "whether another epoch is clearly better on the target's test split, by more than a point"),
  ]
}

/// An epoch that a rule chooses.
struct EpochRuleTags: TagSource {
  let isLast: Bool
  let isBestSource: Bool
  let isBestTarget: Bool
  let epoch: PrintedNumber
  var sourceValidation: EstimateTags?
  var targetValidation: EstimateTags?
  var sourceTest: EstimateTags?
  var targetTest: EstimateTags?
  var gap: EstimateTags?

  init(
    _ row: EpochChoice.Row, _ target: RunResults.Language, _ results: RunResults,
    _ origins: Origins
  ) {
    (isLast, isBestSource, isBestTarget) = (
      row.rule == .last, row.rule == .bestSource, row.rule == .bestTarget
    )
    let chosenBy =
      switch row.rule {
      case .last: origins.epochs("epoch", epoch: row.epoch)
      case .bestSource: origins.series(Split(results.source.code, .validation))
      case .bestTarget: origins.series(Split(target.code, .validation))
      }
    epoch = chosenBy.place(row.epoch, results).defined("epoch-choice")
    func accuracy(_ split: Split) -> EstimateTags {
      let from = origins.split(split, epoch: row.epoch) + chosenBy
      guard let estimate = row.accuracies[split] else {
        return EstimateTags(nil, .share, "accuracy", from: from)
      }
      return EstimateTags(estimate, .share, "accuracy", from: from)
    }
    let (source, goal) = (results.source.code, target.code)
    sourceValidation = accuracy(Split(source, .validation))
    targetValidation = accuracy(Split(goal, .validation))
    sourceTest = accuracy(Split(source, .test))
    targetTest = accuracy(Split(goal, .test))
    let part: Part = row.gaps[.test] == nil ? .validation : .test
    let both =
      origins.split(Split(source, part), epoch: row.epoch)
      + origins.split(Split(goal, part), epoch: row.epoch) + chosenBy + origins.pairing()
    if let found = row.gaps[part], !found.gap.isNaN {
      gap = EstimateTags(
        found.difference?.absolute ?? Estimate(found.gap, nil, by: .unpairedBootstrap), .points,
        "transfer-gap", from: both)
    } else {
      gap = EstimateTags(nil, .points, "transfer-gap", from: both)
    }
  }

  static let tags: [TagDefinition<EpochRuleTags>] = [
    .condition("is_last", \.isLast, "whether the rule is to take the last epoch"),
    .condition("is_best_source", \.isBestSource, "whether it is the best on source validation"),
    .condition("is_best_target", \.isBestTarget, "whether it is the best on target validation"),
    .number("epoch", \.epoch, "the epoch"),
    .section("source_validation", \.sourceValidation, "source accuracy on validation"),
    .section("target_validation", \.targetValidation, "target accuracy on validation"),
    .section("source_test", \.sourceTest, "source accuracy on test"),
    .section("target_test", \.targetTest, "target accuracy on test"),
    .section("gap", \.gap, "the gap on test, or on validation where there is no test"),
  ]
}
