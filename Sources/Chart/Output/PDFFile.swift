internal import CCairo

/// A PDF file that cairo writes into memory: the same bytes whenever the same is drawn.
struct PDFFile {
  /// What is drawn on; a canvas owns it.
  let surface: OpaquePointer
  private let sink: ByteSink

  /// - Parameters:
  ///   - size: of its pages, in points.
  ///   - title: in its metadata.
  init(size: Size, title: String) {
    let sink = ByteSink()
    surface = cairo_pdf_surface_create_for_stream(
      { context, bytes, count in
        guard let context, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
          .append(UnsafeBufferPointer(start: bytes, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
    self.sink = sink
    // Cairo would write the present time, and the same file would have other bytes every second.
    describe(CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    describe(CAIRO_PDF_METADATA_TITLE, title)
  }

  /// Adds to the metadata.
  func describe(_ entry: cairo_pdf_metadata_t, _ text: String) {
    cairo_pdf_surface_set_metadata(surface, entry, text)
  }

  /// Finishes what a canvas drew.
  ///
  /// - Returns: the file's bytes.
  /// - Throws: `ChartError` if cairo refused something.
  func finish(_ canvas: borrowing Canvas) throws(ChartError) -> [UInt8] {
    // The callback writes into `sink` until the surface is finished.
    try canvas.finish()
    return withExtendedLifetime(sink) { sink.bytes }
  }
}
