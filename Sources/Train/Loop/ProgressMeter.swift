internal import Model
internal import RunLog
internal import Storage

/// Measures how much of a run's work is done, from counts of tokens.
///
/// Work is weighed by the layers a token goes through: once forward, twice more backward.
final class ProgressMeter: Sendable {
  enum Cost { case prefix, baselines, training, evaluation }

  private struct State {
    var stage = ""
    var cost = Cost.prefix
    var tokens = 0
    var stageStart = 0.0
    var done = 0.0
  }
  private let state = Locked(State())
  /// The work of an epoch: training, and all of it.
  private let epochWork: (training: Double, whole: Double)
  private let costs: (prefix: Double, baselines: Double, training: Double, evaluation: Double)
  /// The tokens of all splits.
  private let tokens: Double
  private let total: Double
  // Called only while the state is locked, so from one thread at a time.
  nonisolated(unsafe) private let watch: (TrainingEvent) -> Void

  init(_ preparation: Preparation, watch: @escaping (TrainingEvent) -> Void) {
    let model = preparation.experiment.model
    let isCached = preparation.classifier.hasCacheablePrefix
    let frozen = isCached ? Double(model.frozenLayers) : 0
    let passed = Double(model.encoderLayers) - frozen + 0.1
    let baselines = preparation.baselines.work.map { work in
      Double((work.layers.last ?? 0) - (work.startsFromStored ? model.frozenLayers : 0)) + 0.1
    }
    costs = (
      prefix: frozen, baselines: baselines ?? 0, training: 3 * passed, evaluation: passed
    )
    let training = Double(preparation.training.tokens.count)
    let all = Double(preparation.datasets.reduce(0) { $0 + $1.tokens.count })
    let epochs = Double(preparation.experiment.training.epochs)
    epochWork = (
      costs.training * training, costs.training * training + costs.evaluation * (all - training)
    )
    let averaging = preparation.experiment.average == nil ? 0 : epochWork.whole - epochWork.training
    tokens = all
    total = (costs.prefix + costs.baselines) * all + epochs * epochWork.whole + averaging
    self.watch = watch
  }

  /// Starts a stage.
  func begin(_ stage: String, cost: Cost) {
    state.withLock {
      $0.stage = stage
      $0.cost = cost
      $0.tokens = 0
      $0.stageStart = Clock.now
    }
    add(0)
  }

  /// Counts the baselines as done, whoever fitted them.
  func skipBaselines() { state.withLock { $0.done += costs.baselines * tokens } }

  /// Counts what earlier processes have done.
  func skip(_ position: TrainingPosition, stepsPerEpoch: Int) {
    let steps = Double(position.steps - position.epochs * stepsPerEpoch)
    state.withLock {
      $0.done +=
        Double(position.epochs) * epochWork.whole
        + steps / Double(stepsPerEpoch) * epochWork.training
    }
  }

  /// Adds tokens that are done.
  func add(_ tokens: Int) {
    state.withLock {
      let weight =
        switch $0.cost {
        case .prefix: costs.prefix
        case .baselines: costs.baselines
        case .training: costs.training
        case .evaluation: costs.evaluation
        }
      $0.tokens += tokens
      $0.done += weight * Double(tokens)
      watch(
        .progress(
          TrainingEvent.Progress(
            stage: $0.stage, share: min(1, $0.done / total), tokens: $0.tokens,
            seconds: Clock.now - $0.stageStart)))
    }
  }
}
