internal import Glibc
internal import Storage

extension Tokenizer {
  /// Reads the tokenizer of a Hugging Face directory.
  ///
  /// The vocabulary comes from vocab.txt, from tokenizer.json if there is none, and must be the same
  /// if both are there. Settings come from tokenizer_config.json, then from tokenizer.json; without
  /// either the tokenizer lower-cases, as the reference does. Special tokens have the names that
  /// tokenizer_config.json or special_tokens_map.json gives them.
  ///
  /// - Parameter directory: its path.
  /// - Throws: `TokenizerError` if there is no vocabulary, if files contradict each other or if the
  ///   tokenizer is not BERT's; `JSONError` and `StorageError` for files that cannot be read.
  public init(directory: String) throws {
    func path(_ name: String) -> String? {
      let path = "\(directory)/\(name)"
      return access(path, F_OK) == 0 ? path : nil
    }
    let file = try path("tokenizer.json").map { try TokenizerFile($0) }
    try file?.checkIsBERT()
    let listed = try path("vocab.txt").map { try Vocabulary(file: $0) }
    let mapped = try file?.vocabulary()
    guard let vocabulary = listed ?? mapped else {
      throw TokenizerError.noVocabulary(directory: directory)
    }
    if let listed, let mapped { try Self.compare(listed, mapped) }

    var reader = ConfigurationReader(directory: directory, tokenizerFile: file)
    if let path = path("tokenizer_config.json") { reader.settings = .init(path, try .read(path)) }
    if let path = path("special_tokens_map.json") { reader.names = .init(path, try .read(path)) }
    if let path = path("added_tokens.json") { reader.additions = .init(path, try .read(path)) }
    try self.init(
      vocabulary: vocabulary, configuration: reader.configuration(),
      addedTokens: reader.addedTokens(beside: vocabulary))
  }

  /// What a directory's tokenizer takes in memory at most, about, in bytes, from the sizes of its files.
  ///
  /// Of a vocabulary twelve times vocab.txt, as measured of multilingual BERT's 105,879 entries; of tokenizer.json
  /// what parsing it takes.
  public static func memoryBytes(directory: String) -> Int {
    func size(_ name: String) -> Int { (try? RandomAccessFile("\(directory)/\(name)").size) ?? 0 }
    return 12 * size("vocab.txt") + 4 * size("tokenizer.json")
  }

  private static func compare(_ listed: Vocabulary, _ mapped: Vocabulary) throws(TokenizerError) {
    guard listed.count == mapped.count else {
      throw .sizesDiffer(
        file: listed.file, count: listed.count, otherFile: mapped.file, otherCount: mapped.count)
    }
    for id in 0..<listed.count where !listed[id].elementsEqual(mapped[id]) {
      // Of equal lines tokenizer.json keeps the last, and the reference trims all white space.
      let token = listed.token(Int32(id))
      let isRepeated = listed.id(of: token) != Int32(id)
      let isBlank = token.unicodeScalars.allSatisfy(\.properties.isWhitespace)
      if mapped[id].isEmpty, isRepeated || isBlank { continue }
      throw .tokensDiffer(
        id: id, file: listed.file, token: token, otherFile: mapped.file,
        otherToken: mapped.token(Int32(id)))
    }
  }
}

/// A JSON file whose members are asked for by name and kind.
private struct SettingsFile {
  let path: String
  let json: JSON

  init(_ path: String, _ json: JSON) { (self.path, self.json) = (path, json) }

  func wrongKind(_ key: String, _ expected: String, _ value: JSON?) -> TokenizerError {
    .wrongKind(file: path, key: key, expected: expected, found: value?.kind ?? "missing")
  }

  /// - Returns: `nil` for a member that is missing, `.some(nil)` for null.
  func bool(_ key: String) throws(TokenizerError) -> Bool?? {
    guard let value = json[key] else { return .none }
    if value == .null { return .some(nil) }
    guard let bool = value.bool else { throw wrongKind(key, "true or false", value) }
    return .some(bool)
  }

  /// The content of a token, written as a string or as an object.
  ///
  /// - Returns: `nil` for a member that is missing, `.some(nil)` for null.
  func token(_ key: String) throws(TokenizerError) -> String?? {
    guard let value = json[key] else { return .none }
    if value == .null { return .some(nil) }
    let content = value.string ?? value["content"]?.string
    guard let content, !content.isEmpty else { throw wrongKind(key, "a token", value) }
    if value.object != nil { try checkIsMatchedAsWritten(value, key) }
    return .some(content)
  }

  /// Rejects tokens that are found in another way than byte by byte in the raw text.
  ///
  /// `lstrip` and `rstrip` take white space into the token that the tokenizer drops anyway.
  func checkIsMatchedAsWritten(_ token: JSON, _ key: String) throws(TokenizerError) {
    for option in ["single_word", "normalized"] where token[option]?.bool == true {
      throw .unsupported(
        file: path, key: "\(key).\(option)",
        expected: "whose tokens are found in the text as written",
        found: "true")
    }
  }

  /// A token of a list: `{"id": …, "content": …}`.
  func addedToken(_ value: JSON, id: Int?, _ key: String) throws(TokenizerError) -> AddedToken {
    guard let id, let content = value["content"]?.string, !content.isEmpty,
      (0..<1 << 24).contains(id)
    else { throw wrongKind(key, "a token with its id", value) }
    try checkIsMatchedAsWritten(value, key)
    return AddedToken(
      content: content, id: Int32(id), isSpecial: value["special"]?.bool ?? false)
  }
}

/// Puts settings together from the files that may state them.
private struct ConfigurationReader {
  let directory: String
  let tokenizerFile: TokenizerFile?
  var settings: SettingsFile?
  var names: SettingsFile?
  var additions: SettingsFile?

  init(directory: String, tokenizerFile: TokenizerFile?) {
    (self.directory, self.tokenizerFile) = (directory, tokenizerFile)
  }

  /// Tokenizers that treat text as `BertTokenizer` does.
  private static let classes: Set = [
    "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast",
    "ElectraTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "MobileBertTokenizerFast",
    "PreTrainedTokenizerFast", "TokenizersBackend",
  ]

  func configuration() throws -> TokenizerConfiguration {
    if let settings, let found = settings.json["tokenizer_class"], found != .null {
      guard let name = found.string else {
        throw settings.wrongKind("tokenizer_class", "a name", found)
      }
      guard Self.classes.contains(name) else {
        throw TokenizerError.unsupported(
          file: settings.path, key: "tokenizer_class", expected: "BertTokenizer", found: name)
      }
    }
    var configuration = TokenizerConfiguration()
    configuration.lowercases =
      try setting("do_lower_case", "lowercase", default: true) ?? true
    configuration.stripsAccents = try setting("strip_accents", "strip_accents", default: nil)
    configuration.spacesIdeographs =
      try setting("tokenize_chinese_chars", "handle_chinese_chars", default: true) ?? true
    if let token = try name("unk_token") { configuration.unknownToken = token }
    if let token = try name("cls_token") { configuration.classifierToken = token }
    if let token = try name("sep_token") { configuration.separatorToken = token }
    if let token = try name("pad_token") { configuration.paddingToken = token }
    configuration.maskToken = try name("mask_token", orNull: configuration.maskToken)
    try tokenizerFile?.checkFraming(
      classifier: configuration.classifierToken, separator: configuration.separatorToken,
      unknown: configuration.unknownToken)
    // Python's "no limit" is 10^30, which reads as a number and not as an integer.
    configuration.modelMaxLength = settings?.json["model_max_length"]?.integer
    return configuration
  }

  /// A setting of tokenizer_config.json, else the reference's default.
  ///
  /// The reference overrides what tokenizer.json says by its own default. Where that would change
  /// what tokenizer.json says, nobody can know which is meant.
  private func setting(
    _ key: String, _ normalizerKey: String, default defaultValue: Bool?
  ) throws -> Bool? {
    if let stated = try settings?.bool(key) { return stated ?? defaultValue }
    guard let tokenizerFile else { return defaultValue }
    let normalizer = SettingsFile(
      tokenizerFile.path, tokenizerFile.settings["normalizer"] ?? .null)
    guard let found = try normalizer.bool(normalizerKey), found != defaultValue else {
      return defaultValue
    }
    throw TokenizerError.undecided(
      file: tokenizerFile.path, key: "normalizer.\(normalizerKey)", found: found ?? false,
      configuration: "\(directory)/tokenizer_config.json",
      setting: "\"\(key)\": \(found.map { "\($0)" } ?? "null")")
  }

  private func name(_ key: String) throws -> String? {
    try name(key, orNull: nil)
  }

  /// The name of a special token; `standard` if none is stated, `nil` if null is.
  private func name(_ key: String, orNull standard: String?) throws -> String? {
    if let stated = try settings?.token(key) { return stated }
    if let stated = try names?.token(key) { return stated }
    return standard
  }

  /// Tokens that the directory's files add, special or not.
  ///
  /// They stand in `added_tokens` of tokenizer.json, `added_tokens_decoder` of tokenizer_config.json
  /// and added_tokens.json; special ones that the vocabulary has may be named by a list alone.
  func addedTokens(beside vocabulary: Vocabulary) throws -> [AddedToken] {
    var tokens: [AddedToken] = []
    // Contents by their bytes; lists may be long.
    var (ids, contents) = (Set<Int32>(), Set<[UInt8]>())
    func add(_ token: AddedToken) {
      guard ids.insert(token.id).inserted else { return }
      contents.insert(Array(token.content.utf8))
      tokens.append(token)
    }
    if let tokenizerFile, let list = tokenizerFile.settings["added_tokens"], list != .null {
      let file = SettingsFile(tokenizerFile.path, tokenizerFile.settings)
      guard let array = list.array else { throw file.wrongKind("added_tokens", "an array", list) }
      for (index, value) in array.enumerated() {
        let key = "added_tokens[\(index)]"
        add(try file.addedToken(value, id: value["id"]?.integer, key))
      }
    }
    if let settings, let map = settings.json["added_tokens_decoder"], map != .null {
      guard let object = map.object else {
        throw settings.wrongKind("added_tokens_decoder", "an object", map)
      }
      for (id, value) in object.members {
        add(try settings.addedToken(value, id: Int(id), "added_tokens_decoder.\(id)"))
      }
    }
    let listed = try listedTokens()
    let listedContents = Set(listed.map { Array($0.content.utf8) })
    for (content, id) in additions?.json.object?.members ?? [] {
      guard let additions, let id = id.integer, (0..<1 << 24).contains(id), !content.isEmpty else {
        throw TokenizerError.wrongKind(
          file: "\(directory)/added_tokens.json", key: content, expected: "an id", found: id.kind)
      }
      if ids.contains(Int32(id)) { continue }
      // Tokens that are not special are looked for in the normalized text.
      guard listedContents.contains(Array(content.utf8)) else {
        throw TokenizerError.unsupported(
          file: additions.path, key: content,
          expected: "whose tokens are found in the text as written",
          found: "a token that is not special")
      }
      add(AddedToken(content: content, id: Int32(id), isSpecial: true))
    }
    for (file, content) in listed where !contents.contains(Array(content.utf8)) {
      guard let id = vocabulary.id(of: content) else {
        throw TokenizerError.missingToken(
          content, role: "special token that \(file) lists", file: vocabulary.file)
      }
      add(AddedToken(content: content, id: id, isSpecial: true))
    }
    return tokens
  }

  /// Special tokens that are listed by content alone, and where.
  private func listedTokens() throws -> [(file: String, content: String)] {
    var result: [(file: String, content: String)] = []
    for file in [settings, names].compactMap({ $0 }) {
      for key in ["additional_special_tokens", "extra_special_tokens"] {
        guard let list = file.json[key], list != .null else { continue }
        guard let values = list.array ?? list.object?.members.map(\.value) else {
          throw file.wrongKind(key, "an array", list)
        }
        guard values.count <= 100_000 else {
          throw TokenizerError.wrongKind(
            file: file.path, key: key, expected: "at most 100000 tokens",
            found: "an array of \(values.count)")
        }
        for value in values {
          guard let content = value.string ?? value["content"]?.string, !content.isEmpty else {
            throw file.wrongKind(key, "an array of tokens", value)
          }
          if value.object != nil { try file.checkIsMatchedAsWritten(value, key) }
          result.append((file.path, content))
        }
      }
    }
    return result
  }
}

extension TokenizerFile {
  /// Checks that the file describes BERT's steps and nothing else.
  ///
  /// - Throws: `TokenizerError.unsupported` with what was found.
  func checkIsBERT() throws(TokenizerError) {
    let model = settings["model"]
    // Files of the first versions name no type.
    let isOldWordPiece = model?["type"] == nil && model?["max_input_chars_per_word"] != nil
    if !isOldWordPiece {
      try check("model.type", model?["type"], "WordPiece", .string("WordPiece"))
    }
    try check(
      "normalizer.type", settings["normalizer"]?["type"], "BertNormalizer",
      .string("BertNormalizer"))
    try check(
      "pre_tokenizer.type", settings["pre_tokenizer"]?["type"], "BertPreTokenizer",
      .string("BertPreTokenizer"))
    try check(
      "normalizer.clean_text", settings["normalizer"]?["clean_text"] ?? .bool(true),
      "which cleans text", .bool(true))
    try check(
      "model.continuing_subword_prefix", model?["continuing_subword_prefix"] ?? .string("##"),
      "which has '##'", .string("##"))
    try check(
      "model.max_input_chars_per_word", model?["max_input_chars_per_word"] ?? .integer(100),
      "which has 100", .integer(100))
  }

  /// Checks that a text is put between the classifier and separator tokens.
  ///
  /// - Throws: `TokenizerError.unsupported` with what was found.
  func checkFraming(
    classifier: String, separator: String, unknown: String
  ) throws(TokenizerError) {
    try check(
      "model.unk_token", settings["model"]?["unk_token"] ?? .string(unknown),
      "which has '\(unknown)'", .string(unknown))
    let framing = settings["post_processor"]
    let expected = "which puts a text between \(classifier) and \(separator)"
    switch framing?["type"] {
    case .string("BertProcessing"):
      for (key, token) in [("cls", classifier), ("sep", separator)] {
        let found = framing?[key]?.array?.first
        try check("post_processor.\(key)", found, expected, .string(token))
      }
    case .string("TemplateProcessing"):
      let pieces = (framing?["single"]?.array ?? []).map { piece in
        piece["SpecialToken"]?["id"]?.string ?? piece["Sequence"]?["id"]?.string.map { "$\($0)" }
          ?? "?"
      }
      try check(
        "post_processor.single", .string(pieces.joined(separator: " ")), expected,
        .string("\(classifier) $A \(separator)"))
    case let type:
      try check("post_processor.type", type, expected, .string("TemplateProcessing"))
    }
  }

  private func check(
    _ key: String, _ found: JSON?, _ expected: String, _ value: JSON
  ) throws(TokenizerError) {
    guard found != value else { return }
    throw .unsupported(
      file: path, key: key, expected: expected,
      found: found.map { $0.string ?? $0.text } ?? "missing")
  }
}
