import Foundation
import Model
import Storage
import TestSupport
import Testing

@Suite struct TokenizerDirectoryTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, to name: String) throws {
    try AtomicFile.write(text, to: "\(folder.path)/\(name)")
  }

  private func read() throws -> WordPieceTokenizer {
    try WordPieceTokenizer(directory: folder.path)
  }

  private func words(_ text: String) throws -> [String] {
    let tokenizer = try read()
    return tokenizer.encode(text).ids.map { tokenizer.token($0) }
  }

  private static let entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "A", "##b"]

  private func writeVocabulary() throws {
    try write(Self.entries.joined(separator: "\n") + "\n", to: "vocab.txt")
  }

  /// A tokenizer.json of `entries`, some of its text replaced.
  private func writeTokenizerFile(replacing old: String = "", by new: String = "") throws {
    let list = Self.entries.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let text = """
      {"version": "1.0", "added_tokens": [],
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
         "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "TemplateProcessing", "single": [
         {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100, "vocab": {\(list)}}}
      """
    let parts = old.isEmpty ? [text] : text.split(separator: old).map(String.init)
    try #require(old.isEmpty || parts.count == 2)
    try write(parts.joined(separator: new), to: "tokenizer.json")
  }

  @Test func lowerCasesWithoutAConfiguration() throws {
    try writeVocabulary()
    #expect(try words("A Ab") == ["[CLS]", "a", "a", "##b", "[SEP]"])
  }

  @Test func readsTheConfiguration() throws {
    try writeVocabulary()
    try write(
      """
      {"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": false,
       "tokenizer_class": "BertTokenizer", "model_max_length": 512,
       "mask_token": {"content": "A", "normalized": false, "lstrip": true}, "pad_token": "[PAD]"}
      """, to: "tokenizer_config.json")
    let configuration = try read().configuration
    #expect(!configuration.lowercases)
    #expect(configuration.stripsAccents == true)
    #expect(!configuration.spacesIdeographs)
    #expect(configuration.modelMaxLength == 512)
    #expect(configuration.maskToken == "A")
    #expect(try read().maskID == 6)
    #expect(try words("ab\u{301}") == ["[CLS]", "a", "##b", "[SEP]"])
  }

  @Test func takesNamesFromTheMapOfSpecialTokens() throws {
    try write("<pad>\n<unk>\n<s>\n</s>\n", to: "vocab.txt")
    try write(
      """
      {"unk_token": "<unk>", "cls_token": "<s>", "sep_token": {"content": "</s>"},
       "pad_token": "<pad>"}
      """, to: "special_tokens_map.json")
    try write(#"{"mask_token": null}"#, to: "tokenizer_config.json")
    #expect(try read().maskID == nil)
    #expect(try words("x</s>[SEP]") == ["<s>", "<unk>", "</s>", "<unk>", "<unk>", "<unk>", "</s>"])
  }

  /// As transformers 5.23.0 has it: a listed token is found inside words and in its own case alone.
  @Test(arguments: [
    ("tokenizer_config.json", #"{"additional_special_tokens": ["a"]}"#),
    ("special_tokens_map.json", #"{"additional_special_tokens": [{"content": "a"}]}"#),
    ("tokenizer_config.json", #"{"extra_special_tokens": {"user_token": "a"}}"#),
  ])
  func findsListedSpecialTokens(_ file: String, _ content: String) throws {
    try writeVocabulary()
    try write(content, to: file)
    #expect(try words("bab Ab") == ["[CLS]", "[UNK]", "a", "[UNK]", "a", "##b", "[SEP]"])
  }

  @Test func addedTokensOfOldDirectories() throws {
    try writeVocabulary()
    try write(#"{"<new>": 8}"#, to: "added_tokens.json")
    #expect(
      throws: TokenizerError.unsupported(
        file: "\(folder.path)/added_tokens.json", key: "<new>",
        expected: "whose tokens are found in the text as written",
        found: "a token that is not special")
    ) { try read() }
    try write(#"{"additional_special_tokens": ["<new>"]}"#, to: "special_tokens_map.json")
    #expect(try words("a<new>a") == ["[CLS]", "a", "<new>", "a", "[SEP]"])
    #expect(try read().tokenCount == 9)
    try FileManager.default.removeItem(atPath: "\(folder.path)/added_tokens.json")
    let error = try #require(throws: TokenizerError.self) { try read() }
    #expect("\(error)".contains("has no entry '<new>'"))
  }

  @Test func readsWhatTransformersWrites() throws {
    let cases = try Fixture.json("tokenizer/saved-cases.json")
    let tokenizer = try WordPieceTokenizer(directory: Fixture.path("tokenizer/saved"))
    let texts = try #require(cases["texts"]?.array)
    for (index, text) in texts.enumerated() {
      let ids = tokenizer.encode(try #require(text.string)).ids
      let expected = try #require(cases["ids"]?.array?[index].array)
      #expect(ids.map { .integer(Int($0)) } == expected, "\(text)")
      #expect(ids.map { .string(tokenizer.token($0)) } == cases["tokens"]?.array?[index].array)
    }
    #expect(tokenizer.tokenCount == cases["count"]?.integer)
    #expect(tokenizer.addedTokens.map(\.content) == ["World", "<user>", "<user>s", "Straße"])
    #expect(tokenizer.configuration.modelMaxLength == 64)

    // What it writes is read back as the same tokenizer, from any of the files that suffice.
    try tokenizer.write(to: folder.path)
    #expect(try read().sha256 == tokenizer.sha256)
    #expect(try read().configuration == tokenizer.configuration)
    #expect(try read().addedTokens == tokenizer.addedTokens)
    try FileManager.default.removeItem(atPath: "\(folder.path)/tokenizer.json")
    #expect(try read().sha256 == tokenizer.sha256)
  }

  @Test func writesEveryEntryOfAnOddVocabulary() throws {
    let tokenizer = try WordPieceTokenizer(
      vocabulary: Vocabulary(file: Fixture.path("tokenizer/vocab.txt")))
    try tokenizer.write(to: folder.path, modelMaxLength: 128)
    #expect(try read().sha256 == tokenizer.sha256)
    #expect(try read().configuration.modelMaxLength == 128)
    let written = try RandomAccessFile("\(folder.path)/vocab.txt").contents()
    #expect(
      written.split(separator: 0x0A, omittingEmptySubsequences: false).count == tokenizer.tokenCount
        + 1)

    // tokenizer.json alone lacks the first of two equal entries and nothing else.
    try FileManager.default.removeItem(atPath: "\(folder.path)/vocab.txt")
    let text = "twice trailing \u{1E9B}\u{323} 한국어"
    #expect(try read().encode(text) == tokenizer.encode(text))
  }

  @Test func entriesThatNoLineCanHoldAreNotWritten() throws {
    for odd in ["a\nb", "a "] {
      let tokenizer = try WordPieceTokenizer(vocabulary: Vocabulary(tokens: Self.entries + [odd]))
      #expect(throws: TokenizerError.unwritableToken(id: 8, file: "\(folder.path)/vocab.txt")) {
        try tokenizer.write(to: folder.path)
      }
    }
  }

  @Test func tokenizerFileAloneSuffices() throws {
    try writeTokenizerFile()
    #expect(try words("Ab") == ["[CLS]", "a", "##b", "[SEP]"])
    let alone = try read().sha256
    try writeVocabulary()
    #expect(try read().sha256 == alone)
    try FileManager.default.removeItem(atPath: "\(folder.path)/tokenizer.json")
    #expect(try read().sha256 == alone)
    try write(#"{"do_lower_case": false}"#, to: "tokenizer_config.json")
    #expect(try read().sha256 != alone)
  }

  /// Keys that Swift strings hold equal, escapes, and keys elsewhere that look like the way there.
  @Test func tokenizerFileKeysAreBytes() throws {
    try writeTokenizerFile(
      replacing: ###""##b": 7"###, by: #""\u00e9": 8, "e\u0301": 9, "\"\\": 10, "vocab": 7"#)
    let vocabulary = try Vocabulary(tokenizerJSON: "\(folder.path)/tokenizer.json")
    #expect(vocabulary.count == 11)
    #expect(
      ["\u{E9}", "e\u{301}", "\"\\", "vocab"].map { vocabulary.id(of: $0) } == [8, 9, 10, 7])
  }

  @Test func missingFilesAreNamed() throws {
    #expect(throws: TokenizerError.noVocabulary(directory: folder.path)) { try read() }
  }

  @Test(arguments: ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])
  func missingTokensAreNamed(_ token: String) throws {
    try write(
      Self.entries.filter { $0 != token }.joined(separator: "\n"), to: "vocab.txt")
    let error = try #require(throws: TokenizerError.self) { try read() }
    #expect("\(error)".contains("\(folder.path)/vocab.txt has no entry '\(token)'"))
  }

  @Test(arguments: [
    (#""type": "WordPiece""#, #""type": "BPE""#, "'model.type' in", "is BPE;"),
    ("BertNormalizer", "Lowercase", "'normalizer.type' in", "is Lowercase;"),
    ("BertPreTokenizer", "ByteLevel", "'pre_tokenizer.type' in", "is ByteLevel;"),
    ("TemplateProcessing", "ByteLevel", "'post_processor.type' in", "is ByteLevel;"),
    (#""id": "[CLS]""#, #""id": "[SEP]""#, "'post_processor' in", "is [SEP] $A [SEP];"),
    (#""clean_text": true"#, #""clean_text": false"#, "'normalizer.clean_text' in", "is false;"),
    ("word\": 100", "word\": 50", "'model.max_input_chars_per_word' in", "is 50;"),
    ("\": \"##\"", "\": \"@@\"", "'model.continuing_subword_prefix' in", "is @@;"),
    (#""unk_token": "[UNK]""#, #""unk_token": "a""#, "'model.unk_token' in", "is a;"),
    (#""lowercase": true"#, #""lowercase": false"#, "'normalizer.lowercase' in", "do_lower_case"),
    (
      #""added_tokens": []"#, #""added_tokens": [{"id": 8, "content": "c", "normalized": true}]"#,
      "'added_tokens[0].normalized' in", "is true;"
    ),
    (
      #""added_tokens": []"#, #""added_tokens": [{"id": 5, "content": "c"}]"#,
      "token 5 is 'a' in", "'c' in the list of added tokens"
    ),
    (#""a": 5"#, #""a": -5"#, "tokenizer.json:9: the id of an entry", "not a whole number"),
    (#""a": 5"#, #""a" 5"#, "tokenizer.json:9:", "':' after the key"),
    (#""model": "#, #""modal": "#, "'model.type' in", "is missing;"),
  ])
  func otherTokenizersAreRejected(
    _ old: String, _ new: String, _ start: String, _ end: String
  ) throws {
    try writeTokenizerFile(replacing: old, by: new)
    let error = try #require(throws: (any Error).self) { try read() }
    #expect("\(error)".contains(start))
    #expect("\(error)".contains(end))
  }

  @Test func anotherClassIsRejected() throws {
    try writeVocabulary()
    try write(#"{"tokenizer_class": "BertJapaneseTokenizer"}"#, to: "tokenizer_config.json")
    #expect(
      throws: TokenizerError.unsupported(
        file: "\(folder.path)/tokenizer_config.json", key: "tokenizer_class",
        expected: "BertTokenizer or PreTrainedTokenizerFast", found: "BertJapaneseTokenizer")
    ) { try read() }
  }

  @Test func wrongKindsAreNamed() throws {
    try writeVocabulary()
    try write(#"{"do_lower_case": "no"}"#, to: "tokenizer_config.json")
    #expect(
      throws: TokenizerError.wrongKind(
        file: "\(folder.path)/tokenizer_config.json", key: "do_lower_case",
        expected: "true or false", found: "a string")
    ) { try read() }
  }

  /// The reference takes the stated setting too.
  @Test func aStatedSettingOverridesTheTokenizerFile() throws {
    try writeTokenizerFile(replacing: #""lowercase": true"#, by: #""lowercase": false"#)
    try write(#"{"do_lower_case": true}"#, to: "tokenizer_config.json")
    #expect(try words("A") == ["[CLS]", "a", "[SEP]"])
  }

  @Test func filesOfDifferentModelsAreRejected() throws {
    try writeTokenizerFile()
    try write((Self.entries + ["more"]).joined(separator: "\n"), to: "vocab.txt")
    let (listed, mapped) = ("\(folder.path)/vocab.txt", "\(folder.path)/tokenizer.json")
    #expect(
      throws: TokenizerError.vocabulariesDiffer(
        count: 1, id: 8, file: listed, token: "more", otherFile: mapped, otherToken: nil)
    ) { try read() }
    try write((Self.entries.dropLast() + ["##c"]).joined(separator: "\n"), to: "vocab.txt")
    #expect(
      throws: TokenizerError.vocabulariesDiffer(
        count: 1, id: 7, file: listed, token: "##c", otherFile: mapped, otherToken: "##b")
    ) { try read() }
  }
}
