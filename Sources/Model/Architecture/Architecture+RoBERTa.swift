extension Architecture {
  /// RoBERTa (Liu et al. 2019): BERT's layers; positions begin after the padding token's, and the classifier has a
  /// dense layer of its own in place of the pooler.
  public static let roberta = likeRoBERTa(
    name: "RoBERTa", modelType: "roberta", classPrefix: "Roberta",
    otherClassPrefixes: ["RobertaPreLayerNorm"])

  /// XLM-R (Conneau et al. 2020), RoBERTa in a hundred languages.
  public static let xlmRoberta = likeRoBERTa(
    name: "XLM-R", modelType: "xlm-roberta", classPrefix: "XLMRoberta",
    otherClassPrefixes: ["XLMRobertaXL"])

  /// Checkpoints say `type_vocab_size` 1 and `layer_norm_eps` 1e-5; where one does not, transformers takes BERT's.
  private static func likeRoBERTa(
    name: String, modelType: String, classPrefix: String, otherClassPrefixes: [String]
  ) -> Architecture {
    Architecture(
      name: name, modelType: modelType, classifierClass: "\(classPrefix)ForSequenceClassification",
      classPrefix: classPrefix, otherClassPrefixes: otherClassPrefixes,
      names: Names(
        base: "roberta.", words: "embeddings.word_embeddings.weight",
        positions: "embeddings.position_embeddings.weight",
        tokenTypes: "embeddings.token_type_embeddings.weight",
        embeddingNorm: "embeddings.LayerNorm", layer: "encoder.layer.", parts: bertParts,
        headDense: "classifier.dense", classifier: "classifier.out_proj"),
      keys: .ofBERT, firstPosition: .afterPadding, defaultPaddingToken: 1, defaultTokenTypes: 2,
      defaultLayerNormEpsilon: 1e-12, dropsAttentionOutput: true, defaultClassifierDropout: nil,
      activations: ["gelu": .gelu], head: .dense)
  }
}
