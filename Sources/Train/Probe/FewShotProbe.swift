internal import Model
public import RunLog
internal import Storage

/// Logistic regressions on draws of a target's training examples: what a few labels are worth without any fine-tuning.
///
/// Each reads what the last kept layer of the checkpoint, before training, makes of a text, as `Probe` does, and is fitted to
/// one draw alone. C is chosen on source validation, so that no further label of the target is used.
public struct FewShotProbe {
  private let preparation: Preparation
  private let threads: Int
  private let interruption: Interruption

  /// - Parameters:
  ///   - preparation: of `Probe.experiment` of what `FewShotPlan.probeExperiment` gave.
  ///   - threads: at least 1.
  ///   - interruption: looked at between blocks and between passes over the examples.
  public init(
    _ preparation: Preparation, threads: Int, interruption: Interruption = Interruption()
  ) {
    (self.preparation, self.threads, self.interruption) = (preparation, threads, interruption)
  }

  /// A hash of all that the regressions depend on.
  ///
  /// - Parameters:
  ///   - experiment: what `Probe.experiment` of the plan's gave.
  ///   - locate: turns a configured path into one that can be opened.
  /// - Returns: 64 hexadecimal digits.
  /// - Throws: `StorageError` if a file cannot be read.
  public static func identity(
    _ experiment: Experiment, locate: @escaping @Sendable (String) throws -> String
  ) throws -> String {
    let hashes = try Preparation.hashes(
      experiment, checkpoint: locate(experiment.model.checkpoint), locate: locate)
    let model = experiment.model
    let settings = [
      "layers=\(model.encoderLayers)", "tokenizer=\(model.tokenizer.rawValue)",
      "max_length=\(experiment.data.maxLength)", "labels=\(experiment.labels)",
      "block_tokens=\(experiment.training.blockTokens)", "strengths=\(Probe.strengths)",
      "tolerance=\(Probe.tolerance)",
    ]
    let lines = settings + hashes.map { "\($0.name)=\($0.sha256)" }
    return SHA256.hex(of: Array(lines.joined(separator: "\n").utf8))
  }

  /// Fits a regression to every draw.
  ///
  /// - Parameters:
  ///   - perClass: numbers of examples of each class, at most as many as there are.
  ///   - draws: how many of each number.
  ///   - scratchFolder: on whose disk the layer's output goes while it is read.
  ///   - each: gets each regression and its predictions of the target's test split.
  /// - Throws: `CancellationError` if interrupted; `TooLittleMemory`; `RunLogError` if the layer's output is not finite;
  ///   `StorageError`; what `each` throws.
  public func fit(
    perClass: [Int], draws: Int, scratchFolder: String,
    each: (FewShotProbeRecord.Fit, Predictions) throws -> Void
  ) throws {
    let experiment = preparation.experiment
    let classes = experiment.labels.count
    let target = experiment.data.source.language
    let wanted = [Split(target, .train), Split(target, .test)]
    let validation = preparation.datasets.filter {
      $0.split.language != target && $0.split.part == .validation
    }
    // Of several sources on the examples of all of them together.
    let chosenOn =
      validation.count < 2
      ? validation : [Dataset(pooling: validation, as: Split("sources", .validation))]
    let datasets =
      try wanted.map { split in
        guard let found = preparation.datasets.first(where: { $0.split == split }) else {
          throw RunLogError(file: experiment.name, "has no data for \(split).")
        }
        return found
      } + chosenOn
    let most = datasets.map(\.count).max() ?? 0
    let backend = preparation.computing.backend(preparation.classifier, threads: threads)
    let watch = Watch(interruption)
    let pooled = try datasets.map {
      try PooledFeatures(
        $0, on: backend, blockTokens: experiment.training.blockTokens, in: scratchFolder, watch)
    }
    backend.releaseFrozenParameters()
    try MemoryCheck(need: .probing(numbers: 3 * most * pooled[0].columns)).check()
    let layer = experiment.model.encoderLayers
    let features = try pooled.map { try $0.features(layer: layer) }
    for (matrix, dataset) in zip(features, datasets) {
      try Probe.checkIsFinite(
        matrix, of: layer, dataset.split, in: preparation.checkpointFolder)
    }
    let pool = WorkerPool(threads: threads)
    for count in perClass {
      for draw in 1...draws {
        let rows = balancedSubset(
          labels: datasets[0].labels, count: count, classes: classes, seed: draw)
        let (fit, predictions) = try regression(
          on: rows, features, datasets, on: pool, classes: classes)
        try each(
          FewShotProbeRecord.Fit(
            perClass: count, draw: draw, strength: fit.strength,
            hasConverged: fit.model.hasConverged, predictions: predictions), predictions)
      }
    }
  }

  /// The regression on a draw, of the strength that does best on source validation.
  ///
  /// - Parameters:
  ///   - rows: the draw.
  ///   - features: of the training examples, the test examples and source validation.
  ///   - datasets: theirs.
  ///   - pool: threads that compute.
  ///   - classes: how many there are.
  /// - Returns: the regression with its C, and what it says about the test examples.
  /// - Throws: `CancellationError` if interrupted.
  private func regression(
    on rows: [Int], _ features: [FeatureMatrix], _ datasets: [Dataset], on pool: WorkerPool,
    classes: Int
  ) throws -> ((strength: Double, model: LogisticRegression), Predictions) {
    let columns = features[0].columns
    var training = FeatureMatrix(
      rows.flatMap { features[0].elements[$0 * columns..<($0 + 1) * columns] }, columns: columns)
    let standardization = Standardization(training)
    standardization.apply(to: &training)
    var (test, validation) = (features[1], features[2])
    standardization.apply(to: &test)
    standardization.apply(to: &validation)
    let labels = rows.map { datasets[0].labels[$0] }
    var best: (strength: Double, model: LogisticRegression, accuracy: Double)?
    var last: LogisticRegression?
    for strength in Probe.strengths {
      let model = try LogisticRegression(
        training, labels: labels, classes: classes, strength: strength,
        tolerance: Probe.tolerance, from: last, on: pool,
        check: { if interruption.isRequested { throw CancellationError() } })
      let accuracy = Probe.evaluation(of: model, datasets[2], validation).accuracy
      if best.map({ accuracy > $0.accuracy }) ?? true { best = (strength, model, accuracy) }
      last = model
    }
    guard let best else {
      // Unreachable: there are strengths to try.
      preconditionFailure("no strength was tried")
    }
    return (
      (best.strength, best.model), Probe.evaluation(of: best.model, datasets[1], test).predictions
    )
  }
}
