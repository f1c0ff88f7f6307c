internal import CCairo
internal import CPango

/// A text in lines, ready to be drawn; the sole owner of a Pango layout.
final class SetText {
  /// A line and where it lies.
  struct Line {
    /// What is written in it.
    let text: String
    /// From the left edge of the text.
    let x: Double
    let width: Double
    let height: Double
    /// Below the line's upper edge.
    let baseline: Double
    let links: [LinkArea]
  }

  /// Part of a line that can be clicked.
  struct LinkArea {
    let x: Double
    let width: Double
    let link: RichText.Link
  }

  private(set) var lines: [Line] = []
  /// Whether no installed font has some of its letters.
  var lacksGlyphs: Bool { pango_layout_get_unknown_glyphs_count(layout) > 0 }
  private let layout: OpaquePointer
  private let color: Color

  init(
    _ text: RichText, _ style: TypeStyle, width: Double?, isRight: Bool, _ context: OpaquePointer
  ) {
    layout = pango_layout_new(context)
    color = style.color
    // A sentence from the right is set so as a whole; elsewhere such words are parts of a line from the left, as
    // everywhere in a report.
    let isFromRight = text.plain.isFromRight
    pango_layout_set_auto_dir(layout, isFromRight ? 1 : 0)
    pango_layout_set_alignment(
      layout, isRight ? Int32(pango_align_right) : Int32(pango_align_left))
    pango_layout_set_wrap(layout, Int32(pango_wrap_word_char))
    if let width { pango_layout_set_width(layout, Self.units(width)) }
    let description: OpaquePointer = pango_font_description_new()
    pango_font_description_set_family(description, Typesetter.family)
    pango_font_description_set_absolute_size(description, style.size * Double(pango_scale))
    pango_layout_set_font_description(layout, description)
    pango_font_description_free(description)

    let attributes: OpaquePointer = pango_attr_list_new()
    var bytes: [UInt8] = []
    var links: [(range: Range<Int>, link: RichText.Link)] = []
    for run in text.runs {
      let start = bytes.count
      let words = run.text.withoutControls
      bytes += (isFromRight ? words : words.leftToRight).utf8
      let range = start..<bytes.count
      Self.add(run, style, at: range, to: attributes)
      if let link = run.link { links.append((range, link)) }
    }
    // Letters in a narrow column are broken as they come; a hyphen would be one more letter.
    Self.insert(pango_attr_insert_hyphens_new(0), 0..<bytes.count, attributes)
    pango_layout_set_attributes(layout, attributes)
    pango_attr_list_unref(attributes)
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) {
        if let start = $0.baseAddress {
          pango_layout_set_text(layout, start, Int32(clamping: $0.count))
        }
      }
    }
    measure(bytes, links, style)
  }

  deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

  var height: Double { lines.reduce(0) { $0 + $1.height } }

  /// Draws a line whose text begins at the left edge `start`, on its baseline.
  func draw(line index: Int, from start: Point, on canvas: OpaquePointer) {
    cairo_set_source_rgba(canvas, color.red, color.green, color.blue, color.alpha)
    cairo_move_to(canvas, start.x + lines[index].x, start.y)
    pango_cairo_show_layout_line(
      canvas, pango_layout_get_line_readonly(layout, Int32(clamping: index)))
    cairo_new_path(canvas)
  }

  private func measure(
    _ bytes: [UInt8], _ links: [(range: Range<Int>, link: RichText.Link)], _ style: TypeStyle
  ) {
    let iterator: OpaquePointer = pango_layout_get_iter(layout)
    defer { pango_layout_iter_free(iterator) }
    repeat {
      guard let line = pango_layout_get_line_readonly(layout, Int32(clamping: lines.count)) else {
        return
      }
      var (ink, logical) = (PangoRectangle(), PangoRectangle())
      pango_layout_iter_get_line_extents(iterator, &ink, &logical)
      let start = Int(line.pointee.start_index)
      let range = start..<start + Int(line.pointee.length)
      let areas = links.flatMap { link in
        Self.areas(of: link.range.clamped(to: range), in: line).map {
          LinkArea(x: $0.x, width: $0.width, link: link.link)
        }
      }
      // What a line is higher than the style asks for is taken off, most of it above, where accents leave room that
      // descenders do not leave below; but nothing of its letters.
      let excess = max(0, Self.points(logical.height) - style.lineSpacing * style.size)
      let above = min(excess * 0.75, max(0, Self.points(ink.y - logical.y)))
      let below = min(
        excess * 0.25,
        max(0, Self.points(logical.y + logical.height - ink.y - ink.height)))
      lines.append(
        Line(
          text: String(decoding: bytes[range], as: UTF8.self), x: Self.points(logical.x),
          width: Self.points(logical.width),
          height: Self.points(logical.height) - above - below,
          baseline: Self.points(pango_layout_iter_get_baseline(iterator) - logical.y) - above,
          links: areas))
    } while pango_layout_iter_next_line(iterator) != 0
  }

  private static func areas(
    of range: Range<Int>, in line: UnsafeMutablePointer<PangoLayoutLine>
  ) -> [(x: Double, width: Double)] {
    guard !range.isEmpty else { return [] }
    var ranges: UnsafeMutablePointer<Int32>?
    var count: Int32 = 0
    pango_layout_line_get_x_ranges(
      line, Int32(clamping: range.lowerBound), Int32(clamping: range.upperBound), &ranges, &count)
    defer { g_free(ranges) }
    guard let ranges else { return [] }
    return (0..<Int(count)).map {
      (points(ranges[2 * $0]), points(ranges[2 * $0 + 1] - ranges[2 * $0]))
    }
  }

  private static func add(
    _ run: RichText.Run, _ style: TypeStyle, at range: Range<Int>, to list: OpaquePointer
  ) {
    if style.isBold || run.style.contains(.bold) {
      insert(pango_attr_weight_new(Int32(pango_weight_bold)), range, list)
    }
    if run.style.contains(.italic) {
      insert(pango_attr_style_new(Int32(pango_style_italic)), range, list)
    }
    if run.style.contains(.code) {
      insert(pango_attr_family_new(Typesetter.codeFamily), range, list)
      // Its letters are larger than those of the typeface of text.
      insert(pango_attr_scale_new(0.9), range, list)
    }
    if run.link != nil {
      func channel(_ value: Double) -> UInt16 { UInt16((value * 65535).rounded()) }
      let color = TypeStyle.linkColor
      insert(
        pango_attr_foreground_new(channel(color.red), channel(color.green), channel(color.blue)),
        range, list)
    }
  }

  private static func insert(
    _ attribute: UnsafeMutablePointer<PangoAttribute>?, _ range: Range<Int>, _ list: OpaquePointer
  ) {
    guard let attribute else { return }
    attribute.pointee.start_index = UInt32(clamping: range.lowerBound)
    attribute.pointee.end_index = UInt32(clamping: range.upperBound)
    pango_attr_list_insert(list, attribute)
  }

  private static func points(_ units: Int32) -> Double {
    Double(units) / Double(pango_scale)
  }
  private static func units(_ points: Double) -> Int32 {
    Int32(clamping: Int((points * Double(pango_scale)).rounded(.down)))
  }
}

extension String {
  /// Without control characters, which no font draws, but for line feeds.
  fileprivate var withoutControls: String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars
    where scalar == "\n" || scalar.properties.generalCategory != .control {
      result.append(scalar)
    }
    return String(result)
  }
}
