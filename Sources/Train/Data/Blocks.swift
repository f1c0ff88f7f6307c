/// Cuts a sequence of examples into blocks of whole examples, of about equal numbers of tokens.
///
/// The cut depends on the lengths and `blockTokens` alone, never on the number of threads, so that
/// sums over blocks have the same bits on any number of them. The number of blocks is a multiple of 4
/// where the examples are many enough, so that 2 or 4 workers end together.
///
/// - Parameters:
///   - lengths: tokens of each example, in order.
///   - blockTokens: about how many tokens a block may have; a longer example is a block of its own.
/// - Returns: ranges of positions in `lengths` that follow each other and cover all of it.
package func blocks(lengths: [Int], blockTokens: Int) -> [Range<Int>] {
  guard !lengths.isEmpty else { return [] }
  let total = lengths.reduce(0, +)
  let count = mostBlocks(tokens: total, examples: lengths.count, blockTokens: blockTokens)
  var result: [Range<Int>] = []
  var (start, seen) = (0, 0)
  for (index, length) in lengths.enumerated() {
    seen += length
    // Ends where the running total passes the next of `count` equal parts.
    if seen * count >= total * (result.count + 1) {
      result.append(start..<index + 1)
      start = index + 1
    }
  }
  if start < lengths.count { result.append(start..<lengths.count) }
  return result
}

/// How many blocks `blocks` makes at most of so many tokens and examples; fewer where long examples are blocks of their own.
package func mostBlocks(tokens: Int, examples: Int, blockTokens: Int) -> Int {
  let needed = (tokens + blockTokens - 1) / blockTokens
  // Below this many tokens a matrix product is too small to be efficient.
  let smallest = min(blockTokens, 256)
  return max(1, min((needed + 3) / 4 * 4, max(needed, tokens / smallest), examples))
}
