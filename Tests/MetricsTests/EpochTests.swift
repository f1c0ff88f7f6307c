import Metrics
import Storage
import TestSupport
import Testing

/// Rank correlations and temperatures; Tests/Fixtures/make_metric_fixtures.py wrote what is expected.
@Suite struct EpochTests {
  private func json(_ key: String) throws -> JSON {
    try #require(try Fixture.json("metrics/epochs.json")[key])
  }

  private func numbers(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).compactMap(\.double)
  }

  @Test func rankCorrelationsEqualSciPys() throws {
    for row in try #require(try json("correlations").array) {
      let row = try #require(row.array)
      let found = try #require(rankCorrelation(numbers(row[0]), numbers(row[1])))
      expectClose([found], [try #require(row[2].double)], "\(row)", absolute: 1e-14)
    }
    #expect(rankCorrelation([1], [1]) == nil && rankCorrelation([1, 1], [1, 2]) == nil)
    #expect(rankCorrelation([1, 2, 9], [3, 4, 5]) == 1 && rankCorrelation([1, 2], [2, 1]) == -1)
  }

  @Test func temperaturesEqualSciPys() throws {
    for row in try #require(try json("temperatures").array) {
      let classes = try #require(row["classes"]?.integer)
      let labels = try numbers(row["labels"]).map { Int($0) }
      let logits = try numbers(row["logits"])
      let rows = labels.indices.map { Array(logits[$0 * classes..<($0 + 1) * classes]) }
      let found = try #require(Temperature(logits: rows, labels: labels)).value
      let interval = try #require(found.interval)
      expectClose(
        [found.value], [try #require(row["temperature"]?.double)], "temperature", absolute: 0,
        relative: 1e-12)
      // The reference differentiates numerically.
      expectClose(
        [interval.lower, interval.upper], try numbers(row["interval"]), "interval", absolute: 0,
        relative: 1e-7)
    }
  }

  @Test func whereNoTemperatureIsBestThereIsNone() {
    #expect(Temperature(logits: [], labels: []) == nil)
    #expect(Temperature(logits: [[2, 0], [0, 1]], labels: [0, 1]) == nil, "all right")
    #expect(Temperature(logits: [[2, 0], [0, 1]], labels: [1, 0]) == nil, "all wrong")
    #expect(Temperature(logits: [[1, 1], [1, 1]], labels: [0, 1]) == nil, "nothing told")
    #expect(Temperature(logits: [[.nan, 1]], labels: [0]) == nil)
    #expect(Temperature(logits: [[.infinity, 1]], labels: [0]) == nil)
  }

  /// Logits that were made for a temperature give it back; dividing them by it changes no label.
  @Test func dividedLogitsHaveTemperatureOne() throws {
    var random = SplitMix64(seed: 4)
    let labels = (0..<200).map { $0 % 3 }
    let logits = labels.map { label in
      (0..<3).map { Double.random(in: -3...3, using: &random) + ($0 == label ? 1 : 0) }
    }
    let first = try #require(Temperature(logits: logits, labels: labels)).value.value
    let divided = logits.map { $0.map { $0 / first } }
    let second = try #require(Temperature(logits: divided, labels: labels)).value.value
    expectClose([second], [1], "temperature", absolute: 1e-12)
  }
}
