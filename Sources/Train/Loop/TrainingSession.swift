internal import Model
internal import RunLog
internal import Storage

/// A run being trained by this process: the loop over epochs and steps, and when its state is saved.
struct TrainingSession {
  private(set) var state: TrainingState
  let log: RunLogWriter
  let checkpoints: CheckpointFolder
  let backend: any Backend
  private let prefixes: [Split: PrefixStore]
  let meter: ProgressMeter
  private let start: Double
  private let prefixSeconds: Double
  private var history: TrainingHistory
  private let hasStoredPrefixes: Bool
  /// The log up to the state: evaluations of an epoch that is not complete are no part of it.
  private var logExtent: RunLogExtent
  private var savedPosition: TrainingPosition
  private var lastSave = Clock.now
  private var lastHistory = -Double.infinity

  /// - Parameters:
  ///   - state: from the start or from a checkpoint.
  ///   - log: open, and right up to the state.
  ///   - checkpoints: where the state is saved.
  ///   - backend: ready to train, with the state's parameters and moments.
  ///   - prefixes: the splits' stored prefixes.
  ///   - meter: gets the work done.
  ///   - start: when this process began to work, of `Clock.now`.
  ///   - prefixSeconds: how long it took to find or compute the prefixes.
  ///   - history: of the epochs complete in the state.
  ///   - hasStoredPrefixes: whether every split has one.
  init(
    state: TrainingState, log: RunLogWriter, checkpoints: CheckpointFolder,
    backend: any Backend, prefixes: [Split: PrefixStore], meter: ProgressMeter, start: Double,
    prefixSeconds: Double,
    history: TrainingHistory, hasStoredPrefixes: Bool
  ) {
    (self.state, self.log, self.checkpoints) = (state, log, checkpoints)
    self.backend = backend
    (self.prefixes, self.meter, self.start) = (prefixes, meter, start)
    (self.prefixSeconds, self.history) = (prefixSeconds, history)
    self.hasStoredPrefixes = hasStoredPrefixes
    savedPosition = state.position
    logExtent = log.extent
  }

  /// Seconds of work, those of earlier processes included.
  private var seconds: Double { state.earlierSeconds + Clock.now - start }

  /// Trains and evaluates the epochs that are left, and exports the model.
  ///
  /// - Throws: `CancellationError` if interrupted; the state is then that of the last complete step.
  mutating func finish(in trainer: Trainer, watch: (TrainingEvent) -> Void) throws {
    meter.skip(state.position, stepsPerEpoch: trainer.preparation.stepsPerEpoch)
    while state.position.epochs < trainer.settings.epochs {
      try trainEpoch(in: trainer, watch: watch)
    }
    let average = try evaluateAverage(in: trainer, watch: watch)
    let selected: Weights
    if let average, trainer.experiment.select == .average {
      selected = .average(average.epochs)
    } else {
      if let average, !state.keepsBest { try average.last.restore(.parameters, of: backend) }
      selected = .epoch(try state.select(on: backend))
    }
    if trainer.experiment.select == .bestSourceValidation, !state.hasSelectable {
      watch(
        .note(
          "no epoch has an answer for every example of source validation, so none can be "
            + "selected; the last is exported as it is."))
    }
    try backend.export(to: trainer.run.model)
    // The checkpoint's own files would be read as the class says; these state the same steps in any case.
    if trainer.experiment.model.tokenizer == .tokenizerJSON {
      try trainer.preparation.tokenizer.write(to: trainer.run.model, modelMaxLength: nil)
      try trainer.preparation.classifier.stateLongestText(in: trainer.run.model)
    }
    try log.append(
      .runFinished(
        RunFinished(
          time: Clock.timestamp, selected: selected, seconds: seconds,
          peakMemoryBytes: Clock.peakMemoryBytes,
          prefixSeconds: state.earlierPrefixSeconds + prefixSeconds, logSHA256: log.extent.sha256)))
  }

  /// Saves the state, unless it is saved already.
  ///
  /// - Throws: `StorageError` if the disk does not take it.
  mutating func save() throws {
    guard state.position != savedPosition else { return }
    // A checkpoint counts on the log until here.
    try log.sync()
    try checkpoints.save(
      state, of: backend,
      checkpoints.circumstances(
        log: logExtent, seconds: seconds, prefixSeconds: state.earlierPrefixSeconds + prefixSeconds,
        hasStoredPrefixes: hasStoredPrefixes))
    let name = checkpoints.name(state.position)
    let isWithinEpoch = name.contains("step")
    try log.append(
      .checkpoint(
        epoch: isWithinEpoch ? state.position.epochs + 1 : state.position.epochs,
        step: state.position.steps, path: "checkpoints/\(name)", logSHA256: log.extent.sha256))
    try checkpoints.prune(bestEpoch: state.best?.epoch)
    savedPosition = state.position
    lastSave = Clock.now
  }

  /// Writes the history of the epochs that are complete.
  ///
  /// - Throws: `StorageError` if the disk does not take it.
  mutating func writeHistory(_ run: RunDirectory) throws {
    guard history.epochs > 0 else { return }
    try history.write(to: run.history)
    lastHistory = Clock.now
  }

  private func isCheckpointDue(_ interval: CheckpointInterval) -> Bool {
    switch interval {
    case .steps(let steps): state.position.steps % steps == 0
    case .minutes(let minutes): Clock.now - lastSave >= 60 * minutes
    }
  }

  // MARK: One epoch

  private mutating func trainEpoch(in trainer: Trainer, watch: (TrainingEvent) -> Void) throws {
    let (settings, data) = (trainer.settings, trainer.preparation.training)
    let epoch = state.position.epochs + 1
    let stepsPerEpoch = trainer.preparation.stepsPerEpoch
    meter.begin("epoch \(epoch) of \(settings.epochs), training", cost: .training)
    var order = Array(0..<data.count)
    var stream = RandomStream(seed: settings.seed, name: "shuffle/\(epoch)")
    stream.shuffle(&order)
    for index in (state.position.steps - (epoch - 1) * stepsPerEpoch)..<stepsPerEpoch {
      let first = index * settings.batchSize
      let batch = Array(order[first..<min(first + settings.batchSize, data.count)])
      try takeStep(batch, in: trainer)
      if index + 1 < stepsPerEpoch, isCheckpointDue(settings.checkpointInterval) { try save() }
    }

    let predictions = Predictions(
      classes: trainer.experiment.labels.count, logits: state.running.logits, labels: data.labels,
      ids: data.facts.map(\.id), mode: .running)
    try write(predictions, with: .epoch(epoch), data.split, in: trainer)
    var hashes = [RunSeal.hash(of: predictions, with: .epoch(epoch), data.split)]
    var evaluations = [(split: data.split, evaluation: Evaluation(predictions))]
    let record = EpochRecord(
      epoch: epoch, loss: state.running.lossSum / Double(data.count),
      accuracy: evaluations[0].evaluation.accuracy,
      learningRate: state.schedule.rate(step: state.position.steps), examples: data.count,
      tokens: data.tokens.count, seconds: state.running.seconds,
      multiplyAdds: Double(state.running.multiplyAdds))
    meter.begin("epoch \(epoch) of \(settings.epochs), evaluating", cost: .evaluation)
    var records: [EvaluationRecord] = []
    let scores = try evaluate(with: .epoch(epoch), in: trainer) { split, evaluation, seconds in
      let record = EvaluationRecord(
        epoch: epoch, split: split, examples: evaluation.predictions.count, loss: evaluation.loss,
        accuracy: evaluation.accuracy, seconds: seconds)
      records.append(record)
      return .evaluation(record)
    }
    evaluations += scores
    hashes += scores.map {
      RunSeal.hash(of: $0.evaluation.predictions, with: .epoch(epoch), $0.split)
    }
    try log.append(.files(hashes))
    // The epoch's own record comes last: it says that all before it is complete, names included.
    try syncFolder(of: trainer.run.predictions(epoch: epoch, data.split))
    try log.append(.epoch(record))
    trainer.append(record, evaluations, to: &history)
    // It grows with the epochs, so writing it after each of very many would take most of the time.
    if Clock.now - lastHistory >= 1 || epoch == settings.epochs { try writeHistory(trainer.run) }
    let source = Split(trainer.experiment.data.source.language, .validation)
    // A network that does not answer is not the one to choose, whatever it scores.
    let selectable = scores.first { $0.split == source && $0.evaluation.unanswered == 0 }
    try state.completeEpoch(
      sourceValidationAccuracy: selectable?.evaluation.accuracy, on: backend)
    logExtent = log.extent
    try save()
    for dataset in trainer.preparation.datasets {
      if let note = prefixes[dataset.split]?.discardIfDamaged() { watch(.note(note)) }
    }
    watch(.epoch(record, records))
    tellUnanswered("after epoch \(epoch)", evaluations, watch)
  }

  /// Says of which splits examples have no answer.
  func tellUnanswered(
    _ when: String, _ evaluations: [(split: Split, evaluation: Evaluation)],
    _ watch: (TrainingEvent) -> Void
  ) {
    for (split, evaluation) in evaluations where evaluation.unanswered > 0 {
      watch(
        .note(
          "\(when) \(evaluation.unanswered) of \(evaluation.predictions.count) examples "
            + "of \(split) have no answer: their logits are not finite numbers. They count as wrong."
        ))
    }
  }

  /// Makes one optimiser step and logs it.
  private mutating func takeStep(_ batch: [Int], in trainer: Trainer) throws {
    let settings = trainer.settings
    let data = trainer.preparation.training
    let stepStart = Clock.now
    let multiplyAdds = backend.multiplyAdds
    let (epoch, step) = (state.position.epochs + 1, state.position.steps + 1)
    let learningRate = state.schedule.rate(step: step)
    let sums = try backend.gradient(
      of: Blocks(
        batch, of: data, prefix: prefixes[data.split], blockTokens: settings.blockTokens),
      labels: batch.map { data.labels[$0] },
      dropout: DropoutKey(seed: UInt64(settings.seed), epoch: epoch),
      Watch(trainer.interruption, progress: meter.add))
    let norm = try backend.gradientNorm
    let loss = sums.lossSum / Double(batch.count)
    if loss.isFinite, norm.isFinite {
      try backend.step(
        learningRate: learningRate,
        gradientFactor: clippingFactor(norm, limit: settings.gradientClipping))
    } else {
      let record = NonFiniteRecord(
        epoch: epoch, step: step, loss: loss, gradientNorm: norm, action: settings.nonFinite)
      if settings.nonFinite == .stop {
        try save()
        try log.append(.nonFinite(record))
        throw NonFiniteStop(record)
      }
      try log.append(.nonFinite(record))
    }
    let classes = trainer.experiment.labels.count
    for (position, example) in batch.enumerated() {
      for label in 0..<classes {
        state.running.logits[example * classes + label] = sums.logits[position * classes + label]
      }
    }
    let seconds = Clock.now - stepStart
    state.running.lossSum += sums.lossSum
    state.running.seconds += seconds
    state.running.multiplyAdds += backend.multiplyAdds - multiplyAdds
    state.position.steps = step
    try log.append(
      .step(
        StepRecord(
          epoch: epoch, step: step, learningRate: learningRate, loss: loss,
          examples: batch.count, gradientNorm: norm, seconds: seconds)))
    logExtent = log.extent
  }

  /// What a gradient is multiplied by so that its norm is at most `limit`, as `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Parameters:
  ///   - norm: the gradient's, finite.
  ///   - limit: the largest norm, or `nil` for no limit.
  /// - Returns: at most 1.
  private func clippingFactor(_ norm: Double, limit: Double?) -> Float {
    guard let limit else { return 1 }
    // PyTorch's guard against division by zero.
    return Float(min(1, limit / (norm + 1e-6)))
  }

  /// Scores every validation and test split with the parameters as they are, and stores what they say.
  ///
  /// - Parameters:
  ///   - weights: whose they are.
  ///   - trainer: whose data.
  ///   - record: what the log shall say, from a split, its evaluation and the seconds that took.
  /// - Returns: the splits' evaluations, in the order of the data.
  /// - Throws: `CancellationError` if interrupted; `StorageError` if the disk does not take it.
  func evaluate(
    with weights: Weights, in trainer: Trainer, record: (Split, Evaluation, Double) -> LogRecord
  ) throws -> [(split: Split, evaluation: Evaluation)] {
    var result: [(split: Split, evaluation: Evaluation)] = []
    for dataset in trainer.preparation.datasets where dataset.split.part != .train {
      let start = Clock.now
      let evaluation = Evaluation(
        try Evaluation.predict(
          dataset, on: backend, prefix: prefixes[dataset.split],
          blockTokens: trainer.settings.blockTokens,
          Watch(trainer.interruption, progress: meter.add)))
      try write(evaluation.predictions, with: weights, dataset.split, in: trainer)
      try log.append(record(dataset.split, evaluation, Clock.now - start))
      result.append((dataset.split, evaluation))
    }
    return result
  }

  private func write(
    _ predictions: Predictions, with weights: Weights, _ split: Split, in trainer: Trainer
  ) throws {
    try makeFolder(trainer.run.predictions(weights))
    try predictions.write(
      to: trainer.run.predictions(weights, split), syncingFolder: false)
  }
}

/// Training stopped, since the loss or the gradient of a step was not finite.
public struct NonFiniteStop: Error, CustomStringConvertible {
  private let record: NonFiniteRecord

  init(_ record: NonFiniteRecord) { self.record = record }

  public var description: String {
    let what =
      record.loss.isFinite
      ? "the gradient's norm is \(record.gradientNorm)" : "the loss is \(record.loss)"
    return
      "stopped before step \(record.step) in epoch \(record.epoch): \(what). The state before it is "
      + "saved. Train again with a lower training.optimizer.learning_rate or with "
      + "training.gradient_clipping, or leave such steps out with training.non_finite=skip_step."
  }
}
