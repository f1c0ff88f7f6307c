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

  /// The themes, as they are asked for by name.
  public enum Name: String, CaseIterable, Sendable {
    case light, dark, print
  }

  public static func named(_ name: Name) -> Theme {
    switch name {
    case .light: light
    case .dark: dark
    case .print: print
    }
  }

  /// Black ink on white, the colours of Okabe and Ito (2008), which the colour-blind can tell apart.
  ///
  /// Their yellow is left out: on white it has a contrast of 1.3 to 1. The rest need no change: the
  /// two that are nearest to each other, purple and orange without blue-sensitive cones, are 10.9
  /// apart (ΔE2000).
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

  /// Light ink on near-black: hues as on white, found by a search for the palette whose nearest pair
  /// is farthest apart (ΔE2000 of 17 for any kind of sight), each with a contrast of 5 to 1 or more.
  public static let dark: Theme = {
    var theme = light
    theme.background = Color(0x16181D)
    theme.text = Color(0xF0F0F0)
    theme.mutedText = Color(0xB0B5BD)
    theme.grid = Color(0x2E323A)
    theme.axis = Color(0x737A85)
    theme.rule = Color(0x9299A4)
    let colors: [UInt32] = [0xF6F6F6, 0x647EFB, 0xE06529, 0x1CC188, 0xAE8DA8, 0xFFD244, 0xBBCFFF]
    for (index, color) in zip(theme.palette.indices, colors) {
      theme.palette[index].color = Color(color)
    }
    theme.bandOpacity = 0.22
    return theme
  }()

  /// Greys on white for paper without colours: dash and symbol tell series apart, either alone.
  public static let print: Theme = {
    var theme = light
    theme.text = Color(0x000000)
    theme.mutedText = Color(0x444444)
    theme.grid = Color(0xDEDEDE)
    theme.axis = Color(0x666666)
    theme.rule = Color(0x555555)
    let styles: [(UInt32, [Double])] = [
      (0x6E6E6E, [3, 1.6]), (0x000000, []), (0x3C3C3C, [6, 1.8]), (0x5F5F5F, [1.3, 1.3]),
      (0x222222, [6, 1.6, 1.2, 1.6]), (0x767676, [10, 2]), (0x4D4D4D, [3, 1.2, 1, 1.2, 1, 1.2]),
    ]
    for (index, style) in zip(theme.palette.indices, styles) {
      theme.palette[index].color = Color(style.0)
      theme.palette[index].dash = style.1
    }
    return theme
  }()

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
    // A palette that has dashes of its own keeps them.
    if style.dash.isEmpty {
      style.dash = [[], [5, 1.5], [1.2, 1.2], [5, 1.2, 1.2, 1.2]][round % 4]
    }
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
