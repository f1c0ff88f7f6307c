/// Names and shapes of the parameters of `BertForSequenceClassification`, as Hugging Face calls them.
enum ParameterNames {
  /// A tensor's name and shape.
  typealias Entry = (name: String, shape: [Int])

  static let words = "bert.embeddings.word_embeddings.weight"
  static let head = ["bert.pooler.dense.weight", "bert.pooler.dense.bias"]
  static let classifier = ["classifier.weight", "classifier.bias"]

  static func embeddings(_ c: EncoderConfiguration) -> [Entry] {
    let H = c.hiddenSize
    return [
      (words, [c.vocabularySize, H]),
      ("bert.embeddings.position_embeddings.weight", [c.maximumPositions, H]),
      ("bert.embeddings.token_type_embeddings.weight", [c.typeVocabularySize, H]),
      ("bert.embeddings.LayerNorm.weight", [H]), ("bert.embeddings.LayerNorm.bias", [H]),
    ]
  }

  /// Query, key and value keep together, weights first, so that they are one matrix.
  static func layer(_ index: Int, _ c: EncoderConfiguration) -> [Entry] {
    let (H, I) = (c.hiddenSize, c.intermediateSize)
    let entries: [Entry] = [
      ("attention.self.query.weight", [H, H]), ("attention.self.key.weight", [H, H]),
      ("attention.self.value.weight", [H, H]), ("attention.self.query.bias", [H]),
      ("attention.self.key.bias", [H]), ("attention.self.value.bias", [H]),
      ("attention.output.dense.weight", [H, H]), ("attention.output.dense.bias", [H]),
      ("attention.output.LayerNorm.weight", [H]), ("attention.output.LayerNorm.bias", [H]),
      ("intermediate.dense.weight", [I, H]), ("intermediate.dense.bias", [I]),
      ("output.dense.weight", [H, I]), ("output.dense.bias", [H]),
      ("output.LayerNorm.weight", [H]), ("output.LayerNorm.bias", [H]),
    ]
    return entries.map { ("bert.encoder.layer.\(index).\($0.name)", $0.shape) }
  }

  static func head(_ c: EncoderConfiguration, labels: Int) -> [Entry] {
    [
      (head[0], [c.hiddenSize, c.hiddenSize]), (head[1], [c.hiddenSize]),
      (classifier[0], [labels, c.hiddenSize]), (classifier[1], [labels]),
    ]
  }

  /// Every parameter of the model that fine-tuning keeps.
  static func all(_ c: EncoderConfiguration, _ tuning: FineTuning) -> [Entry] {
    embeddings(c) + (0..<tuning.encoderLayers).flatMap { layer($0, c) }
      + head(c, labels: tuning.labels.count)
  }

  /// Those that learn, in the same order.
  static func trainable(_ c: EncoderConfiguration, _ tuning: FineTuning) -> [Entry] {
    (tuning.freezeEmbeddings ? [] : embeddings(c))
      + (tuning.frozenLayers..<tuning.encoderLayers).flatMap { layer($0, c) }
      + head(c, labels: tuning.labels.count)
  }

  /// Those that stay, without the word embeddings, of which only rows are kept in memory.
  static func frozen(_ c: EncoderConfiguration, _ tuning: FineTuning) -> [Entry] {
    (tuning.freezeEmbeddings ? Array(embeddings(c).dropFirst()) : [])
      + (0..<tuning.frozenLayers).flatMap { layer($0, c) }
  }
}
