/// How one series looks: colour, dash and symbol, each of which alone tells it from its neighbours.
public struct SeriesStyle: Equatable, Sendable {
  public var color: Color
  /// Dashes and gaps in multiples of the line's width.
  public var dash: [Double]
  public var symbol: Marker.Symbol
}

/// What a mark is drawn with; the theme says what that looks like.
public enum Ink: Equatable, Hashable, Sendable {
  /// The n-th series, from 0; every figure of a set gives one thing the same number.
  case series(Int)
  /// The colour of text.
  case strong
  /// For references, such as rules.
  case muted
}

/// Colours, typeface, sizes and distances; all lengths in points.
public struct Theme: Equatable, Sendable {
  public var background: Color
  public var text: Color
  public var mutedText: Color
  public var grid: Color
  public var axis: Color
  public var rule: Color
  public var palette: [SeriesStyle]
  public var fontFamily: String
  public var titleFont: Font
  public var subtitleFont: Font
  public var panelTitleFont: Font
  public var labelFont: Font
  public var headlineFont: Font
  public var lineWidth: Double
  public var gridWidth: Double
  public var markerRadius: Double
  /// Between the content and the page's edge.
  public var margin: Double
  /// The unit of all other distances.
  public var gap: Double
  /// The opacity of bands and shades.
  public var bandOpacity: Double

  /// Black ink on white, the colours of Okabe and Ito (2008), which the colour-blind can tell apart.
  ///
  /// Their yellow is left out: on white it has a contrast of 1.3 to 1.
  public static let light = Theme(
    background: Color(0xFFFFFF), text: Color(0x1A1A1A), mutedText: Color(0x595959),
    grid: Color(0xE6E6E6), axis: Color(0x8C8C8C), rule: Color(0x6E6E6E),
    palette: [
      SeriesStyle(color: Color(0x4D4D4D), dash: [3, 1.6], symbol: .ring),
      SeriesStyle(color: Color(0x0072B2), dash: [], symbol: .disc),
      SeriesStyle(color: Color(0xD55E00), dash: [], symbol: .square),
      SeriesStyle(color: Color(0x009E73), dash: [], symbol: .triangle),
      SeriesStyle(color: Color(0xCC79A7), dash: [], symbol: .diamond),
      SeriesStyle(color: Color(0xE69F00), dash: [], symbol: .invertedTriangle),
      SeriesStyle(color: Color(0x56B4E9), dash: [], symbol: .cross),
    ],
    fontFamily: "DejaVu Sans", titleFont: Font(size: 22, weight: .bold),
    subtitleFont: Font(size: 15), panelTitleFont: Font(size: 16, weight: .bold),
    labelFont: Font(size: 15), headlineFont: Font(size: 26, weight: .bold), lineWidth: 2.6,
    gridWidth: 1, markerRadius: 5, margin: 26, gap: 8, bandOpacity: 0.16)

  /// The theme with every font, line and distance multiplied, for a larger page.
  public func scaled(by factor: Double) -> Theme {
    var theme = self
    theme.titleFont.size *= factor
    theme.subtitleFont.size *= factor
    theme.panelTitleFont.size *= factor
    theme.labelFont.size *= factor
    theme.headlineFont.size *= factor
    theme.lineWidth *= factor
    theme.gridWidth *= factor
    theme.markerRadius *= factor
    theme.margin *= factor
    theme.gap *= factor
    return theme
  }

  /// How a series looks; beyond the palette colours return with other symbols and dashes.
  public func style(ofSeries index: Int) -> SeriesStyle {
    let index = max(index, 0)
    if index < palette.count { return palette[index] }
    // The first entry is kept for what is not to be confused with anything else.
    let cycle = palette.count - 1
    let (round, place) = ((index - 1) / cycle, (index - 1) % cycle)
    var style = palette[1 + place]
    let symbols = Marker.Symbol.allCases
    let position = symbols.firstIndex(of: style.symbol) ?? 0
    style.symbol = symbols[(position + 3 * round) % symbols.count]
    style.dash = [[], [5, 1.5], [1.2, 1.2], [5, 1.2, 1.2, 1.2]][round % 4]
    return style
  }

  /// The colour of lines and symbols.
  func color(of ink: Ink) -> Color {
    switch ink {
    case .series(let index): style(ofSeries: index).color
    case .strong: text
    case .muted: rule
    }
  }

  /// The colour of words about what is drawn with `ink`.
  func textColor(of ink: Ink) -> Color {
    switch ink {
    case .series: color(of: ink).legible(on: background)
    case .strong: text
    case .muted: mutedText
    }
  }

  /// The colour of words on a ground of any colour: the theme's own dark or light where they can be
  /// read (4.5 to 1), else black or white, one of which always can.
  func wordsColor(on ground: Color) -> Color {
    [text, background].first { $0.contrast(with: ground) >= 4.5 }
      ?? [Color(0x000000), Color(0xFFFFFF)].max {
        $0.contrast(with: ground) < $1.contrast(with: ground)
      } ?? text
  }

  func stroke(of ink: Ink, width: Double? = nil) -> Stroke {
    let width = width ?? lineWidth
    return switch ink {
    case .series(let index):
      Stroke(
        color(of: ink), width: width, dash: style(ofSeries: index).dash.map { $0 * width })
    case .strong, .muted:
      Stroke(color(of: ink), width: width)
    }
  }

  func marker(of ink: Ink, at center: Point, radius: Double? = nil) -> Marker {
    let symbol: Marker.Symbol =
      if case .series(let index) = ink { style(ofSeries: index).symbol } else { .disc }
    return Marker(
      symbol: symbol, center: center, radius: radius ?? markerRadius, color: color(of: ink),
      background: background)
  }
}
