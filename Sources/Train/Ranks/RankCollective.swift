internal import CKernels
internal import Model
internal import Storage

/// Ranks that share the blocks of a logical batch.
///
/// Each computes a run of blocks. Then each is given everybody's sums of one slice of the parameters, adds them by
/// the tree, and gives all others the result: every element is added where its slice lies, in the order that the tree says. A
/// rank whose blocks are one subtree sends and receives less than twice the gradient, however many ranks there are.
package struct RankCollective: Collective {
  let transport: any Transport
  /// How much of the work each rank takes: its number of threads.
  let weights: [Int]
  let pool: WorkerPool
  private let space = ReceivingSpace()
  /// Adds up the time that it takes.
  let clock: ExchangeClock
  /// Has all ranks agree that each has done its share, and brings the blocks' results together.
  let agree: @Sendable (inout [BlockResult?]) throws -> Void

  package init(
    _ transport: any Transport, weights: [Int], pool: WorkerPool,
    clock: ExchangeClock = ExchangeClock(),
    agree: @escaping @Sendable (inout [BlockResult?]) throws -> Void
  ) {
    (self.transport, self.weights, self.pool) = (transport, weights, pool)
    (self.clock, self.agree) = (clock, agree)
  }

  package func share(of tree: SumTree) -> Range<Int> {
    treeShares(of: tree.blocks, weights: weights)[transport.rank]
  }

  package func complete(_ sum: TreeSum, _ results: inout [BlockResult?]) throws {
    let start = Clock.now
    try agree(&results)
    let agreed = Clock.now
    defer { clock.add(waiting: agreed - start, exchanging: Clock.now - agreed) }
    let tree = SumTree(blocks: results.count)
    let shares = treeShares(of: tree.blocks, weights: weights)
    let nodes = shares.map { tree.subtrees(of: $0).map(tree.highest) }
    let rank = transport.rank
    let own = sum.removeParts()
    let total = nodes[rank].first.flatMap { own[$0] } ?? sum.spareStore()
    let slices = Self.slices(of: total.count, among: transport.count)
    let others = transport.others

    // What others have of this rank's slice, and what this one has of theirs.
    let size = slices[rank].count
    let received = others.flatMap { nodes[$0] }.count
    let space = self.space.elements(received * size)
    var parts: [SumTree.Node: UnsafeMutableBufferPointer<Float>] = [:]
    for (node, store) in own { parts[node] = store.slice(slices[rank]) }
    var transfers: [Transfer] = []
    var next = 0
    for other in others where size > 0 {
      for node in nodes[other] {
        let part = UnsafeMutableBufferPointer(rebasing: space[next..<next + size])
        next += size
        parts[node] = part
        transfers.append(transport.receive(into: UnsafeMutableRawBufferPointer(part), from: other))
      }
    }
    for other in others where !slices[other].isEmpty {
      for node in nodes[rank] {
        guard let store = own[node] else {
          // Unreachable: what a rank computed is the subtrees of its share.
          preconditionFailure("\(node) is not there")
        }
        transfers.append(
          transport.send(UnsafeRawBufferPointer(store.slice(slices[other])), to: other))
      }
    }
    for transfer in transfers { try transfer.wait() }

    add(tree, parts, into: total.slice(slices[rank]))

    transfers = []
    for other in others where !slices[other].isEmpty {
      transfers.append(
        transport.receive(
          into: UnsafeMutableRawBufferPointer(total.slice(slices[other])), from: other))
    }
    for other in others where size > 0 {
      transfers.append(
        transport.send(UnsafeRawBufferPointer(total.slice(slices[rank])), to: other))
    }
    for transfer in transfers { try transfer.wait() }
    sum.set(total)
  }

  /// Adds up all parts of a slice by the tree; what was in the parts is lost.
  private func add(
    _ tree: SumTree, _ parts: [SumTree.Node: UnsafeMutableBufferPointer<Float>],
    into total: UnsafeMutableBufferPointer<Float>
  ) {
    var parts = parts
    let additions = tree.additions(&parts)
    guard let sum = parts[tree.root], let base = sum.baseAddress, let target = total.baseAddress
    else { return }
    let (size, count) = (1 << 18, total.count)
    let pieces = Pieces(additions: additions, sum: base, target: target)
    pool.forEach((count + size - 1) / size) { piece, _ in
      let start = piece * size
      let length = min(size, count - start)
      for (left, right) in pieces.additions {
        guard let left = left.baseAddress, let right = right.baseAddress else { continue }
        tg_add(left + start, right + start, length)
      }
      if pieces.sum != pieces.target {
        (pieces.target + start).update(from: pieces.sum + start, count: length)
      }
    }
  }

  /// Unchecked because each thread touches elements of its own.
  private struct Pieces: @unchecked Sendable {
    let additions:
      [(left: UnsafeMutableBufferPointer<Float>, right: UnsafeMutableBufferPointer<Float>)]
    let sum: UnsafeMutablePointer<Float>
    let target: UnsafeMutablePointer<Float>
  }

  /// How many elements each rank sends per step.
  ///
  /// - Parameters:
  ///   - count: of the gradient.
  ///   - blocks: of the logical batch.
  ///   - weights: of the ranks.
  /// - Returns: a number for each rank.
  static func elementsSent(of count: Int, blocks: Int, weights: [Int]) -> [Int] {
    let tree = SumTree(blocks: blocks)
    let slices = slices(of: count, among: weights.count)
    return zip(treeShares(of: blocks, weights: weights), slices).map { share, slice in
      tree.subtrees(of: share).count * (count - slice.count) + (weights.count - 1) * slice.count
    }
  }

  /// Cuts elements into as many runs as there are ranks, of about equal size.
  static func slices(of count: Int, among ranks: Int) -> [Range<Int>] {
    (0..<ranks).map { count * $0 / ranks..<count * ($0 + 1) / ranks }
  }
}

/// Where others' sums come in, kept from batch to batch, since fresh memory has to be mapped page by page.
///
/// Unchecked because one batch at a time uses it.
private final class ReceivingSpace: @unchecked Sendable {
  private var buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1)

  deinit { buffer.deallocate() }

  /// - Parameter count: how many elements are needed.
  /// - Returns: at least as many, good until more are asked for.
  func elements(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    if buffer.count < count {
      buffer.deallocate()
      buffer = .allocate(capacity: count)
    }
    return buffer
  }
}

/// How long ranks have waited for one another and have brought sums together.
package final class ExchangeClock: Sendable {
  private let state = Locked((steps: 0, waiting: 0.0, exchanging: 0.0))

  package init() {}

  func add(waiting: Double, exchanging: Double) {
    state.withLock { $0 = ($0.steps + 1, $0.waiting + waiting, $0.exchanging + exchanging) }
  }

  /// Means per step, in seconds; `nil` before the first.
  package var means: (steps: Int, waiting: Double, exchanging: Double)? {
    state.withLock {
      let count = Double($0.steps)
      return $0.steps == 0 ? nil : ($0.steps, $0.waiting / count, $0.exchanging / count)
    }
  }
}

/// Cuts the blocks of a sum into a run for each rank, so that no rank takes longer than with `shares`, and that the runs are
/// as few subtrees as that allows: each has to be sent.
package func treeShares(of blocks: Int, weights: [Int]) -> [Range<Int>] {
  func longest(_ shares: [Range<Int>]) -> Double {
    zip(shares, weights).map { Double($0.count) / Double($1) }.max() ?? 0
  }
  let finest = shares(of: blocks, weights: weights)
  let tree = SumTree(blocks: blocks)
  for level in (1...max(1, tree.height)).reversed() {
    // Cut between nodes of this level.
    let size = 1 << level
    let coarse = shares(of: (blocks + size - 1) / size, weights: weights).map {
      min(blocks, $0.lowerBound * size)..<min(blocks, $0.upperBound * size)
    }
    if longest(coarse) <= longest(finest) { return coarse }
  }
  return finest
}

/// Cuts blocks into a run for each rank, in proportion to what each can do.
///
/// - Parameters:
///   - blocks: how many there are.
///   - weights: of the ranks, at least 1 each.
/// - Returns: ranges that follow one another and cover all blocks.
package func shares(of blocks: Int, weights: [Int]) -> [Range<Int>] {
  let total = weights.reduce(0, +)
  var (result, seen): ([Range<Int>], Int) = ([], 0)
  for weight in weights {
    let start = result.last?.upperBound ?? 0
    seen += weight
    // To the nearest whole block.
    result.append(start..<(2 * blocks * seen + total) / (2 * total))
  }
  return result
}

extension ParameterStore {
  /// Some elements of the buffer.
  fileprivate func slice(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    withElements { UnsafeMutableBufferPointer(rebasing: $0[range]) }
  }
}
