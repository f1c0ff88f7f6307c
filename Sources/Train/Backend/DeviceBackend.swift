package import Device
package import Model
internal import RunLog
internal import Storage

/// A device with memory of its own, such as a graphics processor: parameters, gradient and moments lie there, and blocks
/// are computed there one after another.
///
/// Every block is computed alone, with the same launches and products whatever is computed beside it, and gradients are added
/// up by the blocks' `SumTree`. So bits depend neither on how much memory there is nor on what was computed before; from run to
/// run they are the same on one device with one driver (decision 93).
package final class DeviceBackend: Backend, @unchecked Sendable {
  // Unchecked because one call at a time uses it, from one thread, as `Backend` says.
  package let classifier: Classifier
  let device: any Device
  let workspace: DeviceWorkspace
  private let threads: Int
  private let counter: DeviceWorker
  /// What learns; `nil` before anything is computed.
  private var placedParameters: DeviceStore?
  /// `nil` while it is released.
  private var frozen: DeviceNetwork.Frozen?
  /// How many rows of word embeddings are there.
  private var wordRows = 0
  private let keptRows: DeviceRows

  /// Gradients of blocks and of sums of blocks, made when they are first needed.
  var gradients: [DeviceGradient] = []
  /// Of the batch last computed, one of them.
  var gradient: DeviceGradient?
  var optimizer: DeviceOptimizer?
  var kept: DeviceStore?

  /// - Parameters:
  ///   - classifier: the network, whose parameters are copied to the device when something is first computed.
  ///   - device: nobody else uses it at the same time.
  ///   - threads: of whatever this program computes beside it.
  package init(_ classifier: Classifier, on device: any Device, threads: Int) {
    (self.classifier, self.device, self.threads) = (classifier, device, threads)
    workspace = DeviceWorkspace(device)
    counter = DeviceWorker(
      classifier: classifier, network: DeviceNetwork(shapesOf: classifier),
      workspace: DeviceWorkspace(nil))
    keptRows = DeviceRows(device)
  }

  /// What learns, on the device.
  ///
  /// - Throws: `DeviceError` if there is no room for it.
  var parameters: DeviceStore {
    get throws {
      if let placedParameters { return placedParameters }
      let store = try place(classifier.trainable)
      placedParameters = store
      return store
    }
  }

  /// Copies a store to the device.
  private func place(_ store: ParameterStore) throws -> DeviceStore {
    let placed = DeviceStore(try allocate(DeviceStore.bytes(store)), like: store)
    try store.withElements {
      try device.write(UnsafeRawBufferPointer($0), to: placed.buffer, at: 0)
    }
    return placed
  }

  package var configuration: EncoderConfiguration { classifier.configuration }
  package var fineTuning: FineTuning { classifier.fineTuning }
  package var parameterCounts: (total: Int, trainable: Int) { classifier.parameterCounts }
  package var multiplyAdds: Int { workspace.multiplyAdds }

  package var identity: BackendIdentity { BackendIdentity(device.identity, threads: threads) }

  // MARK: What is frozen

  package func loadEmbeddingRows(for tokens: [Int32]) throws {
    try classifier.loadEmbeddingRows(for: tokens)
  }

  package func releaseFrozenParameters() {
    // Frozen weights that learning embeddings stand before are needed in every step.
    guard fineTuning.freezeEmbeddings else { return }
    (frozen, wordRows) = (nil, 0)
    classifier.releaseFrozenParameters()
  }

  /// Puts what is frozen on the device, as far as it is not there.
  private func placeFrozenParameters() throws {
    try classifier.restoreFrozenParameters()
    let words = classifier.words
    let isWhole = !fineTuning.freezeEmbeddings || wordRows == words.rowCount
    guard frozen == nil || !isWhole else { return }
    let width = configuration.hiddenSize
    let store = try frozen?.store ?? place(classifier.frozen)
    var matrix = frozen?.words ?? DeviceMatrix(store.buffer, offset: 0, rows: 0, columns: width)
    if fineTuning.freezeEmbeddings {
      if words.rowCount > matrix.rows {
        // Twice as many as before, since prediction adds a few again and again.
        let rows = max(words.rowCount, min(2 * matrix.rows, configuration.vocabularySize))
        matrix = DeviceMatrix(
          try allocate(4 * rows * width), offset: 0, rows: rows, columns: width)
        wordRows = 0
      }
      let added = UnsafeRawBufferPointer(
        start: words.base + wordRows * width, count: 4 * (words.rowCount - wordRows) * width)
      try device.write(added, to: matrix.buffer, at: 4 * wordRows * width)
      wordRows = words.rowCount
    }
    frozen = DeviceNetwork.Frozen(store: store, words: matrix)
  }

  package func export(to directory: String) throws {
    for tensor in tensors {
      classifier.trainable[tensor.name] = try read(.parameters, tensor.name)
    }
    try classifier.export(to: directory)
  }

  // MARK: Memory

  /// Takes memory; what is kept only to save time goes first, if there is none.
  func allocate(_ bytes: Int) throws -> DeviceBuffer {
    try withRoom { try device.allocate(bytes: bytes) }
  }

  /// Does something that takes memory, and again after giving back what is kept only to save time.
  private func withRoom<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch DeviceError.outOfMemory where !keptRows.isEmpty {
      keptRows.removeAll()
      return try body()
    }
  }

  /// Computes a block after counting, by computing its shapes alone, what memory that takes.
  ///
  /// - Parameter body: computes it, of shapes or in truth.
  /// - Returns: what it gives in truth.
  /// - Throws: what it throws; `DeviceError.outOfMemory`.
  func compute<Result>(_ body: (DeviceWorker) throws -> Result) throws -> Result {
    _ = try body(counter)
    let bytes = counter.workspace.mostBytes
    workspace.reset()
    try withRoom { try workspace.reserve(bytes: bytes) }
    let network = DeviceNetwork(try parameters, frozen, of: classifier)
    // Libraries take memory of their own for some products. A block changes nothing but what it overwrites, so that it may be
    // begun anew.
    return try withRoom {
      try body(DeviceWorker(classifier: classifier, network: network, workspace: workspace))
    }
  }

  // MARK: Scoring

  package func prefixes(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try forEachBlock(of: blocks, watch) { block, batch in
      try store(block, prefix(of: batch))
    }
  }

  private func prefix(of batch: PackedBatch) throws -> [Float] {
    try placeFrozenParameters()
    return try compute { try $0.prefix(of: batch) }
  }

  package func pooledStates(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try forEachBlock(of: blocks, watch) { block, batch in
      let rows = try storedRows(blocks, block)
      try store(block, compute { try $0.pooledStates(of: batch, prefix: rows) })
    }
  }

  package func logits(of blocks: Blocks, _ watch: Watch) throws -> [Float] {
    var logits: [Float] = []
    try forEachBlock(of: blocks, watch) { block, batch in
      let rows = try storedRows(blocks, block)
      logits += try compute { try $0.logits(of: batch, prefix: rows) }
    }
    return logits
  }

  /// A block's stored rows, or `nil` after placing what computing them takes.
  func storedRows(_ blocks: Blocks, _ block: Int) throws -> DeviceWorker.StoredRows? {
    if let rows = try keptRows.rows(of: blocks, block, computing: prefix) { return rows }
    try placeFrozenParameters()
    return nil
  }

  func forEachBlock(
    of blocks: Blocks, _ watch: Watch, _ body: (Int, PackedBatch) throws -> Void
  ) throws {
    for block in 0..<blocks.count {
      if watch.interruption.isRequested { throw CancellationError() }
      let batch = blocks.batch(block)
      try body(block, batch)
      watch.progress(batch.tokenCount)
    }
    if watch.interruption.isRequested { throw CancellationError() }
  }
}
