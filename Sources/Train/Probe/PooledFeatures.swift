internal import Model
internal import RunLog
internal import Storage

/// What every layer makes of every example of a dataset, as one vector each: the mean over its tokens, then the first
/// token's. On disk, as all layers' together are many.
struct PooledFeatures: Sendable {
  let dataset: Dataset
  private let file: ScratchFile
  /// Numbers of a vector, twice the hidden size.
  let columns: Int

  /// Computes them.
  ///
  /// - Parameters:
  ///   - dataset: what of.
  ///   - backend: what computes.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - folder: on whose disk they go; nameless, so nothing of them stays.
  ///   - watch: looked at between blocks.
  /// - Throws: `StorageError` if the disk does not take them; `CancellationError` if interrupted.
  init(
    _ dataset: Dataset, on backend: any Backend, blockTokens: Int, in folder: String, _ watch: Watch
  ) throws {
    let file = try ScratchFile(in: folder)
    let columns = 2 * backend.configuration.hiddenSize
    (self.dataset, self.file, self.columns) = (dataset, file, columns)
    let blocks = Blocks(Array(0..<dataset.count), of: dataset, blockTokens: blockTokens)
    let bytes = 4 * columns
    try backend.pooledStates(of: blocks, watch) { number, vectors in
      let examples = blocks.cuts[number]
      try vectors.withUnsafeBytes { vectors in
        // A layer's vectors lie together, as they are read together.
        for layer in 0..<vectors.count / (examples.count * bytes) {
          let rows = layer * examples.count * bytes..<(layer + 1) * examples.count * bytes
          try file.write(
            UnsafeRawBufferPointer(rebasing: vectors[rows]),
            at: (layer * dataset.count + examples.lowerBound) * bytes)
        }
      }
    }
  }

  /// Reads what one layer made of the examples.
  ///
  /// - Parameter layer: 0 for the embeddings.
  /// - Returns: `[examples, columns]`.
  /// - Throws: `StorageError` if the disk does not give them back.
  func features(layer: Int) throws -> FeatureMatrix {
    let count = dataset.count * columns
    let elements = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try file.read(
        into: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(4 * count)]),
        at: 4 * layer * count)
      initialized = count
    }
    return FeatureMatrix(elements, columns: columns)
  }
}
