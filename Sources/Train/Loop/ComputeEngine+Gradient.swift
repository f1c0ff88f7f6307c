package import Model
internal import Storage

extension ComputeEngine {
  /// Sums a logical batch's gradient over its blocks, exactly the mean over its examples.
  ///
  /// Blocks are cut by the data alone and added in their order, so that the number of threads changes
  /// no bit.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - data: which they are of.
  ///   - prefix: the dataset's stored prefix, or `nil` to start from the tokens.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - dropout: the key of the draws, or `nil` for no dropout.
  ///   - buffers: a store for each worker's block.
  ///   - gradient: overwritten with the gradient of the mean loss.
  ///   - interruption: looked at between blocks.
  ///   - progress: gets the number of tokens of each block done, from any thread.
  /// - Returns: the sum of the losses, and the logits in the order of `batch`.
  /// - Throws: what reading the prefix throws; `CancellationError` if interrupted.
  package func sumGradient(
    of batch: [Int], in data: Dataset, prefix: PrefixStore?, blockTokens: Int,
    dropout: DropoutKey?, buffers: [ParameterStore], into gradient: ParameterStore,
    interruption: Interruption, progress: @Sendable (Int) -> Void
  ) throws -> (loss: Double, logits: [Float]) {
    let cuts = blocks(lengths: batch.map(data.length), blockTokens: blockTokens)
    let sums = Locked(
      (loss: 0.0, logits: [[Float]](repeating: [], count: cuts.count), error: (any Error)?.none))
    let turnstile = Turnstile()
    let scale = 1 / Float(batch.count)
    pool.forEach(cuts.count) { index, number in
      // Every block takes its turn, so that a failed one does not hold up those behind it.
      let isStopped = interruption.isRequested || sums.withLock { $0.error != nil }
      let examples = batch[cuts[index]]
      var result: Worker.BlockResult?
      if !isStopped {
        do {
          let rows = try prefix?.rows(of: examples, worker: number)
          let packed = data.batch(examples)
          result = withWorker(number) {
            $0.gradient(
              of: packed, prefix: rows, labels: examples.map { data.labels[$0] }, scale: scale,
              dropout: dropout, into: buffers[number])
          }
          progress(packed.tokenCount)
        } catch {
          sums.withLock { $0.error = $0.error ?? error }
        }
      }
      turnstile.pass(index) {
        guard let result else { return }
        if index == 0 {
          gradient.copy(from: buffers[number])
        } else {
          gradient.add(buffers[number])
        }
        sums.withLock {
          $0.loss += result.lossSum
          $0.logits[index] = result.logits
        }
      }
    }
    if let error = sums.withLock({ $0.error }) { throw error }
    if interruption.isRequested { throw CancellationError() }
    return sums.withLock { ($0.loss, $0.logits.flatMap { $0 }) }
  }
}
