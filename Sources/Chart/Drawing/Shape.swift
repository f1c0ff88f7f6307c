/// Something on the page, fully placed: all coordinates and widths in points.
///
/// A figure becomes a list of these before any ink flows, so that what will be drawn can be tested
/// without a drawing library.
public indirect enum Shape: Equatable, Sendable {
  /// An open polyline.
  case line([Point], Stroke)
  /// A filled polygon.
  case area([Point], Color)
  case rectangle(Rect, Color)
  case marker(Marker)
  case text(Text)

  /// What the shape is painted with: one colour, of a marker its own and the background's.
  var colors: [Color] {
    switch self {
    case .line(_, let stroke): [stroke.color]
    case .area(_, let color), .rectangle(_, let color): [color]
    case .marker(let marker): [marker.color, marker.background]
    case .text(let text): [text.color]
    }
  }

  /// Between which heights all of the shape's ink lies.
  var verticalReach: (top: Double, bottom: Double) {
    let (box, beyond): (Rect, Double) =
      switch self {
      case .line(let points, let stroke): (Rect(around: points), stroke.width)
      case .area(let points, _): (Rect(around: points), 0)
      case .rectangle(let rect, _): (rect, 0)
      case .marker(let marker): (marker.box, marker.radius)
      // Accents stacked on each other reach beyond a line of text.
      case .text(let text): (text.box, text.font.size)
      }
    // A pixel more for smoothed edges, at any resolution that makes sense.
    return (box.minY - beyond - 4, box.maxY + beyond + 4)
  }
}

/// How a line is drawn.
public struct Stroke: Equatable, Sendable {
  public var color: Color
  /// In points.
  public var width: Double
  /// Lengths of dashes and gaps in points; empty for a solid line.
  public var dash: [Double]

  public init(_ color: Color, width: Double, dash: [Double] = []) {
    (self.color, self.width, self.dash) = (color, width, dash)
  }
}

/// A symbol at a point of the data.
public struct Marker: Equatable, Sendable {
  /// The symbols, told apart by their outline alone.
  public enum Symbol: String, CaseIterable, Sendable {
    case ring, disc, square, triangle, diamond, invertedTriangle, cross, plus
  }

  public var symbol: Symbol
  public var center: Point
  /// Half the symbol's width in points; symbols of one radius look equally heavy.
  public var radius: Double
  public var color: Color
  /// What shows through open symbols and separates filled ones from the lines they sit on.
  public var background: Color

  /// The outline of a symbol that is a polygon, `nil` for round symbols and strokes.
  var polygon: [Point]? {
    let (x, y) = (center.x, center.y)
    switch symbol {
    case .square:
      let r = radius * 0.89
      return [Point(x - r, y - r), Point(x + r, y - r), Point(x + r, y + r), Point(x - r, y + r)]
    case .diamond:
      let r = radius * 1.25
      return [Point(x, y - r), Point(x + r, y), Point(x, y + r), Point(x - r, y)]
    case .triangle, .invertedTriangle:
      let r = radius * (symbol == .triangle ? 1.25 : -1.25)
      return [
        Point(x, y - r), Point(x + 0.866 * abs(r), y + r / 2),
        Point(x - 0.866 * abs(r), y + r / 2),
      ]
    case .ring, .disc, .cross, .plus:
      return nil
    }
  }

  /// The arms of a symbol that is made of strokes.
  var arms: [(Point, Point)] {
    let (x, y) = (center.x, center.y)
    switch symbol {
    case .cross:
      let r = radius * 0.85
      return [
        (Point(x - r, y - r), Point(x + r, y + r)), (Point(x - r, y + r), Point(x + r, y - r)),
      ]
    case .plus:
      return [
        (Point(x - radius, y), Point(x + radius, y)), (Point(x, y - radius), Point(x, y + radius)),
      ]
    default:
      return []
    }
  }

  /// The width of outlines and arms in points.
  var outlineWidth: Double { radius * 0.44 }

  /// The square that the symbol fills.
  public var box: Rect {
    Rect(x: center.x, y: center.y, width: 0, height: 0).inset(-1.25 * radius)
  }
}

/// A size and weight of the theme's typeface.
public struct Font: Equatable, Hashable, Sendable {
  public enum Weight: Sendable { case regular, bold }

  /// In points.
  public var size: Double
  public var weight: Weight

  public init(size: Double, weight: Weight = .regular) { (self.size, self.weight) = (size, weight) }
}

/// One line of text, placed and measured.
public struct Text: Equatable, Sendable {
  /// Which end of the text `anchor` is.
  public enum Alignment: Sendable { case leading, center, trailing }

  public var string: String
  public var font: Font
  public var color: Color
  public var alignment: Alignment
  /// On the baseline.
  public var anchor: Point
  /// What the line covers: its advance by the font's ascent and descent.
  public var box: Rect
}
