/// The measure of one line of text, in points.
public struct TextExtent: Equatable, Sendable {
  /// From the start of the line to where a next one would go on.
  public var width: Double
  /// Above the baseline, positive.
  public var ascent: Double
  /// Below the baseline, positive.
  public var descent: Double
  /// The height of a capital letter, by which text is centred on a tick.
  public var capitalHeight: Double

  public init(width: Double, ascent: Double, descent: Double, capitalHeight: Double) {
    (self.width, self.ascent, self.descent) = (width, ascent, descent)
    self.capitalHeight = capitalHeight
  }

  public var height: Double { ascent + descent }
}

/// What layout asks about text: the one seam between the grammar and a text library.
public protocol TextMeasuring {
  func measure(_ string: String, _ font: Font) -> TextExtent
  /// Whether some installed font has every letter; boxes stand for those that none has.
  func hasAllGlyphs(_ string: String, _ font: Font) -> Bool
}

extension TextMeasuring {
  public func hasAllGlyphs(_ string: String, _ font: Font) -> Bool { true }
}

/// A typeface whose letters are all alike, for tests that must not depend on installed fonts.
public struct FixedTextMeasurer: TextMeasuring {
  public init() {}

  public func measure(_ string: String, _ font: Font) -> TextExtent {
    TextExtent(
      width: Double(string.count) * font.size * (font.weight == .bold ? 0.66 : 0.6),
      ascent: font.size * 0.92, descent: font.size * 0.24, capitalHeight: font.size * 0.73)
  }
}

extension TextMeasuring {
  /// Breaks a text into lines no wider than `width` points, at spaces.
  ///
  /// A word wider than a line, and the last of `lines` if text is left over, ends in an ellipsis.
  func wrap(_ string: String, _ font: Font, width: Double, lines limit: Int = .max) -> [String] {
    var lines: [String] = []
    var line = ""
    var words = string.split(separator: " ")[...]
    while let word = words.first {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if measure(longer, font).width <= width || line.isEmpty && lines.count + 1 < limit {
        line = longer
        words.removeFirst()
      } else if lines.count + 1 == limit {
        line = ((line.isEmpty ? [] : [line]) + words.map(String.init)).joined(separator: " ")
        break
      } else {
        lines.append(line)
        line = ""
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { shorten($0, font, width: width) }
  }

  /// The text itself, or its beginning and an ellipsis if it is wider than `width` points.
  func shorten(_ string: String, _ font: Font, width: Double) -> String {
    guard measure(string, font).width > width else { return string }
    var (short, long) = (0, string.count)
    while long - short > 1 {
      let middle = (short + long) / 2
      if measure(string.prefix(middle) + "…", font).width <= width {
        short = middle
      } else {
        long = middle
      }
    }
    var kept = string.prefix(short)
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }

  /// One line whose anchor is on the baseline.
  func line(
    _ string: String, _ font: Font, _ color: Color, at anchor: Point,
    _ alignment: Text.Alignment = .leading
  ) -> Text {
    let extent = measure(string, font)
    let start =
      switch alignment {
      case .leading: anchor.x
      case .center: anchor.x - extent.width / 2
      case .trailing: anchor.x - extent.width
      }
    return Text(
      string: string, font: font, color: color, alignment: alignment, anchor: anchor,
      box: Rect(
        x: start, y: anchor.y - extent.ascent, width: extent.width, height: extent.height))
  }
}
