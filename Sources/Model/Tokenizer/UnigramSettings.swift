internal import Glibc
internal import Storage

/// What the files beside a Unigram vocabulary say: tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json.
struct UnigramSettings {
  private let directory: String
  private let settings: SettingsFile?
  /// Older versions of transformers wrote names and added tokens apart.
  private let map: SettingsFile?
  private let additions: SettingsFile?
  private let model: SettingsFile?

  static let namesOfXLMR = [
    "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>",
    "pad_token": "<pad>", "cls_token": "<s>", "mask_token": "<mask>",
  ]
  /// In the order in which transformers adds them.
  private static let roles = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]
  private static let mostTokens = 100_000

  init(directory: String) throws {
    func file(_ name: String) throws -> SettingsFile? {
      let path = "\(directory)/\(name)"
      guard access(path, F_OK) == 0 else { return nil }
      return try SettingsFile(path, .read(path))
    }
    self.directory = directory
    settings = try file("tokenizer_config.json")
    map = try file("special_tokens_map.json")
    additions = try file("added_tokens.json")
    model = try file("config.json")
    if let settings {
      if let side = settings.json["truncation_side"], side != .null, side != .string("right") {
        throw unsupported(
          "truncation_side", "which cuts a text at its end", side.string ?? side.text)
      }
      if try settings.bool("split_special_tokens") == true {
        throw unsupported(
          "split_special_tokens", "which finds special tokens in the text as written", "true")
      }
    }
  }

  /// The path of tokenizer_config.json.
  var path: String { "\(directory)/tokenizer_config.json" }

  private func unsupported(_ key: String, _ expected: String, _ found: String) -> TokenizerError {
    .unsupported(family: .xlmRoberta, file: path, key: key, expected: expected, found: found)
  }

  /// Whether the class that is named, or that the model's type has, takes tokenizer.json as it stands.
  ///
  /// - Returns: true for the generic class, false for XLM-R's.
  /// - Throws: `TokenizerError` for other classes, or if nothing names one.
  func isAsWritten() throws(TokenizerError) -> Bool {
    for file in [settings, model] {
      guard let file, let found = file.json["tokenizer_class"], found != .null else { continue }
      guard let name = found.string else {
        throw file.wrongKind("tokenizer_class", "a name", found)
      }
      switch name {
      case "XLMRobertaTokenizer", "XLMRobertaTokenizerFast": return false
      case "PreTrainedTokenizerFast", "TokenizersBackend": return true
      default:
        throw .unsupported(
          family: .xlmRoberta, file: file.path, key: "tokenizer_class",
          expected: "XLMRobertaTokenizer or PreTrainedTokenizerFast", found: name)
      }
    }
    // Without a config.json nothing names a class, and transformers takes the generic one.
    guard let model else { return true }
    switch model.json["model_type"]?.string {
    case "xlm-roberta": return false
    case "xlm-roberta-xl": return true
    case let type:
      throw .noTokenizerClass(directory: directory, modelType: type ?? "unknown")
    }
  }

  /// Tokens with a role.
  ///
  /// - Parameters:
  ///   - defaults: the names that the class has.
  ///   - isAsWritten: whether the class is the generic one.
  /// - Returns: each role's token, in the order in which transformers adds them.
  /// - Throws: `TokenizerError` for a role that XLM-R does not have, or for what is no token.
  func names(defaults: [String: String], isAsWritten: Bool) throws -> [NamedToken] {
    for (key, value) in settings?.json.object?.members ?? []
    where key.hasSuffix("_token") && value.string != nil && !Self.roles.contains(key) {
      throw unsupported(key, "which has the roles of XLM-R", value.string ?? "")
    }
    var result: [NamedToken] = []
    for role in Self.roles {
      if let stated = try stated(role) {
        if let stated { result.append(stated) }
      } else if let name = defaults[role] {
        result.append(NamedToken(key: role, content: name))
      }
    }
    return result
  }

  /// - Returns: `nil` where no file names the role, `.some(nil)` for null.
  private func stated(_ role: String) throws -> NamedToken?? {
    // special_tokens_map.json counts more, but only beside settings without a list of added tokens.
    if settings?.json["added_tokens_decoder"] == nil, let map, let value = map.json[role] {
      return try token(value, role, in: map, isOfMap: true)
    }
    guard let settings, let value = settings.json[role] else { return nil }
    return try token(value, role, in: settings, isOfMap: false)
  }

  private func token(
    _ value: JSON, _ key: String, in file: SettingsFile, isOfMap: Bool
  ) throws -> NamedToken? {
    if value == .null { return nil }
    if let content = value.string, !content.isEmpty {
      return NamedToken(key: key, content: content)
    }
    guard let content = value["content"]?.string, !content.isEmpty else {
      throw file.wrongKind(key, "a token", value)
    }
    guard isOfMap || value["__type"] == .string("AddedToken") else {
      throw TokenizerError.wrongKind(
        file: file.path, key: key, expected: "a name, or an object with \"__type\": \"AddedToken\"",
        found: "an object without it")
    }
    try checkIsNoWord(value, key, in: file)
    return NamedToken(
      key: key, content: content, isSpecial: true, stripsLeft: value["lstrip"]?.bool ?? false,
      stripsRight: value["rstrip"]?.bool ?? false,
      isNormalized: value["normalized"]?.bool ?? !(isOfMap || value["special"]?.bool == true))
  }

  /// Which characters make words is another question for every version of Unicode.
  private func checkIsNoWord(
    _ token: JSON, _ key: String, in file: SettingsFile
  ) throws(TokenizerError) {
    guard token["single_word"]?.bool == true else { return }
    throw .unsupported(
      family: .xlmRoberta, file: file.path, key: "\(key).single_word",
      expected: "whose tokens are found inside words, too", found: "true")
  }

  /// A token of a list: `{"id": …, "content": …}`.
  private func listed(
    _ value: JSON, id: Int?, _ key: String, in file: SettingsFile
  ) throws(TokenizerError) -> AddedToken {
    guard let id, let content = value["content"]?.string, !content.isEmpty,
      (0..<1 << 24).contains(id)
    else { throw file.wrongKind(key, "a token with its id", value) }
    try checkIsNoWord(value, key, in: file)
    let isSpecial = value["special"]?.bool ?? false
    return AddedToken(
      content: content, id: Int32(id), isSpecial: isSpecial,
      stripsLeft: value["lstrip"]?.bool ?? false, stripsRight: value["rstrip"]?.bool ?? false,
      isNormalized: value["normalized"]?.bool ?? !isSpecial)
  }

  /// The added tokens that tokenizer.json lists, in its order.
  func statedTokens(of tokenizerFile: TokenizerFile) throws(TokenizerError) -> [AddedToken] {
    guard let list = tokenizerFile.settings["added_tokens"], list != .null else { return [] }
    let file = SettingsFile(tokenizerFile.path, tokenizerFile.settings)
    guard let array = list.array else { throw file.wrongKind("added_tokens", "an array", list) }
    var result: [AddedToken] = []
    for (index, value) in array.enumerated() {
      result.append(
        try listed(value, id: value["id"]?.integer, "added_tokens[\(index)]", in: file))
    }
    return result
  }

  /// `added_tokens_decoder` of tokenizer_config.json by id; `nil` if it has none.
  func decoder() throws(TokenizerError) -> [AddedToken]? {
    guard let settings, let map = settings.json["added_tokens_decoder"], map != .null else {
      return nil
    }
    guard let object = map.object else {
      throw settings.wrongKind("added_tokens_decoder", "an object", map)
    }
    var result: [AddedToken] = []
    for (id, value) in object.members {
      result.append(try listed(value, id: Int(id), "added_tokens_decoder.\(id)", in: settings))
    }
    return result.sorted { $0.id < $1.id }
  }

  /// Tokens of added_tokens.json and of a list by id, in which the list counts more.
  func merged(_ tokens: [AddedToken]) throws -> [AddedToken] {
    var byID: [Int32: AddedToken] = [:]
    if let additions {
      let special = Set(
        try (names(defaults: Self.namesOfXLMR, isAsWritten: false) + extraTokens())
          .map { Array($0.content.utf8) })
      for (content, value) in additions.json.object?.members ?? [] {
        guard let id = value.integer, (0..<1 << 24).contains(id), !content.isEmpty else {
          throw additions.wrongKind(content, "an id", value)
        }
        let isSpecial = special.contains(Array(content.utf8))
        byID[Int32(id)] = AddedToken(
          content: content, id: Int32(id), isSpecial: isSpecial, isNormalized: !isSpecial)
      }
    }
    for token in tokens { byID[token.id] = token }
    return byID.values.sorted { $0.id < $1.id }
  }

  /// Further special tokens.
  func extraTokens() throws -> [NamedToken] {
    let isOlder = settings?.json["added_tokens_decoder"] == nil
    for (file, isOfMap) in [(isOlder ? map : nil, true), (settings, false)] {
      guard let file else { continue }
      for key in ["extra_special_tokens", "additional_special_tokens"] {
        guard let list = file.json[key], list != .null, list != .array([]) else { continue }
        guard let values = list.array, values.count <= Self.mostTokens else {
          throw file.wrongKind(key, "an array of at most \(Self.mostTokens) tokens", list)
        }
        return try values.map { value in
          guard let token = try token(value, key, in: file, isOfMap: isOfMap) else {
            throw file.wrongKind(key, "an array of tokens", value)
          }
          return token
        }
      }
    }
    return []
  }

  /// Whether "▁" is put before every word (`add_prefix_space`).
  func addsPrefixSpace() throws(TokenizerError) -> Bool {
    try settings?.bool("add_prefix_space").flatMap { $0 } ?? true
  }

  /// The longest text that the model takes, if stated.
  func modelMaxLength() throws -> Int? {
    // Python's "no limit" is 10^30, which reads as a number and not as an integer.
    settings?.json["model_max_length"]?.integer
  }
}
