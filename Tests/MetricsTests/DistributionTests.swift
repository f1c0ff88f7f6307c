import Storage
import TestSupport
import Testing

@testable import Metrics

/// Agreement with Python's `math` and SciPy; Tests/Fixtures/make_metric_fixtures.py wrote what is
/// expected.
@Suite struct DistributionTests {
  private func rows(_ key: String) throws -> [[Double]] {
    let json = try Fixture.json("metrics/distributions.json")
    return try #require(json[key]?.array).map { try #require($0.array).compactMap(\.double) }
  }

  /// Two units in the last place.
  @Test func elementaryFunctionsEqualTheLibrarys() throws {
    for row in try rows("exponential") {
      // Below the normal numbers units are coarse.
      expectClose(
        [exponential(row[0])], [row[1]], "exp \(row)", absolute: 4 * .leastNonzeroMagnitude,
        relative: 4.5e-16)
    }
    for row in try rows("logarithm") {
      expectClose([naturalLogarithm(row[0])], [row[1]], "ln \(row)", absolute: 0, relative: 4.5e-16)
    }
  }

  @Test func theyUndoEachOther() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      let x = Double.random(in: -700...700, using: &random)
      // An error of one unit in eˣ is one of 2⁻⁵² in x.
      expectClose([naturalLogarithm(exponential(x))], [x], "x", absolute: 5e-16, relative: 3e-16)
    }
    #expect(exponential(0) == 1 && exponential(-.infinity) == 0 && exponential(710) == .infinity)
    #expect(exponential(.nan).isNaN && naturalLogarithm(.nan).isNaN && naturalLogarithm(-1).isNaN)
    #expect(naturalLogarithm(0) == -.infinity && naturalLogarithm(1) == 0)
    #expect(naturalLogarithm(.infinity) == .infinity)
  }

  @Test func distributionsEqualSciPys() throws {
    for row in try rows("log_gamma") {
      expectClose([logGamma(row[0])], [row[1]], "ln Γ \(row)", absolute: 2e-14, relative: 1e-14)
    }
    for row in try rows("beta") {
      expectClose(
        [incompleteBeta(row[0], row[1], row[2])], [row[3]], "I \(row)", absolute: 0,
        relative: 1e-11)
    }
    for row in try rows("normal_share") {
      expectClose(
        [StandardNormal.share(below: row[0])], [row[1]], "Φ \(row)", absolute: 0, relative: 1e-12)
    }
    for row in try rows("normal_quantile") {
      expectClose([StandardNormal.quantile(row[0])], [row[1]], "z \(row)", absolute: 1e-12)
    }
    for row in try rows("t_share") {
      expectClose(
        [StudentT.share(below: row[0], degrees: row[1])], [row[2]], "t \(row)", absolute: 0,
        relative: 1e-11)
    }
    for row in try rows("t_quantile") {
      expectClose(
        [StudentT.quantile(row[0], degrees: row[1])], [row[2]], "t \(row)", absolute: 1e-10,
        relative: 1e-10)
    }
    #expect(StandardNormal.quantile(0) == -.infinity && StandardNormal.quantile(1) == .infinity)
    #expect(StandardNormal.quantile(1.5).isNaN && StandardNormal.share(below: .infinity) == 1)
  }
}
