/// What a tensor is to the network, whatever checkpoints call it.
public enum ParameterRole: Hashable, Sendable {
  /// The two tensors of a linear layer or of a layer normalisation.
  public enum Factor: Hashable, Sendable {
    case weight
    case bias
  }

  /// The parts of an encoder layer, each with a weight and a bias.
  public enum LayerPart: Hashable, Sendable, CaseIterable {
    /// The projections of attention, `[H, H]`.
    case query, key, value
    /// The projection of the heads' contexts, `[H, H]`, and the normalisation after it.
    case attentionOutput, attentionNorm
    /// The feed-forward's first layer, `[I, H]`.
    case intermediate
    /// The feed-forward's second layer, `[H, I]`, and the normalisation after it.
    case output, outputNorm
  }

  /// `[vocabulary, H]`.
  case words
  /// `[positions, H]`.
  case positions
  /// `[types, H]`; some encoders have none.
  case tokenTypes
  /// The normalisation after the sum of the embeddings.
  case embeddingNorm(Factor)
  /// A part of a layer, counted from 0.
  case layer(Int, LayerPart, Factor)
  /// The dense layer of the head, `[H, H]`: BERT's pooler, XLM-R's dense, DistilBERT's pre_classifier.
  case headDense(Factor)
  /// From the head's dense layer to the logits, `[labels, H]`.
  case classifier(Factor)

  /// Whether it belongs to a layer normalisation.
  public var isOfLayerNorm: Bool {
    switch self {
    case .embeddingNorm, .layer(_, .attentionNorm, _), .layer(_, .outputNorm, _): true
    default: false
    }
  }
}

/// A tensor of the network as it is laid out in memory and called in files.
public struct ParameterEntry: Equatable, Sendable {
  public let role: ParameterRole
  /// As checkpoints of the architecture call it.
  public let name: String
  public let shape: [Int]

  public init(_ role: ParameterRole, _ name: String, _ shape: [Int]) {
    (self.role, self.name, self.shape) = (role, name, shape)
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
}
