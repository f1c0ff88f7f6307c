internal import CKernels
internal import Storage

/// A sequence classifier: the first layers of an encoder, and a head on the first token's row.
///
/// It owns the parameters and computes nothing; a `Worker` per thread does. The frozen part never
/// changes, though it can be released and read again between blocks; `trainable` is stepped by the optimiser between blocks, while no worker runs, which is
/// the proof behind `@unchecked`.
public final class Classifier: @unchecked Sendable {
  /// Of the checkpoint it came from.
  public let configuration: EncoderConfiguration
  public let fineTuning: FineTuning
  /// What learns, in one buffer.
  public let trainable: ParameterStore
  /// What stays, without the word embeddings; all zero while it is released.
  package let frozen: ParameterStore
  package let words: WordEmbeddings
  let checkpoint: Checkpoint
  /// The tokens whose rows were in memory before the frozen part was released; `nil` if it is there.
  private let releasedTokens = Locked<[Int32]?>(nil)

  let embeddings: Embeddings
  let layers: [EncoderLayer]
  let head: ClassificationHead

  init(
    configuration: EncoderConfiguration, fineTuning: FineTuning, trainable: ParameterStore,
    frozen: ParameterStore, words: WordEmbeddings, checkpoint: Checkpoint
  ) {
    self.configuration = configuration
    self.fineTuning = fineTuning
    self.trainable = trainable
    self.frozen = frozen
    self.words = words
    self.checkpoint = checkpoint
    embeddings = Embeddings(
      fineTuning.freezeEmbeddings ? frozen : trainable, words: words, configuration: configuration)
    layers = (0..<fineTuning.encoderLayers).map {
      EncoderLayer(
        $0 < fineTuning.frozenLayers ? frozen : trainable, index: $0, configuration: configuration)
    }
    head = ClassificationHead(
      trainable, layers: fineTuning.encoderLayers, configuration: configuration)
  }

  /// A store for the gradient of `trainable`, zero.
  public func makeGradient() -> ParameterStore { ParameterStore(zerosLike: trainable) }

  /// Whether the frozen parameters are in memory, as computing the prefix needs.
  public var hasFrozenParameters: Bool { releasedTokens.withLock { $0 == nil } }

  /// Gives back the memory of frozen layers and embeddings, which nothing reads once their output is
  /// stored; embeddings that learn keep it. Must not be called while a worker runs.
  public func releaseFrozenParameters() {
    guard fineTuning.freezeEmbeddings else { return }
    releasedTokens.withLock { tokens in
      guard tokens == nil else { return }
      tokens = words.removeAll()
      frozen.discard()
      // What reading data and tokenizing left free in between goes back as well, before gradients and
      // moments are made.
      tg_trim_heap()
    }
  }

  /// Reads again what `releaseFrozenParameters` gave back, if it did.
  ///
  /// Any thread may call it, even while workers train on a stored prefix, which read nothing of this.
  ///
  /// - Throws: `StorageError` and `SafetensorsError` if the checkpoint has changed meanwhile.
  public func restoreFrozenParameters() throws {
    try releasedTokens.withLock { tokens in
      guard let wanted = tokens else { return }
      try readFrozenParameters()
      try loadEmbeddingRows(for: wanted)
      tokens = nil
    }
  }

  /// The number of parameters of the model as kept (all word embeddings, the layers kept, the head),
  /// and of those that learn.
  public var parameterCounts: (total: Int, trainable: Int) {
    let total = ParameterLayout(configuration, fineTuning).all.reduce(0) { $0 + $1.count }
    return (total, trainable.count)
  }

  /// Whether the output of the frozen prefix is the same in every epoch, so that it can be kept.
  public var hasCacheablePrefix: Bool { fineTuning.hasCacheablePrefix }

  /// The number of rows of `hiddenSize` floats that the frozen prefix gives for a batch: one per token,
  /// or one per example if every layer is frozen.
  public func prefixRows(of batch: PackedBatch) -> Int {
    fineTuning.prefixIsWholeEncoder ? batch.count : batch.tokenCount
  }
}
