internal import Storage

/// What a drawing says of itself, so that it can be compared with another of what should be the same figure.
struct DrawingRecord: Equatable {
  /// SHA-256 of what is shown; see `Figure.contentHash`.
  let content: String
  /// SHA-256 of how the letters look; see `LetterForms`.
  let letters: String
  /// `nil` for a theme that has no name.
  let theme: Theme.Name?
  let dotsPerInch: Double
  /// Of the page that it was laid out for, in points; `nil` for the figure's own.
  let width: Double?
  let isTitled: Bool

  init(content: String, letters: String, style: FigureStyle) {
    (self.content, self.letters) = (content, letters)
    (theme, dotsPerInch) = (style.theme.name, style.dotsPerInch)
    (width, isTitled) = (style.width, style.width == nil || style.isTitled)
  }

  /// Under which it stands in a PNG file.
  static let keyword = "Drawing"

  /// As it stands in a file.
  var text: String {
    "content=\(content) letters=\(letters) theme=\(theme?.rawValue ?? "custom") dpi=\(dotsPerInch)"
      + (width.map { " width=\($0)" } ?? "") + (isTitled ? "" : " title=none")
  }

  /// How it was drawn, in the light theme if that has no name.
  var style: FigureStyle {
    FigureStyle(
      theme: .named(theme ?? .light), dotsPerInch: dotsPerInch, width: width, isTitled: isTitled)
  }

  /// `nil` for text that `text` does not give, or with a resolution or a width that nobody could have asked for.
  ///
  /// - Parameter text: as it stands in a file.
  init?(_ text: String) {
    var values: [Substring: Substring] = [:]
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      values[parts[0]] = parts[1]
    }
    guard let content = values["content"], let letters = values["letters"],
      let theme = values["theme"], let dpi = values["dpi"].flatMap({ Double($0) }),
      (1...2400).contains(dpi)
    else { return nil }
    if let found = values["width"] {
      guard let width = Double(found), FigureStyle.widths.contains(width) else { return nil }
      self.width = width
    } else {
      width = nil
    }
    isTitled = values["title"] != "none"
    (self.content, self.letters, dotsPerInch) = (String(content), String(letters), dpi)
    self.theme = Theme.Name(rawValue: String(theme))
  }
}

extension Figure {
  /// SHA-256 of the figure drawn with letters that are all alike: of every mark and every word, whatever
  /// fonts an installation has.
  public var contentHash: String {
    SHA256.hex(of: Array(page(theme: .light, measuring: FixedTextMeasurer()).svg().utf8))
  }
}

extension Theme {
  /// The name by which it is asked for, if it has one.
  var name: Name? { Name.allCases.first { Theme.named($0) == self } }
}
