internal import Foundation
package import Model

/// Adds up the gradients of a batch's blocks by a `SumTree`, on whatever threads bring them.
///
/// Whoever completes the second of two halves adds them, while other threads go on; nothing is added one after
/// another but what the tree says. Two blocks that are halves of one node share a store from the start (`PairSum`). Once
/// every block is handed out the rest waits for `finish`, which shares the elements among all threads, so that none is
/// idle while the last one adds.
package final class TreeSum: @unchecked Sendable {
  // Unchecked because all that changes is touched only while the condition is locked.
  private let condition = NSCondition()
  private let tree: SumTree
  private let share: Range<Int>
  private let buffers: SumBuffers
  private let mostBuffers: Int
  private var free: [ParameterStore]
  private var next: Int
  private var isStopped = false
  /// The pair of the block handed out last.
  private var pair: PairSum?
  /// Sums that wait for their other half.
  private var waiting: [SumTree.Node: ParameterStore] = [:]

  /// - Parameters:
  ///   - tree: over all blocks of the batch.
  ///   - share: the blocks that are computed here.
  ///   - workers: how many threads take blocks.
  ///   - buffers: nobody else uses them until the sum is no longer needed.
  package init(_ tree: SumTree, share: Range<Int>, workers: Int, buffers: SumBuffers) {
    (self.tree, self.share, self.buffers) = (tree, share, buffers)
    mostBuffers = tree.mostSums(of: share, workers: workers)
    free = buffers.stores.reversed()
    next = share.lowerBound
  }

  // MARK: Blocks

  /// A block to compute, and where its gradient goes.
  package struct Leaf {
    package let block: Int
    package let gradient: BlockGradient
    fileprivate let pair: PairSum
  }

  /// Hands out the next block, when there is a store for it.
  ///
  /// - Returns: the block, or `nil` when all are handed out or the sum was stopped.
  package func take() -> Leaf? {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped, next < share.upperBound {
      if let leaf = leaf() { return leaf }
      condition.wait()
    }
    return nil
  }

  /// `take` for who does not wait; `nil` also if there is no store for the next block.
  func takeIfFree() -> Leaf? {
    condition.lock()
    defer { condition.unlock() }
    return isStopped || next == share.upperBound ? nil : leaf()
  }

  private func leaf() -> Leaf? {
    let block = next
    let pair: PairSum
    if let last = self.pair, tree.pair(of: block, in: share).contains(block - 1) {
      pair = last
    } else {
      guard let store = store() else { return nil }
      let blocks = tree.pair(of: block, in: share).count
      let leaf = SumTree.Node.block(block)
      pair = PairSum(blocks == 2 ? leaf.parent : tree.highest(leaf), store, blocks: blocks)
      self.pair = pair
    }
    next += 1
    return Leaf(block: block, gradient: pair.gradient(of: block), pair: pair)
  }

  private func store() -> ParameterStore? {
    if let store = free.popLast() { return store }
    return buffers.count < mostBuffers ? buffers.make() : nil
  }

  /// Ends it: `take` hands out nothing any more, and there will be no sum.
  package func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }

  /// Takes a block's gradient that is computed, and adds what can be added.
  package func add(_ leaf: Leaf) {
    condition.lock()
    leaf.pair.missing -= 1
    let isWhole = leaf.pair.missing == 0
    condition.unlock()
    guard isWhole else { return }
    var (node, sum) = (tree.highest(leaf.pair.node), leaf.pair.store)
    while true {
      condition.lock()
      guard next < share.upperBound, let other = waiting.removeValue(forKey: node.sibling) else {
        waiting[node] = sum
        condition.unlock()
        return
      }
      condition.unlock()
      // Always onto the left one, so that even the payload of a NaN is the same.
      let (left, right) = node.isLeft ? (sum, other) : (other, sum)
      left.add(right)
      condition.lock()
      free.append(right)
      condition.signal()
      condition.unlock()
      (node, sum) = (tree.highest(node.parent), left)
    }
  }

  // MARK: The rest

  /// Adds whatever can be added of what is there.
  ///
  /// Every element is a sum of its own, so threads share the elements; in pieces of 1 MB all additions of a piece find
  /// it in the cache.
  ///
  /// - Parameter pool: no thread of it computes a block any more.
  package func finish(on pool: WorkerPool) {
    condition.lock()
    defer { condition.unlock() }
    let additions = self.additions()
    guard let count = additions.first?.left.count else { return }
    let size = 1 << 18
    pool.forEach((count + size - 1) / size) { piece, _ in
      let range = piece * size..<min(count, (piece + 1) * size)
      for (left, right) in additions { left.add(right, range) }
    }
  }

  /// The additions that can be done with what waits, in an order that goes; they count as done.
  private func additions() -> [(left: ParameterStore, right: ParameterStore)] {
    let result = tree.additions(&waiting)
    free += result.map(\.right)
    return result
  }

  /// The sums that this process has so far, each with its node.
  package var parts: [SumTree.Node: ParameterStore] {
    condition.lock()
    defer { condition.unlock() }
    return waiting
  }

  /// Takes a node's sum from another process.
  ///
  /// - Parameters:
  ///   - node: one that is not there yet.
  ///   - fill: writes the elements.
  package func receive(_ node: SumTree.Node, _ fill: (ParameterStore) throws -> Void) rethrows {
    condition.lock()
    defer { condition.unlock() }
    let node = tree.highest(node)
    precondition(waiting[node] == nil, "\(node) is there already")
    let store = free.popLast() ?? buffers.make()
    try fill(store)
    waiting[node] = store
  }

  /// Takes away the sums that this process has so far, for who adds up the rest.
  package func removeParts() -> [SumTree.Node: ParameterStore] {
    condition.lock()
    defer { condition.unlock() }
    defer { waiting = [:] }
    return waiting
  }

  /// A store that nothing is in yet.
  package func spareStore() -> ParameterStore {
    condition.lock()
    defer { condition.unlock() }
    return free.popLast() ?? buffers.make()
  }

  /// Says what the sum of all blocks is.
  package func set(_ total: ParameterStore) {
    condition.lock()
    waiting = [tree.root: total]
    condition.unlock()
  }

  /// The sum of all blocks, once they are all there and added; good until the buffers are used again.
  package var total: ParameterStore? {
    condition.lock()
    defer { condition.unlock() }
    return waiting[tree.root]
  }
}
