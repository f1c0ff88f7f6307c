/// A place, in points on the page (y grows downwards) or in the units of the data.
public struct Point: Equatable, Hashable, Sendable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }

  /// Whether both coordinates are numbers that can be drawn.
  public var isFinite: Bool { x.isFinite && y.isFinite }
}

/// A width and a height in points, 1/72 inch.
public struct Size: Equatable, Sendable {
  public var width: Double
  public var height: Double

  public init(width: Double, height: Double) { (self.width, self.height) = (width, height) }

  /// In square points.
  public var area: Double { width * height }

  /// A size given in inches.
  public static func inches(_ width: Double, _ height: Double) -> Size {
    Size(width: 72 * width, height: 72 * height)
  }
}

/// A rectangle on the page, in points, y downwards.
public struct Rect: Equatable, Sendable {
  public var minX: Double
  public var minY: Double
  public var maxX: Double
  public var maxY: Double

  public init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    (self.minX, self.minY, self.maxX, self.maxY) = (minX, minY, maxX, maxY)
  }

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.init(minX: x, minY: y, maxX: x + width, maxY: y + height)
  }

  /// The least rectangle that holds all points; without area at the origin if there are none.
  init(around points: [Point]) {
    guard let first = points.first else {
      self.init(x: 0, y: 0, width: 0, height: 0)
      return
    }
    self.init(minX: first.x, minY: first.y, maxX: first.x, maxY: first.y)
    for point in points.dropFirst() {
      (minX, maxX) = (min(minX, point.x), max(maxX, point.x))
      (minY, maxY) = (min(minY, point.y), max(maxY, point.y))
    }
  }

  public var width: Double { maxX - minX }
  public var height: Double { maxY - minY }
  public var midX: Double { (minX + maxX) / 2 }
  public var midY: Double { (minY + maxY) / 2 }

  /// The rectangle with every side moved inwards by `distance` points (outwards if negative).
  public func inset(_ distance: Double) -> Rect {
    Rect(
      minX: minX + distance, minY: minY + distance, maxX: maxX - distance, maxY: maxY - distance)
  }

  /// Whether the two share an area; touching sides do not count.
  public func overlaps(_ other: Rect) -> Bool {
    minX < other.maxX && other.minX < maxX && minY < other.maxY && other.minY < maxY
  }

  public func contains(_ point: Point) -> Bool {
    point.x >= minX && point.x <= maxX && point.y >= minY && point.y <= maxY
  }

  /// Whether `other` lies within, up to `tolerance` points.
  public func contains(_ other: Rect, tolerance: Double = 0) -> Bool {
    other.minX >= minX - tolerance && other.maxX <= maxX + tolerance
      && other.minY >= minY - tolerance && other.maxY <= maxY + tolerance
  }

  /// Whether the segment from `a` to `b` passes through (Liang and Barsky 1984).
  public func isCrossed(from a: Point, to b: Point) -> Bool {
    if max(a.x, b.x) < minX || min(a.x, b.x) > maxX || max(a.y, b.y) < minY || min(a.y, b.y) > maxY
    {
      return false
    }
    var (enter, leave) = (0.0, 1.0)
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    for (p, q) in [(-dx, a.x - minX), (dx, maxX - a.x), (-dy, a.y - minY), (dy, maxY - a.y)] {
      if p == 0 {
        if q < 0 { return false }
      } else if p < 0 {
        enter = max(enter, q / p)
      } else {
        leave = min(leave, q / p)
      }
    }
    return enter <= leave
  }
}

/// The range of data that an axis must cover; empty until a finite value is included.
public struct DataRange: Equatable, Sendable {
  public private(set) var range: ClosedRange<Double>?

  public init() {}

  public init(_ values: some Sequence<Double>) {
    for value in values { include(value) }
  }

  /// Widens the range; what is not finite cannot be drawn and is left out.
  public mutating func include(_ value: Double) {
    guard value.isFinite else { return }
    if let range {
      self.range = min(range.lowerBound, value)...max(range.upperBound, value)
    } else {
      range = value...value
    }
  }

  public mutating func formUnion(_ other: DataRange) {
    guard let range = other.range else { return }
    include(range.lowerBound)
    include(range.upperBound)
  }
}

/// The data range of a mark in both directions.
public struct Extent: Equatable, Sendable {
  public var x = DataRange()
  public var y = DataRange()

  public init() {}

  /// The extent of the points that can be drawn.
  public init(of points: some Sequence<Point>) {
    for point in points where point.isFinite {
      x.include(point.x)
      y.include(point.y)
    }
  }

  public mutating func formUnion(_ other: Extent) {
    x.formUnion(other.x)
    y.formUnion(other.y)
  }
}
