internal import Storage

/// A small encoder with random weights, written where a checkpoint is wanted and what it says does not matter.
package enum RandomCheckpoint {
  /// Its sizes are no multiples of those that kernels work in, so that edges are met.
  ///
  /// - Parameters:
  ///   - architecture: BERT or DistilBERT.
  ///   - layers: how many.
  ///   - directory: a folder that is there.
  /// - Throws: `StorageError` if it cannot be written.
  package static func write(
    _ architecture: Architecture, layers: Int, to directory: String
  ) throws {
    let keys = architecture.keys
    var object: JSONObject = [
      "model_type": .string(architecture.modelType),
      "architectures": .array([.string(architecture.classifierClass)]),
      "vocab_size": .integer(vocabularySize), "max_position_embeddings": .integer(90),
      keys.hiddenSize: .integer(88), keys.layers: .integer(layers), keys.heads: .integer(2),
      keys.intermediateSize: .integer(200), "pad_token_id": .integer(0),
    ]
    if let types = keys.tokenTypes { object[types] = .integer(2) }
    let file = "\(directory)/config.json"
    try AtomicFile.write(JSON.object(object).text + "\n", to: file)
    let configuration = try EncoderConfiguration(.object(object), file: file)
    let tuning = FineTuning(
      encoderLayers: layers, frozenLayers: 0, freezeEmbeddings: false, labels: labels, seed: 1)
    let tensors = ParameterLayout(configuration, tuning).trainable
    var writer = try SafetensorsWriter(
      "\(directory)/model.safetensors",
      tensors: tensors.map { .init($0.name, .f32, shape: $0.shape) })
    for tensor in tensors {
      var normal = NormalDistribution(seed: 1, stream: tensor.name)
      let isGain = tensor.name.hasSuffix("orm.weight")
      let elements = (0..<tensor.shape.reduce(1, *)).map { _ in
        Float((isGain ? 1 : 0) + 0.1 * normal.next())
      }
      try elements.withUnsafeBytes { try writer.write(tensor.name, $0) }
    }
    try writer.commit()
  }

  package static let vocabularySize = 50
  package static let labels = ["negative", "neutral", "positive"]
}
