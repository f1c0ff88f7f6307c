/// A straight reference line across the panel.
public struct Rule: Mark {
  public enum Direction: Equatable, Sendable {
    /// At a value of y, named in the right margin.
    case horizontal(Double)
    /// At a value of x, without a label.
    case vertical(Double)
  }

  public var direction: Direction
  public var label: EndLabel.Words?
  public var ink: Ink
  /// In multiples of the line's width; empty for a solid line.
  public var dash: [Double]

  public init(
    _ direction: Direction, label: EndLabel.Words? = nil, ink: Ink = .muted,
    dash: [Double] = [1, 2.5]
  ) {
    (self.direction, self.label, self.ink, self.dash) = (direction, label, ink, dash)
  }

  public var extent: Extent {
    var extent = Extent()
    switch direction {
    case .horizontal(let y): extent.y.include(y)
    case .vertical(let x): extent.x.include(x)
    }
    return extent
  }

  public func shapes(on plane: Plane) -> [Shape] {
    let width = plane.theme.lineWidth * 0.65
    let stroke = Stroke(plane.theme.color(of: ink), width: width, dash: dash.map { $0 * width })
    let (start, end) = ends(on: plane)
    return start.isFinite && end.isFinite ? [.line([start, end], stroke)] : []
  }

  public var endLabels: [EndLabel] {
    guard let label, case .horizontal(let y) = direction, y.isFinite else { return [] }
    return [EndLabel(label, at: Point(.infinity, y), ink: ink)]
  }

  private func ends(on plane: Plane) -> (Point, Point) {
    switch direction {
    case .horizontal(let y):
      let y = plane.pageY(y)
      return (Point(plane.frame.minX, y), Point(plane.frame.maxX, y))
    case .vertical(let x):
      let x = plane.pageX(x)
      return (Point(x, plane.frame.minY), Point(x, plane.frame.maxY))
    }
  }
}

/// A tinted part of the panel between two values, with words in one of its corners.
public struct Shade: Mark {
  public enum Direction: Equatable, Sendable {
    /// From one edge to the other, between two values of y.
    case horizontal
    /// From the bottom to the top, between two values of x.
    case vertical
  }

  /// From where to where; an infinite end means the panel's edge.
  public var range: ClosedRange<Double>
  public var direction: Direction
  public var words: String?
  public var ink: Ink
  /// Whether the words stand at the upper end of the range.
  public var areWordsOnTop: Bool
  /// Whether the words stay even if they must cover data.
  public var areWordsEssential: Bool

  public init(
    _ range: ClosedRange<Double>, direction: Direction = .horizontal, words: String? = nil,
    ink: Ink,
    areWordsOnTop: Bool = true, areWordsEssential: Bool = true
  ) {
    self.direction = direction
    (self.range, self.words, self.ink) = (range, words, ink)
    (self.areWordsOnTop, self.areWordsEssential) = (areWordsOnTop, areWordsEssential)
  }

  public var extent: Extent {
    var extent = Extent()
    for end in [range.lowerBound, range.upperBound] {
      if direction == .horizontal { extent.y.include(end) } else { extent.x.include(end) }
    }
    return extent
  }

  public var isUnderlay: Bool { true }

  public func shapes(on plane: Plane) -> [Shape] {
    guard let rect = rect(on: plane) else { return [] }
    return [.rectangle(rect, plane.theme.color(of: ink).with(alpha: 0.07))]
  }

  public func callouts(on plane: Plane) -> [Callout] {
    guard let words, let rect = rect(on: plane) else { return [] }
    return [
      Callout(
        text: words, anchor: Point(rect.minX, areWordsOnTop ? rect.minY : rect.maxY), clearance: 0,
        ink: ink, preference: .corner(rect, isLeft: true, isTop: areWordsOnTop),
        isEssential: areWordsEssential)
    ]
  }

  private func rect(on plane: Plane) -> Rect? {
    let domain = direction == .horizontal ? plane.y.domain : plane.x.domain
    let low = max(range.lowerBound, domain.lowerBound)
    let high = min(range.upperBound, domain.upperBound)
    guard low < high else { return nil }
    guard direction == .horizontal else {
      return Rect(
        minX: plane.pageX(low), minY: plane.frame.minY, maxX: plane.pageX(high),
        maxY: plane.frame.maxY)
    }
    return Rect(
      minX: plane.frame.minX, minY: plane.pageY(high), maxX: plane.frame.maxX,
      maxY: plane.pageY(low))
  }
}

/// A point singled out by a ring, with words beside it.
public struct Highlight: Mark {
  public var point: Point
  /// Empty for none.
  public var words: String
  public var ink: Ink
  /// Whether a ring is drawn; off where the words alone are wanted.
  public var hasRing: Bool

  public init(_ point: Point, words: String, ink: Ink, hasRing: Bool = true) {
    (self.point, self.words, self.ink, self.hasRing) = (point, words, ink, hasRing)
  }

  public var extent: Extent { Extent(of: [point]) }

  public func shapes(on plane: Plane) -> [Shape] {
    let center = plane(point)
    guard hasRing, center.isFinite else { return [] }
    let radius = plane.theme.markerRadius * 1.9
    let circle = (0...48).map { step -> Point in
      let unit = Plane.unitCircle(step, of: 48)
      return Point(center.x + radius * unit.x, center.y + radius * unit.y)
    }
    return [
      .line(circle, Stroke(plane.theme.textColor(of: ink), width: plane.theme.lineWidth * 0.6))
    ]
  }

  public func callouts(on plane: Plane) -> [Callout] {
    let center = plane(point)
    guard center.isFinite, !words.isEmpty else { return [] }
    return [
      Callout(
        text: words, anchor: center, clearance: plane.theme.markerRadius * (hasRing ? 2.2 : 1.4),
        ink: ink, preference: .beside)
    ]
  }
}
