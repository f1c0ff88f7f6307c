/// A text as the model sees it.
public struct Encoding: Equatable, Sendable {
  /// Token ids with `[CLS]` in front and `[SEP]` at the end, at most `maxLength` of them.
  public let ids: [Int32]
  /// How many words those ids belong to, `[CLS]` and `[SEP]` at the ends aside.
  ///
  /// A word is what white space and punctuation leave between them before WordPiece; a punctuation
  /// mark, an ideograph and a special token written in the text are one each. A word that truncation
  /// cuts in two counts, one that it removes altogether does not.
  public let words: Int
  /// How many of the ids are `[UNK]`.
  public let unknown: Int
  /// Whether `maxLength` cut tokens off.
  public let isTruncated: Bool
}
