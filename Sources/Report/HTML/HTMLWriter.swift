internal import Chart

/// Writes a Markdown document as HTML.
///
/// Every text is escaped here, whatever it is; no text can become an element, an attribute or a
/// script.
struct HTMLWriter {
  /// A heading, for a table of contents.
  struct Heading: Equatable {
    let level: Int
    let text: String
    let anchor: String
  }

  /// Put before every anchor, for a second document in one page.
  let anchorPrefix: String
  /// How many levels headings are lowered by.
  let headingOffset: Int
  /// An element for a figure's file, `nil` for a file that is no figure.
  let figure: (_ file: String) -> String?
  /// The anchor for a link into another document, such as `metrics.md#accuracy`.
  let anchor: (_ target: String) -> String?

  private(set) var html = ""
  private(set) var headings: [Heading] = []
  private var anchors = HeadingAnchors()
  /// Anchors that the document names itself.
  private var given: Set<String> = []
  private var openDetails = 0

  init(
    anchorPrefix: String = "", headingOffset: Int = 0, figure: @escaping (String) -> String?,
    anchor: @escaping (String) -> String?
  ) {
    (self.anchorPrefix, self.headingOffset) = (anchorPrefix, headingOffset)
    (self.figure, self.anchor) = (figure, anchor)
  }

  mutating func write(_ document: MarkdownDocument) {
    for case .anchor(let name) in document.blocks { given.insert(anchorPrefix + name) }
    write(document.blocks)
    while openDetails > 0 { write(.detailsEnd) }
  }

  private mutating func write(_ blocks: [MarkdownDocument.Block]) {
    for block in blocks { write(block) }
  }

  private mutating func write(_ block: MarkdownDocument.Block) {
    switch block {
    case .heading(let level, let text):
      let inline = InlineText(text)
      let level = min(6, level + headingOffset)
      let anchor = anchorPrefix + anchors.next(inline.plain)
      headings.append(Heading(level: level, text: inline.plain, anchor: anchor))
      // An anchor of that name stands below; an id must not occur twice.
      let id = given.contains(anchor) ? "" : " id=\"\(Self.escape(anchor))\""
      html += "<h\(level)\(id)>\(words(inline.pieces))</h\(level)>\n"
    case .anchor(let name):
      html += "<a id=\"\(Self.escape(anchorPrefix + name))\"></a>\n"
    case .paragraph(let text): html += "<p>\(words(text))</p>\n"
    case .quotation(let blocks):
      html += "<blockquote>\n"
      write(blocks)
      html += "</blockquote>\n"
    case .list(let list): write(list)
    case .rule: html += "<hr>\n"
    case .table(let table): write(table)
    case .code(let text): html += "<pre><code>\(Self.escape(text))</code></pre>\n"
    case .image(let alternativeText, let file, let caption):
      // A figure that is wider than a phone moves inside its own box, as tables do.
      html += "<figure tabindex=\"0\">\n"
      html += figure(file) ?? "<p>\(Self.escape(alternativeText))</p>\n"
      if !caption.isEmpty { html += "<figcaption>\(words(caption))</figcaption>\n" }
      html += "</figure>\n"
    case .detailsStart(let summary):
      openDetails += 1
      html += "<details>\n<summary>\(words(summary))</summary>\n"
    case .detailsEnd:
      guard openDetails > 0 else { return }
      openDetails -= 1
      html += "</details>\n"
    }
  }

  private mutating func write(_ list: MarkdownDocument.List) {
    let name = list.start == nil ? "ul" : "ol"
    let start = list.start.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
    html += "<\(name)\(start)>\n"
    for item in list.items {
      html += "<li>"
      for (index, block) in item.enumerated() {
        if list.isTight, case .paragraph(let text) = block {
          html += (index == 0 ? "" : "\n") + words(text)
        } else {
          if !html.hasSuffix("\n") { html += "\n" }
          write(block)
        }
      }
      html += "</li>\n"
    }
    html += "</\(name)>\n"
  }

  private mutating func write(_ table: MarkdownDocument.Table) {
    func row(_ cells: [String], _ name: String) -> String {
      cells.enumerated().map { index, cell in
        let isRight = table.isRight[index]
        // The first cell of a row says what the row is about.
        return "<\(name)\(isRight ? " class=\"number\"" : "")>\(words(cell))</\(name)>"
      }.joined()
    }
    // A wide table moves inside its own box, and can be reached by keyboard.
    html += "<div class=\"table\" tabindex=\"0\"><table>\n"
    if table.head.contains(where: { !$0.isEmpty }) {
      html += "<thead><tr>\(row(table.head, "th"))</tr></thead>\n"
    }
    html += "<tbody>\n"
    for cells in table.rows { html += "<tr>\(row(cells, "td"))</tr>\n" }
    html += "</tbody></table></div>\n"
  }

  // MARK: Words

  private func words(_ text: String) -> String {
    let inline = InlineText(text)
    let words = words(inline.pieces)
    return inline.plain.isFromRight ? "<bdi>\(words)</bdi>" : words
  }

  /// Plain text, each name from the right apart from its line; else a browser puts the sign of a number beside it
  /// behind that number.
  private static func isolated(_ text: String) -> String {
    if text.isFromRight { return escape(text) }
    return text.directionalParts.map { part in
      part.isFromRight ? "<bdi>\(escape(part.text))</bdi>" : escape(part.text)
    }.joined()
  }

  private func words(_ pieces: [InlineText.Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): Self.isolated(text)
      case .lineBreak: "<br>\n"
      case .strong(let inner): "<strong>\(words(inner))</strong>"
      case .emphasis(let inner): "<em>\(words(inner))</em>"
      case .code(let text): "<code>\(Self.escape(text))</code>"
      case .link(let inner, let target):
        link(target).map { "<a href=\"\(Self.escape($0))\">\(words(inner))</a>" } ?? words(inner)
      case .image(let alternativeText, _): Self.escape(alternativeText)
      }
    }.joined()
  }

  /// Where a link leads; `nil` for addresses that a report has no use for, scripts above all.
  private func link(_ target: String) -> String? {
    if let anchor = anchor(target) { return "#" + anchor }
    if target.hasPrefix("#") { return "#" + anchorPrefix + target.dropFirst() }
    if target.hasPrefix("https://") || target.hasPrefix("http://") { return target }
    return target.contains(":") ? nil : target
  }

  /// Text that stands for itself in an element or a quoted attribute.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters, which no HTML text may have.
      case "\u{0}"..<"\u{9}", "\u{B}", "\u{C}", "\u{E}"..<"\u{20}", "\u{7F}"..."\u{9F}": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
