/// What drawing a figure again says of a drawing that was found.
public enum DrawingComparison: Equatable, Sendable {
  /// Pixel by pixel, or letter by letter, what is drawn here.
  case same
  /// The same marks and words, set in fonts that are other than those here; untouched since.
  case otherFonts
  /// Anything else; the reason completes the sentence that begins with the name of the file.
  case differs(reason: String)
}

extension Figure {
  /// Draws the figure again and compares it with a PNG file.
  ///
  /// Files that differ in their compression alone are the same. Where fonts differ, so do pixels; then what
  /// the file says of itself counts, as long as it is as it was written.
  ///
  /// - Parameter bytes: of the file.
  /// - Returns: whether it shows this figure.
  /// - Throws: `ChartError` if the figure cannot be drawn.
  public func compare(png bytes: [UInt8]) throws(ChartError) -> DrawingComparison {
    guard let chunks = PNGChunks(bytes) else { return .differs(reason: "is not a whole PNG file.") }
    let record = chunks.text(DrawingRecord.keyword).flatMap { DrawingRecord($0) }
    let expected = try self.bytes(
      .png, theme: .named(record?.theme ?? .light), dotsPerInch: record?.dotsPerInch ?? 300)
    if expected == bytes { return .same }
    if let found = chunks.text("Title"), found != title {
      return .differs(reason: "is the figure '\(found)', not '\(title)'.")
    }
    guard let own = PNGChunks(expected), let now = own.text(DrawingRecord.keyword) else {
      return .differs(reason: "cannot be compared.")
    }
    let pixels = Self.compare(bytes, chunks.size, expected, own.size)
    if pixels == .same { return .same }
    guard let record else {
      return .differs(
        reason:
          "is not what the logs give, or was written by another program: \(Self.words(pixels)).")
    }
    return compare(record, chunks.isAsSealed, now) {
      "was changed after it was drawn: \(Self.words(pixels))."
    }
  }

  /// Draws the figure again and compares it with an element of an HTML page.
  ///
  /// - Parameters:
  ///   - element: from `<svg` to `</svg>` and the line feed after it.
  ///   - id: the figure's in that page.
  /// - Returns: whether it shows this figure.
  public func compare(inlineSVG element: String, id: String) -> DrawingComparison {
    let expected = inlineSVG(id: id)
    if expected.utf8.elementsEqual(element.utf8) { return .same }
    guard let now = SealedSVG(expected) else { return .differs(reason: "cannot be compared.") }
    let lines = [expected, element].map { $0.split(separator: "\n").map(String.init) }
    // The first line holds the hashes, which are compared by themselves.
    let place = zip(lines[0], lines[1]).enumerated().dropFirst().first {
      $0.element.0 != $0.element.1
    }
    let change =
      place.map { "expected \(Self.excerpt($0.element.0)), found \(Self.excerpt($0.element.1))" }
      ?? "it has \(lines[1].count) elements instead of \(lines[0].count), or other attributes"
    guard let found = SealedSVG(element) else {
      return .differs(reason: "is not what the logs give: \(change).")
    }
    return compare(found.record, found.isAsSealed, now.record.text) {
      "was changed after it was drawn: \(change)."
    }
  }

  /// - Parameters:
  ///   - found: what a drawing that is other than expected says of itself.
  ///   - isAsSealed: whether it was left as it was.
  ///   - expected: the record of the drawing that was expected.
  ///   - change: what to say of a drawing of this figure that was changed.
  /// - Returns: whether they differ in their fonts alone.
  private func compare(
    _ found: DrawingRecord, _ isAsSealed: Bool, _ expected: String, change: () -> String
  ) -> DrawingComparison {
    guard let expected = DrawingRecord(expected) else { return .differs(reason: change()) }
    if found.content != expected.content {
      return .differs(reason: "was drawn from other data than the logs hold now.")
    }
    return isAsSealed && found.letters != expected.letters
      ? .otherFonts : .differs(reason: change())
  }

  // MARK: Pixels

  private enum PixelComparison: Equatable {
    case same, unreadable
    case size(found: [Int], expected: [Int])
    case pixels(count: Int, all: Int, column: Int, row: Int)
  }

  private static func compare(
    _ found: [UInt8], _ size: (width: Int, height: Int), _ expected: [UInt8],
    _ expectedSize: (width: Int, height: Int)
  ) -> PixelComparison {
    // Nothing is decoded that claims to be larger than it may be.
    guard size == expectedSize else {
      return .size(
        found: [size.width, size.height], expected: [expectedSize.width, expectedSize.height])
    }
    guard let a = Pixels(png: found), let b = Pixels(png: expected) else { return .unreadable }
    guard let difference = a.difference(from: b) else { return .same }
    return .pixels(
      count: difference.count, all: size.width * size.height, column: difference.column,
      row: difference.row)
  }

  private static func words(_ comparison: PixelComparison) -> String {
    switch comparison {
    case .same: "its pixels are the same"
    case .unreadable: "its pixels cannot be read"
    case .size(let found, let expected):
      "it is \(found[0]) × \(found[1]) pixels, expected \(expected[0]) × \(expected[1])"
    case .pixels(let count, let all, let column, let row):
      "\(count) of \(all) pixels differ, the first in column \(column), row \(row)"
    }
  }

  private static func excerpt(_ text: String) -> String {
    let shown = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
    return "'\(String(String.UnicodeScalarView(shown.prefix(160))))\(shown.count > 160 ? "…" : "")'"
  }
}
