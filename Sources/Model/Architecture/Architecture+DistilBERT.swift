extension Architecture {
  /// DistilBERT (Sanh et al. 2019): BERT's layers without token types and pooler, and no dropout on what attention
  /// gives.
  public static let distilbert = Architecture(
    name: "DistilBERT", modelType: "distilbert",
    classifierClass: "DistilBertForSequenceClassification", classPrefix: "DistilBert",
    otherClassPrefixes: [],
    names: Names(
      base: "distilbert.", words: "embeddings.word_embeddings.weight",
      positions: "embeddings.position_embeddings.weight", tokenTypes: nil,
      embeddingNorm: "embeddings.LayerNorm", layer: "transformer.layer.",
      parts: [
        .query: "attention.q_lin", .key: "attention.k_lin", .value: "attention.v_lin",
        .attentionOutput: "attention.out_lin", .attentionNorm: "sa_layer_norm",
        .intermediate: "ffn.lin1", .output: "ffn.lin2", .outputNorm: "output_layer_norm",
      ], headDense: "pre_classifier", classifier: "classifier"),
    keys: ConfigurationKeys(
      hiddenSize: "dim", layers: "n_layers", heads: "n_heads", intermediateSize: "hidden_dim",
      activation: "activation", hiddenDropout: "dropout", attentionDropout: "attention_dropout",
      classifierDropout: "seq_classif_dropout", tokenTypes: nil, layerNormEpsilon: nil,
      sinusoidalPositions: "sinusoidal_pos_embds"),
    firstPosition: .zero, defaultPaddingToken: 0, defaultTokenTypes: 0,
    defaultLayerNormEpsilon: 1e-12, dropsAttentionOutput: false, defaultClassifierDropout: 0.2,
    activations: ["gelu": .gelu], head: .preClassifier)
}
