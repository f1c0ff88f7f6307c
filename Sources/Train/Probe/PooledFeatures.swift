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
  /// Those that are kept, ascending; 0 for the embeddings.
  private let layers: [Int]

  /// Computes them.
  ///
  /// - Parameters:
  ///   - dataset: what of.
  ///   - prefix: its stored output of the frozen layers, a row per token; `nil` to start from the tokens.
  ///   - layers: of which to keep them, ascending; all if `nil`.
  ///   - backend: what computes.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - folder: on whose disk they go; nameless, so nothing of them stays.
  ///   - watch: looked at between blocks.
  /// - Throws: `StorageError` if the disk does not take them; `CancellationError` if interrupted.
  init(
    _ dataset: Dataset, prefix: PrefixStore? = nil, layers: [Int]? = nil, on backend: any Backend,
    blockTokens: Int, in folder: String, _ watch: Watch
  ) throws {
    let file = try ScratchFile(in: folder)
    let columns = 2 * backend.configuration.hiddenSize
    let layers = layers ?? Array(0...backend.fineTuning.encoderLayers)
    let first = prefix == nil ? 0 : backend.fineTuning.frozenLayers
    precondition(
      layers.allSatisfy { (first...backend.fineTuning.encoderLayers).contains($0) },
      "a layer is not computed")
    (self.dataset, self.file, self.columns, self.layers) = (dataset, file, columns, layers)
    let blocks = Blocks(
      Array(0..<dataset.count), of: dataset, prefix: prefix, blockTokens: blockTokens)
    let bytes = 4 * columns
    try backend.pooledStates(of: blocks, watch) { number, vectors in
      let examples = blocks.cuts[number]
      try vectors.withUnsafeBytes { vectors in
        // A layer's vectors lie together, as they are read together.
        for (place, layer) in layers.enumerated() {
          let start = (layer - first) * examples.count * bytes
          try file.write(
            UnsafeRawBufferPointer(rebasing: vectors[start..<start + examples.count * bytes]),
            at: (place * dataset.count + examples.lowerBound) * bytes)
        }
      }
    }
  }

  /// Reads what one layer made of the examples.
  ///
  /// - Parameter layer: one of those that are kept.
  /// - Returns: `[examples, columns]`.
  /// - Throws: `StorageError` if the disk does not give them back.
  func features(layer: Int) throws -> FeatureMatrix {
    guard let place = layers.firstIndex(of: layer) else {
      // Unreachable: whoever asks has said which layers to keep.
      preconditionFailure("layer \(layer) was not kept")
    }
    let count = dataset.count * columns
    let elements = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try file.read(
        into: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(4 * count)]),
        at: 4 * place * count)
      initialized = count
    }
    return FeatureMatrix(elements, columns: columns)
  }
}
