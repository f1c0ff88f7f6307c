internal import Storage

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
    // Neither changes ids unless a text is cut; then the reference cuts where this says.
    try check(
      "truncation.direction", settings["truncation"]?["direction"] ?? .string("Right"),
      "which cuts a text at its end", .string("Right"))
  }

  /// Checks what `BertTokenizer` sets itself, whatever the file says.
  ///
  /// - Throws: `TokenizerError.unsupported` for a file that says otherwise.
  func checkHasWordPiecesOfBERT() throws(TokenizerError) {
    let model = settings["model"]
    let ofClass = "where tokenizer_class is BertTokenizer"
    try check(
      "model.continuing_subword_prefix", model?["continuing_subword_prefix"] ?? .string("##"),
      "which has '##' \(ofClass)", .string("##"))
    try check(
      "model.max_input_chars_per_word", model?["max_input_chars_per_word"] ?? .integer(100),
      "which has 100 \(ofClass)", .integer(100))
  }

  /// How words are spelt, as the file says.
  ///
  /// - Throws: `TokenizerError.wrongKind`, `unsupported`.
  func wordPieces() throws(TokenizerError) -> (prefix: String, longestWord: Int) {
    let model = settings["model"]
    let prefix = model?["continuing_subword_prefix"] ?? .string("##")
    guard let text = prefix.string else {
      throw .wrongKind(
        file: path, key: "model.continuing_subword_prefix", expected: "a text", found: prefix.kind)
    }
    let longest = model?["max_input_chars_per_word"] ?? .integer(100)
    let supported = 1...TokenizerConfiguration.mostCharacters
    guard let count = longest.integer, supported.contains(count) else {
      throw .unsupported(
        family: family,
        file: path, key: "model.max_input_chars_per_word",
        expected: "which has from 1 to \(supported.upperBound)", found: longest.text)
    }
    return (text, count)
  }

  /// The tokens that begin and end a text, and their ids where the file names them.
  struct Framing {
    struct Mark {
      let token: String
      let id: Int?
    }
    let classifier: Mark
    let separator: Mark
  }

  /// The tokens between which a text is put.
  ///
  /// - Throws: `TokenizerError.unsupported` for anything but one token before it and one after.
  func framing() throws(TokenizerError) -> Framing {
    let processor = settings["post_processor"]
    let expected = "which puts a text between two tokens, such as [CLS] and [SEP]"
    switch processor?["type"] {
    case .string("BertProcessing"):
      func token(_ key: String) throws(TokenizerError) -> Framing.Mark {
        guard let pair = processor?[key]?.array, pair.count == 2, let token = pair[0].string,
          let id = pair[1].integer
        else {
          throw .wrongKind(
            file: path, key: "post_processor.\(key)", expected: "a token and its id",
            found: processor?[key]?.text ?? "missing")
        }
        return Framing.Mark(token: token, id: id)
      }
      return Framing(classifier: try token("cls"), separator: try token("sep"))
    case .string("TemplateProcessing"):
      let pieces = processor?["single"]?.array ?? []
      let words = pieces.map { piece in
        piece["SpecialToken"]?["id"]?.string ?? piece["Sequence"]?["id"]?.string.map { "$\($0)" }
          ?? "?"
      }
      let specials = pieces.map { $0["SpecialToken"]?["id"]?.string }
      guard pieces.count == 3, words[1] == "$A", specials[1] == nil, let first = specials[0],
        let last = specials[2]
      else {
        throw .unsupported(
          family: family,
          file: path, key: "post_processor.single", expected: expected,
          found: words.isEmpty ? "missing" : words.joined(separator: " "))
      }
      for piece in pieces {
        let type = (piece["SpecialToken"] ?? piece["Sequence"])?["type_id"] ?? .integer(0)
        try check(
          "post_processor.single", type, "which gives every token of a text the type_id 0",
          .integer(0))
      }
      func id(_ token: String) throws(TokenizerError) -> Int? {
        guard let ids = processor?["special_tokens"]?[token]?["ids"] else { return nil }
        guard let array = ids.array, array.count == 1, let id = array[0].integer else {
          throw .unsupported(
            family: family,
            file: path, key: "post_processor.special_tokens.\(token).ids",
            expected: "in which that is one id", found: ids.text)
        }
        return id
      }
      return Framing(
        classifier: Framing.Mark(token: first, id: try id(first)),
        separator: Framing.Mark(token: last, id: try id(last)))
    case let type:
      throw .unsupported(
        family: family,
        file: path, key: "post_processor.type", expected: expected,
        found: type.map { $0.string ?? $0.text } ?? "missing")
    }
  }

  /// Checks that the file means the tokens that other files name.
  ///
  /// - Throws: `TokenizerError.unsupported` with what was found.
  func check(
    _ framing: Framing, classifier: String, separator: String, unknown: String
  ) throws(TokenizerError) {
    try check(
      "model.unk_token", settings["model"]?["unk_token"] ?? .string(unknown),
      "which has '\(unknown)'", .string(unknown))
    let expected = "which puts a text between \(classifier) and \(separator)"
    try check(
      "post_processor", .string("\(framing.classifier.token) $A \(framing.separator.token)"),
      expected, .string("\(classifier) $A \(separator)"))
  }

  /// Checks that the tokens around a text have the ids of the vocabulary.
  ///
  /// - Throws: `TokenizerError.unsupported` with what was found.
  func checkIDs(of framing: Framing, in tokenizer: WordPieceTokenizer) throws(TokenizerError) {
    for (mark, known) in [
      (framing.classifier, tokenizer.classifierID), (framing.separator, tokenizer.separatorID),
    ] {
      guard let id = mark.id, id != Int(known) else { continue }
      throw .unsupported(
        family: family,
        file: path, key: "post_processor",
        expected: "which gives \(mark.token) the vocabulary's id \(known)",
        found: "one that gives \(mark.token) the id \(id)")
    }
  }

  func check(
    _ key: String, _ found: JSON?, _ expected: String, _ value: JSON
  ) throws(TokenizerError) {
    guard found != value else { return }
    throw .unsupported(
      family: family,
      file: path, key: key, expected: expected,
      found: found.map { $0.string ?? $0.text } ?? "missing")
  }
}
