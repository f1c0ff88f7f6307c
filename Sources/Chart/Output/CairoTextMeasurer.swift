internal import CCairo

/// Text measured by the library that draws it.
///
/// Not to be shared between threads: a cairo context serves one at a time.
public final class CairoTextMeasurer: TextMeasuring {
  private struct Key: Hashable {
    var string: String
    var font: Font
  }

  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let family: String
  private var known: [Key: TextExtent] = [:]
  private var fonts: [Font: TextExtent] = [:]

  /// - Parameter family: the typeface's name; fontconfig substitutes what is not installed.
  public init(family: String) {
    surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
    context = cairo_create(surface)
    self.family = family
    Self.prepare(context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  public func measure(_ string: String, _ font: Font) -> TextExtent {
    let key = Key(string: string, font: font)
    if let extent = known[key] { return extent }
    Self.select(font, family: family, on: context)
    var extent = fontExtent(font)
    var found = cairo_text_extents_t()
    cairo_text_extents(context, string, &found)
    extent.width = found.x_advance
    known[key] = extent
    return extent
  }

  private func fontExtent(_ font: Font) -> TextExtent {
    if let extent = fonts[font] { return extent }
    var whole = cairo_font_extents_t()
    cairo_font_extents(context, &whole)
    var capital = cairo_text_extents_t()
    cairo_text_extents(context, "H", &capital)
    let extent = TextExtent(
      width: 0, ascent: whole.ascent, descent: whole.descent, capitalHeight: capital.height)
    fonts[font] = extent
    return extent
  }

  /// Turns hinting off, so that text is as wide at every resolution and in every format.
  static func prepare(_ context: OpaquePointer) {
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  static func select(_ font: Font, family: String, on context: OpaquePointer) {
    cairo_select_font_face(
      context, family, CAIRO_FONT_SLANT_NORMAL,
      font.weight == .bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, font.size)
  }
}
