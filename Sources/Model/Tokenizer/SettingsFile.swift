internal import Storage

/// A JSON file whose members are asked for by name and kind.
struct SettingsFile {
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
