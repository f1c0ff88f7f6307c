/// A text in the part of Markdown that reports are written in, taken apart into blocks by CommonMark's rules.
///
/// Known are headings, paragraphs, quotations, lists, rules, code, GitHub's tables, images with a caption on the
/// next line, `<details>` with `<summary>`, anchors, and comments, which are dropped. Other HTML stays the
/// text that it is.
struct MarkdownDocument {
  indirect enum Block: Equatable {
    case heading(level: Int, text: String)
    case paragraph(String)
    case quotation([Block])
    case list(List)
    case table(Table)
    case code(String)
    case rule
    case image(alternativeText: String, file: String, caption: String)
    case detailsStart(summary: String)
    case detailsEnd
    /// A place that links lead to, `<a id="…"></a>` on a line of its own.
    case anchor(String)
  }

  struct List: Equatable {
    /// The first item's number; `nil` for bullets.
    let start: Int?
    /// Whether no blank line separates what is in it, so that its paragraphs are set without space.
    let isTight: Bool
    let items: [[Block]]
  }

  /// Cells as they were written.
  struct Table: Equatable {
    let head: [String]
    /// Whether a column is set flush right, as numbers are.
    let isRight: [Bool]
    let rows: [[String]]
  }

  /// How deep quotations and lists may stand in each other; deeper ones stay text.
  private static let greatestDepth = 12

  private(set) var blocks: [Block] = []
  private var lines: ArraySlice<String>
  private let depth: Int

  init(_ text: String) { self.init(lines: text.unicodeLines, depth: 0) }

  private init(lines: [String], depth: Int) {
    (self.lines, self.depth) = (lines[...], depth)
    while let line = self.lines.first { take(MarkdownLine(line)) }
  }

  private mutating func take(_ line: MarkdownLine) {
    if line.isBlank {
      lines.removeFirst()
    } else if line.text.hasPrefix("<!--") {
      takeComment()
    } else if line.isIndentedCode {
      takeIndentedCode()
    } else if let name = line.anchor {
      lines.removeFirst()
      blocks.append(.anchor(name))
    } else if let heading = line.heading {
      lines.removeFirst()
      blocks.append(.heading(level: heading.level, text: heading.text))
    } else if let fence = line.fence {
      takeFencedCode(fence)
    } else if line.isRule {
      lines.removeFirst()
      blocks.append(.rule)
    } else if line.quoted != nil, depth < Self.greatestDepth {
      takeQuotation()
    } else if let mark = line.listMark, depth < Self.greatestDepth {
      takeList(mark)
    } else if beginsTable(lines) {
      takeTable()
    } else if line.text.hasPrefix("!["), let image = Self.image(line.text) {
      takeImage(image.alternativeText, image.file)
    } else if line.text == "<details>" || line.text == "<details open>" {
      takeDetails()
    } else if line.text == "</details>" {
      lines.removeFirst()
      blocks.append(.detailsEnd)
    } else {
      takeParagraph()
    }
  }

  // MARK: Paragraphs

  private mutating func takeParagraph() {
    // The first line is taken whatever it is, so that there is always an end.
    var taken = [lines.removeFirst()]
    while let next = lines.first {
      let line = MarkdownLine(next)
      if let level = line.underlineLevel {
        lines.removeFirst()
        blocks.append(.heading(level: level, text: Self.join(taken)))
        return
      }
      if line.isBlank || line.interruptsParagraph || beginsTable(lines) { break }
      taken.append(next)
      lines.removeFirst()
    }
    blocks.append(.paragraph(Self.join(taken)))
  }

  /// Joins the lines of a paragraph, with a line feed where a break was asked for.
  private static func join(_ lines: [String]) -> String {
    var text = ""
    for (index, line) in lines.enumerated() {
      let start = line.drop { $0 == " " || $0 == "\t" }
      let isLast = index + 1 == lines.count
      let end = String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
      if isLast {
        text += end
      } else if start.hasSuffix("  ") {
        text += end + "\n"
      } else if end.reversed().prefix(while: { $0 == "\\" }).count % 2 == 1 {
        text += end.dropLast() + "\n"
      } else {
        text += end + " "
      }
    }
    return text
  }

  // MARK: Blocks in blocks

  /// Lines after a mark of quotation, and those that go on with its last paragraph without one.
  private mutating func takeQuotation() {
    var taken: [String] = []
    var last = LastBlock()
    while let next = lines.first {
      let line = MarkdownLine(next)
      if let quoted = line.quoted {
        taken.append(quoted)
      } else if !line.isBlank, !line.interruptsParagraph, last.isParagraph {
        taken.append(next)
      } else {
        break
      }
      last.take(taken[taken.count - 1])
      lines.removeFirst()
    }
    blocks.append(.quotation(MarkdownDocument(lines: taken, depth: depth + 1).blocks))
  }

  private mutating func takeList(_ first: MarkdownLine.ListMark) {
    var items: [[String]] = []
    var isTight = true
    var mark: MarkdownLine.ListMark? = first
    while let current = mark {
      let line = MarkdownLine(lines.removeFirst())
      let (taken, endsBlank, isSpaced) = takeItem(line.without(current), width: current.width)
      items.append(taken)
      mark = lines.first.flatMap { next in
        let line = MarkdownLine(next)
        guard !line.isRule, let mark = line.listMark, mark.kind == first.kind else { return nil }
        return mark
      }
      if isSpaced || endsBlank && mark != nil { isTight = false }
    }
    blocks.append(
      .list(
        List(
          start: first.number, isTight: isTight,
          items: items.map { MarkdownDocument(lines: $0, depth: depth + 1).blocks })))
  }

  /// The lines of an item.
  ///
  /// - Parameters:
  ///   - first: what stands behind its mark.
  ///   - width: how far what belongs to it is indented.
  /// - Returns: its lines, whether blank ones come after them, and whether blank ones are between its blocks.
  private mutating func takeItem(
    _ first: String, width: Int
  ) -> (lines: [String], endsBlank: Bool, isSpaced: Bool) {
    var (taken, blank, isSpaced) = ([first], 0, false)
    var last = LastBlock()
    last.take(first)
    while let next = lines.first {
      let line = MarkdownLine(next)
      if line.isBlank {
        // An item that begins with a blank line has at most that one.
        if taken == [""], blank == 0 { break }
        blank += 1
        lines.removeFirst()
        continue
      }
      if line.indentation >= width {
        if blank > 0 { isSpaced = true }
        taken += [String](repeating: "", count: blank) + [line.dropping(width)]
      } else if blank == 0, !line.interruptsParagraph, line.listMark == nil, last.isParagraph {
        taken.append(line.text)
      } else {
        break
      }
      if blank > 0 { last.take("") }
      last.take(taken[taken.count - 1])
      blank = 0
      lines.removeFirst()
    }
    return (taken, blank > 0, isSpaced)
  }

  /// What the lines of a quotation or an item end in, told line by line: to read them anew for each line that might
  /// go on with them would take ever longer.
  private struct LastBlock {
    /// Whether a line without a mark would go on with a paragraph.
    private(set) var isParagraph = false
    private var fence: MarkdownLine.Fence?

    mutating func take(_ text: String) {
      var line = MarkdownLine(text)
      if let fence {
        if fence.isClosed(by: line) { self.fence = nil }
        return
      }
      // Whatever it begins, in quotations and lists of its own.
      for _ in 0..<MarkdownDocument.greatestDepth {
        if let quoted = line.quoted {
          line = MarkdownLine(quoted)
        } else if let mark = line.listMark, !line.isRule {
          line = MarkdownLine(line.without(mark))
        } else {
          break
        }
      }
      fence = line.fence
      // What is indented goes on with a paragraph, or is code.
      if !line.isIndentedCode || line.isBlank {
        isParagraph =
          !line.isBlank && fence == nil && line.heading == nil && !line.isRule
          && line.underlineLevel == nil && !line.text.hasPrefix("|")
      }
    }
  }

  // MARK: Other blocks

  private mutating func takeLines(while condition: (String) -> Bool) -> [String] {
    let taken = lines.prefix { condition($0) }
    lines = lines.dropFirst(taken.count)
    return Array(taken)
  }

  private mutating func takeComment() {
    var line = lines.removeFirst()
    while !line.contains("-->"), let next = lines.popFirst() { line = next }
  }

  private mutating func takeIndentedCode() {
    var code = takeLines {
      let line = MarkdownLine($0)
      return line.isBlank || line.isIndentedCode
    }.map { MarkdownLine($0).dropping(4) }
    while code.last?.isEmpty == true { code.removeLast() }
    blocks.append(.code(code.joined(separator: "\n")))
  }

  private mutating func takeFencedCode(_ fence: MarkdownLine.Fence) {
    lines.removeFirst()
    let code = takeLines { !fence.isClosed(by: MarkdownLine($0)) }
    lines = lines.dropFirst()
    blocks.append(
      .code(code.map { MarkdownLine($0).dropping(fence.indentation) }.joined(separator: "\n")))
  }

  private mutating func takeImage(_ alternativeText: String, _ file: String) {
    lines.removeFirst()
    var caption = ""
    if let next = lines.first, next.hasPrefix("*"), next.hasSuffix("*"), next.count > 2 {
      caption = String(next.dropFirst().dropLast())
      lines.removeFirst()
    }
    blocks.append(.image(alternativeText: alternativeText, file: file, caption: caption))
  }

  private mutating func takeDetails() {
    lines.removeFirst()
    let tags = ("<summary>", "</summary>")
    var summary = "Details"
    if let next = lines.first, next.hasPrefix(tags.0), next.hasSuffix(tags.1) {
      summary = String(next.dropFirst(tags.0.count).dropLast(tags.1.count))
      lines.removeFirst()
    }
    blocks.append(.detailsStart(summary: summary))
  }

  // MARK: Tables

  /// Whether a line is the head of a table: the next one tells.
  private func beginsTable(_ lines: ArraySlice<String>) -> Bool {
    guard let head = lines.first, head.hasPrefix("|"),
      let delimiters = lines.dropFirst().first, MarkdownLine(delimiters).isDelimiterRow
    else { return false }
    return MarkdownLine(head).cells.count == MarkdownLine(delimiters).cells.count
  }

  private mutating func takeTable() {
    // The second line tells a table, with or without a bar at its beginning.
    let head = MarkdownLine(lines.removeFirst()).cells
    let delimiters = MarkdownLine(lines.removeFirst()).cells
    let rows = takeLines { $0.hasPrefix("|") }.map { MarkdownLine($0).cells }
    blocks.append(
      .table(
        Table(
          head: head, isRight: delimiters.map { $0.hasSuffix(":") },
          rows: rows.map { row in
            // As many cells as the head has, as GitHub does.
            head.indices.map { row.indices.contains($0) ? row[$0] : "" }
          })))
  }

  /// A line that is an image and nothing else.
  private static func image(_ line: String) -> (alternativeText: String, file: String)? {
    let inline = InlineText(line)
    guard inline.pieces.count == 1,
      case .image(let alternativeText, let file) = inline.pieces[0]
    else { return nil }
    return (alternativeText, file)
  }
}

extension String {
  /// Split at line feeds alone.
  fileprivate var unicodeLines: [String] {
    unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }
}
