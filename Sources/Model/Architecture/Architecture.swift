/// What differs between the encoders that this network computes: names, and the few things that they do differently.
///
/// Another encoder is another value here. Layers, loading, export and training state know roles and take names from
/// this (decision 66).
public struct Architecture: Equatable, Sendable {
  /// What becomes of the first token's row on its way to the logits.
  public enum Head: Equatable, Sendable {
    /// Dense, tanh, dropout, linear, as in `BertForSequenceClassification`; the dense layer is pre-trained.
    case pooler
    /// Dropout, dense, tanh, dropout, linear, as in `XLMRobertaForSequenceClassification`.
    case dense
    /// Dense, ReLU, dropout, linear, as in `DistilBertForSequenceClassification`.
    case preClassifier

    /// What messages call the dense layer.
    var nameOfDense: String {
      switch self {
      case .pooler: "pooler"
      case .dense, .preClassifier: "dense layer before the classifier"
      }
    }
  }

  /// The function between the two layers of the feed-forward part.
  public enum Activation: Equatable, Sendable {
    /// `x Φ(x)`, the exact one.
    case gelu
  }

  /// Where the position table's rows begin to be used.
  public enum FirstPosition: Equatable, Sendable {
    /// At row 0.
    case zero
    /// After the row of the configuration's `pad_token_id`, as in RoBERTa. Should a text hold that token, it takes this
    /// row, and the tokens after it are counted without it.
    case afterPadding
  }

  /// How the tensors are called in files.
  public struct Names: Equatable, Sendable {
    /// Before the name of every tensor that is not the head's; a file of the bare encoder leaves it out.
    let base: String
    let words: String
    let positions: String
    /// `nil` where there are no token types.
    let tokenTypes: String?
    let embeddingNorm: String
    /// Before a layer's number.
    let layer: String
    /// After the number, without `.weight` or `.bias`.
    let parts: [ParameterRole.LayerPart: String]
    /// Whole, with the base if it has it.
    let headDense: String
    let classifier: String
  }

  /// In messages, such as "BERT".
  public let name: String
  /// `model_type` in config.json.
  public let modelType: String
  /// What config.json's `architectures` calls the classifier; also written into exported models.
  public let classifierClass: String
  /// How names of classes of this architecture begin, and those that begin the same but are others.
  let classPrefix: String
  let otherClassPrefixes: [String]
  public let names: Names
  public let keys: ConfigurationKeys
  public let firstPosition: FirstPosition
  /// Where config.json does not say: the id of the padding token.
  let defaultPaddingToken: Int
  /// Where config.json does not say: the number of token types and the epsilon of layer normalisations.
  let defaultTokenTypes: Int
  let defaultLayerNormEpsilon: Double
  /// Whether dropout acts on what attention gives, before the residual.
  let dropsAttentionOutput: Bool
  /// Where config.json does not say; `nil` is that of hidden states.
  let defaultClassifierDropout: Double?
  /// By what config.json calls them.
  let activations: [String: Activation]
  public let head: Head

  /// All that can be read.
  public static let all: [Architecture] = [.bert, .distilbert, .roberta, .xlmRoberta]

  /// Whether a class that config.json names is one of this architecture.
  func has(class name: String) -> Bool {
    name.hasPrefix(classPrefix) && !otherClassPrefixes.contains { name.hasPrefix($0) }
  }

  /// What a tensor is called in files.
  public func name(of role: ParameterRole) -> String {
    func full(_ name: String, _ factor: ParameterRole.Factor) -> String {
      switch factor {
      case .weight: "\(name).weight"
      case .bias: "\(name).bias"
      }
    }
    switch role {
    case .words: return "\(names.base)\(names.words)"
    case .positions: return "\(names.base)\(names.positions)"
    case .tokenTypes: return "\(names.base)\(names.tokenTypes ?? "token_types")"
    case .embeddingNorm(let factor): return full("\(names.base)\(names.embeddingNorm)", factor)
    case .layer(let index, let part, let factor):
      return full("\(names.base)\(names.layer)\(index).\(names.parts[part] ?? "\(part)")", factor)
    case .headDense(let factor): return full(names.headDense, factor)
    case .classifier(let factor): return full(names.classifier, factor)
    }
  }

  /// A file's key as the classifier of this architecture spells it today, or `nil` if it is no part of that.
  ///
  /// Keys may lack the base name and may say `LayerNorm.gamma` and `beta`, as the first releases did; heads of the
  /// pre-training (`cls.`, `lm_head.`, `vocab_layer_norm.` and the like) and the constant `position_ids` are left aside.
  func canonicalName(_ key: String) -> String? {
    let isOfPretraining = ["cls.", "lm_head.", "vocab_"].contains { key.hasPrefix($0) }
    guard !isOfPretraining, !key.hasSuffix("position_ids") else { return nil }
    var name = key
    if name.hasSuffix("LayerNorm.gamma") { name = name.dropLast("gamma".count) + "weight" }
    if name.hasSuffix("LayerNorm.beta") { name = name.dropLast("beta".count) + "bias" }
    return unprefixedParts.contains { name.hasPrefix($0) } ? names.base + name : name
  }

  /// How names begin that a file of the bare encoder has without the base name, such as "embeddings.".
  private var unprefixedParts: Set<String> {
    var paths = [names.words, names.positions, names.embeddingNorm, names.layer]
    if names.headDense.hasPrefix(names.base) {
      paths.append(String(names.headDense.dropFirst(names.base.count)))
    }
    return Set(paths.compactMap { $0.split(separator: ".").first.map { "\($0)." } })
  }
}
