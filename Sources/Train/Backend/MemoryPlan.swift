package import Model
package import RunLog

/// What a training will compute, as far as memory depends on it.
package struct MemoryPlan {
  /// The network, as shapes.
  package let weights: WeightMemory
  /// Lengths of the examples of each block whose frozen layers are computed and stored.
  package private(set) var prefix: [[Int]] = []
  /// The same of blocks that are scored.
  package private(set) var scored: [[Int]] = []
  /// The same of blocks that are trained on.
  package private(set) var trained: [[Int]] = []
  /// The same of blocks whose layers' output is pooled, for baselines.
  package private(set) var pooled: [[Int]] = []
  /// Whether that starts from the frozen layers' stored output.
  package private(set) var isPooledFromStored = false
  /// The most blocks that a logical batch is cut into.
  package private(set) var mostBlocks = 1
  /// The most tokens of a block.
  package private(set) var mostTokens = 0
  /// Whether the frozen layers' output is stored.
  package let isStored: Bool

  /// Of a training whose data are not known.
  package init(_ weights: WeightMemory) {
    self.weights = weights
    isStored = weights.fineTuning.hasCacheablePrefix
  }

  /// Of scoring blocks from the tokens on.
  ///
  /// - Parameters:
  ///   - weights: the network, as shapes.
  ///   - blocks: the lengths of the examples of each.
  package init(_ weights: WeightMemory, scoring blocks: [[Int]]) {
    self.weights = weights
    isStored = false
    scored = Self.largest(of: blocks)
    mostTokens = scored.map { $0.reduce(0, +) }.max() ?? 0
  }

  /// Of a training whose data are in memory: blocks of the files' order, and of the first epoch's batches.
  ///
  /// - Parameters:
  ///   - weights: the network, as shapes.
  ///   - datasets: the splits, training data first.
  ///   - settings: how batches and blocks are cut.
  package init(_ weights: WeightMemory, _ datasets: [Dataset], _ settings: TrainingSettings) {
    self.weights = weights
    isStored = weights.fineTuning.hasCacheablePrefix
    for dataset in datasets {
      let all = (0..<dataset.count).map(dataset.length)
      let cuts = blocks(lengths: all, blockTokens: settings.blockTokens).map { Array(all[$0]) }
      prefix = Self.largest(of: prefix + cuts)
      if dataset.split.part != .train { scored = Self.largest(of: scored + cuts) }
    }
    let data = datasets[0]
    var order = Array(0..<data.count)
    var stream = RandomStream(seed: settings.seed, name: "shuffle/1")
    stream.shuffle(&order)
    for start in stride(from: 0, to: data.count, by: settings.batchSize) {
      let lengths = order[start..<min(start + settings.batchSize, data.count)].map(data.length)
      trained += blocks(lengths: lengths, blockTokens: settings.blockTokens).map {
        Array(lengths[$0])
      }
      let tokens = lengths.reduce(0, +)
      // Other epochs' batches differ a little.
      mostBlocks = max(
        mostBlocks,
        Train.mostBlocks(
          tokens: tokens + tokens / 16, examples: lengths.count,
          blockTokens: settings.blockTokens))
    }
    trained = Self.largest(of: trained)
    mostTokens = (prefix + trained).map { $0.reduce(0, +) }.max() ?? 0
    if !isStored { prefix = [] }
  }

  /// Of pooling every example's layers alone.
  ///
  /// - Parameters:
  ///   - weights: the network, as shapes.
  ///   - blocks: the lengths of the examples of each.
  package init(_ weights: WeightMemory, pooling blocks: [[Int]]) {
    self.weights = weights
    isStored = false
    pooled = Self.largest(of: blocks)
    mostTokens = pooled.map { $0.reduce(0, +) }.max() ?? 0
  }

  /// The same plan with blocks that are pooled before the training.
  package func pooling(_ blocks: [[Int]], fromStored: Bool) -> MemoryPlan {
    var plan = self
    (plan.pooled, plan.isPooledFromStored) = (Self.largest(of: blocks), fromStored)
    return plan
  }

  /// The blocks beside which no other is larger in everything that memory depends on.
  ///
  /// A matrix of a block has a row for each token or each example, or an attention probability for each pair of tokens or
  /// each token, padded to a multiple of 16; of those of single examples the longest counts.
  static func largest(of blocks: [[Int]]) -> [[Int]] {
    var result: [(lengths: [Int], sizes: [Int])] = []
    for lengths in blocks {
      let padded = lengths.map { ($0 + 15) / 16 * 16 }
      let sizes = [
        lengths.reduce(0, +), lengths.count, zip(lengths, padded).reduce(0) { $0 + $1.0 * $1.1 },
        padded.reduce(0, +), lengths.max() ?? 0,
      ]
      func isNoLarger(_ a: [Int], _ b: [Int]) -> Bool { zip(a, b).allSatisfy { $0 <= $1 } }
      if result.contains(where: { isNoLarger(sizes, $0.sizes) }) { continue }
      result.removeAll { isNoLarger($0.sizes, sizes) }
      result.append((lengths, sizes))
    }
    return result.map(\.lengths)
  }
}

/// What a backend takes in memory for a training, beside the weights, in bytes.
package struct BytesNeeded: Equatable, Sendable {
  /// While the frozen layers' output is computed and stored.
  package var prefix = 0
  /// While it trains and scores: gradients and moments too.
  package var training = 0
  /// While it scores alone.
  package var scoring = 0
  /// While every layer's output is pooled.
  package var pooling = 0
  /// Of address space that is asked for beside those and never used.
  package var reserved = 0
}
