internal import Chart

/// Accuracy by the number of labelled examples, for one way to use them.
public struct LabelledCurve: Equatable, Sendable {
  /// What so many examples give.
  public struct Size: Equatable, Sendable {
    /// The mean over the draws, from 0 to 1; NaN where it is not known.
    public var mean: Double
    /// Each draw's.
    public var draws: [Double]

    public init(_ mean: Double, draws: [Double]) { (self.mean, self.draws) = (mean, draws) }
  }

  public var name: String
  /// Whether it begins with the run itself, without labelled examples.
  public var beginsWithRun: Bool
  /// One for each number of examples.
  public var sizes: [Size]

  public init(_ name: String, beginsWithRun: Bool = false, _ sizes: [Size]) {
    (self.name, self.beginsWithRun, self.sizes) = (name, beginsWithRun, sizes)
  }
}

/// Draws what labelled examples of a target bring.
///
/// - Parameters:
///   - curves: in the order of their colours.
///   - perClass: the numbers of examples per class, ascending.
///   - zeroShot: the run's accuracy without any; `nil` where it is not known.
///   - target: the language's name.
///   - draws: how many there are of each number.
///   - run: the run's name.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if no curve has a value.
public func drawLabelledCurves(
  _ curves: [LabelledCurve], perClass: [Int], zeroShot: Double?, of target: String, draws: Int,
  run: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let drawn = curves.filter { $0.sizes.contains { $0.mean.isFinite } }
  guard !drawn.isEmpty else {
    throw ComparisonAbsence("no training on labelled examples of \(target) has an accuracy")
  }
  let start = zeroShot.flatMap { $0.isFinite ? $0 : nil }
  // Numbers of examples are far apart, so each has a place of its own, evenly spaced.
  let first = start == nil ? 0 : 1
  let names = (start == nil ? [] : ["0"]) + perClass.map { Numeral.short(Double($0), digits: 7) }
  func percent(_ share: Double) -> String { Numeral.decimal(100 * share, places: 1) }
  var marks: [any Mark] = []
  for (index, curve) in drawn.enumerated() {
    let slices = curve.sizes.enumerated().map { place, size in
      Band.Slice(
        x: Double(first + place), low: 100 * (size.draws.min() ?? .nan),
        high: 100 * (size.draws.max() ?? .nan))
    }
    if curve.sizes.contains(where: { $0.draws.count > 1 }) {
      marks.append(Band(slices, ink: .series(1 + index)))
    }
  }
  if let start {
    marks.append(
      Rule(.horizontal(100 * start), label: .init("no labelled texts", percent(start))))
  }
  for (index, curve) in drawn.enumerated() {
    let begin = curve.beginsWithRun ? start.map { [Point(0, 100 * $0)] } ?? [] : []
    let points =
      begin
      + curve.sizes.enumerated().map { Point(Double(first + $0), 100 * $1.mean) }
    let last = curve.sizes.last { $0.mean.isFinite }?.mean ?? .nan
    let ink = Ink.series(1 + index)
    marks.append(Line(points, ink: ink, endLabel: .init(curve.name, percent(last))))
    // A symbol for every draw, beside the line through their means; each alone, so that none is thinned out.
    for (place, size) in curve.sizes.enumerated() {
      for value in size.draws where value.isFinite {
        marks.append(Dots([Point(Double(first + place), 100 * value)], ink: ink))
      }
    }
  }
  var x = Axis("labelled \(target) texts per class", .category(names))
  x.hasGrid = false
  var y = Axis("\(target) test accuracy (%)")
  y.limits = 0...100
  let spread =
    draws > 1 ? ", symbols: single draws, bands: from the lowest to the highest draw" : ""
  let lacking = curves.filter { curve in !drawn.contains(curve) }.map(\.name)
  return ComparisonFigure(
    "few_shot", title: "What labelled \(target) texts bring",
    subtitle: "Test accuracy by number of labelled texts; "
      + (draws > 1 ? "lines: means over \(draws) draws" : "one draw") + spread,
    caption: sentences(
      "\(target) test accuracy"
        + (start.map { ": without labelled texts \(percent($0))\u{A0}%" } ?? "") + ". "
        + drawn.map { "\($0.name.capitalizedFirst): \(course($0, perClass, percent))." }
        .joined(separator: " "),
      lacking.isEmpty ? "" : "Without values: \(inWords(lacking))."),
    alternative: "Lines of \(target) test accuracy by number of labelled texts per class, from "
      + "\(perClass.first ?? 0) to \(perClass.last ?? 0): \(inWords(drawn.map(\.name))).",
    note: lacking.isEmpty ? "" : "Without values: \(inWords(lacking)).",
    panels: [Panel(x: x, y: y, marks: marks)], study: run)
}

/// Such as "57.1 % with 10 per class, 61.0 % with 50".
private func course(
  _ curve: LabelledCurve, _ perClass: [Int], _ percent: (Double) -> String
) -> String {
  zip(perClass, curve.sizes).enumerated().map { place, pair in
    let (count, size) = pair
    let value = size.mean.isFinite ? "\(percent(size.mean))\u{A0}%" : "no value"
    return "\(value) with \(count)" + (place == 0 ? " per class" : "")
  }.joined(separator: ", ")
}
