internal import Foundation
internal import Storage

/// The parts of a tokenizer.json with a Unigram model, each of which is refused by name where it asks for more than is built here.
extension TokenizerFile {
  /// Pieces and the id of the unknown token.
  ///
  /// - Throws: `TokenizerError` if there are none, or for what is not supported.
  func unigramPieces() throws(TokenizerError) -> (pieces: UnigramPieces, unknownID: Int) {
    guard let pieces else {
      throw .wrongKind(
        file: path, key: "model.vocab", expected: "a list of pieces and scores",
        found: settings["model"]?["vocab"]?.kind ?? "missing")
    }
    try check(
      "model.byte_fallback", settings["model"]?["byte_fallback"] ?? .bool(false),
      "which spells unknown characters by the unknown token", .bool(false))
    let unknown = settings["model"]?["unk_id"] ?? .null
    guard let id = unknown.integer, (0..<pieces.scores.count).contains(id) else {
      throw unsupported(
        "model.unk_id", "whose unknown token is one of its \(pieces.scores.count) pieces",
        unknown.text)
    }
    return (pieces, id)
  }

  func unsupported(_ key: String, _ expected: String, _ found: String) -> TokenizerError {
    .unsupported(family: family, file: path, key: key, expected: expected, found: found)
  }

  /// What is done to a text, as the file states it.
  ///
  /// - Throws: `TokenizerError` for what is not supported.
  func preparation() throws(TokenizerError) -> TextPreparation {
    var preparation = TextPreparation(
      steps: [], splitsAtWhiteSpace: false, prefix: .never, splitsAtMarks: false)
    preparation.steps = try steps(settings["normalizer"] ?? .null, "normalizer")
    let key = "pre_tokenizer"
    let stated = settings[key] ?? .null
    var parts: [(key: String, part: JSON)] = [(key, stated)]
    if stated["type"] == .string("Sequence"), let list = stated["pretokenizers"]?.array {
      parts = list.enumerated().map { ("\(key).pretokenizers[\($0)]", $1) }
    }
    let names = parts.map { $0.part["type"]?.string ?? "missing" }
    guard names == ["Metaspace"] || names == ["WhitespaceSplit", "Metaspace"], let last = parts.last
    else {
      throw unsupported(
        key, "which splits with Metaspace, alone or after WhitespaceSplit",
        names.joined(separator: ", "))
    }
    preparation.splitsAtWhiteSpace = names.count == 2
    try readMetaspace(SettingsFile(path, last.part), last.key, into: &preparation)
    return preparation
  }

  private func readMetaspace(
    _ metaspace: SettingsFile, _ key: String, into preparation: inout TextPreparation
  ) throws(TokenizerError) {
    try check(
      "\(key).replacement", metaspace.json["replacement"], "which has '▁' for a space",
      .string("▁"))
    let scheme = metaspace.json["prepend_scheme"] ?? .string("always")
    guard var prefix = scheme.string.flatMap({ TextPreparation.Prefix(rawValue: $0) }) else {
      throw unsupported(
        "\(key).prepend_scheme", "which has always, first or never there", scheme.text)
    }
    if try metaspace.bool("add_prefix_space") == false {
      guard metaspace.json["prepend_scheme"] == nil || prefix == .never else {
        throw unsupported(
          "\(key).add_prefix_space", "where it does not contradict prepend_scheme", "false")
      }
      prefix = .never
    }
    // Whether a word begins the text depends on offsets there, which characters that are left out shift.
    guard prefix != .first || !preparation.splitsAtWhiteSpace else {
      throw unsupported(
        "\(key).prepend_scheme", "which has always or never after WhitespaceSplit", "first")
    }
    preparation.prefix = prefix
    preparation.splitsAtMarks = try metaspace.bool("split").flatMap { $0 } ?? true
  }

  private func steps(_ stated: JSON, _ key: String) throws(TokenizerError) -> [TextPreparation.Step]
  {
    if stated == .null { return [] }
    switch stated["type"] {
    case .string("Sequence"):
      guard let list = stated["normalizers"]?.array else {
        throw .wrongKind(
          file: path, key: "\(key).normalizers", expected: "an array",
          found: stated["normalizers"]?.kind ?? "missing")
      }
      var result: [TextPreparation.Step] = []
      for (index, element) in list.enumerated() {
        result += try steps(element, "\(key).normalizers[\(index)]")
      }
      return result
    case .string("Precompiled"):
      return [.characterMap(try characterMap(stated, key))]
    case .string("Replace"):
      return [try replacement(stated, key)]
    case .string("Strip"):
      let stated = SettingsFile(path, stated)
      func side(_ side: String) throws(TokenizerError) -> Bool {
        guard let value = try stated.bool(side), let value else {
          throw .wrongKind(
            file: path, key: "\(key).\(side)", expected: "true or false",
            found: stated.json[side]?.kind ?? "missing")
        }
        return value
      }
      return [.strip(left: try side("strip_left"), right: try side("strip_right"))]
    case let type:
      throw unsupported(
        "\(key).type", "which normalizes with Precompiled, Replace, Strip or a Sequence of these",
        type.map { $0.string ?? $0.text } ?? "missing")
    }
  }

  func characterMap(_ stated: JSON, _ key: String) throws(TokenizerError) -> CharacterMap {
    let key = "\(key).precompiled_charsmap"
    guard let text = stated["precompiled_charsmap"]?.string else {
      throw .wrongKind(
        file: path, key: key, expected: "a text in Base64",
        found: stated["precompiled_charsmap"]?.kind ?? "missing")
    }
    guard let data = Data(base64Encoded: text) else {
      throw .wrongKind(file: path, key: key, expected: "a text in Base64", found: "another text")
    }
    do {
      return try CharacterMap(Array(data))
    } catch {
      throw .wrongKind(
        file: path, key: key, expected: "SentencePiece's rules of replacement",
        found: "\(data.count) bytes of another form (\(error))")
    }
  }

  private func replacement(_ stated: JSON, _ key: String) throws(TokenizerError)
    -> TextPreparation.Step
  {
    guard let content = stated["content"]?.string else {
      throw .wrongKind(
        file: path, key: "\(key).content", expected: "a text",
        found: stated["content"]?.kind ?? "missing")
    }
    let pattern = stated["pattern"]
    if let text = pattern?["String"]?.string, !text.isEmpty {
      return .replace(Array(text.utf8), with: Array(content.utf8))
    }
    guard pattern?["Regex"] == .string(" {2,}") else {
      throw unsupported(
        "\(key).pattern", "which replaces a text or the regular expression ' {2,}'",
        pattern?.text ?? "missing")
    }
    return .replaceSpaces(with: Array(content.utf8))
  }
}
