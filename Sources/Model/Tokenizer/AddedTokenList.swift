/// Tokens added to a vocabulary one after another, with ids as the `tokenizers` library gives them.
struct AddedTokenList {
  let vocabulary: Vocabulary
  /// In the order in which they were added.
  private(set) var tokens: [AddedToken] = []
  private var places: [[UInt8]: Int] = [:]
  private var largestID: Int32 = -1

  init(vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// The token of a content, if it was added.
  func token(of content: String) -> AddedToken? { places[Array(content.utf8)].map { tokens[$0] } }

  /// The id of a token, added or in the vocabulary.
  func id(of content: String) -> Int32? { token(of: content)?.id ?? vocabulary.id(of: content) }

  /// The id that a token gets: that of the vocabulary, else the next one.
  private func nextID(for content: String) -> Int32 {
    id(of: content) ?? max(largestID + 1, Int32(vocabulary.count))
  }

  private mutating func append(_ token: AddedToken) {
    let content = Array(token.content.utf8)
    if let place = places[content] {
      tokens[place] = token
    } else {
      places[content] = tokens.count
      tokens.append(token)
    }
    largestID = max(largestID, token.id)
  }

  /// Adds a token for which a file states an id.
  ///
  /// - Throws: `TokenizerError.unsupported` if the library would give it another.
  mutating func add(
    _ token: AddedToken, file: String, family: TokenizerError.Family
  ) throws(TokenizerError) {
    let id = nextID(for: token.content)
    guard id == token.id else {
      throw .unsupported(
        family: family, file: file, key: "added_tokens",
        expected: "whose added tokens have the ids of the vocabulary or follow it without a gap",
        found:
          "a list in which '\(token.content)' has the id \(token.id), and transformers gives it \(id)"
      )
    }
    append(token)
  }

  /// Adds a token that is only named, unless it is there.
  ///
  /// - Parameters:
  ///   - content: of the token.
  ///   - token: says how it is found; its id does not count.
  mutating func addIfNew(_ content: String, like token: NamedToken) {
    guard places[Array(content.utf8)] == nil else { return }
    append(
      AddedToken(
        content: content, id: nextID(for: content), isSpecial: token.isSpecial,
        stripsLeft: token.stripsLeft, stripsRight: token.stripsRight,
        isNormalized: token.isNormalized))
  }
}

/// A token that a file names without an id.
struct NamedToken {
  /// Of the setting that names it.
  let key: String
  let content: String
  var isSpecial = true
  var stripsLeft = false
  var stripsRight = false
  var isNormalized = false
}
