import Metrics
import Storage
import TestSupport
import Testing

/// Differences over draws and examples; Tests/Fixtures/make_few_shot_fixtures.py wrote what is expected.
@Suite struct FewShotTests {
  private func table(_ json: JSON?) throws -> [Answers] {
    try #require(json?.array).map { row in
      .mean(try #require(row.array).map { try #require($0.double) })
    }
  }

  /// The bootstrap comes to what an analysis of variance gives: the variance of 2,000 draws strays by 3 %
  /// (√(2/2000)), twice the draws' share minus what drawing adds by some more, its root by half of that.
  @Test func agreesWithAnalysisOfVariance() throws {
    let cases = try #require(try Fixture.json("metrics/few_shot.json")["cases"]?.array)
    #expect(cases.count == 6)
    var pValues: [Double] = []
    for json in cases {
      let name = try #require(json["name"]?.string)
      let first = try table(json["first"])
      var second = try table(json["second"])
      // The run itself is one network, the same for every draw.
      if second.count == 1 { second = first.map { _ in second[0] } }
      let contrast = Contrast([
        Contrast.Term(weight: 1, configuration: "draws", split: "test", answers: first),
        Contrast.Term(weight: -1, configuration: "draws", split: "test", answers: second),
      ])
      let error = try #require(json["standard_error"]?.double)
      let interval = try #require(json["interval"]?.array).map { try #require($0.double) }
      expectClose([contrast.value], [try #require(json["value"]?.double)], name, absolute: 1e-12)
      expectClose([contrast.standardError], [error], name, absolute: 0, relative: 0.05)
      let found = try #require(contrast.estimate.interval)
      expectClose(
        [found.lower, found.upper], interval, name, absolute: 0.08 * (interval[1] - interval[0]) / 2
      )
      #expect(contrast.isForTheseSeedsOnly == (first.count < 3), "\(name)")
      pValues.append(try #require(json["p_value"]?.double))
    }
    let adjusted = try cases.map { try #require($0["adjusted_p_value"]?.double) }
    expectClose(holmAdjusted(pValues), adjusted, "Holm", absolute: 1e-12)
  }
}
