import RunLog
import Storage
import TestSupport

/// A run and the trainings that continue it on labelled German texts, with answers made up as a test needs them.
struct TinyFewShot {
  /// What a network answers to an example.
  enum Answer { case right, wrong, none }

  var examples = 160
  var perClass = [10, 50]
  var draws = 5
  /// The run's answer to an example; `nil` for a run without predictions.
  var run: ((Int) -> Answer)? = { $0 % 10 < 6 ? .right : .wrong }
  /// That of a training.
  var training: (FewShotPlan.Start, _ perClass: Int, _ draw: Int, _ row: Int) -> Answer
  /// Names of trainings that are not there.
  var missing: Set<String> = []
  /// Which checkpoint a training began with, by its name.
  var weights: (String) -> String = { $0.hasPrefix("continued") ? "11" : "22" }
  /// How many training texts there are to draw from.
  var available = 900

  /// A number from 0 to 99 that looks random, the same on every machine.
  static func noise(_ values: Int...) -> Int {
    var random = SplitMix64(seed: values.reduce(17) { UInt64($1) &+ $0 &* 1_000_003 })
    return Int(random.next() >> 40) % 100
  }

  /// The run's own answers are kept where the noise is below the share, and are right or wrong else.
  static func keeping(_ share: Int, else answer: Answer) -> (
    FewShotPlan.Start, Int, Int, Int
  ) -> Answer {
    { start, count, draw, row in
      guard start == .continued else {
        return noise(count, draw, row, 2) < 45 ? .right : .wrong
      }
      let own: Answer = row % 10 < 6 ? .right : .wrong
      return noise(count, draw, row, 1) < share ? own : answer
    }
  }

  /// What the answer is about.
  func definition(in folder: String) -> FewShotDefinition {
    FewShotDefinition(run: "\(folder)/run", target: "de", perClass: perClass, draws: draws)
  }

  /// Where the trainings lie.
  func path(in folder: String) -> String { "\(folder)/run/few-shot/de" }

  /// Writes the run and its trainings.
  func write(in folder: String) throws {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    if run == nil { tiny.leftOut = [Split("de", .test)] }
    try tiny.write(to: "\(folder)/run")
    if let run {
      try predictions(run).write(
        to: RunDirectory("\(folder)/run").predictions(epoch: 1, Split("de", .test)))
    }
    for count in perClass {
      for draw in 1...draws {
        for start in FewShotPlan.Start.allCases {
          let name = FewShotPlan.runName(start, perClass: count, draw: draw)
          guard !missing.contains(name) else { continue }
          try write(name, start, count, draw, in: path(in: folder))
        }
      }
    }
  }

  private func predictions(_ answer: (Int) -> Answer) -> Predictions {
    let rows = Array(0..<examples)
    return Predictions(
      classes: 3,
      logits: rows.flatMap { row -> [Float] in
        let answer = answer(row)
        guard answer != .none else { return [.nan, .nan, .nan] }
        let predicted = answer == .right ? row % 3 : (row + 1) % 3
        return (0..<3).map { $0 == predicted ? 2 : 0 }
      }, labels: rows.map { $0 % 3 }, ids: rows, mode: .evaluation)
  }

  private func write(
    _ name: String, _ start: FewShotPlan.Start, _ count: Int, _ draw: Int, in folder: String
  ) throws {
    let directory = FewShotPlan.runDirectory(name, in: folder)
    try directory.create()
    try makeFolder(directory.predictions(epoch: 1))
    let experiment = try Experiment.parse(
      """
      name: \(name)
      model: {checkpoint: /models/tiny-bert, encoder_layers: 6, frozen_layers: 4}
      data:
        source: {language: de, train: /d/t.tsv, validation: /d/v.tsv, test: /d/x.tsv}
        per_class: \(count)
      training: {epochs: 1, batch_size: 8, seed: \(draw), schedule: {name: linear, per: step}}
      """, file: "draw.yaml", relativeTo: "/")
    try AtomicFile.write(experiment.yaml, to: directory.experiment)
    try AtomicFile.write(
      RunEnvironment(
        version: "0.1.0", commit: nil, operatingSystem: "Linux", cpu: "Imaginary CPU", threads: 2,
        blas: "OpenBLAS", kernels: "x86-64-v3", seed: draw,
        hashes: [("checkpoint/model.safetensors", weights(name))]
      ).json.prettyText, to: directory.environment)
    let found = predictions { training(start, count, draw, $0) }
    try found.write(to: directory.predictions(epoch: 1, Split("de", .test)))
    let log = try RunLogWriter(directory.log)
    try log.append(
      .runStarted(
        RunStarted(
          time: "2026-01-02T03:03:44Z", checkpointName: "model", architecture: "BERT",
          checkpointLayers: 6, hiddenSize: 96, attentionHeads: 4, intermediateSize: 384,
          vocabularySize: 4000, parameters: 1_284_003, trainableParameters: 232_995, notes: [],
          stepsPerEpoch: 4,
          splits: [
            .init(
              split: Split("de", .train), examples: 3 * count, available: available,
              tokens: 60 * count, truncated: 0, classCounts: [count, count, count]),
            .init(
              split: Split("de", .test), examples: examples, available: examples,
              tokens: 20 * examples, truncated: 0, classCounts: [examples, 0, 0]),
          ], warnings: nil)))
    try log.append(
      .epoch(
        EpochRecord(
          epoch: 1, loss: 0.5, accuracy: 0.8, learningRate: 5e-5, examples: 3 * count,
          tokens: 60 * count, seconds: 1, multiplyAdds: 1e9)))
    try log.append(
      .runFinished(
        RunFinished(
          time: "2026-01-02T03:04:05Z", selectedEpoch: 1, seconds: 2, peakMemoryBytes: 1_000_000,
          prefixSeconds: 0.5)))
  }
}
