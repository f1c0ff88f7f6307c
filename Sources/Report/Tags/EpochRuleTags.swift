internal import Metrics
internal import Results
internal import RunLog

/// An epoch that a rule chooses.
struct EpochRuleTags: TableRow {
  let row: EpochChoice.Row
  let source: String
  let target: String
  let results: RunResults
  let origins: Origins
  private let chosenBy: Evidence
  var columns: [String: EstimateTags] = [:]

  init(
    _ row: EpochChoice.Row, _ target: RunResults.Language, _ results: RunResults,
    _ origins: Origins
  ) {
    (self.row, self.results, self.origins) = (row, results, origins)
    (source, self.target) = (results.source.code, target.code)
    chosenBy =
      switch row.rule {
      case .last: origins.epochs("epoch", epoch: row.epoch)
      case .average: origins.average()
      case .bestSource: origins.series(Split(results.source.code, .validation))
      case .bestTarget: origins.series(Split(target.code, .validation))
      }
  }

  private func accuracy(_ language: String, _ part: Part) -> EstimateTags {
    let split = Split(language, part)
    return EstimateTags(
      row.accuracies[split], orUnknown: .share, "accuracy",
      from: origins.split(split, with: row.weights) + chosenBy
    ).measuring(.of(.accuracy).on(part, of: languageName(split, results)))
  }

  private var place: PrintedNumber {
    switch row.weights {
    case .epoch(let epoch): chosenBy.place(epoch, results).defined("epoch-choice")
    case .average(let epochs): chosenBy.span(epochs).defined("average")
    }
  }

  private var gap: EstimateTags {
    let part: Part = row.gaps[.test] == nil ? .validation : .test
    let both =
      origins.split(Split(source, part), with: row.weights)
      + origins.split(Split(target, part), with: row.weights) + chosenBy + origins.pairing()
    let subject = PrintedNumber.Subject.gap(.accuracy).on(
      part, of: languageName(Split(target, part), results))
    guard let found = row.gaps[part], !found.gap.isNaN else {
      return EstimateTags(nil, .points, "transfer-gap", from: both).measuring(subject)
    }
    return EstimateTags(
      found.difference?.absolute ?? Estimate(found.gap, nil, by: .unpairedBootstrap), .points,
      "transfer-gap", from: both
    ).measuring(subject)
  }

  static let tags: [TagDefinition<EpochRuleTags>] = [
    .condition("is_last", "whether the rule is to take the last epoch") { $0.row.rule == .last },
    .condition("is_best_source", "whether it is the best on source validation") {
      $0.row.rule == .bestSource
    },
    .condition("is_best_target", "whether it is the best on target validation") {
      $0.row.rule == .bestTarget
    },
    .condition("is_average", "whether it is the average of the last epochs") {
      $0.row.rule == .average
    },
    .number("epoch", "the epoch, or those averaged") { $0.place },
    .column("source_validation", "source accuracy on validation") {
      $0.accuracy($0.source, .validation)
    },
    .column("target_validation", "target accuracy on validation") {
      $0.accuracy($0.target, .validation)
    },
    .column("source_test", "source accuracy on test") { $0.accuracy($0.source, .test) },
    .column("target_test", "target accuracy on test") { $0.accuracy($0.target, .test) },
    .column("gap", "the gap on test, or on validation where there is no test") { $0.gap },
  ]
}
