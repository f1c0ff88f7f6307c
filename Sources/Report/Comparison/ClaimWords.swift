internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// A claim in words, and its numbers in their unit.
struct ClaimWords {
  private let claimed: Claim
  private let cost: StudyAnswers.Cost?
  private let languages: [String: String]

  init(_ answer: StudyAnswers.Answer, _ answers: StudyAnswers) {
    claimed = answer.question.claim
    cost = answer.cost
    var languages: [String: String] = [:]
    for run in answers.groups.flatMap(\.runs) {
      for language in [run.source] + run.targets { languages[language.code] = language.name }
    }
    self.languages = languages
  }

  /// Such as "accuracy of baseline minus that of twelve-layers on German test".
  var estimand: String {
    let place = split.map { " on \($0)" } ?? ""
    switch (claimed.first, claimed.second) {
    case (.configuration(let a), .configuration(let b)):
      return "\(metric) of \(a) minus that of \(b)\(place)"
    case (.difference(let a, let b), .difference(let c, let d)):
      return "(\(a) minus \(b)) minus (\(c) minus \(d)) in \(metric)\(place)"
    default: return metric
    }
  }

  /// Such as "the accuracy of baseline on German test is higher than that of low-rate".
  var claim: String {
    let margin = amount(claimed.margin)
    let more = claimed.margin > 0 ? " by more than \(margin)" : ""
    let place = split.map { " on \($0)" } ?? ""
    let (what, other) =
      switch (claimed.first, claimed.second) {
      case (.configuration(let a), .configuration(let b)):
        ("the \(metric) of \(a)\(place)", "that of \(b)")
      case (.difference(let a, let b), .difference(let c, let d)):
        (
          "the difference in \(metric)\(place) between \(a) and \(b), the first minus the second,",
          "that between \(c) and \(d)"
        )
      default: (metric, metric)
      }
    return switch claimed.relation {
    case .equivalent: "\(what) differs from \(other) by less than \(margin)"
    case .less: "\(what) is lower than \(other)\(more)"
    case .greater: "\(what) is higher than \(other)\(more)"
    case .notLess: "\(what) is higher than \(other), or lower by less than \(margin)"
    case .notGreater: "\(what) is lower than \(other), or higher by less than \(margin)"
    }
  }

  /// What the test tries to refute, such as "this difference is −2 percentage points or less".
  var nullHypothesis: String {
    let margin = amount(claimed.margin)
    let isZero = claimed.margin == 0
    return switch claimed.relation {
    case .equivalent: "this difference is \(margin) or more in either direction"
    case .less: "this difference is \(isZero ? "zero" : "−\(margin)") or more"
    case .greater: "this difference is \(isZero ? "zero" : "+\(margin)") or less"
    case .notLess: "this difference is −\(margin) or less"
    case .notGreater: "this difference is +\(margin) or more"
    }
  }

  /// What the interval says of the claim, a sentence; `nil` where there is no interval, or the verdict says
  /// it all.
  func reading(_ judgement: Judgement) -> String? {
    guard let interval = judgement.contrast.estimate.interval else { return nil }
    let (above, below) = judgement.relation.claimed
    switch judgement.verdict {
    case .supported: return nil
    case .notSupported:
      guard claimed.relation == .equivalent else {
        return "The whole interval lies outside of what is claimed."
      }
      return "The two are not alike: the whole interval lies beyond the margin, and "
        + (interval.lower > below ? direction(isHigher: true) : direction(isHigher: false)) + "."
    case .undecided:
      return interval.lower > above && interval.upper < below
        ? "The interval lies within what is claimed, but the test, corrected for the number of questions, "
          + "is not significant at 5 %."
        : "The interval holds values that are within what is claimed and values that are not."
    }
  }

  /// Which side is better, half a sentence.
  private func direction(isHigher: Bool) -> String {
    let isBetter = isHigher != quantity.isBetterLow
    return switch claimed.first {
    case .configuration(let name): "\(name) is the \(isBetter ? "better" : "worse") of the two"
    case .difference: "the first difference is the \(isHigher ? "higher" : "lower") of the two"
    }
  }

  var metric: String {
    switch claimed.metric {
    case .accuracy: "accuracy"
    case .macroF1: "macro F1"
    case .loss: "loss"
    case .transferGap: "transfer gap"
    case .secondsPerEpoch:
      cost == .seconds ? "training time per epoch" : "number of operations per epoch"
    }
  }

  /// Such as "German test"; `nil` for what no split measures.
  var split: String? {
    claimed.split.map { "\(languages[$0.language] ?? $0.language) \(partName($0.part))" }
  }

  /// How the estimate is drawn.
  var quantity: ComparedQuantity {
    switch claimed.metric {
    case .accuracy: ComparedQuantity.accuracy.difference
    case .macroF1: ComparedQuantity.macroF1.difference
    case .loss: ComparedQuantity.loss.difference
    case .transferGap: ComparedQuantity.transferGap.difference
    case .secondsPerEpoch:
      cost == .seconds
        ? ComparedQuantity(metric, unit: "s", places: 2, isSigned: true, isBetterLow: true)
          .difference
        : ComparedQuantity(
          metric, unit: "TFLOP", factor: 1e-12, places: 3, isSigned: true, isBetterLow: true
        ).difference
    }
  }

  private func text(_ value: Double) -> String {
    switch claimed.metric {
    case .accuracy, .transferGap: NumberFormat.points(value)
    case .macroF1, .loss:
      (value > 0 ? "+" : "") + NumberFormat.decimal(value, digits: 3)
    case .secondsPerEpoch:
      cost == .seconds
        ? (value > 0 ? "+" : "") + NumberFormat.decimal(value, digits: 2)
        : (value > 0 ? "+" : "") + NumberFormat.operations(value)
    }
  }

  private var unit: String {
    switch claimed.metric {
    case .accuracy, .transferGap: " percentage points"
    case .macroF1: ""
    case .loss: " nats"
    case .secondsPerEpoch: cost == .seconds ? " s" : ""
    }
  }

  private var kind: PrintedNumber.Unit {
    switch claimed.metric {
    case .accuracy, .transferGap: .points
    case .macroF1: .score
    case .loss: .nats
    case .secondsPerEpoch: cost == .seconds ? .seconds : .operations
    }
  }

  func number(_ value: Double, _ from: Evidence) -> PrintedNumber {
    from.number(text(value) + unit, [value], kind)
  }

  func number(_ interval: Interval, _ from: Evidence) -> PrintedNumber {
    from.number(
      "\(text(interval.lower)) to \(text(interval.upper))", [interval.lower, interval.upper], kind)
  }

  private func amount(_ margin: Double) -> String {
    switch claimed.metric {
    case .accuracy, .transferGap: NumberFormat.setting(100 * margin) + unit
    default: NumberFormat.setting(margin) + unit
    }
  }
}
