/// A table of a document for LaTeX, with the rules of booktabs and numbers in columns of siunitx.
///
/// It is laid out for the width of a page: what does not fit side by side is set in several parts, one below the other,
/// rather than shrunk until nobody can read it.
struct LaTeXTable {
  private let table: DocumentTable
  private let columns: [Column]

  /// In points: what fits side by side, with a little room for the spaces that siunitx adds, and four points either side of
  /// a column.
  private static let pageWidth = LaTeXWidth.page - 4
  private static let spaceBetween = 8.0
  /// Lines of a table that still fits on a page with its caption.
  private static let pageLines = 44
  /// Letters of a word that a narrow column can hold.
  private static let longestWord = 14
  /// In points: a column of text that is narrower is not broken into lines.
  private static let narrow = 17 * LaTeXWidth.digit

  /// A column: of numbers where most cells are numbers of one form, else of text.
  private struct Column {
    let head: String
    let entries: [Entry]
    let isNumeric: Bool
    /// Of all its numbers.
    let isPercent: Bool
    /// In points.
    let width: Double
    /// Whether text is broken into lines.
    var isBroken = false
  }

  private enum Entry {
    case absent
    case number(LaTeXNumber, isBold: Bool)
    /// Markdown, and its width in points.
    case text(String, width: Double)
  }

  /// What the numbers of a column need to be aligned by their points.
  private struct ColumnFormat {
    let isSigned: Bool
    let whole: Int
    let decimals: Int
    let uncertainty: Int?

    init(_ entries: [Entry]) {
      let numbers = entries.compactMap { entry in
        if case .number(let number, _) = entry { number } else { nil }
      }
      isSigned = numbers.contains { $0.isSigned }
      whole = numbers.map(\.integerDigits).max() ?? 1
      decimals = numbers.map(\.decimals).max() ?? 0
      uncertainty = numbers.compactMap(\.uncertaintyDigits).max()
    }
  }

  init(_ table: DocumentTable) {
    self.table = table
    let all = table.head.indices.map { place in
      Self.column(table.head[place], table.rows.map { $0.cells[place] }, isFirst: place == 0)
    }
    columns = Self.fitted(all)
  }

  // MARK: Columns

  private static func column(
    _ head: String, _ cells: [DocumentTable.Cell], isFirst: Bool
  ) -> Column {
    let numbers = cells.map { LaTeXNumber($0) }
    let found = numbers.compactMap { $0 }
    let shares = found.count { $0.isPercent }
    let texts = zip(cells, numbers).filter { cell, number in
      number == nil && !isAbsent(cell)
    }.map(\.0)
    // A remark of a few letters may stand among numbers.
    let isNumeric =
      !found.isEmpty && (shares == 0 || shares == found.count) && texts.count < found.count
      && texts.allSatisfy { $0.plain.count <= 16 } && !(isFirst && !texts.isEmpty)
    let entries: [Entry] = zip(cells, numbers).map { cell, number in
      if isAbsent(cell) { return .absent }
      if isNumeric, let number { return .number(number, isBold: cell.isBest || cell.isStrong) }
      let isBold = cell.markdown.contains("**")
      return .text(cell.markdown, width: LaTeXWidth.of(cell.plain, isBold: isBold))
    }
    let title = InlineText(head).plain + (isNumeric && shares > 0 ? " (%)" : "")
    let widest =
      entries.map { entry in
        switch entry {
        case .absent: LaTeXWidth.digit
        case .number(let number, _): number.intervalWidth
        case .text(_, let width): width
        }
      }.max() ?? 0
    let word = title.split(separator: " ").map { LaTeXWidth.of(String($0)) }.max() ?? 0
    let least = min(LaTeXWidth.of(title), headWidth)
    return Column(
      head: title, entries: entries, isNumeric: isNumeric, isPercent: shares > 0,
      width: max(widest, word, least, isNumeric ? formatWidth(entries) : 0))
  }

  /// A head in points that is not worth breaking.
  private static let headWidth = 8 * LaTeXWidth.digit

  /// What siunitx reserves for numbers that are aligned by their points.
  private static func formatWidth(_ entries: [Entry]) -> Double {
    let isBold = entries.contains { if case .number(_, let isBold) = $0 { isBold } else { false } }
    let format = ColumnFormat(entries)
    let digits = String(repeating: "0", count: format.whole + format.decimals)
    // With their thousands apart.
    let groups = String(repeating: ",", count: format.whole > 3 ? (format.whole - 1) / 3 : 0)
    let uncertainty = format.uncertainty.map {
      " ± 0." + String(repeating: "0", count: max($0, format.decimals))
    }
    return LaTeXWidth.of(
      (format.isSigned ? "+" : "") + digits + groups + (format.decimals > 0 ? "." : "")
        + (uncertainty ?? ""), isBold: isBold)
  }

  private static func isAbsent(_ cell: DocumentTable.Cell) -> Bool {
    cell.plain == NumberFormat.unknown || cell.plain.isEmpty
  }

  /// Long texts are broken so that the columns share the page.
  private static func fitted(_ columns: [Column]) -> [Column] {
    let whole = columns.reduce(0.0) { $0 + $1.width + spaceBetween }
    guard whole > pageWidth else { return columns }
    let long = columns.filter { !$0.isNumeric && $0.width > narrow }
    guard !long.isEmpty else { return columns }
    let fixed = columns.reduce(0.0) { sum, column in
      sum + spaceBetween + (!column.isNumeric && column.width > narrow ? 0 : column.width)
    }
    var wanted = long.reduce(0.0) { $0 + $1.width }
    var room = max(pageWidth - fixed, 20 * LaTeXWidth.digit * Double(long.count))
    guard wanted > room else { return columns }
    // A column whose share would be too narrow takes what the others have to leave.
    for column in long.sorted(by: { $0.width < $1.width })
    where column.width * room / wanted < narrow && column.width < wanted {
      (wanted, room) = (wanted - column.width, room - narrow)
    }
    return columns.map { column in
      guard !column.isNumeric, column.width > narrow else { return column }
      var width = max(narrow, column.width * room / wanted)
      // Whole points, so that a sum that fills the page is not above it by rounding.
      width = min(width, column.width, pageWidth - 2 * spaceBetween).rounded(.down)
      var narrow = Column(
        head: column.head, entries: column.entries, isNumeric: false, isPercent: false,
        width: width)
      narrow.isBroken = true
      return narrow
    }
  }

  /// The columns in parts that fit the page, each beginning with those that name the rows.
  private var parts: [[Int]] {
    let labels = Array(columns.indices.prefix { !columns[$0].isNumeric })
    // Of words alone, the first column names the rows.
    let named =
      labels.count == columns.count ? Array(labels.prefix(columns.count > 1 ? 1 : 0)) : labels
    func width(_ places: [Int]) -> Double {
      places.reduce(0) { $0 + columns[$1].width + Self.spaceBetween }
    }
    func parts(upTo limit: Double) -> [[Int]] {
      var parts: [[Int]] = []
      var part = named
      for place in columns.indices where !named.contains(place) {
        if part.count > named.count, width(part + [place]) > limit {
          parts.append(part)
          part = named
        }
        part.append(place)
      }
      return parts + [part]
    }
    let widest = parts(upTo: Self.pageWidth)
    if widest.count == 1 { return widest }
    // As alike in width as can be, so that no column stands alone below the others.
    let limits = stride(from: 0.3, to: 1, by: 0.02).map { $0 * Self.pageWidth }
    return limits.map(parts).first { $0.count == widest.count } ?? widest
  }

  // MARK: Text

  /// A file that a document can include with `\input`.
  ///
  /// - Parameter title: what the document is of, for the caption.
  /// - Returns: a table with caption, label and notes.
  func text(of title: String) -> String {
    let parts = self.parts
    let headings = table.headings.map { LaTeXText.escaped(InlineText($0).plain) }
    // What the paper is of stands at its head; a caption repeats it only where it has nothing of its own.
    let own = headings + [lead].compactMap { $0 }
    let caption = (own.isEmpty ? [LaTeXText.escaped(title)] : own).joined(separator: ". ")
    let label = "tab:\(table.name)"
    let isLong = lineCount * parts.count > Self.pageLines
    let begin = """
      % Table '\(table.name)', written by TransferGap. Needs the packages array, booktabs, siunitx\(isLong ? ", longtable" : "").

      """
    let style = """
      \\footnotesize
      \\setlength{\\tabcolsep}{4pt}
      \\sisetup{\(Self.numberStyle)}

      """
    if isLong {
      let bodies = parts.enumerated().map { place, part in
        longTable(
          part,
          caption: place == 0
            ? "\\caption{\(caption).}\\label{\(label)}\\\\"
            : "\\caption[]{\(caption) (continued).}\\\\")
      }
      return begin + "\\begingroup\n" + style + bodies.joined() + notes + "\\par\\endgroup\n"
    }
    let bodies = parts.map { part in
      "\\begin{tabular}{\(layout(part))}\n\\toprule\n\(head(part))\\midrule\n\(body(part))\\bottomrule\n\\end{tabular}\n"
    }
    return begin
      + "\\begin{table}[htbp]\n\\centering\n\\caption{\(caption).}\\label{\(label)}\n\\smallskip\n"
      + style
      + bodies.joined(separator: "\\par\\medskip\n") + notes + "\\end{table}\n"
  }

  /// A few words that announce the table and belong into its caption.
  private var lead: String? {
    guard table.notes.count == 1, table.notes[0].hasSuffix(":") else { return nil }
    return LaTeXText.inline(String(table.notes[0].dropLast()))
  }

  /// A paragraph that announces the table ends with a colon, which has nothing to announce below it.
  private static func sentence(_ note: String) -> String {
    note.hasSuffix(":") ? note.dropLast() + "." : note
  }

  private static let numberStyle =
    "group-digits=integer,group-separator={,},group-minimum-digits=4,retain-explicit-plus=true,"
    + "separate-uncertainty=true,detect-weight=true,mode=text,table-number-alignment=center"

  private func longTable(_ part: [Int], caption: String) -> String {
    "\\begin{longtable}{\(layout(part))}\n\(caption)\n\\toprule\n\(head(part))\\midrule\n\\endfirsthead\n"
      + "\\toprule\n\(head(part))\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n\(body(part))\\end{longtable}\n"
  }

  private func layout(_ part: [Int]) -> String {
    part.map { place in
      let column = columns[place]
      if column.isNumeric { return "S[table-format=\(format(column))]" }
      if column.isBroken {
        return ">{\\raggedright\\arraybackslash}p{\(Int(column.width))pt}"
      }
      return table.isRight[place] ? "r" : "l"
    }.joined()
  }

  private func format(_ column: Column) -> String {
    let format = ColumnFormat(column.entries)
    return (format.isSigned ? "+" : "") + String(format.whole)
      + (format.decimals > 0 ? ".\(format.decimals)" : "")
      + (format.uncertainty.map { "(\($0))" } ?? "")
  }

  private func head(_ part: [Int]) -> String {
    let cells = part.map { place -> String in
      let column = columns[place]
      let lines = Self.lines(column.head, width: max(column.width, Self.headWidth)).map {
        LaTeXText.escaped($0)
      }
      let side = column.isNumeric ? "c" : table.isRight[place] && !column.isBroken ? "r" : "l"
      if lines.count == 1 { return "{\(lines[0])}" }
      return "{\\begin{tabular}[b]{@{}\(side)@{}}\(lines.joined(separator: "\\\\"))\\end{tabular}}"
    }
    return cells.joined(separator: " & ") + " \\\\\n"
  }

  /// Words in lines of at most a width, as far as words allow.
  private static func lines(_ text: String, width: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, LaTeXWidth.of("\(last) \(word)") <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.isEmpty ? [""] : lines
  }

  private func body(_ part: [Int]) -> String {
    let hasIntervals = self.hasIntervals
    return table.rows.indices.map { row in
      let first = part.map { text(columns[$0].entries[row], in: columns[$0]) }
      var lines = first.joined(separator: " & ") + " \\\\\n"
      let intervals = part.map { interval(columns[$0].entries[row]) }
      if intervals.contains(where: { !$0.isEmpty }) {
        lines =
          String(lines.dropLast(3)) + "\\\\*\n" + intervals.joined(separator: " & ") + " \\\\\n"
      }
      let isLast = row == table.rows.indices.last
      return lines + (hasIntervals && !isLast ? "\\addlinespace[2pt]\n" : "")
    }.joined()
  }

  private func text(_ entry: Entry, in column: Column) -> String {
    switch entry {
    case .absent: return column.isNumeric ? "{--}" : "--"
    case .number(let number, let isBold): return (isBold ? "\\bfseries " : "") + number.text
    case .text(let markdown, _):
      let text = LaTeXText.inline(markdown, breaksAfter: column.isBroken ? Self.longestWord : nil)
      return column.isNumeric ? "{\(text)}" : text
    }
  }

  private func interval(_ entry: Entry) -> String {
    guard case .number(let number, _) = entry, let interval = number.interval else { return "" }
    return "{\\scriptsize $[\(interval.lower),\\,\(interval.upper)]$}"
  }

  private var hasIntervals: Bool {
    columns.contains { column in
      column.entries.contains {
        if case .number(let number, _) = $0 { number.interval != nil } else { false }
      }
    }
  }

  private var lineCount: Int {
    table.rows.indices.reduce(0) { sum, row in
      let lines = columns.map { column -> Int in
        switch column.entries[row] {
        case .text(_, let width) where column.isBroken:
          return Int((width / max(column.width, 1)).rounded(.up))
        case .number(let number, _): return number.interval == nil ? 1 : 2
        default: return 1
        }
      }
      return sum + (lines.max() ?? 1)
    }
  }

  /// What explains the table: the document's own paragraphs, and what this form of it adds.
  private var notes: String {
    var sentences = lead == nil ? table.notes.map { LaTeXText.inline(Self.sentence($0)) } : []
    sentences += table.remarks.map { LaTeXText.inline($0) }
    // Heads lead to definitions, too; citations there would make columns wide.
    let cited = table.head.map { ($0, LaTeXText.inline($0)) }.filter { head, text in
      text.contains("\\cite{") && !sentences.contains { $0.contains(text) } && !head.isEmpty
    }
    if !cited.isEmpty {
      sentences.append("Definitions: \(cited.map(\.1).joined(separator: ", ")).")
    }
    if hasIntervals { sentences.append("Here the intervals stand below the numbers.") }
    let texts = table.head + table.rows.flatMap(\.cells).map(\.markdown)
    if texts.contains(where: { LaTeXText.isTransliterated($0) }) {
      sentences.append(
        "Words in scripts other than Latin are transliterated; the tables in CSV and JSON have them as they are."
      )
    }
    guard !sentences.isEmpty else { return "" }
    return
      "\\par\\smallskip\n\\parbox{\\linewidth}{\\scriptsize\\raggedright \(sentences.joined(separator: " "))}\n"
  }
}
