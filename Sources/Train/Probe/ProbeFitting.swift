internal import Model
internal import RunLog
internal import Storage

/// Fits logistic regressions to pooled features, one layer at a time: source validation chooses the strength.
struct ProbeFitting {
  /// The training data's features come first, then source validation's, then the others'.
  private let training: PooledFeatures
  private let others: [PooledFeatures]
  private let classes: Int
  private let pool: WorkerPool
  private let checkpoint: String
  private let interruption: Interruption

  /// - Parameters:
  ///   - training: what is fitted to.
  ///   - others: what is scored; source validation first, which chooses.
  ///   - classes: at least 2.
  ///   - threads: at least 1.
  ///   - checkpoint: what errors call the weights.
  ///   - interruption: looked at between passes over the examples.
  init(
    training: PooledFeatures, others: [PooledFeatures], classes: Int, threads: Int,
    checkpoint: String, interruption: Interruption
  ) {
    (self.training, self.others, self.classes) = (training, others, classes)
    (pool, self.checkpoint) = (WorkerPool(threads: threads), checkpoint)
    self.interruption = interruption
  }

  /// Fits a regression to a layer's output and scores every other split.
  ///
  /// - Parameter layer: one whose features are kept.
  /// - Returns: the fit with its scores.
  /// - Throws: `CancellationError` if interrupted; `NonFiniteOutput`; `StorageError`.
  func fit(_ layer: Int) throws -> Probe.Layer {
    let best = try choose(layer)
    let rest = try others.dropFirst().map { pooled in
      let features = try features(of: pooled, layer, best.standardization)
      return (pooled.dataset.split, evaluation(of: best.model, pooled.dataset, features))
    }
    return Probe.Layer(
      number: layer, strength: best.strength, iterations: best.iterations,
      hasConverged: best.model.hasConverged,
      evaluations: [(others[0].dataset.split, best.validation)] + rest)
  }

  private struct Choice {
    var strength: Double
    var model: LogisticRegression
    var validation: Evaluation
    /// Over all strengths.
    var iterations = 0
    let standardization: Standardization
  }

  /// The strength with the highest accuracy on source validation, the smallest of equally good ones.
  ///
  /// A function of its own, so that the training examples' features are given back before others' are read.
  private func choose(_ layer: Int) throws -> Choice {
    var features = try training.features(layer: layer)
    let odd = features.elements.count { !$0.isFinite }
    guard odd == 0 else {
      throw NonFiniteOutput(layer: layer, count: odd, checkpoint: checkpoint)
    }
    let standardization = Standardization(features)
    standardization.apply(to: &features)
    let validation = try self.features(of: others[0], layer, standardization)
    var best: Choice?
    var (last, iterations) = (LogisticRegression?.none, 0)
    for strength in Probe.strengths {
      let model = try LogisticRegression(
        features, labels: training.dataset.labels, classes: classes, strength: strength,
        tolerance: Probe.tolerance, from: last, on: pool,
        check: { if interruption.isRequested { throw CancellationError() } })
      let evaluation = evaluation(of: model, others[0].dataset, validation)
      iterations += model.iterations
      if best.map({ evaluation.accuracy > $0.validation.accuracy }) ?? true {
        best = Choice(
          strength: strength, model: model, validation: evaluation,
          standardization: standardization)
      }
      last = model
    }
    guard var best else {
      // Unreachable: there are strengths to try.
      preconditionFailure("no strength was tried")
    }
    best.iterations = iterations
    return best
  }

  private func features(
    of pooled: PooledFeatures, _ layer: Int, _ standardization: Standardization
  ) throws -> FeatureMatrix {
    var features = try pooled.features(layer: layer)
    standardization.apply(to: &features)
    return features
  }

  private func evaluation(
    of model: LogisticRegression, _ dataset: Dataset, _ features: FeatureMatrix
  ) -> Evaluation {
    Evaluation(
      Predictions(
        classes: model.classes, logits: model.logits(of: features), labels: dataset.labels,
        ids: dataset.facts.map(\.id), mode: .evaluation))
  }
}

/// A layer's output for the training examples holds numbers that are not finite, so that nothing can be fitted to it.
struct NonFiniteOutput: Error, CustomStringConvertible {
  let layer: Int
  let count: Int
  let checkpoint: String

  /// Half a sentence.
  var reason: String {
    "the output for the training examples has \(count) numbers that are not finite, so that nothing can be fitted to it"
  }

  var description: String {
    "\(checkpoint): the output of \(layer == 0 ? "the embeddings" : "layer \(layer)") for the training examples has "
      + "\(count) numbers that are not finite, so that nothing can be fitted to it; the weights are "
      + "damaged, or they do not belong to config.json."
  }
}
