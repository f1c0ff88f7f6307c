internal import Foundation
internal import Storage

extension UnigramTokenizer {
  /// Writes the tokenizer as a Hugging Face directory that `AutoTokenizer.from_pretrained` and `loadTokenizer` read: tokenizer.json
  /// and tokenizer_config.json.
  ///
  /// - Parameters:
  ///   - directory: exists; files of these names are replaced, and special_tokens_map.json and added_tokens.json, which would count more,
  ///     are removed.
  ///   - modelMaxLength: the longest text the model takes, in tokens; what was read if left out.
  /// - Throws: `StorageError` if a file cannot be written; `TokenizerError.unwritableScore`.
  public func write(to directory: String, modelMaxLength: Int? = nil) throws {
    let path = "\(directory)/tokenizer.json"
    try AtomicFile.write(try tokenizerFile(path), to: path)
    var settings = JSONObject()
    for name in core.names { settings[name.key] = .string(name.token) }
    settings["tokenizer_class"] = .string(
      reading == .autoTokenizer ? "XLMRobertaTokenizer" : "PreTrainedTokenizerFast")
    if core.preparation.prefix == .never { settings["add_prefix_space"] = .bool(false) }
    if let length = modelMaxLength ?? self.modelMaxLength {
      settings["model_max_length"] = .integer(length)
    }
    try AtomicFile.write(
      JSON.object(settings).prettyText, to: "\(directory)/tokenizer_config.json")
    for name in ["special_tokens_map.json", "added_tokens.json"] {
      try removeFile("\(directory)/\(name)")
    }
  }

  private static func json(_ token: AddedToken) -> JSON {
    .object([
      "id": .integer(Int(token.id)), "content": .string(token.content),
      "single_word": .bool(false), "lstrip": .bool(token.stripsLeft),
      "rstrip": .bool(token.stripsRight), "normalized": .bool(token.isNormalized),
      "special": .bool(token.isSpecial),
    ])
  }

  private static func json(_ step: TextPreparation.Step) -> JSON {
    func replacement(_ pattern: JSONObject, _ content: [UInt8]) -> JSON {
      .object([
        "type": .string("Replace"), "pattern": .object(pattern),
        "content": .string(String(decoding: content, as: UTF8.self)),
      ])
    }
    return switch step {
    case .characterMap(let map):
      .object([
        "type": .string("Precompiled"),
        "precompiled_charsmap": .string(Data(map.bytes).base64EncodedString()),
      ])
    case .replace(let pattern, let content):
      replacement(["String": .string(String(decoding: pattern, as: UTF8.self))], content)
    case .replaceSpaces(let content): replacement(["Regex": .string(" {2,}")], content)
    case .strip(let left, let right):
      .object([
        "type": .string("Strip"), "strip_left": .bool(left), "strip_right": .bool(right),
      ])
    }
  }

  private var normalizer: JSON {
    let steps = core.preparation.steps.map(Self.json)
    return switch steps.count {
    case 0: .null
    case 1: steps[0]
    default: .object(["type": .string("Sequence"), "normalizers": .array(steps)])
    }
  }

  private var metaspace: JSONObject {
    [
      "type": .string("Metaspace"), "replacement": .string("▁"),
      "prepend_scheme": .string(core.preparation.prefix.rawValue),
      "split": .bool(core.preparation.splitsAtMarks),
    ]
  }

  private var preTokenizer: JSON {
    guard core.preparation.splitsAtWhiteSpace else { return .object(metaspace) }
    return .object([
      "type": .string("Sequence"),
      "pretokenizers": .array([
        .object(["type": .string("WhitespaceSplit")]), .object(metaspace),
      ]),
    ])
  }

  private var postProcessor: JSON {
    func piece(_ kind: String, _ id: String) -> JSON {
      .object([kind: .object(["id": .string(id), "type_id": .integer(0)])])
    }
    func special(_ mark: UnigramCore.Mark) -> JSON {
      .object([
        "id": .string(mark.token), "ids": .array([.integer(Int(mark.id))]),
        "tokens": .array([.string(mark.token)]),
      ])
    }
    let (start, end) = (core.start, core.end)
    let single = [
      piece("SpecialToken", start.token), piece("Sequence", "A"), piece("SpecialToken", end.token),
    ]
    var specials = JSONObject()
    specials[start.token] = special(start)
    specials[end.token] = special(end)
    return .object([
      "type": .string("TemplateProcessing"), "single": .array(single),
      "pair": .array(
        single + [
          piece("SpecialToken", end.token), piece("Sequence", "B"),
          piece("SpecialToken", end.token),
        ]),
      "special_tokens": .object(specials),
    ])
  }

  /// tokenizer.json in the layout of `tokenizers`, a piece per line.
  private func tokenizerFile(_ path: String) throws(TokenizerError) -> String {
    let members: JSONObject = [
      "version": .string("1.0"), "truncation": .null, "padding": .null,
      "added_tokens": .array(addedTokens.map(Self.json)), "normalizer": normalizer,
      "pre_tokenizer": preTokenizer, "post_processor": postProcessor,
      "decoder": .object(metaspace),
    ]
    var text = "{"
    for (key, value) in members.members { text += "\(JSON.string(key).text):\(value.text),\n" }
    text +=
      "\"model\":{\"type\":\"Unigram\",\"unk_id\":\(unknownID),\"byte_fallback\":false,\"vocab\":["
    for id in 0..<pieces.count {
      // transformers reads numbers for the one class, `tokenizers` for the other (see DecimalNumber).
      let score =
        reading == .autoTokenizer
        ? "\(scores[id])" : DecimalNumber.approximateText(of: scores[id])
      guard let score else {
        throw .unwritableScore(token: pieces.token(Int32(id)), file: path)
      }
      text += id == 0 ? "\n" : ",\n"
      text += "[\(JSON.string(pieces.token(Int32(id))).text),\(score)]"
    }
    return text + "\n]}}\n"
  }
}
