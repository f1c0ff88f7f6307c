/// A table of a document, each cell with the values that are printed in it.
///
/// It is taken from the text that is written, so that nothing is exported which the document does not say.
struct DocumentTable: Sendable {
  struct Cell: Sendable {
    /// As it is written.
    let markdown: String
    /// The values in it, in their order.
    let places: [FilledTemplate.Place]
    /// How the value varies over seeds; `nil` but for a mean over several.
    var seeds: SeedSpread?
    /// Whether a paired test sets it apart from every other in its column.
    var isBest = false

    /// The words without their form.
    var plain: String { InlineText(markdown).plain }
    /// Whether all of it is emphasized.
    var isStrong: Bool {
      markdown.count > 4 && markdown.hasPrefix("**") && markdown.hasSuffix("**")
    }
    /// Its only value, if that is a number and nothing else stands beside it.
    var number: PrintedNumber? {
      guard places.count == 1,
        markdown == places[0].value.text || markdown == "**\(places[0].value.text)**"
      else { return nil }
      return places[0].value.number
    }
  }

  /// The standard deviation of a metric over seeds.
  struct SeedSpread: Sendable {
    let deviation: Double
    let seeds: Int
  }

  struct Row: Sendable {
    var cells: [Cell]
    /// The tag that all its values are inside, such as `results[0]`.
    let scope: String
  }

  /// A name for files: lower-case letters, digits and hyphens; of its own in the document.
  let name: String
  /// Headings above it, the outermost first, without that of the document; as they are written.
  let headings: [String]
  /// The paragraphs that explain it, as they are written.
  let notes: [String]
  /// As they are written.
  let head: [String]
  let isRight: [Bool]
  var rows: [Row]
  /// Text values of the headings above it by their tags, such as `splits[0].language`.
  let context: [String: String]
  /// Sentences about what was added to the document's own cells.
  var remarks: [String] = []
}

extension DocumentTable {
  /// All tables of a document, in its order.
  static func all(of document: FilledTemplate) -> [DocumentTable] {
    var reader = Reader(document)
    reader.read()
    return reader.tables
  }

  private struct Reader {
    let lines: [String]
    let places: [Int: [FilledTemplate.Place]]
    var tables: [DocumentTable] = []
    private var headings: [(level: Int, text: String)] = []
    private var context: [(level: Int, values: [String: String])] = []
    /// Paragraphs since each heading that is open.
    private var paragraphs: [(level: Int, texts: [String])] = []
    private var taken: [String: Int] = [:]

    init(_ document: FilledTemplate) {
      lines = document.lines
      places = Dictionary(grouping: document.places) { $0.span.line }
    }

    mutating func read() {
      var line = 0
      while line < lines.count {
        let parsed = MarkdownLine(lines[line])
        if let heading = parsed.heading {
          open(heading.level, heading.text, line)
        } else if lines[line].hasPrefix("|"), line + 1 < lines.count,
          MarkdownLine(lines[line + 1]).isDelimiterRow
        {
          line = table(line)
          continue
        } else if isParagraph(parsed) {
          paragraphs[paragraphs.count - 1].texts.append(lines[line])
        }
        line += 1
      }
    }

    /// Whether a line is a paragraph that may explain a table: sentences, not a list, an image or its caption.
    private func isParagraph(_ line: MarkdownLine) -> Bool {
      !line.isBlank && !paragraphs.isEmpty && line.listMark == nil && line.quoted == nil
        && !["!", "<", "|", "*"].contains { line.text.hasPrefix($0) || line.text == $0 }
        || line.text.hasPrefix("**") && !paragraphs.isEmpty
    }

    private mutating func open(_ level: Int, _ text: String, _ line: Int) {
      headings.removeAll { $0.level >= level }
      context.removeAll { $0.level >= level }
      paragraphs.removeAll { $0.level >= level }
      if level > 1 { headings.append((level, text)) }
      paragraphs.append((level, []))
      let values = (places[line + 1] ?? []).filter { $0.value.number == nil }
      context.append(
        (level, Dictionary(values.map { ($0.value.tag, $0.value.text) }) { first, _ in first }))
    }

    /// Reads the table that begins at a line; returns the line behind it.
    private mutating func table(_ start: Int) -> Int {
      let head = MarkdownLine(lines[start]).cells
      let isRight = MarkdownLine(lines[start + 1]).cells.map { $0.hasSuffix(":") }
      var end = start + 2
      var rows: [Row] = []
      while end < lines.count, lines[end].hasPrefix("|") {
        rows.append(row(end, columns: head.count))
        end += 1
      }
      tables.append(
        DocumentTable(
          name: name(head, rows), headings: headings.map(\.text), notes: notes(), head: head,
          isRight: head.indices.map { isRight.indices.contains($0) && isRight[$0] }, rows: rows,
          context: context.reduce(into: [:]) { $0.merge($1.values) { _, inner in inner } }))
      // What explains this table does not explain the next one of the same section.
      if let last = paragraphs.indices.last { paragraphs[last].texts = [] }
      return end
    }

    /// The paragraphs of the innermost section that has any.
    private func notes() -> [String] {
      paragraphs.last { !$0.texts.isEmpty && $0.level > 1 }?.texts ?? []
    }

    private func row(_ line: Int, columns: Int) -> Row {
      let found = places[line + 1] ?? []
      // A value inside another, such as a number in a sentence, is part of it.
      let cells = Self.cells(lines[line]).map { cell in
        let inside = found.filter { place in
          cell.columns.contains(place.span.column)
            && !found.contains { other in
              other.span != place.span && other.value.number != nil
                && place.value.number == nil
                && (place.span.column..<(place.span.column + place.span.length))
                  .contains(other.span.column)
            }
        }
        return Cell(markdown: cell.text, places: inside)
      }
      let filled = (0..<columns).map {
        cells.indices.contains($0) ? cells[$0] : Cell(markdown: "", places: [])
      }
      // A row's numbers are of one thing, while its names may be those of what that belongs to.
      let values = filled.flatMap(\.places).map(\.value)
      let numbers = values.filter { $0.number != nil }
      return Row(
        cells: filled, scope: TagPath.scope((numbers.isEmpty ? values : numbers).map(\.tag)))
    }

    /// The cells of a line with the columns that they take, counted in code points from 1.
    private static func cells(_ line: String) -> [(text: String, columns: Range<Int>)] {
      let scalars = Array(line.unicodeScalars)
      var cells: [(text: String, columns: Range<Int>)] = []
      var (start, isEscaped) = (1, false)
      for place in scalars.indices.dropFirst() {
        if scalars[place] == "|", !isEscaped {
          cells.append((trimmed(scalars[start..<place]), (start + 1)..<(place + 1)))
          start = place + 1
        }
        isEscaped = scalars[place] == "\\" && !isEscaped
      }
      return cells
    }

    private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
      let start = scalars.drop { $0 == " " }
      return String(String.UnicodeScalarView(start.reversed().drop { $0 == " " }.reversed()))
    }

    /// The headings as a name for files, told apart by what the rows are.
    private mutating func name(_ head: [String], _ rows: [Row]) -> String {
      let section = headings.map { slug(InlineText($0.text).plain) }.filter { !$0.isEmpty }
      // A short heading says little without the one above it; a long one does not need it.
      let isShort = (section.last?.count ?? 0) <= 24
      var name =
        section.isEmpty ? "table" : section.suffix(isShort ? 2 : 1).joined(separator: "-")
      if taken[name] != nil {
        let rows = TagPath.withoutIndices(rows.first?.scope ?? "").split(separator: ".").last
        let kind = slug(rows.map(String.init) ?? head.first.map { InlineText($0).plain } ?? "")
        name += "-" + (kind.isEmpty ? "more" : kind)
      }
      let count = (taken[name] ?? 0) + 1
      taken[name] = count
      return count == 1 ? name : "\(name)-\(count)"
    }

    /// Lower-case ASCII letters and digits; all else becomes one hyphen.
    private func slug(_ text: String) -> String {
      let words = transliterated(text).lowercased().unicodeScalars.split {
        !("a"..."z").contains($0) && !("0"..."9").contains($0)
      }
      return words.map { String($0) }.joined(separator: "-").prefix(60).description
    }
  }
}

/// Names of tags as report.json has them, such as `gaps[0].in_order[1].gap.printed`.
enum TagPath {
  /// What all tags of a row are inside: an entry of a list, such as `results[0]`.
  static func scope(_ tags: [String]) -> String {
    let paths = tags.map { $0.split(separator: ".").map(String.init) }
    guard let first = paths.first else { return "" }
    var common = first.dropLast()
    for path in paths.dropFirst() {
      common = common.prefix(zip(common, path.dropLast()).prefix { $0 == $1 }.count)
    }
    // With a single value, its own section is not what the row is.
    guard let last = common.lastIndex(where: { $0.hasSuffix("]") }) else {
      return common.joined(separator: ".")
    }
    return common[...last].joined(separator: ".")
  }

  /// Such as `gaps.in_order.gap`.
  static func withoutIndices(_ path: String) -> String {
    path.split(separator: ".").map { $0.prefix { $0 != "[" } }.joined(separator: ".")
  }

  /// What a tag is called inside a scope, without its indices, and without `printed` and `value`, which say only how
  /// it is printed.
  static func leaf(_ tag: String, in scope: String) -> String {
    let rest =
      !scope.isEmpty && tag.hasPrefix(scope + ".") ? String(tag.dropFirst(scope.count + 1)) : tag
    var parts = withoutIndices(rest).split(separator: ".")
    while let last = parts.last, parts.count > 1, last == "printed" || last == "value" {
      parts.removeLast()
    }
    return parts.joined(separator: ".")
  }
}
