internal import Metrics
internal import Results
internal import RunLog

/// A row of the table of accuracies: so many labelled texts, used in one way.
struct FewShotRowTags: TableRow {
  /// A cell of the table, or the run itself, without labelled texts.
  private enum Subject: Sendable {
    case run(SplitResult)
    case cell(FewShotResults.Size, FewShotResults.Cell)
  }
  private let subject: Subject
  private let origins: FewShotOrigins
  var columns: [String: EstimateTags] = [:]

  private init(_ subject: Subject, _ origins: FewShotOrigins) {
    (self.subject, self.origins) = (subject, origins)
  }

  static func rows(_ results: FewShotResults, _ origins: FewShotOrigins) -> [FewShotRowTags] {
    aligned(
      (results.zeroShot.map { [FewShotRowTags(.run($0), origins)] } ?? [])
        + results.sizes.flatMap { size in
          size.cells.map { FewShotRowTags(.cell(size, $0), origins) }
        })
  }

  private var from: Evidence {
    switch subject {
    case .run: origins.zeroShot
    case .cell(let size, let cell): origins.cell(size, cell)
    }
  }

  private func score(_ metric: Metric) -> EstimateTags {
    let quantity: EstimateTags.Quantity = metric.unit == .share ? .share : .score
    switch subject {
    case .run(let result):
      guard !result.isWithoutAnswers else {
        return EstimateTags(nil, quantity, metric.anchor, from: from)
      }
      let method: Method = metric == .accuracy ? .wilson : .acceleratedBootstrap
      return EstimateTags(
        Estimate(result[metric], result.interval(metric), by: method), quantity, metric.anchor,
        from: from)
    case .cell(_, let cell):
      guard cell.absence == nil else {
        return EstimateTags(nil, quantity, metric.anchor, from: from)
      }
      return EstimateTags(
        metric == .accuracy ? cell.accuracy : cell.macroF1, quantity, metric.anchor, from: from)
    }
  }

  static let tags: [TagDefinition<FewShotRowTags>] = [
    .number("per_class", "how many labelled texts per class; 0 for the run itself") {
      if case .cell(let size, _) = $0.subject { return $0.origins.record.count(size.perClass) }
      return $0.origins.zeroShot.count(0)
    },
    .number("texts", "how many in all") {
      if case .cell(let size, _) = $0.subject { return $0.origins.data(size).count(size.texts) }
      return $0.origins.zeroShot.count(0)
    },
    .text("method", "how they are used") {
      if case .cell(_, let cell) = $0.subject { return cell.method.words }
      return "the run itself"
    },
    .number("draws", "how many draws are complete") {
      if case .cell(_, let cell) = $0.subject { return $0.from.count(cell.draws.count) }
      return $0.from.unknown(.count)
    },
    .column("accuracy", "the mean over the draws, with its interval over draws and examples") {
      $0.score(.accuracy)
    },
    .column("macro_f1", "the same in macro F1") { $0.score(.macroF1) },
    .number("range", "the lowest and the highest accuracy of a draw") {
      guard case .cell(_, let cell) = $0.subject, cell.draws.count > 1, let range = cell.range
      else { return $0.from.unknown(.share) }
      let ends = [range.lowerBound, range.upperBound]
      return $0.from.number(
        ends.map { NumberFormat.decimal(100 * $0, digits: 1) }.joined(separator: "–") + " %", ends,
        .share
      ).defined("few-shot")
    },
    .number("deviation", "the standard deviation of the draws' accuracies in points") {
      guard case .cell(_, let cell) = $0.subject, let deviation = cell.deviation else {
        return $0.from.unknown(.points)
      }
      return $0.from.number(
        NumberFormat.decimal(100 * deviation, digits: 1), [deviation], .points
      ).defined("seed-interval")
    },
  ]
}

/// A row of the table of differences.
struct FewShotDifferenceRow: TableRow {
  let size: FewShotResults.Size
  let origins: FewShotOrigins
  var columns: [String: EstimateTags] = [:]

  init(size: FewShotResults.Size, origins: FewShotOrigins) {
    (self.size, self.origins) = (size, origins)
  }

  private func number(_ difference: FewShotDifference, _ from: Evidence) -> EstimateTags {
    EstimateTags(difference.estimate, orUnknown: .points, "few-shot", from: from)
  }

  private var gainFrom: Evidence { origins.difference(size, from: nil) }
  private var advantageFrom: Evidence { origins.difference(size, from: .targetAlone) }

  static let tags: [TagDefinition<FewShotDifferenceRow>] = [
    .number("per_class", "how many labelled texts per class") {
      $0.origins.record.count($0.size.perClass)
    },
    .column("gain", "continued fine-tuning minus the run, in percentage points") {
      $0.number($0.size.gain, $0.gainFrom)
    },
    .number("gain_p", "of the test that it is zero, two-sided") {
      $0.gainFrom.probability($0.size.gain.ownPValue).defined("few-shot")
    },
    .number("gain_adjusted_p", "after Holm's correction") {
      $0.origins.text("differences[].gain_p").probability($0.size.gain.pValue).defined("holm")
    },
    .column("advantage", "continued fine-tuning minus the labelled texts alone") {
      $0.number($0.size.advantage, $0.advantageFrom)
    },
    .number("advantage_p", "of the test that it is zero, two-sided") {
      $0.advantageFrom.probability($0.size.advantage.ownPValue).defined("few-shot")
    },
    .number("advantage_adjusted_p", "after Holm's correction") {
      $0.origins.text("differences[].advantage_p").probability($0.size.advantage.pValue)
        .defined("holm")
    },
  ]
}
