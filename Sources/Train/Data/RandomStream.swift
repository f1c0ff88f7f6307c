/// A named stream of random numbers: streams of one seed are independent of each other, so that
/// adding one never changes another.
///
/// SplitMix64 (Steele, Lea, Flood 2014), started at a hash of seed and name. Bounded numbers and
/// shuffles are written out here, since the standard library does not promise its algorithms.
package struct RandomStream {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - name: what the numbers are for, such as "shuffle/3".
  package init(seed: Int, name: String) {
    // FNV-1a over the name, mixed with the seed by one step of the generator.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    state = UInt64(bitPattern: Int64(seed))
    state = next() ^ hash
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`, each equally likely (Lemire 2019).
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0)
    let bound = UInt64(bound)
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  /// Orders the elements at random (Fisher and Yates).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for index in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(index, next(below: index + 1))
    }
  }
}
