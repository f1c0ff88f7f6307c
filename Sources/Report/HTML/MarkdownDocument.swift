/// A text in the part of Markdown that reports are written in, taken apart into blocks.
///
/// Known are headings, paragraphs, quotations, lists of one level, tables, fenced code, images with a
/// caption on the next line, `<details>` with `<summary>`, and comments, which are dropped. Whatever
/// else a template holds stays the text that it is.
struct MarkdownDocument {
  enum Block: Equatable {
    case heading(level: Int, text: String)
    case paragraph(String)
    case quotation(String)
    case list(isNumbered: Bool, items: [String])
    case table(Table)
    case code(String)
    case image(alternativeText: String, file: String, caption: String)
    case detailsStart(summary: String)
    case detailsEnd
    /// A place that links lead to, `<a id="…"></a>` on a line of its own.
    case anchor(String)
  }

  /// Cells as they were written.
  struct Table: Equatable {
    let head: [String]
    /// Whether a column is set flush right, as numbers are.
    let isRight: [Bool]
    let rows: [[String]]
  }

  private(set) var blocks: [Block] = []
  private var lines: ArraySlice<String>

  init(_ text: String) { self.init(lines: text.unicodeLines) }

  private init(lines: [String]) {
    self.lines = lines[...]
    while let line = self.lines.first { take(line) }
  }

  private mutating func take(_ line: String) {
    if line.isEmpty || line.hasPrefix("<!--") && line.hasSuffix("-->") {
      lines.removeFirst()
    } else if let anchor = Self.anchor(line) {
      lines.removeFirst()
      blocks.append(.anchor(anchor))
    } else if let level = Self.headingLevel(line) {
      lines.removeFirst()
      blocks.append(.heading(level: level, text: String(line.dropFirst(level + 1))))
    } else if line.hasPrefix("```") {
      lines.removeFirst()
      let code = takeLines { !$0.hasPrefix("```") }
      lines = lines.dropFirst()
      blocks.append(.code(code.joined(separator: "\n")))
    } else if line.hasPrefix("> ") {
      let text = takeLines { $0.hasPrefix("> ") }.map { $0.dropFirst(2) }
      blocks.append(.quotation(text.joined(separator: " ")))
    } else if line.hasPrefix("- ") {
      blocks.append(.list(isNumbered: false, items: takeItems { $0.hasPrefix("- ") ? 2 : nil }))
    } else if Self.numberLength(line) != nil {
      blocks.append(.list(isNumbered: true, items: takeItems(Self.numberLength)))
    } else if line.hasPrefix("|"), lines.dropFirst().first.map(Self.isDelimiterRow) ?? false {
      takeTable()
    } else if line.hasPrefix("!["), let image = Self.image(line) {
      lines.removeFirst()
      var caption = ""
      if let next = lines.first, next.hasPrefix("*"), next.hasSuffix("*"), next.count > 2 {
        caption = String(next.dropFirst().dropLast())
        lines.removeFirst()
      }
      blocks.append(
        .image(alternativeText: image.alternativeText, file: image.file, caption: caption))
    } else if line == "<details>" || line == "<details open>" {
      lines.removeFirst()
      let tags = ("<summary>", "</summary>")
      var summary = "Details"
      if let next = lines.first, next.hasPrefix(tags.0), next.hasSuffix(tags.1) {
        summary = String(next.dropFirst(tags.0.count).dropLast(tags.1.count))
        lines.removeFirst()
      }
      blocks.append(.detailsStart(summary: summary))
    } else if line == "</details>" {
      lines.removeFirst()
      blocks.append(.detailsEnd)
    } else {
      // The first line is taken whatever it is, so that there is always an end.
      lines.removeFirst()
      let rest = takeLines { !$0.isEmpty && !Self.startsBlock($0) }
      blocks.append(.paragraph(([line] + rest).joined(separator: " ")))
    }
  }

  private mutating func takeLines(while condition: (String) -> Bool) -> [String] {
    let taken = lines.prefix { condition($0) }
    lines = lines.dropFirst(taken.count)
    return Array(taken)
  }

  /// - Parameter markLength: how long the mark of an item is, `nil` for what begins none.
  /// - Returns: the items without their marks.
  private mutating func takeItems(_ markLength: (String) -> Int?) -> [String] {
    var items: [String] = []
    while let line = lines.first {
      if let length = markLength(line) {
        items.append(String(line.dropFirst(length)))
      } else if line.hasPrefix("  "), !items.isEmpty {
        items[items.count - 1] += " " + line.drop { $0 == " " }
      } else {
        break
      }
      lines.removeFirst()
    }
    return items
  }

  private mutating func takeTable() {
    let rows = takeLines { $0.hasPrefix("|") }.map(Self.cells)
    let head = rows[0]
    blocks.append(
      .table(
        Table(
          head: head,
          isRight: head.indices.map { rows[1].indices.contains($0) && rows[1][$0].hasSuffix(":") },
          rows: rows.dropFirst(2).map { row in
            // As many cells as the head has, as GitHub does.
            head.indices.map { row.indices.contains($0) ? row[$0] : "" }
          })))
  }

  // MARK: Lines

  private static func startsBlock(_ line: String) -> Bool {
    headingLevel(line) != nil || numberLength(line) == 1
      || ["- ", "> ", "```", "![", "<!--", "<details", "</details>", "<a id="].contains {
        line.hasPrefix($0)
      }
  }

  private static func anchor(_ line: String) -> String? {
    let (start, end) = ("<a id=\"", "\"></a>")
    guard line.hasPrefix(start), line.hasSuffix(end), line.count > start.count + end.count else {
      return nil
    }
    return String(line.dropFirst(start.count).dropLast(end.count))
  }

  private static func headingLevel(_ line: String) -> Int? {
    let level = line.prefix { $0 == "#" }.count
    return (1...6).contains(level) && line.dropFirst(level).hasPrefix(" ") ? level : nil
  }

  /// The length of `12. `.
  private static func numberLength(_ line: String) -> Int? {
    let digits = line.prefix { $0.isASCII && $0.isNumber }.count
    return (1...9).contains(digits) && line.dropFirst(digits).hasPrefix(". ") ? digits + 2 : nil
  }

  private static func isDelimiterRow(_ line: String) -> Bool {
    line.hasPrefix("|") && line.contains("-") && line.allSatisfy { "|:- ".contains($0) }
  }

  /// The cells between the bars; a bar after a backslash is text.
  private static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    for character in line.dropFirst() {
      if character == "|", !isEscaped {
        cells.append(cell)
        cell = ""
      } else {
        cell.append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    if cell.contains(where: { $0 != " " }) { cells.append(cell) }
    return cells.map { cell in
      let start = cell.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
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
