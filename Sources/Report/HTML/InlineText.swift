/// A line of Markdown taken apart: emphasis, code, links, images, escapes and entities.
struct InlineText {
  indirect enum Piece: Equatable {
    case text(String)
    case lineBreak
    case strong([Piece])
    case emphasis([Piece])
    case code(String)
    case link([Piece], target: String)
    case image(alternativeText: String, file: String)
  }
  let pieces: [Piece]

  init(_ line: String) {
    var parser = Parser(scalars: Array(line.unicodeScalars))
    pieces = parser.pieces(until: nil)
  }

  /// The words without their form.
  var plain: String { Self.plain(pieces) }

  private static func plain(_ pieces: [Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text), .code(let text): text
      case .lineBreak: " "
      case .strong(let inner), .emphasis(let inner), .link(let inner, _): plain(inner)
      case .image(let alternativeText, _): alternativeText
      }
    }.joined()
  }

  private struct Parser {
    let scalars: [Unicode.Scalar]
    var position = 0
    /// Where a mark opens nothing, whatever is around it; without it, many unclosed marks would be
    /// tried in every combination.
    private var opensNothing: Set<Int> = []
    private var depth = 0
    private static let greatestDepth = 16

    init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// Reads up to a closing mark, or to the end.
    mutating func pieces(until closing: String?) -> [Piece] {
      var result: [Piece] = []
      var text = String.UnicodeScalarView()
      func flush() {
        if !text.isEmpty { result.append(.text(String(text))) }
        text = .init()
      }
      while position < scalars.count {
        if let closing, closes(closing) { break }
        if scalars[position] == "\n" {
          flush()
          result.append(.lineBreak)
          position += 1
        } else if let piece = special() {
          flush()
          result.append(piece)
        } else if let scalar = escaped() ?? entity() {
          text.append(scalar)
        } else {
          text.append(scalars[position])
          position += 1
        }
      }
      flush()
      return result
    }

    private func starts(with text: String, at offset: Int = 0) -> Bool {
      scalars.dropFirst(position + offset).starts(with: text.unicodeScalars)
    }

    /// Whether a mark that was opened ends here: not after a space, where it is a sign of its own, and
    /// not where a stronger one begins.
    private func closes(_ mark: String) -> Bool {
      guard starts(with: mark) else { return false }
      if mark == "]" { return true }
      if mark.hasPrefix("_"), position + mark.unicodeScalars.count < scalars.count,
        isWord(scalars[position + mark.unicodeScalars.count])
      {
        return false
      }
      return scalars[position - 1] != " "
        && (mark.count == 2 || !starts(with: mark == "*" ? "**" : "__"))
    }

    /// A piece that begins here, if one does and is closed.
    private mutating func special() -> Piece? {
      let start = position
      if opensNothing.contains(start) || depth == Self.greatestDepth { return nil }
      depth += 1
      defer { depth -= 1 }
      switch scalars[position] {
      case "*":
        let mark = starts(with: "**") ? "**" : "*"
        if let inner = enclosed(by: mark, closing: mark), !inner.isEmpty {
          return mark == "**" ? .strong(inner) : .emphasis(inner)
        }
      // Inside a word it is part of the word.
      case "_" where position == 0 || !isWord(scalars[position - 1]):
        let mark = starts(with: "__") ? "__" : "_"
        if let inner = enclosed(by: mark, closing: mark), !inner.isEmpty,
          position == scalars.count || !isWord(scalars[position])
        {
          return mark == "__" ? .strong(inner) : .emphasis(inner)
        }
      case "`": if let code = code() { return .code(code) }
      case "[":
        if let inner = enclosed(by: "[", closing: "]"), let target = target() {
          return .link(inner, target: target)
        }
      case "!" where starts(with: "[", at: 1):
        position += 1
        if let inner = enclosed(by: "[", closing: "]"), let target = target() {
          return .image(alternativeText: InlineText.plain(inner), file: target)
        }
      default: break
      }
      position = start
      opensNothing.insert(start)
      return nil
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Code between as many marks on either side.
    private mutating func code() -> String? {
      let length = scalars[position...].prefix { $0 == "`" }.count
      // The marks before this one have been tried already.
      guard position == 0 || scalars[position - 1] != "`" else { return nil }
      var end = position + length
      while end < scalars.count {
        guard scalars[end] == "`" else {
          end += 1
          continue
        }
        let closing = scalars[end...].prefix { $0 == "`" }.count
        if closing == length {
          var code = scalars[(position + length)..<end]
          if code.count > 2, code.first == " ", code.last == " ",
            code.contains(where: { $0 != " " })
          {
            code = code.dropFirst().dropLast()
          }
          position = end + length
          return String(String.UnicodeScalarView(code))
        }
        end += closing
      }
      return nil
    }

    private mutating func enclosed(by opening: String, closing: String) -> [Piece]? {
      position += opening.unicodeScalars.count
      // A mark before a space is a sign of its own.
      guard position < scalars.count, opening == "[" || scalars[position] != " " else { return nil }
      let inner = pieces(until: closing)
      guard closes(closing) else { return nil }
      position += closing.unicodeScalars.count
      return inner
    }

    /// `(target)` after the words of a link.
    private mutating func target() -> String? {
      guard starts(with: "("), let end = scalars[position...].firstIndex(of: ")") else {
        return nil
      }
      let text = String(String.UnicodeScalarView(scalars[(position + 1)..<end]))
      position = end + 1
      return text.contains(" ") ? nil : text
    }

    private mutating func escaped() -> Unicode.Scalar? {
      guard scalars[position] == "\\", position + 1 < scalars.count,
        isPunctuation(scalars[position + 1])
      else { return nil }
      position += 2
      return scalars[position - 1]
    }

    /// ASCII punctuation, which is what CommonMark lets a backslash escape.
    private func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar {
      case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
      default: false
      }
    }

    private mutating func entity() -> Unicode.Scalar? {
      for (name, scalar) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\"")]
        as [(String, Unicode.Scalar)]
      where starts(with: name) {
        position += name.unicodeScalars.count
        return scalar
      }
      return nil
    }
  }
}
