internal import Model
internal import RunLog
internal import Storage

/// Fits a run's baselines before its first step, while the weights are still the checkpoint's.
///
/// It draws no random numbers and changes nothing that training reads, so a run has the same bits with and without it. What
/// is whole is kept: a run that goes on fits again only what is missing or damaged, from the checkpoint's weights.
struct BaselineTraining {
  let preparation: Preparation
  let run: RunDirectory
  let backend: any Backend
  let threads: Int
  let interruption: Interruption
  let meter: ProgressMeter
  let note: (String) -> Void

  private var experiment: Experiment { preparation.experiment }
  private var datasets: [Dataset] { preparation.datasets }

  /// Fits what is not there yet.
  ///
  /// - Parameters:
  ///   - records: of the log, as far as the run has come.
  ///   - prefixes: the splits' stored output of the frozen layers.
  ///   - log: gets what is not in it.
  ///   - release: gives back what only the frozen layers need; called once they are not needed.
  /// - Throws: `CancellationError` if interrupted; `StorageError`.
  func complete(
    _ records: [LogRecord], _ prefixes: [Split: PrefixStore], _ log: RunLogWriter,
    release: () -> Void
  ) throws {
    let plan = preparation.baselines
    guard plan.isWanted, !Self.areWhole(records, preparation, in: run) else {
      meter.skipBaselines()
      return release()
    }
    let seal = RunSeal(records)
    var fitted: [Int] = []
    var leftOut = plan.leftOut
    var seconds = 0.0
    let multiplyAdds: Int
    if let work = plan.work {
      let start = Clock.now
      let pooled: [PooledFeatures]
      (pooled, multiplyAdds) = try pool(work, prefixes)
      release()
      seconds = Clock.now - start
      let fitting = ProbeFitting(
        training: pooled[0], others: Array(pooled.dropFirst()), classes: experiment.labels.count,
        threads: threads, checkpoint: preparation.checkpointFolder, interruption: interruption)
      for layer in work.layers {
        meter.begin("fitting a baseline to layer \(layer)", cost: .baselines)
        let start = Clock.now
        do {
          let probe = try fitting.fit(layer)
          try store(probe, features: pooled[0].columns, since: start, seal, log)
          fitted.append(layer)
        } catch let error as NonFiniteOutput {
          note("No baseline of layer \(layer): \(error.reason).")
          leftOut.append(BaselinesRecord.LeftOut(layers: [layer], reason: error.reason))
        }
      }
    } else {
      multiplyAdds = 0
      meter.skipBaselines()
      release()
    }
    for entry in plan.leftOut {
      note(
        "Baselines of \(entry.layers.map { "layer \($0)" }.joined(separator: ", ")) are left out: \(entry.reason)."
      )
    }
    let isKnown = records.contains { if case .baselines = $0 { true } else { false } }
    if isKnown { return }
    try log.append(
      .baselines(
        BaselinesRecord(
          layers: fitted, leftOut: leftOut,
          tokens: plan.work == nil ? 0 : datasets.reduce(0) { $0 + $1.tokens.count },
          multiplyAdds: Double(multiplyAdds), seconds: seconds)))
  }

  /// What every layer makes of every example, and the multiply-adds that it took.
  private func pool(
    _ work: BaselineWork, _ prefixes: [Split: PrefixStore]
  ) throws -> ([PooledFeatures], Int) {
    var backend = backend
    if let network = work.network {
      let classifier = try Classifier.load(
        directory: preparation.checkpointFolder, fineTuning: network.fineTuning,
        usedTokens: Set(datasets.lazy.flatMap(\.tokens)).sorted()
      ).classifier
      backend = preparation.computing.backend(classifier, threads: threads)
    }
    let before = backend.multiplyAdds
    let features = try datasets.map { dataset in
      meter.begin("encoding \(dataset.split) for the baselines", cost: .baselines)
      return try PooledFeatures(
        dataset, prefix: work.startsFromStored ? prefixes[dataset.split] : nil, layers: work.layers,
        on: backend, blockTokens: experiment.training.blockTokens, in: run.path,
        Watch(interruption, progress: meter.add))
    }
    return (features, backend.multiplyAdds - before)
  }

  /// Writes a baseline's predictions, and logs what the log does not say yet.
  private func store(
    _ probe: Probe.Layer, features: Int, since start: Double, _ seal: RunSeal, _ log: RunLogWriter
  ) throws {
    let folder = run.baseline(layer: probe.number)
    try makeFolder(folder)
    for (split, evaluation) in probe.evaluations {
      try evaluation.predictions.write(
        to: run.baseline(layer: probe.number, split), syncingFolder: false)
    }
    try syncFolder(of: run.baseline(layer: probe.number, probe.evaluations[0].split))
    let hashes = probe.evaluations.map {
      RunSeal.hash(of: $0.evaluation.predictions, layer: probe.number, $0.split)
    }
    if hashes.allSatisfy(seal.holds) { return }
    try log.append(.files(hashes))
    try log.append(
      .baselineFitted(
        BaselineRecord(
          layer: probe.number, strength: probe.strength, iterations: probe.iterations,
          hasConverged: probe.hasConverged, examples: preparation.training.count,
          features: features, seconds: Clock.now - start)))
  }

  /// Whether every baseline that the log tells of is there, as it was written.
  static func areWhole(
    _ records: [LogRecord], _ preparation: Preparation, in run: RunDirectory
  ) -> Bool {
    guard preparation.baselines.isWanted else { return true }
    let all = records.compactMap { record -> BaselinesRecord? in
      if case .baselines(let record) = record { record } else { nil }
    }
    guard let last = all.last else { return false }
    let seal = RunSeal(records)
    return last.layers.allSatisfy { layer in
      preparation.datasets.dropFirst().allSatisfy { dataset in
        guard
          let predictions = try? Predictions.read(
            run.baseline(layer: layer, dataset.split),
            classes: preparation.experiment.labels.count)
        else { return false }
        return predictions.labels == dataset.labels
          && seal.holds(RunSeal.hash(of: predictions, layer: layer, dataset.split))
      }
    }
  }
}
