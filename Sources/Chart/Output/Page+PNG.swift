internal import CCairo
internal import CPNG

extension Page {
  /// Draws the page as a PNG file's bytes.
  ///
  /// - Parameter dotsPerInch: also written into the file, in dots a metre (chunk pHYs).
  /// - Returns: the file's bytes.
  /// - Throws: `ChartError` if cairo or libpng refuse, for want of memory or for a size beyond their
  ///   limits.
  public func png(dotsPerInch: Double = 300) throws(ChartError) -> [UInt8] {
    try png(dotsPerInch: dotsPerInch, bandBytes: 1 << 21)
  }

  /// Draws the page from the top in bands that fit the processor's cache, each packed before the next
  /// is drawn in its place: a page of 300 dots an inch has 35 MB of pixels, and fetching that much
  /// memory from the system takes longer than drawing on it.
  ///
  /// - Parameters:
  ///   - dotsPerInch: as above.
  ///   - bandBytes: how much memory a band may take; it has at least one row.
  /// - Returns: the file's bytes, whatever the bands.
  /// - Throws: `ChartError` as above.
  func png(dotsPerInch: Double, bandBytes: Int) throws(ChartError) -> [UInt8] {
    let scale = dotsPerInch / 72
    let width = Int32(clamping: Int((size.width * scale).rounded()))
    let height = Int32(clamping: Int((size.height * scale).rounded()))
    let bandHeight = Int32(clamping: max(1, min(Int(height), bandBytes / (4 * max(1, Int(width))))))
    guard let rows = png_rows_create(UInt32(width)) else { throw outOfMemory }
    defer { png_rows_free(rows) }
    let canvas = try Canvas(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, bandHeight), for: self,
      pixelsPerPoint: scale)
    let reaches = shapes.map(\.verticalReach)
    for top in stride(from: 0, to: height, by: Int(bandHeight)) {
      let count = min(bandHeight, height - top)
      canvas.move(toRow: Double(top))
      // The last row and column may be pixels that the page covers only in part.
      canvas.paint(background)
      let band = (top: Double(top) / scale, bottom: Double(top + count) / scale)
      for (shape, reach) in zip(shapes, reaches)
      where reach.top <= band.bottom && band.top <= reach.bottom {
        canvas.draw(shape)
      }
      let status = try canvas.read { surface in
        png_rows_add(
          rows, cairo_image_surface_get_data(surface),
          Int(cairo_image_surface_get_stride(surface)), UInt32(count))
      }
      guard status == 0 else { throw outOfMemory }
    }
    return try encode(rows, dotsPerInch: dotsPerInch)
  }

  private var outOfMemory: ChartError { .png(page: title, reason: "out of memory") }

  /// The file of a drawn page.
  private func encode(_ rows: OpaquePointer, dotsPerInch: Double) throws(ChartError) -> [UInt8] {
    var entries = [("Title", title)]
    if !alternativeText.isEmpty { entries.append(("Description", alternativeText)) }
    entries += metadata.map { ($0.keyword, $0.text) }
    // Every word is kept as a C string for the length of the call.
    let words = entries.flatMap { [Self.cString($0.0), Self.cString($0.1)] }
    defer { for word in words { word.deallocate() } }
    let keywords = stride(from: 0, to: words.count, by: 2)
      .map { UnsafePointer<CChar>?(words[$0]) }
    let texts = stride(from: 1, to: words.count, by: 2)
      .map { UnsafePointer<CChar>?(words[$0]) }
    let sink = ByteSink()
    var message = [CChar](repeating: 0, count: 256)
    let status = keywords.withUnsafeBufferPointer { keywords in
      texts.withUnsafeBufferPointer { texts in
        var settings = png_settings(
          pixels_per_metre: UInt32((dotsPerInch / 0.0254).rounded()), compression_level: 3,
          color_tolerance: 20, keywords: keywords.baseAddress, texts: texts.baseAddress,
          text_count: entries.count)
        return png_rows_write(
          rows, &settings,
          { context, bytes, count in
            guard let context, let bytes else { return 0 }
            Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
              .append(UnsafeBufferPointer(start: bytes, count: count))
            return 1
          }, Unmanaged.passUnretained(sink).toOpaque(), &message, message.count)
      }
    }
    guard status == 0 else {
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .png(page: title, reason: String(decoding: text, as: UTF8.self))
    }
    return sink.bytes
  }

  private static func cString(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      copy.initialize(from: start, count: source.count)
    }
    return copy
  }
}

/// Where C libraries leave a file's bytes.
final class ByteSink {
  private(set) var bytes: [UInt8] = []

  func append(_ more: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: more) }
}
