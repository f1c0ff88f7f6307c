internal import Device
internal import Model
internal import RunLog

/// AdamW on a device; see `AdamW`.
struct DeviceOptimizer {
  /// Tensors next to each other that decay alike, as elements of the store.
  private let runs: [(range: Range<Int>, weightDecay: Double)]
  private let settings: OptimizerSettings
  let firstMoment: DeviceStore
  let secondMoment: DeviceStore
  private(set) var step = 0

  /// - Parameters:
  ///   - settings: decay, betas, epsilon and which tensors are not decayed.
  ///   - tensors: what learns.
  ///   - firstMoment: zero.
  ///   - secondMoment: zero.
  init(
    _ settings: OptimizerSettings, of tensors: [ParameterStore.Tensor], firstMoment: DeviceStore,
    secondMoment: DeviceStore
  ) {
    self.settings = settings
    (self.firstMoment, self.secondMoment) = (firstMoment, secondMoment)
    var runs: [(range: Range<Int>, weightDecay: Double)] = []
    for tensor in tensors {
      let decay = settings.weightDecay(of: tensor)
      if let last = runs.last, last.weightDecay == decay,
        last.range.upperBound == tensor.range.lowerBound
      {
        runs[runs.count - 1].range = last.range.lowerBound..<tensor.range.upperBound
      } else {
        runs.append((tensor.range, decay))
      }
    }
    self.runs = runs
  }

  mutating func resume(after steps: Int) { step = steps }

  /// Changes the parameters by one step.
  mutating func update(
    _ parameters: DeviceStore, gradient: DeviceStore, learningRate: Double,
    _ workspace: DeviceWorkspace
  ) throws {
    step += 1
    for (range, weightDecay) in runs {
      let factors = AdamWFactors(
        step: step, learningRate: learningRate, beta1: settings.betas[0], beta2: settings.betas[1],
        epsilon: settings.epsilon, weightDecay: weightDecay)
      try workspace.adamW(
        parameters.elements.columns(range), gradient: gradient.elements.columns(range),
        firstMoment: firstMoment.elements.columns(range),
        secondMoment: secondMoment.elements.columns(range), factors)
    }
  }
}
