/// Finds the tags of a Mustache template and the lines they stand on.
///
/// swift-mustache renders an unknown name as nothing and exposes no syntax tree, so checking a
/// template needs a scanner of our own. It knows the part of Mustache that reports use: variables,
/// sections, inverted sections, comments, the content type and transforms such as `last()`. Partials,
/// inheritance and other delimiters are refused, since what they bring in could not be checked.
struct TemplateScanner {
  /// A tag as it stands in a template.
  struct Found: Equatable {
    enum Kind { case variable, section, inverted, end }
    let kind: Kind
    /// May be dotted; empty for transforms of the position in a list.
    let name: String
    /// From the outermost to the innermost.
    let transforms: [String]
    /// 1-based.
    let line: Int

    /// The tag's text between the sigil and the closing delimiter.
    var spelling: String {
      transforms.reversed().reduce(name) { "\($1)(\($0))" }
    }
  }

  let file: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(_ text: String, file: String) {
    (bytes, self.file) = (Array(text.utf8), file)
  }

  /// All tags but comments and the content type, in order.
  static func scan(_ text: String, file: String) throws(TemplateError) -> [Found] {
    var scanner = TemplateScanner(text, file: file)
    var result: [Found] = []
    while scanner.moveToTag() {
      if let found = try scanner.readTag() { result.append(found) }
    }
    return result
  }

  /// Moves behind the next `{{`.
  ///
  /// - Returns: whether there is one.
  private mutating func moveToTag() -> Bool {
    while position + 1 < bytes.count {
      if bytes[position] == UInt8(ascii: "{"), bytes[position + 1] == UInt8(ascii: "{") {
        position += 2
        return true
      }
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    return false
  }

  private mutating func readTag() throws(TemplateError) -> Found? {
    let start = line
    let sigil = position < bytes.count ? bytes[position] : 0
    let isTriple = sigil == UInt8(ascii: "{")
    let content = try readContent(until: isTriple ? "}}}" : "}}")
    let body = String(content.dropFirst())
    switch sigil {
    case UInt8(ascii: "!"): return nil
    case UInt8(ascii: "#"): return try found(.section, body, start)
    case UInt8(ascii: "^"): return try found(.inverted, body, start)
    case UInt8(ascii: "/"): return try found(.end, body, start)
    case UInt8(ascii: "{"), UInt8(ascii: "&"): return try found(.variable, body, start)
    case UInt8(ascii: "%"):
      guard body.filter({ $0 != " " }) == "CONTENT_TYPE:TEXT" else {
        throw .syntax("the only setting is {{% CONTENT_TYPE: TEXT}}", file: file, line: start)
      }
      return nil
    case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "$"), UInt8(ascii: "="):
      throw .syntax(
        "{{\(content)}}: partials, blocks and other delimiters are not supported", file: file,
        line: start)
    default: return try found(.variable, content, start)
    }
  }

  private mutating func readContent(until delimiter: String) throws(TemplateError) -> String {
    let start = (position: position, line: line)
    while position < bytes.count {
      if bytes[position...].starts(with: delimiter.utf8) {
        let content = bytes[start.position..<position]
        position += delimiter.utf8.count
        return String(decoding: content, as: UTF8.self)
      }
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    throw .syntax("a tag begins here and never ends", file: file, line: start.line)
  }

  /// Takes `last()`, `count(results)` and the like apart.
  private func found(
    _ kind: Found.Kind, _ body: String, _ line: Int
  ) throws(TemplateError) -> Found {
    var parts = body.split(separator: "(", omittingEmptySubsequences: false).map {
      String($0).trimmed
    }
    var name = parts.removeLast()
    let closing = name.reversed().prefix { $0 == ")" }.count
    name.removeLast(closing)
    let isName = name.utf8.allSatisfy { isNameByte($0) } && !(name.isEmpty && parts.isEmpty)
    guard closing == parts.count, isName, parts.allSatisfy({ $0.utf8.allSatisfy(isNameByte) })
    else {
      throw .syntax("'\(body.trimmed)' cannot be a tag's name", file: file, line: line)
    }
    return Found(kind: kind, name: name, transforms: parts, line: line)
  }

  /// What swift-mustache allows in names.
  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension String {
  /// Without white space at either end.
  fileprivate var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}
