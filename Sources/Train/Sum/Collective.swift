/// The processes that train one network together, of which this is one.
///
/// Each computes a range of a logical batch's blocks and adds up the subtrees of the `SumTree` that lie in it. What is
/// left of the tree is the same additions whoever does them, so any cut of the blocks into ranges gives the same bits;
/// ranges of 2ˡ blocks from a multiple of it on leave least to exchange, a sum for each process.
package protocol Collective: Sendable {
  /// The blocks that this process computes. The shares of all processes follow one another and cover all blocks.
  func share(of tree: SumTree) -> Range<Int>

  /// Brings together what all processes have computed.
  ///
  /// - Parameters:
  ///   - sum: holds the sums of this process' subtrees (`parts`); receives the others' (`receive`).
  ///   - results: losses and logits by block; those of this process' share are there, the others are filled in.
  /// - Throws: what keeps the processes from reaching one another.
  func complete(_ sum: TreeSum, _ results: inout [BlockResult?]) throws
}

/// What a block gives besides its gradient.
package struct BlockResult: Equatable, Sendable {
  /// The sum of the examples' losses, in nats.
  package let lossSum: Double
  /// `[examples, labels]`, in the order of the block.
  package let logits: [Float]

  package init(lossSum: Double, logits: [Float]) {
    (self.lossSum, self.logits) = (lossSum, logits)
  }
}

/// A process that trains alone.
package struct SingleProcess: Collective {
  package init() {}

  package func share(of tree: SumTree) -> Range<Int> { 0..<tree.blocks }

  package func complete(_ sum: TreeSum, _ results: inout [BlockResult?]) {}
}
