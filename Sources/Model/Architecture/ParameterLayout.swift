/// The tensors of a classifier in the order in which they lie in memory, with their shapes and names.
struct ParameterLayout {
  let configuration: EncoderConfiguration
  let fineTuning: FineTuning

  init(_ configuration: EncoderConfiguration, _ fineTuning: FineTuning) {
    (self.configuration, self.fineTuning) = (configuration, fineTuning)
  }

  static let headRoles: [ParameterRole] = [.headDense(.weight), .headDense(.bias)]
  static let classifierRoles: [ParameterRole] = [.classifier(.weight), .classifier(.bias)]

  private func entry(_ role: ParameterRole, _ shape: [Int]) -> ParameterEntry {
    ParameterEntry(role, configuration.architecture.name(of: role), shape)
  }

  /// Word embeddings first.
  var embeddings: [ParameterEntry] {
    let (c, H) = (configuration, configuration.hiddenSize)
    let types = c.typeVocabularySize > 0 ? [entry(.tokenTypes, [c.typeVocabularySize, H])] : []
    return [
      entry(.words, [c.vocabularySize, H]), entry(.positions, [c.positionRows, H]),
    ] + types + [entry(.embeddingNorm(.weight), [H]), entry(.embeddingNorm(.bias), [H])]
  }

  /// Query, key and value keep together, weights first, so that they are one matrix.
  func layer(_ index: Int) -> [ParameterEntry] {
    let (H, I) = (configuration.hiddenSize, configuration.intermediateSize)
    func pair(
      _ part: ParameterRole.LayerPart, _ shape: [Int]
    ) -> [ParameterEntry] {
      [
        entry(.layer(index, part, .weight), shape),
        entry(.layer(index, part, .bias), [shape[0]]),
      ]
    }
    let projections: [ParameterRole.LayerPart] = [.query, .key, .value]
    return projections.map { entry(.layer(index, $0, .weight), [H, H]) }
      + projections.map { entry(.layer(index, $0, .bias), [H]) }
      + pair(.attentionOutput, [H, H]) + pair(.attentionNorm, [H]) + pair(.intermediate, [I, H])
      + pair(.output, [H, I]) + pair(.outputNorm, [H])
  }

  var head: [ParameterEntry] {
    let (H, labels) = (configuration.hiddenSize, fineTuning.labels.count)
    return [
      entry(.headDense(.weight), [H, H]), entry(.headDense(.bias), [H]),
      entry(.classifier(.weight), [labels, H]), entry(.classifier(.bias), [labels]),
    ]
  }

  /// Every parameter of the model that fine-tuning keeps.
  var all: [ParameterEntry] {
    embeddings + (0..<fineTuning.encoderLayers).flatMap(layer) + head
  }

  /// Those that learn, in the same order.
  var trainable: [ParameterEntry] {
    (fineTuning.freezeEmbeddings ? [] : embeddings)
      + (fineTuning.frozenLayers..<fineTuning.encoderLayers).flatMap(layer) + head
  }

  /// Those that stay, without the word embeddings, of which only rows are kept in memory.
  var frozen: [ParameterEntry] {
    (fineTuning.freezeEmbeddings ? Array(embeddings.dropFirst()) : [])
      + (0..<fineTuning.frozenLayers).flatMap(layer)
  }
}
