import Model
import Storage
import TestSupport
import Testing

/// Every shortcut against the long way around it, and both against float64, with dropout on.
///
/// Float64 is PyTorch with transformers, taking the same draws of Philox, examples padded to the
/// longest (Tests/Fixtures/make_dropout_fixtures.py): logits, the gradient of every tensor, and every
/// parameter after twenty steps of AdamW. Key biases are left out: their true gradient is 0.
///
/// Distances are relative 2-norms a tensor. A largest element would hang on one unlucky rounding of a
/// few hundred, and twice as much so where it is that of the long way which sets the bound.
@Suite struct ExactnessTests {
  /// How a step's gradient is computed.
  struct Way: Sendable, CustomTestStringConvertible {
    let name: String
    var lastLayer = LastLayer.allRows
    var storesPrefix = false
    var cutsBlocks = false

    var testDescription: String { name }

    /// From the tokens, all rows of every layer, the batch in one block.
    static let long = Way(name: "the long way")

    static let shortcuts = [
      Way(name: "one row of the last layer", lastLayer: .firstRow),
      Way(name: "stored prefix", storesPrefix: true),
      Way(name: "a block for each example", cutsBlocks: true),
      Way(
        name: "all at once", lastLayer: .firstRow, storesPrefix: true, cutsBlocks: true),
    ]
  }

  /// Four times the long way's own distance from float64. No tensor of float32
  /// lies nearer to the truth than rounding once leaves it, which is at most 2⁻²⁴ of its norm.
  private func bound(_ distance: Double) -> Double { 4 * max(distance, 0x1p-24) }

  /// The settings for which the fixtures are there, with the float64 values by name.
  private static let cases = TinyModel.cases.filter {
    ["frozen-4", "everything"].contains($0.name)
  }

  @Test(arguments: cases, KernelTests.clones)
  func shortcutsAreAsExactAsTheLongWay(_ setting: TinyModel.Case, _ clone: String) throws {
    // A processor without these instructions has nothing to show.
    guard Engine.withKernelClone(clone, {}) != nil else { return }
    let expected = try Fixture.tensors(setting.fixture("dropout"))
    let long = try results(of: .long, setting, clone)
    #expect(Set(long.keys) == Set(expected.entries.keys))
    for way in Way.shortcuts {
      let short = try results(of: way, setting, clone)
      for key in expected.entries.keys.sorted() {
        let exact = try expected.doubles(key)
        let (shortOnes, longOnes) = (try #require(short[key]), try #require(long[key]))
        let bound = bound(distance(longOnes, exact))
        let (toExact, toLong) = (distance(shortOnes, exact), distance(shortOnes, longOnes))
        #expect(toExact <= bound, "\(way.name): \(key) from float64")
        #expect(toLong <= bound, "\(way.name): \(key) from the long way")
      }
    }
  }

  /// Without padding against PyTorch's float32 with it, whose distance the fixture's metadata gives.
  @Test(arguments: cases)
  func packingIsAsExactAsPadding(_ setting: TinyModel.Case) throws {
    let expected = try Fixture.tensors(setting.fixture("dropout"))
    for way in [Way.long] + Way.shortcuts {
      for (key, found) in try results(of: way, setting) {
        let padded = try #require(expected.metadata[key].flatMap(Double.init))
        let distance = distance(found, try expected.doubles(key))
        #expect(distance <= bound(padded), "\(way.name): \(key)")
      }
    }
  }

  /// Logits and gradients at the fixture's epoch, parameters after twenty steps from the start.
  private func results(
    of way: Way, _ setting: TinyModel.Case, _ clone: String = Engine.kernelClone
  ) throws -> [String: [Float]] {
    let folder = try TinyModel.withDropout(0.1, setting.family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(setting.family)
    var results: [String: [Float]] = [:]
    _ = Engine.withKernelClone(clone) {
      let gradient = classifier.makeGradient()
      results["logits"] = sum(way, classifier, batch, labels, epoch: 17, into: gradient)
      for tensor in gradient.tensors { results["gradient.\(tensor.name)"] = gradient[tensor.name] }
      let (m, v) = (classifier.makeGradient(), classifier.makeGradient())
      for step in 1...20 {
        _ = sum(way, classifier, batch, labels, epoch: step, into: gradient)
        adamW(
          classifier.trainable, gradient: gradient, firstMoment: m, secondMoment: v, step: step,
          learningRate: 1e-3, weightDecay: 0.01)
      }
    }
    for tensor in classifier.trainable.tensors {
      results["parameter.\(tensor.name)"] = classifier.trainable[tensor.name]
    }
    return results.filter { !isKeyBias($0.key) }
  }

  /// The gradient of the mean loss; returns logits.
  private func sum(
    _ way: Way, _ classifier: Classifier, _ batch: PackedBatch, _ labels: [Int], epoch: Int,
    into sum: ParameterStore
  ) -> [Float] {
    let worker = Worker(classifier, lastLayer: way.lastLayer)
    let part = classifier.makeGradient()
    let blocks =
      way.cutsBlocks ? (0..<batch.count).map { single(batch, $0) } : [batch]
    var logits: [Float] = []
    sum.setZero()
    for block in blocks {
      var prefix: [Float] = []
      if way.storesPrefix { worker.prefix(of: block, into: &prefix) }
      let done = logits.count / 3
      logits +=
        worker.gradient(
          of: block, prefix: way.storesPrefix && classifier.hasCacheablePrefix ? prefix : nil,
          labels: Array(labels[done..<done + block.count]), scale: 1 / Float(batch.count),
          dropout: DropoutKey(seed: 3, epoch: epoch), into: part
        ).logits
      sum.add(part)
    }
    return logits
  }

  /// ‖a − b‖ / ‖b‖, in double.
  private func distance<Number: BinaryFloatingPoint>(_ a: [Float], _ b: [Number]) -> Double {
    guard a.count == b.count else { return .infinity }
    let difference = zip(a, b).reduce(0.0) {
      let d = Double($1.0) - Double($1.1)
      return $0 + d * d
    }
    return (difference / b.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
  }
}
