extension Architecture {
  /// What config.json calls the sizes and probabilities of an encoder.
  public struct ConfigurationKeys: Equatable, Sendable {
    let hiddenSize: String
    let layers: String
    let heads: String
    let intermediateSize: String
    let activation: String
    let hiddenDropout: String
    let attentionDropout: String
    let classifierDropout: String
    /// `nil` where there are no token types.
    let tokenTypes: String?
    /// `nil` where it is the same in every model.
    let layerNormEpsilon: String?
    /// Whether positions are sinusoidal rather than learned; `nil` where they are always learned.
    let sinusoidalPositions: String?

    /// Those of BERT, which most others share.
    static let ofBERT = ConfigurationKeys(
      hiddenSize: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads",
      intermediateSize: "intermediate_size", activation: "hidden_act",
      hiddenDropout: "hidden_dropout_prob", attentionDropout: "attention_probs_dropout_prob",
      classifierDropout: "classifier_dropout", tokenTypes: "type_vocab_size",
      layerNormEpsilon: "layer_norm_eps", sinusoidalPositions: nil)
  }
}
