internal import CCairo

/// What is marked in a PDF while a page is drawn: elements of the structure, and links.
struct PDFMarks {
  /// Cairo's names for the places of the document.
  let destinations: [String: String]
  private var open: [Slab.Element] = []

  init(destinations: [String: String]) { self.destinations = destinations }

  /// Closes and opens elements until `path` is open.
  mutating func enter(_ path: [Slab.Element], on context: OpaquePointer) {
    let common = zip(open, path).prefix { $0 == $1 }.count
    while open.count > common { cairo_tag_end(context, open.removeLast().tag) }
    for element in path.dropFirst(common) {
      cairo_tag_begin(context, element.tag, nil)
      open.append(element)
    }
  }

  /// Marks the links of a line that stands in `frame`; those that lead nowhere are left out.
  func link(_ line: SetText.Line, in frame: Rect, on context: OpaquePointer) {
    for area in line.links {
      let target: String
      switch area.link {
      case .address(let address): target = "uri='\(Self.quoted(address))'"
      case .place(let name):
        guard let name = destinations[name] else { continue }
        target = "dest='\(name)'"
      }
      cairo_tag_begin(
        context, "Link",
        "rect=[\(frame.minX + area.x) \(frame.minY) \(area.width) \(frame.height)] \(target)")
      cairo_tag_end(context, "Link")
    }
  }

  /// An address as it stands between quotes in cairo's attributes and in a PDF, whose addresses are ASCII.
  private static func quoted(_ address: String) -> String {
    address.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "("), UInt8(ascii: ")"), 0...0x20,
        0x7F...0xFF:
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      default: String(UnicodeScalar(byte))
      }
    }.joined()
  }
}
