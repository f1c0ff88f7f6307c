import Model
import Storage
import TestSupport
import Testing

/// The settings of Tests/Fixtures/tokenizer/make_fixtures.py.
private let settings: [String: TokenizerConfiguration] = {
  var result: [String: TokenizerConfiguration] = [:]
  func add(_ name: String, _ change: (inout TokenizerConfiguration) -> Void) {
    var configuration = TokenizerConfiguration()
    change(&configuration)
    result[name] = configuration
  }
  add("uncased") { _ in }
  add("cased") { $0.lowercases = false }
  add("uncased-with-accents") { $0.stripsAccents = false }
  add("cased-without-accents") { ($0.lowercases, $0.stripsAccents) = (false, true) }
  add("ideographs-joined") { $0.spacesIdeographs = false }
  return result
}()

private func tokenizer(_ name: String) throws -> WordPieceTokenizer {
  try WordPieceTokenizer(
    vocabulary: Vocabulary(file: Fixture.path("tokenizer/vocab.txt")),
    configuration: #require(settings[name]))
}

/// Written by Tests/Fixtures/tokenizer/make_fixtures.py with transformers 5.23.0.
private struct Cases {
  let texts: [String]
  private let json: JSON

  init() throws {
    json = try Fixture.json("tokenizer/cases.json")
    texts = try #require(json["texts"]?.array).map { try #require($0.string) }
  }

  func ids(_ name: String, maxLength: Int? = nil) throws -> [[Int32]] {
    let setting = json["settings"]?[name]
    let list = if let maxLength { setting?["cut"]?["\(maxLength)"] } else { setting?["ids"] }
    return try #require(list?.array).map { line in
      try #require(line.string).split(separator: " ").compactMap { Int32($0) }
    }
  }
}

@Suite struct TokenizerTests {
  @Test(arguments: settings.keys.sorted())
  func matchesTheReference(_ name: String) throws {
    let cases = try Cases()
    let tokenizer = try tokenizer(name)
    let expected = try cases.ids(name)
    try #require(expected.count == cases.texts.count)
    for (text, ids) in zip(cases.texts, expected) {
      let encoding = tokenizer.encode(text)
      #expect(encoding.ids == ids, "\(text.debugDescription)")
      #expect(!encoding.isTruncated)
      #expect(encoding.unknown == ids.count { $0 == tokenizer.unknownID })
    }
  }

  @Test(arguments: ["uncased", "cased"], [2, 3, 4, 7, 16])
  func cutsAsTheReference(_ name: String, maxLength: Int) throws {
    let cases = try Cases()
    let tokenizer = try tokenizer(name)
    let expected = try cases.ids(name, maxLength: maxLength)
    let whole = try cases.ids(name)
    try #require(expected.count == cases.texts.count)
    for (index, text) in cases.texts.enumerated() {
      let encoding = tokenizer.encode(text, maxLength: maxLength)
      #expect(encoding.ids == expected[index], "\(text.debugDescription)")
      #expect(encoding.isTruncated == (whole[index].count > maxLength), "\(text.debugDescription)")
    }
  }

  /// The digests show which block of 4,096 code points differs; see `code_point_digests` there.
  @Test(arguments: ["uncased", "cased", "uncased-with-accents"])
  func treatsEveryCodePointAsTheReference(_ name: String) throws {
    let digests = try #require(Fixture.json("tokenizer/code-points.json")[name]?.string)
      .split(separator: " ")
    let tokenizer = try tokenizer(name)
    try #require(digests.count == 0x110000 / 4096)
    // Of the blocks that are all ideographs, private or unassigned, one of each.
    for block in [0...0x1F, 0x20...0x20, 0x2A...0x2F, 0x31...0x31, 0xE0...0xE0, 0x10F...0x10F]
      .joined()
    {
      var lines = ""
      for code in UInt32(block) << 12..<UInt32(block + 1) << 12 {
        guard let scalar = Unicode.Scalar(code) else { continue }
        var text = "a"
        text.unicodeScalars.append(scalar)
        lines += tokenizer.words(in: text + "b").joined(separator: " ") + "\n"
      }
      let digest = SHA256.hex(of: Array(lines.utf8)).prefix(8)
      #expect(digest == digests[block], "U+\(String(block << 12, radix: 16)) and 4,095 more")
    }
  }

  @Test func countsWordsAndUnknownOnes() throws {
    let tokenizer = try tokenizer("uncased")
    // "hello", ",", "un ##aff ##able", "龍" which the vocabulary lacks, "[SEP]".
    let whole = tokenizer.encode("Hello, unaffable 龍[SEP]")
    #expect(whole.words == 5)
    #expect(whole.unknown == 1)
    #expect(
      whole.ids.map { tokenizer.token($0) }
        == ["[CLS]", "hello", ",", "un", "##aff", "##able", "[UNK]", "[SEP]", "[SEP]"])

    let cut = tokenizer.encode("Hello, unaffable 龍[SEP]", maxLength: 5)
    #expect(cut.ids.map { tokenizer.token($0) } == ["[CLS]", "hello", ",", "un", "[SEP]"])
    #expect(cut.words == 3)
    #expect(cut.unknown == 0)
    #expect(cut.isTruncated)

    let empty = tokenizer.encode(" \u{200B}")
    #expect(empty.ids == [3, 4])
    #expect(empty.words == 0)
  }

  @Test func exactlyFullIsNotTruncated() throws {
    let tokenizer = try tokenizer("uncased")
    #expect(!tokenizer.encode("hello world \u{200B}", maxLength: 4).isTruncated)
    #expect(tokenizer.encode("hello world .", maxLength: 4).isTruncated)
    #expect(tokenizer.encode("hello world[SEP]", maxLength: 4).isTruncated)
  }

  @Test(arguments: [1, 2, 5])
  func batchesGiveWhatSingleTextsGive(threads: Int) throws {
    let cases = try Cases()
    let tokenizer = try tokenizer("uncased")
    let texts = Array(repeating: cases.texts, count: 3).flatMap { $0 }
    #expect(
      tokenizer.encode(texts, maxLength: 7, threads: threads)
        == texts.map { tokenizer.encode($0, maxLength: 7) })
    #expect(tokenizer.encode([], threads: threads).isEmpty)
  }

  /// Texts that would take hours in quadratic time.
  @Test(arguments: [
    "x", "hello ", "\u{302E}\u{1B44}", "\u{0301}", "[", "[SE", "각", "中", "!", "\u{200B}",
  ])
  func takesLinearTime(_ piece: String) throws {
    let text = String(repeating: piece, count: 20_000)
    let encoding = try tokenizer("uncased").encode(text)
    #expect(encoding.ids.count >= 2)
    #expect(try tokenizer("uncased").encode(text, maxLength: 2).ids == [3, 4])
  }
}
