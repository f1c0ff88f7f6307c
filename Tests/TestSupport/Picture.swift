public import Testing

internal import CCairo
internal import Foundation

/// A PNG file's pixels, for comparing and for showing a difference.
public struct Picture: Equatable {
  public let width: Int
  public let height: Int
  /// Blue, green, red and one unused byte for each pixel, row by row.
  public private(set) var bytes: [UInt8]

  private init(width: Int, height: Int, bytes: [UInt8]) {
    (self.width, self.height, self.bytes) = (width, height, bytes)
  }

  /// Decodes a PNG file; `nil` if there is none at `path` or it cannot be read.
  public init?(path: String) {
    let surface: OpaquePointer = cairo_image_surface_create_from_png(path)
    defer { cairo_surface_destroy(surface) }
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
      let data = cairo_image_surface_get_data(surface)
    else { return nil }
    (width, height) = (
      Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface))
    )
    let stride = Int(cairo_image_surface_get_stride(surface))
    var bytes: [UInt8] = []
    for row in 0..<height {
      bytes += UnsafeBufferPointer(start: data + row * stride, count: 4 * width)
    }
    self.bytes = bytes
  }

  public func write(to path: String) {
    let surface: OpaquePointer = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    defer { cairo_surface_destroy(surface) }
    guard let data = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<height {
      for column in 0..<4 * width { data[row * stride + column] = bytes[row * 4 * width + column] }
    }
    cairo_surface_mark_dirty(surface)
    cairo_surface_write_to_png(surface, path)
  }

  /// The picture with left and right exchanged.
  public var mirrored: Picture {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(self.bytes.count)
    for row in 0..<height {
      for column in (0..<width).reversed() {
        let start = 4 * (row * width + column)
        bytes += self.bytes[start..<start + 4]
      }
    }
    return Picture(width: width, height: height, bytes: bytes)
  }

  /// How two pictures of one size differ.
  public struct Difference {
    /// The root of the mean square over all pixels and channels, 0 to 1.
    public var rms: Double
    /// The structural similarity of the tile that is least alike, −1 to 1.
    public var worstTile: Double
  }

  /// Compares pixels, and structure tile by tile: the mean square hardly sees a word that is gone
  /// from a large page, its tile does.
  ///
  /// The second is the index of Wang, Bovik, Sheikh and Simoncelli (2004) on grey levels over tiles
  /// of 16 × 16.
  public func difference(from other: Picture) -> Difference {
    precondition(width == other.width && height == other.height, "pictures of one size")
    var sum = 0.0
    for index in bytes.indices where index % 4 != 3 {
      let d = (Double(bytes[index]) - Double(other.bytes[index])) / 255
      sum += d * d
    }
    let (a, b) = (grey, other.grey)
    var worst = 1.0
    for top in stride(from: 0, to: height, by: 16) {
      for left in stride(from: 0, to: width, by: 16) {
        worst = min(worst, similarity(a, b, left: left, top: top))
      }
    }
    return Difference(rms: (sum / Double(3 * width * height)).squareRoot(), worstTile: worst)
  }

  private var grey: [Double] {
    stride(from: 0, to: bytes.count, by: 4).map { pixel -> Double in
      let blue = Double(bytes[pixel])
      let green = Double(bytes[pixel + 1])
      let red = Double(bytes[pixel + 2])
      return (0.114 * blue + 0.587 * green + 0.299 * red) / 255
    }
  }

  private func similarity(_ a: [Double], _ b: [Double], left: Int, top: Int) -> Double {
    var (n, sumA, sumB, sumAA, sumBB, sumAB) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for row in top..<min(top + 16, height) {
      for column in left..<min(left + 16, width) {
        let (x, y) = (a[row * width + column], b[row * width + column])
        n += 1
        (sumA, sumB) = (sumA + x, sumB + y)
        (sumAA, sumBB, sumAB) = (sumAA + x * x, sumBB + y * y, sumAB + x * y)
      }
    }
    let (meanA, meanB) = (sumA / n, sumB / n)
    let (varianceA, varianceB) = (sumAA / n - meanA * meanA, sumBB / n - meanB * meanB)
    let covariance = sumAB / n - meanA * meanB
    let (c1, c2) = (0.0001, 0.0009)
    let likeness: Double = (2 * meanA * meanB + c1) * (2 * covariance + c2)
    let levels: Double = meanA * meanA + meanB * meanB + c1
    return likeness / (levels * (varianceA + varianceB + c2))
  }

  /// This picture in pale grey with every pixel that differs in red.
  public func marking(differencesFrom other: Picture) -> Picture {
    var marked = self
    for pixel in stride(from: 0, to: bytes.count, by: 4) {
      let channels = pixel..<pixel + 3
      let most = channels.map { abs(Int(bytes[$0]) - Int(other.bytes[$0])) }.max() ?? 0
      let grey = UInt8(170 + channels.reduce(0) { $0 + Int(bytes[$1]) } / 9)
      let color: [UInt8] = most > 12 ? [0, 0, 220] : [grey, grey, grey]
      for (channel, value) in zip(channels, color) { marked.bytes[channel] = value }
    }
    return marked
  }
}

/// Expects a PNG file's picture to be the fixture's of that name, up to what another version of the
/// drawing library may change.
///
/// With `RECORD_SNAPSHOTS=1` the fixture is rewritten and the test fails. Otherwise a difference
/// leaves before, after and difference in a folder that the failure names.
///
/// - Parameters:
///   - png: the bytes of the file.
///   - name: the fixture, relative to Tests/Fixtures.
///   - sourceLocation: where the expectation stands.
/// - Throws: when a file cannot be written.
public func expectPicture(
  _ png: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let path = Fixture.path(name)
  if isRecordingSnapshots {
    try expectSnapshot(png, name, sourceLocation: sourceLocation)
    return
  }
  // Tests run side by side: no two may write one file.
  let file = name.replacingOccurrences(of: "/", with: "-")
  let folder =
    ProcessInfo.processInfo.environment["FIGURE_DIFFERENCES"]
    ?? NSTemporaryDirectory() + "figure-differences"
  try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: true, attributes: nil)
  let after = "\(folder)/after-\(file)"
  try Data(png).write(to: URL(fileURLWithPath: after))
  guard let found = Picture(path: after) else {
    Issue.record("\(after) is no PNG file", sourceLocation: sourceLocation)
    return
  }
  guard let expected = Picture(path: path) else {
    Issue.record(
      "there is no picture \(name); RECORD_SNAPSHOTS=1 makes it", sourceLocation: sourceLocation)
    return
  }
  if found == expected {
    try FileManager.default.removeItem(atPath: after)
    return
  }
  guard (found.width, found.height) == (expected.width, expected.height) else {
    expected.write(to: "\(folder)/before-\(file)")
    Issue.record(
      """
      \(name) is \(expected.width) × \(expected.height), found \(found.width) × \(found.height); \
      see before- and after-\(file) in \(folder)
      """, sourceLocation: sourceLocation)
    return
  }
  let difference = found.difference(from: expected)
  // Antialiasing moves single levels; a word or a line that is gone takes a tile far below.
  if difference.rms < 0.01, difference.worstTile > 0.8 {
    try FileManager.default.removeItem(atPath: after)
    return
  }
  expected.write(to: "\(folder)/before-\(file)")
  found.marking(differencesFrom: expected).write(to: "\(folder)/difference-\(file)")
  Issue.record(
    """
    \(name) differs: RMS \(difference.rms), least similar tile \(difference.worstTile). See \
    before-, after- and difference-\(file) in \(folder). RECORD_SNAPSHOTS=1 rewrites it.
    """, sourceLocation: sourceLocation)
}
