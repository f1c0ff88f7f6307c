internal import Model
internal import RunLog

/// To which layers of the checkpoint before training a run fits baselines, decided from shapes and lengths alone, so that it is
/// the same on every machine.
///
/// `auto` takes the layers from the last frozen one on, as long as all together cost less than an epoch and the run needs
/// hardly more memory than without them.
struct BaselinePlan: Sendable {
  /// What is computed; `nil` for nothing.
  let work: BaselineWork?
  /// What `auto` leaves out.
  let leftOut: [BaselinesRecord.LeftOut]
  /// Whether baselines were wanted, if only where they are cheap.
  let isWanted: Bool

  /// Plans what the experiment asks for.
  ///
  /// - Parameters:
  ///   - experiment: resolved.
  ///   - weights: of its network, as shapes.
  ///   - datasets: the splits, training data first.
  ///   - directory: of the checkpoint.
  ///   - isWithinMemory: whether some work takes no more memory than the training does.
  /// - Throws: what reading shapes throws.
  init(
    _ experiment: Experiment, weights: WeightMemory, datasets: [Dataset], in directory: String,
    isWithinMemory: (BaselineWork) -> Bool
  ) throws {
    let model = experiment.model
    isWanted = experiment.baselines.layers != .none
    func work(_ layers: ClosedRange<Int>, network: WeightMemory? = nil) -> BaselineWork {
      BaselineWork(
        layers: Array(layers), network: network, weights: weights, datasets: datasets,
        experiment.training, classes: experiment.labels.count)
    }
    switch experiment.baselines.layers {
    case .none: (self.work, leftOut) = (nil, [])
    case .unfrozen: (self.work, leftOut) = (work(model.frozenLayers...model.encoderLayers), [])
    case .kept: (self.work, leftOut) = (work(0...model.encoderLayers), [])
    case .all:
      let all = weights.configuration.layers
      let network =
        try all == model.encoderLayers
        ? nil
        : WeightMemory(
          directory: directory,
          fineTuning: BaselineWork.network(layers: all, like: weights.fineTuning))
      (self.work, leftOut) = (work(0...all, network: network), [])
    case .auto:
      let epoch = EpochWork(weights, datasets, experiment.training).multiplyAdds
      var (chosen, reason) = (BaselineWork?.none, "")
      for last in model.frozenLayers...model.encoderLayers {
        let more = work(model.frozenLayers...last)
        if more.cost >= epoch {
          reason = "together they would have cost more than an epoch"
        } else if !isWithinMemory(more) {
          reason = "they would have taken much more memory than the training"
        } else {
          chosen = more
          continue
        }
        break
      }
      self.work = chosen
      let first = (chosen?.layers.last).map { $0 + 1 } ?? model.frozenLayers
      leftOut =
        first > model.encoderLayers
        ? []
        : [
          BaselinesRecord.LeftOut(
            layers: Array(first...model.encoderLayers),
            reason: reason + "; baselines.layers: unfrozen includes them")
        ]
    }
  }
}

/// What an epoch with its evaluations takes, counted by having the layers compute shapes alone.
private struct EpochWork {
  let multiplyAdds: Double

  init(_ weights: WeightMemory, _ datasets: [Dataset], _ settings: TrainingSettings) {
    let counter = BlockMemory(weights)
    let isStored = weights.fineTuning.hasCacheablePrefix
    for dataset in datasets {
      for lengths in dataset.blockLengths(settings.blockTokens) {
        _ =
          dataset.split.part == .train
          ? counter.gradient(lengths: lengths, isStored: isStored)
          : counter.logits(lengths: lengths, isStored: isStored)
      }
    }
    multiplyAdds = Double(counter.multiplyAdds)
  }
}

extension Dataset {
  /// The lengths of the examples of each block of the file's order.
  func blockLengths(_ blockTokens: Int) -> [[Int]] {
    let all = (0..<count).map(length)
    return blocks(lengths: all, blockTokens: blockTokens).map { Array(all[$0]) }
  }
}
