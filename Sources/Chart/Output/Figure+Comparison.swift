/// What drawing a figure again says of a drawing that was found.
public enum DrawingComparison: Equatable, Sendable {
  /// Pixel by pixel, or letter by letter, what is drawn here, and so are its words for those who cannot see it.
  case same
  /// Set in fonts other than those here, so that pixels cannot be compared. By what it says of itself it shows the same
  /// marks and words and is untouched since; whoever forges a figure can have it say so.
  case otherFonts
  /// Anything else; the reason completes the sentence that begins with the name of the file.
  case differs(reason: String)
}

extension Figure {
  /// Draws the figure again and compares it with a PNG file.
  ///
  /// Files that differ in their compression alone are the same. Where fonts differ, so do pixels; then nothing but
  /// what the file says of itself can be compared.
  ///
  /// - Parameter bytes: of the file.
  /// - Returns: whether it shows this figure.
  /// - Throws: `ChartError` if the figure cannot be drawn.
  public func compare(png bytes: [UInt8]) throws(ChartError) -> DrawingComparison {
    guard let chunks = PNGChunks(bytes) else { return .differs(reason: "is not a whole PNG file.") }
    let record = chunks.text(DrawingRecord.keyword).flatMap { DrawingRecord($0) }
    let expected = try file(.png, record?.style ?? FigureStyle()).bytes
    if expected == bytes { return .same }
    if let found = chunks.text("Title"), found != title {
      return .differs(reason: "is the figure '\(found)', not '\(title)'.")
    }
    guard let own = PNGChunks(expected), let now = own.text(DrawingRecord.keyword) else {
      return .differs(reason: "cannot be compared.")
    }
    let pixels = Self.compare(bytes, chunks.size, expected, own.size)
    if pixels == .same {
      let change = record == nil ? Self.change(words: chunks, own) : Self.change(chunks, own)
      return change.map { .differs(reason: "was changed after it was drawn: \($0).") } ?? .same
    }
    guard let record else {
      return .differs(
        reason:
          "is not what the logs give, or was written by another program: \(Self.words(pixels)).")
    }
    let comparison = compare(record, chunks.isAsSealed, now) {
      "was changed after it was drawn: \(Self.words(pixels))."
    }
    // Words do not depend on fonts.
    if comparison == .otherFonts, let change = Self.change(words: chunks, own) {
      return .differs(reason: "was changed after it was drawn: \(change).")
    }
    return comparison
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

  // MARK: Words

  /// What else than pixels was changed in a file of ours; `nil` for nothing.
  private static func change(_ found: PNGChunks, _ expected: PNGChunks) -> String? {
    if let words = change(words: found, expected) { return words }
    let (extras, own) = (found.extras, expected.extras)
    if let added = extras.first(where: { !own.contains($0) }) {
      return "its \(added.name) is not what it was drawn with, though its pixels are the same"
    }
    if let lost = own.first(where: { !extras.contains($0) }) {
      return "its \(lost.name) is missing, though its pixels are the same"
    }
    return found.isAsSealed && extras == own
      ? nil : "its bytes are not those that it was sealed with, though its pixels are the same"
  }

  /// Which words for those who cannot see the figure were changed. A file that another program packed again may
  /// lack them.
  private static func change(words found: PNGChunks, _ expected: PNGChunks) -> String? {
    for keyword in ["Title", "Description", "Source"] {
      guard let text = found.text(keyword), text != expected.text(keyword) else { continue }
      let own = expected.text(keyword).map { "expected \(excerpt($0))" } ?? "expected none"
      return "its text '\(keyword)': \(own), found \(excerpt(text))"
    }
    return nil
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
