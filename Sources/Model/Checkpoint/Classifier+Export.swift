internal import Storage

extension Classifier {
  /// Writes the model as a Hugging Face directory that transformers and this package load as it is.
  ///
  /// `model.safetensors` holds every tensor as F32, the word embeddings whole, copied piece by piece
  /// from the checkpoint where they are frozen; `config.json` is the checkpoint's with depth, labels and
  /// architecture as they are now. The checkpoint's tokenizer files are copied.
  ///
  /// - Parameter directory: made if it is not there; files of these names are replaced.
  /// - Throws: `StorageError`, `SafetensorsError` and `CheckpointError` if the checkpoint has changed.
  public func export(to directory: String) throws {
    try makeFolder(directory)
    for name in Self.tokenizerFiles {
      let source = "\(checkpoint.directory)/\(name)"
      guard FileSystem.exists(source) else { continue }
      try AtomicFile.write(RandomAccessFile(source).contents(), to: "\(directory)/\(name)")
    }
    try stateLongestText(in: directory)
    try writeWeights("\(directory)/model.safetensors")
    try AtomicFile.write(
      JSON.object(exportedConfiguration()).text + "\n", to: "\(directory)/config.json")
  }

  private static let tokenizerFiles = [
    "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "sentencepiece.bpe.model",
  ]

  /// Makes tokenizer_config.json say how long a text may be, where it does not or says more than there are positions:
  /// without a limit transformers' `truncation=True` cuts nothing, and a longer text is an error deep inside.
  ///
  /// - Parameter directory: with the files of a tokenizer.
  /// - Throws: `StorageError` if the file cannot be written; `JSONError` if it is not JSON.
  public func stateLongestText(in directory: String) throws {
    let path = "\(directory)/tokenizer_config.json"
    var settings = JSONObject()
    if FileSystem.exists(path) {
      guard let found = try JSON.read(path).object else {
        throw CheckpointError.configuration(file: path, problem: "it is not an object")
      }
      settings = found
    }
    // Python's "no limit" is 10^30, which is not an integer here.
    if let length = settings["model_max_length"]?.integer, length > 0,
      length <= configuration.maximumPositions
    {
      return
    }
    settings["model_max_length"] = .integer(configuration.maximumPositions)
    try AtomicFile.write(JSON.object(settings).prettyText, to: path)
  }

  private func writeWeights(_ path: String) throws {
    let entries = ParameterLayout(configuration, fineTuning).all
    var writer = try SafetensorsWriter(
      path, tensors: entries.map { .init($0.name, .f32, shape: $0.shape) },
      metadata: ["format": "pt"])
    for entry in entries {
      let (name, shape) = (entry.name, entry.shape)
      if trainable.tensor(name) != nil {
        try writer.write(name, trainable[name])
      } else if frozen.tensor(name) != nil, hasFrozenParameters {
        try writer.write(name, frozen[name])
      } else {
        // Word embeddings, and what was released: 4096 rows at a time, 12 MB for H = 768.
        let count = shape.reduce(1, *)
        let size = 4096 * configuration.hiddenSize
        try writer.write(name, pieceCount: (count + size - 1) / size) { index in
          try checkpoint.floats(
            name, shape: shape, range: index * size..<min((index + 1) * size, count))
        }
      }
    }
    try writer.commit()
  }

  private func exportedConfiguration() throws -> JSONObject {
    let path = "\(checkpoint.directory)/config.json"
    guard var object = try JSON.read(path).object else {
      throw CheckpointError.configuration(file: path, problem: "it is not an object")
    }
    object["architectures"] = .array([.string(configuration.architecture.classifierClass)])
    object["model_type"] = .string(configuration.architecture.modelType)
    object[configuration.architecture.keys.layers] = .integer(fineTuning.encoderLayers)
    var (names, numbers) = (JSONObject(), JSONObject())
    for (index, label) in fineTuning.labels.enumerated() {
      names["\(index)"] = .string(label)
      numbers[label] = .integer(index)
    }
    object["id2label"] = .object(names)
    object["label2id"] = .object(numbers)
    object["problem_type"] = .string("single_label_classification")
    // transformers 5 says dtype, earlier ones torch_dtype; each ignores the other.
    object["dtype"] = .string("float32")
    object["torch_dtype"] = .string("float32")
    return object
  }
}
