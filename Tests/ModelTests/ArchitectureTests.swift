import Storage
import TestSupport
import Testing

@testable import Model

/// An encoder under other names, with positions that begin later, is one value, and nothing else changes.
@Suite struct ArchitectureTests {
  private static let other = Architecture(
    name: "Other", modelType: "other", classifierClass: "OtherForSequenceClassification",
    classPrefix: "Other", otherClassPrefixes: [],
    names: .init(
      base: "backbone.", words: "embed.tokens", positions: "embed.places",
      tokenTypes: "embed.kinds", embeddingNorm: "embed.norm", layer: "blocks.",
      parts: [
        .query: "q", .key: "k", .value: "v", .attentionOutput: "o", .attentionNorm: "ln1",
        .intermediate: "up", .output: "down", .outputNorm: "ln2",
      ], headDense: "head.dense", classifier: "head.out"),
    keys: .ofBERT, firstPosition: .afterPadding, defaultPaddingToken: 1, defaultTokenTypes: 2,
    defaultLayerNormEpsilon: 1e-12, dropsAttentionOutput: true, defaultClassifierDropout: nil,
    activations: ["gelu": .gelu], head: .pooler)

  /// The tiny model as the other architecture has it: every tensor under its other name, and five rows before the
  /// position table that must not matter, since no text has token 4.
  private func folder(baseName: Bool = true) throws -> TemporaryFolder {
    let folder = try TinyModel.copy(replacing: [
      "model_type": .string("other"), "pad_token_id": .integer(4),
      "architectures": .array([.string("OtherForSequenceClassification")]),
      "max_position_embeddings": .integer(
        try EncoderConfiguration(directory: TinyModel.directory)
          .maximumPositions + 5),
    ])
    let file = try Fixture.tensors("model/tiny/model.safetensors")
    let configuration = try EncoderConfiguration(directory: TinyModel.directory)
    let layout = ParameterLayout(configuration, tuning(frozen: 0, embeddings: false))
    var tensors: [(name: String, shape: [Int], elements: [Float])] = []
    for entry in layout.all {
      var (shape, elements) = (entry.shape, try file.floats(entry.name))
      if entry.role == .positions {
        shape[0] += 5
        elements = [Float](repeating: .nan, count: 5 * shape[1]) + elements
      }
      var name = Self.other.name(of: entry.role)
      if !baseName, name.hasPrefix("backbone.") { name.removeFirst("backbone.".count) }
      tensors.append((name, shape, elements))
    }
    var writer = try SafetensorsWriter(
      "\(folder.path)/model.safetensors",
      tensors: tensors.map { .init($0.name, .f32, shape: $0.shape) })
    for tensor in tensors { try writer.write(tensor.name, tensor.elements) }
    try writer.commit()
    return folder
  }

  private func tuning(frozen: Int, embeddings: Bool) -> FineTuning {
    FineTuning(
      encoderLayers: 6, frozenLayers: frozen, freezeEmbeddings: embeddings,
      labels: TinyModel.labels, seed: 1)
  }

  @Test(arguments: [true, false]) func computesTheSame(baseName: Bool) throws {
    let folder = try folder(baseName: baseName)
    let (batch, labels) = try TinyModel.batch()
    for (frozen, embeddings) in [(4, true), (0, false)] {
      let tuning = tuning(frozen: frozen, embeddings: embeddings)
      let bert = try Classifier.load(directory: TinyModel.directory, fineTuning: tuning).classifier
      let other = try Classifier.load(
        directory: folder.path, fineTuning: tuning, among: [.bert, Self.other]
      ).classifier
      #expect(other.configuration.architecture == Self.other)
      #expect(other.configuration.maximumPositions == bert.configuration.maximumPositions)
      #expect(Worker(other).logits(of: batch) == Worker(bert).logits(of: batch))
      let (ours, theirs) = (other.makeGradient(), bert.makeGradient())
      _ = Worker(other).gradient(of: batch, labels: labels, scale: 1, dropout: nil, into: ours)
      _ = Worker(bert).gradient(of: batch, labels: labels, scale: 1, dropout: nil, into: theirs)
      for (a, b) in zip(ours.tensors, theirs.tensors) {
        #expect(a.role == b.role && a.name == Self.other.name(of: a.role))
        // Rows before the first position have no gradient.
        let skipped = a.role == .positions ? a.range.count - b.range.count : 0
        #expect(ours[a.name].prefix(skipped).allSatisfy { $0 == 0 })
        #expect(Array(ours[a.name].dropFirst(skipped)) == theirs[b.name], "\(a.name)")
      }
    }
  }

  @Test func exportsUnderItsOwnNames() throws {
    let (folder, exported) = (try folder(), try TemporaryFolder())
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: tuning(frozen: 4, embeddings: true),
      among: [.bert, Self.other]
    ).classifier
    try classifier.export(to: exported.path)
    let configuration = try #require(JSON.read("\(exported.path)/config.json").object)
    #expect(configuration["model_type"] == .string("other"))
    #expect(configuration["architectures"] == .array([.string("OtherForSequenceClassification")]))
    let (before, after) = (
      try SafetensorsReader("\(folder.path)/model.safetensors"),
      try SafetensorsReader("\(exported.path)/model.safetensors")
    )
    #expect(Set(after.entries.keys) == Set(before.entries.keys))
  }

  @Test func isRefusedWhereItIsNotKnown() throws {
    let folder = try folder()
    #expect(
      throws: CheckpointError.unsupportedArchitecture(
        file: "\(folder.path)/config.json", found: "a model of type 'other'",
        supported: ["bert", "distilbert", "roberta", "xlm-roberta"])
    ) { try EncoderConfiguration(directory: folder.path) }
  }

  /// Every role of every architecture has a name of its own, which is taken as it is.
  @Test(arguments: Architecture.all) func namesAreWholeAndDistinct(_ architecture: Architecture) {
    var roles: [ParameterRole] = [.words, .positions]
    if architecture.names.tokenTypes != nil { roles.append(.tokenTypes) }
    for factor in [ParameterRole.Factor.weight, .bias] {
      roles += [.embeddingNorm(factor), .headDense(factor), .classifier(factor)]
      roles += ParameterRole.LayerPart.allCases.map { .layer(11, $0, factor) }
    }
    let names = roles.map(architecture.name(of:))
    #expect(Set(names).count == roles.count)
    #expect(names.map(architecture.canonicalName) == names)
    #expect(ParameterRole.LayerPart.allCases.allSatisfy { architecture.names.parts[$0] != nil })
  }
}
