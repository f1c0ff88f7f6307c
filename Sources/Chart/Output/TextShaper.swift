internal import CCairo
internal import CPango

/// One line of text at a time, shaped by Pango: ligatures, joined letters, right-to-left scripts, and
/// other fonts for letters that the theme's typeface lacks.
///
/// Owns a layout; not to be shared between threads. The font map behind it is the thread's own, so
/// fonts found for one figure serve the next.
final class TextShaper {
  private let context: OpaquePointer
  private let layout: OpaquePointer
  private let family: String
  private var descriptions: [Font: OpaquePointer] = [:]
  private var font: Font?

  /// - Parameters:
  ///   - family: the typeface's name; fontconfig substitutes what is not installed.
  ///   - canvas: the cairo context that text will be measured for or drawn on.
  init(family: String, on canvas: OpaquePointer) {
    context = Self.makeContext(on: canvas)
    layout = pango_layout_new(context)
    pango_layout_set_single_paragraph_mode(layout, 1)
    // A page reads from left to right, whatever the first word's script.
    pango_layout_set_auto_dir(layout, 0)
    self.family = family
  }

  /// A context of Pango's in which lines are as long on every device; whoever asks for it releases it.
  static func makeContext(on canvas: OpaquePointer) -> OpaquePointer {
    let context: OpaquePointer = pango_cairo_create_context(canvas)
    // Hinting would make text as wide as the resolution has it.
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    pango_cairo_context_set_font_options(context, options)
    cairo_font_options_destroy(options)
    pango_context_set_round_glyph_positions(context, 0)
    return context
  }

  deinit {
    for description in descriptions.values { pango_font_description_free(description) }
    g_object_unref(UnsafeMutableRawPointer(layout))
    g_object_unref(UnsafeMutableRawPointer(context))
  }

  /// The width of a line in points, and how many of its letters no installed font has.
  func measure(_ string: String, _ font: Font) -> (width: Double, unknown: Int) {
    set(string, font)
    var logical = PangoRectangle()
    pango_layout_get_extents(layout, nil, &logical)
    return (points(logical.width), Int(pango_layout_get_unknown_glyphs_count(layout)))
  }

  /// What the typeface itself takes up, whatever is written in it.
  func fontExtent(_ font: Font) -> TextExtent {
    set("H", font)
    var (ink, logical) = (PangoRectangle(), PangoRectangle())
    pango_layout_get_extents(layout, &ink, &logical)
    let baseline = pango_layout_get_baseline(layout)
    return TextExtent(
      width: 0, ascent: points(baseline - logical.y),
      descent: points(logical.y + logical.height - baseline),
      capitalHeight: points(baseline - ink.y))
  }

  /// Draws a line whose left end on the baseline is `start`, in the canvas' present colour.
  func draw(_ string: String, _ font: Font, from start: Point, on canvas: OpaquePointer) {
    set(string, font)
    cairo_move_to(canvas, start.x, start.y - points(pango_layout_get_baseline(layout)))
    pango_cairo_show_layout(canvas, layout)
    cairo_new_path(canvas)
  }

  private func set(_ string: String, _ font: Font) {
    if font != self.font {
      pango_layout_set_font_description(layout, description(font))
      self.font = font
    }
    let language = Self.language(of: string)
    if pango_context_get_language(context) != pango_language_from_string(language) {
      pango_context_set_language(context, pango_language_from_string(language))
      pango_layout_context_changed(layout)
    }
    pango_layout_set_text(layout, string.leftToRight, -1)
  }

  private func description(_ font: Font) -> OpaquePointer {
    if let description = descriptions[font] { return description }
    let description: OpaquePointer = pango_font_description_new()
    pango_font_description_set_family(description, family)
    pango_font_description_set_weight(
      description, font.weight == .bold ? Int32(pango_weight_bold) : Int32(pango_weight_normal))
    pango_font_description_set_absolute_size(description, font.size * Double(pango_scale))
    descriptions[font] = description
    return description
  }

  private func points(_ units: Int32) -> Double { Double(units) / Double(pango_scale) }

  /// The language whose forms of shared characters are wanted: Chinese and Japanese write many of
  /// them differently. Never the locale's, so that a figure is the same everywhere.
  static func language(of string: String) -> String {
    var language = "en"
    for scalar in string.unicodeScalars {
      switch scalar.value {
      case 0x3040...0x30FF: return "ja"
      case 0xAC00...0xD7A3, 0x1100...0x11FF: return "ko"
      case 0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: language = "zh-cn"
      default: break
      }
    }
    return language
  }
}
