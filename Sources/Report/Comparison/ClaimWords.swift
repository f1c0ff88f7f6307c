internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// A claim in words, and its numbers in their unit.
struct ClaimWords: Sendable {
  private let claimed: Claim
  private let cost: StudyAnswers.Cost?
  private let languages: [String: String]
  /// What one of the printed numbers is worth, such as 0.01 where percentage points are printed.
  private let size: Double
  /// As it stands behind a number; empty for none.
  private let unit: String
  /// Decimals of the estimate and its interval as they are printed, as many as the interval deserves.
  private let digits: Int

  init(_ answer: StudyAnswers.Answer, _ answers: StudyAnswers) {
    claimed = answer.question.claim
    cost = answer.cost
    var languages: [String: String] = [:]
    for run in answers.groups.flatMap(\.runs) {
      for language in [run.source] + run.targets { languages[language.code] = language.name }
    }
    self.languages = languages
    let estimate = answer.judgement?.contrast.estimate
    let ends = [estimate?.value, estimate?.interval?.lower, estimate?.interval?.upper]
    let most = ends.compactMap { $0 }.map(abs).max() ?? 0
    (unit, size) =
      switch claimed.metric {
      case .metric(let metric), .transferGap(let metric):
        (metric.unit.differenceSymbol, metric.unit == .share ? 0.01 : 1)
      case .secondsPerEpoch where answer.cost == .seconds:
        most > 0 && most < 0.1 ? ("ms", 1e-3) : ("s", 1)
      case .secondsPerEpoch: NumberFormat.unitOfOperations(most)
      }
    let (size, shown) = (size, most / size)
    // Three digits where there is no interval.
    let fallback = shown < 1 ? 3 : shown < 9.95 ? 2 : shown < 99.5 ? 1 : 0
    digits =
      estimate?.interval.map {
        NumberFormat.digits($0.lower / size...$0.upper / size, fallback: fallback)
      } ?? (size == 0.01 ? 1 : fallback)
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
        return "The whole interval lies outside what is claimed."
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
    case .metric(let metric): metric.name
    case .transferGap(let metric): metric.gap?.name ?? metric.name
    case .secondsPerEpoch:
      cost == .seconds ? "training time per epoch" : "number of operations per epoch"
    }
  }

  /// Such as "German test"; `nil` for what no split measures.
  var split: String? {
    claimed.split.map { "\(languages[$0.language] ?? $0.language) \(partName($0.part))" }
  }

  /// How the estimate is drawn: in the unit and with the decimals that it is printed with.
  var quantity: ComparedQuantity {
    var quantity =
      switch claimed.metric {
      case .metric(let metric): ComparedQuantity(metric).difference
      case .transferGap(let metric): ComparedQuantity(gapIn: metric).difference
      case .secondsPerEpoch:
        ComparedQuantity(metric, unit: unit, factor: 1 / size, isBetterLow: true).difference
      }
    quantity.places = digits
    return quantity
  }

  private func text(_ value: Double) -> String {
    let text = NumberFormat.decimal(value / size, digits: digits)
    let isPositive = value > 0 && text.contains { ("1"..."9").contains($0) }
    return (isPositive ? "+" : "") + text
  }

  private var kind: PrintedNumber.Unit {
    switch claimed.metric {
    case .metric(let metric), .transferGap(let metric):
      EstimateTags.Quantity(differenceIn: metric).unit
    case .secondsPerEpoch: cost == .seconds ? .seconds : .operations
    }
  }

  func number(_ value: Double, _ from: Evidence) -> PrintedNumber {
    from.number(withUnit(text(value)), [value], kind)
  }

  func number(_ interval: Interval, _ from: Evidence) -> PrintedNumber {
    from.number(
      "\(text(interval.lower)) to \(text(interval.upper))", [interval.lower, interval.upper], kind
    ).formed(.interval)
  }

  private func amount(_ margin: Double) -> String {
    // As the study's author wrote it: 0.29/0.01 is not 29.
    withUnit(NumberFormat.setting((1e9 * margin / size).rounded() / 1e9))
  }

  private func withUnit(_ text: String) -> String { unit.isEmpty ? text : "\(text) \(unit)" }
}
