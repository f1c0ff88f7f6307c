internal import CCairo

extension PrintedDocument {
  /// Draws a page as a PNG file's bytes, to look at it without a viewer of PDF.
  ///
  /// - Parameters:
  ///   - index: of the page, from 0.
  ///   - dotsPerInch: pixels per inch of paper.
  /// - Returns: the file's bytes.
  /// - Throws: `ChartError` if cairo refuses.
  func png(page index: Int, dotsPerInch: Double) throws(ChartError) -> [UInt8] {
    let scale = dotsPerInch / 72
    let canvas = try Canvas(
      cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(clamping: Int((paper.size.width * scale).rounded())),
        Int32(clamping: Int((paper.size.height * scale).rounded()))), title: title,
      fontFamily: Theme.light.fontFamily, pixelsPerPoint: scale)
    canvas.paint(Color(0xFFFFFF))
    draw(index, on: canvas, marks: nil)
    let sink = ByteSink()
    let status = try canvas.read { surface in
      cairo_surface_write_to_png_stream(
        surface,
        { context, bytes, count in
          guard let context, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
          Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
            .append(UnsafeBufferPointer(start: bytes, count: Int(count)))
          return CAIRO_STATUS_SUCCESS
        }, Unmanaged.passUnretained(sink).toOpaque())
    }
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .png(page: title, reason: String(cString: cairo_status_to_string(status)))
    }
    return sink.bytes
  }
}
