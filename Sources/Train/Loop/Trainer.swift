internal import Metrics
internal import Model
public import RunLog
internal import Storage

/// Trains an experiment and records everything in a run directory.
public final class Trainer {
  private let preparation: Preparation
  private let run: RunDirectory
  private let cache: PrefixCache?
  private let engine: ComputeEngine
  private let interruption: Interruption
  private let watch: (TrainingEvent) -> Void

  private var experiment: Experiment { preparation.experiment }
  private var settings: TrainingSettings { preparation.experiment.training }

  /// - Parameters:
  ///   - preparation: data, tokenizer and model.
  ///   - run: a directory that holds no run yet.
  ///   - threads: at least 1.
  ///   - cache: where the frozen layers' output is kept for the next run; `nil` keeps none.
  ///   - interruption: looked at between blocks.
  ///   - watch: gets remarks, progress and results; called from one thread at a time.
  public init(
    _ preparation: Preparation, run: RunDirectory, threads: Int, cache: PrefixCache? = nil,
    interruption: Interruption, watch: @escaping (TrainingEvent) -> Void
  ) {
    (self.preparation, self.run, self.cache) = (preparation, run, cache)
    (self.interruption, self.watch) = (interruption, watch)
    engine = ComputeEngine(classifier: preparation.classifier, threads: threads)
  }

  /// Trains, evaluates after every epoch, and exports the selected epoch's model.
  ///
  /// - Throws: `Interrupted` if asked to stop, after recording that; `StorageError` if something
  ///   cannot be written.
  public func train() throws {
    let start = Clock.now
    try run.create()
    try AtomicFile.write(experiment.yaml, to: run.experiment)
    let hashes = try preparation.hashes()
    let environment = RunEnvironment.current(
      threads: engine.pool.threads, seed: settings.seed, hashes: hashes)
    try AtomicFile.write(environment.json.prettyText, to: run.environment)
    for dataset in preparation.datasets {
      try ExampleFacts.write(dataset.facts, to: run.examples(dataset.split))
    }
    let log = try RunLogWriter(run.log)
    try log.append(.runStarted(started()))
    for note in preparation.notes { watch(.note(note)) }

    var place = (epoch: 1, step: 0)
    do {
      let meter = ProgressMeter(preparation, watch: watch)
      let prefixStart = Clock.now
      let prefixes = try makePrefixes(meter, weights: hashes)
      let prefixSeconds = Clock.now - prefixStart
      if prefixes.count == preparation.datasets.count {
        engine.classifier.releaseFrozenParameters()
      }
      // Only now, so that its gradients and moments are not in memory beside the frozen layers.
      var state = TrainingState(preparation, engine: engine)
      var history = TrainingHistory(epochs: 0, learningRates: [])
      for epoch in 1...settings.epochs {
        place.epoch = epoch
        let record = try trainEpoch(
          epoch, &state, prefix: prefixes[preparation.training.split], log: log, meter: meter,
          completedStep: { place.step = $0 })
        let evaluations = try evaluate(epoch, prefixes, log: log, meter: meter)
        // The epoch's own record comes last: it says that all before it is complete.
        try log.append(.epoch(record.epoch))
        history.append(
          historyEntry(training: record, evaluations: evaluations),
          learningRate: record.epoch.learningRate)
        try history.write(to: run.history)
        state.note(
          sourceValidationAccuracy: evaluations.first {
            $0.0.split == Split(experiment.data.source.language, .validation)
          }?.0.accuracy, epoch: epoch, selection: experiment.select)
        watch(.epoch(record.epoch, evaluations.map(\.0)))
      }
      let selected = state.select()
      try engine.classifier.export(to: run.model)
      try log.append(
        .runFinished(
          RunFinished(
            time: Clock.timestamp, selectedEpoch: selected, seconds: Clock.now - start,
            peakMemoryBytes: Clock.peakMemoryBytes, prefixSeconds: prefixSeconds)))
    } catch is CancellationError {
      try log.append(.interrupted(epoch: place.epoch, step: place.step))
      throw Interrupted(epoch: place.epoch, step: place.step)
    }
  }

  private func started() -> RunStarted {
    let configuration = engine.classifier.configuration
    let counts = engine.classifier.parameterCounts
    return RunStarted(
      time: Clock.timestamp,
      checkpointName: checkpointName,
      checkpointLayers: configuration.layers, hiddenSize: configuration.hiddenSize,
      attentionHeads: configuration.heads, intermediateSize: configuration.intermediateSize,
      vocabularySize: configuration.vocabularySize, parameters: counts.total,
      trainableParameters: counts.trainable, notes: preparation.notes,
      stepsPerEpoch: preparation.stepsPerEpoch,
      splits: preparation.datasets.map { $0.splitFacts(classes: experiment.labels.count) })
  }

  /// What the report calls the checkpoint: its folder's name, since a path differs from machine to
  /// machine; the built-in one's path does not.
  private var checkpointName: String {
    let path = experiment.model.checkpoint
    if path.hasPrefix(Experiment.builtinPrefix) { return path }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The frozen layers' output of every split, found or computed.
  private func makePrefixes(
    _ meter: ProgressMeter, weights: [(name: String, sha256: String)]
  ) throws -> [Split: PrefixStore] {
    guard engine.classifier.hasCacheablePrefix else { return [:] }
    meter.begin("computing the frozen layers", cost: .prefix)
    let weights = weights.filter { $0.name.hasPrefix("checkpoint/") }.map(\.sha256)
    var result: [Split: PrefixStore] = [:]
    for dataset in preparation.datasets {
      let request = PrefixStore.Request(
        dataset: dataset, engine: engine, precision: experiment.model.prefixPrecision,
        blockTokens: settings.blockTokens, weights: weights.joined(separator: " "), cache: cache,
        scratchFolder: run.path)
      let store = try PrefixStore.make(
        request, interruption: interruption, note: { watch(.note($0)) }, progress: meter.add)
      result[dataset.split] = store
      if store?.wasFound == true { meter.add(dataset.tokens.count) }
    }
    return result
  }

  // MARK: One epoch

  private func trainEpoch(
    _ epoch: Int, _ state: inout TrainingState, prefix: PrefixStore?, log: RunLogWriter,
    meter: ProgressMeter, completedStep: (Int) -> Void
  ) throws -> (epoch: EpochRecord, evaluation: Evaluation) {
    meter.begin("epoch \(epoch) of \(settings.epochs), training", cost: .training)
    let start = Clock.now
    let multiplyAdds = engine.multiplyAdds
    let data = preparation.training
    var order = Array(0..<data.count)
    var stream = RandomStream(seed: settings.seed, name: "shuffle/\(epoch)")
    stream.shuffle(&order)
    let classes = experiment.labels.count
    var logits = [Float](repeating: 0, count: data.count * classes)
    var (lossSum, learningRate) = (0.0, 0.0)
    for (index, first) in stride(from: 0, to: data.count, by: settings.batchSize).enumerated() {
      let batch = Array(order[first..<min(first + settings.batchSize, data.count)])
      let stepStart = Clock.now
      let step = (epoch - 1) * preparation.stepsPerEpoch + index + 1
      learningRate = state.schedule.rate(step: step)
      let sums = try engine.sumGradient(
        of: batch, in: data, prefix: prefix, blockTokens: settings.blockTokens,
        dropout: DropoutKey(seed: UInt64(settings.seed), epoch: epoch),
        buffers: state.blockGradients, into: state.gradient, interruption: interruption,
        progress: meter.add)
      for (position, example) in batch.enumerated() {
        for label in 0..<classes {
          logits[example * classes + label] = sums.logits[position * classes + label]
        }
      }
      let norm = state.clipGradient(to: settings.gradientClipping)
      state.optimizer.update(
        engine.classifier.trainable, gradient: state.gradient, learningRate: learningRate,
        on: engine.pool)
      lossSum += sums.loss
      completedStep(step)
      try log.append(
        .step(
          StepRecord(
            epoch: epoch, step: step, learningRate: learningRate,
            loss: sums.loss / Double(batch.count), examples: batch.count, gradientNorm: norm,
            seconds: Clock.now - stepStart)))
    }
    let predictions = Predictions(
      classes: classes, logits: logits, labels: data.labels, ids: data.facts.map(\.id),
      mode: .running)
    try save(predictions, epoch: epoch, data.split)
    let evaluation = Evaluation(predictions)
    let record = EpochRecord(
      epoch: epoch, loss: lossSum / Double(data.count), accuracy: evaluation.accuracy,
      learningRate: learningRate, examples: data.count, tokens: data.tokens.count,
      seconds: Clock.now - start, multiplyAdds: Double(engine.multiplyAdds - multiplyAdds))
    return (record, evaluation)
  }

  private func evaluate(
    _ epoch: Int, _ prefixes: [Split: PrefixStore], log: RunLogWriter, meter: ProgressMeter
  ) throws -> [(EvaluationRecord, Evaluation)] {
    meter.begin("epoch \(epoch) of \(settings.epochs), evaluating", cost: .evaluation)
    var result: [(EvaluationRecord, Evaluation)] = []
    for dataset in preparation.datasets where dataset.split.part != .train {
      let start = Clock.now
      let evaluation = Evaluation(
        try Evaluation.predict(
          dataset, engine: engine, prefix: prefixes[dataset.split],
          blockTokens: settings.blockTokens, interruption: interruption, progress: meter.add))
      try save(evaluation.predictions, epoch: epoch, dataset.split)
      let record = EvaluationRecord(
        epoch: epoch, split: dataset.split, examples: dataset.count, loss: evaluation.loss,
        accuracy: evaluation.accuracy, seconds: Clock.now - start)
      try log.append(.evaluation(record))
      result.append((record, evaluation))
    }
    return result
  }

  /// An epoch in the layout of training_history.json, which knows validation only.
  private func historyEntry(
    training: (epoch: EpochRecord, evaluation: Evaluation),
    evaluations: [(EvaluationRecord, Evaluation)]
  ) -> [(role: TrainingHistory.Role, values: TrainingHistory.Values)] {
    var entry: [(role: TrainingHistory.Role, values: TrainingHistory.Values)] = [
      (
        .training,
        TrainingHistory.Values(
          loss: training.epoch.loss, accuracy: training.evaluation.accuracy,
          macroF1: training.evaluation.macroF1)
      )
    ]
    let source = experiment.data.source.language
    let firstTarget = experiment.data.targets.first?.language
    for (record, evaluation) in evaluations where record.split.part == .validation {
      let role: TrainingHistory.Role =
        switch record.split.language {
        case source: .source
        case firstTarget: .firstTarget
        case let code: .target(code)
        }
      entry.append(
        (
          role,
          TrainingHistory.Values(
            loss: evaluation.loss, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1)
        ))
    }
    return entry
  }

  private func save(_ predictions: Predictions, epoch: Int, _ split: Split) throws {
    try makeFolder(run.predictions(epoch: epoch))
    try predictions.write(to: run.predictions(epoch: epoch, split))
  }
}
