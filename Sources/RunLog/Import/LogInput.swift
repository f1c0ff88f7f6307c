internal import Storage

/// A file as its bytes show it, before any reader says whose it is.
struct LogInput {
  /// What the bytes are.
  enum Shape {
    case json(JSON)
    /// One JSON object per line, with the lines' numbers.
    case jsonLines([JSON], numbers: [Int])
    case table(TableHeader)
    /// MLflow's files without a header: a time, a value and a step per line.
    case timedValues
    case events
    /// Something else: what, in a few words.
    case other(String)
  }

  /// What errors call it; readers of one series per file take its name for the series'.
  let file: String
  let bytes: [UInt8]
  let map: ImportMap?
  private(set) var shape: Shape
  /// What was odd about the bytes.
  private(set) var warnings: [String] = []

  /// Larger files are no logs that anybody wrote; reading one would only cost time.
  static let largestFile = 1 << 30

  static let ownLog =
    "the log of a TransferGap run; name the run directory that holds it"

  /// Looks at a file.
  ///
  /// - Throws: `JSONError` for a text that begins as JSON and goes on as something else.
  init(_ bytes: [UInt8], file: String, map: ImportMap? = nil) throws {
    (self.bytes, self.file, self.map) = (bytes, file, map)
    shape = .other("an empty file")
    if bytes.isEmpty { return }
    if RecordFile.isBegun(by: bytes) {
      shape = .events
      return
    }
    let start = TableReader.withoutByteOrderMark(bytes).first { !Self.isSpace($0) }
    if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
      do {
        shape = .json(try JSON.parse(bytes, file: file))
      } catch {
        // Several objects, one per line, are no JSON text as a whole.
        guard let lines = try jsonLines() else { throw error }
        shape = lines
      }
    } else if let header = TableHeader(bytes) {
      shape = .table(header)
    } else if Self.holdsTimedValues(bytes) {
      shape = .timedValues
    } else {
      shape = .other(
        TextEncoding.wideEncoding(bytes).map { "\($0) or binary data, not UTF-8" }
          ?? (bytes.prefix(4096).contains(0)
            ? "binary data" : "neither JSON nor a table with a header"))
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  /// JSON Lines; `nil` if the text is none.
  private mutating func jsonLines() throws -> Shape? {
    let content = TableReader.withoutByteOrderMark(bytes)
    var lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    let isEnded = lines.last?.isEmpty ?? false
    if isEnded { lines.removeLast() }
    guard let first = lines.first(where: { !$0.allSatisfy(Self.isSpace) }),
      let json = try? JSON.parse(Array(first), file: file), json.object != nil
    else { return nil }
    var records: [JSON] = []
    var numbers: [Int] = []
    for (index, line) in lines.enumerated() {
      if line.allSatisfy(Self.isSpace) { continue }
      do {
        records.append(try JSON.parse(Array(line), file: file, firstLine: index + 1))
        numbers.append(index + 1)
      } catch {
        guard index == lines.count - 1, !isEnded else { throw error }
        warnings.append(Self.torn(file, index + 1))
      }
    }
    return .jsonLines(records, numbers: numbers)
  }

  /// The warning of a last line that was never written to its end.
  static func torn(_ file: String, _ line: Int) -> String {
    "\(file):\(line): the last line is torn (the program was stopped while writing it); it is left out."
  }

  /// Whether the beginning of a file is that of a table with a place, or of MLflow's values.
  static func promisesSeries(_ head: [UInt8], _ map: ImportMap?) -> Bool {
    TableHeader(head).map { $0.isPlaced(map) } ?? holdsTimedValues(head)
  }

  /// Whether the first line is a time in milliseconds, a number and a step.
  private static func holdsTimedValues(_ bytes: [UInt8]) -> Bool {
    let words = bytes.prefix(256).prefix { $0 != 0x0A }.split(separator: 0x20)
    guard words.count == 3 || words.count == 2, let time = number(words[0]), time >= 1e11 else {
      return false
    }
    return words.dropFirst().allSatisfy { number($0) != nil }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Double? {
    String(validating: bytes, as: UTF8.self).flatMap { Double($0) }
  }
}

/// The first line of a table.
struct TableHeader {
  /// Stands between two fields.
  let separator: UInt8
  let columns: [String]
  /// The columns' names in small letters.
  let lower: [String]

  /// The separators that programs write.
  private static let separators: [UInt8] = [0x2C, 0x3B, 0x09]

  /// Whether the table says where in the training its rows stand.
  func isPlaced(_ map: ImportMap?) -> Bool {
    [map?.epochColumn, map?.stepColumn].contains { $0.map(columns.contains) ?? false }
      || PlaceNames.column(PlaceNames.epochs + PlaceNames.steps, in: lower) != nil
  }

  /// `nil` if the text does not begin with a header.
  init?(_ bytes: [UInt8]) {
    let start = TableReader.withoutByteOrderMark(bytes)
    let line = start.prefix(64 << 10).prefix { $0 != 0x0A }
    guard !line.isEmpty, !line.contains(0) else { return nil }
    let separator = Self.separators.max { a, b in
      line.count { $0 == a } < line.count { $0 == b }
    }
    guard let separator, line.contains(separator) else { return nil }
    var table = TableReader(
      bytes: Array(line), file: "", separator: separator, hasQuotes: true, advice: "")
    guard let fields = try? table.nextRow()?.fields else { return nil }
    let columns = fields.map { trimmed($0) }
    // A header names its columns; a number in it is data.
    guard columns.contains(where: { !$0.isEmpty && Double($0) == nil }) else { return nil }
    (self.separator, self.columns) = (separator, columns)
    lower = columns.map { $0.lowercased() }
  }
}

/// A text without white space around it.
func trimmed(_ text: String) -> String {
  let scalars = text.unicodeScalars
  let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
  guard let first = scalars.firstIndex(where: { !isSpace($0) }),
    let last = scalars.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(scalars[first...last])
}
