internal import Metrics
internal import Results
internal import RunLog

/// Which epoch one should have taken for a target language.
struct EpochChoiceTags: TagSource {
  let choice: EpochChoice
  let results: RunResults
  let origins: Origins
  private let series: Evidence

  init(_ choice: EpochChoice, _ results: RunResults, _ origins: Origins) {
    (self.choice, self.results, self.origins) = (choice, results, origins)
    series =
      origins.series(Split(results.source.code, .validation))
      + origins.series(Split(choice.target.code, .validation))
  }

  var language: String { markdown(choice.target.name) }

  private func epoch(_ rule: EpochChoice.Rule) -> Int? {
    choice.rows.first { $0.rule == rule }?.epoch
  }

  private var regretPart: Part { choice.regret?.part ?? .validation }

  private var regret: EstimateTags? {
    let split = Split(choice.target.code, regretPart)
    let both = [EpochChoice.Rule.bestSource, .bestTarget].reduce(Evidence([])) {
      $0 + origins.split(split, with: epoch($1).map { .epoch($0) })
    }
    // Which epochs are compared follows from all of them.
    return choice.regret.map {
      EstimateTags($0.difference, .points, "regret", from: both + series)
    }
  }

  static let tags: [TagDefinition<EpochChoiceTags>] = [
    .text("language", "the target language") { $0.language },
    .list("rules", "what each rule chooses: last, average, best on source, best on target") {
      source in
      aligned(
        source.choice.rows.map {
          EpochRuleTags($0, source.choice.target, source.results, source.origins)
        })
    },
    .section("regret", "target accuracy lost by choosing on source validation, in points") {
      $0.regret
    },
    .text("regret_part", "what the regret was measured on: test, else validation") {
      partName($0.regretPart)
    },
    .condition("is_upper_bound", "whether that was validation") {
      $0.choice.regret?.isUpperBound ?? false
    },
    .condition("is_same_epoch", "whether both choices are the same epoch") {
      $0.epoch(.bestSource) == $0.epoch(.bestTarget)
    },
    .optionalNumber(
      "correlation",
      "rank correlation of both validation accuracies over the epochs after the first"
    ) { source in
      source.choice.correlation.map {
        source.series.number(NumberFormat.decimal($0, digits: 2), [$0], .ratio)
          .defined("epoch-correlation")
      }
    },
    .number("epochs", "the number of epochs") { $0.series.plain($0.results.epochs) },
    .number("least_epochs", "how many epochs after the first a correlation needs") { _ in
      Evidence.definition("epoch-correlation").count(EpochChoice.leastEpochs)
    },
    .condition("has_too_few_epochs", "whether there are fewer epochs after the first") {
      $0.results.epochs - 1 < EpochChoice.leastEpochs
    },
    .condition(
      "is_unreliable",
      "whether another epoch is clearly better on the target's test split, by more than a point"
    ) { $0.choice.isUnreliable },
  ]
}
