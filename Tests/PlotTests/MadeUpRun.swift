import Results
import RunLog
import Storage
import TestSupport

/// A run directory with invented logits: for tests only, never for a reader.
struct MadeUpRun {
  var name = "made-up"
  var labels = ["negative", "neutral", "positive"]
  var source = (code: "en", name: "English")
  var targets = [(code: "de", name: "German")]
  var epochs = 10
  var examples = 400
  var hasTest = true
  var isPerStep = false
  var stepsPerEpoch = 8
  var select = Selection.last
  var seed: UInt64 = 7
  /// How much is learned in the end, the source first, in standard deviations of the noise.
  var signals = [1.6, 1.1]
  /// Epochs and splits whose logits are NaN.
  var broken: [(epoch: Int, split: String)] = []
  /// Whether every logit of every epoch is zero.
  var isConstant = false
  /// Classes that no example has.
  var unused: Set<Int> = []
  /// Classes that are never predicted.
  var unpredicted: Set<Int> = []
  /// Layers with a baseline, 0 for the embeddings.
  var baselineLayers: [Int] = []

  /// Writes the directory and computes its results.
  func results(in folder: String) throws -> RunResults {
    let directory = RunDirectory(folder)
    try directory.create()
    try AtomicFile.write(yaml, to: directory.experiment)
    var random = SplitMix64(seed: seed)
    let log = try RunLogWriter(directory.log)
    let languages = [source] + targets
    let splits = languages.enumerated().flatMap { index, language in
      Part.allCases.filter { $0 == .train ? index == 0 : $0 == .validation || hasTest }
        .map { (index, Split(language.code, $0)) }
    }
    try log.append(
      .runStarted(
        RunStarted(
          time: "2000-01-01T00:00:00Z", checkpointName: "tiny", checkpointLayers: 12,
          hiddenSize: 64, attentionHeads: 2, intermediateSize: 128, vocabularySize: 8000,
          parameters: 1_234_567, trainableParameters: 105_000, notes: [],
          stepsPerEpoch: stepsPerEpoch, splits: [])))
    for epoch in 1...epochs {
      for step in 1...stepsPerEpoch where isPerStep {
        let number = (epoch - 1) * stepsPerEpoch + step
        let done = Double(number - 1) / Double(epochs * stepsPerEpoch)
        try log.append(
          .step(
            StepRecord(
              epoch: epoch, step: number, learningRate: 5e-5 * (1 - 0.9 * done), loss: 1,
              examples: 32, gradientNorm: 1, seconds: 0)))
      }
      try makeFolder(directory.predictions(epoch: epoch))
      for (index, split) in splits {
        let progress = 1 - 1 / (1 + 0.9 * Double(epoch))
        let overfit = split.part == .train ? 1.25 : 1 - 0.012 * Double(epoch)
        let strength = index < signals.count ? signals[index] : (signals.last ?? 1) * 0.9
        let signal = strength * progress * overfit
        let isBroken = broken.contains { $0.epoch == epoch && $0.split == split.description }
        try predictions(signal: signal, isBroken: isBroken, part: split.part, &random)
          .write(to: directory.predictions(epoch: epoch, split))
      }
      let done = Double(epoch - 1) / Double(epochs)
      try log.append(
        .epoch(
          EpochRecord(
            epoch: epoch, loss: 1, accuracy: 0.5, learningRate: 5e-6 + 4.5e-5 * cosine(done),
            examples: examples, tokens: examples * 20, seconds: 0, multiplyAdds: 0)))
    }
    for layer in baselineLayers {
      try log.append(
        .baselineFitted(
          BaselineRecord(
            layer: layer, strength: 0.01, iterations: 40, hasConverged: true, examples: examples,
            features: 64, seconds: 0)))
      try makeFolder(directory.baseline(layer: layer))
      for (index, split) in splits where split.part != .train {
        let strength = index < signals.count ? signals[index] : (signals.last ?? 1) * 0.9
        // Middle layers carry over best.
        let signal = strength * (0.35 + 0.22 * Double(layer) - 0.02 * Double(layer * layer))
        try predictions(signal: signal, isBroken: false, part: split.part, &random)
          .write(to: directory.baseline(layer: layer, split))
      }
    }
    return try RunResults(Run(folder))
  }

  /// From 1 at 0 to 0 at 1, smoothly enough for a learning rate.
  private func cosine(_ x: Double) -> Double { 1 - x * x * (3 - 2 * x) }

  private func predictions(
    signal: Double, isBroken: Bool, part: Part, _ random: inout SplitMix64
  ) -> Predictions {
    let classes = (0..<labels.count).filter { !unused.contains($0) }
    var (logits, truth): ([Float], [Int]) = ([], [])
    for row in 0..<examples {
      // The first class is a little more frequent than the rest.
      let label = row % 11 == 0 ? classes[0] : classes[row % classes.count]
      truth.append(label)
      for index in labels.indices {
        let noise = (0..<6).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &random)
        }
        let value =
          noise / 1.42 + (index == label ? signal : 0) - (unpredicted.contains(index) ? 20 : 0)
        logits.append(isBroken ? .nan : isConstant ? 0 : Float(value))
      }
    }
    return Predictions(
      classes: labels.count, logits: logits, labels: truth, ids: Array(0..<examples),
      mode: part == .train ? .running : .evaluation)
  }

  private var yaml: String {
    func files(_ code: String, train: Bool) -> String {
      (train ? "train: a.tsv, " : "") + "validation: b.tsv" + (hasTest ? ", test: c.tsv" : "")
    }
    let list = targets.map {
      "    - {language: \($0.code), name: \"\($0.name)\", \(files($0.code, train: false))}\n"
    }.joined()
    return """
      name: \(name)
      model: {checkpoint: /none, encoder_layers: 6, frozen_layers: 4}
      labels: [\(labels.map { "\"\($0)\"" }.joined(separator: ", "))]
      data:
        source: {language: \(source.code), name: "\(source.name)", \(files("", train: true))}
        targets: \(targets.isEmpty ? "[]" : "\n" + list)
      select: \(select.rawValue)
      training:
        epochs: \(epochs)
        schedule: {name: cosine_annealing, eta_min: 5.0e-6, per: \(isPerStep ? "step" : "epoch")}

      """
  }
}
