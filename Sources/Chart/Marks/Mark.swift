internal import Glibc

/// Something drawn in data coordinates.
public protocol Mark: Sendable {
  /// The data range that the axes must cover.
  var extent: Extent { get }
  /// Whether the mark lies under the grid.
  var isUnderlay: Bool { get }
  /// Shapes on the page, back to front.
  func shapes(on plane: Plane) -> [Shape]
  /// Names and values for the margin at the right, beside the end of what they name.
  var endLabels: [EndLabel] { get }
  /// Texts that stand to the right of what they name and for which the right margin keeps room.
  var trailingTexts: [String] { get }
  /// Words to be placed beside points inside the panel, most important first.
  func callouts(on plane: Plane) -> [Callout]
}

extension Mark {
  public var isUnderlay: Bool { false }
  public var endLabels: [EndLabel] { [] }
  public var trailingTexts: [String] { [] }
  public func callouts(on plane: Plane) -> [Callout] { [] }
}

/// A label in the right margin.
public struct EndLabel: Equatable, Sendable {
  /// What is said at the end of a line.
  public struct Words: Equatable, Sendable {
    /// Shortened where there is too little room.
    public var name: String
    /// After the name, never shortened.
    public var value: String
    /// On a line of its own; left out where there is too little room.
    public var detail: String
    /// Whether the detail stands behind the rest, or else not at all, as in a table.
    public var isOneLine = false

    public init(_ name: String, _ value: String = "", detail: String = "") {
      (self.name, self.value, self.detail) = (name, value, detail)
    }
  }

  /// The point of the data that the label belongs to; `x` not finite means the panel's right edge.
  public var point: Point
  public var words: Words
  public var ink: Ink

  public init(_ words: Words, at point: Point, ink: Ink) {
    (self.words, self.point, self.ink) = (words, point, ink)
  }
}

/// Words about a place inside the panel.
public struct Callout: Equatable, Sendable {
  /// Where the words would best stand.
  public enum Preference: Equatable, Sendable {
    /// Beside the anchor, above first.
    case beside
    /// To the right of the anchor, on a plate that hides lines behind it.
    case trailing
    /// As near as possible to this corner of the given rectangle.
    case corner(Rect, isLeft: Bool, isTop: Bool)
    /// In the middle of this rectangle of the given colour, line by line, smaller if need be; lines
    /// that do not fit are left out from the last.
    case inside(Rect, ground: Color)
    /// With its middle on the anchor, as far as the panel allows.
    case centered
  }

  public var text: String
  /// On the page, in points.
  public var anchor: Point
  /// How far from the anchor its own symbol reaches, in points.
  public var clearance: Double
  public var ink: Ink
  public var preference: Preference
  /// Whether the words stay even if they must cover data.
  public var isEssential = true
  /// Where trailing words stand instead if a rule would strike some of the panel's through.
  public var foot: Foot?

  /// The part of a bar, from its foot on, that nothing is drawn over.
  public struct Foot: Equatable, Sendable {
    public var rect: Rect
    public var ground: Color
  }
}

/// The panel's coordinates: from data to points on the page.
public struct Plane: Sendable {
  public let x: any Scale
  public let y: any Scale
  /// The panel without its labels.
  public let frame: Rect
  public let theme: Theme
  /// Whether y grows downwards, as it does for categories.
  let isFlipped: Bool

  init(x: any Scale, y: any Scale, frame: Rect, theme: Theme) {
    (self.x, self.y, self.frame, self.theme) = (x, y, frame, theme)
    isFlipped = y is BandScale
  }

  public func pageX(_ value: Double) -> Double { frame.minX + x.position(of: value) * frame.width }

  public func pageY(_ value: Double) -> Double {
    let position = y.position(of: value)
    return isFlipped
      ? frame.minY + position * frame.height : frame.maxY - position * frame.height
  }

  /// The place of a point; not finite where the data or the scale have none.
  public func callAsFunction(_ point: Point) -> Point { Point(pageX(point.x), pageY(point.y)) }
}

extension Plane {
  /// The n-th of `count` points on the unit circle.
  static func unitCircle(_ step: Int, of count: Int) -> Point {
    let angle = 2 * Double.pi * Double(step) / Double(count)
    return Point(cos(angle), sin(angle))
  }
}
