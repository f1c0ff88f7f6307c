import TestSupport
import Testing

@testable import Train

@Suite struct SubsetTests {
  @Test func takesTheShareOfEachClass() {
    var generator = SplitMix64(seed: 5)
    let labels = (0..<1839).map { _ in Int.random(in: 0..<3, using: &generator) }
    let rows = stratifiedSubset(labels: labels, percentage: 50, seed: 42)
    #expect(rows.count == 920)
    #expect(rows == rows.sorted() && Set(rows).count == rows.count)
    for label in 0..<3 {
      let all = labels.count { $0 == label }
      let taken = rows.count { labels[$0] == label }
      #expect(abs(Double(taken) - Double(all) / 2) <= 1)
    }
  }

  @Test func dependsOnTheSeedAlone() {
    let labels = (0..<100).map { $0 % 3 }
    let a = stratifiedSubset(labels: labels, percentage: 30, seed: 1)
    #expect(a == stratifiedSubset(labels: labels, percentage: 30, seed: 1))
    #expect(a != stratifiedSubset(labels: labels, percentage: 30, seed: 2))
  }

  @Test func takesAllOrAtLeastOne() {
    #expect(stratifiedSubset(labels: [0, 1, 2], percentage: 100, seed: 1) == [0, 1, 2])
    #expect(stratifiedSubset(labels: [0, 1, 2], percentage: 0.001, seed: 1).count == 1)
  }

  @Test func streamsOfOneSeedDiffer() {
    var a = RandomStream(seed: 42, name: "shuffle/1")
    var b = RandomStream(seed: 42, name: "subset")
    #expect((0..<4).map { _ in a.next() } != (0..<4).map { _ in b.next() })
  }

  @Test func boundedNumbersAreUniform() {
    var stream = RandomStream(seed: 7, name: "test")
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.next(below: 7)] += 1 }
    // Six standard deviations of a binomial with n = 70,000, p = 1/7 are 556.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 556 })
  }
}
