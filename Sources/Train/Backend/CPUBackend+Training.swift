package import Model
package import RunLog
internal import Storage

extension CPUBackend {
  package func prepareTraining(_ optimizer: OptimizerSettings) {
    self.optimizer = AdamW(optimizer, for: classifier)
  }

  /// Blocks are cut by the data alone and added up by a tree that their number alone defines, so that neither threads nor
  /// processes change a bit.
  package func gradient(
    of blocks: Blocks, labels: [Int], dropout: DropoutKey?, _ watch: Watch
  ) throws -> (lossSum: Double, logits: [Float]) {
    precondition(labels.count == blocks.examples.count)
    let tree = SumTree(blocks: blocks.count)
    let share = collective.share(of: tree)
    let workers = min(pool.threads, share.count)
    let sum = TreeSum(tree, share: share, workers: workers, buffers: buffers)
    let done = Locked([BlockResult?](repeating: nil, count: blocks.count))
    let scale = 1 / Float(blocks.examples.count)
    gradient = nil
    try forEach(workers, watch, take: sum.take, stop: sum.stop) { leaf, worker in
      let batch = blocks.batch(leaf.block)
      let rows = try storedRows(blocks, leaf.block, worker)
      let result = worker.gradient(
        of: batch, prefix: rows, labels: Array(labels[blocks.cuts[leaf.block]]), scale: scale,
        dropout: dropout, into: leaf.gradient)
      sum.add(leaf)
      done.withLock {
        $0[leaf.block] = BlockResult(lossSum: result.lossSum, logits: result.logits)
      }
      return batch.tokenCount
    }
    sum.finish(on: pool)
    var results = done.withLock { $0 }
    try collective.complete(sum, &results)
    sum.finish(on: pool)
    gradient = sum.total
    precondition(gradient != nil && !results.contains(nil), "a block is missing")
    // In the order of the blocks, whoever computed them.
    return (
      results.reduce(0) { $0 + ($1?.lossSum ?? 0) }, results.flatMap { $0?.logits ?? [] }
    )
  }

  /// The gradient last computed.
  private var lastGradient: ParameterStore {
    guard let gradient else {
      // Unreachable: TrainingSession computes a gradient before each step.
      preconditionFailure("no gradient was computed")
    }
    return gradient
  }

  package var gradientNorm: Double { lastGradient.squaredNorm().squareRoot() }

  package func step(learningRate: Double, gradientFactor factor: Float) {
    if factor != 1 { lastGradient.scale(by: factor) }
    optimizer?.update(
      classifier.trainable, gradient: lastGradient, learningRate: learningRate, on: pool)
  }

  // MARK: State

  package var tensors: [ParameterStore.Tensor] { classifier.trainable.tensors }
  package var steps: Int { optimizer?.step ?? 0 }

  private func store(_ part: StatePart) -> ParameterStore {
    let store =
      switch part {
      case .parameters: classifier.trainable
      case .firstMoment: optimizer?.firstMoment
      case .secondMoment: optimizer?.secondMoment
      case .kept: kept
      }
    guard let store else {
      // Unreachable: Trainer prepares the training before it reads or writes its state.
      preconditionFailure("there is no \(part.rawValue) yet")
    }
    return store
  }

  package func read(_ part: StatePart, _ name: String) -> [Float] { store(part)[name] }

  package func write(_ elements: [Float], to part: StatePart, _ name: String) {
    if part == .kept, kept == nil { kept = ParameterStore(zerosLike: classifier.trainable) }
    store(part)[name] = elements
  }

  package func resume(after steps: Int) { optimizer?.resume(after: steps) }

  package func keepParameters() {
    let store = kept ?? ParameterStore(zerosLike: classifier.trainable)
    store.copy(from: classifier.trainable)
    kept = store
  }

  package func useKeptParameters() {
    if let kept { classifier.trainable.copy(from: kept) }
  }
}
