import Storage
import TestSupport
import Testing

@testable import Model

/// Two blocks that share a gradient's store end with the sum of their own gradients, to the bit.
@Suite struct BlockGradientTests {
  /// Who has come to which tensor, on one thread.
  private final class Meeting: GradientMeeting, @unchecked Sendable {
    // Unchecked because one thread uses it.
    private(set) var come: [Int: Int] = [:]

    func begin(_ place: Int) -> Bool {
      come[place, default: 0] += 1
      return come[place] == 1
    }

    func end(_ place: Int) {}
    func wait(for place: Int) {}
  }

  private func check(_ classifier: Classifier, _ batches: [PackedBatch], _ dropout: DropoutKey?) {
    func write(_ block: Int, _ gradient: BlockGradient) {
      let batch = batches[block]
      _ = Worker(classifier).gradient(
        of: batch, prefix: nil, labels: (0..<batch.count).map { $0 % 3 }, scale: 0.25,
        dropout: dropout, into: gradient)
    }
    let sum = classifier.makeGradient()
    let other = classifier.makeGradient()
    write(0, BlockGradient(sum))
    write(1, BlockGradient(other))
    sum.add(other)
    for order in [[0, 1], [1, 0]] {
      let meeting = Meeting()
      let store = classifier.makeGradient()
      // What was there before does not matter; only rows of positions that no token can have are zero for ever.
      store.copy(from: other)
      for block in order {
        write(block, BlockGradient(store, meeting: meeting, isLeft: block == 0))
      }
      #expect(meeting.come.values.allSatisfy { $0 == 2 })
      for tensor in sum.tensors {
        let isSame = store[tensor.name].map(\.bitPattern) == sum[tensor.name].map(\.bitPattern)
        #expect(isSame, "\(tensor.name), \(order)")
      }
    }
  }

  private static func batches(_ lengths: [[Int]], words: Int32 = 60) -> [PackedBatch] {
    var generator = SplitMix64(seed: 3)
    return lengths.map { lengths in
      PackedBatch(
        lengths.map { (0..<$0).map { _ in Int32.random(in: 1..<words, using: &generator) } },
        examples: lengths.indices.map { UInt32($0) })
    }
  }

  @Test(arguments: TinyModel.cases)
  func isTheSumOfBoth(_ setting: TinyModel.Case) throws {
    let folder = try TinyModel.withDropout()
    let classifier = try Classifier.load(
      directory: folder.path, fineTuning: setting.fineTuning
    ).classifier
    let batches = Self.batches([[7, 40, 2], [3, 12]])
    check(classifier, batches, DropoutKey(seed: 1, epoch: 2))
    check(classifier, batches, nil)
  }

  /// Every family's embeddings learn, and texts have the padding token, which does not.
  @Test(arguments: TinyModel.Family.allCases)
  func isTheSumOfBothInEveryFamily(_ family: TinyModel.Family) throws {
    let classifier = try Classifier.load(
      directory: family.directory,
      fineTuning: FineTuning(
        encoderLayers: 2, frozenLayers: 0, freezeEmbeddings: false, labels: TinyModel.labels,
        seed: 1)
    ).classifier
    let padding = Int32(try #require(classifier.configuration.paddingToken))
    let batches = [
      PackedBatch([[5, padding, 6, 7], [8, 5]], examples: [0, 1]),
      PackedBatch([[9, 6, 6, padding, padding, 5]], examples: [2]),
    ]
    check(classifier, batches, nil)
    check(classifier, batches, DropoutKey(seed: 1, epoch: 2))
  }
}
