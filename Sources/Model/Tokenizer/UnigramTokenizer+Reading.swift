internal import Glibc
internal import Storage

extension UnigramTokenizer {
  /// Reads the tokenizer of a Hugging Face directory as transformers 5 reads it, or as its tokenizer.json states it.
  ///
  /// `XLMRobertaTokenizer` takes pieces, scores and the charsmap alone from tokenizer.json, or from sentencepiece.bpe.model if there is
  /// none, splits at white space of every kind and puts "▁" before every word. `PreTrainedTokenizerFast`, also called `TokenizersBackend`, takes
  /// tokenizer.json as it stands.
  ///
  /// - Parameters:
  ///   - directory: its path.
  ///   - reading: which of the two is meant.
  /// - Throws: `TokenizerError`, `JSONError` or `StorageError`.
  public init(directory: String, reading: TokenizerReading = .autoTokenizer) throws {
    let path = "\(directory)/tokenizer.json"
    let file = access(path, F_OK) == 0 ? try TokenizerFile(path) : nil
    try self.init(directory: directory, file: file, reading: reading)
  }

  /// The same of a tokenizer.json that has been read, if there is one.
  init(directory: String, file: TokenizerFile?, reading: TokenizerReading) throws {
    let settings = try UnigramSettings(directory: directory)
    let isAsWritten =
      if reading == .tokenizerJSON { true } else { try settings.isAsWritten() }
    if isAsWritten {
      guard let file else { throw TokenizerError.noTokenizerJSON(directory: directory) }
      try self.init(asWrittenIn: file, settings, reading: reading)
    } else {
      try self.init(file: file, settings, directory: directory)
    }
  }

  /// As `PreTrainedTokenizerFast` reads it.
  private init(
    asWrittenIn file: TokenizerFile, _ settings: UnigramSettings, reading: TokenizerReading
  ) throws {
    try file.checkCutsAtEnd()
    let (pieces, unknownID) = try file.unigramPieces()
    let framing = try file.framing()
    var tokens = AddedTokenList(vocabulary: try pieces.vocabulary(file: file.path))
    for token in try settings.statedTokens(of: file) {
      try tokens.add(token, file: file.path, family: .xlmRoberta)
    }
    for token in try settings.decoder() ?? [] {
      if let known = tokens.token(of: token.content) {
        guard known == token else {
          throw TokenizerError.unsupported(
            family: .xlmRoberta, file: settings.path, key: "added_tokens_decoder.\(token.id)",
            expected: "whose added tokens are those of tokenizer.json",
            found: "another '\(token.content)'")
        }
        continue
      }
      try tokens.add(token, file: settings.path, family: .xlmRoberta)
    }
    for token in try settings.names(defaults: [:], isAsWritten: true) {
      tokens.addIfNew(token.content, like: token)
    }
    for token in try settings.extraTokens() { tokens.addIfNew(token.content, like: token) }
    let preparation = try file.preparation()
    guard preparation.prefix != .first || !tokens.tokens.contains(where: \.isNormalized) else {
      throw file.unsupported(
        "pre_tokenizer.prepend_scheme",
        "which has always or never where added tokens are found in normalized text", "first")
    }
    func mark(_ mark: TokenizerFile.Framing.Mark) throws -> UnigramCore.Mark {
      guard let id = tokens.id(of: mark.token) else {
        throw TokenizerError.missingToken(
          mark.token, role: "token that begins or ends a text", file: file.path)
      }
      guard mark.id ?? Int(id) == Int(id) else {
        throw file.unsupported(
          "post_processor", "which gives \(mark.token) the vocabulary's id \(id)",
          "one that gives it the id \(mark.id ?? -1)")
      }
      return UnigramCore.Mark(token: mark.token, id: id)
    }
    core = UnigramCore(
      model: UnigramModel(
        pieces: tokens.vocabulary, scores: pieces.approximateScores, unknownID: Int32(unknownID)),
      preparation: preparation, start: try mark(framing.classifier),
      end: try mark(framing.separator), addedTokens: tokens.tokens,
      names: try settings.names(defaults: [:], isAsWritten: true).map { ($0.key, $0.content) },
      reading: .tokenizerJSON, modelMaxLength: try settings.modelMaxLength())
  }

  /// As `XLMRobertaTokenizer` makes it.
  private init(file: TokenizerFile?, _ settings: UnigramSettings, directory: String) throws {
    let names = try settings.names(defaults: UnigramSettings.namesOfXLMR, isAsWritten: false)
    func name(_ key: String) throws -> String {
      guard let name = names.first(where: { $0.key == key }) else {
        throw TokenizerError.unsupported(
          family: .xlmRoberta, file: settings.path, key: key, expected: "which has a token there",
          found: "null")
      }
      return name.content
    }
    let (vocabulary, scores, map): (Vocabulary, [Double], CharacterMap?)
    var listed: [AddedToken] = []
    var extra = try settings.extraTokens()
    if let file {
      try file.checkCutsAtEnd()
      let (pieces, unknownID) = try file.unigramPieces()
      // The class takes piece 3, whatever the file says.
      guard unknownID == 3 else {
        throw file.unsupported(
          "model.unk_id", "which has 3 where tokenizer_class is XLMRobertaTokenizer",
          "\(unknownID)")
      }
      (vocabulary, scores) = (try pieces.vocabulary(file: file.path), pieces.scores)
      map = try file.firstCharacterMap()
      listed = try settings.statedTokens(of: file)
    } else {
      let path = "\(directory)/\(SentencePieceModel.fileName)"
      guard access(path, F_OK) == 0 else {
        throw TokenizerError.noVocabulary(directory: directory)
      }
      let model = try SentencePieceModel(path)
      (vocabulary, scores) = try model.fairseqPieces(
        start: name("bos_token"), padding: name("pad_token"), end: name("eos_token"),
        unknown: name("unk_token"), mask: name("mask_token"))
      map = try model.characterMap()
      // Tokens that the settings name take the place of the model's own.
      if extra.isEmpty { extra = model.addedTokens }
    }
    var tokens = AddedTokenList(vocabulary: vocabulary)
    let source = file?.path ?? vocabulary.file
    let decoder = try settings.decoder()
    for token in try decoder ?? settings.merged(listed) {
      try tokens.add(
        token, file: decoder == nil ? source : settings.path, family: .xlmRoberta)
    }
    for token in names { tokens.addIfNew(token.content, like: token) }
    for token in extra { tokens.addIfNew(token.content, like: token) }
    guard vocabulary.count > 3 else {
      throw TokenizerError.missingToken(
        try name("unk_token"), role: "unknown token, number 3", file: source)
    }
    func mark(_ key: String) throws -> UnigramCore.Mark {
      let token = try name(key)
      guard let id = tokens.id(of: token) else {
        throw TokenizerError.missingToken(token, role: key, file: source)
      }
      return UnigramCore.Mark(token: token, id: id)
    }
    core = UnigramCore(
      model: UnigramModel(pieces: vocabulary, scores: scores, unknownID: 3),
      preparation: TextPreparation(
        steps: map.map { [.characterMap($0)] } ?? [], splitsAtWhiteSpace: true,
        prefix: try settings.addsPrefixSpace() ? .always : .never, splitsAtMarks: true),
      start: try mark("bos_token"), end: try mark("eos_token"), addedTokens: tokens.tokens,
      names: names.map { ($0.key, $0.content) }, reading: .autoTokenizer,
      modelMaxLength: try settings.modelMaxLength())
  }

  /// What a directory's tokenizer takes in memory at most, about, in bytes, from the sizes of its files.
  public static func memoryBytes(directory: String) -> Int {
    func size(_ name: String) -> Int { (try? RandomAccessFile("\(directory)/\(name)").size) ?? 0 }
    let json = size("tokenizer.json")
    return json > 0 ? 4 * json : 12 * size(SentencePieceModel.fileName)
  }
}

extension TokenizerFile {
  /// Checks that a text is cut at its end; neither this nor padding changes ids unless one is cut.
  func checkCutsAtEnd() throws(TokenizerError) {
    try check(
      "truncation.direction", settings["truncation"]?["direction"] ?? .string("Right"),
      "which cuts a text at its end", .string("Right"))
  }

  /// The first charsmap of the normalizer, which is all that `XLMRobertaTokenizer` takes from it.
  fileprivate func firstCharacterMap() throws(TokenizerError) -> CharacterMap? {
    let normalizer = settings["normalizer"] ?? .null
    let list = normalizer["normalizers"]?.array ?? (normalizer == .null ? [] : [normalizer])
    guard let stated = list.first(where: { $0["type"] == .string("Precompiled") }) else {
      return nil
    }
    return try characterMap(stated, "normalizer")
  }
}

extension UnigramPieces {
  /// The pieces as a vocabulary.
  fileprivate func vocabulary(file: String) throws(TokenizerError) -> Vocabulary {
    try Vocabulary(bytes: bytes, offsets: offsets, file: file)
  }
}
