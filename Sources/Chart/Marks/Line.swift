/// A polyline, broken where a value is missing.
public struct Line: Mark {
  public var points: [Point]
  public var ink: Ink
  /// In multiples of the theme's width.
  public var weight: Double
  /// Overrides the series' dash, in multiples of the line's width.
  public var dash: [Double]?
  /// What stands in the margin beside the last point that has a value.
  public var endLabel: String?

  public init(
    _ points: [Point], ink: Ink, weight: Double = 1, dash: [Double]? = nil, endLabel: String? = nil
  ) {
    (self.points, self.ink, self.weight, self.dash) = (points, ink, weight, dash)
    self.endLabel = endLabel
  }

  public var extent: Extent { Extent(of: points) }

  public var endLabels: [EndLabel] {
    guard let endLabel, let last = points.last(where: \.isFinite) else { return [] }
    let isSeries = if case .series = ink { true } else { false }
    return [EndLabel(endLabel, at: last, ink: ink, hasSymbol: isSeries)]
  }

  public func shapes(on plane: Plane) -> [Shape] {
    var stroke = plane.theme.stroke(of: ink, width: plane.theme.lineWidth * weight)
    if let dash { stroke.dash = dash.map { $0 * stroke.width } }
    return points.map { plane($0) }.split { !$0.isFinite }.filter { $0.count > 1 }
      .map { .line(Array($0), stroke) }
  }
}

/// Symbols at points.
///
/// Where they would run into each other only every n-th and the last are drawn, and each that stands
/// alone between two gaps, since no line shows it.
public struct Dots: Mark {
  public var points: [Point]
  public var ink: Ink

  public init(_ points: [Point], ink: Ink) { (self.points, self.ink) = (points, ink) }

  public var extent: Extent { Extent(of: points) }

  public func shapes(on plane: Plane) -> [Shape] {
    let placed = points.map { plane($0) }
    let finite = placed.filter(\.isFinite)
    guard let first = finite.first, let last = finite.last else { return [] }
    let room = abs(last.x - first.x) / (3.2 * plane.theme.markerRadius)
    let stride =
      finite.count < 3 ? 1 : max(1, Int((Double(finite.count - 1) / max(room, 1)).rounded(.up)))
    return placed.indices.filter { index in
      guard placed[index].isFinite else { return false }
      let isAlone =
        (index == 0 || !placed[index - 1].isFinite)
        && (index == placed.count - 1 || !placed[index + 1].isFinite)
      return isAlone || index % stride == 0 || placed[index] == last
    }.map { .marker(plane.theme.marker(of: ink, at: placed[$0])) }
  }
}

/// The area between two curves, such as an interval around a curve; broken where a bound is missing.
public struct Band: Mark {
  public struct Slice: Equatable, Sendable {
    public var x: Double
    public var low: Double
    public var high: Double

    public init(x: Double, low: Double, high: Double) {
      (self.x, self.low, self.high) = (x, low, high)
    }
  }

  public var slices: [Slice]
  public var ink: Ink

  public init(_ slices: [Slice], ink: Ink) { (self.slices, self.ink) = (slices, ink) }

  public var extent: Extent {
    Extent(of: slices.flatMap { [Point($0.x, $0.low), Point($0.x, $0.high)] })
  }

  public var isUnderlay: Bool { true }

  public func shapes(on plane: Plane) -> [Shape] {
    let color = plane.theme.color(of: ink).with(alpha: plane.theme.bandOpacity)
    let placed = slices.map { (plane(Point($0.x, $0.low)), plane(Point($0.x, $0.high))) }
    return placed.split { !$0.0.isFinite || !$0.1.isFinite }.map { run in
      guard run.count == 1, let only = run.first else {
        return .area(run.map(\.1) + run.reversed().map(\.0), color)
      }
      // One slice has no width: a bar as wide as a symbol stands for it.
      let r = plane.theme.markerRadius
      return .rectangle(
        Rect(minX: only.0.x - r, minY: only.1.y, maxX: only.0.x + r, maxY: only.0.y), color)
    }
  }
}
