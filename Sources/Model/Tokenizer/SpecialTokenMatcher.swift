/// Finds special tokens in a text as it is written, the longest of those that start first.
///
/// The comparison is of bytes, before clean-up and lower case, as in the reference: `[SEP]` is found
/// inside a word, `[sep]` is not found.
struct SpecialTokenMatcher: Sendable {
  /// A token in a text.
  struct Match {
    /// In bytes.
    let range: Range<Int>
    let id: Int32
  }

  /// Longest first.
  private let tokens: [(bytes: [UInt8], id: Int32)]
  private let isFirstByte: [Bool]

  /// - Parameter tokens: UTF-8 and id of each, none empty.
  init(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    var isFirstByte = Array(repeating: false, count: 256)
    for token in tokens {
      precondition(!token.bytes.isEmpty, "a special token has at least one character")
      isFirstByte[Int(token.bytes[0])] = true
    }
    self.isFirstByte = isFirstByte
    self.tokens = tokens.sorted { $0.bytes.count > $1.bytes.count }
  }

  /// The first match at or after a position.
  func firstMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Match? {
    var position = start
    while position < text.count {
      if isFirstByte[Int(text[position])] {
        let rest = text[position...]
        for token in tokens where rest.starts(with: token.bytes) {
          return Match(range: position..<position + token.bytes.count, id: token.id)
        }
      }
      position += 1
    }
    return nil
  }
}
