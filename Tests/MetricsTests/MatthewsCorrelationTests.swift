import Metrics
import Storage
import TestSupport
import Testing

/// Matthews' correlation coefficient; Tests/Fixtures/make_metric_fixtures.py wrote what is expected.
@Suite struct MatthewsCorrelationTests {
  private let json: JSON

  init() throws { json = try Fixture.json("metrics/matthews_correlations.json") }

  private func numbers(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).compactMap(\.double)
  }

  private func integers(_ json: JSON?) throws -> [Int] { try numbers(json).map { Int($0) } }

  private func matrix(_ counts: [Int], _ classes: Int) -> ConfusionMatrix {
    let cells = counts.indices.flatMap { [Int](repeating: $0, count: counts[$0]) }
    return ConfusionMatrix(
      labels: cells.map { $0 / classes }, predictions: cells.map { $0 % classes }, classes: classes)
  }

  @Test func equalsScikitLearns() throws {
    let cases = try Case.all()
    let found = cases.map(\.confusion.matthewsCorrelation)
    expectClose(found, try numbers(json["cases"]), "cases", absolute: 1e-12)
    // Perfect answers, answers that are always wrong, and one class or one answer throughout, of which
    // scikit-learn says 0.
    #expect(found.contains(1) && found.contains { $0 < -0.49 } && found.contains(0))
    let missing = try Fixture.json("metrics/unanswered.json")
    let answers = try #require(missing["predictions"]?.array).map(\.integer)
    let confusion = ConfusionMatrix(
      labels: try integers(missing["labels"]), predictions: answers, classes: 3)
    expectClose(
      [confusion.matthewsCorrelation], [try #require(json["unanswered"]?.double)], "unanswered",
      absolute: 1e-12)
  }

  /// The value is exact; the ends of 10,000 draws stray by some 2 % of the width.
  private func expectEstimate(
    _ found: Estimate, _ expected: JSON?, _ what: String, tolerance: Double = 0.06
  ) throws {
    let expected = try numbers(expected)
    let interval = try #require(found.interval)
    expectClose([found.value], [expected[0]], what, absolute: 1e-12)
    expectClose(
      [interval.lower, interval.upper], Array(expected[1...]), what,
      absolute: tolerance * (expected[2] - expected[1]))
  }

  @Test func intervalsAgreeWithSciPys() throws {
    for row in try #require(json["intervals"]?.array) {
      let (classes, counts) = try (#require(row["classes"]?.integer), integers(row["counts"]))
      let confusion = matrix(counts, classes)
      let found = confusion.intervals(of: [.macroF1, .matthewsCorrelation])
      try expectEstimate(
        Estimate(confusion.matthewsCorrelation, found[1], by: .acceleratedBootstrap),
        row["interval"], "\(counts)")
      // Drawn together, each is what it is alone.
      #expect(
        found == confusion.intervals(of: [.macroF1])
          + confusion.intervals(of: [.matthewsCorrelation]))
    }
  }

  @Test func gapsAndDifferencesAgreeWithSciPys() throws {
    for row in try #require(json["gaps"]?.array) {
      let classes = try #require(row["classes"]?.integer)
      let matrices = try #require(row["counts"]?.array).map { matrix(try integers($0), classes) }
      let found = LanguageAnswers(matrices).differences(in: [.macroF1, .matthewsCorrelation])
      try expectEstimate(found[1], row["gap"], "gap")
      #expect(found[0] == LanguageAnswers(matrices).differences(in: [.macroF1])[0])
    }
    let row = try #require(json["difference"])
    let (labels, a, b) = try (integers(row["labels"]), integers(row["a"]), integers(row["b"]))
    let networks = Contrast(
      [(1, "a", a), (-1, "b", b)].map { weight, name, answers in
        let scores = Scores(labels: labels, classes: 3) { place in
          ((0..<3).map { $0 == answers[place] ? 1 : 0 } as [Float])[...]
        }
        return Contrast.Term(
          weight: weight, configuration: name, split: "test",
          answers: [Metric.matthewsCorrelation.answers(scores)])
      })
    // A contrast's interval is symmetric, which BCa's is not.
    try expectEstimate(networks.estimate, row["difference"], "networks", tolerance: 0.1)
  }

  // MARK: What it must be by definition

  /// Matrices of two to five classes, some with cells of 0.
  private var drawn: [(counts: [[Int]], matrix: ConfusionMatrix)] {
    var random = SplitMix64(seed: 68)
    return (0..<200).map { _ in
      let classes = Int.random(in: 2...5, using: &random)
      let counts = (0..<classes).map { _ in
        (0..<classes).map { _ in max(0, Int.random(in: -3...12, using: &random)) }
      }
      return (counts, matrix(counts.flatMap { $0 }, classes))
    }.filter { $0.1.total > 0 }
  }

  @Test func doesNotDependOnTheOrderOfClassesAndIsSymmetric() {
    for (counts, found) in drawn {
      let places = counts.indices
      let turned = places.flatMap { row in
        places.map { counts[places.count - 1 - row][places.count - 1 - $0] }
      }
      let transposed = places.flatMap { row in places.map { counts[$0][row] } }
      let value = found.matthewsCorrelation
      #expect((-1...1).contains(value))
      for other in [turned, transposed] {
        expectClose(
          [matrix(other, places.count).matthewsCorrelation], [value], "\(counts)", absolute: 1e-12)
      }
    }
  }

  /// Of two classes it is Yule's phi, `√(χ²/n)` with a sign.
  @Test func isPhiOfTwoClasses() {
    for (counts, found) in drawn where counts.count == 2 {
      let (a, b, c, d) = (
        Double(counts[0][0]), Double(counts[0][1]), Double(counts[1][0]), Double(counts[1][1])
      )
      let margins = (a + b) * (c + d) * (a + c) * (b + d)
      let phi = margins == 0 ? 0 : (a * d - b * c) / margins.squareRoot()
      expectClose([found.matthewsCorrelation], [phi], "\(counts)", absolute: 1e-12)
    }
  }

  @Test func isOneIfAllAreRightAndLeastIfTwoClassesAreSwapped() {
    #expect(matrix([7, 0, 0, 0, 4, 0, 0, 0, 9], 3).matthewsCorrelation == 1)
    #expect(matrix([0, 5, 8, 0], 2).matthewsCorrelation == -1)
    // Of three classes the least is above −1.
    #expect(matrix([0, 5, 0, 0, 0, 5, 5, 0, 0], 3).matthewsCorrelation == -0.5)
    #expect(matrix([3, 0, 5, 0], 2).matthewsCorrelation == 0)
    #expect(matrix([3, 5, 0, 0], 2).matthewsCorrelation == 0)
    #expect(matrix([0, 0, 0, 0], 2).matthewsCorrelation.isNaN)
    let silent = ConfusionMatrix(labels: [0, 1, 1], predictions: [nil, nil, nil], classes: 2)
    #expect(silent.matthewsCorrelation == 0)
  }
}
