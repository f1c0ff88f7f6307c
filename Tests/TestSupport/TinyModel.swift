package import Model
package import Storage
internal import Testing

/// The tiny models of Tests/Fixtures/model, made by make_fixtures.py: six layers of H = 24, 3 heads.
package enum TinyModel {
  /// An architecture of which there are fixtures; the raw value is its folder's name.
  package enum Family: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case bert
    case xlmRoberta = "xlm-roberta"
    case distilbert

    package var testDescription: String { rawValue }

    package var architecture: Architecture {
      switch self {
      case .bert: .bert
      case .xlmRoberta: .xlmRoberta
      case .distilbert: .distilbert
      }
    }

    /// The name of a fixture of this family.
    package func fixture(_ name: String) -> String {
      self == .bert ? "model/\(name)" : "model/\(rawValue)/\(name)"
    }

    package var directory: String { Fixture.path(fixture("tiny")) }

    /// Members of config.json that set the probability of dropout at every site.
    package func dropout(_ probability: Double) -> JSONObject {
      let keys =
        self == .distilbert
        ? ["dropout", "attention_dropout", "seq_classif_dropout"]
        : ["hidden_dropout_prob", "attention_probs_dropout_prob"]
      var members = JSONObject()
      for key in keys { members[key] = .number(probability) }
      return members
    }
  }

  /// BERT's.
  package static let directory = Family.bert.directory
  package static let labels = ["negative", "neutral", "positive"]

  /// A setting for which PyTorch's gradients are there.
  package struct Case: CustomTestStringConvertible, Sendable {
    package var family = Family.bert
    package let name: String
    package let encoderLayers: Int
    package let frozenLayers: Int
    package let freezeEmbeddings: Bool

    package init(
      family: Family = .bert, name: String, encoderLayers: Int, frozenLayers: Int,
      freezeEmbeddings: Bool
    ) {
      (self.family, self.name, self.encoderLayers) = (family, name, encoderLayers)
      (self.frozenLayers, self.freezeEmbeddings) = (frozenLayers, freezeEmbeddings)
    }

    package var testDescription: String { family == .bert ? name : "\(family.rawValue) \(name)" }

    package func of(_ family: Family) -> Case {
      var copy = self
      copy.family = family
      return copy
    }

    package func fixture(_ kind: String) -> String { family.fixture("\(kind)-\(name).safetensors") }

    package var fineTuning: FineTuning {
      FineTuning(
        encoderLayers: encoderLayers, frozenLayers: frozenLayers,
        freezeEmbeddings: freezeEmbeddings, labels: TinyModel.labels, seed: 1)
    }
  }

  /// Of every family, BERT's first.
  package static let cases = Family.allCases.flatMap { family in casesOfBERT.map { $0.of(family) } }

  package static let casesOfBERT = [
    Case(name: "frozen-4", encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true),
    Case(name: "frozen-none", encoderLayers: 3, frozenLayers: 0, freezeEmbeddings: true),
    Case(name: "everything", encoderLayers: 2, frozenLayers: 0, freezeEmbeddings: false),
    Case(name: "head-only", encoderLayers: 3, frozenLayers: 3, freezeEmbeddings: true),
    Case(
      name: "frozen-above-embeddings", encoderLayers: 3, frozenLayers: 2, freezeEmbeddings: false),
    Case(name: "last-only", encoderLayers: 4, frozenLayers: 3, freezeEmbeddings: true),
  ]

  package static func load(_ setting: Case) throws -> Classifier {
    try Classifier.load(
      directory: setting.family.directory, fineTuning: setting.fineTuning
    ).classifier
  }

  /// Seven examples of 2 to 40 tokens, and their classes.
  package static func batch(_ family: Family = .bert) throws -> (batch: PackedBatch, labels: [Int])
  {
    let file = try Fixture.tensors(family.fixture("batch.safetensors"))
    let offsets = try file.integers("offsets")
    let batch = PackedBatch(
      tokens: try file.integers("tokens").map { Int32($0) }, offsets: offsets,
      examples: (0..<UInt32(offsets.count - 1)).map { 100 + 7 * $0 })
    return (batch, try file.integers("labels"))
  }

  /// A tiny model with other members of config.json, in a folder that lives as long as the result.
  package static func copy(
    _ family: Family = .bert, replacing members: JSONObject
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let directory = family.directory
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

  /// A tiny model with the usual dropout at every site.
  package static func withDropout(
    _ probability: Double = 0.1, _ family: Family = .bert
  ) throws -> TemporaryFolder {
    try copy(family, replacing: family.dropout(probability))
  }
}

/// Whether a tensor is a key bias: its true gradient is 0, so that what others compute of it is noise.
package func isKeyBias(_ name: String) -> Bool {
  name.hasSuffix("key.bias") || name.hasSuffix("k_lin.bias")
}

/// A batch with one of the examples of another.
package func single(_ batch: PackedBatch, _ index: Int) -> PackedBatch {
  PackedBatch(
    [Array(batch.tokens[batch.offsets[index]..<batch.offsets[index + 1]])],
    examples: [batch.examples[index]])
}

/// The Euclidean norm, in double.
package func norm(_ elements: some Sequence<Float>) -> Double {
  elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// ‖a − b‖ / ‖b‖.
package func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  norm(zip(a, b).map { $0 - $1 }) / norm(b)
}
