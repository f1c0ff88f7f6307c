import Model
import Storage
import TestSupport
import Testing

internal import Foundation

/// Hugging Face directories as they occur, and as they should not.
@Suite struct CheckpointTests {
  private let tuning = FineTuning(
    encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true, labels: TinyModel.labels, seed: 1)

  private func directory(
    _ members: JSONObject = [:], without: [String] = [],
    _ change: (inout [TinyTensor]) -> Void = { _ in }
  ) throws -> TemporaryFolder {
    try TinyModel.directory(.bert, members, without: without, change)
  }

  private func logits(_ directory: String) throws -> [Float] {
    let classifier = try Classifier.load(directory: directory, fineTuning: tuning).classifier
    return Worker(classifier).logits(of: try TinyModel.batch().batch)
  }

  private func error(_ directory: String, _ tuning: FineTuning? = nil) -> CheckpointError? {
    #expect(throws: CheckpointError.self) {
      try Classifier.load(directory: directory, fineTuning: tuning ?? self.tuning)
    }
  }

  // MARK: What is understood

  @Test func keysWithoutPrefixAndWithOldNames() throws {
    let folder = try directory { tensors in
      for index in tensors.indices {
        let name = tensors[index].name.replacing("bert.", with: "")
        tensors[index].name = name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
          .replacing("LayerNorm.bias", with: "LayerNorm.beta")
      }
      // What other heads and other versions leave in such files.
      tensors.append(
        TinyTensor(
          name: "cls.predictions.bias", shape: [120], elements: .init(repeating: 0, count: 120)))
      tensors.append(
        TinyTensor(name: "embeddings.position_ids", type: .i64, shape: [1, 2], elements: [0, 1]))
    }
    #expect(try logits(folder.path) == logits(TinyModel.directory))
  }

  @Test func shards() throws {
    let folder = try directory()
    let tensors = try TinyModel.tensors()
    var map = JSONObject()
    for (number, part) in [tensors[..<20], tensors[20...]].enumerated() {
      let file = "model-0000\(number + 1)-of-00002.safetensors"
      try TinyModel.write(Array(part), to: "\(folder.path)/\(file)")
      for tensor in part { map[tensor.name] = .string(file) }
    }
    try FileManager.default.removeItem(atPath: "\(folder.path)/model.safetensors")
    let index: JSONObject = ["metadata": .object([:]), "weight_map": .object(map)]
    try AtomicFile.write(
      JSON.object(index).text, to: "\(folder.path)/model.safetensors.index.json")
    #expect(try logits(folder.path) == logits(TinyModel.directory))
  }

  /// The shard is there and whole, but an index from a stranger leads to no other folder.
  @Test func shardsOfOtherFoldersAreRefused() throws {
    let folder = try directory()
    let tensors = try TinyModel.tensors()
    try makeFolder("\(folder.path)/inner")
    for name in ["config.json", "vocab.txt"] where exists("\(folder.path)/\(name)") {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/\(name)", toPath: "\(folder.path)/inner/\(name)")
    }
    for shard in ["../model.safetensors", "\(folder.path)/model.safetensors"] {
      var map = JSONObject()
      for tensor in tensors { map[tensor.name] = .string(shard) }
      let index = "\(folder.path)/inner/model.safetensors.index.json"
      try AtomicFile.write(JSON.object(["weight_map": .object(map)]).text, to: index)
      let error = #expect(throws: CheckpointError.self) {
        try Classifier.loadTrained(directory: "\(folder.path)/inner")
      }
      guard case .index(index, let problem) = error, problem.hasSuffix("is not a file's name")
      else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test(arguments: [SafetensorsReader.ElementType.f16, .bf16])
  func halfPrecision(_ type: SafetensorsReader.ElementType) throws {
    let folder = try directory { tensors in
      for index in tensors.indices { tensors[index].type = type }
    }
    // 11 or 8 bits of each weight remain; logits are of size 1, and six layers add up.
    expectClose(
      try logits(folder.path), try logits(TinyModel.directory), "logits",
      absolute: type == .f16 ? 2e-2 : 2e-1)
  }

  @Test func configurationOfTheFirstReleases() throws {
    // The first releases wrote fewer keys; these have defaults.
    let folder = try directory(
      without: ["model_type", "architectures", "layer_norm_eps", "type_vocab_size", "hidden_act"])
    let configuration = try EncoderConfiguration(directory: folder.path)
    #expect(configuration.layerNormEpsilon == 1e-12)
    #expect(configuration.labels == TinyModel.labels)
    #expect(try logits(folder.path) == logits(TinyModel.directory))
  }

  @Test func newHeadIsDrawnAndAnnounced() throws {
    let folder = try directory(["initializer_range": .number(0.05)]) { tensors in
      tensors.removeAll { $0.name.contains("pooler") || $0.name.hasPrefix("classifier") }
    }
    let (classifier, notes) = try Classifier.load(directory: folder.path, fineTuning: tuning)
    #expect(
      notes == [
        "The checkpoint has no pooler; a new one was drawn with seed 1.",
        "The checkpoint has no classifier; a new classifier was drawn with seed 1.",
      ])
    let weight = classifier.trainable["bert.pooler.dense.weight"]
    // 576 numbers: the deviation's own is 0.0015, the mean's 0.002.
    let deviation = norm(weight) / Double(weight.count).squareRoot()
    #expect(abs(deviation - 0.05) < 0.006)
    #expect(abs(weight.reduce(0, +) / Float(weight.count)) < 0.01)
    #expect(classifier.trainable["bert.pooler.dense.bias"].allSatisfy { $0 == 0 })
    #expect(classifier.trainable["classifier.bias"] == [0, 0, 0])
    let again = try Classifier.load(directory: folder.path, fineTuning: tuning).classifier
    #expect(again.trainable["bert.pooler.dense.weight"] == weight)
  }

  @Test func headForOtherLabelsIsReplaced() throws {
    let other = FineTuning(
      encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true, labels: ["bad", "good"], seed: 1)
    let (classifier, notes) = try Classifier.load(
      directory: TinyModel.directory, fineTuning: other)
    #expect(notes.count == 1 && notes[0].contains("not for 2 labels"))
    #expect(classifier.trainable.tensor("classifier.weight")?.shape == [2, 24])
    let swapped = FineTuning(
      encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true,
      labels: ["positive", "neutral", "negative"], seed: 1)
    let note = try Classifier.load(directory: TinyModel.directory, fineTuning: swapped).notes.first
    #expect(note?.contains("negative, neutral, positive") == true)
  }

  @Test func countsParameters() throws {
    let classifier = try TinyModel.load(TinyModel.cases[0])
    let layer = 4 * (24 * 24 + 24) + 2 * 24 * 40 + 40 + 24 + 4 * 24
    let head = 24 * 24 + 24 + 3 * 24 + 3
    let embeddings = (120 + 40 + 2 + 2) * 24
    #expect(classifier.parameterCounts.trainable == 2 * layer + head)
    #expect(classifier.parameterCounts.total == embeddings + 6 * layer + head)
  }

  // MARK: What is refused, and how

  @Test func noConfiguration() throws {
    let folder = try TemporaryFolder()
    #expect(error(folder.path) == .noConfiguration(folder.path))
  }

  private static let supported = ["bert", "distilbert", "roberta", "xlm-roberta"]

  @Test(arguments: ["deberta-v2", "modernbert", "electra", "xlm-roberta-xl", "camembert"])
  func otherModel(_ type: String) throws {
    let folder = try directory(["model_type": .string(type)])
    let error = error(folder.path)
    #expect(
      error
        == .unsupportedArchitecture(
          file: "\(folder.path)/config.json", found: "a model of type '\(type)'",
          supported: Self.supported))
    let words = #"""
      config.json describes a model of type '\#(type)'; supported are encoders whose model_type is "bert", \#
      "distilbert", "roberta", "xlm-roberta", such as bert-base-multilingual-uncased, \#
      xlm-roberta-base and distilbert-base-multilingual-cased.
      """#
    #expect("\(try #require(error))".hasSuffix(words))
  }

  @Test func classOfAnotherModel() throws {
    let folder = try directory(["architectures": .array([.string("XLMRobertaModel")])])
    #expect(
      error(folder.path)
        == .unsupportedArchitecture(
          file: "\(folder.path)/config.json", found: "a model of class XLMRobertaModel",
          supported: Self.supported)
    )
  }

  @Test func otherArchitectureWithoutModelType() throws {
    let folder = try directory(
      ["architectures": .array([.string("ElectraModel")])], without: ["model_type"])
    #expect(
      error(folder.path)
        == .unsupportedArchitecture(
          file: "\(folder.path)/config.json", found: "a model of class ElectraModel",
          supported: Self.supported))
  }

  @Test func notBERTShaped() throws {
    let folder = try directory(without: ["model_type", "intermediate_size"])
    let found = error(folder.path)
    #expect("\(try #require(found))".contains("'intermediate_size'"))
  }

  @Test func otherActivation() throws {
    let folder = try directory(["hidden_act": .string("gelu_new")])
    #expect(
      error(folder.path)
        == .activation(file: "\(folder.path)/config.json", key: "hidden_act", found: "gelu_new"))
  }

  @Test func relativePositions() throws {
    let folder = try directory(["position_embedding_type": .string("relative_key")])
    #expect("\(try #require(error(folder.path)))".contains("relative_key"))
  }

  @Test(arguments: ["multi_label_classification", "regression"])
  func otherProblems(_ kind: String) throws {
    let folder = try directory(["problem_type": .string(kind)])
    #expect("\(try #require(error(folder.path)))".contains("problem_type is '\(kind)'"))
  }

  @Test(arguments: [1, 2])
  func tooFewPositions(_ count: Int) throws {
    let folder = try directory(["max_position_embeddings": .integer(count)])
    #expect(
      "\(try #require(error(folder.path)))".contains("max_position_embeddings is \(count); a token")
    )
  }

  @Test func headsThatDoNotDivide() throws {
    let folder = try directory(["num_attention_heads": .integer(5)])
    #expect("\(try #require(error(folder.path)))".contains("multiple"))
  }

  @Test func noWeights() throws {
    let folder = try directory()
    try FileManager.default.removeItem(atPath: "\(folder.path)/model.safetensors")
    #expect(error(folder.path) == .noWeights(folder.path))
  }

  @Test func onlyPickledWeights() throws {
    let folder = try directory()
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/model.safetensors", toPath: "\(folder.path)/pytorch_model.bin")
    let found = try #require(error(folder.path))
    #expect(found == .onlyPickledWeights(directory: folder.path, file: "pytorch_model.bin"))
    #expect("\(found)".contains("save_pretrained"))
  }

  @Test func missingTensor() throws {
    let name = "bert.encoder.layer.2.output.dense.weight"
    let folder = try directory { $0.removeAll { $0.name == name } }
    guard case .missingTensor(name, _, let nearest) = error(folder.path) else {
      Issue.record("expected a missing tensor")
      return
    }
    #expect(nearest != nil)
  }

  @Test func otherVocabularySize() throws {
    let folder = try directory(["vocab_size": .integer(121)])
    #expect(
      error(folder.path)
        == .shape(
          of: "bert.embeddings.word_embeddings.weight", in: "\(folder.path)/model.safetensors",
          expected: [121, 24], found: [120, 24]))
  }

  @Test func otherShapeInALayer() throws {
    let folder = try directory(["intermediate_size": .integer(41)])
    guard case .shape(let name, _, [41, 24], [40, 24]) = error(folder.path) else {
      Issue.record("expected a shape error")
      return
    }
    #expect(name.hasSuffix("intermediate.dense.weight"))
  }

  @Test func tooFewLayers() throws {
    let deep = FineTuning(
      encoderLayers: 7, frozenLayers: 0, freezeEmbeddings: true, labels: TinyModel.labels, seed: 1)
    #expect(
      error(TinyModel.directory, deep)
        == .tooFewLayers(file: "\(TinyModel.directory)/config.json", wanted: 7, found: 6))
  }

  @Test func tokenOutsideTheVocabulary() throws {
    let classifier = try TinyModel.load(TinyModel.cases[0])
    #expect(throws: CheckpointError.tokenOutOfRange(120, vocabularySize: 120)) {
      try classifier.loadEmbeddingRows(for: [5, 120])
    }
  }

  /// Of a tokenizer that knows more than the model; frozen or not.
  @Test(arguments: [true, false])
  func usedTokenOutsideTheVocabulary(freezesEmbeddings: Bool) throws {
    let tuning = FineTuning(
      encoderLayers: 1, frozenLayers: 0, freezeEmbeddings: freezesEmbeddings,
      labels: TinyModel.labels, seed: 1)
    #expect(throws: CheckpointError.tokenOutOfRange(120, vocabularySize: 120)) {
      try Classifier.load(
        directory: TinyModel.directory, fineTuning: tuning, usedTokens: [5, 120])
    }
  }

  /// Sizes that only config.json claims are refused before memory is asked for.
  @Test(arguments: [
    "hidden_size", "intermediate_size", "vocab_size", "max_position_embeddings", "type_vocab_size",
  ])
  func sizesThatTheWeightsDoNotHave(_ key: String) throws {
    let size = key == "max_position_embeddings" ? 65536 : 3 << 28
    let folder = try TinyModel.copy(replacing: [key: .integer(size)])
    guard case .shape = error(folder.path) else {
      Issue.record("expected a shape error")
      return
    }
  }

  @Test func moreLayersThanTheWeightsHave() throws {
    let folder = try TinyModel.copy(replacing: ["num_hidden_layers": .integer((1 << 20) - 1)])
    let deep = FineTuning(
      encoderLayers: (1 << 20) - 1, frozenLayers: 0, freezeEmbeddings: true,
      labels: TinyModel.labels, seed: 1)
    guard case .missingTensor(let name, _, _) = error(folder.path, deep) else {
      Issue.record("expected a missing tensor")
      return
    }
    #expect(name.hasPrefix("bert.encoder.layer.6."))
  }

  @Test func indexWithoutMap() throws {
    let folder = try directory()
    try FileManager.default.removeItem(atPath: "\(folder.path)/model.safetensors")
    try AtomicFile.write("{}", to: "\(folder.path)/model.safetensors.index.json")
    guard case .index = error(folder.path) else {
      Issue.record("expected an index error")
      return
    }
  }

  @Test func integersForWeights() throws {
    let folder = try directory { tensors in
      for index in tensors.indices where tensors[index].name.hasSuffix("3.output.dense.bias") {
        tensors[index].type = .i64
      }
    }
    #expect(throws: SafetensorsError.self) {
      try Classifier.load(directory: folder.path, fineTuning: tuning)
    }
  }

  // MARK: Export

  @Test(arguments: TinyModel.cases)
  func exportLoadsAgain(_ setting: TinyModel.Case) throws {
    let classifier = try TinyModel.load(setting)
    let (batch, labels) = try TinyModel.batch(setting.family)
    // A step, so that trained and original weights differ.
    let gradient = classifier.makeGradient()
    _ = Worker(classifier).gradient(
      of: batch, labels: labels, scale: 1, dropout: nil, into: gradient)
    gradient.scale(by: -0.01)
    classifier.trainable.add(gradient)

    let folder = try TemporaryFolder()
    try classifier.export(to: "\(folder.path)/model")
    let trained = try Classifier.loadTrained(
      directory: "\(folder.path)/model", usedTokens: batch.tokens)
    #expect(trained.fineTuning.labels == TinyModel.labels)
    #expect(trained.configuration.layers == setting.encoderLayers)
    #expect(Worker(trained).logits(of: batch) == Worker(classifier).logits(of: batch))
    let file = try SafetensorsReader("\(folder.path)/model/model.safetensors")
    #expect(file.metadata == ["format": "pt"])
    #expect(
      file.entries.values.reduce(0) { $0 + $1.count } == classifier.parameterCounts.total)
    #expect(file.entries.values.allSatisfy { $0.elementType == .f32 })
    // The same fine-tuning starts from it without a new head.
    let (_, notes) = try Classifier.load(
      directory: "\(folder.path)/model", fineTuning: setting.fineTuning)
    #expect(notes.isEmpty)
  }

  /// Without a limit transformers' `truncation=True` cuts nothing.
  @Test func exportStatesTheLongestText() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/tokenizer_config.json"
    let classifier = try TinyModel.load(TinyModel.cases[0])
    let positions = classifier.configuration.maximumPositions
    func stated(_ found: String?) throws -> Int? {
      if let found { try AtomicFile.write(found, to: path) }
      try classifier.stateLongestText(in: folder.path)
      return try JSON.read(path)["model_max_length"]?.integer
    }
    #expect(try stated(nil) == positions)
    let limits: [(found: String, expected: Int)] = [
      ("{}", positions), (#"{"model_max_length": 8}"#, 8), (#"{"model_max_length": 0}"#, positions),
      (#"{"model_max_length": 1000000000000000019884624838656}"#, positions),
      (#"{"model_max_length": \#(positions + 1)}"#, positions),
    ]
    for (found, expected) in limits { #expect(try stated(found) == expected, "\(found)") }
    _ = try stated(#"{"do_lower_case": false}"#)
    #expect(try JSON.read(path)["do_lower_case"] == .bool(false))
    let before = #"{"model_max_length":8}"#
    _ = try stated(before)
    #expect(try RandomAccessFile(path).contents() == Array(before.utf8))
    #expect(throws: JSONError.self) { try stated("{") }
  }

  @Test(arguments: TinyModel.Family.allCases)
  func exportOfTheOriginalKeepsEveryBit(_ family: TinyModel.Family) throws {
    let folder = try TemporaryFolder()
    try TinyModel.load(TinyModel.cases[0].of(family)).export(to: folder.path)
    let (a, b) = (
      try Fixture.tensors(family.fixture("tiny/model.safetensors")),
      try SafetensorsReader("\(folder.path)/model.safetensors")
    )
    #expect(Set(a.entries.keys) == Set(b.entries.keys))
    for name in a.entries.keys { #expect(try a.floats(name) == b.floats(name), "\(name)") }
    let configuration = try JSON.read("\(folder.path)/config.json")
    #expect(configuration["id2label"]?["2"]?.string == "positive")
    #expect(configuration["label2id"]?["negative"]?.integer == 0)
    let layers = family == .distilbert ? "n_layers" : "num_hidden_layers"
    #expect(configuration[layers]?.integer == 6)
    #expect(
      configuration["architectures"]?.array == [.string(family.architecture.classifierClass)])
    #expect(configuration["torch_dtype"]?.string == "float32")
  }

  @Test func untrainedCheckpointIsNoTrainedModel() throws {
    let folder = try directory { $0.removeAll { $0.name.hasPrefix("classifier") } }
    #expect(
      throws: CheckpointError.noTrainedHead(directory: folder.path, missing: "classifier.weight")
    ) { try Classifier.loadTrained(directory: folder.path) }
  }
}
