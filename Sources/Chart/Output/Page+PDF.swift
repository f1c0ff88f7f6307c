internal import CCairo

extension Page {
  /// Draws the page as a PDF file's bytes, text as text.
  ///
  /// - Throws: `ChartError` if cairo refuses.
  public func pdf() throws(ChartError) -> [UInt8] {
    let file = PDFFile(size: size, title: title)
    file.describe(CAIRO_PDF_METADATA_SUBJECT, alternativeText)
    let canvas = try Canvas(file.surface, for: self)
    for shape in shapes { canvas.draw(shape) }
    return try file.finish(canvas)
  }
}
