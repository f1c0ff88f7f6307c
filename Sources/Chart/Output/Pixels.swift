internal import CCairo
internal import Glibc

/// A PNG file's picture.
struct Pixels: ~Copyable {
  let width: Int
  let height: Int
  private let surface: OpaquePointer

  /// Decodes a file; `nil` for one that libpng refuses.
  ///
  /// - Parameter bytes: of a file; whoever calls has looked at its size.
  init?(png bytes: [UInt8]) {
    var rest = bytes[...]
    let surface: OpaquePointer = withUnsafeMutablePointer(to: &rest) { rest in
      cairo_image_surface_create_from_png_stream(
        { context, target, count in
          guard let context, let target else { return CAIRO_STATUS_READ_ERROR }
          let rest = context.assumingMemoryBound(to: ArraySlice<UInt8>.self)
          guard rest.pointee.count >= Int(count) else { return CAIRO_STATUS_READ_ERROR }
          rest.pointee.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            target.update(from: start, count: Int(count))
          }
          rest.pointee = rest.pointee.dropFirst(Int(count))
          return CAIRO_STATUS_SUCCESS
        }, rest)
    }
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
      cairo_surface_destroy(surface)
      return nil
    }
    self.surface = surface
    width = Int(cairo_image_surface_get_width(surface))
    height = Int(cairo_image_surface_get_height(surface))
  }

  deinit { cairo_surface_destroy(surface) }

  /// How many pixels differ, and where the first of them is.
  ///
  /// - Parameter other: of the same size.
  /// - Returns: `nil` if none differ; column and row are from 1.
  func difference(
    from other: borrowing Pixels
  ) -> (count: Int, column: Int, row: Int)? {
    precondition(width == other.width && height == other.height, "pictures of one size")
    guard let mine = cairo_image_surface_get_data(surface),
      let others = cairo_image_surface_get_data(other.surface)
    else { return nil }
    let (stride, otherStride) = (
      Int(cairo_image_surface_get_stride(surface)),
      Int(cairo_image_surface_get_stride(other.surface))
    )
    // A file with transparency has a byte more that counts.
    let hasAlpha = [surface, other.surface].contains {
      cairo_image_surface_get_format($0) == CAIRO_FORMAT_ARGB32
    }
    let mask: UInt32 = hasAlpha ? 0xFFFF_FFFF : 0x00FF_FFFF
    var (count, first) = (0, (column: 0, row: 0))
    for row in 0..<height {
      let a = UnsafeRawPointer(mine + row * stride)
      let b = UnsafeRawPointer(others + row * otherStride)
      if memcmp(a, b, 4 * width) == 0 { continue }
      let (left, right) = (
        UnsafeRawBufferPointer(start: a, count: 4 * width),
        UnsafeRawBufferPointer(start: b, count: 4 * width)
      )
      for column in 0..<width {
        let difference =
          left.loadUnaligned(fromByteOffset: 4 * column, as: UInt32.self)
          ^ right.loadUnaligned(fromByteOffset: 4 * column, as: UInt32.self)
        if difference & mask != 0 {
          if count == 0 { first = (column + 1, row + 1) }
          count += 1
        }
      }
    }
    return count == 0 ? nil : (count, first.column, first.row)
  }
}
