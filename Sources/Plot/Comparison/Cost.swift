internal import Chart
internal import Glibc

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

/// One kind of cost, of all configurations.
public struct ComparedCosts: Equatable, Sendable {
  public var cost: ComparedQuantity
  /// Those with a finite metric and a positive, finite cost are drawn.
  public var configurations: [ComparedCost]

  public init(_ cost: ComparedQuantity, _ configurations: [ComparedCost]) {
    (self.cost, self.configurations) = (cost, configurations)
  }

  /// The cost in the unit that suits what is drawn.
  fileprivate var suitedCost: ComparedQuantity {
    cost.suited(to: drawn.map(\.cost).max() ?? 0)
  }

  fileprivate var drawn: [ComparedCost] {
    configurations.filter { $0.worth.value.isFinite && $0.cost.isFinite && $0.cost > 0 }
  }
}

/// Draws a metric against costs, a panel each, with the Pareto front: the configurations than which none is
/// both cheaper and better.
///
/// - Parameters:
///   - costs: kinds of cost, each of the same configurations; one that no configuration has is left out.
///   - quantity: the metric.
///   - split: in words, such as "German test".
///   - intervals: what the whiskers are, such as "95 % intervals"; empty for none.
///   - remark: what must be known of the costs, a sentence; empty for none.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if none can be drawn.
public func drawCost(
  _ costs: [ComparedCosts], of quantity: ComparedQuantity, on split: String, intervals: String,
  remark: String = "", study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let known = costs.filter { !$0.drawn.isEmpty }
  guard !known.isEmpty else {
    let names = costs.map(\.cost.name).joined(separator: " or ")
    throw ComparisonAbsence("no run has both \(quantity.name) and \(names)")
  }
  var isDodged = false
  let panels = known.map { panel($0, quantity, &isDodged) }
  let hasWhiskers = known.contains { $0.drawn.contains { $0.worth.interval != nil } }
  let missing = known.map { costs -> String in
    let lost = costs.configurations.filter { entry in
      !costs.drawn.contains { $0.worth.configuration == entry.worth.configuration }
    }
    return lost.isEmpty
      ? ""
      : "Not known against \(costs.cost.name): \(inWords(lost.map(\.worth.configuration.name)))."
  }.filter { !$0.isEmpty }.joined(separator: " ")
  let names = inWords(known.map(\.cost.name))
  let fronts = known.map { costs in
    let front = paretoFront(costs.drawn, isBetterLow: quantity.isBetterLow)
    return (
      words: "against \(costs.cost.name): "
        + front.map { entry in
          "\(entry.worth.configuration.name) (\(quantity.text(entry.worth.value)) for "
            + "\(costs.suitedCost.text(entry.cost)))"
        }.joined(separator: ", "),
      names: inWords(front.map(\.worth.configuration.name))
    )
  }
  return ComparisonFigure(
    "cost", title: "\(quantity.name.capitalizedFirst) on \(split) against \(names)",
    subtitle: "The line is the Pareto front: none is both cheaper and better"
      + (hasWhiskers && !intervals.isEmpty ? "; whiskers are \(intervals)" : ""),
    caption: sentences(
      "On the Pareto front of \(quantity.name) on \(split) "
        + fronts.map(\.words).joined(separator: "; ") + ".", missing),
    alternative: "Points of \(quantity.name) on \(split) against \(names), "
      + "\(known[0].drawn.count) configurations; on the Pareto front: "
      + zip(known, fronts).map { known.count == 1 ? $1.names : "\($1.names) by \($0.cost.name)" }
      .joined(separator: "; ") + ".",
    note: sentences(
      isDodged ? "Configurations that cost the same, or nearly so, are drawn side by side." : "",
      remark, missing),
    size: .inches(12, known.count > 1 ? 13 : 8), panels: panels, study: study)
}

private func panel(
  _ costs: ComparedCosts, _ quantity: ComparedQuantity, _ isDodged: inout Bool
) -> Panel {
  let (cost, drawn) = (costs.suitedCost, costs.drawn)
  let range = (drawn.map(\.cost).min() ?? 1)...(drawn.map(\.cost).max() ?? 1)
  let isWide = range.upperBound > 8 * range.lowerBound
  let places = dodged(drawn.map(\.cost), isLogarithmic: isWide)
  if places != drawn.map(\.cost) { isDodged = true }
  func place(_ index: Int) -> Point {
    Point(cost.factor * places[index], quantity.factor * drawn[index].worth.value)
  }
  // From each to the next the better value has its price.
  var steps: [Point] = []
  for entry in paretoFront(drawn, isBetterLow: quantity.isBetterLow) {
    guard
      let index = drawn.firstIndex(where: { $0.worth.configuration == entry.worth.configuration })
    else { continue }
    if let last = steps.last { steps.append(Point(place(index).x, last.y)) }
    steps.append(place(index))
  }
  var marks: [any Mark] = [Line(steps, ink: .muted, weight: 0.65, dash: [])]
  var named: [any Mark] = []
  var key: [KeyEntry] = []
  for (index, entry) in drawn.enumerated() {
    let (point, ink) = (place(index), entry.worth.configuration.ink)
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
  var x = Axis(cost.axisTitle + (isWide ? ", log scale" : ""), isWide ? .logarithmic : .linear)
  // Room for the names beside the outer points.
  x.padding = 0.14
  // What all cost the same must not look as if it differed.
  if range.lowerBound == range.upperBound, drawn.count > 1 {
    x.including = [0.5, 1.5].map { cost.factor * $0 * range.lowerBound }
  }
  var y = Axis(quantity.axisTitle)
  y.padding = 0.12
  var panel = Panel(x: x, y: y, marks: marks + named)
  panel.key = key
  return panel
}

/// How far apart symbols are drawn at least, as a share of the range of costs: about as wide as they are.
private let dodge = 0.016
/// What several that cost the same may take up together.
private let widestDodge = 0.12

/// Moves costs that lie nearer to each other than a symbol is wide apart, by as little as possible.
///
/// The least sum of squared moves that leaves every two neighbours a step apart is an isotonic regression of
/// the costs less their place times the step (pool adjacent violators; Barlow et al. 1972).
///
/// - Parameters:
///   - costs: positive and finite.
///   - isLogarithmic: whether the axis is.
/// - Returns: as many, in the same order.
func dodged(_ costs: [Double], isLogarithmic: Bool) -> [Double] {
  guard let low = costs.min(), let high = costs.max(), costs.count > 1 else { return costs }
  // On the axis' own scale; where all cost the same, the axis is as long as the cost.
  let length = isLogarithmic ? log(high / low) : high > low ? high - low : high
  func onAxis(_ cost: Double) -> Double { isLogarithmic ? log(cost / low) : cost - low }
  let step = min(dodge, widestDodge / Double(costs.count - 1)) * length
  let order = costs.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }
  var blocks: [(sum: Double, members: [Int])] = []
  func mean(_ block: (sum: Double, members: [Int])) -> Double {
    block.sum / Double(block.members.count)
  }
  for (place, index) in order.enumerated() {
    var block = (sum: onAxis(costs[index]) - Double(place) * step, members: [index])
    while let last = blocks.last, mean(last) >= mean(block) {
      block = (last.sum + block.sum, last.members + block.members)
      blocks.removeLast()
    }
    blocks.append(block)
  }
  var (result, place) = (costs, 0)
  for block in blocks {
    for index in block.members {
      // What stands alone keeps its cost to the last bit.
      let moved = mean(block) + Double(place) * step
      if block.members.count > 1 { result[index] = isLogarithmic ? low * exp(moved) : low + moved }
      place += 1
    }
  }
  return result
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
