internal import Storage

extension WordPieceTokenizer {
  /// Writes the tokenizer as a Hugging Face directory that `AutoTokenizer.from_pretrained` and
  /// `init(directory:)` read: vocab.txt, tokenizer.json, tokenizer_config.json and
  /// special_tokens_map.json.
  ///
  /// - Parameters:
  ///   - directory: exists; files of these names are replaced.
  ///   - modelMaxLength: the longest text the model takes, in tokens; what the configuration says if
  ///     left out.
  /// - Throws: `StorageError` if a file cannot be written; `TokenizerError.unwritableToken` if an
  ///   entry cannot be a line of vocab.txt.
  public func write(to directory: String, modelMaxLength: Int? = nil) throws {
    let vocabularyFile = "\(directory)/vocab.txt"
    try AtomicFile.write(try vocabularyLines(for: vocabularyFile), to: vocabularyFile)
    try AtomicFile.write(tokenizerFile, to: "\(directory)/tokenizer.json")
    var settings = tokenNames
    settings["tokenizer_class"] = .string(
      configuration.isOfBertTokenizer ? "BertTokenizer" : "PreTrainedTokenizerFast")
    settings["do_lower_case"] = .bool(configuration.lowercases)
    settings["strip_accents"] = configuration.stripsAccents.map { .bool($0) } ?? .null
    settings["tokenize_chinese_chars"] = .bool(configuration.spacesIdeographs)
    settings["clean_up_tokenization_spaces"] = .bool(true)
    if let length = modelMaxLength ?? configuration.modelMaxLength {
      settings["model_max_length"] = .integer(length)
    }
    var decoder = JSONObject()
    for token in matchedTokens { decoder["\(token.id)"] = .object(Self.json(token)) }
    settings["added_tokens_decoder"] = .object(decoder)
    try AtomicFile.write(
      JSON.object(settings).prettyText, to: "\(directory)/tokenizer_config.json")
    try AtomicFile.write(
      JSON.object(tokenNames).prettyText, to: "\(directory)/special_tokens_map.json")
  }

  private var tokenNames: JSONObject {
    [
      "unk_token": .string(configuration.unknownToken),
      "cls_token": .string(configuration.classifierToken),
      "sep_token": .string(configuration.separatorToken),
      "pad_token": configuration.paddingToken.map { .string($0) } ?? .null,
      "mask_token": configuration.maskToken.map { .string($0) } ?? .null,
    ]
  }

  /// All tokens that are found in a text as written, in the order of their ids.
  private var matchedTokens: [AddedToken] {
    var tokens = addedTokens
    let roles: [(content: String?, id: Int32?)] = [
      (configuration.unknownToken, unknownID), (configuration.classifierToken, classifierID),
      (configuration.separatorToken, separatorID), (configuration.paddingToken, paddingID),
      (configuration.maskToken, maskID),
    ]
    for role in roles {
      guard let content = role.content, let id = role.id, !tokens.contains(where: { $0.id == id })
      else { continue }
      tokens.append(AddedToken(content: content, id: id, isSpecial: true))
    }
    return tokens.sorted { $0.id < $1.id }
  }

  private static func json(_ token: AddedToken) -> JSONObject {
    [
      "content": .string(token.content), "single_word": .bool(false), "lstrip": .bool(false),
      "rstrip": .bool(false), "normalized": .bool(false), "special": .bool(token.isSpecial),
    ]
  }

  private func vocabularyLines(for file: String) throws(TokenizerError) -> [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(vocabulary.bytes.count + vocabulary.count)
    for id in 0..<vocabulary.count {
      let entry = vocabulary[id]
      // A reader would take these for the line's end and trim them.
      if let last = entry.last, entry.contains(0x0A) || last == 0x20 || (9...13).contains(last) {
        throw .unwritableToken(id: id, file: file)
      }
      lines += entry
      lines.append(0x0A)
    }
    return lines
  }

  /// tokenizer.json in the layout of `tokenizers`.
  ///
  /// The vocabulary is put in as text, since entries that are equal as Swift strings would be one
  /// member of a `JSONObject`.
  private var tokenizerFile: String {
    func special(_ token: String, _ id: Int32) -> JSON {
      .object([
        "id": .string(token), "ids": .array([.integer(Int(id))]),
        "tokens": .array([.string(token)]),
      ])
    }
    let (first, last) = (configuration.classifierToken, configuration.separatorToken)
    func framed(_ sequences: [(name: String, type: Int)]) -> JSON {
      func piece(_ kind: String, _ id: String, _ type: Int) -> JSON {
        .object([kind: .object(["id": .string(id), "type_id": .integer(type)])])
      }
      return .array(
        [piece("SpecialToken", first, 0)]
          + sequences.flatMap {
            [piece("Sequence", $0.name, $0.type), piece("SpecialToken", last, $0.type)]
          })
    }
    var specials = JSONObject()
    specials[first] = special(first, classifierID)
    specials[last] = special(last, separatorID)
    let members: JSONObject = [
      "version": .string("1.0"),
      "truncation": .null,
      "padding": .null,
      "added_tokens": .array(
        matchedTokens.map { token in
          var object: JSONObject = ["id": .integer(Int(token.id))]
          for (key, value) in Self.json(token).members { object[key] = value }
          return .object(object)
        }),
      "normalizer": .object([
        "type": .string("BertNormalizer"), "clean_text": .bool(true),
        "handle_chinese_chars": .bool(configuration.spacesIdeographs),
        "strip_accents": configuration.stripsAccents.map { .bool($0) } ?? .null,
        "lowercase": .bool(configuration.lowercases),
      ]),
      "pre_tokenizer": .object(["type": .string("BertPreTokenizer")]),
      "post_processor": .object([
        "type": .string("TemplateProcessing"),
        "single": framed([("A", 0)]),
        "pair": framed([("A", 0), ("B", 1)]),
        "special_tokens": .object(specials),
      ]),
      "decoder": .object([
        "type": .string("WordPiece"), "prefix": .string(configuration.continuingPrefix),
        "cleanup": .bool(true),
      ]),
    ]
    var text = "{"
    for (key, value) in members.members { text += "\(JSON.string(key).text):\(value.text),\n" }
    text += "\"model\":{\"type\":\"WordPiece\","
    text += "\"unk_token\":\(JSON.string(configuration.unknownToken).text),"
    text += "\"continuing_subword_prefix\":\(JSON.string(configuration.continuingPrefix).text),"
    text += "\"max_input_chars_per_word\":\(configuration.longestWord),\"vocab\":{"
    var isFirst = true
    for id in 0..<vocabulary.count {
      let token = vocabulary.token(Int32(id))
      // Of equal entries the last alone is used, and a key must not occur twice.
      guard vocabulary.id(of: token) == Int32(id) else { continue }
      text += isFirst ? "\n" : ",\n"
      text += "\(JSON.string(token).text):\(id)"
      isFirst = false
    }
    return text + "\n}}}\n"
  }
}
