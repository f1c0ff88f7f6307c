import Chart
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Titles and descriptions come from names in logs, so they may hold anything.
@Suite struct HostileTextTests {
  static let texts = [
    #"</title><script>alert(1)</script><title>"#, #"" onload="alert(1)"#, "]]><!-- --> <?xml?>",
    "&amp;lt;&#0;", "a\u{0}b\u{1}c\u{FFFE}d\u{7F}", "line\nbreak\r\ttab",
    "\u{202E}reversed\u{2066}", "IHDR\u{0}IDAT", String(repeating: "long ", count: 2000),
  ]

  private func figure(_ text: String) -> Figure {
    var figure = Figure(
      size: Size(width: 300, height: 200), title: text,
      panels: [
        Panel(
          title: text, x: Axis(text), y: Axis("y"),
          marks: [Line([Point(0, 0), Point(1, 1)], ink: .strong)])
      ])
    figure.alternativeText = text
    return figure
  }

  /// An SVG stays well-formed and has no elements and attributes but a figure's own.
  @Test(arguments: texts)
  func staysInsideSVG(_ text: String) {
    let page = figure(text).page(measuring: FixedTextMeasurer())
    let reader = ElementReader()
    let parser = XMLParser(data: Data(page.svg().utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(
      reader.names.isSubset(of: [
        "svg", "title", "desc", "rect", "path", "polyline", "polygon", "line", "circle", "text",
        "g", "clipPath", "defs",
      ]), "\(reader.names)")
    #expect(!reader.attributes.contains { $0.lowercased().hasPrefix("on") })
  }

  /// A PNG has the chunks that it should have, each whole, and the text in one of them.
  @Test(arguments: texts)
  func staysInsidePNG(_ text: String) throws {
    let bytes = try figure(text).bytes(.png, dotsPerInch: 72)
    var names: [String] = []
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      names.append(String(decoding: bytes[position + 4..<position + 8], as: UTF8.self))
      position += 12 + length
    }
    #expect(position == bytes.count)
    #expect(names.first == "IHDR" && names.last == "IEND")
    #expect(
      Set(names).isSubset(of: [
        "IHDR", "PLTE", "tRNS", "pHYs", "tEXt", "iTXt", "zTXt", "IDAT", "IEND", "sRGB", "gAMA",
        "cHRM",
      ]), "\(names)")
  }

  private final class ElementReader: NSObject, XMLParserDelegate {
    var names: Set<String> = []
    var attributes: Set<String> = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes found: [String: String] = [:]
    ) {
      names.insert(name)
      attributes.formUnion(found.keys)
    }
  }
}
