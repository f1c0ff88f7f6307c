internal import Model
internal import RunLog

/// What changes while a run is trained; the random streams and the schedule are pure functions of
/// names and steps, so there is nothing else that going on would need.
struct TrainingState {
  /// The best epoch so far on source validation, the earliest of equal ones.
  struct Best {
    var epoch: Int
    var accuracy: Double
    /// Kept only if the experiment selects the best epoch.
    var parameters: ParameterStore?
  }

  var position = TrainingPosition()
  /// Of the epoch under way.
  var running: RunningEpoch
  var optimizer: AdamW
  var best: Best?
  /// Seconds of work in earlier processes, and of the frozen layers among them.
  var earlierSeconds = 0.0
  var earlierPrefixSeconds = 0.0

  let schedule: Schedule
  /// What learns.
  let parameters: ParameterStore
  /// For the gradients of blocks, of which one becomes that of the logical batch.
  let buffers: SumBuffers
  private let selection: Selection

  init(_ preparation: Preparation, engine: ComputeEngine) {
    let settings = preparation.experiment.training
    let classifier = engine.classifier
    selection = preparation.experiment.select
    optimizer = AdamW(settings.optimizer, for: classifier)
    schedule = Schedule(
      settings.schedule, learningRate: settings.optimizer.learningRate, epochs: settings.epochs,
      stepsPerEpoch: preparation.stepsPerEpoch)
    buffers = SumBuffers(classifier.makeGradient)
    parameters = classifier.trainable
    running = RunningEpoch(
      logits: preparation.training.count * preparation.experiment.labels.count)
  }

  /// Scales a gradient down to a norm, as `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Parameters:
  ///   - gradient: of the logical batch.
  ///   - norm: the gradient's, finite.
  ///   - limit: the largest norm, or `nil` for no limit.
  func clip(_ gradient: ParameterStore, of norm: Double, to limit: Double?) {
    guard let limit else { return }
    // PyTorch's guard against division by zero.
    let factor = limit / (norm + 1e-6)
    if factor < 1 { gradient.scale(by: Float(factor)) }
  }

  /// Completes the epoch under way.
  ///
  /// - Parameter accuracy: on source validation, `nil` if there is none to select the epoch by; its weights
  ///   are kept if they are the best so far and the experiment selects the best.
  mutating func completeEpoch(sourceValidationAccuracy accuracy: Double?) {
    position.epochs += 1
    running = RunningEpoch(logits: running.logits.count)
    guard let accuracy, accuracy > best?.accuracy ?? -.infinity else { return }
    var copy: ParameterStore?
    if selection == .bestSourceValidation {
      copy = best?.parameters ?? ParameterStore(zerosLike: parameters)
      copy?.copy(from: parameters)
    }
    best = Best(epoch: position.epochs, accuracy: accuracy, parameters: copy)
  }

  /// Whether an epoch can be selected by its accuracy on source validation.
  var hasSelectable: Bool { best != nil }

  /// Puts the selected epoch's weights in place.
  ///
  /// - Returns: the epoch.
  func select() -> Int {
    guard let best, let selected = best.parameters else { return position.epochs }
    parameters.copy(from: selected)
    return best.epoch
  }
}
