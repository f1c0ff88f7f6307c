import Model
import Storage
import TestSupport
import Testing

/// Directories of any `tokenizer_class`, as transformers 5.23.0 reads them: Tests/Fixtures/tokenizer/make_as_written.py.
@Suite struct TokenizerAsWrittenTests {
  private struct Case {
    let folder: TemporaryFolder
    let texts: [String]
    let json: JSON

    /// Writes the files of a case.
    init(_ name: String) throws {
      let fixture = try Fixture.json("tokenizer/as-written.json")
      texts = try #require(fixture["texts"]?.array).map { try #require($0.string) }
      json = try #require(fixture["cases"]?.array?.first { $0["name"]?.string == name })
      folder = try TemporaryFolder()
      for (file, text) in try #require(json["files"]?.object).members {
        try AtomicFile.write(try #require(text.string), to: "\(folder.path)/\(file)")
      }
    }

    func ids(_ key: String) throws -> [[Int32]] {
      try #require(json[key]?.array).map { row in
        try #require(row.array).map { Int32(try #require($0.integer)) }
      }
    }
  }

  private static let names: (read: [String], refused: [String]) = {
    let cases = (try? Fixture.json("tokenizer/as-written.json"))?["cases"]?.array ?? []
    let names = { (isRefused: Bool) in
      cases.filter { ($0["refused"] == .null) != isRefused }.compactMap { $0["name"]?.string }
    }
    return (names(false), names(true))
  }()

  @Test func thereAreCases() {
    #expect(Self.names.read.count == 23 && Self.names.refused.count == 14)
  }

  @Test(arguments: names.read) func readsAsTheReference(_ name: String) throws {
    let example = try Case(name)
    let tokenizer = try WordPieceTokenizer(directory: example.folder.path)
    let (whole, cut) = (try example.ids("ids"), try example.ids("cut"))
    for (index, text) in example.texts.enumerated() {
      #expect(tokenizer.encode(text).ids == whole[index], "\(text.debugDescription)")
      #expect(tokenizer.encode(text, maxLength: 6).ids == cut[index], "\(text.debugDescription)")
    }
    // What it writes is read back as the same tokenizer.
    let again = try TemporaryFolder()
    try tokenizer.write(to: again.path)
    let copy = try WordPieceTokenizer(directory: again.path)
    #expect(copy.configuration == tokenizer.configuration)
    for (index, text) in example.texts.enumerated() {
      #expect(copy.encode(text).ids == whole[index], "\(text.debugDescription)")
    }
  }

  @Test(arguments: names.refused) func refusesByName(_ name: String) throws {
    let example = try Case(name)
    let error = try #require(throws: TokenizerError.self) {
      try WordPieceTokenizer(directory: example.folder.path)
    }
    let key = try #require(example.json["refused"]?.string)
    #expect("\(error)".hasPrefix("'\(key)' in \(example.folder.path)/"), "\(error)")
  }

  /// How many entries differ, which is the first, and what it is in either file.
  @Test func namesWhatDiffersInTwoVocabularies() throws {
    let example = try Case("same vocab.txt")
    let path = "\(example.folder.path)/vocab.txt"
    let lines = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    func differences(_ entries: [String]) throws -> String {
      try AtomicFile.write(entries.joined(separator: "\n") + "\n", to: path)
      let error = try #require(throws: TokenizerError.self) {
        try WordPieceTokenizer(directory: example.folder.path)
      }
      return "\(error)"
    }
    let file = "\(example.folder.path)/tokenizer.json"
    var entries = lines
    entries[15] = "went"
    #expect(
      try differences(entries).hasPrefix(
        "\(path) and \(file) differ in one entry, token 15: 'went' in \(path), 'go' in \(file). "))
    entries[19] = "?"
    #expect(
      try differences(entries).hasPrefix(
        "\(path) and \(file) differ in 2 entries, the first of them token 15: 'went' in \(path), 'go' "
      ))
    #expect(
      try differences(lines + ["more"]).contains(
        "differ in one entry, token 24: 'more' in \(path), none in \(file)."))
    #expect(
      try differences(Array(lines.dropLast(2))).contains(
        "differ in 2 entries, the first of them token 22: none in \(path), '##end\u{A0}' in \(file)."
      ))
    // White space at the beginning is no end.
    entries = lines
    entries[15] = "\u{3000}go"
    #expect(try differences(entries).contains("differ in one entry, token 15"))
  }
}
