/// What cairo cannot write of a PDF file, added at its end as PDF lets any program do (ISO 32000-1, 7.5.6,
/// "Incremental updates"): the catalog once more, with the language of the document.
enum PDFUpdate {
  /// Adds the language, and that a viewer's window shall show the title.
  ///
  /// - Parameters:
  ///   - language: a tag of BCP 47, such as `en`.
  ///   - bytes: of a file that cairo wrote.
  /// - Returns: the longer file; `nil` for one that is not as cairo 1.16 writes it.
  static func settingLanguage(_ language: String, of bytes: [UInt8]) -> [UInt8]? {
    guard let trailerStart = last("trailer", in: bytes),
      let startStart = last("startxref", in: bytes), trailerStart < startStart
    else { return nil }
    let trailer = String(decoding: bytes[trailerStart..<startStart], as: UTF8.self)
    let tail = String(decoding: bytes[startStart...], as: UTF8.self)
    guard let root = number(after: "/Root ", in: trailer),
      let size = number(after: "/Size ", in: trailer),
      let info = number(after: "/Info ", in: trailer),
      let previous = number(after: "startxref\n", in: tail),
      let objectStart = last("\n\(root) 0 obj\n", in: bytes),
      let end = bytes[objectStart...].firstRange(of: Array("\nendobj".utf8))
    else { return nil }
    let object = String(decoding: bytes[objectStart + 1..<end.lowerBound], as: UTF8.self)
    guard let opening = object.firstRange(of: "<<"), !object.contains("/Lang") else { return nil }
    let catalog =
      object[..<opening.upperBound]
      + " /Lang (\(language))\n   /ViewerPreferences << /DisplayDocTitle true >>"
      + object[opening.upperBound...] + "\nendobj\n"
    let offset = String(bytes.count)
    let padded = String(repeating: "0", count: max(0, 10 - offset.utf8.count)) + offset
    let position = bytes.count + catalog.utf8.count
    return bytes + Array(catalog.utf8)
      + Array(
        """
        xref
        \(root) 1
        \(padded) 00000 n\u{20}
        trailer
        << /Size \(size)
           /Root \(root) 0 R
           /Info \(info) 0 R
           /Prev \(previous)
        >>
        startxref
        \(position)
        %%EOF

        """.utf8)
  }

  private static func last(_ text: String, in bytes: [UInt8]) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (0...bytes.count - wanted.count).reversed().first { bytes[$0...].starts(with: wanted) }
  }

  private static func number(after name: String, in text: String) -> Int? {
    guard let range = text.firstRange(of: name) else { return nil }
    return Int(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
  }
}
