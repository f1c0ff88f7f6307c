import Storage
import TestSupport
import Testing

@testable import Model

/// What XLM-R and DistilBERT do otherwise than BERT, in their folders and in the network.
@Suite struct FamilyTests {
  private func tuning(
    layers: Int = 6, frozen: Int = 4, freezeEmbeddings: Bool = true,
    labels: [String] = TinyModel.labels
  ) -> FineTuning {
    FineTuning(
      encoderLayers: layers, frozenLayers: frozen, freezeEmbeddings: freezeEmbeddings,
      labels: labels, seed: 1)
  }

  private func logits(_ directory: String, _ family: TinyModel.Family) throws -> [Float] {
    let classifier = try Classifier.load(directory: directory, fineTuning: tuning()).classifier
    return Worker(classifier).logits(of: try TinyModel.batch(family).batch)
  }

  // MARK: Configurations

  @Test func positionsBeginAfterThePaddingToken() throws {
    let configuration = try EncoderConfiguration(directory: TinyModel.Family.xlmRoberta.directory)
    #expect(configuration.positionRows == 42 && configuration.maximumPositions == 40)
    #expect(
      configuration.positionsInWords == "42 positions, of which an example can take 40")
    #expect(configuration.layerNormEpsilon == 1e-5 && configuration.typeVocabularySize == 1)
    let bert = try EncoderConfiguration(directory: TinyModel.directory)
    #expect(bert.positionsInWords == "40 positions" && bert.paddingToken == 0)
  }

  @Test func positionsAfterNoPaddingToken() throws {
    let folder = try TinyModel.directory(.xlmRoberta, ["pad_token_id": .null])
    #expect(throws: CheckpointError.self) { try EncoderConfiguration(directory: folder.path) }
    // transformers' own default.
    let silent = try TinyModel.directory(.xlmRoberta, without: ["pad_token_id"])
    #expect(try EncoderConfiguration(directory: silent.path).firstPosition == 2)
    // BERT does without.
    let bert = try TinyModel.directory(.bert, ["pad_token_id": .null])
    #expect(try EncoderConfiguration(directory: bert.path).paddingToken == nil)
  }

  @Test func tooFewPositions() throws {
    let folder = try TinyModel.directory(.xlmRoberta, ["max_position_embeddings": .integer(4)])
    let error = #expect(throws: CheckpointError.self) {
      try EncoderConfiguration(directory: folder.path)
    }
    let words = """
      max_position_embeddings is 4, of which the first 2 are not used; a token \
      between the two special ones needs at least 5
      """
    #expect("\(try #require(error))".contains(words))
  }

  @Test func dropoutIsWhereTheConfigurationSays() throws {
    let distilbert = try TinyModel.directory(
      .distilbert, without: ["seq_classif_dropout", "dropout"])
    let ofDistilBERT = try EncoderConfiguration(directory: distilbert.path)
    #expect(ofDistilBERT.classifierDropout == 0.2 && ofDistilBERT.hiddenDropout == 0.1)
    #expect(ofDistilBERT.attentionOutputDropout == 0 && ofDistilBERT.attentionDropout == 0)
    let xlmRoberta = try TinyModel.directory(.xlmRoberta, without: ["hidden_dropout_prob"])
    let ofXLMRoberta = try EncoderConfiguration(directory: xlmRoberta.path)
    #expect(ofXLMRoberta.classifierDropout == 0.1 && ofXLMRoberta.attentionOutputDropout == 0.1)
  }

  /// Errors name the keys that the architecture has.
  @Test(arguments: [
    ("dim", JSON.null, "'dim' is not a positive whole number"),
    ("n_heads", .integer(5), "dim 24 is not a multiple of n_heads 5"),
    ("activation", .string("relu"), "activation 'relu'"),
    ("sinusoidal_pos_embds", .string("yes"), "'sinusoidal_pos_embds' is neither true nor false"),
  ])
  func keysOfDistilBERT(_ key: String, _ value: JSON, _ words: String) throws {
    let folder = try TinyModel.directory(.distilbert, [key: value])
    let error = #expect(throws: CheckpointError.self) {
      try EncoderConfiguration(directory: folder.path)
    }
    #expect("\(try #require(error))".contains(words))
    let without = try TinyModel.directory(.distilbert, without: ["n_layers"])
    let missing = #expect(throws: CheckpointError.self) {
      try EncoderConfiguration(directory: without.path)
    }
    #expect(
      "\(try #require(missing))".contains(
        "it has no 'n_layers', which every DistilBERT configuration has"))
  }

  // MARK: Checkpoints

  /// As `AutoModel` saves the bare encoder, with what other heads leave beside it.
  @Test(arguments: TinyModel.Family.allCases)
  func keysWithoutPrefix(_ family: TinyModel.Family) throws {
    let base = family.architecture.names.base
    let folder = try TinyModel.directory(family) { tensors in
      for index in tensors.indices where tensors[index].name.hasPrefix(base) {
        tensors[index].name.removeFirst(base.count)
      }
      let further =
        ["lm_head.bias", "vocab_layer_norm.weight", "vocab_projector.bias", "cls.predictions.bias"]
        + (family == .bert ? [] : ["pooler.dense.bias"])
      for name in further { tensors.append(TinyTensor(name: name, shape: [1], elements: [7])) }
      tensors.append(
        TinyTensor(name: "embeddings.position_ids", type: .i64, shape: [1, 2], elements: [0, 1]))
    }
    #expect(try logits(folder.path, family) == logits(family.directory, family))
  }

  /// A base model has no head, and a pooler beside XLM-R's encoder is no part of one.
  @Test(arguments: [TinyModel.Family.xlmRoberta, .distilbert])
  func newHead(_ family: TinyModel.Family) throws {
    let (dense, output) = (
      family.architecture.name(of: .headDense(.weight)),
      family.architecture.name(of: .classifier(.weight))
    )
    let folder = try TinyModel.directory(family, ["initializer_range": .number(0.02)]) {
      $0.removeAll { $0.name.contains("classifier") }
      $0.append(
        TinyTensor(
          name: "pooler.dense.weight", shape: [24, 24], elements: .init(repeating: 1, count: 576)))
    }
    let (classifier, notes) = try Classifier.load(directory: folder.path, fineTuning: tuning())
    #expect(
      notes == [
        "The checkpoint has no dense layer before the classifier; a new one was drawn with seed 1.",
        "The checkpoint has no classifier; a new classifier was drawn with seed 1.",
      ])
    for name in [dense, output] {
      let weight = classifier.trainable[name]
      // 72 and 576 numbers: four standard deviations of the deviation's own.
      let deviation = norm(weight) / Double(weight.count).squareRoot()
      let tolerance = 0.08 / Double(2 * weight.count).squareRoot()
      #expect(abs(deviation - 0.02) < tolerance)
    }
    for role in [ParameterRole.headDense(.bias), .classifier(.bias)] {
      #expect(classifier.trainable[family.architecture.name(of: role)].allSatisfy { $0 == 0 })
    }
    #expect(throws: CheckpointError.noTrainedHead(directory: folder.path, missing: dense)) {
      try Classifier.loadTrained(directory: folder.path)
    }
  }

  /// As transformers does with other `num_labels`: the dense layer stays, the layer to the logits is new.
  @Test(arguments: [TinyModel.Family.xlmRoberta, .distilbert])
  func headForOtherLabels(_ family: TinyModel.Family) throws {
    let (classifier, notes) = try Classifier.load(
      directory: family.directory, fineTuning: tuning(labels: ["bad", "good"]))
    #expect(notes.count == 1 && notes[0].contains("not for 2 labels"))
    let dense = family.architecture.name(of: .headDense(.weight))
    let file = try Fixture.tensors(family.fixture("tiny/model.safetensors"))
    #expect(try classifier.trainable[dense] == file.floats(dense))
  }

  @Test func countsParameters() throws {
    let layer = 4 * (24 * 24 + 24) + 2 * 24 * 40 + 40 + 24 + 4 * 24
    let head = 24 * 24 + 24 + 3 * 24 + 3
    let xlmRoberta = try TinyModel.load(TinyModel.cases[0].of(.xlmRoberta)).parameterCounts
    #expect(xlmRoberta.total == (60 + 42 + 1 + 2) * 24 + 6 * layer + head)
    let distilbert = try TinyModel.load(TinyModel.cases[0].of(.distilbert)).parameterCounts
    #expect(distilbert.total == (60 + 40 + 2) * 24 + 6 * layer + head)
    #expect(xlmRoberta.trainable == 2 * layer + head && distilbert.trainable == 2 * layer + head)
  }

  /// RoBERTa is XLM-R under another name.
  @Test func robertaIsComputedAsXLMRoberta() throws {
    let folder = try TinyModel.copy(
      .xlmRoberta,
      replacing: [
        "model_type": .string("roberta"),
        "architectures": .array([.string("RobertaForSequenceClassification")]),
      ])
    #expect(
      try logits(folder.path, .xlmRoberta)
        == logits(TinyModel.Family.xlmRoberta.directory, .xlmRoberta))
    let exported = try TemporaryFolder()
    try Classifier.load(directory: folder.path, fineTuning: tuning()).classifier
      .export(to: exported.path)
    let configuration = try JSON.read("\(exported.path)/config.json")
    #expect(
      configuration["architectures"]?.array == [.string("RobertaForSequenceClassification")])
    #expect(configuration["model_type"]?.string == "roberta")
  }

  /// multilingual-e5-small is such a folder: which tokenizer goes with the encoder is no matter of the encoder.
  @Test func bertWithTheTokenizerOfXLMRoberta() throws {
    let folder = try TinyModel.copy(replacing: [
      "tokenizer_class": .string("XLMRobertaTokenizer"),
      "architectures": .array([.string("BertModel")]),
    ])
    let (classifier, notes) = try Classifier.load(directory: folder.path, fineTuning: tuning())
    #expect(classifier.configuration.architecture == .bert)
    #expect(notes == ["The checkpoint has no classifier; a new classifier was drawn with seed 1."])
  }

  // MARK: Sinusoidal positions

  /// transformers makes the table where a file has none, whether it learns or not; the export has it.
  @Test(arguments: [true, false])
  func sinusoidalPositionsAreComputed(freezeEmbeddings: Bool) throws {
    let folder = try TinyModel.directory(.distilbert, ["sinusoidal_pos_embds": .bool(true)]) {
      $0.removeAll { $0.name.contains("position_embeddings") }
    }
    let batch = try TinyModel.batch(.distilbert).batch
    let tuning = tuning(frozen: freezeEmbeddings ? 4 : 0, freezeEmbeddings: freezeEmbeddings)
    let classifier = try Classifier.load(directory: folder.path, fineTuning: tuning).classifier
    let expected = try Fixture.tensors("model/distilbert/forward.safetensors")
    let found = Worker(classifier).logits(of: batch)
    expectClose(
      found.map { Double($0) }, try expected.doubles("sinusoidal.logits.f64"), "logits",
      absolute: 1e-5)
    // Also after the table was given back.
    classifier.releaseFrozenParameters()
    let exported = try TemporaryFolder()
    try classifier.export(to: exported.path)
    let again = try Classifier.loadTrained(directory: exported.path)
    #expect(Worker(again).logits(of: batch) == found)
    let memory = try WeightMemory(directory: folder.path, fineTuning: tuning)
    #expect(memory.trainable.count == classifier.trainable.count)
  }

  @Test func learnedPositionsMustBeThere() throws {
    let folder = try TinyModel.directory(.distilbert) {
      $0.removeAll { $0.name.contains("position_embeddings") }
    }
    #expect(throws: CheckpointError.self) {
      try Classifier.load(directory: folder.path, fineTuning: tuning())
    }
  }

  // MARK: The padding token

  /// As PyTorch's `padding_idx`: its embedding, and in XLM-R its position, have no gradient even where a text has it.
  @Test(arguments: TinyModel.Family.allCases)
  func paddingDoesNotLearn(_ family: TinyModel.Family) throws {
    let classifier = try Classifier.load(
      directory: family.directory,
      fineTuning: tuning(layers: 2, frozen: 0, freezeEmbeddings: false)
    ).classifier
    let padding = try #require(classifier.configuration.paddingToken)
    let gradient = classifier.makeGradient()
    let batch = PackedBatch([[5, Int32(padding), 6, 7]], examples: [1])
    _ = Worker(classifier).gradient(
      of: batch, labels: [0], scale: 1, dropout: nil, into: gradient)
    func rowsThatLearn(_ role: ParameterRole) -> [Int] {
      let elements = gradient[family.architecture.name(of: role)]
      return (0..<elements.count / 24).filter { norm(elements[$0 * 24..<($0 + 1) * 24]) > 0 }
    }
    #expect(rowsThatLearn(.words) == [5, 6, 7])
    #expect(rowsThatLearn(.positions) == (family == .xlmRoberta ? [2, 3, 4] : [0, 1, 2, 3]))
  }
}
