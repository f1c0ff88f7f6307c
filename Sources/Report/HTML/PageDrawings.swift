/// A page of HTML taken apart into its drawings and the rest.
struct PageDrawings {
  /// An `<svg>` element.
  struct Element: Equatable {
    /// From `<svg` to `</svg>`.
    let text: String
    /// The line on which it begins, from 1.
    let line: Int
  }
  /// In the order of the page.
  private(set) var elements: [Element] = []
  /// The page with every element empty.
  let rest: String

  init(_ html: String) {
    let (opening, closing) = (Array("<svg".utf8), Array("</svg>".utf8))
    let bytes = Array(html.utf8)
    var rest: [UInt8] = []
    var (position, line) = (0, 1)
    while position < bytes.count {
      if bytes[position] == opening[0], bytes[position...].starts(with: opening),
        let end = Self.end(of: closing, in: bytes, from: position)
      {
        let element = bytes[position..<end]
        elements.append(Element(text: String(decoding: element, as: UTF8.self), line: line))
        line += element.count { $0 == 0x0A }
        rest += opening + [UInt8(ascii: ">")] + closing
        position = end
      } else {
        if bytes[position] == 0x0A { line += 1 }
        rest.append(bytes[position])
        position += 1
      }
    }
    self.rest = String(decoding: rest, as: UTF8.self)
  }

  private static func end(of mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var position = start
    while position + mark.count <= bytes.count {
      if bytes[position] == mark[0], bytes[position...].starts(with: mark) {
        return position + mark.count
      }
      position += 1
    }
    return nil
  }
}
