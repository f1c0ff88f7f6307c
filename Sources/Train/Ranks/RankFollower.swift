internal import Foundation
internal import Model
internal import RunLog
internal import Storage

/// A rank other than 0: does what rank 0 says until it says to end.
final class RankFollower: @unchecked Sendable {
  // Unchecked because what changes is behind locks or belongs to the thread that follows.
  private let transport: any Transport
  private let preparation: Preparation
  let backend: CPUBackend
  private let weights: [Int]
  private let cache: PrefixCache?
  /// A hash of the weights, as the names of stored prefixes have it.
  private let weightsHash: String
  private let current = Locked(Current())
  /// One message at a time: a request and its answer belong together.
  private let talk = NSLock()
  private var stores: [Split: PrefixStore] = [:]

  /// What is being computed.
  private struct Current {
    var number = 0
    var abandoned = 0
    var interruption = Interruption()
    /// Whether some rank has ended.
    var isOver = false
    var multiplyAdds = 0
    var tokens = 0
  }

  /// - Parameters:
  ///   - preparation: what rank 0 has, too.
  ///   - transport: to the other ranks.
  ///   - threads: of every rank.
  ///   - cache: where stored output of the frozen layers is looked for.
  ///   - hash: of the weights, as rank 0 names stored prefixes.
  init(
    _ preparation: Preparation, _ transport: any Transport, threads: [Int], cache: PrefixCache?,
    weights hash: String
  ) {
    (self.preparation, self.transport, weights) = (preparation, transport, threads)
    (self.cache, weightsHash) = (cache, hash)
    let own = threads[transport.rank]
    let collective = Box()
    backend = CPUBackend(
      preparation.classifier, threads: own,
      collective: RankCollective(transport, weights: threads, pool: WorkerPool(threads: own)) {
        try collective.follower?.agree(&$0)
      })
    collective.follower = self
    transport.listen { [weak self] notice, _ in self?.hear(notice) }
  }

  /// The follower of a collective that must exist before it.
  private final class Box: @unchecked Sendable {
    // Unchecked because it is set once, before anything is computed.
    weak var follower: RankFollower?
  }

  private func hear(_ notice: Notice) {
    current.withLock { current in
      switch notice {
      case .wish: return
      case .abandon(let number):
        current.abandoned = max(current.abandoned, number)
        if current.number <= number { current.interruption.request() }
      case .failed:
        current.isOver = true
        current.interruption.request()
      }
    }
  }

  /// Follows.
  ///
  /// - Returns: the exit status that rank 0 gives.
  /// - Throws: `RankFailure`; whatever goes wrong here.
  func run() throws -> Int {
    while true {
      var reader = try transport.receiveMessage(from: 0)
      switch try RankCommand(&reader) {
      case .compute(let work, let list): try compute(work, list)
      case .prepareTraining: backend.prepareTraining(preparation.experiment.training.optimizer)
      case .step(let learningRate, let factor):
        backend.step(learningRate: learningRate, gradientFactor: factor)
      case .write(let elements, let part, let name):
        guard let tensor = backend.tensors.first(where: { $0.name == name }),
          tensor.range.count == elements.count
        else { throw MessageError("there is no tensor \(name) of \(elements.count) elements") }
        backend.write(elements, to: part, name)
      case .resume(let steps): backend.resume(after: steps)
      case .releaseFrozenParameters: backend.releaseFrozenParameters()
      case .loadEmbeddingRows(let tokens):
        try backend.loadEmbeddingRows(for: tokens.map { Int32(truncatingIfNeeded: $0) })
      case .openPrefix(let split):
        stores[split] = try PrefixStore.find(
          PrefixStore.Request(
            dataset: dataset(split), backend: backend,
            precision: preparation.experiment.model.prefixPrecision,
            blockTokens: preparation.experiment.training.blockTokens, weights: weightsHash,
            cache: cache, scratchFolder: ""))
      case .end(let status): return status
      }
    }
  }

  private func dataset(_ split: Split) throws -> Dataset {
    guard let dataset = preparation.datasets.first(where: { $0.split == split }) else {
      throw MessageError("there is no split \(split)")
    }
    return dataset
  }

  // MARK: Blocks

  private func compute(_ work: RankCommand.Work, _ list: BlockList) throws {
    let interruption = Interruption()
    current.withLock {
      $0.number += 1
      $0.interruption = interruption
      ($0.multiplyAdds, $0.tokens) = (backend.multiplyAdds, 0)
      if $0.abandoned >= $0.number || $0.isOver { interruption.request() }
    }
    let dataset = try dataset(list.split)
    // Of a gradient, the collective knows the share itself.
    let share = shares(of: list.starts.count, weights: weights)[transport.rank]
    var rows: (any StoredRows)?
    if list.hasStoredRows {
      rows = stores[list.split]
      rows = rows ?? RowsOfRankZero(self, list)
    }
    let blocks = try list.blocks(of: dataset, rows: rows)
    let isGradient = if case .gradient = work { true } else { false }
    let watch = Watch(interruption) { [current] tokens in
      if isGradient { current.withLock { $0.tokens += tokens } }
    }
    let part = blocks.part(share)
    let bring: @Sendable (Int, [Float]) throws -> Void = { [self] block, values in
      try say(
        .block(
          share.lowerBound + block, values,
          tokens: part.cuts[block].reduce(0) { $0 + dataset.length(part.examples[$1]) }))
    }
    var norm = 0.0
    do {
      switch work {
      case .prefixes: try backend.prefixes(of: part, watch, store: bring)
      case .pooledStates: try backend.pooledStates(of: part, watch, store: bring)
      case .logits:
        let logits = try backend.logits(of: part, watch)
        norm = backend.classifier.trainable.squaredNorm()
        let labels = backend.fineTuning.labels.count
        var start = 0
        for (block, cut) in part.cuts.enumerated() {
          try bring(block, Array(logits[start..<start + cut.count * labels]))
          start += cut.count * labels
        }
      case .gradient(let labels, let dropout):
        guard labels.count == blocks.examples.count else {
          throw MessageError("labels are missing")
        }
        do {
          _ = try backend.gradient(of: blocks, labels: labels, dropout: dropout, watch)
        } catch let error as Undone {
          throw error
        } catch is CancellationError {
          // Before the ranks agreed; rank 0 waits for this rank's word and then decides.
          try done(isWhole: false)
          _ = try decision()
        }
        return
      }
      try done(isWhole: true, parameterNorm: norm)
    } catch is CancellationError {
      try done(isWhole: false)
    } catch is Undone {
      // All ranks know that this gradient comes to nothing.
    }
  }

  /// Rank 0 has decided that the ranks do not bring their sums together.
  private struct Undone: Error {}

  /// Says that this rank has computed its blocks, and waits for what rank 0 decides.
  private func agree(_ results: inout [BlockResult?]) throws {
    try done(isWhole: true, results)
    guard var reader = try decision() else { throw Undone() }
    try reader.results(into: &results)
    guard !results.contains(nil) else { throw MessageError("a block is missing") }
  }

  private func decision() throws -> MessageReader? {
    var reader = try transport.receiveMessage(from: 0)
    return try reader.integer() == 1 ? reader : nil
  }

  private func done(
    isWhole: Bool, _ results: [BlockResult?] = [], parameterNorm: Double = 0
  ) throws {
    var reply = RankReply.Done(results: results, isWhole: isWhole, parameterNorm: parameterNorm)
    current.withLock {
      reply.multiplyAdds = backend.multiplyAdds - $0.multiplyAdds
      reply.tokens = $0.tokens
    }
    try say(.done(reply))
  }

  private func say(_ reply: RankReply) throws {
    talk.lock()
    defer { talk.unlock() }
    try transport.send(reply.message, to: 0)
  }

  /// A block's stored rows, from rank 0.
  fileprivate func rowsOfRankZero(_ block: Int) throws -> [Float] {
    talk.lock()
    defer { talk.unlock() }
    try transport.send(RankReply.rowsWanted(block).message, to: 0)
    var reader = try transport.receiveMessage(from: 0)
    return try reader.floats()
  }
}

/// Stored rows that this rank cannot read itself: rank 0 sends them, block by block.
private struct RowsOfRankZero: StoredRows {
  private let follower: RankFollower
  /// The number of the block that begins with an example at some place.
  private let blocks: [Int: Int]

  init(_ follower: RankFollower, _ list: BlockList) {
    self.follower = follower
    blocks = Dictionary(uniqueKeysWithValues: list.starts.enumerated().map { ($1, $0) })
  }

  func rows(
    of examples: ArraySlice<Int>, computing: (PackedBatch) throws -> [Float]
  ) throws -> [Float] {
    guard let block = blocks[examples.startIndex] else {
      // Unreachable: rows are asked for by whole blocks.
      preconditionFailure("no block begins with example \(examples.startIndex)")
    }
    return try follower.rowsOfRankZero(block)
  }
}
