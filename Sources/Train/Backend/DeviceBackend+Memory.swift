internal import Device
internal import Model

extension DeviceBackend {
  /// What is in this process' memory beside the weights: a block's rows and logits on their way from and to the device.
  package static func bytesNeeded(for plan: MemoryPlan, threads: Int) -> BytesNeeded {
    let width = plan.weights.configuration.hiddenSize
    let rows = plan.mostTokens * width * 4
    let words = plan.mostTokens * 64
    let vectors =
      2 * (plan.weights.fineTuning.encoderLayers + 1)
      * (plan.pooled.map(\.count).max() ?? 0) * 2 * width * 4
    return BytesNeeded(
      prefix: 2 * rows + words, training: 2 * rows + words, scoring: 2 * rows + words,
      pooling: 2 * rows + vectors + words)
  }

  /// Nothing beside the device, which says itself what it cannot give.
  package static func checkResources(threads: Int) {}

  /// What a training takes of a device's memory at most, found out from shapes alone.
  ///
  /// - Parameters:
  ///   - plan: what will be computed.
  ///   - words: how many different tokens occur, whose frozen embeddings are copied.
  ///   - keepsBest: whether the best epoch's parameters are kept.
  /// - Throws: nothing, since nothing is computed; the layers' code may throw where it is.
  /// - Returns: bytes; stored rows, which are kept only where there is room, are not among them.
  package static func deviceBytes(
    for plan: MemoryPlan, words: Int, keepsBest: Bool = false
  ) throws -> Int {
    let classifier = Classifier(shapes: plan.weights)
    let workspace = DeviceWorkspace(nil)
    let worker = DeviceWorker(
      classifier: classifier, network: DeviceNetwork(shapesOf: classifier), workspace: workspace)
    let gradient = DeviceGradient(
      DeviceStore(DeviceBuffer(bytes: 0), like: classifier.trainable), of: classifier)
    let width = plan.weights.configuration.hiddenSize
    func most(_ blocks: [[Int]], _ compute: (PackedBatch) throws -> Void) rethrows -> Int {
      try blocks.map { lengths in
        try compute(
          PackedBatch(
            lengths.map { [Int32](repeating: 0, count: $0) }, examples: lengths.map { _ in 0 }))
        return workspace.mostBytes
      }.max() ?? 0
    }
    func stored(_ batch: PackedBatch, _ isStored: Bool) -> DeviceWorker.StoredRows? {
      guard isStored else { return nil }
      let rows = classifier.prefixRows(of: batch)
      return .there(
        DeviceMatrix(DeviceBuffer(bytes: 0), offset: 0, rows: rows, columns: width),
        [UInt32](repeating: 0, count: rows))
    }
    let scored =
      try [
        most(plan.prefix) { _ = try worker.prefix(of: $0) },
        most(plan.scored) { _ = try worker.logits(of: $0, prefix: stored($0, plan.isStored)) },
        most(plan.pooled) {
          _ = try worker.pooledStates(of: $0, prefix: stored($0, plan.isPooledFromStored))
        },
      ].max() ?? 0
    let trained = try most(plan.trained) { batch in
      _ = try worker.gradient(
        of: batch, prefix: stored(batch, plan.isStored),
        labels: [Int](repeating: 0, count: batch.count), scale: 1,
        dropout: DropoutKey(seed: 0, epoch: 0), into: gradient)
    }
    let store = DeviceStore.bytes(classifier.trainable)
    let frozen =
      DeviceStore.bytes(classifier.frozen)
      + (plan.weights.fineTuning.freezeEmbeddings ? 4 * words * width : 0)
    // Parameters, moments and the gradients of a batch; the best epoch's parameters if they are kept.
    let gradients = SumTree(blocks: plan.mostBlocks).height + 1
    let stores = plan.trained.isEmpty ? 1 : 3 + gradients + (keepsBest ? 1 : 0)
    // Other epochs' blocks differ from the first one's.
    let block = max(scored, trained + trained / 16)
    return stores * store + frozen + block + block / 32
  }
}
