extension Architecture {
  /// BERT (Devlin et al. 2019) as transformers lays it out.
  public static let bert = Architecture(
    name: "BERT", modelType: "bert", classifierClass: "BertForSequenceClassification",
    classPrefix: "Bert", otherClassPrefixes: ["BertGen"],
    names: Names(
      base: "bert.", words: "embeddings.word_embeddings.weight",
      positions: "embeddings.position_embeddings.weight",
      tokenTypes: "embeddings.token_type_embeddings.weight",
      embeddingNorm: "embeddings.LayerNorm", layer: "encoder.layer.",
      parts: [
        .query: "attention.self.query", .key: "attention.self.key",
        .value: "attention.self.value", .attentionOutput: "attention.output.dense",
        .attentionNorm: "attention.output.LayerNorm", .intermediate: "intermediate.dense",
        .output: "output.dense", .outputNorm: "output.LayerNorm",
      ], headDense: "bert.pooler.dense", classifier: "classifier"),
    firstPosition: .zero, defaultTokenTypes: 2, defaultLayerNormEpsilon: 1e-12,
    activations: ["gelu": .gelu], head: .pooler)
}
