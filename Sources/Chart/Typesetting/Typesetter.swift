internal import CCairo
internal import CPango

/// Sets paragraphs in lines by Pango: breaks between words, joined letters, scripts from the right, and other
/// fonts for letters that the typeface lacks.
///
/// Not to be shared between threads: it owns a Pango context.
final class Typesetter {
  /// The typeface of text; fontconfig substitutes where it is not installed.
  static let family = "Noto Sans"
  static let codeFamily = "DejaVu Sans Mono"

  private let surface: OpaquePointer
  private let canvas: OpaquePointer
  private let context: OpaquePointer

  init() {
    surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
    canvas = cairo_create(surface)
    context = TextShaper.makeContext(on: canvas)
  }

  deinit {
    g_object_unref(UnsafeMutableRawPointer(context))
    cairo_destroy(canvas)
    cairo_surface_destroy(surface)
  }

  /// Breaks a text into lines.
  ///
  /// - Parameters:
  ///   - text: anything.
  ///   - style: what its runs do not say.
  ///   - width: that no line exceeds, in points; one line per paragraph if `nil`.
  ///   - isRight: whether lines end, rather than begin, at the edge.
  /// - Returns: the lines, at least one.
  func set(
    _ text: RichText, _ style: TypeStyle, width: Double? = nil, isRight: Bool = false
  ) -> SetText {
    let language = TextShaper.language(of: text.plain)
    if pango_context_get_language(context) != pango_language_from_string(language) {
      pango_context_set_language(context, pango_language_from_string(language))
    }
    return SetText(text, style, width: width, isRight: isRight, context)
  }

  /// How wide a text is in one line, in points.
  func width(_ text: RichText, _ style: TypeStyle) -> Double {
    set(text, style).lines.map(\.width).max() ?? 0
  }

  /// How wide the widest word is, in points.
  func widestWord(_ text: RichText, _ style: TypeStyle) -> Double {
    text.words.map { width($0, style) }.max() ?? 0
  }
}
