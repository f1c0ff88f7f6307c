package import Model
internal import Storage

extension ComputeEngine {
  /// Sums a logical batch's gradient over its blocks, exactly the mean over its examples.
  ///
  /// Blocks are cut by the data alone and added up by a tree that their number alone defines, so that neither
  /// threads nor processes change a bit.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - data: which they are of.
  ///   - prefix: the dataset's stored prefix, or `nil` to start from the tokens.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - dropout: the key of the draws, or `nil` for no dropout.
  ///   - buffers: stores for gradients.
  ///   - collective: the processes that share the batch.
  ///   - interruption: looked at between blocks.
  ///   - progress: gets the number of tokens of each block done, from any thread.
  /// - Returns: the sum of the losses, the logits in the order of `batch`, and the gradient of the mean loss, one
  ///   of `buffers`.
  /// - Throws: what reading the prefix throws; `CancellationError` if interrupted.
  package func sumGradient(
    of batch: [Int], in data: Dataset, prefix: PrefixStore?, blockTokens: Int,
    dropout: DropoutKey?, buffers: SumBuffers, collective: any Collective = SingleProcess(),
    interruption: Interruption, progress: @Sendable (Int) -> Void
  ) throws -> (loss: Double, logits: [Float], gradient: ParameterStore) {
    let cuts = blocks(lengths: batch.map(data.length), blockTokens: blockTokens)
    let tree = SumTree(blocks: cuts.count)
    let share = collective.share(of: tree)
    let workers = min(pool.threads, share.count)
    let sum = TreeSum(tree, share: share, workers: workers, buffers: buffers)
    let done = Locked(
      (results: [BlockResult?](repeating: nil, count: cuts.count), error: (any Error)?.none))
    let scale = 1 / Float(batch.count)
    pool.forEach(workers) { _, number in
      while let leaf = sum.take() {
        if interruption.isRequested { return sum.stop() }
        let examples = batch[cuts[leaf.block]]
        do {
          let rows = try prefix?.rows(of: examples, worker: number)
          let packed = data.batch(examples)
          let result = withWorker(number) {
            $0.gradient(
              of: packed, prefix: rows, labels: examples.map { data.labels[$0] }, scale: scale,
              dropout: dropout, into: leaf.gradient)
          }
          sum.add(leaf)
          done.withLock {
            $0.results[leaf.block] = BlockResult(lossSum: result.lossSum, logits: result.logits)
          }
          progress(packed.tokenCount)
        } catch {
          done.withLock { $0.error = $0.error ?? error }
          sum.stop()
        }
      }
    }
    if let error = done.withLock({ $0.error }) { throw error }
    if interruption.isRequested { throw CancellationError() }
    sum.finish(on: pool)
    var results = done.withLock { $0.results }
    try collective.complete(sum, &results)
    sum.finish(on: pool)
    guard let gradient = sum.total, !results.contains(nil) else {
      // Unreachable: every block was computed here or received.
      preconditionFailure("a block is missing")
    }
    // In the order of the blocks, whoever computed them.
    return (
      results.reduce(0) { $0 + ($1?.lossSum ?? 0) }, results.flatMap { $0?.logits ?? [] }, gradient
    )
  }
}
