/// Intervals as thin lines with caps, for points or bars of any other mark.
public struct Whiskers: Mark {
  public enum Direction: Equatable, Sendable {
    /// Along x, at values of y.
    case horizontal
    /// Along y, at values of x.
    case vertical
  }

  public struct Whisker: Equatable, Sendable {
    /// The value on the other axis.
    public var position: Double
    public var interval: ClosedRange<Double>

    public init(at position: Double, _ interval: ClosedRange<Double>) {
      (self.position, self.interval) = (position, interval)
    }
  }

  public var whiskers: [Whisker]
  public var direction: Direction
  public var ink: Ink

  public init(_ whiskers: [Whisker], _ direction: Direction, ink: Ink = .strong) {
    (self.whiskers, self.direction, self.ink) = (whiskers, direction, ink)
  }

  public var extent: Extent {
    Extent(
      of: whiskers.flatMap { whisker in
        [whisker.interval.lowerBound, whisker.interval.upperBound].map { end in
          direction == .vertical ? Point(whisker.position, end) : Point(end, whisker.position)
        }
      })
  }

  public func shapes(on plane: Plane) -> [Shape] {
    let stroke = Stroke(plane.theme.color(of: ink), width: plane.theme.lineWidth * 0.6)
    let cap = plane.theme.markerRadius * 0.8
    return whiskers.flatMap { whisker -> [Shape] in
      let ends = [whisker.interval.lowerBound, whisker.interval.upperBound].map { end in
        plane(direction == .vertical ? Point(whisker.position, end) : Point(end, whisker.position))
      }
      guard ends.allSatisfy(\.isFinite) else { return [] }
      let (dx, dy) = direction == .vertical ? (cap, 0) : (0, cap)
      return [.line(ends, stroke)]
        + ends.map { end in
          .line([Point(end.x - dx, end.y - dy), Point(end.x + dx, end.y + dy)], stroke)
        }
    }
  }
}

/// Words centred on a point of the data, left out where they would cover other words.
public struct Words: Mark {
  public var text: String
  public var point: Point
  public var ink: Ink

  public init(_ text: String, at point: Point, ink: Ink = .strong) {
    (self.text, self.point, self.ink) = (text, point, ink)
  }

  public var extent: Extent { Extent(of: [point]) }

  public func shapes(on plane: Plane) -> [Shape] { [] }

  public func callouts(on plane: Plane) -> [Callout] {
    let center = plane(point)
    guard center.isFinite, !text.isEmpty else { return [] }
    return [
      Callout(text: text, anchor: center, clearance: 0, ink: ink, preference: .centered)
    ]
  }
}
