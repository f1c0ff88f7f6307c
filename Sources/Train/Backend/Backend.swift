package import Model
package import RunLog

/// What computes a network: in whose memory its parameters lie and who multiplies.
///
/// The cut is above the layers: blocks of examples go in; rows, logits and losses come out. Parameters, gradient and the
/// optimiser's moments stay on the backend's side, be that this process' memory or a device's; `read` and `write` carry
/// them to and from checkpoints, a tensor at a time. How blocks are shared among threads, processes or streams, and where
/// stored rows of the frozen layers are kept while they are used again, is the backend's own.
///
/// Blocks may be computed in any order and at once, but one call at a time.
package protocol Backend: AnyObject, Sendable {
  /// The shape of the network.
  var configuration: EncoderConfiguration { get }
  /// What of the checkpoint is kept, and what learns.
  var fineTuning: FineTuning { get }
  /// The number of parameters, and of those that learn.
  var parameterCounts: (total: Int, trainable: Int) { get }
  /// What the bits depend on beside network and data.
  var identity: BackendIdentity { get }
  /// Multiply-adds done so far.
  var multiplyAdds: Int { get }

  /// What it takes in memory for a training, beside the weights, found out from shapes alone.
  ///
  /// - Parameters:
  ///   - plan: what will be computed.
  ///   - threads: as the run will have.
  /// - Returns: the most that it needs at a time.
  static func bytesNeeded(for plan: MemoryPlan, threads: Int) -> BytesNeeded

  /// Checks that it can have what it will ask the system for, where a refusal in the middle could not be told.
  ///
  /// - Parameter threads: as the run will have.
  /// - Throws: what is refused, and why.
  static func checkResources(threads: Int) throws

  // MARK: What is frozen

  /// Reads further rows of frozen word embeddings.
  ///
  /// - Throws: `CheckpointError.tokenOutOfRange`, `StorageError`.
  func loadEmbeddingRows(for tokens: [Int32]) throws

  /// Gives back what only computing the frozen layers needs; reads it again should it be needed after all.
  func releaseFrozenParameters()

  // MARK: Computing

  /// Computes the frozen layers' output of every block, dropout off.
  ///
  /// - Parameters:
  ///   - blocks: what of.
  ///   - watch: looked at between blocks.
  ///   - store: gets each block's number and rows, `[prefixRows, hiddenSize]`, in any order, from any thread.
  /// - Throws: `CancellationError` if interrupted; what `store` throws.
  func prefixes(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void) throws

  /// Computes logits, dropout off.
  ///
  /// - Returns: `[examples, labels]`, in the order of the blocks' examples.
  /// - Throws: `CancellationError` if interrupted; what reading stored rows throws.
  func logits(of blocks: Blocks, _ watch: Watch) throws -> [Float]

  /// Computes what every layer makes of each example as one vector, dropout off: the mean over its tokens, then the first
  /// token's.
  ///
  /// - Parameters:
  ///   - blocks: what of.
  ///   - watch: looked at between blocks.
  ///   - store: gets each block's number and vectors, `[layers + 1, examples, 2 hiddenSize]`, in any order, from any thread. The
  ///     first are the embeddings' output; of blocks with stored rows, which must be a row per token, the last frozen layer's.
  /// - Throws: `CancellationError` if interrupted; what `store` throws.
  func pooledStates(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void) throws

  // MARK: Training

  /// Gets ready to train: moments are zero.
  ///
  /// - Throws: what keeps a device from taking them.
  func prepareTraining(_ optimizer: OptimizerSettings) throws

  /// Computes the gradient of the mean loss over a logical batch, and keeps it for `step`.
  ///
  /// - Parameters:
  ///   - blocks: the batch.
  ///   - labels: the class of each of its examples.
  ///   - dropout: the key of the draws, or `nil` for no dropout.
  ///   - watch: looked at between blocks.
  /// - Returns: the sum of the losses in nats, and the logits in the order of the examples, dropout on.
  /// - Throws: `CancellationError` if interrupted; what reading stored rows throws.
  func gradient(
    of blocks: Blocks, labels: [Int], dropout: DropoutKey?, _ watch: Watch
  ) throws -> (lossSum: Double, logits: [Float])

  /// The norm of the gradient last computed; not finite if any element is not.
  ///
  /// - Throws: what keeps a device from telling it.
  var gradientNorm: Double { get throws }

  /// Makes a step of the optimiser with the gradient last computed.
  ///
  /// - Parameters:
  ///   - learningRate: of this step.
  ///   - factor: of the gradient, below 1 if it is clipped.
  /// - Throws: what keeps a device from doing so.
  func step(learningRate: Double, gradientFactor factor: Float) throws

  // MARK: State

  /// Names and shapes of what learns, in the order of checkpoints.
  var tensors: [ParameterStore.Tensor] { get }

  /// How many steps the moments are the means of.
  var steps: Int { get }

  /// A tensor of the state; `kept` must be there.
  func read(_ part: StatePart, _ name: String) throws -> [Float]

  /// Puts a tensor of the state in place; `kept` is made if it is not there.
  func write(_ elements: [Float], to part: StatePart, _ name: String) throws

  /// Says how many steps the moments, as they were written, are the means of.
  func resume(after steps: Int)

  /// Keeps a copy of the parameters as they are, over an earlier one.
  func keepParameters() throws

  /// Puts the kept parameters in place, if any are kept.
  func useKeptParameters() throws

  /// Writes the network with its parameters as a Hugging Face directory.
  ///
  /// - Throws: `StorageError`, `SafetensorsError`.
  func export(to directory: String) throws
}

extension Backend {
  /// Whether the output of the frozen layers is the same in every epoch, so that it can be stored.
  var hasCacheablePrefix: Bool { fineTuning.hasCacheablePrefix }
}

/// A part of a training's state that lies on the backend's side; the raw values are names in checkpoints.
package enum StatePart: String, Sendable {
  case parameters
  case firstMoment = "first_moment"
  case secondMoment = "second_moment"
  /// The parameters of the best epoch so far.
  case kept = "best"
}

/// Whoever waits for blocks: wants to know how far it is, and may want to stop.
package struct Watch: Sendable {
  let interruption: Interruption
  /// Gets the number of tokens of each block done, from any thread.
  let progress: @Sendable (Int) -> Void

  package init(
    _ interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    (self.interruption, self.progress) = (interruption, progress)
  }
}
