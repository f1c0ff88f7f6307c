internal import Model
internal import RunLog

/// What changes while a run is trained, beside the weights themselves.
struct TrainingState {
  var optimizer: AdamW
  let schedule: Schedule
  /// The gradient of the logical batch.
  let gradient: ParameterStore
  /// One for each worker, for the block it is at.
  let blockGradients: [ParameterStore]
  private let parameters: ParameterStore
  private var lastEpoch = 0
  private var best: (epoch: Int, accuracy: Double, parameters: ParameterStore)?

  init(_ preparation: Preparation, engine: ComputeEngine) {
    let settings = preparation.experiment.training
    let classifier = engine.classifier
    optimizer = AdamW(settings.optimizer, for: classifier)
    schedule = Schedule(
      settings.schedule, learningRate: settings.optimizer.learningRate, epochs: settings.epochs,
      stepsPerEpoch: preparation.stepsPerEpoch)
    gradient = classifier.makeGradient()
    blockGradients = (0..<engine.pool.threads).map { _ in classifier.makeGradient() }
    parameters = classifier.trainable
  }

  /// Scales the gradient down to a norm, as `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Parameter limit: the largest norm, or `nil` for no limit.
  /// - Returns: the norm before.
  func clipGradient(to limit: Double?) -> Double {
    let norm = gradient.squaredNorm().squareRoot()
    if let limit {
      // PyTorch's guard against division by zero.
      let factor = limit / (norm + 1e-6)
      if factor < 1 { gradient.scale(by: Float(factor)) }
    }
    return norm
  }

  /// Takes note of an epoch's result, and of its weights if they are the best so far and wanted.
  mutating func note(
    sourceValidationAccuracy accuracy: Double?, epoch: Int, selection: Selection
  ) {
    lastEpoch = epoch
    guard selection == .bestSourceValidation, let accuracy,
      accuracy > best?.accuracy ?? -.infinity
    else { return }
    let copy = best?.parameters ?? ParameterStore(zerosLike: parameters)
    copy.copy(from: parameters)
    best = (epoch, accuracy, copy)
  }

  /// Puts the selected epoch's weights in place.
  ///
  /// - Returns: the epoch.
  func select() -> Int {
    guard let best else { return lastEpoch }
    parameters.copy(from: best.parameters)
    return best.epoch
  }
}
