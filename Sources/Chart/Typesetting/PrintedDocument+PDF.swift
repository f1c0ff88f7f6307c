internal import CCairo

extension PrintedDocument {
  /// Draws the document as a PDF file's bytes: text as text, figures as vectors, fonts embedded, with links, an
  /// outline and a tagged structure.
  ///
  /// - Returns: the same bytes whenever it is drawn on one installation.
  /// - Throws: `ChartError` if cairo refuses.
  package func pdf() throws(ChartError) -> [UInt8] {
    let file = PDFFile(size: paper.size, title: title)
    file.describe(
      CAIRO_PDF_METADATA_KEYWORDS,
      PrintedRecord(content: contentHash, letters: lettersHash).text)
    let names = destinations
    let canvas = try Canvas(file.surface, title: title, fontFamily: Theme.light.fontFamily)
    for index in pages.indices {
      canvas.use { context in mark(index, names, context) }
      draw(index, on: canvas, marks: PDFMarks(destinations: names))
      canvas.use { context in cairo_show_page(context) }
    }
    outline(file.surface)
    let bytes = try file.finish(canvas)
    return PDFUpdate.completing(bytes, language: "en", alternativeTexts: alternativeTexts) ?? bytes
  }

  /// Draws a page.
  ///
  /// - Parameters:
  ///   - index: of the page.
  ///   - canvas: to draw on.
  ///   - marks: what is marked while it is drawn; `nil` for a canvas that has no marks.
  func draw(_ index: Int, on canvas: borrowing Canvas, marks: consuming PDFMarks?) {
    // Lines between rows belong to no element.
    for item in pages[index].items {
      if case .area(let color) = item.content { canvas.draw(.rectangle(item.frame, color)) }
    }
    for item in pages[index].items {
      let frame = item.frame
      switch item.content {
      case .line(let text, let line):
        canvas.use { context in
          marks?.enter(item.structure, on: context)
          text.draw(
            line: line, from: Point(frame.minX, frame.minY + text.lines[line].baseline),
            on: context)
        }
      case .figure(let page):
        canvas.use { context in marks?.enter(item.structure, on: context) }
        canvas.draw(page, at: Point(frame.minX, frame.minY))
      case .area: break
      }
    }
    canvas.use { context in
      marks?.enter([], on: context)
      // Not in the elements: those with others in them lose their own words in cairo 1.16.
      for item in pages[index].items {
        guard case .line(let text, let line) = item.content else { continue }
        marks?.link(text.lines[line], in: item.frame, on: context)
      }
    }
  }

  /// Of the figures, in their order.
  private var alternativeTexts: [String] {
    pages.flatMap(\.items).compactMap { item in
      if case .figure(let page) = item.content { page.alternativeText } else { nil }
    }
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
