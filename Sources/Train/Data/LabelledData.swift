internal import RunLog

/// The rows of a data file, where they stand in it, and what was odd about it.
public struct LabelledData: Sendable {
  /// A quoted field over several lines that may be rows which a quotation mark swallowed.
  struct MultilineField: Equatable, Sendable {
    let firstLine: Int
    let lastLine: Int
  }

  /// In the file's order, at least one.
  public internal(set) var rows: [LabelledText] = []
  /// The file of the texts, as the configuration names it.
  let path: String
  /// Of the file of the texts.
  let sha256: String
  /// The line of the first row.
  private let firstLine: Int
  /// Rows that take more than one line, with the number of further ones.
  private var longRows: [(row: Int, furtherLines: Int)] = []
  /// Names that the header has twice or more, each with its columns counted from 1.
  var duplicateColumns: [(name: String, columns: [Int])] = []
  /// Which of the columns are read, counted from 1.
  var columnsRead: [Int] = []
  var multilineFields: [MultilineField] = []
  /// How the columns were found to be separated, where the file's name says otherwise.
  var foundDelimiter: DataFile.Delimiter?

  init(path: String, sha256: String, firstLine: Int = 1) {
    (self.path, self.sha256, self.firstLine) = (path, sha256, firstLine)
  }

  /// The file's name without its folders, which differ from machine to machine.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The line that a row begins in, from 1.
  func line(ofRow row: Int) -> Int {
    firstLine + row
      + longRows.reduce(0) { $1.row < row ? $0 + $1.furtherLines : $0 }
  }

  /// Notes that the row to come takes several lines.
  mutating func noteLines(ofRow row: Int, further: Int) {
    if further > 0 { longRows.append((row, further)) }
  }
}
