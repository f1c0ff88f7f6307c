/// XLM-R's tokenizer: text to token ids by a Unigram model, exactly as Hugging Face's `tokenizers` computes it.
///
/// Added tokens written in the text are cut out first. What is left is normalized and split into words, each of which begins with
/// "▁" where a space was, and every word is spelt by its most probable pieces (Kudo 2018).
public struct UnigramTokenizer: Sendable {
  let core: UnigramCore

  /// What the files were read as.
  public var reading: TokenizerReading { core.reading }
  /// The pieces of the model, without added tokens.
  public var pieces: Vocabulary { core.model.pieces }
  /// The logarithm of each piece's probability, by id.
  public var scores: [Double] { core.model.scores }
  /// Tokens found in the text as written or normalized, in the order of their ids.
  public var addedTokens: [AddedToken] { core.addedTokens }
  /// The longest text the model takes, in tokens (`model_max_length`), if stated.
  public var modelMaxLength: Int? { core.modelMaxLength }

  /// The number of ids: the pieces and tokens added to them.
  public var tokenCount: Int {
    max(pieces.count, Int(addedTokens.map(\.id).max() ?? -1) + 1)
  }

  /// The id of characters that no piece spells.
  public var unknownID: Int32 { core.model.unknownID }
  /// The id of what begins every text.
  public var startID: Int32 { core.start.id }
  /// The id of what ends every text.
  public var endID: Int32 { core.end.id }

  /// The token of an id.
  ///
  /// - Parameter id: in `0..<tokenCount`.
  /// - Returns: the token, "" for an id that no token has.
  public func token(_ id: Int32) -> String {
    if let added = addedTokens.first(where: { $0.id == id }) { return added.content }
    return id < pieces.count ? pieces.token(id) : ""
  }

  /// Turns texts into token ids on several threads; see `TextTokenizer`.
  public func encode(_ texts: [String], maxLength: Int?, threads: Int) -> [Encoding] {
    encodeInPieces(texts, threads: threads) { UnigramWorker(core: core, maxLength: maxLength) }
  }
}

/// What all texts share.
final class UnigramCore: Sendable {
  /// A token that every text has.
  struct Mark {
    let token: String
    let id: Int32
  }

  let model: UnigramModel
  let preparation: TextPreparation
  let start: Mark
  let end: Mark
  let addedTokens: [AddedToken]
  /// The names of special tokens by the keys of tokenizer_config.json.
  let names: [(key: String, token: String)]
  let reading: TokenizerReading
  let modelMaxLength: Int?
  /// Found in the text as written.
  let writtenTokens: AddedTokenMatcher
  /// Found in what the normalizer makes of the text.
  let normalizedTokens: AddedTokenMatcher

  init(
    model: UnigramModel, preparation: TextPreparation, start: Mark, end: Mark,
    addedTokens: [AddedToken], names: [(key: String, token: String)], reading: TokenizerReading,
    modelMaxLength: Int?
  ) {
    (self.model, self.preparation, self.start, self.end) = (model, preparation, start, end)
    (self.names, self.reading, self.modelMaxLength) = (names, reading, modelMaxLength)
    self.addedTokens = addedTokens.sorted { $0.id < $1.id }
    writtenTokens = AddedTokenMatcher(
      addedTokens.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
    var output = ByteBuffer()
    var scratch = ByteBuffer()
    var normalized: [(AddedToken, [UInt8])] = []
    for token in addedTokens where token.isNormalized {
      Array(token.content.utf8).withUnsafeBufferPointer {
        preparation.normalize($0, into: &output, &scratch)
      }
      if output.count > 0 { normalized.append((token, Array(output.bytes))) }
    }
    normalizedTokens = AddedTokenMatcher(normalized)
  }
}
