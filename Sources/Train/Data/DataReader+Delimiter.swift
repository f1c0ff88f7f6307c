internal import RunLog

extension DataReader {
  /// What separates a table's columns: what the configuration says, else what gives a header with the columns of texts
  /// and labels, else what the file's extension says.
  ///
  /// - Parameters:
  ///   - bytes: the table.
  ///   - path: what errors call it.
  ///   - file: its configuration.
  /// - Returns: the delimiter, and whether it is another than the extension says.
  /// - Throws: `RunLogError` if two delimiters give such a header.
  func delimiter(
    of bytes: [UInt8], path: String, _ file: DataFile
  ) throws(RunLogError) -> (delimiter: DataFile.Delimiter, isFound: Bool) {
    if let delimiter = file.delimiter { return (delimiter, false) }
    let expected: DataFile.Delimiter = path.lowercased().hasSuffix(".csv") ? .comma : .tab
    let line = Self.firstLine(bytes)
    let fitting = DataFile.Delimiter.allCases.filter { delimiter in
      let columns = Self.columns(line, delimiter.byte, hasQuotes: file.quoting == .rfc4180)
      return columns.contains(file.textColumn) && columns.contains(file.labelColumn)
    }
    guard fitting.count < 2 else {
      let names = fitting.map(\.plural).joined(separator: " and by ")
      throw RunLogError(
        file: path, line: 1,
        "the header has the columns '\(file.textColumn)' and '\(file.labelColumn)' separated by \(names); say which "
          + "with \(advice.delimiter(fitting[0].rawValue)) or \(advice.delimiter(fitting[1].rawValue))."
      )
    }
    return (fitting.first ?? expected, fitting.first.map { $0 != expected } ?? false)
  }

  /// The error of a header that lacks a column, with what may be the cause.
  func missingColumn(
    _ name: String, in header: [String], of bytes: [UInt8], path: String, _ file: DataFile
  ) -> RunLogError {
    let line = Self.firstLine(bytes)
    let hasQuotes = file.quoting == .rfc4180
    var names = header
    var whatToDo = "\(advice.columns)."
    if line.first == UInt8(ascii: "#") {
      whatToDo =
        "the first line must be the header; lines that begin with # are not comments here, so remove them."
    } else if header.count == 1 {
      let other = DataFile.Delimiter.allCases.map {
        (delimiter: $0, columns: Self.columns(line, $0.byte, hasQuotes: hasQuotes))
      }.max { $0.columns.count < $1.columns.count }
      let words = Self.columns(line, UInt8(ascii: " "), hasQuotes: hasQuotes)
      if file.delimiter == nil, let other, other.columns.count > 1 {
        names = other.columns
        whatToDo =
          "\(advice.columns), and what separates them with \(advice.delimiter(other.delimiter.rawValue))."
      } else if words.contains(file.textColumn), words.contains(file.labelColumn) {
        whatToDo =
          "the columns seem to be separated by spaces, which occur in texts too; separate them by tabs."
      }
    }
    let listed = names.map { "'\($0)'" }.joined(separator: ", ")
    return RunLogError(
      file: path, line: 1, "no column '\(name)' in the header, found \(listed); \(whatToDo)")
  }

  private static func firstLine(_ bytes: [UInt8]) -> [UInt8] {
    let line = TableReader.withoutByteOrderMark(bytes).prefix(64 << 10).prefix { $0 != 0x0A }
    return Array(line.last == 0x0D ? line.dropLast() : line)
  }

  /// The fields of a line, none if it cannot be read so.
  private static func columns(_ line: [UInt8], _ separator: UInt8, hasQuotes: Bool) -> [String] {
    var table = TableReader(
      bytes: line, file: "", separator: separator, hasQuotes: hasQuotes, advice: "")
    return (try? table.nextRow()?.fields) ?? []
  }
}
