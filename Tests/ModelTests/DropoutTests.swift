import Model
import TestSupport
import Testing

@Suite struct DropoutTests {
  /// The known answers that accompany the authors' Random123 (kat_vectors, philox4x32 with 10 rounds).
  @Test func philoxGivesItsKnownAnswers() {
    #expect(
      Kernels.philox(counter: [0, 0, 0, 0], key: [0, 0])
        == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(
      Kernels.philox(
        counter: [.max, .max, .max, .max], key: [.max, .max])
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      Kernels.philox(
        counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        key: [0xa409_3822, 0x299f_31d0])
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  /// The vectorised draws are words of the blocks that kernels.h documents.
  @Test(arguments: KernelTests.clones)
  func drawsAreWordsOfPhilox(_ clone: String) throws {
    let dropout = try #require(
      Dropout(0.1, DropoutKey(seed: 0, epoch: 0), layer: 5, site: .feedForwardOutput))
    // The finaliser of SplitMix64 at the seed plus the golden ratio.
    var generator = SplitMix64(seed: 0)
    let word = generator.next()
    let key = [UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)]
    _ = Engine.withKernelClone(clone) {
      let draws = Kernels.draws(dropout, example: 9, position: 4, head: 2, count: 100)
      for (e, draw) in draws.enumerated() {
        let counter: [UInt32] = [UInt32(8 * (e / 32) + e % 8), 4 + 65536 * 2, 9, 5 << 8 | 3]
        #expect(draw == Kernels.philox(counter: counter, key: key)[e / 8 % 4])
      }
    }
  }

  @Test func keepsTheRightShareAndTheMean() throws {
    let space = Workspace()
    let (rows, columns) = (400, 333)
    let batch = PackedBatch(
      tokens: [Int32](repeating: 0, count: rows), offsets: [0, 150, rows], examples: [8, 9])
    let x = space.matrix(rows, columns)
    for index in 0..<rows * columns { x.base[index] = 1 }
    let dropout = try #require(
      Dropout(0.1, DropoutKey(seed: 5, epoch: 2), layer: 0, site: .attentionOutput))
    Kernels.drop(x, dropout, rows: Pass(batch, space).keys(.all), into: x)
    let elements = x.elements
    #expect(Set(elements) == [0, Float(1 / 0.9)])
    // 133,200 draws: the share's standard deviation is 0.0008; five of them.
    let share = Double(elements.count { $0 == 0 }) / Double(elements.count)
    #expect(abs(share - 0.1) < 0.004)
    // Neighbours, rows, columns are independent: pairs dropped together are a hundredth.
    let pairs = (0..<elements.count - columns).count {
      elements[$0] == 0 && elements[$0 + columns] == 0
    }
    #expect(abs(Double(pairs) / Double(elements.count) - 0.01) < 0.002)
  }

  @Test func everyKeyMatters() throws {
    func draws(
      seed: UInt64 = 1, epoch: Int = 0, layer: Int = 1, site: Dropout.Site = .attentionOutput,
      example: UInt32 = 3, position: UInt32 = 2, head: UInt32 = 0
    ) throws -> [UInt32] {
      let dropout = try #require(
        Dropout(0.1, DropoutKey(seed: seed, epoch: epoch), layer: layer, site: site))
      return Kernels.draws(
        dropout, example: example, position: position, head: head, count: 64)
    }
    let variants = [
      try draws(), try draws(seed: 2), try draws(epoch: 1), try draws(layer: 2),
      try draws(site: .feedForwardOutput), try draws(example: 4), try draws(position: 3),
      try draws(head: 1),
    ]
    #expect(Set(variants.flatMap { $0 }).count == variants.count * 64)
    #expect(try draws() == variants[0])
  }

  /// A probability whose 2³²-fold rounds to 2³² fits no 32-bit word.
  @Test func almostEverythingCanBeDropped() throws {
    let dropout = try #require(
      Dropout(1 - 1e-12, DropoutKey(seed: 1, epoch: 1), layer: 0, site: .head))
    let space = Workspace()
    let x = space.matrix(1, 64)
    for index in 0..<64 { x.base[index] = 1 }
    let batch = PackedBatch(tokens: [2], offsets: [0, 1], examples: [3])
    Kernels.drop(x, dropout, rows: Pass(batch, space).keys(.all), into: x)
    #expect(x.elements.allSatisfy { $0 == 0 })
  }

  @Test func nothingIsDroppedInEvaluation() {
    #expect(Dropout(0.1, nil, layer: 0, site: .head) == nil)
    #expect(Dropout(0, DropoutKey(seed: 1, epoch: 1), layer: 0, site: .head) == nil)
  }
}
