internal import Model
public import RunLog
internal import Storage

/// Logistic regressions on what each layer of a checkpoint makes of the texts, as it is, without training it: what a
/// fine-tuned network has to beat, and where in the encoder the answer lies.
public struct Probe: Sendable {
  /// A regression on one layer's output.
  public struct Layer: Sendable {
    /// 0 for the embeddings.
    public let number: Int
    /// C, chosen by the accuracy on source validation, the smallest of equally good ones.
    public let strength: Double
    /// Of L-BFGS, over all strengths.
    public let iterations: Int
    /// Whether the gradient of the chosen one is within the tolerance.
    public let hasConverged: Bool
    /// Of every split but the training data, in the experiment's order.
    public let evaluations: [(split: Split, evaluation: Evaluation)]

    /// What it says about a split, if the experiment has it.
    public func evaluation(_ split: Split) -> Evaluation? {
      evaluations.first { $0.split == split }?.evaluation
    }
  }

  /// The embeddings first.
  public let layers: [Layer]
  /// How many examples of each class the regressions were fitted to.
  public let trainingCounts: [Int]
  public var trainingExamples: Int { trainingCounts.reduce(0, +) }
  /// Numbers of an example that they read.
  public let features: Int
  /// Of computing what the layers make of the texts.
  public let encoderSeconds: Double
  /// Of fitting.
  public let fittingSeconds: Double

  /// The values of C that are tried, ascending.
  public static let strengths = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
  /// The largest element that the gradient may have in the end.
  public static let tolerance = 1e-5

  /// The same experiment as a probe reads it: with so many layers, none of which learns.
  ///
  /// - Parameters:
  ///   - experiment: resolved.
  ///   - layers: how many; the experiment's if `nil`.
  /// - Returns: what to prepare.
  public static func experiment(_ experiment: Experiment, layers: Int? = nil) -> Experiment {
    var experiment = experiment
    if let layers { experiment.model.encoderLayers = layers }
    experiment.model.frozenLayers = experiment.model.encoderLayers
    experiment.model.freezeEmbeddings = true
    experiment.model.frozenDropout = false
    experiment.baselines.layers = .none
    return experiment
  }

  /// Fits a regression to every layer.
  ///
  /// - Parameters:
  ///   - preparation: of what `Probe.experiment` gave.
  ///   - threads: at least 1.
  ///   - scratchFolder: on whose disk the layers' output goes while it is read.
  ///   - interruption: looked at between blocks and between passes over the examples.
  ///   - watch: gets how far it is, from one thread at a time.
  /// - Throws: `CancellationError` if interrupted; `TooLittleMemory`; `NonFiniteOutput`;
  ///   `StorageError`.
  public init(
    _ preparation: Preparation, threads: Int, scratchFolder: String,
    interruption: Interruption = Interruption(),
    watch: @escaping (TrainingEvent.Progress) -> Void = { _ in }
  ) throws {
    let experiment = preparation.experiment
    let classifier = preparation.classifier
    let backend = preparation.computing.backend(classifier, threads: threads)
    let datasets = preparation.datasets
    let meter = Meter(tokens: datasets.reduce(0) { $0 + $1.tokens.count }, watch)
    var start = Clock.now
    let pooled = try datasets.map { dataset in
      meter.begin("encoder, \(dataset.split)")
      return try PooledFeatures(
        dataset, on: backend, blockTokens: experiment.training.blockTokens, in: scratchFolder,
        Watch(interruption) { meter.add($0) })
    }
    backend.releaseFrozenParameters()
    (encoderSeconds, start) = (Clock.now - start, Clock.now)
    let (training, others) = (pooled[0], Array(pooled.dropFirst()))
    features = training.columns
    trainingCounts = experiment.labels.indices.map { label in
      training.dataset.labels.count { $0 == label }
    }
    // The training data's and another split's.
    let largest = datasets.map(\.count).max() ?? 0
    try MemoryCheck(need: .probing(numbers: 2 * largest * training.columns)).check()

    let fitting = ProbeFitting(
      training: training, others: others, classes: experiment.labels.count, threads: threads,
      checkpoint: preparation.checkpointFolder, interruption: interruption)
    let count = experiment.model.encoderLayers + 1
    layers = try (0..<count).map { number in
      meter.fit(number, of: count)
      return try fitting.fit(number)
    }
    fittingSeconds = Clock.now - start
  }

  /// What a regression says about examples.
  static func evaluation(
    of model: LogisticRegression, _ dataset: Dataset, _ features: FeatureMatrix
  ) -> Evaluation {
    Evaluation(
      Predictions(
        classes: model.classes, logits: model.logits(of: features), labels: dataset.labels,
        ids: dataset.facts.map(\.id), mode: .evaluation))
  }

  /// Makes sure that a regression can be fitted to a layer's output.
  static func checkIsFinite(
    _ features: FeatureMatrix, of layer: Int, _ split: Split? = nil, in folder: String
  ) throws(RunLogError) {
    let odd = features.elements.count { !$0.isFinite }
    guard odd > 0 else { return }
    throw RunLogError(
      file: folder,
      "the output of \(layer == 0 ? "the embeddings" : "layer \(layer)") for the \(split.map { "examples of \($0)" } ?? "training examples") has "
        + "\(odd) numbers that are not finite, so that nothing can be fitted to it; the weights are "
        + "damaged, or they do not belong to config.json.")
  }

  /// How far a probe is: nearly all of its work is the encoder's.
  private final class Meter: Sendable {
    private let total: Int
    // Changes, and calls its watcher, only while it is locked.
    private let state = Locked((stage: "", tokens: 0, inStage: 0, start: 0.0))
    nonisolated(unsafe) private let watch: (TrainingEvent.Progress) -> Void
    private static let shareOfEncoder = 0.8

    init(tokens: Int, _ watch: @escaping (TrainingEvent.Progress) -> Void) {
      (total, self.watch) = (tokens, watch)
    }

    func begin(_ stage: String) {
      state.withLock { $0 = (stage, $0.tokens, 0, Clock.now) }
      add(0)
    }

    func add(_ tokens: Int) {
      state.withLock {
        $0.tokens += tokens
        $0.inStage += tokens
        tell($0, share: Self.shareOfEncoder * Double($0.tokens) / Double(total))
      }
    }

    func fit(_ layer: Int, of count: Int) {
      state.withLock {
        $0 = ("fitting, layer \(layer) of \(count - 1)", $0.tokens, 0, Clock.now)
        let share = Double(layer) / Double(count)
        tell($0, share: Self.shareOfEncoder + (1 - Self.shareOfEncoder) * share)
      }
    }

    private func tell(
      _ state: (stage: String, tokens: Int, inStage: Int, start: Double), share: Double
    ) {
      watch(
        TrainingEvent.Progress(
          stage: state.stage, share: share, tokens: state.inStage, seconds: Clock.now - state.start)
      )
    }
  }
}
