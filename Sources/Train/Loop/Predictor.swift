internal import Metrics
internal import Model
internal import RunLog
internal import Storage

/// A fine-tuned model that labels texts.
public struct Predictor {
  /// What the model says of one text.
  public struct Prediction: Sendable {
    /// `nil` if there is no answer, since the logits are not finite numbers.
    public let label: String?
    /// One per class, summing to 1; NaN without an answer.
    public let probabilities: [Double]
    /// One per class.
    public let logits: [Float]
  }

  /// The class names.
  public let labels: [String]
  /// Longer texts are cut to this many tokens.
  public let maxLength: Int
  private let tokenizer: any TextTokenizer
  private let backend: any Backend
  private let threads: Int
  private let computing: Computing
  private let weights: WeightMemory
  /// The largest block that memory was found for, in bytes; 0 before anything is computed.
  private var grantedBytes = 0
  /// The lengths of the largest blocks whose need is known, so that a line at a time is not counted anew.
  private var counted: [[Int]] = []

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - path: a run directory with a `model` folder, or a Hugging Face directory with a classifier.
  ///   - threads: at least 1.
  ///   - computing: what the network is computed on.
  /// - Throws: an error that names the file for whatever is missing or wrong.
  public init(_ path: String, threads: Int, on computing: Computing = .processor) throws {
    let run = RunDirectory(path)
    let isRun = exists(run.log)
    let folder = try RunDirectory.modelFolder(at: path)
    try Engine.load()
    weights = try WeightMemory(
      directory: folder, fineTuning: Classifier.trainedModel(directory: folder))
    labels = weights.fineTuning.labels
    let positions = weights.configuration.maximumPositions
    maxLength =
      isRun ? min(positions, try Experiment.read(run.experiment).data.maxLength) : positions
    try MemoryCheck(
      need: .beforeScoring(
        weights: weights, file: nil, maxLength: maxLength, keepsTexts: false,
        vocabularyBytes: tokenizerMemoryBytes(directory: folder), backend: computing.backendType,
        threads: threads)
    ).check()
    tokenizer = try loadTokenizer(directory: folder)
    let classifier = try Classifier.loadTrained(directory: folder, usedTokens: [])
    try computing.backendType.checkResources(threads: threads)
    backend = computing.backend(classifier, threads: threads)
    (self.threads, self.computing) = (threads, computing)
  }

  /// Labels texts.
  ///
  /// - Parameter texts: in any number; memory grows with them, so call it piece by piece for many.
  /// - Returns: a prediction for each text, in order.
  /// - Throws: `TooLittleMemory`; what reading rows of the word embeddings throws.
  public mutating func predict(_ texts: [String]) throws -> [Prediction] {
    let encodings = tokenizer.encode(texts, maxLength: maxLength, threads: threads)
    let blocks = Blocks(
      Array(texts.indices), of: EncodedTexts(encodings: encodings), blockTokens: 2048)
    let lengths = encodings.map(\.ids.count)
    let used = Set(encodings.lazy.flatMap(\.ids)).sorted()
    try checkMemory(blocks: blocks.cuts.map { Array(lengths[$0]) }, words: used.count)
    try backend.loadEmbeddingRows(for: used)
    let logits = try backend.logits(of: blocks, Watch())
    return texts.indices.map { index in
      let row = logits[index * labels.count..<(index + 1) * labels.count]
      return Prediction(
        label: predictedClass(row).map { labels[$0] }, probabilities: softmax(row),
        logits: Array(row))
    }
  }

  /// Checks, before blocks larger than all before are computed, that there is memory for them.
  ///
  /// - Throws: `TooLittleMemory`.
  private mutating func checkMemory(blocks: [[Int]], words: Int) throws {
    let largest = MemoryPlan.largest(of: counted + blocks)
    guard largest != counted else { return }
    let plan = MemoryPlan(weights, scoring: blocks)
    let bytes = computing.backendType.bytesNeeded(for: plan, threads: threads).scoring
    if bytes > grantedBytes {
      try MemoryCheck(
        need: .scoring(
          plan, examples: blocks.reduce(0) { $0 + $1.count }, words: words, isRead: true,
          hasComputed: grantedBytes > 0, backend: computing.backendType, threads: threads)
      ).check()
      grantedBytes = bytes
    }
    counted = largest
  }
}

/// Texts without labels.
private struct EncodedTexts: ExampleSource {
  let encodings: [Encoding]

  func length(_ example: Int) -> Int { encodings[example].ids.count }

  func batch(_ examples: ArraySlice<Int>) -> PackedBatch {
    PackedBatch(
      examples.map { encodings[$0].ids }, examples: examples.map { UInt32(truncatingIfNeeded: $0) })
  }
}
