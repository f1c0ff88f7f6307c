internal import Glibc

extension Classifier {
  /// Reads a checkpoint, as far as fine-tuning needs it.
  ///
  /// Of frozen word embeddings only the rows of `usedTokens` are read, of the layers those kept. What the checkpoint
  /// lacks of the head is new: normal with `initializer_range`, bias 0.
  ///
  /// - Parameters:
  ///   - directory: a Hugging Face directory.
  ///   - fineTuning: what to keep and what learns.
  ///   - usedTokens: the ids that occur, in any order; `nil` for the whole vocabulary. If the embeddings
  ///     learn, all rows are read nevertheless.
  ///   - architectures: those that may be read.
  /// - Returns: the classifier, and sentences on what the user should know (what is new).
  /// - Throws: `CheckpointError`, `SafetensorsError`, `StorageError`, `JSONError`.
  public static func load(
    directory: String, fineTuning: FineTuning, usedTokens: [Int32]? = nil,
    among architectures: [Architecture] = Architecture.all
  ) throws -> (classifier: Classifier, notes: [String]) {
    try Engine.load()
    let configuration = try EncoderConfiguration(directory: directory, among: architectures)
    let checkpoint = try Checkpoint(directory: directory, configuration)
    try checkpoint.check(configuration, fineTuning)
    let layout = ParameterLayout(configuration, fineTuning)
    let trainable = ParameterStore(zeros: layout.trainable)
    let frozen = ParameterStore(zeros: layout.frozen)

    var notes: [String] = []
    let newDense = !ParameterLayout.headRoles.allSatisfy {
      checkpoint.has(configuration.architecture.name(of: $0))
    }
    let classifierReason = reasonForNewClassifier(configuration, fineTuning, checkpoint)
    for tensor in trainable.tensors {
      let isNew =
        ParameterLayout.headRoles.contains(tensor.role)
        ? newDense
        : ParameterLayout.classifierRoles.contains(tensor.role) && classifierReason != nil
      if !isNew {
        trainable[tensor.name] = try checkpoint.floats(tensor.name, shape: tensor.shape)
      } else if tensor.shape.count == 2 {
        var normal = NormalDistribution(seed: fineTuning.seed, stream: tensor.name)
        trainable[tensor.name] = tensor.range.map { _ in
          Float(configuration.initializerRange * normal.next())
        }
      }
    }
    if newDense {
      let name = configuration.architecture.head.nameOfDense
      notes.append(
        "The checkpoint has no \(name); a new one was drawn with seed \(fineTuning.seed).")
    }
    if let classifierReason {
      notes.append(
        "\(classifierReason); a new classifier was drawn with seed \(fineTuning.seed).")
    }
    let words =
      fineTuning.freezeEmbeddings
      ? WordEmbeddings(
        vocabularySize: configuration.vocabularySize, columns: configuration.hiddenSize)
      : WordEmbeddings(trainable)
    let classifier = Classifier(
      configuration: configuration, fineTuning: fineTuning, trainable: trainable, frozen: frozen,
      words: words, checkpoint: checkpoint)
    try classifier.readFrozenParameters()
    if fineTuning.freezeEmbeddings {
      try classifier.loadEmbeddingRows(
        for: usedTokens ?? Array(0..<Int32(configuration.vocabularySize)))
    } else {
      // All rows are there, but a tokenizer of another model may know more tokens.
      try classifier.checkAreInVocabulary(usedTokens ?? [])
    }
    return (classifier, notes)
  }

  /// Reads the model of a finished run, to evaluate it: depth and labels are its own, and nothing learns
  /// but the head, which is never stepped.
  ///
  /// - Parameters:
  ///   - directory: as `export` wrote it, or transformers' `save_pretrained`.
  ///   - usedTokens: as for `load`.
  /// - Returns: the classifier.
  /// - Throws: as `load`, and `CheckpointError.noTrainedHead`.
  public static func loadTrained(
    directory: String, usedTokens: [Int32]? = nil
  ) throws -> Classifier {
    try load(
      directory: directory, fineTuning: trainedModel(directory: directory), usedTokens: usedTokens
    ).classifier
  }

  /// Depth and labels of a finished run's model, from config.json and the weights' headers.
  ///
  /// - Parameter directory: as for `loadTrained`.
  /// - Returns: a fine-tuning in which only the head learns.
  /// - Throws: as `loadTrained`, for what is missing.
  public static func trainedModel(directory: String) throws -> FineTuning {
    let configuration = try EncoderConfiguration(directory: directory)
    let architecture = configuration.architecture
    let checkpoint = try Checkpoint(directory: directory, configuration)
    let roles = ParameterLayout.headRoles + ParameterLayout.classifierRoles
    for name in roles.map(architecture.name(of:))
    where !checkpoint.has(name) || !configuration.isSequenceClassifier {
      throw CheckpointError.noTrainedHead(directory: directory, missing: name)
    }
    let count = checkpoint.shape(architecture.name(of: .classifier(.bias)))?.first ?? 0
    guard count >= 2, configuration.labels.map({ $0.count == count }) ?? true else {
      throw CheckpointError.noTrainedHead(
        directory: directory, missing: architecture.name(of: .classifier(.bias)))
    }
    return FineTuning(
      encoderLayers: configuration.layers, frozenLayers: configuration.layers,
      freezeEmbeddings: true,
      labels: configuration.labels ?? (0..<count).map { "LABEL_\($0)" }, seed: 0)
  }

  /// Reads all that is frozen but the word embeddings.
  func readFrozenParameters() throws {
    for tensor in frozen.tensors {
      frozen[tensor.name] = try checkpoint.floats(tensor.name, shape: tensor.shape)
    }
  }

  /// The most rows of word embeddings that are read at once.
  public static let rowsAtOnce = 4096

  /// Reads further rows of frozen word embeddings, those not yet in memory.
  ///
  /// - Parameter tokens: ids in any order; must not be called while a worker runs.
  /// - Throws: `CheckpointError.tokenOutOfRange`, `StorageError`.
  public func loadEmbeddingRows(for tokens: some Sequence<Int32>) throws {
    let (vocabulary, H) = (configuration.vocabularySize, configuration.hiddenSize)
    try checkAreInVocabulary(tokens)
    let wanted = Set(tokens.lazy.filter { !self.words.contains($0) })
    words.reserve(wanted.count)
    // Runs of neighbours in one read.
    let sorted = wanted.sorted()
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, end - start < Self.rowsAtOnce, sorted[end] == sorted[end - 1] + 1 {
        end += 1
      }
      let run = sorted[start]..<sorted[end - 1] + 1
      let elements = try checkpoint.floats(
        configuration.architecture.name(of: .words), shape: [vocabulary, H],
        range: Int(run.lowerBound) * H..<Int(run.upperBound) * H)
      words.append(elements, for: run)
      start = end
    }
  }

  /// - Throws: `CheckpointError.tokenOutOfRange` for the first that is not.
  private func checkAreInVocabulary(_ tokens: some Sequence<Int32>) throws(CheckpointError) {
    let size = configuration.vocabularySize
    for token in tokens where token < 0 || Int(token) >= size {
      throw .tokenOutOfRange(Int(token), vocabularySize: size)
    }
  }

  /// Why the checkpoint's classifier is of no use, or `nil` if it is.
  private static func reasonForNewClassifier(
    _ configuration: EncoderConfiguration, _ tuning: FineTuning, _ checkpoint: Checkpoint
  ) -> String? {
    let shapes = ParameterLayout(configuration, tuning).head.suffix(2)
    guard shapes.allSatisfy({ checkpoint.has($0.name) }), configuration.isSequenceClassifier
    else { return "The checkpoint has no classifier" }
    guard shapes.allSatisfy({ checkpoint.shape($0.name) == $0.shape }) else {
      return "The checkpoint's classifier is not for \(tuning.labels.count) labels"
    }
    if let labels = configuration.labels, labels != tuning.labels {
      let names = labels.joined(separator: ", ")
      return "The checkpoint's classifier is for other labels (\(names))"
    }
    return nil
  }
}

/// Standard normal numbers, keyed by a seed and a name, so that a tensor's do not depend on which others
/// are new.
struct NormalDistribution {
  private var state: UInt64
  private var spare: Double?

  init(seed: UInt64, stream: String) {
    // FNV-1a of the name, then the seed.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    state = hash ^ (seed &* 0x9E37_79B9_7F4A_7C15)
  }

  /// SplitMix64 (Steele, Lea, Flood 2014), as a fraction in (0, 1].
  private mutating func fraction() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11 &+ 1) * 0x1p-53
  }

  /// The next number, by Box and Muller (1958), two at a time.
  mutating func next() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    let (radius, angle) = ((-2 * log(fraction())).squareRoot(), 2 * Double.pi * fraction())
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}
