/// A page: words above, panels in a grid, a note below.
///
/// A figure is a value; `page(theme:measuring:)` turns it into shapes, and `Page` into a file.
public struct Figure: Sendable {
  /// In points.
  public var size: Size
  public var title: String
  /// What is shown, in plain words.
  public var subtitle: String
  /// Key facts in large letters between the words and the panels.
  public var headline: [Fact] = []
  public var panels: [Panel]
  /// How many panels stand side by side.
  public var columns: Int
  /// Whether the height follows from the width, for square panels; `size.height` is ignored then.
  public var fitsHeight = false
  /// What a reader must know to read the figure right.
  public var note: String = ""
  /// What the short names of an axis mean; added to the note where they are used.
  public var shortNamesNote = ""
  /// Whether title and subtitle stand above the panels.
  public var isTitled = true
  /// What all lengths are multiplied by once everything has its place.
  var reduction = 1.0
  /// How long the sides of square panels may be where the height follows from the width.
  var longestSide = Double.infinity
  /// Into how many lines the subtitle may be broken.
  var mostSubtitleLines = 3
  /// Into how many lines the note may be broken.
  var mostNoteLines = 4
  /// The size of text, lines and distances relative to the theme's.
  public var scale = 1.0
  /// What the figure shows, for those who cannot see it.
  public var alternativeText = ""
  /// Further facts for the file's own metadata, by keyword.
  public var metadata: [(keyword: String, text: String)] = []

  public init(
    size: Size, title: String, subtitle: String = "", panels: [Panel], columns: Int = 1
  ) {
    (self.size, self.title, self.subtitle) = (size, title, subtitle)
    (self.panels, self.columns) = (panels, max(1, columns))
  }
}

/// A number and what it is, in large and small letters.
public struct Fact: Equatable, Sendable {
  public var value: String
  public var label: String

  public init(_ value: String, _ label: String) { (self.value, self.label) = (value, label) }
}

/// Two axes and the marks between them.
public struct Panel: Sendable {
  public var title: String
  public var x: Axis
  public var y: Axis
  /// Back to front.
  public var marks: [any Mark]
  /// Below the panel, where labels at the lines themselves cannot work.
  public var key: [KeyEntry] = []
  /// Whether the panels of a row share the key, each showing a part of it.
  public var isKeyShared = false
  /// Whether both axes have the same length.
  public var isSquare = false

  public init(title: String = "", x: Axis, y: Axis, marks: [any Mark]) {
    (self.title, self.x, self.y, self.marks) = (title, x, y, marks)
  }
}

/// A line sample and its name.
public struct KeyEntry: Equatable, Sendable {
  public var text: String
  public var ink: Ink
  /// As the line's.
  public var weight: Double
  /// As the line's.
  public var dash: [Double]?
  /// Whether the series' symbol lies on the sample.
  public var hasSymbol: Bool

  public init(
    _ text: String, ink: Ink, weight: Double = 1, dash: [Double]? = nil, hasSymbol: Bool = false
  ) {
    (self.text, self.ink, self.weight, self.dash) = (text, ink, weight, dash)
    self.hasSymbol = hasSymbol
  }
}

/// A figure with every shape in its place.
public struct Page: Equatable, Sendable {
  /// In points.
  public var size: Size
  /// Back to front.
  public var shapes: [Shape]
  public var background: Color
  public var title: String
  public var alternativeText: String
  public var fontFamily: String
  public var metadata: [Entry]
  /// Texts with letters that no installed font has, in which boxes stand for them.
  public var textsLackingGlyphs: [String] = []

  /// A fact for the file's own metadata.
  public struct Entry: Equatable, Sendable {
    public var keyword: String
    public var text: String
  }

  /// All texts on the page.
  public var texts: [Text] {
    shapes.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }
}
