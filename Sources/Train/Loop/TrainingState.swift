internal import RunLog

/// What changes while a run is trained, beside what lies on the backend's side; the random streams and the schedule are pure functions of
/// names and steps, so there is nothing else that going on would need.
struct TrainingState {
  /// The best epoch so far on source validation, the earliest of equal ones.
  struct Best {
    var epoch: Int
    var accuracy: Double
  }

  var position = TrainingPosition()
  /// Of the epoch under way.
  var running: RunningEpoch
  var best: Best?
  /// Seconds of work in earlier processes, and of the frozen layers among them.
  var earlierSeconds = 0.0
  var earlierPrefixSeconds = 0.0

  let schedule: Schedule
  private let selection: Selection

  init(_ preparation: Preparation) {
    let settings = preparation.experiment.training
    selection = preparation.experiment.select
    schedule = Schedule(
      settings.schedule, learningRate: settings.optimizer.learningRate, epochs: settings.epochs,
      stepsPerEpoch: preparation.stepsPerEpoch)
    running = RunningEpoch(
      logits: preparation.training.count * preparation.experiment.labels.count)
  }

  /// Completes the epoch under way.
  ///
  /// - Parameters:
  ///   - accuracy: on source validation, `nil` if there is none to select the epoch by.
  ///   - backend: keeps its parameters if they are the best so far and the experiment selects the best.
  /// - Throws: what the backend throws.
  mutating func completeEpoch(
    sourceValidationAccuracy accuracy: Double?, on backend: any Backend
  ) throws {
    position.epochs += 1
    running = RunningEpoch(logits: running.logits.count)
    guard let accuracy, accuracy > best?.accuracy ?? -.infinity else { return }
    if selection == .bestSourceValidation { try backend.keepParameters() }
    best = Best(epoch: position.epochs, accuracy: accuracy)
  }

  /// Whether an epoch can be selected by its accuracy on source validation.
  var hasSelectable: Bool { best != nil }

  /// Whether the best epoch's parameters are kept.
  var keepsBest: Bool { selection == .bestSourceValidation && best != nil }

  /// Puts the selected epoch's weights in place.
  ///
  /// - Returns: the epoch.
  /// - Throws: what the backend throws.
  func select(on backend: any Backend) throws -> Int {
    guard let best, keepsBest else { return position.epochs }
    try backend.useKeptParameters()
    return best.epoch
  }
}
