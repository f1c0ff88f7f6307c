internal import ArgumentParser
internal import Foundation
internal import Storage

/// Writes a checkpoint of multilingual BERT's shape with random weights, which serve for timing.
struct MakeCheckpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-checkpoint",
    abstract: "Write a checkpoint of multilingual BERT's shape with random weights.")

  @Argument(help: "Folder to create.")
  var folder: String

  @Option(help: "vocab.txt; a smaller one is padded to the vocabulary's size.")
  var vocabulary: String

  @Option(help: "Encoder layers.")
  var layers = 6

  @Option(help: "Token ids.")
  var vocabularySize = 105_879

  func run() throws {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    try AtomicFile.write(
      JSON.object(configuration).text + "\n", to: "\(folder)/config.json")
    try AtomicFile.write(
      #"{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 512}"#
        + "\n",
      to: "\(folder)/tokenizer_config.json")
    var entries = try lines(of: vocabulary)
    guard entries.count <= vocabularySize else {
      throw ValidationError(
        "\(vocabulary) has \(entries.count) entries, more than \(vocabularySize).")
    }
    entries += (entries.count..<vocabularySize).map { "[filler\($0)]" }
    try AtomicFile.write(
      entries.joined(separator: "\n") + "\n", to: "\(folder)/vocab.txt")
    try writeWeights("\(folder)/model.safetensors")
  }

  private var configuration: JSONObject {
    [
      "architectures": .array([.string("BertModel")]), "model_type": .string("bert"),
      "hidden_size": .integer(768), "num_hidden_layers": .integer(layers),
      "num_attention_heads": .integer(12), "intermediate_size": .integer(3072),
      "vocab_size": .integer(vocabularySize), "max_position_embeddings": .integer(512),
      "type_vocab_size": .integer(2), "hidden_act": .string("gelu"),
      "hidden_dropout_prob": .number(0.1), "attention_probs_dropout_prob": .number(0.1),
      "initializer_range": .number(0.02), "layer_norm_eps": .number(1e-12),
    ]
  }

  /// Names and shapes as transformers' `BertModel` has them.
  private var tensors: [(name: String, shape: [Int])] {
    func dense(_ name: String, _ rows: Int, _ columns: Int) -> [(name: String, shape: [Int])] {
      [("\(name).weight", [rows, columns]), ("\(name).bias", [rows])]
    }
    func norm(_ name: String) -> [(name: String, shape: [Int])] {
      [("\(name).LayerNorm.weight", [768]), ("\(name).LayerNorm.bias", [768])]
    }
    var tensors: [(name: String, shape: [Int])] = [
      ("embeddings.word_embeddings.weight", [vocabularySize, 768]),
      ("embeddings.position_embeddings.weight", [512, 768]),
      ("embeddings.token_type_embeddings.weight", [2, 768]),
    ]
    tensors += norm("embeddings")
    for layer in 0..<layers {
      let name = "encoder.layer.\(layer)"
      for part in ["query", "key", "value"] {
        tensors += dense("\(name).attention.self.\(part)", 768, 768)
      }
      tensors += dense("\(name).attention.output.dense", 768, 768)
      tensors += norm("\(name).attention.output")
      tensors += dense("\(name).intermediate.dense", 3072, 768)
      tensors += dense("\(name).output.dense", 768, 3072)
      tensors += norm("\(name).output")
    }
    return tensors + dense("pooler.dense", 768, 768)
  }

  private func writeWeights(_ path: String) throws {
    var random = FastRandom()
    var writer = try SafetensorsWriter(
      path, tensors: tensors.map { .init($0.name, .f32, shape: $0.shape) },
      metadata: ["format": "pt"])
    let size = 1 << 20
    for (name, shape) in tensors {
      let count = shape.reduce(1, *)
      let isGain = name.hasSuffix("LayerNorm.weight")
      try writer.write(name, pieceCount: (count + size - 1) / size) { piece in
        (0..<min(size, count - piece * size)).map { _ in isGain ? 1 : 0.07 * random.next() }
      }
    }
    try writer.commit()
  }
}

/// Numbers in -1/2 ..< 1/2 by a linear congruence, quick and the same every time; nothing hangs on
/// their quality.
struct FastRandom {
  private var state: UInt64 = 1

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) * 0x1p-24 - 0.5
  }
}
