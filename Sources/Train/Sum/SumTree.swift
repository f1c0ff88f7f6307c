/// The fixed binary tree by which the gradients of a logical batch's blocks are added up.
///
/// A node of level l covers 2ˡ block numbers from a multiple of 2ˡ on, as far as there are blocks. Its sum is that of its
/// left half plus that of its right half, or the left half's alone if no block lies in the right one. So the number of
/// blocks, and nothing else, says which numbers are added to which: neither threads nor the processes that share a
/// batch change a bit of the sum.
package struct SumTree: Equatable, Sendable {
  /// How many blocks there are, at least 1.
  package let blocks: Int

  /// One node.
  package struct Node: Hashable, Sendable {
    package let level: Int
    /// The first block that it covers, divided by 2ˡ.
    package let position: Int

    package init(level: Int, position: Int) {
      (self.level, self.position) = (level, position)
    }

    /// The leaf of a block.
    package static func block(_ number: Int) -> Node { Node(level: 0, position: number) }

    var parent: Node { Node(level: level + 1, position: position / 2) }
    var isLeft: Bool { position % 2 == 0 }
    /// The other half of the parent.
    var sibling: Node { Node(level: level, position: position ^ 1) }
  }

  /// - Parameter blocks: at least 1.
  package init(blocks: Int) {
    precondition(blocks >= 1)
    self.blocks = blocks
  }

  /// The level of the root, ⌈log₂ blocks⌉.
  package var height: Int { Int.bitWidth - (blocks - 1).leadingZeroBitCount }

  package var root: Node { Node(level: height, position: 0) }

  /// The blocks that a node covers; empty if it lies beyond the last.
  package func range(of node: Node) -> Range<Int> {
    let first = min(blocks, node.position << node.level)
    return first..<min(blocks, (node.position + 1) << node.level)
  }

  /// The highest node with the sum of another: where the right half is empty, the parent's sum is the left one's.
  package func highest(_ node: Node) -> Node {
    var node = node
    while node != root, node.isLeft, range(of: node.sibling).isEmpty { node = node.parent }
    return node
  }

  /// The fewest nodes that together cover just some blocks, from the left: what a process that computes these can add up
  /// by itself.
  package func subtrees(of blocks: Range<Int>) -> [Node] {
    precondition(blocks.lowerBound >= 0 && blocks.upperBound <= self.blocks)
    var result: [Node] = []
    var first = blocks.lowerBound
    while first < blocks.upperBound {
      var node = Node.block(first)
      while node != root, range(of: node.parent).lowerBound == first,
        range(of: node.parent).upperBound <= blocks.upperBound
      {
        node = node.parent
      }
      result.append(node)
      first = range(of: node).upperBound
    }
    return result
  }

  /// The additions that can be done with some sums, in an order that goes.
  ///
  /// - Parameter sums: by node; receives those that are left, of which a left half's place has that of both.
  /// - Returns: what is to be added onto what.
  func additions<Sum>(_ sums: inout [Node: Sum]) -> [(left: Sum, right: Sum)] {
    var result: [(left: Sum, right: Sum)] = []
    // From below: an addition makes a node of a higher level.
    for level in 0..<height {
      for node in sums.keys where node.level == level && node.isLeft {
        guard let left = sums[node], let right = sums[node.sibling] else { continue }
        sums[node] = nil
        sums[node.sibling] = nil
        sums[highest(node.parent)] = left
        result.append((left, right))
      }
    }
    return result
  }

  /// Those blocks of a node of level 1 that lie in some range: the one given, and mostly its neighbour.
  func pair(of block: Int, in share: Range<Int>) -> Range<Int> {
    range(of: Node.block(block).parent).clamped(to: share)
  }

  /// How many sums are in memory at most, those of blocks under way included, when workers take blocks in order.
  ///
  /// Two blocks whose sum is a node of level 1 share a store. With the blocks before m done and as many under way as there are
  /// workers, `subtrees` of the pairs that are done is all that waits: for a whole batch the ones among the binary
  /// digits of m, but for the last digit. So the bound is at most
  /// ⌊max(workers, 2) / 2⌋ + ⌈log₂ blocks⌉ − 1. It suffices: if no block is under way, what waits leaves room for one more, so
  /// nobody waits for ever; and whoever finds no room waits for a block that was begun earlier.
  ///
  /// - Parameters:
  ///   - share: the blocks that are computed here.
  ///   - workers: at least 1.
  /// - Returns: how many stores adding up takes.
  package func mostSums(of share: Range<Int>, workers: Int) -> Int {
    // Of the stores at the moment when the blocks before `done` are done and the next ones under way.
    share.map { done in
      let pairs = pair(of: done, in: share).lowerBound
      var (stores, block) = (subtrees(of: share.lowerBound..<pairs).count, pairs)
      while block < min(done + workers, share.upperBound) {
        stores += 1
        block = pair(of: block, in: share).upperBound
      }
      return stores
    }.max() ?? 0
  }
}
