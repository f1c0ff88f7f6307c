/// How a BERT tokenizer treats text, and what its special tokens are called.
public struct TokenizerConfiguration: Equatable, Sendable {
  /// Whether letters are mapped to lower case (`do_lower_case`).
  public var lowercases = true
  /// Whether accents are stripped (`strip_accents`); `nil` if that goes with lower case.
  public var stripsAccents: Bool?
  /// Whether each CJK ideograph is a word of its own (`tokenize_chinese_chars`).
  public var spacesIdeographs = true
  /// Stands for a word that the vocabulary cannot spell.
  public var unknownToken = "[UNK]"
  /// Begins every text.
  public var classifierToken = "[CLS]"
  /// Ends every text.
  public var separatorToken = "[SEP]"
  /// `nil` for a tokenizer that has none; nothing here is padded.
  public var paddingToken: String? = "[PAD]"
  /// `nil` for a model that has none.
  public var maskToken: String? = "[MASK]"
  /// What entries that continue a word begin with (`continuing_subword_prefix`).
  public var continuingPrefix = "##"
  /// Longer words, in characters, are unknown (`max_input_chars_per_word`); from 1 to `mostCharacters`.
  public var longestWord = 100
  /// The longest text the model takes, in tokens (`model_max_length`), if stated.
  public var modelMaxLength: Int?

  /// The most that `longestWord` may be; the reference sets no bound, and no model comes near.
  public static let mostCharacters = 1000

  public init() {}

  /// Whether the reference's `BertTokenizer` can be told all of it; it sets prefix and longest word itself.
  var isOfBertTokenizer: Bool { continuingPrefix == "##" && longestWord == 100 }

  /// Tokens found in the text before anything else is done to it, with their role in messages.
  var roles: [(role: String, token: String)] {
    [
      ("unknown token", unknownToken), ("classifier token", classifierToken),
      ("separator token", separatorToken),
    ] + (paddingToken.map { [("padding token", $0)] } ?? [])
      + (maskToken.map { [("mask token", $0)] } ?? [])
  }
}

/// A token beside the vocabulary, found in the text as it is written before anything else is done.
public struct AddedToken: Equatable, Sendable {
  public let content: String
  public let id: Int32
  /// Whether it is a mark of the model's rather than a word.
  public let isSpecial: Bool
  /// Whether the white space before it belongs to it (`lstrip`).
  public let stripsLeft: Bool
  /// Whether the white space after it belongs to it (`rstrip`).
  public let stripsRight: Bool
  /// Whether it is found in the normalized text instead (`normalized`).
  public let isNormalized: Bool

  public init(
    content: String, id: Int32, isSpecial: Bool, stripsLeft: Bool = false,
    stripsRight: Bool = false, isNormalized: Bool = false
  ) {
    (self.content, self.id, self.isSpecial) = (content, id, isSpecial)
    (self.stripsLeft, self.stripsRight) = (stripsLeft, stripsRight)
    self.isNormalized = isNormalized
  }
}
