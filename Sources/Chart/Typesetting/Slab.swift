/// A horizontal slice of a document that is never cut: a line, a row of a table, a figure with its caption.
struct Slab {
  /// An element of the document's structure, as PDF names them: `P`, `Table`, `TR`.
  struct Element: Equatable {
    let tag: String
    /// Tells apart neighbours of one kind.
    let number: Int
  }

  /// Something drawn, with its left edge from that of the page's content and its upper one from that of the slab.
  struct Item {
    enum Content {
      case line(SetText, Int)
      case figure(Page)
      /// A rectangle of one colour.
      case area(Color)
    }
    var frame: Rect
    let content: Content
    /// From the outermost to the innermost; none for what only decorates.
    let structure: [Element]
  }

  /// A heading of the document's outline.
  struct Entry: Equatable {
    let level: Int
    let text: String
  }

  var height = 0.0
  /// Above it, unless it is the first of a page.
  var space = 0.0
  var items: [Item] = []
  /// Whether no page may end after it.
  var keepsWithNext = false
  /// Whether what follows may stand before it, to fill the page on which there is no room for it.
  var isFloating = false
  /// What is repeated above it where it is the first of a page, such as the head of its table.
  var head: [Slab] = []
  /// The names by which links find it.
  var places: [String] = []
  var entry: Entry?

  /// The text of its lines, for tests and comparison.
  var texts: [String] {
    items.compactMap { item in
      if case .line(let text, let index) = item.content { text.lines[index].text } else { nil }
    }
  }
}
