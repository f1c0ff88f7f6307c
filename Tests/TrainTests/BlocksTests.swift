import TestSupport
import Testing

@testable import Train

@Suite struct BlocksTests {
  @Test func coversAllExamplesInOrder() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<200 {
      let lengths = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
        Int.random(in: 2...128, using: &generator)
      }
      let blockTokens = Int.random(in: 1...4000, using: &generator)
      let cuts = blocks(lengths: lengths, blockTokens: blockTokens)
      #expect(cuts.flatMap { Array($0) } == Array(lengths.indices))
      #expect(cuts.allSatisfy { !$0.isEmpty })
    }
  }

  @Test func makesBlocksOfAboutTheSizeAskedFor() {
    let lengths = [Int](repeating: 26, count: 1024)
    let cuts = blocks(lengths: lengths, blockTokens: 2048)
    #expect(cuts.count == 16)
    #expect(cuts.allSatisfy { (1600...1750).contains($0.count * 26) })
  }

  @Test func handlesOneExampleAndNone() {
    #expect(blocks(lengths: [5000], blockTokens: 10) == [0..<1])
    #expect(blocks(lengths: [], blockTokens: 10).isEmpty)
  }
}
