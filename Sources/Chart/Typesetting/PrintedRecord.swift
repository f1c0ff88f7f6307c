/// What a PDF file says of itself, so that it can be compared with another of what should be the same document.
struct PrintedRecord: Equatable {
  /// SHA-256 of what is shown; see `Manuscript.contentHash`.
  let content: String
  /// SHA-256 of how its letters look; see `PrintedDocument.lettersHash`.
  let letters: String

  /// As it stands among the keywords of the file.
  var text: String { "content=\(content) letters=\(letters)" }

  init(content: String, letters: String) { (self.content, self.letters) = (content, letters) }

  /// - Parameter bytes: of a PDF file; `nil` if it holds no such record.
  init?(_ bytes: [UInt8]) {
    func value(_ name: String) -> String? {
      guard let range = bytes.firstRange(of: Array("\(name)=".utf8)) else { return nil }
      let digits = bytes[range.upperBound...].prefix(64)
      let isHex = digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      return isHex && digits.count == 64 ? String(decoding: digits, as: UTF8.self) : nil
    }
    guard let content = value("content"), let letters = value("letters") else { return nil }
    self.init(content: content, letters: letters)
  }
}

extension PrintedDocument {
  /// Draws the document again and compares it with a PDF file.
  ///
  /// - Parameter bytes: of the file.
  /// - Returns: whether it shows this document; in other fonts, that can only be taken from what the file says of
  ///   itself.
  /// - Throws: `ChartError` if the document cannot be drawn.
  package func compare(pdf bytes: [UInt8]) throws(ChartError) -> DrawingComparison {
    if try pdf() == bytes { return .same }
    guard bytes.starts(with: Array("%PDF".utf8)) else { return .differs(reason: "is no PDF file.") }
    guard let record = PrintedRecord(bytes) else {
      return .differs(reason: "is not what the logs give, or was written by another program.")
    }
    guard record.content == contentHash else {
      return .differs(reason: "shows other words, numbers or figures than the logs give.")
    }
    return record.letters == lettersHash
      ? .differs(reason: "was changed after it was written: its bytes are others.") : .otherFonts
  }
}
