import TestSupport
import Testing

@testable import Metrics

@Suite struct DescendingSortTests {
  @Test(arguments: [0, 1, 2, 512, 513, 5000])
  func sortsAsTheStandardLibrary(_ count: Int) {
    var generator = SplitMix64(seed: UInt64(count))
    let special: [Double] = [
      0, -0.0, .infinity, -.infinity, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    let kinds: [(inout SplitMix64) -> Double] = [
      { Double.random(in: 0...1, using: &$0) },
      { Double.random(in: -1e300...1e300, using: &$0) },
      { Double(Int.random(in: 0...3, using: &$0)) },
      { special[Int.random(in: 0..<special.count, using: &$0)] },
    ]
    for kind in kinds {
      let values = (0..<count).map { _ in kind(&generator) }
      var sorted = values
      sortDescending(&sorted)
      #expect(sorted == values.sorted(by: >))
    }
  }
}
