internal import Model
internal import RunLog

/// What fitting baselines takes.
struct BaselineWork: Sendable {
  /// To which one is fitted, ascending and without gaps; 0 for the embeddings.
  let layers: [Int]
  /// A network with more layers than the run's, of which none learns, if one is needed.
  let network: WeightMemory?
  /// The lengths of the examples of every block that is pooled.
  let blocks: [[Int]]
  /// Whether the frozen layers' output is read where it is stored, so that only the layers above them are computed.
  let startsFromStored: Bool
  /// Multiply-adds of the encoder, and of the fits what they take the time of.
  let cost: Double
  /// Multiply-adds of the encoder, of them.
  let encoderCost: Double
  /// Bytes of the features that a fit reads, and of its sums.
  let fittingBytes: Int

  /// A pass of a fit takes two multiply-adds per feature and class, one for the scores and one for the gradient. A fit takes
  /// about a thousand passes over all strengths, and in double precision, bound by memory, each multiply-add the time of some
  /// fifteen of the encoder's: measured with 1,839 tweets and 768 features.
  private static let fittingPasses = 1000.0
  private static let slowness = 15.0

  init(
    layers: [Int], network: WeightMemory?, weights: WeightMemory, datasets: [Dataset],
    _ settings: TrainingSettings, classes: Int
  ) {
    (self.layers, self.network) = (layers, network)
    let tuning = weights.fineTuning
    // Where every layer is frozen, a row per text is stored, which has no mean over tokens.
    startsFromStored =
      network == nil && tuning.hasCacheablePrefix && !tuning.prefixIsWholeEncoder
      && (layers.first ?? 0) >= tuning.frozenLayers
    blocks = datasets.flatMap { $0.blockLengths(settings.blockTokens) }
    let counter = BlockMemory(network ?? weights)
    for lengths in blocks { _ = counter.pooling(lengths: lengths, isStored: startsFromStored) }
    // The products of all layers are alike, and a worker computes them up to the last; those above the last that is wanted
    // are left out of the count, as the network could be cut there.
    let first = startsFromStored ? tuning.frozenLayers : 0
    let computed = (network ?? weights).fineTuning.encoderLayers - first
    let wanted = (layers.last ?? first) - first
    encoderCost =
      computed == 0 ? 0 : Double(counter.multiplyAdds) * Double(wanted) / Double(computed)
    let columns = 2 * weights.configuration.hiddenSize
    let examples = datasets[0].count
    cost =
      encoderCost + Double(layers.count) * Self.fittingPasses * 2 * Self.slowness
      * Double(examples * columns * classes)
    // The training data's features and another split's; the weights as L-BFGS remembers them, and the sums of at most 64
    // chunks of rows.
    let largest = datasets.map(\.count).max() ?? 0
    fittingBytes =
      4 * columns * (examples + largest) + 8 * classes * (columns + 1) * (64 + 32)
      + 8 * classes * largest
  }

  /// A network with so many layers, none of which learns.
  static func network(layers: Int, like tuning: FineTuning) -> FineTuning {
    FineTuning(
      encoderLayers: layers, frozenLayers: layers, freezeEmbeddings: true, labels: tuning.labels,
      seed: tuning.seed)
  }

  /// What pooling takes beside the run's own weights.
  func poolingBytes(
    _ need: BytesNeeded, words: Int, _ backend: any Backend.Type, _ threads: Int
  ) -> Int {
    guard let network else { return need.pooling }
    return network.whileReading(rows: words)
      + backend.bytesNeeded(for: MemoryPlan(network, pooling: blocks), threads: threads).pooling
  }
}
