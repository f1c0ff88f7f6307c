import Foundation
import Model
import Storage
import TestSupport
import Testing

/// The small model of Tests/Fixtures/unigram/make_unigram.py, against transformers 5.23.0 and tokenizers 0.23.3.
@Suite struct UnigramTokenizerTests {
  private let expected: JSON
  private let texts: [String]
  private let folder: TemporaryFolder

  init() throws {
    expected = try Fixture.json("unigram/model.json")
    texts = try #require(expected["texts"]?.array).map { try #require($0.string) }
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Fixture.path("unigram/sentencepiece.bpe.model"),
      toPath: "\(folder.path)/sentencepiece.bpe.model")
    try AtomicFile.write(#"{"model_type": "xlm-roberta"}"#, to: "\(folder.path)/config.json")
  }

  private func ids(_ key: String) throws -> [[Int32]] {
    try #require(expected[key]?.array).map { row in
      try #require(row.array).map { Int32(try #require($0.integer)) }
    }
  }

  private func check(_ tokenizer: any TextTokenizer) throws {
    let (whole, cut) = (try ids("ids"), try ids("cut"))
    #expect(texts.count == 305)
    for (index, text) in texts.enumerated() {
      #expect(tokenizer.encode(text).ids == whole[index], "\(text.debugDescription)")
      #expect(tokenizer.encode(text, maxLength: 6).ids == cut[index], "\(text.debugDescription)")
    }
    for (row, tokens) in try #require(expected["tokens"]?.array).enumerated() {
      #expect(
        tokens.array?.compactMap(\.string) == whole[row].map(tokenizer.token),
        "\(texts[row].debugDescription)")
    }
  }

  @Test func readsSentencePiecesFile() throws {
    let tokenizer = try loadTokenizer(directory: folder.path)
    try check(tokenizer)
    #expect(tokenizer.tokenCount == 228)
    #expect(tokenizer.summary == "Unigram, as XLMRobertaTokenizer of transformers 5 makes it")
    #expect(tokenizer.token(227) == "<mask>")
  }

  /// What it writes is read as the same tokenizer, by the generic class, too.
  @Test func writesWhatItReads() throws {
    let tokenizer = try UnigramTokenizer(directory: folder.path)
    let copy = try TemporaryFolder()
    try AtomicFile.write("{}", to: "\(copy.path)/special_tokens_map.json")
    try tokenizer.write(to: copy.path, modelMaxLength: 99)
    let again = try UnigramTokenizer(directory: copy.path)
    try check(again)
    #expect(again.sha256 == tokenizer.sha256)
    #expect(again.modelMaxLength == 99)
    #expect(!FileManager.default.fileExists(atPath: "\(copy.path)/special_tokens_map.json"))

    let stated = try UnigramTokenizer(directory: copy.path, reading: .tokenizerJSON)
    try check(stated)
    let generic = try TemporaryFolder()
    try stated.write(to: generic.path)
    let last = try UnigramTokenizer(directory: generic.path)
    try check(last)
    #expect(last.reading == .tokenizerJSON)
    #expect(last.sha256 == stated.sha256)
  }

  @Test(arguments: [1, 2, 5]) func threadsChangeNothing(_ threads: Int) throws {
    let tokenizer = try loadTokenizer(directory: folder.path)
    let many = Array(repeating: texts, count: 3).flatMap(\.self)
    let whole = try ids("ids")
    let encodings = tokenizer.encode(many, maxLength: nil, threads: threads)
    #expect(encodings.map(\.ids) == Array(repeating: whole, count: 3).flatMap(\.self))
  }

  /// Words, unknown tokens and cuts, counted by hand.
  @Test func countsWordsAndUnknownTokens() throws {
    let tokenizer = try loadTokenizer(directory: folder.path)
    let plain = tokenizer.encode("the lake, the\u{2581}lake <mask>\u{3000}ᚠᚢ")
    #expect(plain.words == 6)
    #expect(plain.unknown == 1)
    #expect(!plain.isTruncated)
    let cut = tokenizer.encode("the lake, the\u{2581}lake <mask>", maxLength: 3)
    #expect(cut.words == 1)
    #expect(cut.isTruncated)
    #expect(cut.ids.count == 3)
    let nothing = tokenizer.encode("\u{200B} \u{3000}")
    #expect(nothing.ids == [0, 2])
    #expect(nothing.words == 0)
    #expect(!nothing.isTruncated)
    #expect(tokenizer.encode("ᚠᚢ ᚠ", maxLength: 2).ids == [0, 2])
  }

  /// A megabyte without a space takes no more than linear time, and as many tokens as it has letters at most.
  @Test func readsLongWords() throws {
    let tokenizer = try loadTokenizer(directory: folder.path)
    let text = String(repeating: "wheel", count: 40_000)
    let ids = tokenizer.encode(text).ids
    #expect(ids.count > 40_000 && ids.count <= 200_002)
    #expect(ids.dropFirst().dropLast().map(tokenizer.token).joined() == "▁" + text)
  }

  /// Everything that decides ids changes the digest.
  @Test func digestCoversWhatDecides() throws {
    var digests = Set<String>()
    var count = 0
    func add(_ settings: String, reading: TokenizerReading = .autoTokenizer) throws {
      let copy = try TemporaryFolder()
      try UnigramTokenizer(directory: folder.path).write(to: copy.path)
      try AtomicFile.write(settings, to: "\(copy.path)/tokenizer_config.json")
      digests.insert(try loadTokenizer(directory: copy.path, reading: reading).sha256)
      count += 1
    }
    let name = #""tokenizer_class": "XLMRobertaTokenizer""#
    try add("{\(name)}")
    try add(#"{\#(name), "add_prefix_space": false}"#)
    try add(#"{\#(name), "bos_token": "<mask>"}"#)
    try add(#"{\#(name), "extra_special_tokens": ["<n>"]}"#)
    #expect(digests.count == count)
  }

  /// Scores as Python reads them for the one class, and as `tokenizers` does for the other.
  @Test func readsNumbersAsTheReference() throws {
    let numbers = try Fixture.json("unigram/numbers.json")
    let texts = try #require(numbers["texts"]?.array).map { try #require($0.string) }
    var pieces = ["<s>", "<pad>", "</s>", "<unk>"].map { "[\"\($0)\", 0]" }
    pieces += texts.enumerated().map { "[\"t\($0)\", \($1)]" }
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      tokenizerJSON(vocabulary: "[\(pieces.joined(separator: ",\n"))]"),
      to: "\(folder.path)/tokenizer.json")
    try AtomicFile.write(
      #"{"tokenizer_class": "XLMRobertaTokenizer"}"#, to: "\(folder.path)/tokenizer_config.json")
    for (key, reading) in [
      ("nearest", TokenizerReading.autoTokenizer), ("approximate", .tokenizerJSON),
    ] {
      let tokenizer = try UnigramTokenizer(directory: folder.path, reading: reading)
      let bits = try #require(numbers[key]?.array).map { try #require($0.string) }
      for (index, text) in texts.enumerated() {
        let score = tokenizer.scores[index + 4]
        #expect(
          String(score.bitPattern, radix: 16)
            == String(UInt64(bits[index], radix: 16) ?? 1, radix: 16), "\(key) \(text)")
      }
    }
    #expect(numbers["nearest"] != numbers["approximate"])
  }

  /// As many tokens as the reference finds clusters, each of less than six bytes being one.
  @Test func findsGraphemesOfTheReference() throws {
    let fixture = try Fixture.json("unigram/graphemes.json")
    let map = try #require(fixture["charsmap"]?.string)
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      tokenizerJSON(
        vocabulary: #"[["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["X", -1]]"#,
        normalizer: #"{"type": "Precompiled", "precompiled_charsmap": "\#(map)"}"#),
      to: "\(folder.path)/tokenizer.json")
    let tokenizer = try loadTokenizer(directory: folder.path)
    let texts = try #require(fixture["texts"]?.array).map { try #require($0.string) }
    let counts = try #require(fixture["counts"]?.array).map { try #require($0.integer) }
    #expect(texts.count == 900)
    for (text, count) in zip(texts, counts) {
      let ids = tokenizer.encode(text).ids
      #expect(ids == [0] + Array(repeating: 4, count: count) + [2], "\(text.debugDescription)")
    }
  }
}

/// A tokenizer.json with the vocabulary and the normalizer as given.
private func tokenizerJSON(vocabulary: String, normalizer: String = "null") -> String {
  #"""
  {"version": "1.0", "added_tokens": [], "normalizer": \#(normalizer),
  "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": false},
  "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
  {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
  "special_tokens": {}},
  "model": {"type": "Unigram", "unk_id": 3, "vocab": \#(vocabulary)}}
  """#
}
