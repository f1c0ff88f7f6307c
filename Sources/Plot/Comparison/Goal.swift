internal import Chart

/// What a study found out about one of its goals.
public struct GoalAnswer: Equatable, Sendable {
  /// As the study states it.
  public var goal: String
  /// "supported", "not supported" or "undecided", with what restricts it, such as "for these seeds
  /// only".
  public var verdict: String
  /// What was estimated, such as "accuracy of baseline minus twelve-layers on German test".
  public var estimand: String
  public var estimate: Double
  public var interval: ClosedRange<Double>
  /// What the interval is, such as "95 % interval over seeds and examples".
  public var meaning: String
  /// What is claimed lies above this value; `nil` if it has no lower end.
  public var above: Double?
  /// What is claimed lies below this value; `nil` if it has no upper end.
  public var below: Double?

  public init(
    goal: String, verdict: String, estimand: String, estimate: Double,
    interval: ClosedRange<Double>, meaning: String, above: Double? = nil, below: Double? = nil
  ) {
    (self.goal, self.verdict, self.estimand) = (goal, verdict, estimand)
    (self.estimate, self.interval, self.meaning) = (estimate, interval, meaning)
    (self.above, self.below) = (above, below)
  }
}

/// Draws the answer to one goal: the estimate with its interval, the line of no difference, and in colour
/// the values that are claimed.
///
/// - Parameters:
///   - answer: with a finite estimate and interval.
///   - name: of the file, such as `goal-1`.
///   - quantity: of the estimate.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if the estimate is not a number.
public func drawGoal(
  _ answer: GoalAnswer, name: String, of quantity: ComparedQuantity, study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let ends = [answer.interval.lowerBound, answer.interval.upperBound].map { quantity.factor * $0 }
  guard answer.estimate.isFinite, ends.allSatisfy(\.isFinite) else {
    throw ComparisonAbsence("the estimate is not known")
  }
  let estimate = quantity.factor * answer.estimate
  var marks: [any Mark] = []
  var key: [KeyEntry] = []
  let above = answer.above.flatMap { $0.isFinite ? $0 : nil }
  let below = answer.below.flatMap { $0.isFinite ? $0 : nil }
  if above != nil || below != nil, (above ?? -.infinity) < (below ?? .infinity) {
    marks.append(
      Shade(
        (above.map { quantity.factor * $0 } ?? -.infinity)...(below.map { quantity.factor * $0 }
          ?? .infinity), direction: .vertical, ink: claimInk))
    let words =
      switch (above, below) {
      case (let above?, let below?):
        "\(quantity.bound(above)) to \(quantity.bound(below, isLast: true))"
      case (let above?, nil): "above \(quantity.bound(above, isLast: true))"
      case (nil, let below?): "below \(quantity.bound(below, isLast: true))"
      case (nil, nil): ""
      }
    for end in [above, below].compactMap({ $0 }) where end != 0 {
      marks.append(Rule(.vertical(quantity.factor * end), ink: claimInk))
    }
    key.append(KeyEntry("as claimed: \(words)", ink: claimInk, weight: 3))
  }
  marks.append(Rule(.vertical(0), ink: .strong, dash: []))
  marks.append(Whiskers([.init(at: 0, ends[0]...ends[1])], .horizontal, ink: .series(1)))
  marks.append(Dots([Point(estimate, 0)], ink: .series(1)))
  let bounds =
    "\(quantity.digits(answer.interval.lowerBound)) to "
    + quantity.digits(answer.interval.upperBound)
  marks.append(
    Values([
      .init(
        "\(quantity.digits(answer.estimate)) (\(bounds))",
        at: Point(max(estimate, ends[1], quantity.factor * (below ?? above ?? 0)), 0))
    ]))
  var x = Axis(quantity.axisTitle)
  x.isSigned = quantity.isSigned
  x.including = [0]
  x.padding = 0.12
  var panel = Panel(x: x, y: Axis("", .category(["estimate"])), marks: marks)
  panel.key = key
  let side =
    answer.interval.contains(0)
    ? "zero lies inside" : answer.estimate > 0 ? "all of it above zero" : "all of it below zero"
  let hasMargin = [above, below].contains { $0.map { $0 != 0 } ?? false }
  let (low, high) = (answer.interval.lowerBound, answer.interval.upperBound)
  let (from, to) = (above ?? -.infinity, below ?? .infinity)
  let within =
    !hasMargin
    ? ""
    : low > from && high < to
      ? ", and all of it as claimed"
      : low > to || high < from ? ", and none of it as claimed" : ", and a part of it as claimed"
  return ComparisonFigure(
    name, title: answer.goal, subtitle: "\(answer.verdict.capitalizedFirst): \(answer.estimand)",
    caption: "\(answer.estimand.capitalizedFirst) is \(quantity.text(answer.estimate)), "
      + "\(answer.meaning) \(quantity.text(answer.interval)), \(side)\(within). "
      + "Verdict: \(answer.verdict).",
    alternative: "One estimate with its interval: \(quantity.text(answer.estimate)), "
      + "\(answer.verdict).",
    note: "Whisker: \(answer.meaning).",
    size: .inches(12, 4.4), panels: [panel], study: study)
}

/// Green as an area, never as good: a claim may be one of being worse.
private let claimInk = Ink.series(3)
