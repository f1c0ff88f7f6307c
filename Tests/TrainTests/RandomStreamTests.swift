import Testing

@testable import Train

/// Streams are functions of seed and name alone: these numbers must stay as they are, whatever streams
/// are added, since every run's bits come from them.
@Suite struct RandomStreamTests {
  /// By random_streams.py in Tests/Fixtures/train, an independent implementation.
  @Test(arguments: [
    (
      42, "subset",
      [0xCF29_A3DA_7CB1_127A, 0x7144_2A50_CA8B_44CC, 0xABAC_CA93_C2D9_9A13] as [UInt64]
    ),
    (42, "shuffle/1", [0xC5E1_9F62_EFAE_EF2C, 0x5E76_5649_4358_3202, 0x2A02_FD1A_E65B_9D38]),
    (42, "shuffle/2", [0x223D_3060_6AC0_DAA7, 0x67F6_869A_0F8F_3923, 0xB0A1_9240_E614_33D2]),
    (0, "", [0x5B21_F68F_FA77_F14C, 0xACF0_460C_6CC0_9C67, 0x1E3A_31B2_19D0_D222]),
    (
      9_223_372_036_854_775_807, "dropout",
      [0xDA8B_C43A_8B63_89A8, 0xBBCE_A99D_D444_069A, 0x4615_CDEC_1291_2A3B]
    ),
  ])
  func areWhatTheyWere(_ seed: Int, _ name: String, _ expected: [UInt64]) {
    var stream = RandomStream(seed: seed, name: name)
    #expect((0..<3).map { _ in stream.next() } == expected)
  }

  @Test func shufflesStayAsTheyWere() {
    var stream = RandomStream(seed: 42, name: "shuffle/1")
    var numbers = Array(0..<12)
    stream.shuffle(&numbers)
    #expect(numbers == [3, 5, 11, 2, 6, 8, 10, 0, 7, 1, 4, 9])
  }

  /// Drawing from one stream, or from one that is new, changes no other.
  @Test func doNotTouchEachOther() {
    var alone = RandomStream(seed: 7, name: "shuffle/1")
    let expected = (0..<50).map { _ in alone.next() }
    var (stream, other) = (
      RandomStream(seed: 7, name: "shuffle/1"), RandomStream(seed: 7, name: "augmentation")
    )
    var mixed: [UInt64] = []
    for round in 0..<50 {
      for _ in 0..<round % 3 { _ = other.next() }
      mixed.append(stream.next())
    }
    #expect(mixed == expected)
    // No prefix of a name, and no neighbouring seed, gives the same stream.
    var firsts: Set<UInt64> = []
    for seed in 0..<20 {
      for name in ["", "s", "subset", "shuffle/1", "shuffle/11", "dropout"] {
        var stream = RandomStream(seed: seed, name: name)
        firsts.insert(stream.next())
      }
    }
    #expect(firsts.count == 120)
  }
}
