internal import ArgumentParser
internal import Foundation
internal import Model
internal import RunLog
internal import Storage
internal import Train

/// Measures the trainer's own loop on the reference work, a repetition for each line of standard input.
struct TrainingBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Measure prefix, training and evaluation of the reference work.",
    discussion: """
      Reads commands, one per line, and answers each with a line of JSON: 'probe'; 'prefix', 'train', \
      'evaluate', 'tokens' (training from the tokens with frozen_dropout), 'sgemm', 'eval-sgemm', 'prefix-sgemm', \
      each with a number of threads; 'parts', what a step is made of on one thread. Tokens are real ones. A probe of the processors' speed stands before and after each repetition.
      """)

  @Option(help: "A checkpoint, as make-checkpoint writes it.")
  var checkpoint: String

  @Option(help: "Texts, one per line, in random order.")
  var texts: String

  @Option(help: "Examples of a logical batch, which is what a repetition trains on.")
  var examples = 1024

  @Option(help: "Examples that a repetition of evaluation scores.")
  var evaluated = 1024

  @Option(help: "Examples of a repetition of frozen_dropout.")
  var fromTokens = 256

  @Option(help: "About how many tokens a block has.")
  var blockTokens = 2048

  @Option(help: "A folder for what is stored meanwhile.")
  var scratch: String

  func run() throws {
    let bench = try TrainingBench(self)
    report(bench.facts)
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      let threads = words.count > 1 ? Int(words[1]) ?? 1 : 1
      guard let command = words.first else { continue }
      guard let result = try bench.measure(command, threads: threads) else {
        throw ValidationError("There is no benchmark '\(command)'.")
      }
      report(result)
    }
  }
}

/// The reference work, ready to be measured: mBERT's shape, 6 layers, 4 frozen, dropout 0.1, AdamW.
private final class TrainingBench {
  private let options: TrainingBenchmark
  private let probe = SpeedProbe(threads: ProcessInfo.processInfo.activeProcessorCount)
  private let texts: [String]
  private let training: Dataset
  private let evaluation: Dataset
  private let classifier: Classifier
  private var stores: (training: PrefixStore, evaluation: PrefixStore)?
  private var backends: [Int: CPUBackend] = [:]
  private var tokenBackends: [Int: CPUBackend] = [:]
  private var replays: [String: ProductReplay] = [:]
  private var round = 0

  /// What products are recorded of.
  private enum Replayed {
    case training, evaluation, prefix
  }

  init(_ options: TrainingBenchmark) throws {
    self.options = options
    texts = try lines(of: options.texts)
    let tokenizer = try loadTokenizer(directory: options.checkpoint)
    let rows = texts.enumerated().map { LabelledText(text: $1, label: $0 % 3) }
    func dataset(_ part: Part, _ chosen: Range<Int>) -> Dataset {
      Dataset(
        split: Split("en", part), rows: rows, chosen: chosen.map { $0 % rows.count },
        tokenizer: tokenizer, maxLength: 128, threads: 2, keepTexts: true)
    }
    training = dataset(.train, 0..<options.examples)
    evaluation = dataset(
      .validation, options.examples..<options.examples + options.evaluated)
    classifier = try Self.load(options.checkpoint, training, evaluation, frozenDropout: false)
  }

  private static func load(
    _ checkpoint: String, _ training: Dataset, _ evaluation: Dataset, frozenDropout: Bool
  ) throws -> Classifier {
    try Classifier.load(
      directory: checkpoint,
      fineTuning: FineTuning(
        encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true, frozenDropout: frozenDropout,
        labels: ["negative", "neutral", "positive"], seed: 1),
      usedTokens: Set(training.tokens + evaluation.tokens).sorted()
    ).classifier
  }

  /// What is measured, and with what.
  var facts: JSONObject {
    [
      "name": .string("ready"), "blas": .string(Engine.blas),
      "blas_kernel": .string(Engine.blasKernel),
      "blas_kernel_reason": .string(Engine.blasKernelReason),
      "processor": .string(Processor.current.description), "kernels": .string(Engine.kernelClone),
      "examples": .integer(training.count), "tokens": .integer(training.tokens.count),
      "evaluated_examples": .integer(evaluation.count),
      "evaluated_tokens": .integer(evaluation.tokens.count),
      "parameters": .integer(classifier.parameterCounts.total),
      "trainable_parameters": .integer(classifier.parameterCounts.trainable),
    ]
  }

  /// One repetition.
  ///
  /// - Returns: the result, or `nil` if there is no such benchmark.
  func measure(_ command: String, threads: Int) throws -> JSONObject? {
    switch command {
    case "probe": return ["name": .string("probe"), "probe": .number(probe())]
    case "prefix":
      let backend = backend(threads: threads)
      return try bracket(command, threads, training, on: backend) {
        _ = try store(of: training, backend)
      }
    case "train":
      let prefix = try storedPrefixes().training
      let backend = backend(threads: threads)
      return try bracket(command, threads, training, on: backend) {
        try train(on: backend, training, prefix: prefix)
      }
    case "tokens":
      let chosen = part(of: training, options.fromTokens)
      let backend = try tokenBackend(threads: threads)
      return try bracket(command, threads, chosen, on: backend) {
        try train(on: backend, chosen, prefix: nil)
      }
    case "evaluate":
      let prefix = try storedPrefixes().evaluation
      let backend = backend(threads: threads)
      return try bracket(command, threads, evaluation, on: backend) {
        _ = try Evaluation.predict(
          evaluation, on: backend, prefix: prefix, blockTokens: options.blockTokens, Watch())
      }
    case "parts": return try parts()
    case "sgemm": return try replay(command, threads: threads, of: .training)
    case "eval-sgemm": return try replay(command, threads: threads, of: .evaluation)
    case "prefix-sgemm": return try replay(command, threads: threads, of: .prefix)
    default: return nil
    }
  }

  /// What a training step is made of, each part on one thread: from these a projection to more threads is made.
  private func parts() throws -> JSONObject {
    let prefix = try storedPrefixes().training
    let backend = backend(threads: 1)
    let cuts = blocks(
      lengths: (0..<training.count).map(training.length), blockTokens: options.blockTokens)
    let examples = Array(cuts[0])
    let batch = training.batch(examples)
    let labels = examples.map { training.labels[$0] }
    let (left, right) = (classifier.makeGradient(), classifier.makeGradient())
    var optimizer = AdamW(Self.optimizer, for: classifier)
    let before = probe()
    let block = try median {
      let rows = try prefix.rows(of: examples[...], computing: none)
      backend.withWorker(0) {
        _ = $0.gradient(
          of: batch, prefix: rows, labels: labels, scale: 1,
          dropout: DropoutKey(seed: 1, epoch: 0), into: left)
      }
    }
    let addition = median { right.add(left) }
    let pool = WorkerPool(threads: 1)
    let update = median {
      _ = right.squaredNorm()
      optimizer.update(classifier.trainable, gradient: right, learningRate: 5e-5, on: pool)
    }
    return [
      "name": .string("parts"), "block_tokens": .integer(batch.tokenCount),
      "block_seconds": .number(block), "addition_seconds": .number(addition),
      "update_seconds": .number(update),
      "gradient_megabytes": .number(Double(4 * left.count) / 1e6),
      "probe": .array([.number(before), .number(probe())]),
    ]
  }

  /// The median of nine times, after one that is not counted.
  private func median(_ body: () throws -> Void) rethrows -> Double {
    try body()
    return try (0..<9).map { _ in try seconds(body) }.sorted()[4]
  }

  private static let optimizer = OptimizerSettings(learningRate: 5e-5)

  /// Stored rows are whole; a damaged one would be measured as something else.
  private func none(_ batch: PackedBatch) throws -> [Float] {
    throw ValidationError("The stored output of the frozen layers is damaged.")
  }

  private func backend(threads: Int) -> CPUBackend {
    if let backend = backends[threads] { return backend }
    let backend = CPUBackend(classifier, threads: threads)
    backend.prepareTraining(Self.optimizer)
    backends[threads] = backend
    return backend
  }

  /// One that computes the frozen layers with dropout, from the tokens.
  private func tokenBackend(threads: Int) throws -> CPUBackend {
    if let backend = tokenBackends[threads] { return backend }
    let backend = CPUBackend(
      try Self.load(options.checkpoint, training, evaluation, frozenDropout: true),
      threads: threads)
    backend.prepareTraining(Self.optimizer)
    tokenBackends[threads] = backend
    return backend
  }

  private func part(of dataset: Dataset, _ count: Int) -> Dataset {
    let count = min(count, dataset.count)
    let rows = dataset.facts[..<count].map {
      LabelledText(text: $0.text ?? "", label: dataset.labels[$0.id % dataset.count])
    }
    // Encoding again is a matter of milliseconds, outside of what is timed.
    guard let tokenizer = try? loadTokenizer(directory: options.checkpoint) else { return dataset }
    return Dataset(
      split: dataset.split, rows: rows, chosen: Array(0..<count), tokenizer: tokenizer,
      maxLength: 128, threads: 1, keepTexts: true)
  }

  private func store(of dataset: Dataset, _ backend: CPUBackend) throws -> PrefixStore {
    let request = PrefixStore.Request(
      dataset: dataset, backend: backend, precision: .float32, blockTokens: options.blockTokens,
      weights: "random", cache: nil, scratchFolder: options.scratch)
    let store = try PrefixStore.make(
      request, interruption: Interruption(), note: { _ in }, progress: { _ in })
    guard let store else { throw ValidationError("No disk takes the frozen layers' output.") }
    return store
  }

  private func storedPrefixes() throws -> (training: PrefixStore, evaluation: PrefixStore) {
    if let stores { return stores }
    let backend = backend(threads: 2)
    let made = (try store(of: training, backend), try store(of: evaluation, backend))
    stores = made
    return made
  }

  /// One logical batch, as the trainer does it: gradient over shuffled examples, its norm, a step.
  private func train(on backend: CPUBackend, _ data: Dataset, prefix: PrefixStore?) throws {
    round += 1
    var order = Array(0..<data.count)
    var stream = RandomStream(seed: 1, name: "shuffle/\(round)")
    stream.shuffle(&order)
    _ = try backend.gradient(
      of: Blocks(order, of: data, prefix: prefix, blockTokens: options.blockTokens),
      labels: order.map { data.labels[$0] }, dropout: DropoutKey(seed: 1, epoch: round), Watch())
    _ = backend.gradientNorm
    backend.step(learningRate: 5e-5, gradientFactor: 1)
  }

  /// Times `body` between two probes, and counts its work.
  private func bracket(
    _ name: String, _ threads: Int, _ data: Dataset, on backend: CPUBackend,
    _ body: () throws -> Void
  ) rethrows -> JSONObject {
    let before = probe()
    let multiplyAdds = backend.multiplyAdds
    let faults = pageFaults()
    let elapsed = try seconds(body)
    let newFaults = pageFaults() - faults
    let after = probe()
    let operations = 2 * Double(backend.multiplyAdds - multiplyAdds)
    let (tokens, examples) = (Double(data.tokens.count), Double(data.count))
    return [
      "name": .string(name), "threads": .integer(threads), "seconds": .number(elapsed),
      "tokens": .number(tokens), "examples": .number(examples),
      "tokens_per_second": .number(tokens / elapsed),
      "gflops": .number(operations / elapsed / 1e9),
      "mflop_per_token": .number(operations / tokens / 1e6),
      "mflop": .number(operations / 1e6), "page_faults": .integer(newFaults),
      "probe": .array([.number(before), .number(after)]),
    ]
  }

  /// The products of a block a thread, on all threads at once.
  private func replay(_ name: String, threads: Int, of work: Replayed) throws -> JSONObject {
    let key = "\(name)/\(threads)"
    let replay: ProductReplay
    if let known = replays[key] {
      replay = known
    } else {
      let products = try record(work)
      replay = try ProductReplay(products, threads: threads)
      replays[key] = replay
      _ = replay.run()
    }
    let before = probe()
    let elapsed = replay.run()
    let after = probe()
    return [
      "name": .string(name), "threads": .integer(threads), "seconds": .number(elapsed),
      "gflops": .number(replay.operations * Double(threads) / elapsed / 1e9),
      "probe": .array([.number(before), .number(after)]),
    ]
  }

  /// The matrix products of the first block, as the worker asks for them.
  private func record(_ work: Replayed) throws -> [Workspace.Product] {
    let cuts = blocks(
      lengths: (0..<training.count).map(training.length), blockTokens: options.blockTokens)
    let examples = Array(cuts[0])
    let batch = training.batch(examples)
    let prefix = work == .prefix ? nil : try storedPrefixes().training
    return try backend(threads: 2).withWorker(0) { worker in
      worker.products = []
      defer { worker.products = nil }
      let rows = try prefix?.rows(of: examples[...], computing: none)
      switch work {
      case .training:
        _ = worker.gradient(
          of: batch, prefix: rows, labels: examples.map { training.labels[$0] }, scale: 1,
          dropout: DropoutKey(seed: 1, epoch: 0), into: classifier.makeGradient())
      case .evaluation: _ = worker.logits(of: batch, prefix: rows)
      case .prefix:
        var hidden: [Float] = []
        worker.prefix(of: batch, into: &hidden)
      }
      return worker.products ?? []
    }
  }
}
