/// Reads a table of separated fields row by row (RFC 4180).
///
/// A byte order mark and CRLF are accepted.
public struct TableReader {
  private static let mostColumns = 10_000
  private let bytes: ArraySlice<UInt8>
  private let file: String
  private let separator: UInt8
  private let hasQuotes: Bool
  private let advice: String
  private var position: Int
  private var line = 1
  private var rowStart: Int
  /// Line breaks inside quoted fields of the row that was read last.
  public private(set) var lineBreaksInRow = 0
  /// Quoted fields of the row that was read last.
  public private(set) var quotedFieldsInRow = 0

  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - file: what errors call it.
  ///   - separator: stands between two fields.
  ///   - hasQuotes: whether a field may be quoted; if not, quotation marks are ordinary characters.
  ///   - advice: the end of an error about quotation marks, with its full stop.
  public init(bytes: [UInt8], file: String, separator: UInt8, hasQuotes: Bool, advice: String) {
    self.bytes = Self.withoutByteOrderMark(bytes)
    (self.file, self.separator, self.hasQuotes) = (file, separator, hasQuotes)
    self.advice = advice
    position = self.bytes.startIndex
    rowStart = position
  }

  /// The lines that the row read last takes up, as they stand in the file.
  public var linesOfRow: [ArraySlice<UInt8>] {
    let row = bytes[rowStart..<position]
    return (row.last == 0x0A ? row.dropLast() : row)
      .split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { $0.last == 0x0D ? $0.dropLast() : $0 }
  }

  /// The next row with the line it starts at, or `nil` at the end of the file.
  ///
  /// - Throws: `RunLogError` for invalid UTF-8, a quotation mark that is never closed, and text behind
  ///   a closing one.
  public mutating func nextRow() throws(RunLogError) -> (line: Int, fields: [String])? {
    guard position < bytes.endIndex else { return nil }
    let start = line
    (rowStart, lineBreaksInRow, quotedFieldsInRow) = (position, 0, 0)
    var fields: [String] = []
    while true {
      guard fields.count < Self.mostColumns else {
        throw RunLogError(
          file: file, line: start,
          "the row has more than \(Self.mostColumns) fields; is the separator the right one?")
      }
      fields.append(try nextField())
      guard position < bytes.endIndex else { return (start, fields) }
      let end = bytes[position]
      position += 1
      if end == separator { continue }
      // A CR is skipped only together with the LF it belongs to.
      if end == 0x0D { position += 1 }
      line += 1
      return (start, fields)
    }
  }

  /// Reads up to, not past, a separator, a line's end or the end of the file.
  private mutating func nextField() throws(RunLogError) -> String {
    if hasQuotes, position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") {
      return try nextQuotedField()
    }
    let start = position
    while position < bytes.endIndex, bytes[position] != separator, !isLineEnd { position += 1 }
    return try Self.text(bytes[start..<position], file: file, line: line)
  }

  private var isLineEnd: Bool {
    bytes[position] == 0x0A
      || (bytes[position] == 0x0D && position + 1 < bytes.endIndex && bytes[position + 1] == 0x0A)
  }

  private mutating func nextQuotedField() throws(RunLogError) -> String {
    let startLine = line
    position += 1
    quotedFieldsInRow += 1
    var content: [UInt8] = []
    while true {
      guard position < bytes.endIndex else {
        throw RunLogError(
          file: file, line: startLine,
          "a quotation mark is never closed; \(advice)")
      }
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else { break }
        position += 1
      } else if byte == 0x0A {
        line += 1
        lineBreaksInRow += 1
      }
      content.append(byte)
    }
    guard position >= bytes.endIndex || bytes[position] == separator || isLineEnd else {
      throw RunLogError(
        file: file, line: line,
        "text follows a closing quotation mark; double the mark inside a quoted field; \(advice)")
    }
    return try Self.text(content, file: file, line: startLine)
  }

  /// The bytes behind UTF-8's byte order mark, if there is one.
  public static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  }

  /// Decodes UTF-8.
  ///
  /// - Throws: `RunLogError` with the line if it is invalid.
  public static func text(
    _ bytes: some Collection<UInt8>, file: String, line: Int
  ) throws(RunLogError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RunLogError(
        file: file, line: line, "is not valid UTF-8; save the file as UTF-8.")
    }
    return text
  }
}
