/// Why a text is not the JSON it should be.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  public let file: String
  /// 1-based; a file of one record a line starts at the record's line.
  public let line: Int
  /// 1-based, in bytes.
  public let column: Int
  public let message: String

  public init(file: String, line: Int, column: Int, message: String) {
    (self.file, self.line, self.column, self.message) = (file, line, column, message)
  }

  public var description: String { "\(file):\(line):\(column): \(message)" }
}

extension JSON {
  /// Parses one JSON text.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, one value with white space around it.
  ///   - file: what errors call the text.
  ///   - firstLine: the number of the text's first line in that file.
  /// - Returns: the value.
  /// - Throws: `JSONError` with line and column: bad syntax, invalid UTF-8, a key that occurs twice in
  ///   one object, nesting deeper than 128, more values than memory of a few times the text and
  ///   100 MB holds.
  public static func parse(
    _ bytes: [UInt8], file: String, firstLine: Int = 1
  ) throws(JSONError) -> JSON {
    try parse(bytes[...], file: file, firstLine: firstLine)
  }

  /// Parses a part of a text, such as a line of a file, that is one JSON text; see the function for whole texts.
  public static func parse(
    _ bytes: ArraySlice<UInt8>, file: String, firstLine: Int = 1
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(bytes: bytes, file: file, firstLine: firstLine)
    return try parser.parseText()
  }

  /// Reads a file that holds one JSON text.
  ///
  /// - Throws: `StorageError` if it cannot be read, `JSONError` if it is not JSON.
  public static func read(_ path: String) throws -> JSON {
    try parse(RandomAccessFile(path).contents(), file: path)
  }
}

/// A recursive-descent parser over bytes that knows where it is.
private struct JSONParser {
  let bytes: ArraySlice<UInt8>
  let file: String
  let firstLine: Int
  var position: Int
  /// What the text may still hold: an array of ones has a value in two bytes and needs fifty for it
  /// while the array grows. A million values are more than any file of this project has.
  private var allowance: Int

  static let deepestNesting = 128

  init(bytes: ArraySlice<UInt8>, file: String, firstLine: Int) {
    (self.bytes, self.file, self.firstLine) = (bytes, file, firstLine)
    position = bytes.startIndex
    allowance = 1_600_000 + bytes.count / 16
  }

  /// Notes that values are stored.
  ///
  /// - Parameter count: their number, a member of an object counting as several.
  /// - Throws: `JSONError` if there are too many.
  private mutating func store(_ count: Int) throws(JSONError) {
    allowance -= count
    guard allowance >= 0 else { throw failure("the text holds more values than can be kept") }
  }

  mutating func parseText() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position += 3 }
    skipSpace()
    guard position < bytes.endIndex else {
      throw failure("the text is empty; expected a JSON value")
    }
    let value = try parseValue(depth: 0)
    skipSpace()
    guard position == bytes.endIndex else {
      throw failure("expected the end of the text, found \(found)")
    }
    return value
  }

  private func failure(_ message: String, at place: Int? = nil) -> JSONError {
    let end = min(place ?? position, bytes.endIndex)
    var (line, column) = (firstLine, 1)
    for byte in bytes[..<end] {
      if byte == 0x0A { (line, column) = (line + 1, 1) } else { column += 1 }
    }
    return JSONError(file: file, line: line, column: column, message: message)
  }

  private var found: String {
    guard position < bytes.endIndex else { return "the end of the text" }
    let byte = bytes[position]
    return byte > 0x20 && byte < 0x7F
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
    guard depth <= Self.deepestNesting else {
      throw failure("values are nested deeper than \(Self.deepestNesting)")
    }
    guard position < bytes.endIndex else {
      throw failure("expected a value, found the end of the text")
    }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "N"): return try parseWord("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try parseWord("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where bytes[(position + 1)...].first == UInt8(ascii: "I"):
      return try parseWord("-Infinity", .number(-.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw failure("expected a value, found \(found)")
    }
  }

  private mutating func parseWord(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    guard bytes[position...].starts(with: word.utf8) else {
      throw failure("expected '\(word)'")
    }
    position += word.utf8.count
    return value
  }

  private mutating func parseObject(depth: Int) throws(JSONError) -> JSON {
    position += 1
    try store(6)
    var object = JSONObject()
    skipSpace()
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return .object(object)
    }
    while true {
      skipSpace()
      guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else {
        throw failure("expected a key in quotation marks, found \(found)")
      }
      let place = position
      let key = try parseString()
      guard object[key] == nil else {
        throw failure("the key '\(key)' occurs twice in one object", at: place)
      }
      skipSpace()
      try expect(UInt8(ascii: ":"), "':' after the key")
      skipSpace()
      try store(4)
      object[key] = try parseValue(depth: depth + 1)
      skipSpace()
      if position < bytes.endIndex, bytes[position] == UInt8(ascii: ",") {
        position += 1
        continue
      }
      try expect(UInt8(ascii: "}"), "',' or '}'")
      return .object(object)
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONError) -> JSON {
    position += 1
    try store(2)
    var elements: [JSON] = []
    skipSpace()
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      try store(1)
      elements.append(try parseValue(depth: depth + 1))
      skipSpace()
      if position < bytes.endIndex, bytes[position] == UInt8(ascii: ",") {
        position += 1
        continue
      }
      try expect(UInt8(ascii: "]"), "',' or ']'")
      return .array(elements)
    }
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
    guard position < bytes.endIndex, bytes[position] == byte else {
      throw failure("expected \(what), found \(found)")
    }
    position += 1
  }

  private mutating func parseNumber() throws(JSONError) -> JSON {
    let start = position
    var isInteger = true
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let integerStart = position
    try skipDigits()
    if position - integerStart > 1, bytes[integerStart] == UInt8(ascii: "0") {
      throw failure("a number must not start with 0", at: start)
    }
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try skipDigits()
    }
    if position < bytes.endIndex, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.endIndex,
        [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position])
      {
        position += 1
      }
      try skipDigits()
    }
    if isInteger, let value = integer(start..<position) { return .integer(value) }
    // An integer beyond Int is a number like any other; JSON sets no bounds.
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text) else { throw failure("'\(text)' is not a number", at: start) }
    return .number(value)
  }

  /// The integer that digits are, behind a minus sign perhaps; `nil` beyond `Int`.
  private func integer(_ place: Range<Int>) -> Int? {
    let isNegative = bytes[place.lowerBound] == UInt8(ascii: "-")
    var value = 0
    for byte in bytes[place].dropFirst(isNegative ? 1 : 0) {
      let digit = Int(byte - UInt8(ascii: "0"))
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) =
        isNegative
        ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !overflows, !overflowsToo else { return nil }
      value = sum
    }
    return value
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = position
    while position < bytes.endIndex,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      position += 1
    }
    guard position > start else { throw failure("expected a digit, found \(found)") }
  }

  private mutating func parseString() throws(JSONError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    var runStart = position
    while true {
      guard position < bytes.endIndex else { throw failure("the string never ends", at: start) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let run = bytes[runStart..<position]
        position += 1
        // Most texts hold nothing that is escaped, and need no second place.
        let text =
          content.isEmpty
          ? String(validating: run, as: UTF8.self)
          : String(validating: content + run, as: UTF8.self)
        guard let text else {
          throw failure("the string is not valid UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"):
        content.append(contentsOf: bytes[runStart..<position])
        position += 1
        try parseEscape(into: &content)
        runStart = position
      case 0..<0x20:
        throw failure("a control character inside a string must be escaped")
      default:
        position += 1
      }
    }
  }

  private mutating func parseEscape(into content: inout [UInt8]) throws(JSONError) {
    guard position < bytes.endIndex else { throw failure("the string never ends") }
    let escape = bytes[position]
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(escape)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = try parseHexadecimal()
      if (0xD800..<0xDC00).contains(scalar) {
        guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
          throw failure("half of a surrogate pair")
        }
        position += 2
        let low = try parseHexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let unicode = Unicode.Scalar(scalar) else { throw failure("half of a surrogate pair") }
      content.append(contentsOf: Array(String(Character(unicode)).utf8))
    default:
      position -= 1
      throw failure("unknown escape \\\(found)")
    }
  }

  private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.endIndex,
      bytes[position..<position + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits") }
    position += 4
    return value
  }
}
