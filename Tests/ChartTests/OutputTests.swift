import Foundation
import Storage
import Testing
import TestSupport

@testable import Chart

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct OutputTests {
  private func chunks(_ png: [UInt8]) -> [(name: String, data: [UInt8])] {
    var (result, at): ([(String, [UInt8])], Int) = ([], 8)
    while at + 12 <= png.count {
      let length = png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: png[at + 4..<at + 8], as: UTF8.self)
      result.append((name, Array(png[at + 8..<at + 8 + length])))
      at += 12 + length
    }
    return result
  }

  private func integer(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  @Test func pngHasSizeResolutionAndWords() throws {
    let bytes = try sampleFigure(seed: 1).bytes(.png, dotsPerInch: 150)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    let chunks = chunks(bytes)
    let header = try #require(chunks.first { $0.name == "IHDR" }).data
    #expect(integer(header[0..<4]) == 2400 && integer(header[4..<8]) == 1500)
    let resolution = try #require(chunks.first { $0.name == "pHYs" }).data
    #expect(integer(resolution[0..<4]) == 5906 && resolution[8] == 1)
    let title = try #require(chunks.first { $0.name == "tEXt" }).data
    #expect(String(decoding: title, as: UTF8.self) == "Title\0A figure of everything")
    let description = try #require(chunks.first { $0.name == "iTXt" }).data
    #expect(String(decoding: description, as: UTF8.self).hasSuffix("“everything”."))
    #expect(chunks.last?.name == "IEND")
  }

  /// Charts have few colours and get a palette; a page of very many keeps all of them.
  @Test func paletteOnlyWhereItSuffices() throws {
    func colorType(_ shapes: [Shape]) throws -> UInt8 {
      var page = sampleFigure(seed: 5).page(measuring: FixedTextMeasurer())
      page.shapes += shapes
      return try #require(try chunks(page.png(dotsPerInch: 72)).first { $0.name == "IHDR" }).data[9]
    }
    #expect(try colorType([]) == 3)
    let patches = (0..<512).map { index -> Shape in
      let color = Color(
        red: Double(index % 8) / 7, green: Double(index / 8 % 8) / 7,
        blue: Double(index / 64) / 7)
      return .rectangle(
        Rect(x: Double(index % 32) * 8, y: Double(index / 32) * 8, width: 8, height: 8), color)
    }
    #expect(try colorType(patches) == 2)
  }

  /// A page drawn in bands of a few rows is the page drawn at once, up to the last bit of what cairo
  /// makes of an edge that it cuts off where the surface ends.
  @Test(arguments: [1, 2])
  func bandsLeaveNoSeam(_ seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let page = sampleFigure(seed: seed).page(measuring: CairoTextMeasurer(family: "DejaVu Sans"))
    func picture(bandBytes: Int) throws -> Picture {
      let path = "\(folder.path)/\(bandBytes).png"
      try AtomicFile.write(page.png(dotsPerInch: 60, bandBytes: bandBytes), to: path)
      return try #require(Picture(path: path))
    }
    let whole = try picture(bandBytes: 1 << 30)
    for bandBytes in [4 * 960 * 53, 4 * 960 * 7] {
      let bands = try picture(bandBytes: bandBytes)
      let largest = zip(bands.bytes, whole.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
      #expect(largest <= 1)
    }
  }

  /// Dashes of our own are as long as they should be, go round corners and begin where the line does.
  @Test func dashesFollowTheirLine() {
    let line = [Point(0, 0), Point(5, 0), Point(5, 5), Point(25, 5)]
    let stroke = Stroke(Color(0), width: 1, dash: [4, 2])
    #expect(
      stroke.dashes(along: line) == [
        [Point(0, 0), Point(4, 0)], [Point(5, 1), Point(5, 5)], [Point(7, 5), Point(11, 5)],
        [Point(13, 5), Point(17, 5)], [Point(19, 5), Point(23, 5)],
      ])
    #expect(
      Stroke(Color(0), width: 1, dash: [8, 3]).dashes(along: line).first
        == [Point(0, 0), Point(5, 0), Point(5, 3)])
    // An odd pattern swaps dashes and gaps.
    #expect(
      Stroke(Color(0), width: 1, dash: [3]).dashes(along: [Point(0, 0), Point(10, 0)])
        == [[Point(0, 0), Point(3, 0)], [Point(6, 0), Point(9, 0)]])
    #expect(Stroke(Color(0), width: 1).dashes(along: line) == [line])
    #expect(Stroke(Color(0), width: 1, dash: [0, 0]).dashes(along: line) == [line])
  }

  @Test func resolutionIs300DotsAnInchByDefault() throws {
    let figure = Figure(size: Size(width: 72, height: 36), title: "t", panels: [])
    let resolution = try #require(try chunks(figure.bytes(.png)).first { $0.name == "pHYs" }).data
    #expect(integer(resolution[0..<4]) == 11811 && integer(resolution[4..<8]) == 11811)
  }

  @Test(arguments: FigureFormat.allCases)
  func sameFigureSameBytes(_ format: FigureFormat) throws {
    let figure = sampleFigure(seed: 2)
    #expect(
      try figure.bytes(format, dotsPerInch: 72) == figure.bytes(format, dotsPerInch: 72))
  }

  @Test func svgIsWellFormedWithTextAsText() throws {
    let figure = sampleFigure(seed: 3)
    let page = figure.page(measuring: CairoTextMeasurer(family: "DejaVu Sans"))
    let svg = page.svg()
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.texts["title"] == [page.title])
    #expect(reader.texts["desc"] == [page.alternativeText])
    #expect(reader.texts["text"] == page.texts.map(\.string))
  }

  /// What a page with several figures relies on: ids that differ, colours by class in both themes.
  @Test func inlineSVGFollowsTheReadersSetting() throws {
    let figure = sampleFigure(seed: 3)
    let measurer = CairoTextMeasurer(family: "DejaVu Sans")
    let (light, dark) = (
      figure.page(theme: .light, measuring: measurer),
      figure.page(theme: .dark, measuring: measurer)
    )
    for (a, b) in zip(light.shapes, dark.shapes) {
      #expect(a.withoutColors == b.withoutColors, "the themes differ in colours alone")
    }
    #expect(light.shapes.count == dark.shapes.count)

    let svg = figure.inlineSVG(id: "1st figure")
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.texts["text"] == light.texts.map(\.string))
    #expect(
      reader.ids == [
        "figure-1st-figure", "figure-1st-figure-title", "figure-1st-figure-description",
      ])
    #expect(svg.hasPrefix("<svg ") && svg.contains(#"width="100%" viewBox="0 0 1152 720""#))
    #expect(
      !svg.contains(##"fill="#"##) && !svg.contains(##"stroke="#"##), "colours by class alone")

    let style = try #require(reader.texts["style"]?.first)
    let parts = style.components(separatedBy: "@media screen and (prefers-color-scheme:dark){")
    #expect(parts.count == 2)
    // Every colour of either theme is in its part, and every rule is this figure's own.
    for (part, page) in zip(parts, [light, dark]) {
      for color in page.shapes.flatMap(\.colors) { #expect(part.contains(color.hexadecimal)) }
    }
    for rule in style.components(separatedBy: "}") where rule.contains("{") {
      #expect(rule.components(separatedBy: "){").last?.hasPrefix("#figure-1st-figure") == true)
    }
    for name in reader.classes { #expect(style.contains("#figure-1st-figure .\(name){")) }
  }

  @Test func pdfHasTheFixedDateAndNoTime() throws {
    let bytes = try sampleFigure(seed: 4).bytes(.pdf)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasPrefix("%PDF-"))
    #expect(text.contains("/CreationDate (20000101000000Z"))
  }

  @Test func filesAppearWholeUnderTheirName() throws {
    let folder = try TemporaryFolder()
    let figure = Figure(size: Size(width: 72, height: 36), title: "t", panels: [])
    try figure.write(to: "\(folder.path)/a.svg", format: .svg)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.svg"])
    #expect(throws: (any Error).self) {
      try figure.write(to: "\(folder.path)/missing/a.svg", format: .svg)
    }
  }

  @Test func aPageBeyondCairosLimitIsAnError() {
    let figure = Figure(size: .inches(1000, 1000), title: "vast", panels: [])
    #expect(throws: ChartError.self) { try figure.bytes(.png) }
  }

  @Test func measuredTextIsAsWideAsDrawn() {
    let measurer = CairoTextMeasurer(family: "DejaVu Sans")
    let one = measurer.measure("W", Font(size: 15)).width
    let ten = measurer.measure("WWWWWWWWWW", Font(size: 15)).width
    #expect(abs(ten - 10 * one) < 0.01)
    let twice = measurer.measure("W", Font(size: 30)).width
    #expect(abs(twice - 2 * one) < 0.01, "no hinting: widths scale")
  }
}

/// Collects the text of elements by name.
private final class SVGReader: NSObject, XMLParserDelegate {
  var texts: [String: [String]] = [:]
  var ids: [String] = []
  var classes: Set<String> = []
  private var text = ""

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    text = ""
    if let id = attributes["id"] { ids.append(id) }
    classes.formUnion(
      (attributes["class"] ?? "").components(separatedBy: " ").filter { !$0.isEmpty })
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    texts[name, default: []].append(text)
  }
}

@Suite struct LongRunTests {
  /// Ten thousand noisy points leave few vertices, among them the outermost; cairo takes twenty
  /// seconds for a dozen such curves otherwise.
  @Test func denseLinesAreThinnedToWhatIsSeen() throws {
    var random = SplitMix64(seed: 8)
    let points = (0..<10_000).map { step in
      Point(Double(step + 1), Double.random(in: 0...3, using: &random))
    }
    let plane = Plane(
      x: LinearScale(1...10_000), y: LinearScale(0...3),
      frame: Rect(x: 0, y: 0, width: 600, height: 300), theme: .light)
    let shapes = Line(points, ink: .series(1)).shapes(on: plane)
    guard case .line(let drawn, _)? = shapes.first else {
      Issue.record("no line")
      return
    }
    #expect(shapes.count == 1 && drawn.count < 2000)
    let placed = points.map { plane($0) }
    #expect(drawn.first == placed.first && drawn.last == placed.last)
    #expect(drawn.map(\.y).min() == placed.map(\.y).min())
    #expect(drawn.map(\.y).max() == placed.map(\.y).max())
    #expect(Set(drawn).isSubset(of: Set(placed)), "every vertex is a point of the data")
  }
}

extension Shape {
  /// The shape in black, opaque, for comparing places.
  var withoutColors: Shape {
    let black = Color(0)
    switch self {
    case .line(let points, var stroke):
      stroke.color = black
      return .line(points, stroke)
    case .area(let points, _): return .area(points, black)
    case .rectangle(let rect, _): return .rectangle(rect, black)
    case .marker(var marker):
      (marker.color, marker.background) = (black, black)
      return .marker(marker)
    case .text(var text):
      text.color = black
      return .text(text)
    }
  }
}
