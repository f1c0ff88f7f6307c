internal import Chart

/// What a configuration costs and what it is worth.
public struct ComparedCost: Equatable, Sendable {
  /// The metric, with its interval.
  public var worth: ComparedValue
  /// Positive, in the cost's own units.
  public var cost: Double

  public init(_ worth: ComparedValue, cost: Double) { (self.worth, self.cost) = (worth, cost) }
}

/// More names than this beside points would cover each other's.
private let mostNamed = 6

/// Draws a metric against a cost, with the Pareto front: the configurations than which none is both
/// cheaper and better.
///
/// - Parameters:
///   - configurations: those with a finite metric and a positive cost are drawn.
///   - quantity: the metric.
///   - split: in words, such as "German test".
///   - cost: what is paid.
///   - intervals: what the whiskers are, such as "95 % intervals"; empty for none.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if none can be drawn.
public func drawCost(
  _ configurations: [ComparedCost], of quantity: ComparedQuantity, on split: String,
  against cost: ComparedQuantity, intervals: String, study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let drawn = configurations.filter { $0.worth.value.isFinite && $0.cost.isFinite && $0.cost > 0 }
  guard !drawn.isEmpty else {
    throw ComparisonAbsence("no run has both \(quantity.name) and \(cost.name)")
  }
  func place(_ entry: ComparedCost) -> Point {
    Point(cost.factor * entry.cost, quantity.factor * entry.worth.value)
  }
  let front = paretoFront(drawn, isBetterLow: quantity.isBetterLow)
  // From each to the next the better value has its price.
  var steps: [Point] = []
  for entry in front {
    if let last = steps.last { steps.append(Point(place(entry).x, last.y)) }
    steps.append(place(entry))
  }
  var marks: [any Mark] = [Line(steps, ink: .muted, weight: 0.65, dash: [])]
  var named: [any Mark] = []
  var key: [KeyEntry] = []
  for entry in drawn {
    let (point, ink) = (place(entry), entry.worth.configuration.ink)
    if let interval = entry.worth.interval {
      let ends = quantity.factor * interval.lowerBound...quantity.factor * interval.upperBound
      marks.append(Whiskers([.init(at: point.x, ends)], .vertical, ink: ink))
    }
    marks.append(Dots([point], ink: ink))
    let words = "\(entry.worth.configuration.name) \(quantity.digits(entry.worth.value))"
    if drawn.count <= mostNamed {
      named.append(Highlight(point, words: words, ink: ink, hasRing: false))
    } else {
      key.append(KeyEntry(words, ink: ink, weight: 0, dash: [], hasSymbol: true))
    }
  }
  let costs = drawn.map(\.cost)
  let isWide = (costs.max() ?? 1) > 8 * (costs.min() ?? 1)
  var x = Axis(cost.axisTitle + (isWide ? ", log scale" : ""), isWide ? .logarithmic : .linear)
  // Room for the names beside the outer points.
  x.padding = 0.14
  var y = Axis(quantity.axisTitle)
  y.padding = 0.12
  var panel = Panel(x: x, y: y, marks: marks + named)
  panel.key = key
  let hasWhiskers = drawn.contains { $0.worth.interval != nil }
  let lost = configurations.filter { entry in
    !drawn.contains { $0.worth.configuration == entry.worth.configuration }
  }
  let missing =
    lost.isEmpty
    ? "" : "Not known: \(inWords(lost.map(\.worth.configuration.name)))."
  let frontNames = inWords(front.map(\.worth.configuration.name))
  return ComparisonFigure(
    "cost", title: "\(quantity.name.capitalizedFirst) against \(cost.name)",
    subtitle: "On \(split); the line is the Pareto front, than which none is cheaper and better"
      + (hasWhiskers && !intervals.isEmpty ? "; whiskers are \(intervals)" : ""),
    caption: sentences(
      "On the Pareto front of \(quantity.name) on \(split) against \(cost.name): "
        + front.map { entry in
          "\(entry.worth.configuration.name) (\(quantity.text(entry.worth.value)) for "
            + "\(cost.text(entry.cost)))"
        }.joined(separator: ", ") + ".",
      missing),
    alternative: "Points of \(quantity.name) on \(split) against \(cost.name), "
      + "\(drawn.count) configurations; on the Pareto front: \(frontNames).",
    note: missing, panels: [panel], study: study)
}

/// The configurations than which no other is at least as cheap and at least as good, and better in
/// one of both; from the cheapest on. Of equal ones the first counts.
func paretoFront(_ configurations: [ComparedCost], isBetterLow: Bool) -> [ComparedCost] {
  func worth(_ entry: ComparedCost) -> Double {
    isBetterLow ? -entry.worth.value : entry.worth.value
  }
  let sorted = configurations.enumerated().sorted { a, b in
    (a.element.cost, -worth(a.element), a.offset) < (b.element.cost, -worth(b.element), b.offset)
  }
  var front: [ComparedCost] = []
  for (_, entry) in sorted where front.last.map({ worth(entry) > worth($0) }) ?? true {
    front.append(entry)
  }
  return front
}
