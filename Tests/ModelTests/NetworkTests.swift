import Model
import Storage
import TestSupport
import Testing

internal import Foundation

/// What must hold of the network whatever PyTorch says.
@Suite struct NetworkTests {
  static let key = DropoutKey(seed: 17, epoch: 3)

  private func gradient(
    _ classifier: Classifier, _ batch: PackedBatch, _ labels: [Int], dropout: DropoutKey?,
    lastLayer: LastLayer = .firstRow, prefix: [Float]? = nil, scale: Float = 1
  ) -> (result: Worker.BlockResult, gradient: ParameterStore) {
    let gradient = classifier.makeGradient()
    let result = Worker(classifier, lastLayer: lastLayer).gradient(
      of: batch, prefix: prefix, labels: labels, scale: scale, dropout: dropout, into: gradient)
    return (result, gradient)
  }

  private func expectSameGradient(
    _ a: ParameterStore, _ b: ParameterStore, _ tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for tensor in a.tensors where !isKeyBias(tensor.name) {
      let distance = relativeDistance(a[tensor.name], b[tensor.name])
      #expect(distance <= tolerance, "\(tensor.name)", sourceLocation: sourceLocation)
    }
  }

  /// One query and no keys or values against the whole layer, dropout on: the same up to rounding,
  /// which six layers carry on (torch's float32 is off by 3e-6 itself).
  @Test(arguments: TinyModel.cases)
  func shortWayThroughLastLayerIsTheLongWay(_ setting: TinyModel.Case) throws {
    let folder = try TinyModel.withDropout(0.3, setting.family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(setting.family)
    let short = gradient(classifier, batch, labels, dropout: Self.key)
    let long = gradient(classifier, batch, labels, dropout: Self.key, lastLayer: .allRows)
    expectClose(short.result.logits, long.result.logits, "logits", absolute: 1e-5)
    expectSameGradient(short.gradient, long.gradient, 3e-5)
  }

  /// Central differences of the loss along random directions, one per tensor, dropout on.
  ///
  /// The loss is known to about 1e-6 in float32, so with a step of 1e-2 the slope is to about 1e-4 plus
  /// what the third derivative adds; slopes are of size 1.
  @Test(arguments: TinyModel.cases)
  func gradientIsTheSlopeOfTheLoss(_ setting: TinyModel.Case) throws {
    let folder = try TinyModel.withDropout(0.2, setting.family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(setting.family)
    if setting.family.architecture.head == .preClassifier {
      // A ReLU has no slope at 0; biases of 4 keep its inputs, which are of size 1, away from there.
      let name = setting.family.architecture.name(of: .headDense(.bias))
      classifier.trainable[name] = (0..<24).map { $0 % 2 == 0 ? 4 : -4 }
    }
    let exact = gradient(classifier, batch, labels, dropout: Self.key).gradient
    var generator = SplitMix64(seed: 4)
    for tensor in exact.tensors {
      let start = classifier.trainable[tensor.name]
      let g = exact[tensor.name]
      // Mostly along the gradient, where the slope is largest, partly elsewhere; but the padding token's rows, which
      // the loss depends on and which do not learn, stay.
      let size = Float(norm(g))
      let isTable = tensor.role == .words || tensor.role == .positions
      let direction = g.map {
        let elsewhere = Float.random(in: -1...1, using: &generator) / Float(g.count).squareRoot()
        return (size > 1e-6 ? $0 / size : 0) + (isTable && $0 == 0 ? 0 : elsewhere)
      }
      func loss(_ step: Float) -> Double {
        classifier.trainable[tensor.name] = zip(start, direction).map { $0 + step * $1 }
        return gradient(classifier, batch, labels, dropout: Self.key).result.lossSum
      }
      let slope = (loss(0.005) - loss(-0.005)) / 0.01
      classifier.trainable[tensor.name] = start
      let expected = zip(g, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(slope - expected) < 2e-3 * max(1, abs(expected)), "\(tensor.name)")
    }
  }

  /// Dropout on; only rounding may differ, since OpenBLAS' bits depend on the number of rows.
  @Test(arguments: TinyModel.cases)
  func packingDoesNotMatter(_ setting: TinyModel.Case) throws {
    let folder = try TinyModel.withDropout(0.1, setting.family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(setting.family)
    let together = gradient(classifier, batch, labels, dropout: Self.key)
    let sum = classifier.makeGradient()
    var logits: [Float] = []
    var evaluated: [Float] = []
    var lossSum = 0.0
    for index in 0..<batch.count {
      let one = gradient(classifier, single(batch, index), [labels[index]], dropout: Self.key)
      sum.add(one.gradient)
      logits += one.result.logits
      lossSum += one.result.lossSum
      evaluated += Worker(classifier).logits(of: single(batch, index))
    }
    expectClose(logits, together.result.logits, "logits", absolute: 1e-5)
    expectClose(
      evaluated, Worker(classifier).logits(of: batch), "evaluated logits", absolute: 1e-5)
    expectClose([lossSum], [together.result.lossSum], "loss", absolute: 1e-5)
    expectSameGradient(sum, together.gradient, 3e-5)
  }

  @Test(arguments: TinyModel.cases.filter(\.freezeEmbeddings))
  func prefixFromTheCacheGivesTheSameBits(_ setting: TinyModel.Case) throws {
    let folder = try TinyModel.withDropout(0.1, setting.family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(setting.family)
    let worker = Worker(classifier)
    var prefix: [Float] = []
    worker.prefix(of: batch, into: &prefix)
    #expect(prefix.count == classifier.prefixRows(of: batch) * 24)
    #expect(classifier.hasCacheablePrefix)
    #expect(worker.logits(of: batch, prefix: prefix) == worker.logits(of: batch))
    let cached = gradient(classifier, batch, labels, dropout: Self.key, prefix: prefix)
    let direct = gradient(classifier, batch, labels, dropout: Self.key)
    #expect(cached.result.logits == direct.result.logits)
    #expect(bits(cached.gradient) == bits(direct.gradient))
    #expect(cached.result.multiplyAdds <= direct.result.multiplyAdds)
  }

  @Test(arguments: TinyModel.Family.allCases)
  func frozenDropoutActsInThePrefix(_ family: TinyModel.Family) throws {
    let folder = try TinyModel.withDropout(0.1, family)
    let (batch, labels) = try TinyModel.batch(family)
    func logits(frozenDropout: Bool, key: DropoutKey?) throws -> [Float] {
      let tuning = FineTuning(
        encoderLayers: 6, frozenLayers: 6, freezeEmbeddings: true, frozenDropout: frozenDropout,
        labels: TinyModel.labels, seed: 1)
      let classifier = try Classifier.load(directory: folder.path, fineTuning: tuning).classifier
      #expect(classifier.hasCacheablePrefix == !frozenDropout)
      return gradient(classifier, batch, labels, dropout: key).result.logits
    }
    // The head's dropout is the same in both; with none there is no difference.
    #expect(
      try logits(frozenDropout: true, key: Self.key) != logits(frozenDropout: false, key: Self.key))
    #expect(try logits(frozenDropout: true, key: nil) == logits(frozenDropout: false, key: nil))
  }

  /// Four blocks on one thread, and on four at once: the same bits.
  @Test(arguments: TinyModel.Family.allCases)
  func threadsDoNotMatter(_ family: TinyModel.Family) async throws {
    let folder = try TinyModel.withDropout(0.1, family)
    let setting = TinyModel.cases[1].of(family)
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let (batch, labels) = try TinyModel.batch(family)
    let alone = bits(gradient(classifier, batch, labels, dropout: Self.key).gradient)
    let together = await withTaskGroup(of: [UInt32].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let gradient = classifier.makeGradient()
          let worker = Worker(classifier)
          for _ in 0..<5 {
            _ = worker.gradient(
              of: batch, labels: labels, scale: 1, dropout: Self.key, into: gradient)
          }
          return bits(gradient)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for one in together { #expect(one == alone) }
  }

  @Test(arguments: TinyModel.Family.allCases)
  func workspaceStopsGrowing(_ family: TinyModel.Family) throws {
    let classifier = try TinyModel.load(TinyModel.cases[1].of(family))
    let (batch, labels) = try TinyModel.batch(family)
    let worker = Worker(classifier)
    let gradient = classifier.makeGradient()
    var sizes: [Int] = []
    for _ in 0..<4 {
      _ = worker.gradient(of: batch, labels: labels, scale: 1, dropout: Self.key, into: gradient)
      sizes.append(worker.workspaceBytes)
    }
    #expect(sizes[3] == sizes[1])
    #expect(sizes[3] < 8 << 20)
  }

  @Test(arguments: TinyModel.Family.allCases)
  func scaleMultipliesTheGradientAlone(_ family: TinyModel.Family) throws {
    let classifier = try TinyModel.load(TinyModel.cases[5].of(family))
    let (batch, labels) = try TinyModel.batch(family)
    let one = gradient(classifier, batch, labels, dropout: nil)
    let half = gradient(classifier, batch, labels, dropout: nil, scale: 0.5)
    #expect(one.result.lossSum == half.result.lossSum)
    one.gradient.scale(by: 0.5)
    #expect(bits(one.gradient) == bits(half.gradient))
  }

  /// Multiply-adds by the formulas of the design: in the last layer 2 · heads · H a token forward, and
  /// twice that back when nothing before it learns.
  @Test(arguments: TinyModel.Family.allCases)
  func countsItsWork(_ family: TinyModel.Family) throws {
    let classifier = try TinyModel.load(TinyModel.cases[5].of(family))
    let (batch, labels) = try TinyModel.batch(family)
    var prefix: [Float] = []
    let worker = Worker(classifier)
    worker.prefix(of: batch, into: &prefix)
    let found = gradient(classifier, batch, labels, dropout: nil, prefix: prefix)
    let (H, I, A, labelCount) = (24, 40, 3, 3)
    let perToken = 2 * A * H + 2 * A * H
    // Query, keyed, context; projection; feed-forward; pooler; classifier.
    let forward = H * H + H * H + H * H + H * H + 2 * H * I + H * H + labelCount * H
    let back = 2 * forward - H * H
    #expect(
      found.result.multiplyAdds == batch.tokenCount * perToken + batch.count * (forward + back))
  }

  @Test(arguments: TinyModel.Family.allCases)
  func overfitsFourExamples(_ family: TinyModel.Family) throws {
    let classifier = try TinyModel.load(TinyModel.cases[1].of(family))
    let all = try TinyModel.batch(family).batch
    let batch = PackedBatch(
      tokens: Array(all.tokens[..<all.offsets[4]]), offsets: Array(all.offsets[...4]),
      examples: Array(all.examples[..<4]))
    let labels = [0, 1, 2, 0]
    let gradient = classifier.makeGradient()
    let (m, v) = (classifier.makeGradient(), classifier.makeGradient())
    let worker = Worker(classifier)
    var loss = Double.infinity
    for step in 1...60 {
      loss =
        worker.gradient(
          of: batch, labels: labels, scale: 0.25, dropout: nil, into: gradient
        ).lossSum / 4
      adamW(
        classifier.trainable, gradient: gradient, firstMoment: m, secondMoment: v, step: step,
        learningRate: 3e-3, weightDecay: 0)
    }
    #expect(loss < 0.01)
  }

  /// Prefix, evaluation and training with every token in the vocabulary or only those that occur.
  @Test(arguments: TinyModel.Family.allCases)
  func embeddingRowsAreReadAsNeeded(_ family: TinyModel.Family) throws {
    let (batch, _) = try TinyModel.batch(family)
    let setting = TinyModel.cases[0].of(family).fineTuning
    let whole = try Classifier.load(directory: family.directory, fineTuning: setting).classifier
    let some = try Classifier.load(
      directory: family.directory, fineTuning: setting,
      usedTokens: Array(single(batch, 2).tokens)
    ).classifier
    #expect(
      Worker(some).logits(of: single(batch, 2)) == Worker(whole).logits(of: single(batch, 2)))
    try some.loadEmbeddingRows(for: batch.tokens)
    #expect(Worker(some).logits(of: batch) == Worker(whole).logits(of: batch))
  }
}

private func bits(_ store: ParameterStore) -> [UInt32] {
  store.withElements { $0.map(\.bitPattern) }
}
