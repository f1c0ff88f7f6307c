/// Horizontal bars from zero, one per category of the y axis, with their values written out and
/// intervals as whiskers.
public struct Bars: Mark {
  public struct Bar: Equatable, Sendable {
    /// The index of the category.
    public var category: Int
    public var value: Double
    /// The interval around the value, if there is one.
    public var interval: ClosedRange<Double>?
    /// A value to compare with, drawn as a short dotted line across the bar's band.
    public var reference: Double?
    /// The value as it is to be read.
    public var text: String
    public var ink: Ink

    public init(
      category: Int, value: Double, interval: ClosedRange<Double>? = nil, reference: Double? = nil,
      text: String, ink: Ink
    ) {
      (self.category, self.value, self.interval) = (category, value, interval)
      (self.reference, self.text, self.ink) = (reference, text, ink)
    }
  }

  public var bars: [Bar]

  public init(_ bars: [Bar]) { self.bars = bars }

  public var extent: Extent {
    var extent = Extent()
    extent.x.include(0)
    for bar in bars {
      extent.x.include(bar.value)
      extent.x.include(bar.reference ?? 0)
      extent.y.include(Double(bar.category))
      if let interval = bar.interval {
        extent.x.include(interval.lowerBound)
        extent.x.include(interval.upperBound)
      }
    }
    return extent
  }

  public func shapes(on plane: Plane) -> [Shape] {
    let zero = plane.pageX(0)
    let references = bars.compactMap { bar -> Shape? in
      guard let reference = bar.reference, reference.isFinite else { return nil }
      let half = abs(plane.pageY(1) - plane.pageY(0)) * 0.46
      let (x, y) = (plane.pageX(reference), plane.pageY(Double(bar.category)))
      return .line([Point(x, y - half), Point(x, y + half)], Self.referenceStroke(plane.theme))
    }
    return bars.filter { $0.value.isFinite }.flatMap { bar -> [Shape] in
      let middle = plane.pageY(Double(bar.category))
      let end = plane.pageX(bar.value)
      let half = thickness(on: plane) / 2
      let body = Rect(
        minX: min(zero, end), minY: middle - half, maxX: max(zero, end), maxY: middle + half)
      var shapes: [Shape] = [
        .rectangle(body, color(of: bar, plane.theme))
      ]
      if let interval = bar.interval {
        let (a, b) = (plane.pageX(interval.lowerBound), plane.pageX(interval.upperBound))
        let stroke = Stroke(plane.theme.text, width: plane.theme.lineWidth * 0.6)
        let cap = half * 0.4
        shapes += [
          .line([Point(a, middle), Point(b, middle)], stroke),
          .line([Point(a, middle - cap), Point(a, middle + cap)], stroke),
          .line([Point(b, middle - cap), Point(b, middle + cap)], stroke),
        ]
      }
      return shapes
    } + references
  }

  /// The dash of reference lines, for a key, in multiples of the line's width.
  public static let referenceDash = [1.4, 1.4]
  /// The weight of reference lines, for a key.
  public static let referenceWeight = 0.75

  private static func referenceStroke(_ theme: Theme) -> Stroke {
    let width = theme.lineWidth * referenceWeight
    return Stroke(theme.text, width: width, dash: referenceDash.map { $0 * width })
  }

  public var trailingTexts: [String] { bars.map(\.text) }

  public func callouts(on plane: Plane) -> [Callout] {
    bars.map { bar in
      let reach = bar.value.isFinite ? max(bar.value, bar.interval?.upperBound ?? bar.value, 0) : 0
      return Callout(
        text: bar.text, anchor: Point(plane.pageX(reach), plane.pageY(Double(bar.category))),
        clearance: 4, ink: .strong, preference: .trailing, foot: foot(of: bar, on: plane))
    }
  }

  /// What is free of the whisker between the bar's foot and its end.
  private func foot(of bar: Bar, on plane: Plane) -> Callout.Foot? {
    guard bar.value.isFinite, bar.value > 0 else { return nil }
    let end = plane.pageX(min(bar.value, bar.interval?.lowerBound ?? bar.value))
    let (middle, half) = (plane.pageY(Double(bar.category)), thickness(on: plane) / 2)
    guard end > plane.pageX(0) else { return nil }
    return Callout.Foot(
      rect: Rect(minX: plane.pageX(0), minY: middle - half, maxX: end, maxY: middle + half),
      ground: color(of: bar, plane.theme))
  }

  private func color(of bar: Bar, _ theme: Theme) -> Color {
    theme.color(of: bar.ink).with(alpha: 0.8).over(theme.background)
  }

  private func thickness(on plane: Plane) -> Double {
    let (band, letters) = (abs(plane.pageY(1) - plane.pageY(0)), plane.theme.labelFont.size)
    // Of many bars each keeps the height of a line.
    return min(max(band * 0.62, min(band * 0.8, letters * 1.4)), letters * 3)
  }
}
