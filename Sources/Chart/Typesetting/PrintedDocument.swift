internal import Storage

/// A manuscript set on pages: lines, tables and figures in their places.
///
/// Not to be shared between threads: it owns Pango layouts.
package struct PrintedDocument {
  struct Page {
    /// In points from the page's upper left corner.
    var items: [Slab.Item] = []
    /// Names and how far below the page's upper edge links find them.
    var places: [(name: String, y: Double)] = []
    var entries: [(entry: Slab.Entry, y: Double)] = []

    /// The text of its lines, for tests.
    var texts: [String] {
      items.compactMap { item in
        if case .line(let text, let index) = item.content { text.lines[index].text } else { nil }
      }
    }
  }

  let title: String
  let paper: Paper
  let pages: [Page]
  /// What is shown, whatever fonts there are.
  let contentHash: String
  package var pageCount: Int { pages.count }

  /// Sets a manuscript; each page has its number below.
  package init(_ manuscript: Manuscript, on paper: Paper) {
    let typesetter = Typesetter()
    let slabs = BlockSetter(manuscript, on: paper, typesetter).slabs
    let content = paper.content
    let pagination = Pagination(slabs, height: content.height)
    var pages: [Page] = []
    // An element that goes on on another page, or a head that is repeated there, is one more element.
    for places in pagination.pages {
      var page = Page()
      for place in places {
        let y = content.minY + place.top
        if !place.isRepeated {
          page.places += place.slab.places.map { ($0, y) }
          if let entry = place.slab.entry { page.entries.append((entry, y)) }
        }
        for var item in place.slab.items {
          item.frame = item.frame.moved(x: content.minX, y: y)
          page.items.append(item)
        }
      }
      pages.append(page)
    }
    for index in pages.indices {
      pages[index].items += Self.footer(
        manuscript.title, index + 1, of: pages.count, on: paper, typesetter)
    }
    (title, self.paper, self.pages) = (manuscript.title, paper, pages)
    contentHash = manuscript.contentHash(on: paper)
  }

  /// The title and the page's number.
  private static func footer(
    _ title: String, _ number: Int, of count: Int, on paper: Paper, _ typesetter: Typesetter
  ) -> [Slab.Item] {
    func item(_ set: SetText, x: Double, _ width: Double) -> Slab.Item? {
      guard let line = set.lines.first else { return nil }
      return Slab.Item(
        frame: Rect(
          x: x, y: paper.footerBaseline - line.baseline, width: width, height: line.height),
        content: .line(set, 0), structure: [])
    }
    let content = paper.content
    let numberWidth = 60.0
    let numbers = typesetter.set(
      RichText("\(number) / \(count)"), .footer, width: numberWidth, isRight: true)
    // One line of it; the whole title stands on the first page.
    let words = typesetter.set(
      RichText(title.replacing("\n", with: " ")), .footer,
      width: content.width - numberWidth - 10)
    return [
      number == 1 ? nil : item(words, x: content.minX, content.width - numberWidth - 10),
      item(numbers, x: content.maxX - numberWidth, numberWidth),
    ].compactMap { $0 }
  }

  /// Texts with letters that no installed font has.
  package var textsLackingGlyphs: [String] {
    var lacking: Set<String> = []
    for item in pages.flatMap(\.items) {
      switch item.content {
      case .line(let text, let index):
        if text.lacksGlyphs { lacking.insert(text.lines[index].text) }
      case .figure(let page): lacking.formUnion(page.textsLackingGlyphs)
      case .area: break
      }
    }
    return lacking.sorted()
  }

  /// SHA-256 of how its letters look on this installation.
  var lettersHash: String {
    var letters: Set<Unicode.Scalar> = []
    for page in pages {
      for item in page.items {
        switch item.content {
        case .line(let text, let index): letters.formUnion(text.lines[index].text.unicodeScalars)
        case .figure(let page):
          for text in page.texts { letters.formUnion(text.string.unicodeScalars) }
        case .area: break
        }
      }
    }
    var hash = SHA256()
    for family in [Typesetter.family, Typesetter.codeFamily, Theme.light.fontFamily] {
      hash.update(Array(LetterForms.hash(of: letters, family: family).utf8))
    }
    return hash.finish()
  }
}

extension Rect {
  fileprivate func moved(x: Double, y: Double) -> Rect {
    Rect(minX: minX + x, minY: minY + y, maxX: maxX + x, maxY: maxY + y)
  }
}
