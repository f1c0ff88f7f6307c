/// A line of Markdown: what it would begin, were it the first of a block.
struct MarkdownLine {
  /// The mark of an item of a list.
  struct ListMark: Equatable {
    /// `-`, `*`, `+`, or `.` and `)` behind numbers: items with other marks are of other lists.
    let kind: Character
    /// `nil` for bullets.
    let number: Int?
    /// How far what belongs to the item is indented.
    let width: Int
    /// Whether nothing stands behind it.
    let isEmpty: Bool
  }

  /// The line that opens a block of code.
  struct Fence: Equatable {
    let character: Character
    let length: Int
    let indentation: Int

    func isClosed(by line: MarkdownLine) -> Bool {
      guard line.indentation < 4, line.text.first == character else { return false }
      let marks = line.text.prefix { $0 == character }
      return marks.count >= length && line.text.dropFirst(marks.count).allSatisfy { $0 == " " }
    }
  }

  /// In spaces; a tab reaches to the next multiple of four.
  let indentation: Int
  /// Without the indentation.
  let text: String

  init(_ line: String) {
    var (column, rest) = (0, line[...])
    while let character = rest.first, character == " " || character == "\t" {
      column = character == " " ? column + 1 : (column / 4 + 1) * 4
      rest.removeFirst()
    }
    (indentation, text) = (column, String(rest))
  }

  var isBlank: Bool { text.isEmpty }
  var isIndentedCode: Bool { indentation >= 4 && !isBlank }

  /// The line without so many spaces of its indentation.
  func dropping(_ width: Int) -> String {
    String(repeating: " ", count: max(0, indentation - width)) + text
  }

  // MARK: What it begins

  /// Whether it ends a paragraph before it: what does not goes on with it.
  var interruptsParagraph: Bool {
    if isIndentedCode { return false }
    if let mark = listMark { return isRule || !mark.isEmpty && (mark.number ?? 1) == 1 }
    return heading != nil || fence != nil || isRule || quoted != nil || anchor != nil
      || ["![", "<!--", "<details", "</details>"].contains { text.hasPrefix($0) }
  }

  var heading: (level: Int, text: String)? {
    guard !isIndentedCode else { return nil }
    let level = text.prefix { $0 == "#" }.count
    let rest = text.dropFirst(level)
    guard (1...6).contains(level), rest.isEmpty || rest.first == " " || rest.first == "\t" else {
      return nil
    }
    // Signs at the end that close the heading are not part of it.
    var words = rest.trimmed
    let closing = words.reversed().prefix { $0 == "#" }.count
    if closing == words.count {
      words = ""
    } else if closing > 0, words.dropLast(closing).last == " " {
      words = words.dropLast(closing).trimmed
    }
    return (level, words)
  }

  /// The level of the heading that the line makes of a paragraph above it.
  var underlineLevel: Int? {
    let line = text.trimmed
    guard indentation < 4, let first = line.first, line.allSatisfy({ $0 == first }) else {
      return nil
    }
    return first == "=" ? 1 : first == "-" ? 2 : nil
  }

  var isRule: Bool {
    let signs = text.filter { $0 != " " && $0 != "\t" }
    guard indentation < 4, signs.count > 2, let first = signs.first else { return false }
    return "-*_".contains(first) && signs.allSatisfy { $0 == first }
  }

  var fence: Fence? {
    guard indentation < 4, let first = text.first, first == "`" || first == "~" else { return nil }
    let length = text.prefix { $0 == first }.count
    guard length > 2, first == "~" || !text.dropFirst(length).contains("`") else { return nil }
    return Fence(character: first, length: length, indentation: indentation)
  }

  /// What stands behind a mark of quotation.
  var quoted: String? {
    guard indentation < 4, text.hasPrefix(">") else { return nil }
    return String(text.dropFirst(text.hasPrefix("> ") ? 2 : 1))
  }

  var listMark: ListMark? {
    guard indentation < 4, let first = text.first else { return nil }
    var (kind, number, length): (Character, Int?, Int) = (first, nil, 1)
    if !"-*+".contains(first) {
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      guard (1...9).contains(digits.count),
        let mark = text.dropFirst(digits.count).first, ".)".contains(mark)
      else { return nil }
      (kind, number, length) = (mark, Int(digits), digits.count + 1)
    }
    let rest = text.dropFirst(length)
    if rest.allSatisfy({ $0 == " " || $0 == "\t" }) {
      return ListMark(kind: kind, number: number, width: indentation + length + 1, isEmpty: true)
    }
    let spaces = MarkdownLine(String(rest)).indentation
    guard spaces > 0 else { return nil }
    // More than four spaces are one, and code.
    return ListMark(
      kind: kind, number: number, width: indentation + length + (spaces > 4 ? 1 : spaces),
      isEmpty: false)
  }

  /// The text behind the mark of an item.
  func without(_ mark: ListMark) -> String {
    if mark.isEmpty { return "" }
    let marks = mark.number == nil ? 1 : text.prefix { $0.isASCII && $0.isNumber }.count + 1
    let rest = MarkdownLine(String(text.dropFirst(marks)))
    return rest.dropping(mark.width - indentation - marks)
  }

  /// The name in `<a id="…"></a>`.
  var anchor: String? {
    let (start, end) = ("<a id=\"", "\"></a>")
    guard text.hasPrefix(start), text.hasSuffix(end), text.count > start.count + end.count else {
      return nil
    }
    return String(text.dropFirst(start.count).dropLast(end.count))
  }

  // MARK: Tables

  /// Whether it is the line under the head of a table.
  var isDelimiterRow: Bool {
    text.hasPrefix("|")
      && cells.allSatisfy { cell in
        let dashes = cell.drop { $0 == ":" }.prefix { $0 == "-" }
        return !dashes.isEmpty && cell.filter { $0 == ":" }.count <= 2
          && cell.allSatisfy { $0 == ":" || $0 == "-" }
      }
  }

  /// The cells between the bars; a bar after a backslash is text.
  var cells: [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    for character in text.dropFirst() {
      if character == "|", !isEscaped {
        cells.append(cell)
        cell = ""
      } else {
        cell.append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    if cell.contains(where: { $0 != " " }) { cells.append(cell) }
    return cells.map(\.trimmed)
  }
}

extension StringProtocol {
  /// Without spaces and tabs at either end.
  fileprivate var trimmed: String {
    let start = drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
