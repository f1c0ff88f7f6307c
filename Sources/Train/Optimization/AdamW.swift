public import Model
public import RunLog

/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`.
public struct AdamW {
  private let settings: OptimizerSettings
  /// Running means of the gradient and of its square, laid out as the parameters.
  public let firstMoment: ParameterStore
  public let secondMoment: ParameterStore
  /// Steps taken so far.
  public private(set) var step = 0

  /// - Parameters:
  ///   - settings: decay, betas, epsilon and which tensors are not decayed.
  ///   - classifier: whose trainable parameters are optimised.
  public init(_ settings: OptimizerSettings, for classifier: Classifier) {
    self.settings = settings
    firstMoment = classifier.makeGradient()
    secondMoment = classifier.makeGradient()
    firstMoment.setZero()
    secondMoment.setZero()
  }

  /// Says how many steps the moments, as they are now, are the means of.
  mutating func resume(after steps: Int) { step = steps }

  /// Changes the parameters by one step.
  ///
  /// - Parameters:
  ///   - parameters: changed in place.
  ///   - gradient: laid out as the parameters.
  ///   - learningRate: of this step.
  ///   - pool: the threads that share the elements among them; each element is computed alone, so
  ///     their number changes no bit.
  public mutating func update(
    _ parameters: ParameterStore, gradient: ParameterStore, learningRate: Double,
    on pool: WorkerPool
  ) {
    step += 1
    let (step, settings) = (step, settings)
    let (firstMoment, secondMoment) = (firstMoment, secondMoment)
    // In pieces of 1 MB, so that no thread waits for another's large tensor.
    let pieceSize = 1 << 18
    let pieces = parameters.tensors.flatMap { tensor in
      stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: pieceSize).map {
        (tensor: tensor, range: $0..<min($0 + pieceSize, tensor.range.upperBound))
      }
    }
    pool.forEach(pieces.count) { index, _ in
      let (tensor, range) = pieces[index]
      adamW(
        parameters, gradient: gradient, firstMoment: firstMoment, secondMoment: secondMoment,
        range: range, step: step, learningRate: learningRate, beta1: settings.betas[0],
        beta2: settings.betas[1], epsilon: settings.epsilon,
        weightDecay: settings.weightDecay(of: tensor))
    }
  }
}

extension OptimizerSettings {
  /// How much a tensor decays; 0 if its name is excluded.
  ///
  /// DistilBERT calls most of its layer normalisations otherwise; the name that is usual in such lists means them all.
  func weightDecay(of tensor: ParameterStore.Tensor) -> Double {
    let isExcluded = excludeFromWeightDecay.contains {
      tensor.name.contains($0) || $0 == "LayerNorm" && tensor.role.isOfLayerNorm
    }
    return isExcluded ? 0 : weightDecay
  }
}
