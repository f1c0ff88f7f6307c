/// What the weights of a checkpoint will take in memory, known from config.json and the headers of its files before
/// any of them is read.
public struct WeightMemory: Sendable {
  public let configuration: EncoderConfiguration
  public let fineTuning: FineTuning
  let checkpoint: Checkpoint
  /// The numbers that learn, and those of the largest tensor among them.
  public let trainable: (count: Int, largest: Int)
  /// The numbers that stay, without the word embeddings if those stay.
  private let frozenCount: Int
  /// Bytes of the tensor that takes most on its way from the file into its place.
  private let mostOnTheWay: Int

  /// Reads config.json and headers.
  ///
  /// - Parameters:
  ///   - directory: a Hugging Face directory.
  ///   - fineTuning: what will be kept and what will learn.
  /// - Throws: as `Classifier.load` does for what is missing or of another shape.
  public init(directory: String, fineTuning: FineTuning) throws {
    let configuration = try EncoderConfiguration(directory: directory)
    let checkpoint = try Checkpoint(directory: directory, configuration)
    try checkpoint.check(configuration, fineTuning)
    let layout = ParameterLayout(configuration, fineTuning)
    let (learns, stays) = (layout.trainable, layout.frozen)
    let counts = learns.map(\.count)
    (self.configuration, self.fineTuning) = (configuration, fineTuning)
    self.checkpoint = checkpoint
    trainable = (counts.reduce(0, +), counts.max() ?? 0)
    frozenCount = stays.map(\.count).reduce(0, +)
    mostOnTheWay =
      (learns + stays).map { $0.count * checkpoint.bytesOnTheWay($0.name) }.max() ?? 0
  }

  private func bytes(ofRows rows: Int) -> Int {
    fineTuning.freezeEmbeddings ? 4 * rows * configuration.hiddenSize : 0
  }

  /// Bytes of all weights once they are read, with so many rows of frozen word embeddings, of which only those that
  /// occur are read.
  public func held(rows: Int) -> Int {
    // The vocabulary has a table of which row is whose.
    4 * (trainable.count + frozenCount + configuration.vocabularySize) + bytes(ofRows: rows)
  }

  /// Bytes at most while they are read.
  public func whileReading(rows: Int) -> Int {
    held(rows: rows) + max(mostOnTheWay, bytes(ofRows: min(rows, Classifier.rowsAtOnce)))
  }

  /// Bytes that `Classifier.releaseFrozenParameters` will give back.
  public func released(rows: Int) -> Int {
    fineTuning.freezeEmbeddings ? 4 * frozenCount + bytes(ofRows: rows) : 0
  }
}
