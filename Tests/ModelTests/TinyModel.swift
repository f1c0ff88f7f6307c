import Model
import Storage
import TestSupport
import Testing

/// The tiny model of Tests/Fixtures/model, made by make_fixtures.py: six layers of H = 24, 3 heads.
enum TinyModel {
  static let directory = Fixture.path("model/tiny")
  static let labels = ["negative", "neutral", "positive"]

  /// A setting for which PyTorch's gradients are there.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let encoderLayers: Int
    let frozenLayers: Int
    let freezeEmbeddings: Bool

    var testDescription: String { name }

    var fineTuning: FineTuning {
      FineTuning(
        encoderLayers: encoderLayers, frozenLayers: frozenLayers,
        freezeEmbeddings: freezeEmbeddings, labels: TinyModel.labels, seed: 1)
    }
  }

  static let cases = [
    Case(name: "frozen-4", encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true),
    Case(name: "frozen-none", encoderLayers: 3, frozenLayers: 0, freezeEmbeddings: true),
    Case(name: "everything", encoderLayers: 2, frozenLayers: 0, freezeEmbeddings: false),
    Case(name: "head-only", encoderLayers: 3, frozenLayers: 3, freezeEmbeddings: true),
    Case(
      name: "frozen-above-embeddings", encoderLayers: 3, frozenLayers: 2, freezeEmbeddings: false),
    Case(name: "last-only", encoderLayers: 4, frozenLayers: 3, freezeEmbeddings: true),
  ]

  static func load(_ setting: Case) throws -> Classifier {
    try Classifier.load(directory: directory, fineTuning: setting.fineTuning).classifier
  }

  /// Seven examples of 2 to 40 tokens, and their classes.
  static func batch() throws -> (batch: PackedBatch, labels: [Int]) {
    let file = try Fixture.tensors("model/batch.safetensors")
    let offsets = try file.integers("offsets")
    let batch = PackedBatch(
      tokens: try file.integers("tokens").map { Int32($0) }, offsets: offsets,
      examples: (0..<UInt32(offsets.count - 1)).map { 100 + 7 * $0 })
    return (batch, try file.integers("labels"))
  }

  /// The tiny model with other members of config.json, in a folder that lives as long as the result.
  static func copy(replacing members: JSONObject) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    guard var object = try JSON.read("\(directory)/config.json").object else {
      throw CheckpointError.noConfiguration(directory)
    }
    for (key, value) in members.members { object[key] = value }
    try AtomicFile.write(JSON.object(object).text, to: "\(folder.path)/config.json")
    try AtomicFile.write(
      RandomAccessFile("\(directory)/model.safetensors").contents(),
      to: "\(folder.path)/model.safetensors")
    return folder
  }

  /// The tiny model with BERT's usual dropout at every site.
  static func withDropout(_ probability: Double = 0.1) throws -> TemporaryFolder {
    try copy(replacing: [
      "hidden_dropout_prob": .number(probability),
      "attention_probs_dropout_prob": .number(probability),
    ])
  }
}

/// A batch with one of the examples of another.
func single(_ batch: PackedBatch, _ index: Int) -> PackedBatch {
  PackedBatch(
    [Array(batch.tokens[batch.offsets[index]..<batch.offsets[index + 1]])],
    examples: [batch.examples[index]])
}

/// The Euclidean norm, in double.
func norm(_ elements: some Sequence<Float>) -> Double {
  elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// ‖a − b‖ / ‖b‖.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  norm(zip(a, b).map { $0 - $1 }) / norm(b)
}
