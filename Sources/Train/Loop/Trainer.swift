internal import Metrics
internal import Model
public import RunLog
internal import Storage

/// Trains an experiment and records everything in a run directory.
///
/// Whoever calls it holds the directory's lock.
public final class Trainer {
  let preparation: Preparation
  let run: RunDirectory
  private let cache: PrefixCache?
  let backend: any Backend
  let interruption: Interruption
  private let watch: (TrainingEvent) -> Void
  private let ranks: [RunEnvironment.Rank]
  private let start = Clock.now

  var experiment: Experiment { preparation.experiment }
  var settings: TrainingSettings { preparation.experiment.training }
  private var averagedEpochs: ClosedRange<Int>? {
    experiment.average?.range(upTo: settings.epochs)
  }

  /// - Parameters:
  ///   - preparation: data, tokenizer and model.
  ///   - run: a directory that holds no run yet, or the one to go on with.
  ///   - threads: at least 1.
  ///   - cache: where the frozen layers' output is kept for the next run; `nil` keeps none.
  ///   - team: the processes that train together, all of which have agreed on the preparation; this one is the first.
  ///   - interruption: looked at between blocks.
  ///   - watch: gets remarks, progress and results; called from one thread at a time.
  public convenience init(
    _ preparation: Preparation, run: RunDirectory, threads: Int, cache: PrefixCache? = nil,
    team: RankTeam? = nil, interruption: Interruption, watch: @escaping (TrainingEvent) -> Void
  ) {
    self.init(
      preparation, run: run,
      on: team?.backend(preparation)
        ?? preparation.computing.backend(preparation.classifier, threads: threads),
      cache: cache, ranks: team?.ranks ?? [], interruption: interruption, watch: watch)
  }

  /// - Parameters:
  ///   - preparation: data, tokenizer and model.
  ///   - run: as above.
  ///   - backend: what computes; it holds the preparation's network.
  ///   - cache: as above.
  ///   - ranks: the processes that train together, for the record.
  ///   - interruption: as above.
  ///   - watch: as above.
  package init(
    _ preparation: Preparation, run: RunDirectory, on backend: any Backend,
    cache: PrefixCache? = nil, ranks: [RunEnvironment.Rank] = [], interruption: Interruption,
    watch: @escaping (TrainingEvent) -> Void
  ) {
    (self.preparation, self.run, self.cache) = (preparation, run, cache)
    (self.backend, self.interruption, self.watch) = (backend, interruption, watch)
    self.ranks = ranks
  }

  // MARK: Beginning and going on

  /// Trains, evaluates after every epoch, and exports the selected epoch's model.
  ///
  /// - Throws: `Interrupted` if asked to stop, after saving the state; `NonFiniteStop` likewise;
  ///   `StorageError` if something cannot be written.
  public func train() throws {
    try begin(RunIdentity(experiment: experiment, hashes: preparation.hashes()))
  }

  private func begin(_ identity: RunIdentity) throws {
    try run.create()
    run.removeLeftovers()
    try writeConfiguration()
    var environment = RunEnvironment.current(
      backend.identity, tokenizer: preparation.tokenizer, seed: settings.seed,
      hubModel: preparation.hubModel, hashes: identity.hashes)
    environment.ranks = ranks
    try AtomicFile.write(environment.json.prettyText, to: run.environment)
    try writeExamples()
    let checkpoints = CheckpointFolder(
      run, identity: identity.sha256, stepsPerEpoch: preparation.stepsPerEpoch,
      averagedEpochs: averagedEpochs)
    try checkpoints.clear(after: nil)
    let log = try RunLogWriter(run.log)
    try log.append(.runStarted(started()))
    try log.append(.files(fileHashes()))
    try proceed(log, checkpoints, hashes: identity.hashes, from: nil)
  }

  /// Goes on with a run that was interrupted, to the same bits as if it had not been.
  ///
  /// It goes on from the latest checkpoint with which everything is as it was written, and from the
  /// start if there is none; what is missing after the last epoch (the model) is made.
  ///
  /// - Parameter mayExtend: whether the experiment may have more epochs than the run began with.
  /// - Returns: whether there was anything to do.
  /// - Throws: `ResumptionRefused` if configuration, weights, data or version differ; what `train`
  ///   throws.
  public func resume(mayExtend: Bool = false) throws -> Bool {
    let identity = RunIdentity(experiment: experiment, hashes: try preparation.hashes())
    guard exists(run.log), try RandomAccessFile(run.log).contents().contains(0x0A) else {
      // It ended before anything was computed.
      try begin(identity)
      return true
    }
    var notes = try identity.check(
      against: run, computing: backend.identity, mayExtend: mayExtend)
    run.removeLeftovers()
    if isComplete { return false }
    try run.create()
    let checkpoints = CheckpointFolder(
      run, identity: identity.sha256, stepsPerEpoch: preparation.stepsPerEpoch,
      averagedEpochs: averagedEpochs)
    let resumption = try Resumption(run, checkpoints, preparation)
    notes += resumption.notes
    let before = try Experiment.read(run.checkpointedExperiment).training.epochs
    if before != settings.epochs {
      notes.append(extensionNote(before))
      // Other epochs are averaged now.
      if let averagedEpochs { try removeFolder(run.predictions(.average(averagedEpochs))) }
    }
    try checkpoints.clear(after: resumption.checkpoint?.position)
    try writeConfiguration()
    try writeExamples()
    let log = try RunLogWriter(run.log)
    let position = resumption.checkpoint?.position ?? TrainingPosition()
    if resumption.checkpoint == nil { notes.append("The run starts again from its first epoch.") }
    try log.append(
      .resumed(
        epoch: position.epoch(of: settings), step: position.steps,
        line: resumption.checkpoint?.log.lines ?? 0, notes: notes))
    for note in notes { watch(.note(note)) }
    if resumption.checkpoint == nil { try log.append(.runStarted(started())) }
    // What the log says already is not said again, so that it is the same as that of an uninterrupted run.
    let seal = RunSeal(resumption.records)
    let hashes = try fileHashes().filter { !seal.holds($0) }
    if !hashes.isEmpty { try log.append(.files(hashes)) }
    try proceed(log, checkpoints, hashes: identity.hashes, from: resumption)
    return true
  }

  /// Whether the run is finished with as many epochs as the experiment has, and nothing is damaged.
  private var isComplete: Bool {
    guard let log = try? RunLogContents.read(run.log), log.warning == nil,
      exists("\(run.model)/config.json")
    else { return false }
    var epochs = 0
    var isFinished = false
    for record in log.records {
      switch record {
      case .epoch(let record): epochs = record.epoch
      case .runFinished: isFinished = true
      default: continue
      }
    }
    var notes: [String] = []
    // Examples are written again when a run goes on.
    guard let run = try? Run(run.path),
      preparation.datasets.allSatisfy({ (try? run.examples($0.split)) != nil })
    else { return false }
    let seal = RunSeal(log.records)
    let isAverageWhole =
      averagedEpochs.map { Resumption.isAverageWhole(self.run, preparation, $0, seal) } ?? true
    return isFinished && epochs == settings.epochs && isAverageWhole
      && BaselineTraining.areWhole(log.records, preparation, in: self.run)
      && Resumption.wholeEpochs(self.run, preparation, upTo: epochs, notes: &notes) == epochs
  }

  private func extensionNote(_ before: Int) -> String {
    let (old, new) = (schedule(epochs: before), schedule(epochs: settings.epochs))
    let step = before * preparation.stepsPerEpoch
    return
      "Extended from \(before) to \(settings.epochs) epochs: the schedule is from here on that of "
      + "\(settings.epochs) epochs, so the rate goes from \(old.rate(step: step)) to "
      + "\(new.rate(step: step + 1)) after epoch \(before); the epochs before keep the rates they "
      + "had."
  }

  private func schedule(epochs: Int) -> Schedule {
    Schedule(
      settings.schedule, learningRate: settings.optimizer.learningRate, epochs: epochs,
      stepsPerEpoch: preparation.stepsPerEpoch)
  }

  private func writeConfiguration() throws {
    // First what tells a run directory from a folder of the user's, whenever the process is killed.
    try AtomicFile.write(experiment.yaml, to: run.checkpointedExperiment)
    try AtomicFile.write(experiment.yaml, to: run.experiment)
  }

  private func writeExamples() throws {
    for dataset in preparation.datasets {
      try ExampleFacts.write(dataset.facts, to: run.examples(dataset.split))
    }
  }

  /// What was written before training.
  private func fileHashes() throws -> [FileHash] {
    try RunSeal.hashes(of: experiment) + [RunSeal.hash(ofEnvironmentIn: run)]
      + preparation.datasets.map { try RunSeal.hash(ofExamples: $0.split, in: run) }
  }

  private func started() -> RunStarted {
    let configuration = backend.configuration
    let counts = backend.parameterCounts
    return RunStarted(
      time: Clock.timestamp,
      checkpointName: checkpointName, architecture: configuration.architecture.name,
      checkpointLayers: configuration.layers, hiddenSize: configuration.hiddenSize,
      attentionHeads: configuration.heads, intermediateSize: configuration.intermediateSize,
      vocabularySize: configuration.vocabularySize, parameters: counts.total,
      trainableParameters: counts.trainable, notes: preparation.notes,
      stepsPerEpoch: preparation.stepsPerEpoch,
      splits: preparation.datasets.map { $0.splitFacts(classes: experiment.labels.count) },
      warnings: preparation.warnings, lookedFor: InputWarning.Kind.allCases)
  }

  /// What the report calls the checkpoint: its name on the hub, or its folder's name, since a path differs from machine
  /// to machine; the built-in one's path does not.
  private var checkpointName: String {
    if let hubModel = preparation.hubModel { return hubModel.id }
    let path = experiment.model.checkpoint
    if path.hasPrefix(Experiment.builtinPrefix) { return path }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  // MARK: The run

  /// Trains from a state to the end.
  private func proceed(
    _ log: RunLogWriter, _ checkpoints: CheckpointFolder,
    hashes: [(name: String, sha256: String)], from resumption: Resumption?
  ) throws {
    let checkpoint = resumption?.checkpoint
    if checkpoint == nil {
      for note in preparation.notes { watch(.note(note)) }
      watch(.warnings(preparation.warnings))
    }
    let meter = ProgressMeter(preparation, watch: watch)
    var session: TrainingSession?
    do {
      let prefixStart = Clock.now
      let prefixes = try makePrefixes(meter, weights: hashes) { record in
        // What a resumed run finds, it mostly computed itself before.
        if checkpoint == nil { try log.append(.prefix(record)) }
      }
      let hasStoredPrefixes = prefixes.count == preparation.datasets.count
      let prefixSeconds = Clock.now - prefixStart
      // While the weights are the checkpoint's still.
      try BaselineTraining(
        preparation: preparation, run: run, backend: backend, threads: backend.identity.threads,
        interruption: interruption, meter: meter, note: { [watch] in watch(.note($0)) }
      ).complete(resumption?.records ?? [], prefixes, log) {
        if hasStoredPrefixes { backend.releaseFrozenParameters() }
      }
      // Only now, so that gradients and moments are not in memory beside the frozen layers.
      try backend.prepareTraining(settings.optimizer)
      var state = TrainingState(preparation)
      try checkpoint?.restore(into: &state, of: backend, selection: experiment.select)
      if let checkpoint, checkpoint.hasStoredPrefixes != hasStoredPrefixes {
        watch(
          .note(
            "The frozen layers' output is \(hasStoredPrefixes ? "" : "not ")stored now, unlike before; "
              + "from here on, bits differ from those of an uninterrupted run."))
      }
      session = TrainingSession(
        state: state, log: log, checkpoints: checkpoints, backend: backend, prefixes: prefixes,
        meter: meter,
        start: start, prefixSeconds: prefixSeconds,
        history: try history(of: resumption), hasStoredPrefixes: hasStoredPrefixes)
      try session?.finish(in: self, watch: watch)
    } catch is CancellationError {
      try session?.save()
      try session?.writeHistory(run)
      let position = session?.state.position ?? checkpoint?.position ?? TrainingPosition()
      let epoch = position.epoch(of: settings)
      try log.append(.interrupted(epoch: epoch, step: position.steps))
      throw Interrupted(epoch: epoch, step: position.steps)
    }
  }

  /// The history of the epochs that a checkpoint continues, from log and predictions.
  private func history(of resumption: Resumption?) throws -> TrainingHistory {
    var history = TrainingHistory(epochs: 0, learningRates: [])
    for case .epoch(let record) in resumption?.records ?? [] {
      var evaluations: [(split: Split, evaluation: Evaluation)] = []
      for dataset in preparation.datasets {
        let path = run.predictions(epoch: record.epoch, dataset.split)
        let predictions = try Predictions.read(path, classes: experiment.labels.count)
        evaluations.append((dataset.split, Evaluation(predictions)))
      }
      append(record, evaluations, to: &history)
    }
    if history.epochs > 0 { try history.write(to: run.history) }
    return history
  }

  /// The frozen layers' output of every split, found or computed.
  private func makePrefixes(
    _ meter: ProgressMeter, weights: [(name: String, sha256: String)],
    record: (PrefixRecord) throws -> Void
  ) throws -> [Split: PrefixStore] {
    guard backend.hasCacheablePrefix else { return [:] }
    meter.begin("computing the frozen layers", cost: .prefix)
    let weights = PrefixStore.weights(weights)
    var result: [Split: PrefixStore] = [:]
    for dataset in preparation.datasets {
      let request = PrefixStore.Request(
        dataset: dataset, backend: backend, precision: experiment.model.prefixPrecision,
        blockTokens: settings.blockTokens, weights: weights, cache: cache,
        scratchFolder: run.path)
      let (start, multiplyAdds) = (Clock.now, backend.multiplyAdds)
      let store = try PrefixStore.make(
        request, interruption: interruption, note: { watch(.note($0)) }, progress: meter.add)
      result[dataset.split] = store
      guard let store else { continue }
      if store.wasFound { meter.add(dataset.tokens.count) }
      try record(
        PrefixRecord(
          split: dataset.split, key: store.key, source: store.wasFound ? .stored : .computed,
          examples: dataset.count, tokens: dataset.tokens.count,
          multiplyAdds: Double(backend.multiplyAdds - multiplyAdds), seconds: Clock.now - start))
    }
    return result
  }

  /// Adds an epoch to a history, in the layout of training_history.json, which knows validation only.
  func append(
    _ record: EpochRecord, _ evaluations: [(split: Split, evaluation: Evaluation)],
    to history: inout TrainingHistory
  ) {
    let source = experiment.data.source.language
    let firstTarget = experiment.data.targets.first?.language
    var entry: [(role: TrainingHistory.Role, values: MetricValues)] = []
    for (split, evaluation) in evaluations where split.part != .test {
      let role: TrainingHistory.Role =
        switch split.language {
        case _ where split.part == .train: .training
        case source: .source
        case firstTarget: .firstTarget
        case let code: .target(code)
        }
      var values = evaluation.values
      if role == .training { values[.loss] = record.loss }
      entry.append((role, values))
    }
    history.append(entry, learningRate: record.learningRate)
  }
}
