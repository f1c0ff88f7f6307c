internal import ArgumentParser
internal import Device
internal import Foundation
internal import Model
internal import RunLog
internal import Storage
internal import Train

/// Measures the reference work on a device, a repetition for each line of standard input.
struct DeviceBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device-training",
    abstract:
      "Measure prefix, training and evaluation of the reference work on a graphics processor.",
    discussion: """
      Reads commands, one per line, and answers each with a line of JSON: 'prefix', 'train', 'evaluate'. Tokens are \
      real ones.
      """)

  @Option(help: "A checkpoint, as make-checkpoint writes it.")
  var checkpoint: String

  @Option(help: "Texts, one per line, in random order.")
  var texts: String

  @Option(help: "As --device of report takes it.")
  var device = "gpu"

  @Option(help: "Of matrix products: fp32 or tf32.")
  var precision = "fp32"

  @Option(help: "Examples of a logical batch, which is what a repetition trains on.")
  var examples = 1024

  @Option(help: "About how many tokens a block has.")
  var blockTokens = 2048

  @Option(help: "A folder for what is stored meanwhile.")
  var scratch: String

  func run() throws {
    guard let request = DeviceRequest(device), let precision = ProductPrecision(rawValue: precision)
    else { throw ValidationError("--device or --precision is not known.") }
    guard case .device(let device) = try request.open(precision: precision, note: { _ in }) else {
      throw ValidationError("--device must name a device.")
    }
    let bench = try Bench(self, on: device)
    report(bench.facts)
    while let line = readLine() {
      report(try bench.measure(line))
    }
  }

  private final class Bench {
    let data: Dataset
    let backend: DeviceBackend
    let device: any Device
    let options: DeviceBenchmark
    private var store: PrefixStore?
    private var round = 0

    init(_ options: DeviceBenchmark, on device: any Device) throws {
      (self.options, self.device) = (options, device)
      let texts = try lines(of: options.texts)
      let rows = texts.enumerated().map { LabelledText(text: $1, label: $0 % 3) }
      data = Dataset(
        split: Split("en", .train), rows: rows,
        chosen: (0..<options.examples).map { $0 % rows.count },
        tokenizer: try loadTokenizer(directory: options.checkpoint), maxLength: 128, threads: 2,
        keepTexts: true)
      let classifier = try Classifier.load(
        directory: options.checkpoint,
        fineTuning: FineTuning(
          encoderLayers: 6, frozenLayers: 4, freezeEmbeddings: true,
          labels: ["negative", "neutral", "positive"], seed: 1),
        usedTokens: Set(data.tokens).sorted()
      ).classifier
      backend = DeviceBackend(classifier, on: device, threads: 2)
      try backend.prepareTraining(OptimizerSettings(learningRate: 5e-5))
    }

    var facts: JSONObject {
      [
        "name": .string("ready"), "device": .string(device.identity.name),
        "driver": .string(device.identity.driver), "products": .string(device.identity.products),
        "examples": .integer(data.count), "tokens": .integer(data.tokens.count),
      ]
    }

    func measure(_ command: String) throws -> JSONObject {
      let multiplyAdds = backend.multiplyAdds
      let elapsed: Double
      switch command {
      case "prefix": elapsed = try seconds { store = try makeStore() }
      case "train":
        let prefix = try storedPrefix()
        elapsed = try seconds { try train(prefix) }
      case "evaluate":
        let prefix = try storedPrefix()
        elapsed = try seconds {
          _ = try Evaluation.predict(
            data, on: backend, prefix: prefix, blockTokens: options.blockTokens, Watch())
        }
      default: throw ValidationError("There is no benchmark '\(command)'.")
      }
      let operations = 2 * Double(backend.multiplyAdds - multiplyAdds)
      let tokens = Double(data.tokens.count)
      return [
        "name": .string(command), "seconds": .number(elapsed), "tokens": .number(tokens),
        "tokens_per_second": .number(tokens / elapsed),
        "gflops": .number(operations / elapsed / 1e9),
      ]
    }

    private func storedPrefix() throws -> PrefixStore {
      if let store { return store }
      let made = try makeStore()
      store = made
      return made
    }

    private func makeStore() throws -> PrefixStore {
      let request = PrefixStore.Request(
        dataset: data, backend: backend, precision: .float32, blockTokens: options.blockTokens,
        weights: "random", cache: nil, scratchFolder: options.scratch)
      let store = try PrefixStore.make(
        request, interruption: Interruption(), note: { _ in }, progress: { _ in })
      guard let store else { throw ValidationError("No disk takes the frozen layers' output.") }
      return store
    }

    /// One logical batch, as the trainer does it, until the device is done.
    private func train(_ prefix: PrefixStore) throws {
      round += 1
      var order = Array(0..<data.count)
      var stream = RandomStream(seed: 1, name: "shuffle/\(round)")
      stream.shuffle(&order)
      _ = try backend.gradient(
        of: Blocks(order, of: data, prefix: prefix, blockTokens: options.blockTokens),
        labels: order.map { data.labels[$0] }, dropout: DropoutKey(seed: 1, epoch: round), Watch())
      _ = try backend.gradientNorm
      try backend.step(learningRate: 5e-5, gradientFactor: 1)
      try device.finish()
    }
  }
}
