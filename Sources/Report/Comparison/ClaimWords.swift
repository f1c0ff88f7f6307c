internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// A claim in words, and its numbers in their unit.
struct ClaimWords {
  private let claimed: Claim
  private let cost: StudyAnswers.Cost?
  private let languages: [String: String]
  /// Decimals of the estimate and its interval as they are printed, as many as the interval deserves.
  private let digits: Int
  /// What operations are counted in: a name, how many operations it is, and decimals for three digits.
  private let operations: (unit: String, size: Double, places: Int)

  init(_ answer: StudyAnswers.Answer, _ answers: StudyAnswers) {
    claimed = answer.question.claim
    cost = answer.cost
    var languages: [String: String] = [:]
    for run in answers.groups.flatMap(\.runs) {
      for language in [run.source] + run.targets { languages[language.code] = language.name }
    }
    self.languages = languages
    let estimate = answer.judgement?.contrast.estimate
    let scale = claimed.metric.isShare ? 100.0 : 1
    let fallback = claimed.metric.isShare ? 1 : 3
    digits =
      estimate?.interval.map {
        NumberFormat.digits(scale * $0.lower...scale * $0.upper, fallback: fallback)
      } ?? fallback
    let sizes = [estimate?.value, estimate?.interval?.lower, estimate?.interval?.upper]
    let most = sizes.compactMap { $0 }.map(abs).max() ?? 0
    let (unit, size) = NumberFormat.unitOfOperations(most)
    operations = (unit, size, size == 1 || most / size >= 99.5 ? 0 : most / size < 9.95 ? 2 : 1)
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

  /// Such as "the accuracy of baseline on German test is higher than that of low-rate"; what ends with a
  /// margin ends before it.
  var claim: String {
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
    let more = claimed.margin > 0 ? " by more than" : ""
    return switch claimed.relation {
    case .equivalent: "\(what) differs from \(other) by less than"
    case .less: "\(what) is lower than \(other)\(more)"
    case .greater: "\(what) is higher than \(other)\(more)"
    case .notLess: "\(what) is higher than \(other), or lower by less than"
    case .notGreater: "\(what) is lower than \(other), or higher by less than"
    }
  }

  /// The margin with its unit; `nil` where the claim has none.
  func margin(_ from: Evidence) -> PrintedNumber? {
    claimed.margin > 0 ? from.number(amount(claimed.margin), [claimed.margin], kind) : nil
  }

  /// The bound of the null hypothesis, such as "−2 percentage points" of "this difference is −2 percentage
  /// points or less".
  func bound(_ from: Evidence) -> PrintedNumber {
    let margin = claimed.margin
    let sign =
      switch claimed.relation {
      case .equivalent: ""
      case .less, .notLess: "−"
      case .greater, .notGreater: "+"
      }
    return from.number(
      margin == 0 ? "zero" : sign + amount(margin), [sign == "−" ? -margin : margin], kind)
  }

  /// Whether the null hypothesis is that the difference is its bound or more.
  var isNullAbove: Bool {
    switch claimed.relation {
    case .equivalent, .less, .notGreater: true
    case .greater, .notLess: false
    }
  }

  /// What the interval says of the claim, a sentence; `nil` where there is no interval, or the verdict says
  /// it all.
  func reading(_ judgement: Judgement) -> String? {
    guard let interval = judgement.contrast.estimate.interval else { return nil }
    let (above, below) = judgement.relation.claimed
    switch judgement.verdict {
    case .supported: return "The test is significant at 5 %."
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

  /// How the estimate is drawn: with the decimals that it is printed with.
  var quantity: ComparedQuantity {
    var quantity =
      switch claimed.metric {
      case .accuracy: ComparedQuantity.accuracy.difference
      case .macroF1: ComparedQuantity.macroF1.difference
      case .loss: ComparedQuantity.loss.difference
      case .transferGap: ComparedQuantity.transferGap.difference
      case .secondsPerEpoch:
        ComparedQuantity(
          metric, unit: cost == .seconds ? "s" : operations.unit,
          factor: cost == .seconds ? 1 : 1 / operations.size, isBetterLow: true
        ).difference
      }
    quantity.places = isCounted ? operations.places : digits
    return quantity
  }

  /// Whether operations are compared in place of seconds.
  private var isCounted: Bool { claimed.metric == .secondsPerEpoch && cost != .seconds }

  private func text(_ value: Double) -> String {
    let text =
      isCounted
      ? NumberFormat.decimal(value / operations.size, digits: operations.places)
      : NumberFormat.decimal((claimed.metric.isShare ? 100 : 1) * value, digits: digits)
    let isPositive = value > 0 && text.contains { ("1"..."9").contains($0) }
    return (isPositive ? "+" : "") + text
  }

  private var unit: String {
    switch claimed.metric {
    case .accuracy, .transferGap: " percentage points"
    case .macroF1: ""
    case .loss: " nats"
    case .secondsPerEpoch: isCounted ? " \(operations.unit)" : " s"
    }
  }

  private var kind: PrintedNumber.Unit {
    switch claimed.metric {
    case .accuracy, .transferGap: .points
    case .macroF1: .score
    case .loss: .nats
    case .secondsPerEpoch: isCounted ? .operations : .seconds
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
    // As the study's author wrote it: 100 × 0.29 is not 29.
    let shown = claimed.metric.isShare ? (1e10 * margin).rounded() / 1e8 : margin
    return NumberFormat.setting(shown) + unit
  }
}

extension Claim.Metric {
  /// Whether its values are shares, and their differences are said in percentage points.
  fileprivate var isShare: Bool { self == .accuracy || self == .transferGap }
}
