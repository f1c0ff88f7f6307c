/// Finds added tokens in a text, with the white space that some of them take up.
struct AddedTokenMatcher: Sendable {
  private let matcher: SpecialTokenMatcher
  private let stripsLeft: Set<Int32>
  private let stripsRight: Set<Int32>

  /// A part of a text.
  enum Part {
    case token(Int32)
    /// What stands between tokens, not empty.
    case text(Range<Int>)
  }

  /// - Parameter tokens: with what is looked for, not empty.
  init(_ tokens: [(token: AddedToken, content: [UInt8])]) {
    matcher = SpecialTokenMatcher(tokens.map { ($0.content, $0.token.id) })
    stripsLeft = Set(tokens.filter(\.token.stripsLeft).map(\.token.id))
    stripsRight = Set(tokens.filter(\.token.stripsRight).map(\.token.id))
    isEmpty = tokens.isEmpty
  }

  /// Whether there is nothing to find.
  let isEmpty: Bool

  /// Takes a text apart from left to right.
  ///
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - body: gets each part; returns whether to go on.
  func forEachPart(in text: UnsafeBufferPointer<UInt8>, _ body: (Part) -> Bool) {
    // Where the text begins that no part has yet; a token's white space may reach beyond the next match.
    var (rest, search) = (0, 0)
    while let match = matcher.firstMatch(in: text, from: search) {
      search = match.range.upperBound
      var (start, end) = (match.range.lowerBound, match.range.upperBound)
      if stripsLeft.contains(match.id) {
        start = max(TextPreparation.startOfWhiteSpace(text, before: start), rest)
      }
      if stripsRight.contains(match.id) {
        end = TextPreparation.endOfWhiteSpace(text, from: end)
      }
      if rest < start, !body(.text(rest..<start)) { return }
      guard body(.token(match.id)) else { return }
      rest = end
    }
    if rest < text.count { _ = body(.text(rest..<text.count)) }
  }
}
