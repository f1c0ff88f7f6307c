internal import Chart

/// Turns a Markdown document into what is set on pages.
///
/// What a screen folds is printed open; links into the definitions, which lie beside the document, keep naming their
/// file; links to headings lead there.
struct ManuscriptWriter {
  /// The figure of a file, `nil` for a file that is no figure.
  let figure: (_ file: String) -> Figure?

  private var anchors = HeadingAnchors()
  /// The names that links can lead to.
  private var names: Set<String> = []

  init(figure: @escaping (_ file: String) -> Figure?) { self.figure = figure }

  /// - Parameter markdown: the document.
  /// - Returns: its blocks; the title is its first heading.
  mutating func manuscript(_ markdown: String) -> Manuscript {
    let document = MarkdownDocument(markdown)
    names = Self.names(document.blocks)
    let blocks = self.blocks(document.blocks)
    let title = document.blocks.lazy.compactMap { block -> String? in
      if case .heading(1, let text) = block { InlineText(text).plain } else { nil }
    }.first
    return Manuscript(title: title ?? "Report", blocks: blocks)
  }

  /// Those of headings and those that the document gives itself.
  private static func names(_ blocks: [MarkdownDocument.Block]) -> Set<String> {
    var anchors = HeadingAnchors()
    var names: Set<String> = []
    func add(_ blocks: [MarkdownDocument.Block]) {
      for block in blocks {
        switch block {
        case .heading(_, let text): names.insert(anchors.next(InlineText(text).plain))
        case .anchor(let name): names.insert(name)
        case .quotation(let blocks): add(blocks)
        case .list(let list): for item in list.items { add(item) }
        default: break
        }
      }
    }
    add(blocks)
    return names
  }

  private mutating func blocks(_ blocks: [MarkdownDocument.Block]) -> [Manuscript.Block] {
    var result: [Manuscript.Block] = []
    for block in blocks { add(block, to: &result) }
    return result
  }

  private mutating func add(
    _ block: MarkdownDocument.Block, to result: inout [Manuscript.Block]
  ) {
    switch block {
    case .heading(let level, let text):
      let inline = InlineText(text)
      result.append(.place(anchors.next(inline.plain)))
      result.append(.heading(level: level, words(inline.pieces)))
    case .anchor(let name): result.append(.place(name))
    case .paragraph(let text): result.append(.paragraph(words(text)))
    case .quotation(let blocks): result.append(.quotation(self.blocks(blocks)))
    case .list(let list):
      var items: [[Manuscript.Block]] = []
      for item in list.items { items.append(blocks(item)) }
      result.append(.list(start: list.start, items: items))
    case .rule: result.append(.rule)
    case .table(let table):
      result.append(
        .table(
          Manuscript.Table(
            head: table.head.map(words), isRight: table.isRight,
            rows: table.rows.map { $0.map(words) })))
    case .code(let text): result.append(.code(text))
    case .image(let alternativeText, let file, let caption):
      if let figure = figure(file) {
        result.append(.figure(figure, caption: words(caption)))
      } else {
        // As the page does.
        result.append(.paragraph(RichText(alternativeText, .italic)))
        if !caption.isEmpty { result.append(.paragraph(words(caption))) }
      }
    case .detailsStart(let summary): result.append(.lead(words(summary)))
    case .detailsEnd: break
    }
  }

  // MARK: Words

  private func words(_ text: String) -> RichText { words(InlineText(text).pieces) }

  private func words(_ pieces: [InlineText.Piece]) -> RichText {
    RichText(runs(pieces, [], nil))
  }

  private func runs(
    _ pieces: [InlineText.Piece], _ style: RichText.Style, _ link: RichText.Link?
  ) -> [RichText.Run] {
    pieces.flatMap { piece -> [RichText.Run] in
      switch piece {
      case .text(let text): [RichText.Run(text, style, link: link)]
      case .lineBreak: [RichText.Run("\n", style)]
      case .strong(let inner): runs(inner, style.union(.bold), link)
      case .emphasis(let inner): runs(inner, style.union(.italic), link)
      case .code(let text): [RichText.Run(text, style.union(.code), link: link)]
      case .link(let inner, let target): runs(inner, style, self.link(target))
      case .image(let alternativeText, _): [RichText.Run(alternativeText, style, link: link)]
      }
    }
  }

  /// Where a link leads; `nil` where it leads nowhere, and for addresses that a report has no use for.
  private func link(_ target: String) -> RichText.Link? {
    if target.hasPrefix("#") {
      let name = String(target.dropFirst())
      return names.contains(name) ? .place(name) : nil
    }
    if target.hasPrefix("https://") || target.hasPrefix("http://") { return .address(target) }
    return target.contains(":") || target.isEmpty ? nil : .address(target)
  }
}
