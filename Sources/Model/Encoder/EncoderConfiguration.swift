public import Storage

/// The shape of a BERT encoder, as its config.json gives it.
public struct EncoderConfiguration: Equatable, Sendable {
  public let vocabularySize: Int
  public let hiddenSize: Int
  /// The layers of the checkpoint; fine-tuning may keep fewer.
  public let layers: Int
  public let heads: Int
  public let intermediateSize: Int
  public let maximumPositions: Int
  public let typeVocabularySize: Int
  public let layerNormEpsilon: Float
  /// Probability of dropping an element of a hidden state.
  public let hiddenDropout: Double
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
  /// - Parameter directory: its path.
  /// - Throws: `CheckpointError` if it is not there or not the configuration of a BERT that this network
  ///   computes; `JSONError`, `StorageError`.
  public init(directory: String) throws {
    let path = "\(directory)/config.json"
    guard FileSystem.exists(path) else { throw CheckpointError.noConfiguration(directory) }
    try self.init(JSON.read(path), file: path)
  }

  /// Reads a parsed configuration.
  ///
  /// - Parameters:
  ///   - json: the content of config.json.
  ///   - file: what errors call it.
  /// - Throws: `CheckpointError`.
  public init(_ json: JSON, file: String) throws(CheckpointError) {
    guard let object = json.object else {
      throw .configuration(file: file, problem: "it is \(json.kind), not an object")
    }
    let reader = Reader(object: object, file: file)
    try Self.checkKind(object, file: file)
    hiddenSize = try reader.size("hidden_size")
    layers = try reader.size("num_hidden_layers")
    heads = try reader.size("num_attention_heads")
    intermediateSize = try reader.size("intermediate_size")
    vocabularySize = try reader.size("vocab_size")
    maximumPositions = try reader.size("max_position_embeddings")
    typeVocabularySize = try reader.size("type_vocab_size", default: 2)
    layerNormEpsilon = Float(try reader.number("layer_norm_eps", default: 1e-12))
    hiddenDropout = try reader.probability("hidden_dropout_prob", default: 0.1)
    attentionDropout = try reader.probability("attention_probs_dropout_prob", default: 0.1)
    classifierDropout = try reader.probability("classifier_dropout", default: hiddenDropout)
    initializerRange = try reader.number("initializer_range", default: 0.02)
    guard hiddenSize % heads == 0 else {
      throw .configuration(
        file: file,
        problem: "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(heads)")
    }
    guard maximumPositions >= 3 else {
      throw .configuration(
        file: file,
        problem:
          "max_position_embeddings is \(maximumPositions); [CLS], a token and [SEP] need at least 3"
      )
    }
    // A draw's counter has 16 bits each for position and head.
    guard maximumPositions <= 65536, heads <= 65536, layers < 1 << 20 else {
      throw .configuration(
        file: file, problem: "more than 65536 positions or heads are not supported")
    }
    labels = try reader.labels()
    isSequenceClassifier =
      object["architectures"]?.array?.contains(.string("BertForSequenceClassification")) ?? true
  }

  /// Refuses what this network would compute wrongly.
  private static func checkKind(_ object: JSONObject, file: String) throws(CheckpointError) {
    let architecture = object["architectures"]?.array?.first?.string
    if let type = object["model_type"]?.string {
      guard type == "bert" else { throw .notBERT(file: file, found: "a '\(type)' model") }
    }
    if let architecture, !architecture.hasPrefix("Bert") || architecture.hasPrefix("BertGen") {
      throw .notBERT(file: file, found: "a \(architecture)")
    }
    let activation = object["hidden_act"]?.string ?? "gelu"
    guard activation == "gelu" else { throw .activation(file: file, found: activation) }
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

  private struct Reader {
    let object: JSONObject
    let file: String

    func size(_ key: String, default fallback: Int? = nil) throws(CheckpointError) -> Int {
      guard let value = object[key] else {
        if let fallback { return fallback }
        throw .configuration(
          file: file, problem: "it has no '\(key)', which every BERT configuration has")
      }
      guard let size = value.integer, size > 0, size <= 1 << 30 else {
        throw .configuration(file: file, problem: "'\(key)' is not a positive whole number")
      }
      return size
    }

    func number(_ key: String, default fallback: Double) throws(CheckpointError) -> Double {
      guard let value = object[key], value != .null else { return fallback }
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
