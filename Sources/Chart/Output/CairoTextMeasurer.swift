internal import CCairo

/// Text measured by the library that draws it.
///
/// Not to be shared between threads: it owns a Pango layout, which serves one at a time.
public final class CairoTextMeasurer: TextMeasuring {
  private struct Key: Hashable {
    var string: String
    var font: Font
  }

  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let shaper: TextShaper
  private var known: [Key: (extent: TextExtent, unknown: Int)] = [:]
  private var fonts: [Font: TextExtent] = [:]

  /// - Parameter family: the typeface's name; fontconfig substitutes what is not installed.
  public init(family: String) {
    surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
    context = cairo_create(surface)
    shaper = TextShaper(family: family, on: context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  public func measure(_ string: String, _ font: Font) -> TextExtent {
    find(string, font).extent
  }

  public func hasAllGlyphs(_ string: String, _ font: Font) -> Bool {
    find(string, font).unknown == 0
  }

  private func find(_ string: String, _ font: Font) -> (extent: TextExtent, unknown: Int) {
    let key = Key(string: string, font: font)
    if let found = known[key] { return found }
    var extent = fontExtent(font)
    let measure = shaper.measure(string, font)
    extent.width = measure.width
    known[key] = (extent, measure.unknown)
    return (extent, measure.unknown)
  }

  private func fontExtent(_ font: Font) -> TextExtent {
    if let extent = fonts[font] { return extent }
    let extent = shaper.fontExtent(font)
    fonts[font] = extent
    return extent
  }
}
