internal import CCairo

extension Page {
  /// Draws the page as a PDF file's bytes, text as text.
  ///
  /// - Throws: `ChartError` if cairo refuses.
  public func pdf() throws(ChartError) -> [UInt8] {
    let sink = ByteSink()
    let surface: OpaquePointer = cairo_pdf_surface_create_for_stream(
      { context, bytes, count in
        guard let context, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
          .append(UnsafeBufferPointer(start: bytes, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
    // Cairo would write the present time, and the same page would give other bytes every second.
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, alternativeText)
    let canvas = try Canvas(surface, for: self)
    for shape in shapes { canvas.draw(shape) }
    // The callback writes into `sink` until the surface is finished.
    try canvas.finish()
    return withExtendedLifetime(sink) { sink.bytes }
  }
}
