import Storage
import TestSupport
import Testing

@testable import Model

@Suite struct VocabularyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func vocabulary(_ bytes: [UInt8]) throws -> Vocabulary {
    let path = "\(folder.path)/vocab.txt"
    try AtomicFile.write(bytes, to: path)
    return try Vocabulary(file: path)
  }

  @Test func linesEndAtLineFeedsAlone() throws {
    let vocabulary = try vocabulary(Array("a\n\u{2028}\n\u{85}x\nb\u{0C}c\n\nlast".utf8))
    #expect(
      (0..<6).map { vocabulary.token($0) } == ["a", "", "\u{85}x", "b\u{0C}c", "", "last"])
    #expect(vocabulary.count == 6)
    #expect(vocabulary.id(of: "\u{2028}") == nil)
    #expect(vocabulary.id(of: "last") == 5)
    #expect(vocabulary.id(of: "las") == nil)
    #expect(vocabulary.id(of: "") == nil)
  }

  /// As Rust's `trim_end`, by which the reference reads lines: every character with the property White_Space.
  @Test func whiteSpaceAtTheEndIsTrimmed() throws {
    let vocabulary = try vocabulary(
      Array("a \t\r\n b\r\nc\u{3000} \u{2028}\nd\u{200B}\n\u{A0}e\u{85}\n".utf8))
    #expect(
      (0..<5).map { vocabulary.token($0) } == ["a", " b", "c", "d\u{200B}", "\u{A0}e"])
  }

  @Test func whiteSpaceIsThatOfUnicode() throws {
    for code in UInt32(0)..<0x11_0000 {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let isSpace = scalar.properties.isWhitespace
      guard isSpace || code < 0x3100 else { continue }
      let text = "a\(Character(scalar))"
      let trimmed = Vocabulary.withoutSpaceAtEnd(Array(text.utf8)[...])
      #expect(Array(trimmed) == Array((isSpace ? "a" : text).utf8), "U+\(String(code, radix: 16))")
    }
  }

  @Test func theLastOfEqualEntriesCounts() throws {
    let vocabulary = try vocabulary(Array("a\nb\na\n".utf8))
    #expect(vocabulary.count == 3)
    #expect(vocabulary.id(of: "a") == 2)
    #expect(vocabulary.token(0) == "a")
  }

  /// "é" in one code point and in two, Å and the ångström sign: equal as Swift strings.
  @Test func entriesAreBytes() throws {
    let tokens = ["\u{E9}", "e\u{301}", "\u{C5}", "\u{212B}", "A\u{30A}"]
    let vocabulary = try Vocabulary(tokens: tokens)
    #expect(tokens.map { vocabulary.id(of: $0) } == [0, 1, 2, 3, 4])
  }

  @Test func invalidUTF8NamesTheLine() throws {
    let path = "\(folder.path)/vocab.txt"
    #expect(throws: TokenizerError.invalidUTF8(file: path, line: 3)) {
      try vocabulary(Array("a\nb\n".utf8) + [0xC3, 0x0A, 0xA9, 0x0A])
    }
  }

  @Test func emptyFilesAreErrors() throws {
    let path = "\(folder.path)/vocab.txt"
    #expect(throws: TokenizerError.emptyVocabulary(file: path)) { try vocabulary([]) }
    #expect(throws: StorageError.self) { try Vocabulary(file: "\(path).missing") }
  }

  @Test func everyEntryIsFound() throws {
    var random = SplitMix64(seed: 5)
    var tokens: [String] = []
    var seen: Set<String> = []
    while tokens.count < 3000 {
      let length = Int.random(in: 1...6, using: &random)
      let token = String(
        String.UnicodeScalarView(
          (0..<length).compactMap { _ in
            Unicode.Scalar(UInt32.random(in: 0x4DF0...0x4E40, using: &random))
          }))
      if seen.insert(token).inserted { tokens.append(token) }
    }
    // An entry of its own length is no deep recursion.
    tokens.append(String(repeating: "long", count: 50_000))
    let vocabulary = try Vocabulary(tokens: tokens)
    #expect(tokens.map { vocabulary.id(of: $0) } == (0..<Int32(tokens.count)).map { $0 })
  }
}
