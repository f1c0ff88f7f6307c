internal import RunLog

/// Finds quoted fields over several lines that may be rows which a quotation mark swallowed.
///
/// A text that begins with a quotation mark, in a file that means it as an ordinary character, opens a field that ends
/// only at the next mark before a delimiter; the rows between become part of it. That is suspected in two cases: each
/// of the row's lines alone reads as a whole row with a label that the file has elsewhere; or the file quotes
/// nothing but fields over several lines, as a writer of RFC 4180 hardly does.
struct QuotedFields {
  private struct Row {
    let field: LabelledData.MultilineField
    /// The label of each of its lines read alone; `nil` if one is no whole row.
    let labels: [String]?
  }

  private let columns: Int
  private let labelColumn: Int
  private let delimiter: DataFile.Delimiter
  private var rows: [Row] = []
  private var quotesSingleLines = false

  init(columns: Int, labelColumn: Int, delimiter: DataFile.Delimiter) {
    (self.columns, self.labelColumn, self.delimiter) = (columns, labelColumn, delimiter)
  }

  /// Looks at the row that a table has just read.
  mutating func note(_ table: TableReader, line: Int) {
    guard table.lineBreaksInRow > 0 else {
      if table.quotedFieldsInRow > 0 { quotesSingleLines = true }
      return
    }
    var labels: [String]? = []
    for line in table.linesOfRow {
      let fields = line.split(separator: delimiter.byte, omittingEmptySubsequences: false)
      guard fields.count == columns else {
        labels = nil
        break
      }
      labels?.append(String(decoding: fields[labelColumn], as: UTF8.self))
    }
    rows.append(
      Row(
        field: .init(firstLine: line, lastLine: line + table.lineBreaksInRow), labels: labels))
  }

  /// The fields that are suspected, when all labels of the file are known.
  func suspicious(labels: FoundLabels) -> [LabelledData.MultilineField] {
    rows.filter { row in
      !quotesSingleLines || row.labels?.allSatisfy(labels.contains) ?? false
    }.map(\.field)
  }
}
