extension Page {
  /// The page as an SVG document, text as text, with a title and a description for screen readers.
  public func svg() -> String {
    var writer = SVGWriter()
    let (width, height) = (writer.number(size.width), writer.number(size.height))
    writer.add(#"<?xml version="1.0" encoding="UTF-8"?>"#)
    writer.add(
      #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)pt" height="\#(height)pt" "#
        + #"viewBox="0 0 \#(width) \#(height)" role="img" "#
        + #"font-family="\#(writer.escape(fontFamily)), Verdana, sans-serif">"#)
    writer.add("<title>\(writer.escape(title))</title>")
    if !alternativeText.isEmpty { writer.add("<desc>\(writer.escape(alternativeText))</desc>") }
    for shape in shapes { writer.add(shape) }
    writer.add("</svg>")
    return writer.document
  }
}

/// SVG 1.1 from shapes, an element a line.
///
/// Cairo's own SVG surface writes glyph outlines instead of text, with ids that clash when two
/// documents share a page, and neither title nor description.
private struct SVGWriter {
  private(set) var document = ""

  mutating func add(_ line: String) {
    document += line
    document += "\n"
  }

  mutating func add(_ shape: Shape) {
    switch shape {
    case .line(let points, let stroke):
      add(#"<polyline points="\#(coordinates(points))" fill="none"\#(attributes(stroke))/>"#)
    case .area(let points, let color):
      add(#"<polygon points="\#(coordinates(points))"\#(fill(color))/>"#)
    case .rectangle(let rect, let color):
      add(
        #"<rect x="\#(number(rect.minX))" y="\#(number(rect.minY))" "#
          + #"width="\#(number(rect.width))" height="\#(number(rect.height))"\#(fill(color))/>"#)
    case .marker(let marker):
      add(marker)
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
          + #"font-size="\#(number(text.font.size))"\#(weight)\#(anchor)\#(fill(text.color))>"#
          + "\(escape(text.string.leftToRight))</text>")
    }
  }

  private mutating func add(_ marker: Marker) {
    let width = marker.outlineWidth
    let (x, y) = (number(marker.center.x), number(marker.center.y))
    let rim = #" stroke="\#(marker.background.hexadecimal)" stroke-width="\#(number(width))""#
    switch marker.symbol {
    case .ring:
      add(
        #"<circle cx="\#(x)" cy="\#(y)" r="\#(number(marker.radius * 0.86))""#
          + fill(marker.background) + attributes(Stroke(marker.color, width: width)) + "/>")
    case .disc:
      add(
        #"<circle cx="\#(x)" cy="\#(y)" r="\#(number(marker.radius))" paint-order="stroke""#
          + fill(marker.color) + rim + "/>")
    case .square, .triangle, .diamond, .invertedTriangle:
      add(
        #"<polygon points="\#(coordinates(marker.polygon ?? []))" paint-order="stroke""#
          + fill(marker.color) + rim + "/>")
    case .cross, .plus:
      for color in [marker.background, marker.color] {
        let extra = color == marker.background ? 1.7 : 1
        for (a, b) in marker.arms {
          add(.line([a, b], Stroke(color, width: width * extra * 1.2)))
        }
      }
    }
  }

  private func attributes(_ stroke: Stroke) -> String {
    var text =
      #" stroke="\#(stroke.color.hexadecimal)" stroke-width="\#(number(stroke.width))""#
      + #" stroke-linejoin="round""#
    if stroke.color.alpha < 1 { text += #" stroke-opacity="\#(number(stroke.color.alpha))""# }
    if !stroke.dash.isEmpty {
      let dash = stroke.dash.map { number($0) }.joined(separator: " ")
      text += #" stroke-dasharray="\#(dash)""#
    }
    return text
  }

  private func fill(_ color: Color) -> String {
    let opacity = color.alpha < 1 ? #" fill-opacity="\#(number(color.alpha))""# : ""
    return #" fill="\#(color.hexadecimal)"\#(opacity)"#
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
