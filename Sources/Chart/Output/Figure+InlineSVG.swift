extension Figure {
  /// The figure as an `<svg>` element to stand in an HTML page: text as text, no script, and colours
  /// that follow the reader's setting.
  ///
  /// The element brings a style sheet of its own, whose every rule begins with `#id`, so several
  /// figures share a page. It defines a custom property `--c0`, `--c1`, … for each colour, those of
  /// the light theme, and those of the dark one inside
  /// `@media screen and (prefers-color-scheme: dark)`; a page is printed in the light ones. It is as
  /// wide as its container and as high as its `viewBox` wants. Of the page it needs nothing but
  ///
  ///     <meta name="color-scheme" content="light dark">
  ///
  /// for the page's own colours, and, if its policy forbids inline styles, `style-src` with
  /// `'unsafe-inline'`. The ids in it are `id`, `id-title` and `id-description`.
  ///
  /// - Parameters:
  ///   - id: unique in the page; what may not stand in a CSS name becomes a hyphen.
  ///   - light: the theme by day.
  ///   - dark: the theme by night, which differs from `light` in colours alone.
  /// - Returns: the element's text.
  public func inlineSVG(id: String, light: Theme = .light, dark: Theme = .dark) -> String {
    let measurer = CairoTextMeasurer(family: light.fontFamily)
    let page = page(theme: light, measuring: measurer)
    let record = DrawingRecord(
      content: contentHash, letters: LetterForms.hash(of: page),
      style: FigureStyle(theme: light, dotsPerInch: 72))
    return SealedSVG.seal(
      page.inlineSVG(id: id, dark: self.page(theme: dark, measuring: measurer)), record)
  }
}

extension Page {
  /// The page as an element of an HTML page.
  ///
  /// - Parameters:
  ///   - id: as for `Figure.inlineSVG(id:light:dark:)`.
  ///   - dark: the same shapes in other colours; where it has others, its colours are not used.
  /// - Returns: the element's text.
  func inlineSVG(id: String, dark: Page) -> String {
    let id = Self.identifier(id)
    let twins = dark.shapes.count == shapes.count ? dark.shapes : shapes
    var sheet = TwoColorSheet()
    let paints = zip(shapes, twins).map { shape, twin in
      zip(shape.colors, twin.colors).map { SVGWriter.Paint.entry(sheet.entry($0, $1)) }
    }
    var writer = SVGWriter()
    let (width, height) = (writer.number(size.width), writer.number(size.height))
    let labels = alternativeText.isEmpty ? "\(id)-title" : "\(id)-title \(id)-description"
    writer.add(
      #"<svg xmlns="http://www.w3.org/2000/svg" id="\#(id)" width="100%" "#
        + #"viewBox="0 0 \#(width) \#(height)" role="img" aria-labelledby="\#(labels)" "#
        + #"font-family="\#(writer.fonts(fontFamily))">"#)
    writer.add(#"<title id="\#(id)-title">\#(writer.escape(title))</title>"#)
    if !alternativeText.isEmpty {
      writer.add(#"<desc id="\#(id)-description">\#(writer.escape(alternativeText))</desc>"#)
    }
    writer.add("<style>\(sheet.css(id: id))</style>")
    for (shape, paints) in zip(shapes, paints) { writer.add(shape, paints) }
    writer.add("</svg>")
    return writer.document
  }

  /// A name that CSS and HTML take as it is: letters, digits, hyphens, not beginning with a digit.
  private static func identifier(_ name: String) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
      default: "-"
      }
    }
    return kept.first?.isLetter == true ? String(kept) : "figure-" + String(kept)
  }
}

/// Colours by number, each in a light and a dark version.
private struct TwoColorSheet {
  private struct Entry: Hashable {
    var light: Color
    var dark: Color
  }

  private var entries: [Entry] = []
  private var indices: [Entry: Int] = [:]

  mutating func entry(_ light: Color, _ dark: Color) -> Int {
    let entry = Entry(light: light, dark: dark)
    if let index = indices[entry] { return index }
    entries.append(entry)
    indices[entry] = entries.count - 1
    return entries.count - 1
  }

  /// Rules for the element of that id and what is in it.
  func css(id: String) -> String {
    func properties(_ color: (Entry) -> Color) -> String {
      entries.enumerated().map { "--c\($0.offset):\(Self.css(color($0.element)))" }
        .joined(separator: ";")
    }
    let rules = entries.indices.map { index in
      "#\(id) .f\(index){fill:var(--c\(index))}#\(id) .s\(index){stroke:var(--c\(index))}"
    }
    return "#\(id){\(properties(\.light))}"
      + "@media screen and (prefers-color-scheme:dark){#\(id){\(properties(\.dark))}}"
      + rules.joined()
  }

  private static func css(_ color: Color) -> String {
    if color.alpha >= 1 { return color.hexadecimal }
    // Two digits of each channel, of the opacity too (CSS Color 4).
    return color.hexadecimal
      + Color(red: color.alpha, green: 0, blue: 0).hexadecimal.prefix(3).dropFirst()
  }
}
