internal import RunLog

internal import Storage

/// A run directory of the size and kind that the experiment on multilingual BERT leaves: English and three
/// targets, every split with a test, texts of examples, records of the frozen layers' output.
///
/// Logits are made up, everything follows from the seed. For what depends on how much a report holds: its
/// length, its pages in print, the time of an audit.
public struct ThreeTargetRun: Sendable {
  public var epochs = 6
  public var trainingExamples = 1839
  public var validationExamples = 324
  public var testExamples = 870

  public init() {}

  /// The languages with how far the right logit stands out in the end; the source first.
  private static let languages: [(code: String, skill: Float)] = [
    ("en", 1.5), ("de", 0.75), ("fr", 1.0), ("es", 1.25),
  ]

  private var splits: [(split: Split, examples: Int, skill: Float)] {
    [(Split("en", .train), trainingExamples, 1.4)]
      + Self.languages.flatMap { language in
        [
          (Split(language.code, .validation), validationExamples, language.skill),
          (Split(language.code, .test), testExamples, language.skill),
        ]
      }
  }

  private func experiment() throws -> Experiment {
    let targets = Self.languages.dropFirst().map { language in
      "    - {language: \(language.code), validation: /d/\(language.code)/validation.tsv, "
        + "test: /d/\(language.code)/test.tsv}"
    }
    return try Experiment.parse(
      """
      name: mbert-6-layers
      model: {checkpoint: /models/bert-base-multilingual-uncased, encoder_layers: 6, frozen_layers: 4}
      data:
        source: {language: en, train: /d/en/train.tsv, validation: /d/en/validation.tsv, test: /d/en/test.tsv}
        targets:
      \(targets.joined(separator: "\n"))
        percentage: 50
      training:
        epochs: \(epochs)
        batch_size: 64
        optimizer: {learning_rate: 5e-5}
        schedule: {eta_min: 5e-6}
      goals:
        - A reduced 6-layer architecture can maintain competitive performance
        - Selective layer freezing improves training efficiency
        - Longer training (10 epochs) compensates for reduced model capacity
        - Higher learning rates work better with fewer trainable parameters
      """, file: "three.yaml", relativeTo: "/")
  }

  /// Writes the whole directory.
  ///
  /// - Parameter path: a folder to make or to fill.
  /// - Throws: `StorageError` if it cannot be written.
  public func write(to path: String) throws {
    let directory = RunDirectory(path)
    try directory.create()
    try AtomicFile.write(experiment().yaml, to: directory.experiment)
    try AtomicFile.write(environment.json.prettyText, to: directory.environment)
    let log = try RunLogWriter(directory.log)
    try log.append(.runStarted(started))
    for entry in splits {
      try log.append(
        .prefix(
          PrefixRecord(
            split: entry.split, key: "\(entry.split)", source: .computed, examples: entry.examples,
            tokens: 24 * entry.examples, multiplyAdds: 28e6 * 24 * Double(entry.examples),
            seconds: 0.002 * Double(entry.examples))))
      try writeExamples(entry.split, entry.examples, to: directory.examples(entry.split))
    }
    let steps = (trainingExamples + 63) / 64
    for epoch in 1...epochs {
      try makeFolder(directory.predictions(epoch: epoch))
      var training: (loss: Double, accuracy: Double) = (.nan, .nan)
      for (place, entry) in splits.enumerated() {
        let predictions = predictions(entry, epoch: epoch, seed: UInt64(1000 * epoch + place))
        try predictions.write(to: directory.predictions(epoch: epoch, entry.split))
        let (loss, accuracy) = TinyRun.scores(predictions)
        if entry.split.part == .train {
          training = (loss, accuracy)
          for step in 1...steps {
            try log.append(
              .step(
                StepRecord(
                  epoch: epoch, step: (epoch - 1) * steps + step, learningRate: rate(epoch),
                  loss: loss, examples: step < steps ? 64 : trainingExamples - 64 * (steps - 1),
                  gradientNorm: 1.5, seconds: 0.5)))
          }
        } else {
          try log.append(
            .evaluation(
              EvaluationRecord(
                epoch: epoch, split: entry.split, examples: entry.examples, loss: loss,
                accuracy: accuracy, seconds: 0.25)))
        }
      }
      try log.append(
        .epoch(
          EpochRecord(
            epoch: epoch, loss: training.loss, accuracy: training.accuracy,
            learningRate: rate(epoch), examples: trainingExamples, tokens: 24 * trainingExamples,
            seconds: 18.5, multiplyAdds: 42e6 * 24 * Double(trainingExamples))))
    }
    try log.append(
      .runFinished(
        RunFinished(
          time: "2026-01-02T03:04:05Z", selectedEpoch: epochs, seconds: 131.5,
          peakMemoryBytes: 912_000_000, prefixSeconds: 12.5)))
  }

  private func rate(_ epoch: Int) -> Double {
    5e-5 - 4.5e-5 * Double(epoch - 1) / Double(max(epochs, 2) - 1)
  }

  /// Classes that are not equally frequent, and a neutral one that is harder than the others.
  private func predictions(
    _ entry: (split: Split, examples: Int, skill: Float), epoch: Int, seed: UInt64
  ) -> Predictions {
    var random = SplitMix64(seed: seed)
    let labels = labels(entry.examples)
    let skill = entry.skill * Float(epoch + 1) / Float(epochs + 1)
    let logits = labels.flatMap { label in
      (0..<3).map { column -> Float in
        let noise = Float(Int(random.next() >> 48) - 32768) / 32768
        let right = label == 1 ? skill * 0.7 : skill
        return 1.3 * noise + (column == label ? right : 0)
      }
    }
    return Predictions(
      classes: 3, logits: logits, labels: labels, ids: Array(labels.indices),
      mode: entry.split.part == .train ? .running : .evaluation)
  }

  private func labels(_ count: Int) -> [Int] {
    (0..<count).map { [0, 2, 1, 2, 0, 2, 1, 0, 2][$0 % 9] }
  }

  private func writeExamples(_ split: Split, _ count: Int, to path: String) throws {
    let words = ["good", "bad", "room", "price", "never", "again", "quite", "service", "cold"]
    var random = SplitMix64(seed: split.description.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    try ExampleFacts.write(
      (0..<count).map { id in
        let length = 4 + Int(random.next() % 30)
        let text = (0..<length).map { _ in words[Int(random.next() % UInt64(words.count))] }
        let pieces = split.language == "en" ? length : length + length / 3
        return ExampleFacts(
          id: id, tokens: pieces + 2, words: length, unknown: id % 97 == 0 ? 1 : 0,
          isTruncated: id % 211 == 0, text: text.joined(separator: " "))
      }, to: path)
  }

  private var started: RunStarted {
    RunStarted(
      time: "2026-01-02T03:01:44Z", checkpointName: "bert-base-multilingual-uncased",
      checkpointLayers: 12, hiddenSize: 768, attentionHeads: 12, intermediateSize: 3072,
      vocabularySize: 105_879, parameters: 125_000_067, trainableParameters: 14_768_643,
      notes: ["The classifier is not in the checkpoint and was initialised at random."],
      stepsPerEpoch: (trainingExamples + 63) / 64,
      splits: splits.map { entry in
        let labels = labels(entry.examples)
        return RunStarted.SplitFacts(
          split: entry.split, examples: entry.examples,
          available: entry.split.part == .train ? 2 * entry.examples : entry.examples,
          tokens: 24 * entry.examples, truncated: entry.examples / 211 + 1,
          classCounts: (0..<3).map { label in labels.count { $0 == label } })
      })
  }

  private var environment: RunEnvironment {
    RunEnvironment(
      version: "0.1.0", commit: "0123abc", operatingSystem: "Linux", cpu: "Imaginary CPU @ 3 GHz",
      threads: 2, blas: "OpenBLAS 0.3.21 Haswell", kernels: "x86-64-v3", seed: 42,
      hashes: splits.map { ("data/\($0.split)", String(repeating: "0a", count: 32)) } + [
        ("checkpoint/model.safetensors", String(repeating: "1b", count: 32))
      ])
  }
}
