/// A text as the model sees it.
public struct Encoding: Equatable, Sendable {
  /// Token ids, one that begins a text in front (`[CLS]`, `<s>`) and one that ends it at the end (`[SEP]`, `</s>`), at most
  /// `maxLength` of them.
  public let ids: [Int32]
  /// How many words those ids belong to, the two at the ends aside.
  ///
  /// A word is what the tokenizer splits a text into before it looks for pieces. WordPiece splits at white space and
  /// punctuation; a punctuation mark and an ideograph are a word each. Unigram splits at white space alone, so that punctuation belongs
  /// to the word before it and a sentence of Chinese is one word. A special token written in the text is a word. A word that
  /// truncation cuts in two counts, one that it removes altogether does not.
  public let words: Int
  /// How many of the ids are the unknown token, `[UNK]` or `<unk>`.
  public let unknown: Int
  /// Whether `maxLength` cut tokens off.
  public let isTruncated: Bool
}
