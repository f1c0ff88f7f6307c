import TestSupport
import Testing

@testable import Model

/// What is counted of a block's shapes is what its matrices take when it is computed.
@Suite struct BlockMemoryTests {
  private func model(
    _ setting: TinyModel.Case, dropout: Double, frozenDropout: Bool
  ) throws -> (classifier: Classifier, memory: BlockMemory) {
    let folder = try TinyModel.withDropout(dropout, setting.family)
    let tuning = FineTuning(
      encoderLayers: setting.encoderLayers, frozenLayers: setting.frozenLayers,
      freezeEmbeddings: setting.freezeEmbeddings, frozenDropout: frozenDropout,
      labels: TinyModel.labels, seed: 1)
    return (
      try Classifier.load(directory: folder.path, fineTuning: tuning).classifier,
      BlockMemory(try WeightMemory(directory: folder.path, fineTuning: tuning))
    )
  }

  /// Long and short examples: in one the probabilities weigh most, in the other the wide layer.
  private static func batches() -> [PackedBatch] {
    [[40, 2, 17], [3, 4, 2, 5, 3], [1], [40]].map { lengths in
      PackedBatch(
        lengths.map { (0..<Int32($0)).map { $0 + 1 } },
        examples: (0..<UInt32(lengths.count)).map { $0 })
    }
  }

  @Test(arguments: TinyModel.cases, [0, 0.1])
  func isWhatWasUsed(_ setting: TinyModel.Case, dropout: Double) throws {
    for frozenDropout in [false, true] {
      let (classifier, memory) = try model(
        setting, dropout: dropout, frozenDropout: frozenDropout)
      let key = dropout > 0 ? DropoutKey(seed: 1, epoch: 1) : nil
      for batch in Self.batches() {
        let lengths = zip(batch.offsets, batch.offsets.dropFirst()).map { $1 - $0 }
        var stored: [Float] = []
        if setting.freezeEmbeddings {
          let worker = Worker(classifier)
          worker.prefix(of: batch, into: &stored)
          #expect(worker.mostWorkspaceBytes == memory.prefix(lengths: lengths))
        }
        for isStored in setting.freezeEmbeddings && !frozenDropout ? [true, false] : [false] {
          let prefix = isStored ? stored : nil
          let scorer = Worker(classifier)
          _ = scorer.logits(of: batch, prefix: prefix)
          #expect(
            scorer.mostWorkspaceBytes == memory.logits(lengths: lengths, isStored: isStored),
            "logits of \(lengths), \(isStored)")
          let worker = Worker(classifier)
          _ = worker.gradient(
            of: batch, prefix: prefix, labels: lengths.map { _ in 0 }, scale: 1, dropout: key,
            into: classifier.makeGradient())
          #expect(
            worker.mostWorkspaceBytes == memory.gradient(lengths: lengths, isStored: isStored),
            "gradient of \(lengths), \(isStored), frozen dropout \(frozenDropout)")
        }
      }
    }
  }
}
