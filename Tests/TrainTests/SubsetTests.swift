import RunLog
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

  @Test func drawsTheSameNumberOfEveryClass() {
    let labels = (0..<90).map { $0 % 9 < 2 ? 0 : $0 % 9 < 4 ? 1 : 2 }
    let rows = balancedSubset(labels: labels, count: 6, classes: 3, seed: 1)
    #expect(rows == rows.sorted() && Set(rows).count == 18)
    for label in 0..<3 { #expect(rows.count { labels[$0] == label } == 6) }
    #expect(rows != balancedSubset(labels: labels, count: 6, classes: 3, seed: 2))
    // A larger draw of the same seed holds the smaller one, and all of a class is all of it.
    let more = balancedSubset(labels: labels, count: 20, classes: 3, seed: 1)
    #expect(Set(rows).isSubset(of: more))
    #expect(more.filter { labels[$0] == 0 } == labels.indices.filter { labels[$0] == 0 })
    // What is drawn of a class does not depend on how many examples others have.
    let fewer = labels.map { $0 == 2 ? 2 : $0 }.prefix(60)
    let kept = balancedSubset(labels: Array(fewer) + [2, 2, 2], count: 3, classes: 3, seed: 1)
    #expect(
      kept.filter { labels[$0] == 0 }
        == balancedSubset(labels: Array(fewer), count: 3, classes: 3, seed: 1)
        .filter { labels[$0] == 0 })
  }

  @Test func namesEveryClassThatHasTooFew() throws {
    let file = DataFile(location: .table("/data/fr.tsv"))
    let names = ["negative", "neutral", "positive"]
    func check(_ labels: [Int], _ count: Int) throws {
      try checkSupply(
        labels: labels, names: names, in: file, of: count, key: "few_shot.per_class")
    }
    try check([0, 1, 2, 0, 1, 2], 2)
    let short = try #require(throws: RunLogError.self) { try check([0, 0, 0, 1, 1, 2], 3) }
    #expect(
      "\(short)"
        == "/data/fr.tsv: few_shot.per_class asks for 3 examples of each class, but the file has only 2 of 'neutral' "
        + "and 1 of 'positive'; ask for at most 1.")
    let missing = try #require(throws: RunLogError.self) { try check([0, 1, 0, 1], 2) }
    #expect(
      missing.message.hasSuffix(
        "only 0 of 'positive'; add examples, or leave the class out of 'labels'."), "\(missing)")
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
