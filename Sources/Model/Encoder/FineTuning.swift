/// How much of a checkpoint is used, and how much of that learns.
public struct FineTuning: Equatable, Sendable {
  /// Layers kept, from the first.
  public let encoderLayers: Int
  /// Layers that do not learn, from the first.
  public let frozenLayers: Int
  /// Whether the embeddings do not learn.
  public let freezeEmbeddings: Bool
  /// Whether dropout acts in frozen layers during training, as PyTorch's `model.train()` leaves it.
  public let frozenDropout: Bool
  /// Names of the classes by index.
  public let labels: [String]
  /// Of new weights and of dropout.
  public let seed: UInt64

  /// Whether the output of the frozen layers is the same in every epoch, so that it can be kept.
  public var hasCacheablePrefix: Bool { freezeEmbeddings && !frozenDropout }

  /// Whether every layer is frozen, so that the prefix ends with one row per example.
  public var prefixIsWholeEncoder: Bool { frozenLayers == encoderLayers }

  /// - Parameters:
  ///   - encoderLayers: at least 1.
  ///   - frozenLayers: 0 ... encoderLayers.
  ///   - freezeEmbeddings: whether word, position and type embeddings and their LayerNorm stay.
  ///   - frozenDropout: whether dropout acts in what is frozen.
  ///   - labels: at least 2.
  ///   - seed: of new weights.
  public init(
    encoderLayers: Int, frozenLayers: Int, freezeEmbeddings: Bool, frozenDropout: Bool = false,
    labels: [String], seed: UInt64
  ) {
    precondition(encoderLayers >= 1 && (0...encoderLayers).contains(frozenLayers))
    precondition(labels.count >= 2)
    self.encoderLayers = encoderLayers
    self.frozenLayers = frozenLayers
    self.freezeEmbeddings = freezeEmbeddings
    self.frozenDropout = frozenDropout
    self.labels = labels
    self.seed = seed
  }
}
