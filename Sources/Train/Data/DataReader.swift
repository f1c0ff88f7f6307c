public import RunLog
internal import Storage

/// One text with its class, as it stands in a data file.
public struct LabelledText: Equatable, Sendable {
  public let text: String
  /// 0-based class index.
  public let label: Int

  public init(text: String, label: Int) {
    (self.text, self.label) = (text, label)
  }
}

/// Reads labelled texts from the formats an experiment may name.
///
/// Texts are taken as they are; an empty one is a text. A byte order mark and CRLF are accepted.
/// Everything else that is not as it should be is an error with file and line, nothing is skipped.
public struct DataReader: Sendable {
  /// The class names, in the order of the class indices.
  public let labels: [String]
  /// Turns a configured path into one that can be opened.
  public let locate: @Sendable (String) throws -> String
  /// What errors tell to do.
  let advice: DataAdvice

  public init(
    labels: [String], advice: DataAdvice = .configuration,
    locate: @escaping @Sendable (String) throws -> String = { $0 }
  ) {
    (self.labels, self.advice, self.locate) = (labels, advice, locate)
  }

  /// Reads a split's rows; see `readData`.
  public func read(_ file: DataFile) throws -> [LabelledText] { try readData(file).rows }

  /// Reads a split's data.
  ///
  /// - Parameter file: where and in what format; the format of a table goes by its file's extension.
  /// - Returns: the rows in the file's order, at least one, and what was odd.
  /// - Throws: `StorageError` if a file cannot be read; `RunLogError` or `JSONError` with the line of
  ///   whatever is wrong in it.
  public func readData(_ file: DataFile) throws -> LabelledData {
    var found = FoundLabels()
    var data: LabelledData
    switch file.location {
    case .lines(let text, let labels):
      data = try readLines(text: text, labels: labels, &found)
    case .table(let path):
      let bytes = try contents(path)
      data =
        path.lowercased().hasSuffix(".jsonl")
        ? try readJSONLines(bytes, path: path, file, &found)
        : try readTable(bytes, path: path, file, &found)
    }
    guard !data.rows.isEmpty else {
      throw RunLogError(
        file: file.paths[0], "holds no example; expected at least one row below the header.")
    }
    let classes = try found.classes(
      among: labels, file: file.paths.last ?? "", form: file.labelForm, map: file.labelMap,
      advice: advice)
    for index in data.rows.indices {
      data.rows[index] = LabelledText(
        text: data.rows[index].text, label: classes[data.rows[index].label])
    }
    return data
  }

  /// Reads texts alone, one per line, from a pair's text file.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8; lines end at LF only, a CR before it is dropped.
  ///   - file: what errors call it.
  /// - Returns: one text a line; what follows the last LF is a line only if it is not empty.
  /// - Throws: `RunLogError` with the line of invalid UTF-8.
  public static func lines(_ bytes: [UInt8], file: String) throws -> [String] {
    var result: [String] = []
    for (index, line) in physicalLines(bytes).enumerated() {
      try check(rows: index + 1, ofBytes: bytes.count, file: file)
      result.append(try TableReader.text(line, file: file, line: index + 1))
    }
    return result
  }

  /// Texts of lines that are read one after another, for standard input and its like.
  ///
  /// - Parameters:
  ///   - lines: UTF-8, without the LF; a CR before it is dropped.
  ///   - file: what errors call it.
  ///   - firstLine: the number of the first, from 1; a byte order mark before line 1 is dropped.
  /// - Returns: a text per line up to the first that is not valid UTF-8, and what is wrong with that.
  public static func texts(
    ofLines lines: [[UInt8]], file: String, firstLine: Int
  ) -> (texts: [String], problem: RunLogError?) {
    var result: [String] = []
    for (index, line) in lines.enumerated() {
      let number = firstLine + index
      var bytes = number == 1 ? TableReader.withoutByteOrderMark(line) : line[...]
      if bytes.last == 0x0D { bytes.removeLast() }
      do throws(RunLogError) {
        result.append(try TableReader.text(bytes, file: file, line: number))
      } catch {
        return (result, error)
      }
    }
    return (result, nil)
  }

  // MARK: Formats

  private func contents(_ path: String) throws -> [UInt8] {
    let bytes = try RandomAccessFile(locate(path)).contents()
    guard !bytes.isEmpty else {
      throw RunLogError(file: path, "is empty; expected texts with labels.")
    }
    try TextEncoding.check(bytes, file: path)
    return bytes
  }

  private func readLines(
    text: String, labels: String, _ found: inout FoundLabels
  ) throws -> LabelledData {
    let bytes = try contents(text)
    let texts = try Self.lines(bytes, file: text)
    let names = try Self.lines(contents(labels), file: labels)
    guard texts.count == names.count else {
      throw RunLogError(
        file: labels,
        "has \(names.count) lines, but \(text) has \(texts.count); expected one label per text.")
    }
    var data = LabelledData(path: text, sha256: SHA256.hex(of: bytes))
    data.rows = zip(texts, names).enumerated().map { index, pair in
      LabelledText(text: pair.0, label: found.number(of: pair.1, line: index + 1))
    }
    return data
  }

  private func readJSONLines(
    _ bytes: [UInt8], path: String, _ file: DataFile, _ found: inout FoundLabels
  ) throws -> LabelledData {
    var data = LabelledData(path: path, sha256: SHA256.hex(of: bytes))
    data.rows = try Self.physicalLines(bytes).enumerated().map { index, line in
      let number = index + 1
      let json = try JSON.parse(Array(line), file: path, firstLine: number)
      guard let object = json.object else {
        throw RunLogError(
          file: path, line: number, "expected one object per line, found \(json.kind)")
      }
      guard let text = object[file.textColumn]?.string else {
        throw RunLogError(
          file: path, line: number, "the key '\(file.textColumn)' must hold a string")
      }
      switch object[file.labelColumn] {
      case .string(let name):
        return LabelledText(text: text, label: found.number(of: name, line: number))
      case .integer(let value):
        return LabelledText(
          text: text, label: found.number(of: String(value), line: number))
      case let other:
        throw RunLogError(
          file: path, line: number,
          "the key '\(file.labelColumn)' must hold a label's name or index, "
            + (other.map { "not \($0.kind)" } ?? "but is missing"))
      }
    }
    return data
  }

  private func readTable(
    _ bytes: [UInt8], path: String, _ file: DataFile, _ found: inout FoundLabels
  ) throws -> LabelledData {
    let (delimiter, isFound) = try delimiter(of: bytes, path: path, file)
    var table = TableReader(
      bytes: bytes, file: path, separator: delimiter.byte, hasQuotes: file.quoting == .rfc4180,
      advice: "\(advice.rawTexts).")
    guard let header = try table.nextRow() else {
      throw RunLogError(file: path, "is empty; expected a header that names the columns.")
    }
    func column(_ name: String) throws -> Int {
      guard let index = header.fields.firstIndex(of: name) else {
        throw missingColumn(name, in: header.fields, of: bytes, path: path, file)
      }
      return index
    }
    let (textColumn, labelColumn) = (try column(file.textColumn), try column(file.labelColumn))
    var data = LabelledData(
      path: path, sha256: SHA256.hex(of: bytes), firstLine: 2 + table.lineBreaksInRow)
    data.columnsRead = [textColumn + 1, labelColumn + 1]
    data.duplicateColumns = Self.duplicates(header.fields)
    data.foundDelimiter = isFound ? delimiter : nil
    var quotes = QuotedFields(
      columns: header.fields.count, labelColumn: labelColumn, delimiter: delimiter)
    while let row = try table.nextRow() {
      try Self.check(rows: data.rows.count, ofBytes: bytes.count, file: path)
      guard row.fields.count == header.fields.count else {
        throw RunLogError(
          file: path, line: row.line,
          "expected \(header.fields.count) fields as in the header, found \(row.fields.count)"
            + (file.quoting == .rfc4180 ? "; \(advice.rawTexts)." : "."))
      }
      quotes.note(table, line: row.line)
      data.noteLines(ofRow: data.rows.count, further: table.lineBreaksInRow)
      data.rows.append(
        LabelledText(
          text: row.fields[textColumn],
          label: found.number(of: row.fields[labelColumn], line: row.line)))
    }
    data.multilineFields = quotes.suspicious(labels: found)
    return data
  }

  /// Names that occur twice or more, with their columns from 1; what has no name is no duplicate.
  private static func duplicates(_ header: [String]) -> [(name: String, columns: [Int])] {
    var columns: [String: [Int]] = [:]
    for (index, name) in header.enumerated() where !name.isEmpty {
      columns[name, default: []].append(index + 1)
    }
    return columns.filter { $0.value.count > 1 }.sorted { $0.value[0] < $1.value[0] }
      .map { ($0.key, $0.value) }
  }

  // MARK: Lines

  /// Lines without the CR that may stand before their LF.
  private static func physicalLines(_ bytes: [UInt8]) -> some Sequence<ArraySlice<UInt8>> {
    Lines(TableReader.withoutByteOrderMark(bytes)).lazy.map { $0.last == 0x0D ? $0.dropLast() : $0 }
  }

  /// Refuses files of next to nothing but line ends, whose rows would take far more memory than they do.
  private static func check(
    rows count: Int, ofBytes byteCount: Int, file: String
  ) throws(RunLogError) {
    guard count <= 1_500_000 + byteCount / 16 else {
      throw RunLogError(
        file: file, line: count,
        "the file holds more than a million rows that are all but empty; is it damaged?")
    }
  }
}
