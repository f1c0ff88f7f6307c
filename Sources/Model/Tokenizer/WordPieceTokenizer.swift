/// BERT's tokenizer: text to token ids, exactly as Hugging Face's `BertTokenizerFast`.
///
/// Special tokens written in the text are cut out first, as they stand. The rest is cleaned up,
/// ideographs are set apart, and if so configured characters are decomposed, nonspacing marks dropped
/// and letters put into lower case. White space and punctuation then leave words, and each word is
/// spelt by the longest vocabulary entries from left to right (WordPiece; Wu et al. 2016), or is
/// `[UNK]` if that fails or it has more than 100 characters, if nothing else is configured.
///
/// Every step takes time linear in the text.
public struct WordPieceTokenizer: Sendable {
  let core: TokenizerCore

  /// The entries of the model's vocabulary, without added tokens.
  public var vocabulary: Vocabulary { core.vocabulary }
  public var configuration: TokenizerConfiguration { core.configuration }
  /// Tokens found in the text as written beside those that the configuration names, and tokens that
  /// are not in the vocabulary, in the order of their ids.
  public var addedTokens: [AddedToken] { core.addedTokens }
  /// The number of ids: the vocabulary and tokens added to it.
  public var tokenCount: Int {
    max(vocabulary.count, Int(addedTokens.map(\.id).max() ?? -1) + 1)
  }

  /// The id of `[UNK]`.
  public var unknownID: Int32 { core.unknownID }
  /// The id of `[CLS]`.
  public var classifierID: Int32 { core.classifierID }
  /// The id of `[SEP]`.
  public var separatorID: Int32 { core.separatorID }
  /// The id of `[PAD]`, if there is one.
  public var paddingID: Int32? { core.paddingID }
  /// The id of `[MASK]`, if there is one.
  public var maskID: Int32? { core.maskID }

  /// Makes a tokenizer of its parts.
  ///
  /// - Parameters:
  ///   - vocabulary: holds the tokens that the configuration names, unless they are added.
  ///   - configuration: BERT's own if left out.
  ///   - addedTokens: none is empty; an id inside the vocabulary belongs to the same token there.
  /// - Throws: `TokenizerError.missingToken`, `tokensDiffer`.
  public init(
    vocabulary: Vocabulary, configuration: TokenizerConfiguration = TokenizerConfiguration(),
    addedTokens: [AddedToken] = []
  ) throws {
    core = try TokenizerCore(
      vocabulary: vocabulary, configuration: configuration, addedTokens: addedTokens)
  }

  /// The token of an id.
  ///
  /// - Parameter id: in `0..<tokenCount`.
  /// - Returns: the token, "" for an id that no token has.
  public func token(_ id: Int32) -> String {
    if let added = addedTokens.first(where: { $0.id == id }) { return added.content }
    return id < vocabulary.count ? vocabulary.token(id) : ""
  }

  /// Turns a text into token ids.
  ///
  /// - Parameters:
  ///   - text: any; an empty one gives `[CLS]` and `[SEP]`.
  ///   - maxLength: the largest number of ids including `[CLS]` and `[SEP]`, at least 2; without a
  ///     limit if `nil`. What is beyond is cut off at the end.
  /// - Returns: the ids and their counts.
  public func encode(_ text: String, maxLength: Int? = nil) -> Encoding {
    var worker = TokenizerWorker(core: core, maxLength: maxLength)
    return worker.encode(text)
  }

  /// The words of a text as WordPiece gets them: normalized and split, special tokens left out, cut
  /// after the longest word's characters.
  package func words(in text: String) -> [String] {
    var worker = TokenizerWorker(core: core, maxLength: nil)
    return worker.words(in: text)
  }
}

/// What all texts share.
final class TokenizerCore: Sendable {
  let vocabulary: Vocabulary
  let configuration: TokenizerConfiguration
  let addedTokens: [AddedToken]
  let unknownID: Int32
  let classifierID: Int32
  let separatorID: Int32
  let paddingID: Int32?
  let maskID: Int32?
  let characters: CharacterTable
  /// `characters` for ASCII in a byte: 0 for nothing, 1–127 for a letter of a word, 128 for a space,
  /// 128 more than the character for a word of its own.
  let ascii: [UInt8]
  /// Where entries that continue a word begin: behind "##" or another prefix.
  let continuation: VocabularyTrie.Node?
  let specialTokens: SpecialTokenMatcher

  init(
    vocabulary: Vocabulary, configuration: TokenizerConfiguration, addedTokens: [AddedToken]
  ) throws(TokenizerError) {
    for added in addedTokens where added.id < vocabulary.count {
      guard vocabulary[Int(added.id)].elementsEqual(added.content.utf8) else {
        throw .tokensDiffer(
          id: Int(added.id), file: vocabulary.file, token: vocabulary.token(added.id),
          otherFile: "the list of added tokens", otherToken: added.content)
      }
    }
    var matched: [(bytes: [UInt8], id: Int32)] = addedTokens.map { (Array($0.content.utf8), $0.id) }
    func id(of token: String, role: String) throws(TokenizerError) -> Int32 {
      let bytes = Array(token.utf8)
      if let added = matched.first(where: { $0.bytes == bytes }) { return added.id }
      guard let id = vocabulary.id(of: token) else {
        throw .missingToken(token, role: role, file: vocabulary.file)
      }
      matched.append((bytes, id))
      return id
    }
    unknownID = try id(of: configuration.unknownToken, role: "unknown token")
    classifierID = try id(of: configuration.classifierToken, role: "classifier token")
    separatorID = try id(of: configuration.separatorToken, role: "separator token")
    if let padding = configuration.paddingToken {
      paddingID = try id(of: padding, role: "padding token")
    } else {
      paddingID = nil
    }
    if let mask = configuration.maskToken {
      maskID = try id(of: mask, role: "mask token")
    } else {
      maskID = nil
    }
    specialTokens = SpecialTokenMatcher(matched)
    characters = CharacterTable(
      lowercases: configuration.lowercases,
      stripsAccents: configuration.stripsAccents ?? configuration.lowercases,
      spacesIdeographs: configuration.spacesIdeographs)
    continuation = vocabulary.trie.node(after: configuration.continuingPrefix.utf8)
    ascii = (UInt32(0)..<128).map { [characters] scalar in
      let element = characters[scalar]
      let output = element.payload == 0 ? scalar : element.payload
      return switch element.kind {
      case .letter: UInt8(output)
      case .space: 128
      case .isolated: 128 | UInt8(output)
      default: 0
      }
    }
    (self.vocabulary, self.configuration) = (vocabulary, configuration)
    let named = Set(configuration.roles.map { Array($0.token.utf8) })
    self.addedTokens =
      addedTokens
      .filter { $0.id >= vocabulary.count || !named.contains(Array($0.content.utf8)) }
      .sorted { $0.id < $1.id }
  }
}
