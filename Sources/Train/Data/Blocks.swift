package import Model

/// Where blocks get their examples from.
package protocol ExampleSource: Sendable {
  /// The number of tokens of an example.
  func length(_ example: Int) -> Int
  /// Packs examples, in the order given.
  func batch(_ examples: ArraySlice<Int>) -> PackedBatch
}

/// What gives the frozen layers' stored output of examples.
package protocol StoredRows: Sendable {
  /// Reads the rows of some examples, packed in the order given.
  ///
  /// - Parameters:
  ///   - examples: positions in the source, a block of them.
  ///   - compute: gives a block's rows again, should an example be damaged.
  /// - Returns: `[rows, H]`.
  /// - Throws: what `compute` throws.
  func rows(
    of examples: ArraySlice<Int>, computing compute: (PackedBatch) throws -> [Float]
  ) throws -> [Float]
}

/// Examples in some order, cut into blocks of whole examples: what a backend computes.
package struct Blocks: Sendable {
  /// Of the source, in the order in which results are wanted.
  package let examples: [Int]
  /// The blocks, as positions in `examples`.
  package let cuts: [Range<Int>]
  let source: any ExampleSource
  let prefix: (any StoredRows)?

  /// Where the rows of the frozen layers' output are stored, if they are stored by this process.
  var store: PrefixStore? { prefix as? PrefixStore }

  /// Cuts examples by their lengths alone.
  ///
  /// - Parameters:
  ///   - examples: positions in the source.
  ///   - source: where they are.
  ///   - prefix: the source's stored output of the frozen layers, or `nil` to start from the tokens.
  ///   - blockTokens: about how many tokens a block may have.
  package init(
    _ examples: [Int], of source: some ExampleSource, prefix: (any StoredRows)? = nil,
    blockTokens: Int
  ) {
    self.init(
      examples, of: source, prefix: prefix,
      cuts: blocks(lengths: examples.map(source.length), blockTokens: blockTokens))
  }

  init(
    _ examples: [Int], of source: any ExampleSource, prefix: (any StoredRows)? = nil,
    cuts: [Range<Int>]
  ) {
    (self.examples, self.source, self.prefix, self.cuts) = (examples, source, prefix, cuts)
  }

  /// Some of the blocks, which are counted from 0 then.
  func part(_ range: Range<Int>) -> Blocks {
    Blocks(examples, of: source, prefix: prefix, cuts: Array(cuts[range]))
  }

  /// How many blocks there are.
  package var count: Int { cuts.count }

  /// Packs a block.
  package func batch(_ block: Int) -> PackedBatch { source.batch(examples[cuts[block]]) }

  /// Reads a block's stored rows.
  ///
  /// - Parameters:
  ///   - block: its number.
  ///   - compute: computes the rows of a batch again, should stored ones be damaged.
  /// - Returns: `[rows, hiddenSize]`, or `nil` if nothing is stored.
  /// - Throws: what `compute` throws.
  package func rows(
    _ block: Int, computing compute: (PackedBatch) throws -> [Float]
  ) throws -> [Float]? {
    try prefix?.rows(of: examples[cuts[block]], computing: compute)
  }
}

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
