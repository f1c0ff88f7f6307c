internal import CCairo

extension PrintedDocument {
  /// Draws the document as a PDF file's bytes: text as text, figures as vectors, fonts embedded, with links, an
  /// outline and a tagged structure.
  ///
  /// - Returns: the same bytes whenever it is drawn on one installation.
  /// - Throws: `ChartError` if cairo refuses.
  package func pdf() throws(ChartError) -> [UInt8] {
    let sink = ByteSink()
    let surface: OpaquePointer = cairo_pdf_surface_create_for_stream(
      { context, bytes, count in
        guard let context, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
          .append(UnsafeBufferPointer(start: bytes, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(sink).toOpaque(), paper.size.width, paper.size.height)
    // Cairo would write the present time, and the same document would give other bytes every second.
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_KEYWORDS,
      PrintedRecord(content: contentHash, letters: lettersHash).text)
    let names = destinations
    let canvas = try Canvas(surface, title: title, fontFamily: Theme.light.fontFamily)
    for index in pages.indices {
      canvas.use { context in mark(index, names, context) }
      draw(index, on: canvas, structure: PDFStructure())
      canvas.use { context in
        link(index, names, context)
        cairo_show_page(context)
      }
    }
    outline(surface)
    // The callback writes into `sink` until the surface is finished.
    try canvas.finish()
    let bytes = withExtendedLifetime(sink) { sink.bytes }
    return PDFUpdate.settingLanguage("en", of: bytes) ?? bytes
  }

  /// Draws a page.
  ///
  /// - Parameters:
  ///   - index: of the page.
  ///   - canvas: to draw on.
  ///   - structure: where elements are marked; `nil` for a canvas that has none.
  func draw(_ index: Int, on canvas: borrowing Canvas, structure: consuming PDFStructure?) {
    for item in pages[index].items {
      canvas.use { context in structure?.enter(item.structure, on: context) }
      let frame = item.frame
      switch item.content {
      case .line(let text, let line):
        canvas.use { context in
          text.draw(
            line: line, from: Point(frame.minX, frame.minY + text.lines[line].baseline),
            on: context)
        }
      case .figure(let page): canvas.draw(page, at: Point(frame.minX, frame.minY))
      case .area(let color): canvas.draw(.rectangle(frame, color))
      }
    }
    canvas.use { context in structure?.enter([], on: context) }
  }

  // MARK: Destinations

  /// Cairo's names for places; those of the document may hold any letter.
  private var destinations: [String: String] {
    var names: [String: String] = [:]
    for place in pages.flatMap(\.places) where names[place.name] == nil {
      names[place.name] = "place-\(names.count)"
    }
    return names
  }

  private static func entryName(_ page: Int, _ index: Int) -> String { "heading-\(page)-\(index)" }

  /// Marks where links and the outline lead; the first place of a name counts.
  private func mark(_ index: Int, _ names: [String: String], _ context: OpaquePointer) {
    let earlier = Set(pages[..<index].flatMap(\.places).map(\.name))
    var done: Set<String> = []
    for place in pages[index].places
    where !earlier.contains(place.name) && done.insert(place.name).inserted {
      guard let name = names[place.name] else { continue }
      Self.mark(name, y: place.y, context)
    }
    for (number, entry) in pages[index].entries.enumerated() {
      Self.mark(Self.entryName(index, number), y: entry.y, context)
    }
  }

  private static func mark(_ name: String, y: Double, _ context: OpaquePointer) {
    cairo_tag_begin(context, "cairo.dest", "name='\(name)' x=0 y=\(max(0, y - 6)) internal")
    cairo_tag_end(context, "cairo.dest")
  }

  private func link(_ index: Int, _ names: [String: String], _ context: OpaquePointer) {
    for item in pages[index].items {
      guard case .line(let text, let line) = item.content else { continue }
      for area in text.lines[line].links {
        let target: String
        switch area.link {
        case .address(let address): target = "uri='\(Self.quoted(address))'"
        case .place(let name):
          guard let name = names[name] else { continue }
          target = "dest='\(name)'"
        }
        let frame = item.frame
        cairo_tag_begin(
          context, "Link",
          "rect=[\(frame.minX + area.x) \(frame.minY) \(area.width) \(frame.height)] \(target)")
        cairo_tag_end(context, "Link")
      }
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

  private func outline(_ surface: OpaquePointer) {
    var parents: [(level: Int, id: Int32)] = []
    for (page, content) in pages.enumerated() {
      for (number, (entry, _)) in content.entries.enumerated() {
        parents.removeAll { $0.level >= entry.level }
        let id = cairo_pdf_surface_add_outline(
          surface, parents.last?.id ?? CAIRO_PDF_OUTLINE_ROOT, entry.text,
          "dest='\(Self.entryName(page, number))'",
          entry.level < 2 ? CAIRO_PDF_OUTLINE_FLAG_OPEN : cairo_pdf_outline_flags_t(0))
        parents.append((entry.level, id))
      }
    }
  }
}

/// The elements that are open while a page is drawn.
struct PDFStructure {
  private var open: [Slab.Element] = []

  /// Closes and opens elements until `path` is open.
  mutating func enter(_ path: [Slab.Element], on context: OpaquePointer) {
    let common = zip(open, path).prefix { $0 == $1 }.count
    while open.count > common { cairo_tag_end(context, open.removeLast().tag) }
    for element in path.dropFirst(common) {
      cairo_tag_begin(context, element.tag, nil)
      open.append(element)
    }
  }
}
