internal import CCairo
internal import CPango
internal import Storage

/// How an installation draws letters: which fonts it has, in which versions, and what draws them.
///
/// Names of fonts would not do: fontconfig substitutes, and two versions of one font differ. So the letters
/// are drawn, and what was drawn is hashed.
enum LetterForms {
  private static let size = 24.0
  private static let (width, height): (Int32, Int32) = (1536, 40)
  private static let lettersPerLine = 64

  /// SHA-256 of the letters of a page as they look here.
  static func hash(of page: Page) -> String {
    var letters: [Font.Weight: Set<Unicode.Scalar>] = [:]
    for text in page.texts {
      letters[text.font.weight, default: []].formUnion(text.string.unicodeScalars)
    }
    return hash(of: letters, family: page.fontFamily)
  }

  /// SHA-256 of letters in both weights as they look here.
  static func hash(of letters: Set<Unicode.Scalar>, family: String) -> String {
    hash(of: [.regular: letters, .bold: letters], family: family)
  }

  private static func hash(
    of letters: [Font.Weight: Set<Unicode.Scalar>], family: String
  ) -> String {
    let weights: [Font.Weight] = [.regular, .bold]
    var hash = SHA256()
    hash.update(Array("cairo \(cairo_version()) pango \(pango_version())\n".utf8))
    for weight in weights {
      var rest = (letters[weight] ?? []).sorted { $0.value < $1.value }[...]
      while !rest.isEmpty {
        var line = String.UnicodeScalarView()
        line.append(contentsOf: rest.prefix(lettersPerLine))
        rest = rest.dropFirst(lettersPerLine)
        add(String(line), Font(size: size, weight: weight), family, to: &hash)
      }
    }
    return hash.finish()
  }

  private static func add(
    _ line: String, _ font: Font, _ family: String, to hash: inout SHA256
  ) {
    let surface: OpaquePointer = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height)
    let context: OpaquePointer = cairo_create(surface)
    defer {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
    }
    let shaper = TextShaper(family: family, on: context)
    let measure = shaper.measure(line, font)
    hash.update(Array("\(measure.width) \(line)\n".utf8))
    shaper.draw(line, font, from: Point(4, 28), on: context)
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else { return }
    hash.update(
      UnsafeRawBufferPointer(
        start: data, count: Int(cairo_image_surface_get_stride(surface)) * Int(height)))
  }
}
