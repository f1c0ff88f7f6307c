/// What cairo 1.16 cannot write of a PDF file, added at its end as PDF lets any program do (ISO 32000-1, 7.5.6,
/// "Incremental updates"): the language, the statement that the structure is tagged, one element that holds all others,
/// and the words for figures.
struct PDFUpdate {
  private let bytes: [UInt8]
  /// The file's own text, byte by byte.
  private var objects: [(number: Int, text: String)] = []
  private let trailer: (root: Int, size: Int, info: Int, previous: Int)

  /// Completes a file that cairo wrote.
  ///
  /// - Parameters:
  ///   - bytes: of the file.
  ///   - language: a tag of BCP 47, such as `en`.
  ///   - alternativeTexts: of its figures, in their order.
  /// - Returns: the longer file; `nil` for one that is not as cairo 1.16 writes it.
  static func completing(
    _ bytes: [UInt8], language: String, alternativeTexts: [String]
  ) -> [UInt8]? {
    guard var update = PDFUpdate(bytes), update.setCatalog(language),
      update.setAlternativeTexts(alternativeTexts)
    else { return nil }
    return update.file
  }

  private init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard let trailerStart = Self.last("trailer", in: bytes),
      let startStart = Self.last("startxref", in: bytes), trailerStart < startStart
    else { return nil }
    let text = String(decoding: bytes[trailerStart...], as: UTF8.self)
    guard let root = Self.number(after: "/Root ", in: text),
      let size = Self.number(after: "/Size ", in: text),
      let info = Self.number(after: "/Info ", in: text),
      let previous = Self.number(after: "startxref\n", in: text)
    else { return nil }
    trailer = (root, size, info, previous)
  }

  /// The root of the structure must hold one element, the document; cairo hangs all elements into it. Its object
  /// becomes that element, so that what is in it need not change, and a new one the root.
  private mutating func setCatalog(_ language: String) -> Bool {
    guard let catalog = object(trailer.root), !catalog.contains("/Lang"),
      !catalog.contains("/MarkInfo"),
      let structure = Self.number(after: "/StructTreeRoot ", in: catalog),
      let tree = object(structure), tree.contains("/Type /StructTreeRoot"),
      let parents = Self.number(after: "/ParentTree ", in: tree)
    else { return false }
    let root = trailer.size
    var added = "<< /Lang (\(language))\n   /MarkInfo << /Marked true >>\n"
    added += "   /ViewerPreferences << /DisplayDocTitle true >>\n  "
    objects.append(
      (
        trailer.root,
        Self.replacing("<<", with: added, in: catalog)
          .replacing("/StructTreeRoot \(structure) ", with: "/StructTreeRoot \(root) ")
      ))
    objects.append(
      (
        structure,
        tree.replacing(
          "/Type /StructTreeRoot", with: "/Type /StructElem\n   /S /Document\n   /P \(root) 0 R"
        ).replacing("   /ParentTree \(parents) 0 R\n", with: "")
      ))
    objects.append(
      (
        root,
        "<< /Type /StructTreeRoot\n   /ParentTree \(parents) 0 R\n   /K [ \(structure) 0 R ]\n>>"
      ))
    return true
  }

  private mutating func setAlternativeTexts(_ texts: [String]) -> Bool {
    let mark = Array("<< /Type /StructElem\n   /S /Figure\n".utf8)
    var figures: [(number: Int, text: String)] = []
    var rest = bytes[...]
    while let found = rest.firstRange(of: mark) {
      rest = rest[found.upperBound...]
      // Its number stands on the line before.
      let before = bytes[..<found.lowerBound].dropLast()
      let line = before.suffix(from: before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
      guard let number = Int(String(decoding: line, as: UTF8.self).prefix { $0.isNumber }),
        let text = object(number)
      else { return false }
      figures.append((number, text))
    }
    guard figures.count == texts.count else { return false }
    for (figure, text) in zip(figures, texts) where !text.isEmpty {
      let words = text.utf16.map { unit in
        let digits = String(unit, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
      }.joined()
      objects.append(
        (figure.number, Self.replacing("<<", with: "<< /Alt <FEFF\(words)>\n  ", in: figure.text)))
    }
    return true
  }

  /// The file with the objects after it and a table that leads to them.
  private var file: [UInt8] {
    var file = bytes
    var table = ""
    for (number, text) in objects.sorted(by: { $0.number < $1.number }) {
      let offset = String(file.count)
      table += "\(number) 1\n"
      table += String(repeating: "0", count: max(0, 10 - offset.utf8.count)) + offset
      table += " 00000 n \n"
      file += "\(number) 0 obj\n\(text)\nendobj\n".utf8
    }
    let start = file.count
    file += "xref\n\(table)trailer\n<< /Size \(trailer.size + 1)\n".utf8
    file += "   /Root \(trailer.root) 0 R\n   /Info \(trailer.info) 0 R\n".utf8
    file += "   /Prev \(trailer.previous)\n>>\nstartxref\n\(start)\n%%EOF\n".utf8
    return file
  }

  // MARK: Reading

  /// The text of an object, between its number and its end.
  private func object(_ number: Int) -> String? {
    guard let start = bytes.firstRange(of: Array("\n\(number) 0 obj\n".utf8))?.upperBound,
      let end = bytes[start...].firstRange(of: Array("\nendobj".utf8))?.lowerBound
    else { return nil }
    return String(decoding: bytes[start..<end], as: UTF8.self)
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

  /// With the first occurrence replaced.
  private static func replacing(_ text: String, with other: String, in whole: String) -> String {
    guard let range = whole.firstRange(of: text) else { return whole }
    return whole[..<range.lowerBound] + other + whole[range.upperBound...]
  }
}
