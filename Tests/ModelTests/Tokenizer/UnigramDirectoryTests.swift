import Model
import Storage
import TestSupport
import Testing

/// Directories with Unigram tokenizers, as transformers 5.23.0 reads them: Tests/Fixtures/unigram/make_unigram.py.
@Suite struct UnigramDirectoryTests {
  private struct Case {
    let folder: TemporaryFolder
    let texts: [String]
    let json: JSON

    /// Writes the files of a case.
    init(_ name: String) throws {
      let fixture = try Fixture.json("unigram/directories.json")
      let map = try #require(try Fixture.json("unigram/model.json")["charsmap"]?.string)
      texts = try #require(fixture["texts"]?.array).map { try #require($0.string) }
      json = try #require(fixture["cases"]?.array?.first { $0["name"]?.string == name })
      folder = try TemporaryFolder()
      for (file, text) in try #require(json["files"]?.object).members {
        try AtomicFile.write(
          try #require(text.string).replacing("$CHARSMAP", with: map),
          to: "\(folder.path)/\(file)")
      }
    }

    func ids(_ key: String) throws -> [[Int32]] {
      try #require(json[key]?.array).map { row in
        try #require(row.array).map { Int32(try #require($0.integer)) }
      }
    }
  }

  private static let names: (read: [String], refused: [String]) = {
    let cases = (try? Fixture.json("unigram/directories.json"))?["cases"]?.array ?? []
    let names = { (isRefused: Bool) in
      cases.filter { ($0["refused"] == .null) != isRefused }.compactMap { $0["name"]?.string }
    }
    return (names(false), names(true))
  }()

  @Test func thereAreCases() {
    #expect(Self.names.read.count == 37 && Self.names.refused.count == 28)
  }

  @Test(arguments: names.read) func readsAsTheReference(_ name: String) throws {
    let example = try Case(name)
    let tokenizer = try loadTokenizer(directory: example.folder.path)
    let (whole, cut) = (try example.ids("ids"), try example.ids("cut"))
    // What it writes is read back as the same tokenizer.
    let again = try TemporaryFolder()
    try tokenizer.write(to: again.path, modelMaxLength: nil)
    let copy = try loadTokenizer(directory: again.path)
    for (index, text) in example.texts.enumerated() {
      #expect(tokenizer.encode(text).ids == whole[index], "\(text.debugDescription)")
      #expect(tokenizer.encode(text, maxLength: 6).ids == cut[index], "\(text.debugDescription)")
      #expect(copy.encode(text).ids == whole[index], "written: \(text.debugDescription)")
    }
    if example.json["stated"] != nil {
      let stated = try example.ids("stated")
      let tokenizer = try loadTokenizer(directory: example.folder.path, reading: .tokenizerJSON)
      for (index, text) in example.texts.enumerated() {
        #expect(tokenizer.encode(text).ids == stated[index], "stated: \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: names.refused) func refusesByName(_ name: String) throws {
    let example = try Case(name)
    let error = try #require(throws: TokenizerError.self) {
      try loadTokenizer(directory: example.folder.path)
    }
    let key = try #require(example.json["refused"]?.string)
    #expect("\(error)".hasPrefix("'\(key)' in \(example.folder.path)/"), "\(error)")
  }

  private func failure(_ files: [(name: String, text: String)]) throws -> String {
    let folder = try TemporaryFolder()
    for (name, text) in files { try AtomicFile.write(text, to: "\(folder.path)/\(name)") }
    let error = try #require(throws: (any Error).self) {
      try loadTokenizer(directory: folder.path)
    }
    return "\(error)".replacing(folder.path, with: "DIR")
  }

  private func tokenizerFile(_ pieces: String) -> (name: String, text: String) {
    ("tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\":\n\(pieces)}}")
  }

  @Test func namesWhatIsMissing() throws {
    #expect(
      try failure([])
        == "DIR has no vocabulary: none of vocab.txt, tokenizer.json and sentencepiece.bpe.model is there."
    )
    #expect(
      try failure([
        tokenizerFile("[[\"<unk>\", 0]]"), ("config.json", #"{"model_type": "bert"}"#),
      ])
        == "DIR/tokenizer.json has a Unigram vocabulary, but no file says which class reads it, and models of type "
        + "'bert' do not. State '\"tokenizer_class\": \"XLMRobertaTokenizer\"' in DIR/tokenizer_config.json if the "
        + "tokenizer is XLM-R's.")
    // As transformers: without a class it does not know what to make of the file.
    #expect(
      try failure([("sentencepiece.bpe.model", "")])
        == "DIR has no tokenizer.json, which 'tokenizer: tokenizer_json' and the class PreTrainedTokenizerFast take. "
        + "Save the tokenizer with transformers, or state its class, such as XLMRobertaTokenizer, in "
        + "DIR/tokenizer_config.json.")
  }

  @Test(arguments: [
    ("[[\"a\", 0], [\"b\"]]", "DIR/tokenizer.json:2: a piece of model.vocab has no score."),
    (
      "[[\"a\", 0],\n[\"b\", x]]",
      "DIR/tokenizer.json:3: the score of a piece of model.vocab is not a finite number."
    ),
    (
      "[[\"a\", 1e999]]",
      "DIR/tokenizer.json:2: the score of a piece of model.vocab is not a finite number."
    ),
    ("[[7, 0]]", "DIR/tokenizer.json:2: a piece of model.vocab is not a text."),
    (
      "[\"a\"]",
      "DIR/tokenizer.json:2: a piece of model.vocab is not a pair of a text and a number."
    ),
    (
      "[[\"a\\u0000\", 0]]",
      "DIR/tokenizer.json:2: a piece of model.vocab contains U+0000, which is not supported."
    ),
    (
      "[[\"\\ud800\", 0]]", "DIR/tokenizer.json:2: a piece of model.vocab is not a valid text."
    ),
    (
      "[]",
      "'model.unk_id' in DIR/tokenizer.json is 0; only XLM-R's tokenizer, whose unknown token is one of its 0 pieces, "
        + "is supported."
    ),
  ]) func namesWhatIsWrongWithPieces(_ pieces: String, _ message: String) throws {
    #expect(try failure([tokenizerFile(pieces)]) == message)
  }
}
