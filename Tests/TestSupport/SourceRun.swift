public import RunLog
internal import Storage

/// A small run directory of any sources and targets, with made-up answers: wrong in every n-th row of a language.
///
/// Every language has 120 rows of validation and 240 of test, the same classes in the same rows.
public struct SourceRun: Sendable {
  public var name = "run"
  public var seed = 1
  /// Trained on, in this order.
  public var sources: [String]
  /// By language: every how many rows an answer is wrong; 4 unless said.
  public var periods: [String: Int] = [:]
  public var targets = ["fr"]
  /// Assignments to the configuration, as for `--set`.
  public var settings: [String] = []
  /// A language whose test no answer is finite of.
  public var silent: String?
  /// What is said of data and settings, of which every kind was then looked for; `nil` as in logs from before that.
  public var warnings: [InputWarning]?

  public init(sources: [String]) { self.sources = sources }

  private static let rows: [Part: Int] = [.train: 30, .validation: 120, .test: 240]

  /// The code of all sources together.
  public var pooled: String { sources.joined(separator: "+") }

  public func experiment() throws -> Experiment {
    func entry(_ code: String, isSource: Bool) -> String {
      "{language: \(code), \(isSource ? "train: /\(code)/train.tsv, " : "")"
        + "validation: /\(code)/validation.tsv, test: /\(code)/test.tsv}"
    }
    return try Experiment.parse(
      """
      name: \(name)
      model: {checkpoint: /model, encoder_layers: 2, frozen_layers: 1}
      data:
        sources: [\(sources.map { entry($0, isSource: true) }.joined(separator: ", "))]
        targets: [\(targets.map { entry($0, isSource: false) }.joined(separator: ", "))]
      training: {epochs: 2, batch_size: 16, seed: \(seed)}
      """, file: "sources.yaml", settings: settings, relativeTo: "/")
  }

  /// What the network answers to a language's rows.
  public func predictions(_ language: String, _ part: Part) -> Predictions {
    let count = Self.rows[part] ?? 0
    let period = periods[language] ?? 4
    return Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row -> [Float] in
        if language == silent, part == .test { return [.nan, .nan, .nan] }
        let isRight = (row + seed) % period != 0
        let answer = isRight ? row % 3 : (row + 1) % 3
        return (0..<3).map { $0 == answer ? 2 : 0 }
      }, labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count),
      mode: part == .train ? .running : .evaluation)
  }

  /// The rows of all sources, one after another.
  private func pooledPredictions(_ part: Part) -> Predictions {
    let all = sources.map { predictions($0, part) }
    let rows = Self.rows[part] ?? 0
    return Predictions(
      classes: 3, logits: all.flatMap(\.logits), labels: all.flatMap(\.labels),
      ids: all.enumerated().flatMap { place, own in own.ids.map { $0 + place * rows } },
      mode: all[0].mode)
  }

  private var splits: [(split: Split, predictions: Predictions)] {
    Part.allCases.map { (Split(pooled, $0), pooledPredictions($0)) }
      + targets.flatMap { target in
        [Part.validation, .test].map { (Split(target, $0), predictions(target, $0)) }
      }
  }

  /// Writes the whole directory.
  ///
  /// - Parameter path: a folder to make or to fill.
  /// - Throws: `StorageError` if it cannot be written.
  public func write(to path: String) throws {
    let directory = RunDirectory(path)
    try directory.create()
    try AtomicFile.write(experiment().yaml, to: directory.experiment)
    let log = try RunLogWriter(directory.log)
    try log.append(.runStarted(started))
    for epoch in 1...2 {
      try makeFolder(directory.predictions(epoch: epoch))
      for (split, predictions) in splits {
        try predictions.write(to: directory.predictions(epoch: epoch, split))
        let (loss, accuracy) = TinyRun.scores(predictions)
        if split.part != .train, loss.isFinite {
          try log.append(
            .evaluation(
              EvaluationRecord(
                epoch: epoch, split: split, examples: predictions.count, loss: loss,
                accuracy: accuracy, seconds: 1)))
        }
      }
      let (loss, accuracy) = TinyRun.scores(pooledPredictions(.train))
      try log.append(
        .epoch(
          EpochRecord(
            epoch: epoch, loss: loss, accuracy: accuracy, learningRate: 5e-5,
            examples: 30 * sources.count, tokens: 600, seconds: 2, multiplyAdds: 1e9)))
    }
    try log.append(
      .runFinished(
        RunFinished(
          time: "2026-01-02T03:04:05Z", selectedEpoch: 2, seconds: 9, peakMemoryBytes: 4_000_000,
          prefixSeconds: 1)))
  }

  private var started: RunStarted {
    RunStarted(
      time: "2026-01-02T03:03:44Z", checkpointName: "tiny-bert", checkpointLayers: 4,
      hiddenSize: 8, attentionHeads: 2, intermediateSize: 16, vocabularySize: 100,
      parameters: 2000, trainableParameters: 900, notes: [], stepsPerEpoch: 4,
      splits: splits.map { split, predictions in
        let rows = Self.rows[split.part] ?? 0
        let shares = sources.map {
          RunStarted.SourceShare(
            language: $0, examples: rows, available: rows,
            classCounts: [Int](repeating: rows / 3, count: 3))
        }
        return RunStarted.SplitFacts(
          split: split, examples: predictions.count, available: predictions.count,
          tokens: 20 * predictions.count, truncated: 0,
          classCounts: [Int](repeating: predictions.count / 3, count: 3),
          sources: split.language == pooled && sources.count > 1 ? shares : [])
      }, warnings: warnings, lookedFor: warnings.map { _ in InputWarning.Kind.allCases })
  }
}
