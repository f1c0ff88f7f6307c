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
  /// Values that count as no difference worth speaking of, for a claim that two are alike.
  public var margin: Double?

  public init(
    goal: String, verdict: String, estimand: String, estimate: Double,
    interval: ClosedRange<Double>, meaning: String, margin: Double? = nil
  ) {
    (self.goal, self.verdict, self.estimand) = (goal, verdict, estimand)
    (self.estimate, self.interval, self.meaning) = (estimate, interval, meaning)
    self.margin = margin
  }
}

/// Draws the answer to one goal: the estimate with its interval, the line of no difference and, for a
/// claim of likeness, the margin.
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
  if let margin = answer.margin, margin > 0, margin.isFinite {
    let reach = quantity.factor * margin
    marks.append(
      Band([-reach, reach].map { Band.Slice(x: $0, low: -0.5, high: 0.5) }, ink: marginInk))
    key.append(
      KeyEntry("alike: at most \(quantity.amount(margin)) apart", ink: marginInk, weight: 3))
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
        at: Point(max(estimate, ends[1], quantity.factor * (answer.margin ?? 0)), 0))
    ]))
  var x = Axis(quantity.axisTitle)
  x.isSigned = quantity.isSigned
  x.including = [0]
  x.padding = 0.12
  var y = Axis("", .category([""]))
  y.isLabelled = false
  var panel = Panel(x: x, y: y, marks: marks)
  panel.key = key
  let side =
    answer.interval.contains(0)
    ? "zero lies inside" : answer.estimate > 0 ? "all of it above zero" : "all of it below zero"
  let within = answer.margin.map { margin in
    let isInside = -margin <= answer.interval.lowerBound && answer.interval.upperBound <= margin
    return isInside
      ? ", and the interval lies within the margin" : ", and the interval leaves the margin"
  }
  return ComparisonFigure(
    name, title: answer.goal, subtitle: "\(answer.verdict.capitalizedFirst): \(answer.estimand)",
    caption: "\(answer.estimand.capitalizedFirst) is \(quantity.text(answer.estimate)), "
      + "\(answer.meaning) \(quantity.text(answer.interval)), \(side)\(within ?? ""). "
      + "Verdict: \(answer.verdict).",
    alternative: "One estimate with its interval: \(quantity.text(answer.estimate)), "
      + "\(answer.verdict).",
    note: "Whisker: \(answer.meaning).",
    size: .inches(12, 4.4), panels: [panel], study: study)
}

/// Green as an area, never as good: the margin is where neither is better.
private let marginInk = Ink.series(3)
