import Model
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct TreeSumTests {
  /// Numbers of very different sizes, whose sum depends on the order in all its digits.
  private static func gradient(_ block: Int, count: Int = 5) -> [Float] {
    var generator = SplitMix64(seed: UInt64(block) + 1)
    return (0..<count).map { _ in
      Float.random(in: -1...1, using: &generator)
        * Float(sign: .plus, exponent: Int.random(in: -12...12, using: &generator), significand: 1)
    }
  }

  private static func stores(_ count: Int = 5) -> SumBuffers {
    SumBuffers { ParameterStore(zeros: [ParameterEntry(.words, "x", [count])]) }
  }

  /// The tree, said in another way: halves meet at the largest power of two below the number of blocks.
  private static func expected(_ blocks: Range<Int>, count: Int = 5) -> [Float] {
    guard blocks.count > 1 else { return gradient(blocks.lowerBound, count: count) }
    var half = 1
    while 2 * half < blocks.count { half *= 2 }
    let middle = blocks.lowerBound + half
    let (left, right) = (
      expected(blocks.lowerBound..<middle, count: count),
      expected(middle..<blocks.upperBound, count: count)
    )
    return zip(left, right).map { $0 + $1 }
  }

  /// What a worker does with a block's gradient: tensor by tensor, here pieces that begin where the other block's do.
  private static func write(_ gradient: [Float], to leaf: TreeSum.Leaf, pieces: Int = 2) {
    leaf.gradient.store.withElements { elements in
      guard let base = elements.baseAddress else { return }
      let size = (gradient.count + pieces - 1) / pieces
      for start in stride(from: 0, to: gradient.count, by: size) {
        let piece = Array(gradient[start..<min(start + size, gradient.count)])
        var scratch = piece
        scratch.withUnsafeMutableBufferPointer { space in
          guard let spaceBase = space.baseAddress else { return }
          let place = Matrix(base: base + start, rows: 1, columns: piece.count)
          let beside = Matrix(base: spaceBase, rows: 1, columns: piece.count)
          leaf.gradient.write([place], scratch: [beside]) {
            $0[0].base.update(from: piece, count: piece.count)
          }
        }
      }
    }
  }

  private static func bits(_ store: ParameterStore?) -> [UInt32]? {
    store.map { $0["x"].map(\.bitPattern) }
  }

  /// One to forty blocks on one to eight workers that finish in random order: the same bits, in no more stores than said.
  @Test(arguments: 1...8)
  func anyOrderGivesTheSameBits(_ workers: Int) {
    for blocks in 1...40 {
      let tree = SumTree(blocks: blocks)
      let expected = Self.expected(0..<blocks).map(\.bitPattern)
      let most = tree.mostSums(of: 0..<blocks, workers: workers)
      #expect(most <= max(workers, 2) / 2 + tree.height - 1 || blocks == 1 && most == 1)
      #expect(most <= (blocks + 1) / 2)
      for seed in 0..<4 {
        var generator = SplitMix64(seed: UInt64(1000 * blocks + seed))
        let buffers = Self.stores()
        let sum = TreeSum(tree, share: 0..<blocks, workers: workers, buffers: buffers)
        var underWay: [TreeSum.Leaf] = []
        var taken = 0
        while taken < blocks || !underWay.isEmpty {
          let mayTake = taken < blocks && underWay.count < workers
          if mayTake, underWay.isEmpty || Bool.random(using: &generator) {
            if let leaf = sum.takeIfFree() {
              #expect(leaf.block == taken)
              underWay.append(leaf)
              taken += 1
              continue
            }
            // Whoever waits waits for a block under way.
            #expect(!underWay.isEmpty, "\(blocks) blocks: nobody can go on")
            if underWay.isEmpty { return }
          }
          underWay.shuffle(using: &generator)
          if let leaf = underWay.popLast() {
            Self.write(Self.gradient(leaf.block), to: leaf)
            sum.add(leaf)
          }
        }
        #expect(sum.takeIfFree() == nil && sum.take() == nil)
        sum.finish(on: WorkerPool(threads: 1))
        #expect(Self.bits(sum.total) == expected, "\(blocks) blocks, seed \(seed)")
        #expect(buffers.count <= most, "\(blocks) blocks, seed \(seed)")
      }
    }
  }

  /// Where blocks end in the order in which they were begun, the bound is what it takes, and nobody waits.
  @Test func theBoundIsTight() {
    for (workers, blocks) in [(1, 16), (2, 16), (2, 12), (4, 64), (8, 40), (3, 5)] {
      let tree = SumTree(blocks: blocks)
      let buffers = Self.stores()
      let sum = TreeSum(tree, share: 0..<blocks, workers: workers, buffers: buffers)
      var underWay: [TreeSum.Leaf] = []
      for _ in 0..<blocks {
        if underWay.count == workers { sum.add(underWay.removeFirst()) }
        guard let leaf = sum.takeIfFree() else {
          Issue.record("\(workers) workers wait at block \(blocks)")
          return
        }
        underWay.append(leaf)
      }
      for leaf in underWay { sum.add(leaf) }
      #expect(buffers.count == tree.mostSums(of: 0..<blocks, workers: workers))
    }
  }

  /// The numbers are such that the order of addition shows.
  @Test func anotherOrderWouldGiveOtherBits() {
    for blocks in [4, 7, 16, 40] {
      let inOrder = (1..<blocks).reduce(Self.gradient(0)) { sum, block in
        zip(sum, Self.gradient(block)).map { $0 + $1 }
      }
      #expect(inOrder != Self.expected(0..<blocks))
    }
  }

  /// Stores of more than two of the pieces that `finish` shares out, none of which begins where the numbers do.
  @Test(arguments: [1, 2, 3, 8])
  func threadsGiveTheSameBits(_ threads: Int) {
    let (blocks, count, times) = (13, 1009, 600)
    func spread(_ numbers: [Float]) -> [Float] {
      [[Float]](repeating: numbers, count: times).flatMap { $0 }
    }
    let gradients = (0..<blocks).map { spread(Self.gradient($0, count: count)) }
    let expected = spread(Self.expected(0..<blocks, count: count))
    let pool = WorkerPool(threads: threads)
    let buffers = Self.stores(count * times)
    for _ in 0..<2 {
      let sum = TreeSum(
        SumTree(blocks: blocks), share: 0..<blocks, workers: threads, buffers: buffers)
      pool.forEach(threads) { _, _ in
        while let leaf = sum.take() {
          Self.write(gradients[leaf.block], to: leaf, pieces: 7)
          sum.add(leaf)
        }
      }
      sum.finish(on: pool)
      #expect(sum.total?["x"] == expected)
    }
    #expect(
      buffers.count <= SumTree(blocks: blocks).mostSums(of: 0..<blocks, workers: threads))
  }

  /// However the blocks are cut into ranges, every member ends with the bits of one process.
  @Test func anyCutAmongProcessesGivesTheSameBits() {
    var generator = SplitMix64(seed: 5)
    for blocks in 1...24 {
      let tree = SumTree(blocks: blocks)
      let expected = Self.expected(0..<blocks).map(\.bitPattern)
      for members in 1...5 {
        let cuts =
          [0] + (1..<members).map { _ in Int.random(in: 0...blocks, using: &generator) }.sorted()
          + [blocks]
        let shares = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
        let pool = WorkerPool(threads: 1)
        let sums = shares.map { share in
          let sum = TreeSum(tree, share: share, workers: 2, buffers: Self.stores())
          while let leaf = sum.take() {
            Self.write(Self.gradient(leaf.block), to: leaf)
            sum.add(leaf)
          }
          sum.finish(on: pool)
          #expect(Set(sum.parts.keys) == Set(tree.subtrees(of: share).map(tree.highest)))
          return sum
        }
        // What each has to give, before anybody receives.
        let parts = sums.map { $0.parts.mapValues { $0["x"] } }
        for (member, sum) in sums.enumerated() {
          for (other, given) in parts.enumerated() where other != member {
            for (node, elements) in given { sum.receive(node) { $0["x"] = elements } }
          }
          sum.finish(on: pool)
          #expect(Self.bits(sum.total) == expected, "\(blocks) blocks in \(shares)")
        }
      }
    }
  }

  @Test func subtreesCoverARangeAndNothingElse() {
    for blocks in 1...20 {
      let tree = SumTree(blocks: blocks)
      #expect(tree.range(of: tree.root) == 0..<blocks)
      for first in 0...blocks {
        for last in first...blocks {
          let nodes = tree.subtrees(of: first..<last)
          #expect(nodes.flatMap { Array(tree.range(of: $0)) } == Array(first..<last))
        }
      }
      #expect(tree.subtrees(of: 0..<blocks).count == 1)
    }
    #expect(
      SumTree(blocks: 16).subtrees(of: 4..<8) == [SumTree.Node(level: 2, position: 1)])
  }

  @Test func whatIsStoppedHandsOutNothing() {
    let sum = TreeSum(SumTree(blocks: 4), share: 0..<4, workers: 1, buffers: Self.stores())
    let pool = WorkerPool(threads: 2)
    // One thread takes all there is and brings nothing back; the other ends it.
    let taken = Locked(0)
    pool.forEach(2) { _, _ in
      while sum.take() != nil {
        if taken.withLock({
          $0 += 1; return $0 == 3
        }) {
          sum.stop()
        }
      }
    }
    #expect(taken.withLock { $0 } == 3 && sum.take() == nil && sum.total == nil)
  }
}
