internal import Glibc
package import Model
internal import RunLog
internal import Storage
internal import Synchronization

/// The processors of this machine: a `Worker` for each thread of a pool, all in this process' memory.
package final class CPUBackend: Backend, @unchecked Sendable {
  // Unchecked because workers are scratch memory: the pool hands each worker's number to one thread at a time, and
  // nothing else touches `workers`. Gradient, optimiser and kept parameters change between calls alone.
  package let classifier: Classifier
  let pool: WorkerPool
  let collective: any Collective
  private let workers: [Worker]
  /// For the gradients of blocks, of which one becomes that of the logical batch.
  let buffers: SumBuffers
  /// Of the batch last computed, one of `buffers`.
  var gradient: ParameterStore?
  var optimizer: AdamW?
  var kept: ParameterStore?

  /// - Parameters:
  ///   - classifier: the network that all workers share.
  ///   - threads: at least 1; each uses BLAS on one thread.
  ///   - collective: the processes that share logical batches.
  package init(
    _ classifier: Classifier, threads: Int, collective: any Collective = SingleProcess()
  ) {
    (self.classifier, self.collective) = (classifier, collective)
    pool = WorkerPool(threads: threads)
    workers = (0..<threads).map { _ in Worker(classifier) }
    buffers = SumBuffers(classifier.makeGradient)
  }

  package var configuration: EncoderConfiguration { classifier.configuration }
  package var fineTuning: FineTuning { classifier.fineTuning }
  package var parameterCounts: (total: Int, trainable: Int) { classifier.parameterCounts }
  package var multiplyAdds: Int { workers.reduce(0) { $0 + $1.multiplyAdds } }

  package var identity: BackendIdentity {
    BackendIdentity(
      threads: pool.threads, products: Engine.blas, productKernel: Engine.blasKernel,
      productKernelReason: Engine.blasKernelReason, kernels: Engine.kernelClone)
  }

  package func loadEmbeddingRows(for tokens: [Int32]) throws {
    try classifier.loadEmbeddingRows(for: tokens)
  }

  package func releaseFrozenParameters() { classifier.releaseFrozenParameters() }

  package func export(to directory: String) throws { try classifier.export(to: directory) }

  // MARK: Scoring

  package func prefixes(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try forEachBlock(of: blocks, watch) { block, worker in
      let batch = blocks.batch(block)
      var rows: [Float] = []
      worker.prefix(of: batch, into: &rows)
      try store(block, rows)
      return batch.tokenCount
    }
  }

  package func pooledStates(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try forEachBlock(of: blocks, watch) { block, worker in
      let batch = blocks.batch(block)
      let rows = try storedRows(blocks, block, worker)
      try store(block, worker.pooledStates(of: batch, prefix: rows))
      return batch.tokenCount
    }
  }

  package func logits(of blocks: Blocks, _ watch: Watch) throws -> [Float] {
    let parts = Locked([[Float]](repeating: [], count: blocks.count))
    try forEachBlock(of: blocks, watch) { block, worker in
      let batch = blocks.batch(block)
      let rows = try storedRows(blocks, block, worker)
      let logits = worker.logits(of: batch, prefix: rows)
      parts.withLock { $0[block] = logits }
      return batch.tokenCount
    }
    return parts.withLock { $0.flatMap { $0 } }
  }

  /// A block's stored rows; damaged ones are computed again by the worker that asks.
  func storedRows(_ blocks: Blocks, _ block: Int, _ worker: Worker) throws -> [Float]? {
    try blocks.rows(block) { batch in
      try classifier.restoreFrozenParameters()
      var rows: [Float] = []
      worker.prefix(of: batch, into: &rows)
      return rows
    }
  }

  /// A block's stored rows for another rank, whoever computes here meanwhile.
  func rowsToSend(of blocks: Blocks, _ block: Int) throws -> [Float] {
    let rows = try blocks.rows(block) { batch in
      try classifier.restoreFrozenParameters()
      var rows: [Float] = []
      Worker(classifier).prefix(of: batch, into: &rows)
      return rows
    }
    return rows ?? []
  }

  // MARK: The loop

  private func forEachBlock(
    of blocks: Blocks, _ watch: Watch, _ body: @Sendable (Int, Worker) throws -> Int
  ) throws {
    let next = Atomic(0)
    try forEach(
      min(pool.threads, blocks.count), watch,
      take: {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return block < blocks.count ? block : nil
      }, stop: {}, body)
  }

  /// Has every worker take what there is to do until there is nothing more, somebody fails, or it shall stop.
  ///
  /// - Parameters:
  ///   - count: how many workers.
  ///   - watch: told of what is done, and asked before each piece of work whether to go on.
  ///   - take: hands out a piece of work, each once.
  ///   - stop: ends whoever waits in `take`.
  ///   - body: does a piece; returns its number of tokens.
  /// - Throws: what `body` throws first; `CancellationError` if it was asked to stop.
  func forEach<Work>(
    _ count: Int, _ watch: Watch, take: @Sendable () -> Work?, stop: @Sendable () -> Void,
    _ body: @Sendable (Work, Worker) throws -> Int
  ) throws {
    let failure = Locked<(any Error)?>(nil)
    pool.forEach(count) { _, number in
      while let work = take() {
        if watch.interruption.isRequested || failure.withLock({ $0 != nil }) { return stop() }
        do {
          watch.progress(try body(work, workers[number]))
        } catch {
          failure.withLock { $0 = $0 ?? error }
          stop()
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    if watch.interruption.isRequested { throw CancellationError() }
  }

  /// Lends a worker, for benchmarks of its parts.
  package func withWorker<Result>(
    _ number: Int, _ body: (Worker) throws -> Result
  ) rethrows -> Result {
    try body(workers[number])
  }
}
