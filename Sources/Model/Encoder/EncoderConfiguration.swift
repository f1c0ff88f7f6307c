public import Storage

/// The shape of an encoder, as its config.json gives it.
public struct EncoderConfiguration: Equatable, Sendable {
  public let architecture: Architecture
  public let vocabularySize: Int
  public let hiddenSize: Int
  /// The layers of the checkpoint; fine-tuning may keep fewer.
  public let layers: Int
  public let heads: Int
  public let intermediateSize: Int
  /// The most tokens of an example, the special ones included: the rows of the position table that are used.
  public let maximumPositions: Int
  /// The row of the position table that an example's first token takes; rows before it are not used.
  public let firstPosition: Int
  /// Whether the position table is the sinusoidal one, which a checkpoint may leave out.
  public let hasSinusoidalPositions: Bool
  /// The id of the padding token, whose rows in the tables do not learn; `nil` if there is none.
  public let paddingToken: Int?
  /// 0 if the encoder has no token types.
  public let typeVocabularySize: Int
  public let layerNormEpsilon: Float
  public let activation: Architecture.Activation
  /// Probability of dropping an element of a hidden state.
  public let hiddenDropout: Double
  /// Probability of dropping an element of what attention gives.
  public let attentionOutputDropout: Double
  /// Probability of dropping an attention weight.
  public let attentionDropout: Double
  /// Probability of dropping an element before the classifier.
  public let classifierDropout: Double
  /// Standard deviation of new weights.
  public let initializerRange: Double
  /// Names of the classes by index, if the file has `id2label`.
  public let labels: [String]?
  /// Whether the checkpoint is of a sequence classifier, so that its head may be used again.
  let isSequenceClassifier: Bool

  /// Reads `config.json` of a Hugging Face directory.
  ///
  /// - Parameters:
  ///   - directory: its path.
  ///   - architectures: those that may be read.
  /// - Throws: `CheckpointError` if it is not there or not the configuration of an encoder that this network
  ///   computes; `JSONError`, `StorageError`.
  public init(directory: String, among architectures: [Architecture] = Architecture.all) throws {
    let path = "\(directory)/config.json"
    guard FileSystem.exists(path) else { throw CheckpointError.noConfiguration(directory) }
    try self.init(JSON.read(path), file: path, among: architectures)
  }

  /// Reads a parsed configuration.
  ///
  /// - Parameters:
  ///   - json: the content of config.json.
  ///   - file: what errors call it.
  ///   - architectures: those that may be read.
  /// - Throws: `CheckpointError`.
  public init(
    _ json: JSON, file: String, among architectures: [Architecture] = Architecture.all
  ) throws(CheckpointError) {
    guard let object = json.object else {
      throw .configuration(file: file, problem: "it is \(json.kind), not an object")
    }
    architecture = try Self.architecture(object, file: file, among: architectures)
    let reader = Reader(object: object, file: file, architecture: architecture.name)
    activation = try Self.activation(object, of: architecture, file: file)
    try Self.checkKind(object, file: file)
    let keys = architecture.keys
    hiddenSize = try reader.size(keys.hiddenSize)
    layers = try reader.size(keys.layers)
    heads = try reader.size(keys.heads)
    intermediateSize = try reader.size(keys.intermediateSize)
    vocabularySize = try reader.size("vocab_size")
    let positionRows = try reader.size("max_position_embeddings")
    paddingToken = try reader.paddingToken(of: architecture)
    switch architecture.firstPosition {
    case .zero: firstPosition = 0
    case .afterPadding: firstPosition = (paddingToken ?? -1) + 1
    }
    maximumPositions = positionRows - firstPosition
    hasSinusoidalPositions = try reader.flag(keys.sinusoidalPositions)
    typeVocabularySize = try reader.size(
      keys.tokenTypes, default: architecture.defaultTokenTypes)
    layerNormEpsilon = Float(
      try reader.number(keys.layerNormEpsilon, default: architecture.defaultLayerNormEpsilon))
    hiddenDropout = try reader.probability(keys.hiddenDropout, default: 0.1)
    attentionOutputDropout = architecture.dropsAttentionOutput ? hiddenDropout : 0
    attentionDropout = try reader.probability(keys.attentionDropout, default: 0.1)
    classifierDropout = try reader.probability(
      keys.classifierDropout, default: architecture.defaultClassifierDropout ?? hiddenDropout)
    initializerRange = try reader.number("initializer_range", default: 0.02)
    guard hiddenSize % heads == 0 else {
      throw .configuration(
        file: file,
        problem: "\(keys.hiddenSize) \(hiddenSize) is not a multiple of \(keys.heads) \(heads)")
    }
    guard maximumPositions >= 3 else {
      throw .configuration(
        file: file,
        problem:
          "max_position_embeddings is \(positionRows)"
          + (firstPosition > 0 ? ", of which the first \(firstPosition) are not used" : "")
          + "; a token between the two special ones needs at least \(firstPosition + 3)"
      )
    }
    // A draw's counter has 16 bits each for position and head.
    guard maximumPositions <= 65536, heads <= 65536, layers < 1 << 20 else {
      throw .configuration(
        file: file, problem: "more than 65536 positions or heads are not supported")
    }
    labels = try reader.labels()
    isSequenceClassifier =
      object["architectures"]?.array?.contains(.string(architecture.classifierClass)) ?? true
  }

  /// The rows of the position table.
  public var positionRows: Int { firstPosition + maximumPositions }

  /// The length that an example may have, for messages: such as "512 positions".
  public var positionsInWords: String {
    firstPosition == 0
      ? "\(maximumPositions) positions"
      : "\(positionRows) positions, of which an example can take \(maximumPositions)"
  }

  /// Which of the architectures it is of: by its model type, else by its class; BERT if it has neither.
  private static func architecture(
    _ object: JSONObject, file: String, among architectures: [Architecture]
  ) throws(CheckpointError) -> Architecture {
    let type = object["model_type"]?.string
    let name = object["architectures"]?.array?.first?.string
    let found = architectures.first { architecture in
      if let type { return architecture.modelType == type }
      return name.map { architecture.has(class: $0) } ?? (architecture == .bert)
    }
    guard let found else {
      throw .unsupportedArchitecture(
        file: file,
        found: type.map { "a model of type '\($0)'" } ?? name.map { "a model of class \($0)" }
          ?? "a model of another kind",
        supported: architectures.map(\.modelType))
    }
    if let name, !found.has(class: name) {
      throw .unsupportedArchitecture(
        file: file, found: "a model of class \(name)", supported: architectures.map(\.modelType))
    }
    return found
  }

  private static func activation(
    _ object: JSONObject, of architecture: Architecture, file: String
  ) throws(CheckpointError) -> Architecture.Activation {
    let key = architecture.keys.activation
    let name = object[key]?.string ?? "gelu"
    guard let found = architecture.activations[name] else {
      throw .activation(file: file, key: key, found: name)
    }
    return found
  }

  /// Refuses what this network would compute wrongly.
  private static func checkKind(_ object: JSONObject, file: String) throws(CheckpointError) {
    let kind = object["position_embedding_type"]?.string ?? "absolute"
    guard kind == "absolute" else {
      throw .configuration(
        file: file,
        problem: "position_embedding_type is '\(kind)'; only absolute positions are supported")
    }
    if let problem = object["problem_type"]?.string, problem != "single_label_classification" {
      throw .configuration(
        file: file,
        problem: "problem_type is '\(problem)'; only single_label_classification is supported")
    }
    for key in ["is_decoder", "add_cross_attention"] where object[key]?.bool == true {
      throw .configuration(file: file, problem: "\(key) is true; only encoders are supported")
    }
  }

  /// A key may be `nil`: then the encoder has no such setting, and the fallback holds.
  private struct Reader {
    let object: JSONObject
    let file: String
    /// In messages.
    let architecture: String

    func size(_ key: String) throws(CheckpointError) -> Int {
      guard object[key] != nil else {
        throw .configuration(
          file: file, problem: "it has no '\(key)', which every \(architecture) configuration has")
      }
      return try size(key, default: 0)
    }

    func size(_ key: String?, default fallback: Int) throws(CheckpointError) -> Int {
      guard let key, let value = object[key] else { return fallback }
      guard let size = value.integer, size > 0, size <= 1 << 30 else {
        throw .configuration(file: file, problem: "'\(key)' is not a positive whole number")
      }
      return size
    }

    /// `pad_token_id`; `nil` if the file says so, which an encoder whose positions begin after it cannot.
    func paddingToken(of architecture: Architecture) throws(CheckpointError) -> Int? {
      let key = "pad_token_id"
      guard let value = object[key] else { return architecture.defaultPaddingToken }
      if value == .null, architecture.firstPosition == .zero { return nil }
      guard let index = value.integer, index >= 0, index <= 1 << 30 else {
        throw .configuration(file: file, problem: "'\(key)' is not a whole number from 0 up")
      }
      return index
    }

    /// False if it is not there.
    func flag(_ key: String?) throws(CheckpointError) -> Bool {
      guard let key, let value = object[key], value != .null else { return false }
      guard let flag = value.bool else {
        throw .configuration(file: file, problem: "'\(key)' is neither true nor false")
      }
      return flag
    }

    func number(_ key: String?, default fallback: Double) throws(CheckpointError) -> Double {
      guard let key, let value = object[key], value != .null else { return fallback }
      guard let number = value.double, number.isFinite, number >= 0 else {
        throw .configuration(file: file, problem: "'\(key)' is not a number from 0 up")
      }
      return number
    }

    func probability(_ key: String, default fallback: Double) throws(CheckpointError) -> Double {
      let value = try number(key, default: fallback)
      guard value < 1 else {
        throw .configuration(file: file, problem: "'\(key)' is \(value), not a probability below 1")
      }
      return value
    }

    func labels() throws(CheckpointError) -> [String]? {
      guard let entries = object["id2label"]?.object else { return nil }
      var labels = [String?](repeating: nil, count: entries.keys.count)
      for (key, value) in entries.members {
        guard let index = Int(key), labels.indices.contains(index), let name = value.string else {
          throw .configuration(
            file: file, problem: "'id2label' does not number its names 0, 1, 2, …")
        }
        labels[index] = name
      }
      let found = labels.compactMap { $0 }
      guard found.count == labels.count else {
        throw .configuration(file: file, problem: "'id2label' gives a number twice")
      }
      return found
    }
  }
}
