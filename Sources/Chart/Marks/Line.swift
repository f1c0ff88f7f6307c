/// A polyline, broken where a value is missing.
public struct Line: Mark {
  public var points: [Point]
  public var ink: Ink
  /// In multiples of the theme's width.
  public var weight: Double
  /// Overrides the series' dash, in multiples of the line's width.
  public var dash: [Double]?
  /// Symbols spread evenly along the line, for curves whose points are too many to mark.
  public var symbols: Spread?
  /// What stands in the margin beside the last point that has a value.
  public var endLabel: EndLabel.Words?

  /// How symbols are spread along a line.
  public struct Spread: Equatable, Sendable {
    public var count: Int
    /// Where between two places the first stands, 0 to 1; lines that run together differ in it.
    public var phase: Double

    public init(count: Int, phase: Double) { (self.count, self.phase) = (count, phase) }
  }

  public init(
    _ points: [Point], ink: Ink, weight: Double = 1, dash: [Double]? = nil,
    symbols: Spread? = nil, endLabel: EndLabel.Words? = nil
  ) {
    (self.points, self.ink, self.weight, self.dash) = (points, ink, weight, dash)
    (self.symbols, self.endLabel) = (symbols, endLabel)
  }

  public var extent: Extent { Extent(of: points) }

  public var endLabels: [EndLabel] {
    guard let endLabel, let last = points.last(where: \.isFinite) else { return [] }
    return [EndLabel(endLabel, at: last, ink: ink)]
  }

  public func shapes(on plane: Plane) -> [Shape] {
    var stroke = plane.theme.stroke(of: ink, width: plane.theme.lineWidth * weight)
    if let dash { stroke.dash = dash.map { $0 * stroke.width } }
    let runs = points.map { plane($0) }.split { !$0.isFinite }.filter { $0.count > 1 }
    var shapes = runs.map { Shape.line(Self.thinned($0, width: stroke.width), stroke) }
    if let symbols {
      shapes += runs.flatMap { Self.places(symbols, along: $0) }
        .map { .marker(plane.theme.marker(of: ink, at: $0)) }
    }
    return shapes
  }

  /// The points that can be seen of a run far denser than the line is wide: of every stretch of x half
  /// as long as that, the first, the lowest, the highest and the last (M4 of Jugel et al., VLDB 2014).
  ///
  /// Runs that go back in x, and those that are not dense, are left as they are.
  private static func thinned(_ run: ArraySlice<Point>, width: Double) -> [Point] {
    guard let first = run.first, let last = run.last, width > 0 else { return Array(run) }
    let column = width / 2
    guard Double(run.count) > 8 * (last.x - first.x) / column,
      zip(run, run.dropFirst()).allSatisfy({ $0.x <= $1.x })
    else { return Array(run) }
    var kept: [Point] = []
    var start = run.startIndex
    while start < run.endIndex {
      let place = (run[start].x / column).rounded(.down)
      var (end, low, high) = (start, start, start)
      while end < run.endIndex, (run[end].x / column).rounded(.down) == place {
        if run[end].y < run[low].y { low = end }
        if run[end].y > run[high].y { high = end }
        end += 1
      }
      var previous = -1
      for index in [start, min(low, high), max(low, high), end - 1] where index != previous {
        kept.append(run[index])
        previous = index
      }
      start = end
    }
    return kept
  }

  /// Places at equal distances along a polyline, measured on the page.
  private static func places(_ spread: Spread, along run: ArraySlice<Point>) -> [Point] {
    func length(_ a: Point, _ b: Point) -> Double {
      ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
    }
    let segments = Array(zip(run, run.dropFirst()))
    let step = segments.reduce(0) { $0 + length($1.0, $1.1) } / Double(max(spread.count, 1))
    guard step > 0 else { return [] }
    var (places, walked, next): ([Point], Double, Double) = ([], 0, step * spread.phase)
    for (a, b) in segments {
      let reach = length(a, b)
      while next <= walked + reach, reach > 0, places.count < spread.count {
        let share = (next - walked) / reach
        places.append(Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))
        next += step
      }
      walked += reach
    }
    return places
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

/// The area between two curves, such as an interval around a curve, with thin edges, by which areas
/// that overlap are told apart; broken where a bound is missing.
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
    return placed.split { !$0.0.isFinite || !$0.1.isFinite }.flatMap { run -> [Shape] in
      guard run.count == 1, let only = run.first else {
        let edge = Stroke(
          plane.theme.color(of: ink).with(alpha: 0.45), width: plane.theme.lineWidth * 0.3)
        return [
          .area(run.map(\.1) + run.reversed().map(\.0), color),
          .line(run.map(\.0), edge), .line(run.map(\.1), edge),
        ]
      }
      // One slice has no width: a bar as wide as a symbol stands for it.
      let r = plane.theme.markerRadius
      return [
        .rectangle(
          Rect(minX: only.0.x - r, minY: only.1.y, maxX: only.0.x + r, maxY: only.0.y), color)
      ]
    }
  }
}
