extension Architecture {
  /// BERT (Devlin et al. 2019) as transformers lays it out.
  public static let bert = Architecture(
    name: "BERT", modelType: "bert", classifierClass: "BertForSequenceClassification",
    classPrefix: "Bert", otherClassPrefixes: ["BertGen"],
    names: Names(
      base: "bert.", words: "embeddings.word_embeddings.weight",
      positions: "embeddings.position_embeddings.weight",
      tokenTypes: "embeddings.token_type_embeddings.weight",
      embeddingNorm: "embeddings.LayerNorm", layer: "encoder.layer.", parts: bertParts,
      headDense: "bert.pooler.dense", classifier: "classifier"),
    keys: .ofBERT, firstPosition: .zero, defaultPaddingToken: 0, defaultTokenTypes: 2,
    defaultLayerNormEpsilon: 1e-12, dropsAttentionOutput: true, defaultClassifierDropout: nil,
    activations: ["gelu": .gelu], head: .pooler)

  /// The names of a layer's parts in BERT, which RoBERTa has kept.
  static let bertParts: [ParameterRole.LayerPart: String] = [
    .query: "attention.self.query", .key: "attention.self.key",
    .value: "attention.self.value", .attentionOutput: "attention.output.dense",
    .attentionNorm: "attention.output.LayerNorm", .intermediate: "intermediate.dense",
    .output: "output.dense", .outputNorm: "output.LayerNorm",
  ]
}
