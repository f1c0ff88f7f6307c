/// SVG 1.1 from shapes, an element a line.
///
/// Cairo's own SVG surface writes glyph outlines instead of text, with ids that clash when two
/// documents share a page, and neither title nor description.
struct SVGWriter {
  /// What a shape is painted with.
  enum Paint {
    case color(Color)
    /// The n-th colour of a style sheet, which has a class `f` of it for areas and `s` for lines.
    case entry(Int)
  }

  private(set) var document = ""

  mutating func add(_ line: String) {
    document += line
    document += "\n"
  }

  /// Adds a shape.
  ///
  /// - Parameters:
  ///   - shape: what to draw.
  ///   - paints: one for each of the shape's `colors`, in their order.
  mutating func add(_ shape: Shape, _ paints: [Paint]) {
    guard let paint = paints.first else { return }
    switch shape {
    case .line(let points, let stroke):
      var text = #"<polyline points="\#(coordinates(points))""#
      text += attributes(fill: nil, stroke: paint, width: stroke.width) + Self.roundJoins
      if !stroke.dash.isEmpty {
        let dash = stroke.dash.map { number($0) }.joined(separator: " ")
        text += #" stroke-dasharray="\#(dash)""#
      }
      add(text + "/>")
    case .area(let points, _):
      add(#"<polygon points="\#(coordinates(points))"\#(attributes(fill: paint))/>"#)
    case .rectangle(let rect, _):
      add(
        #"<rect x="\#(number(rect.minX))" y="\#(number(rect.minY))" "#
          + #"width="\#(number(rect.width))" height="\#(number(rect.height))"\#(attributes(fill: paint))/>"#
      )
    case .marker(let marker):
      add(marker, paint, rim: paints.last ?? paint)
    case .text(let text):
      let anchor =
        switch text.alignment {
        case .leading: ""
        case .center: #" text-anchor="middle""#
        case .trailing: #" text-anchor="end""#
        }
      let weight = text.font.weight == .bold ? #" font-weight="bold""# : ""
      add(
        #"<text x="\#(number(text.anchor.x))" y="\#(number(text.anchor.y))" "#
          + #"font-size="\#(number(text.font.size))"\#(weight)\#(anchor)\#(attributes(fill: paint))>"#
          + "\(escape(text.string.leftToRight))</text>")
    }
  }

  private mutating func add(_ marker: Marker, _ paint: Paint, rim: Paint) {
    let width = marker.outlineWidth
    let (x, y) = (number(marker.center.x), number(marker.center.y))
    switch marker.symbol {
    case .ring:
      add(
        #"<circle cx="\#(x)" cy="\#(y)" r="\#(number(marker.radius * 0.86))""#
          + attributes(fill: rim, stroke: paint, width: width) + Self.roundJoins + "/>")
    case .disc:
      add(
        #"<circle cx="\#(x)" cy="\#(y)" r="\#(number(marker.radius))" paint-order="stroke""#
          + attributes(fill: paint, stroke: rim, width: width) + "/>")
    case .square, .triangle, .diamond, .invertedTriangle:
      add(
        #"<polygon points="\#(coordinates(marker.polygon ?? []))" paint-order="stroke""#
          + attributes(fill: paint, stroke: rim, width: width) + "/>")
    case .cross, .plus:
      for (paint, extra) in [(rim, 1.7), (paint, 1)] {
        for (a, b) in marker.arms {
          add(.line([a, b], Stroke(marker.color, width: width * extra * 1.2)), [paint])
        }
      }
    }
  }
  private static let roundJoins = #" stroke-linejoin="round""#

  /// How areas and lines are painted, with a space before each attribute.
  private func attributes(fill: Paint? = nil, stroke: Paint? = nil, width: Double = 0) -> String {
    var (classes, text): ([String], String) = ([], "")
    switch fill {
    case .color(let color):
      text += #" fill="\#(color.hexadecimal)""#
      if color.alpha < 1 { text += #" fill-opacity="\#(number(color.alpha))""# }
    case .entry(let index): classes.append("f\(index)")
    case nil: text += #" fill="none""#
    }
    switch stroke {
    case .color(let color):
      text += #" stroke="\#(color.hexadecimal)" stroke-width="\#(number(width))""#
      if color.alpha < 1 { text += #" stroke-opacity="\#(number(color.alpha))""# }
    case .entry(let index):
      classes.append("s\(index)")
      text += #" stroke-width="\#(number(width))""#
    case nil: break
    }
    if !classes.isEmpty { text = #" class="\#(classes.joined(separator: " "))""# + text }
    return text
  }

  private func coordinates(_ points: [Point]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  /// Hundredths of a point, a thirtieth of a pixel at 300 dots an inch, without trailing zeros.
  func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
    return "\(sign)\(whole).\(digits)"
  }

  /// A list of typefaces for an attribute: the wanted one, then what looks like it where it lacks.
  func fonts(_ family: String) -> String { "\(escape(family)), Verdana, sans-serif" }

  /// Escapes what XML reserves and leaves out the control characters that it has no way to write.
  func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\u{9}", "\u{A}", "\u{D}": escaped += " "
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": break
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
