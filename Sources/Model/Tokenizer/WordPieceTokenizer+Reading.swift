internal import Glibc
internal import Storage

extension WordPieceTokenizer {
  /// Reads the tokenizer of a Hugging Face directory as transformers 5 reads it.
  ///
  /// `tokenizer_class` decides. BERT's classes make the tokenizer anew: the vocabulary comes from tokenizer.json, from
  /// vocab.txt if there is none, and must be the same if both are there; settings come from tokenizer_config.json, then
  /// from tokenizer.json; without either the tokenizer lower-cases. Special tokens have the names that
  /// tokenizer_config.json or special_tokens_map.json gives them. `PreTrainedTokenizerFast`, called `TokenizersBackend`
  /// as well, takes tokenizer.json as it stands and finds those special tokens in a text that a file names.
  ///
  /// - Parameters:
  ///   - directory: its path.
  ///   - reading: `tokenizerJSON` takes tokenizer.json as it stands whatever the class.
  /// - Throws: `TokenizerError` if there is no vocabulary, if files contradict each other or if the
  ///   tokenizer is not BERT's; `JSONError` and `StorageError` for files that cannot be read.
  public init(directory: String, reading: TokenizerReading = .autoTokenizer) throws {
    let path = "\(directory)/tokenizer.json"
    let file = access(path, F_OK) == 0 ? try TokenizerFile(path) : nil
    try self.init(directory: directory, file: file, reading: reading)
  }

  /// The same of a tokenizer.json that has been read, if there is one.
  init(directory: String, file: TokenizerFile?, reading: TokenizerReading) throws {
    func path(_ name: String) -> String? {
      let path = "\(directory)/\(name)"
      return access(path, F_OK) == 0 ? path : nil
    }
    try file?.checkIsBERT()
    let listed = try path("vocab.txt").map { try Vocabulary(file: $0) }
    let mapped = try file?.vocabulary()
    guard var vocabulary = listed ?? mapped else {
      throw TokenizerError.noVocabulary(directory: directory)
    }
    if let listed, let mapped { vocabulary = try listed.reconciled(with: mapped) }

    var reader = ConfigurationReader(directory: directory, tokenizerFile: file)
    func settings(_ name: String) throws -> SettingsFile? {
      try path(name).map { .init($0, try .read($0)) }
    }
    reader.settings = try settings("tokenizer_config.json")
    reader.names = try settings("special_tokens_map.json")
    reader.additions = try settings("added_tokens.json")
    reader.model = try settings("config.json")
    let isAsWritten = try reader.isAsWritten(reading)
    let framing = try file?.framing()
    let configuration =
      if isAsWritten, let file, let framing {
        try reader.configuration(asWrittenIn: file, framing)
      } else {
        try reader.configuration(framing)
      }
    let addedTokens = try reader.addedTokens(beside: vocabulary)
    if isAsWritten { try reader.checkAreFound(configuration, addedTokens) }
    try self.init(
      vocabulary: vocabulary, configuration: configuration, addedTokens: addedTokens)
    if let file, let framing { try file.checkIDs(of: framing, in: self) }
  }

  /// What a directory's tokenizer takes in memory at most, about, in bytes, from the sizes of its files.
  ///
  /// Of a vocabulary twelve times vocab.txt, as measured of multilingual BERT's 105,879 entries; of tokenizer.json
  /// what parsing it takes.
  public static func memoryBytes(directory: String) -> Int {
    func size(_ name: String) -> Int { (try? RandomAccessFile("\(directory)/\(name)").size) ?? 0 }
    return 12 * size("vocab.txt") + 4 * size("tokenizer.json")
  }
}

/// Puts settings together from the files that may state them.
private struct ConfigurationReader {
  let directory: String
  let tokenizerFile: TokenizerFile?
  var settings: SettingsFile?
  var names: SettingsFile?
  var additions: SettingsFile?
  /// config.json, which may name the class where tokenizer_config.json does not.
  var model: SettingsFile?

  init(directory: String, tokenizerFile: TokenizerFile?) {
    (self.directory, self.tokenizerFile) = (directory, tokenizerFile)
  }

  /// Tokenizers that treat text as `BertTokenizer` does.
  private static let classes: Set = [
    "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast",
    "ElectraTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "MobileBertTokenizerFast",
  ]
  /// Those that take tokenizer.json as it stands.
  private static let classesAsWritten: Set = ["PreTrainedTokenizerFast", "TokenizersBackend"]

  /// Whether tokenizer.json says everything, by what was asked for or by the class that is named.
  ///
  /// - Throws: `TokenizerError` for another class, or if there is no tokenizer.json then.
  func isAsWritten(_ reading: TokenizerReading) throws(TokenizerError) -> Bool {
    if reading == .tokenizerJSON {
      guard tokenizerFile != nil else { throw .noTokenizerJSON(directory: directory) }
      return true
    }
    for file in [settings, model] {
      guard let file, let found = file.json["tokenizer_class"], found != .null else { continue }
      guard let name = found.string else {
        throw file.wrongKind("tokenizer_class", "a name", found)
      }
      if Self.classes.contains(name) { return false }
      guard Self.classesAsWritten.contains(name) else {
        throw .unsupported(
          file: file.path, key: "tokenizer_class",
          expected: "BertTokenizer or PreTrainedTokenizerFast", found: name)
      }
      guard tokenizerFile != nil else {
        throw .noTokenizerFile(directory: directory, file: file.path, found: name)
      }
      return true
    }
    return false
  }

  /// Settings of a tokenizer that is made anew.
  ///
  /// - Parameter framing: what tokenizer.json says, if there is one.
  /// - Returns: what the files state, else the reference's defaults.
  /// - Throws: `TokenizerError` where they contradict each other.
  func configuration(_ framing: TokenizerFile.Framing?) throws -> TokenizerConfiguration {
    var configuration = TokenizerConfiguration()
    configuration.lowercases =
      try setting("do_lower_case", "lowercase", default: true) ?? true
    configuration.stripsAccents = try setting("strip_accents", "strip_accents", default: nil)
    configuration.spacesIdeographs =
      try setting("tokenize_chinese_chars", "handle_chinese_chars", default: true) ?? true
    if let token = try name("unk_token") { configuration.unknownToken = token }
    if let token = try name("cls_token") { configuration.classifierToken = token }
    if let token = try name("sep_token") { configuration.separatorToken = token }
    configuration.paddingToken = try name("pad_token", orNull: configuration.paddingToken)
    configuration.maskToken = try name("mask_token", orNull: configuration.maskToken)
    if let tokenizerFile, let framing {
      try tokenizerFile.checkHasWordPiecesOfBERT()
      try tokenizerFile.check(
        framing, classifier: configuration.classifierToken,
        separator: configuration.separatorToken, unknown: configuration.unknownToken)
    }
    try readLength(into: &configuration)
    return configuration
  }

  /// Settings of a tokenizer whose tokenizer.json says everything but names.
  func configuration(
    asWrittenIn file: TokenizerFile, _ framing: TokenizerFile.Framing
  ) throws -> TokenizerConfiguration {
    var configuration = TokenizerConfiguration()
    let normalizer = SettingsFile(file.path, file.settings["normalizer"] ?? .null)
    configuration.lowercases = try normalizer.bool("lowercase").flatMap { $0 } ?? true
    configuration.stripsAccents = try normalizer.bool("strip_accents") ?? nil
    configuration.spacesIdeographs =
      try normalizer.bool("handle_chinese_chars").flatMap { $0 } ?? true
    (configuration.continuingPrefix, configuration.longestWord) = try file.wordPieces()
    configuration.unknownToken = file.settings["model"]?["unk_token"]?.string ?? "[UNK]"
    configuration.classifierToken = framing.classifier.token
    configuration.separatorToken = framing.separator.token
    // Where a file names one of these otherwise, nobody can know which is meant.
    try file.check(
      framing, classifier: name("cls_token") ?? configuration.classifierToken,
      separator: name("sep_token") ?? configuration.separatorToken,
      unknown: name("unk_token") ?? configuration.unknownToken)
    configuration.paddingToken = try name(
      "pad_token", orNull: file.settings["padding"]?["pad_token"]?.string)
    configuration.maskToken = try name("mask_token")
    try readLength(into: &configuration)
    return configuration
  }

  /// Checks that the tokens that stand for something are found in a text as written, which a tokenizer.json need not
  /// say: one that is not found would be spelt as words are.
  ///
  /// - Throws: `TokenizerError.unsupported` with the first that is not.
  func checkAreFound(_ configuration: TokenizerConfiguration, _ added: [AddedToken]) throws {
    guard let tokenizerFile else { return }
    let found =
      Set(added.map { Array($0.content.utf8) })
      .union(
        try ["unk_token", "cls_token", "sep_token", "pad_token", "mask_token"].compactMap {
          try name($0).map { Array($0.utf8) }
        })
    for (role, token) in configuration.roles where !found.contains(Array(token.utf8)) {
      throw TokenizerError.unsupported(
        file: tokenizerFile.path, key: "added_tokens",
        expected: "which finds its \(role) in the text as written",
        found: "a list without '\(token)'")
    }
  }

  /// Reads the longest text, and checks that it is cut and searched as is done here.
  private func readLength(into configuration: inout TokenizerConfiguration) throws {
    guard let settings else { return }
    // Python's "no limit" is 10^30, which reads as a number and not as an integer.
    configuration.modelMaxLength = settings.json["model_max_length"]?.integer
    if let side = settings.json["truncation_side"], side != .null, side != .string("right") {
      throw TokenizerError.unsupported(
        file: settings.path, key: "truncation_side", expected: "which cuts a text at its end",
        found: side.string ?? side.text)
    }
    for (key, expected) in [
      ("split_special_tokens", "which finds special tokens in the text as written"),
      ("add_bos_token", "which puts a text between two tokens"),
      ("add_eos_token", "which puts a text between two tokens"),
    ] where try settings.bool(key) == true {
      throw TokenizerError.unsupported(
        file: settings.path, key: key, expected: expected, found: "true")
    }
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
      // Names that BERT has no use for make special tokens nevertheless.
      for key in ["bos_token", "eos_token"] {
        if let content = try file.token(key), let content { result.append((file.path, content)) }
      }
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
