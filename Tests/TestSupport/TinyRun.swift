internal import Metrics
public import RunLog

internal import Storage

/// A small run directory, written by RunLog's own writers with made-up logits.
///
/// English is the source, German a target that is clearly worse, Spanish one with few examples and
/// no test split. Everything follows from the seed, so reports of it can be snapshots.
public struct TinyRun: Sendable {
  /// The epochs that are complete.
  public var epochs = 3
  /// The epochs that the configuration asks for.
  public var plannedEpochs = 3
  /// The epochs whose weights are averaged; the configuration says so and, if told by `settings`, selects them.
  public var averaged: ClosedRange<Int>?
  /// An epoch whose training logits are NaN, as after a divergence.
  public var divergedEpoch: Int?
  /// Splits that the configuration names but that were never scored.
  public var leftOut: [Split] = []
  /// Assignments to the configuration, as for `--set`.
  public var settings: [String] = []
  /// By how much every time and the memory is longer than usual.
  public var slowness = 1.0
  /// What is said of data and settings; `nil` as in logs from before that was looked for.
  public var warnings: [InputWarning]?
  /// The kinds that were looked for; `nil` as in logs that do not say.
  public var lookedFor: [InputWarning.Kind]?
  /// The encoder's family.
  public var architecture = "BERT"
  /// Whether environment.json and run_finished are there.
  public var isComplete = true

  public init() {}

  /// The splits, with their numbers of examples and how far the right logit stands out in the end.
  public static let splits: [(split: Split, examples: Int, skill: Float)] = [
    (Split("en", .train), 120, 1.0), (Split("en", .validation), 200, 1.2),
    (Split("en", .test), 150, 1.2), (Split("de", .validation), 180, 0.5),
    (Split("de", .test), 160, 0.6), (Split("es", .validation), 40, 0.9),
  ]

  /// The configuration.
  public func experiment() throws -> Experiment {
    try Experiment.parse(
      """
      name: tiny
      note: Made-up logits, for tests.
      model: {checkpoint: /models/tiny-bert, encoder_layers: 6, frozen_layers: 4}
      data:
        source:
          language: en
          train: /data/en/train.tsv
          validation: /data/en/validation.tsv
          test: /data/en/test.tsv
        targets:
          - {language: de, validation: /data/de/validation.tsv, test: /data/de/test.tsv}
          - {language: es, validation: /data/es/validation.tsv}
        percentage: 50
      training:
        epochs: \(plannedEpochs)
        batch_size: 64
        optimizer: {learning_rate: 5e-5}
        schedule: {eta_min: 5e-6}
      goals:
        - A reduced 6-layer architecture can maintain competitive performance
        - Selective layer freezing improves training efficiency
      """, file: "tiny.yaml",
      settings: (averaged.map { ["average.epochs=\($0.count)"] } ?? []) + settings,
      relativeTo: "/")
  }

  /// Writes the whole directory.
  ///
  /// - Parameter path: a folder to make or to fill.
  /// - Throws: `StorageError` if it cannot be written.
  public func write(to path: String) throws {
    let directory = RunDirectory(path)
    try directory.create()
    try AtomicFile.write(experiment().yaml, to: directory.experiment)
    if isComplete { try AtomicFile.write(environment.json.prettyText, to: directory.environment) }
    let log = try RunLogWriter(directory.log)
    try log.append(.runStarted(started))
    var history = TrainingHistory(epochs: epochs, learningRates: (1...epochs).map(rate))
    for epoch in 1...epochs {
      try makeFolder(directory.predictions(epoch: epoch))
      var epochRecord: EpochRecord?
      for (place, entry) in Self.splits.enumerated() where !leftOut.contains(entry.split) {
        let predictions = Self.predictions(
          entry, epoch: epoch, seed: UInt64(1000 * epoch + place),
          isDiverged: entry.split.part == .train && epoch == divergedEpoch)
        try predictions.write(to: directory.predictions(epoch: epoch, entry.split))
        let (loss, accuracy) = Self.scores(predictions)
        if entry.split.part == .train {
          try log.append(.step(step(2 * epoch - 1, epoch, loss, 64)))
          try log.append(.step(step(2 * epoch, epoch, loss, 56)))
          epochRecord = EpochRecord(
            epoch: epoch, loss: loss, accuracy: accuracy, learningRate: rate(epoch),
            examples: 120, tokens: 2400, seconds: slowness * (1.5 + Double(epoch) / 8),
            multiplyAdds: 9.6e10)
        } else {
          try log.append(
            .evaluation(
              EvaluationRecord(
                epoch: epoch, split: entry.split, examples: entry.examples, loss: loss,
                accuracy: accuracy, seconds: slowness / 4)))
        }
        let role: TrainingHistory.Role? =
          switch (entry.split.language, entry.split.part) {
          case (_, .train): .training
          case (_, .test): nil
          case ("en", _): .source
          case ("de", _): .firstTarget
          case (let code, _): .target(code)
          }
        if let role {
          for (metric, value) in [(Metric.loss, loss), (.accuracy, accuracy)] {
            var values = history[role, metric] ?? [Double](repeating: .nan, count: epochs)
            values[epoch - 1] = value
            history[role, metric] = values
          }
        }
      }
      if let epochRecord { try log.append(.epoch(epochRecord)) }
    }
    if let averaged { try writeAverage(of: averaged, directory, log) }
    if isComplete {
      let isAverageSelected = try experiment().select == .average
      try log.append(
        .runFinished(
          RunFinished(
            time: "2026-01-02T03:04:05Z",
            selected: averaged.flatMap { isAverageSelected ? .average($0) : nil } ?? .epoch(epochs),
            seconds: slowness * 21.25,
            peakMemoryBytes: Int(412e6 * slowness), prefixSeconds: slowness * 3.5)))
    }
    try history.write(to: directory.history)
  }

  /// Writes what the averaged weights say.
  private func writeAverage(
    of epochs: ClosedRange<Int>, _ directory: RunDirectory, _ log: RunLogWriter
  ) throws {
    let weights = Weights.average(epochs)
    try makeFolder(directory.predictions(weights))
    for (place, entry) in Self.splits.enumerated()
    where entry.split.part != .train && !leftOut.contains(entry.split) {
      let predictions = Self.predictions(
        entry, epoch: epochs.upperBound, seed: UInt64(9000 + place), isDiverged: false)
      try predictions.write(to: directory.predictions(weights, entry.split))
      let (loss, accuracy) = Self.scores(predictions)
      try log.append(
        .averageEvaluation(
          AverageEvaluationRecord(
            epochs: epochs, split: entry.split, examples: entry.examples, loss: loss,
            accuracy: accuracy, seconds: slowness / 4)))
    }
    try log.append(.average(AverageRecord(epochs: epochs, seconds: slowness * 1.25)))
  }

  private func rate(_ epoch: Int) -> Double { [5e-5, 3.875e-5, 1.625e-5][(epoch - 1) % 3] }

  private func step(_ step: Int, _ epoch: Int, _ loss: Double, _ examples: Int) -> StepRecord {
    StepRecord(
      epoch: epoch, step: step, learningRate: rate(epoch), loss: loss, examples: examples,
      gradientNorm: 1.25, seconds: slowness * 0.75)
  }

  /// Logits of noise in −1…1 with the right class raised, more so in later epochs.
  static func predictions(
    _ entry: (split: Split, examples: Int, skill: Float), epoch: Int, seed: UInt64,
    isDiverged: Bool
  ) -> Predictions {
    var random = SplitMix64(seed: seed)
    let labels = (0..<entry.examples).map { $0 % 3 }
    let skill = entry.skill * Float(epoch) / 3
    let logits = labels.flatMap { label in
      (0..<3).map { column -> Float in
        let noise = Float(Int(random.next() >> 48) - 32768) / 32768
        if isDiverged { return .nan }
        return noise + (column == label ? skill : 0)
      }
    }
    return Predictions(
      classes: 3, logits: logits, labels: labels, ids: Array(labels.indices),
      mode: entry.split.part == .train ? .running : .evaluation)
  }

  /// Loss and accuracy worked out the plain way.
  static func scores(_ predictions: Predictions) -> (loss: Double, accuracy: Double) {
    var (loss, correct) = (0.0, 0)
    for (index, label) in predictions.labels.enumerated() {
      let row = predictions.row(index).map { Double($0) }
      loss += logOfSumOfExponentials(row) - row[label]
      if !row.contains(where: \.isNaN), row.firstIndex(of: row.max() ?? 0) == label { correct += 1 }
    }
    return (loss / Double(predictions.count), Double(correct) / Double(predictions.count))
  }

  private var started: RunStarted {
    RunStarted(
      time: "2026-01-02T03:03:44Z", checkpointName: "tiny-bert", architecture: architecture,
      checkpointLayers: 12, hiddenSize: 96, attentionHeads: 4, intermediateSize: 384,
      vocabularySize: 4000,
      parameters: 1_284_003, trainableParameters: 232_995,
      notes: ["The classifier is not in the checkpoint and was initialised at random."],
      stepsPerEpoch: 2,
      splits: Self.splits.map { entry in
        RunStarted.SplitFacts(
          split: entry.split, examples: entry.examples,
          available: entry.split.part == .train ? 240 : entry.examples,
          tokens: 20 * entry.examples, truncated: 1,
          classCounts: (0..<3).map { label in (0..<entry.examples).count { $0 % 3 == label } })
      }, warnings: warnings, lookedFor: lookedFor)
  }

  private var environment: RunEnvironment {
    RunEnvironment(
      version: "0.1.0", commit: "0123abc", operatingSystem: "Linux", cpu: "Imaginary CPU @ 3 GHz",
      threads: 2, blas: "OpenBLAS 0.3.21 Haswell", kernels: "x86-64-v3", seed: 42,
      hashes: [
        ("data/en.train", String(repeating: "0a", count: 32)),
        ("weights", String(repeating: "1b", count: 32)),
      ])
  }
}
