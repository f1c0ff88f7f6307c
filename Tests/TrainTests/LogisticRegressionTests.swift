import CKernels
import Storage
import TestSupport
import Testing
import Train

@Suite struct LogisticRegressionTests {
  /// A case of scikit-learn's, by Tests/Fixtures/train/make_probe_fixtures.py.
  struct Case: CustomTestStringConvertible {
    let name: String
    let classes: Int
    let strength: Double
    let features: FeatureMatrix
    let labels: [Int]
    let others: FeatureMatrix
    let json: JSON
    var testDescription: String { name }

    init(_ json: JSON) throws {
      self.json = json
      name = try #require(json["name"]?.string)
      classes = try #require(json["classes"]?.integer)
      strength = try #require(json["strength"]?.double)
      let columns = try #require(json["columns"]?.integer)
      func matrix(_ key: String) throws -> FeatureMatrix {
        FeatureMatrix(try Self.numbers(json, key).map { Float($0) }, columns: columns)
      }
      (features, others) = (try matrix("features"), try matrix("others"))
      labels = try Self.numbers(json, "labels").map { Int($0) }
    }

    static func numbers(_ json: JSON, _ key: String) throws -> [Double] {
      let values = try #require(json[key]?.array)
      return try values.map { try #require($0.double) }
    }

    func numbers(_ key: String) throws -> [Double] { try Self.numbers(json, key) }

    func fit(
      tolerance: Double = 1e-8, from start: LogisticRegression? = nil, threads: Int = 1
    ) throws -> LogisticRegression {
      try LogisticRegression(
        features, labels: labels, classes: classes, strength: strength, tolerance: tolerance,
        from: start, on: WorkerPool(threads: threads))
    }
  }

  static func cases() throws -> [Case] {
    try #require(try Fixture.json("train/logistic_regression.json").array).map(Case.init)
  }

  private static func classes(_ logits: [Float], _ classes: Int) -> [Int] {
    stride(from: 0, to: logits.count, by: classes).map { row in
      (0..<classes).max { logits[row + $0] < logits[row + $1] } ?? 0
    }
  }

  @Test(arguments: try cases()) func matchesScikitLearn(_ example: Case) throws {
    let model = try example.fit()
    #expect(model.hasConverged)
    let width = example.features.columns + 1
    var coefficients: [Double] = []
    var intercepts: [Double] = []
    for c in example.classes == 2 ? 1..<2 : 0..<example.classes {
      // Of two classes scikit-learn has the difference.
      let row = (0..<width).map {
        model.weights[c * width + $0] - (example.classes == 2 ? model.weights[$0] : 0)
      }
      coefficients += row.dropLast()
      intercepts.append(row[width - 1])
    }
    expectClose(coefficients, try example.numbers("coefficients"), absolute: 1e-5)
    expectClose(intercepts, try example.numbers("intercepts"), absolute: 1e-5)
    let logits = model.logits(of: example.others)
    let scores =
      example.classes == 2
      ? stride(from: 0, to: logits.count, by: 2).map { Double(logits[$0 + 1] - logits[$0]) }
      : logits.map { Double($0) }
    expectClose(scores, try example.numbers("scores"), absolute: 1e-4)
    #expect(
      Self.classes(logits, example.classes) == (try example.numbers("predictions")).map { Int($0) })
    #expect(
      Self.classes(model.logits(of: example.features), example.classes)
        == (try example.numbers("training_predictions")).map { Int($0) })
  }

  @Test(arguments: try cases()) func threadsChangeNoBit(_ example: Case) throws {
    // Enough rows for several chunks.
    var many = example
    many = Case(many, times: 400 / example.features.rows + 1)
    let alone = try many.fit().weights
    for threads in [2, 3, 8] { #expect(try many.fit(threads: threads).weights == alone) }
  }

  /// Each example k times and a k-th of the strength is the same question.
  @Test(arguments: try cases()) func repeatedExamplesAreTheSameQuestion(_ example: Case) throws {
    let (once, often) = (try example.fit(), try Case(example, times: 5).fit())
    expectClose(often.weights, once.weights, absolute: 1e-5)
  }

  @Test(arguments: try cases()) func whereItBeginsDoesNotMatter(_ example: Case) throws {
    let rough = try example.fit(tolerance: 1e-2)
    let (cold, warm) = (try example.fit(), try example.fit(from: rough))
    #expect(rough.iterations < cold.iterations)
    expectClose(warm.weights, cold.weights, absolute: 1e-5)
    #expect(try example.fit(from: cold).iterations == 0)
  }

  /// The kernels of every instruction set give the same fit to rounding.
  @Test(arguments: ["baseline", "x86-64-v3", "x86-64-v4"]) func kernelsAgree(_ name: String) throws
  {
    let example = try Self.cases()[0]
    let expected = try example.fit().weights
    guard tg_use_clone(name) else { return }
    defer { tg_use_clone(nil) }
    expectClose(try example.fit().weights, expected, absolute: 1e-7)
  }

  @Test func stopsWhenAskedTo() throws {
    struct Stop: Error {}
    let example = try Self.cases()[0]
    #expect(throws: Stop.self) {
      try LogisticRegression(
        example.features, labels: example.labels, classes: 3, strength: 1,
        on: WorkerPool(threads: 1), check: { throw Stop() })
    }
  }

  /// Classes that a line parts have no largest likelihood; the penalty keeps weights finite.
  @Test func separableClassesConverge() throws {
    let features = FeatureMatrix([-2, -1, 1, 2], columns: 1)
    let model = try LogisticRegression(
      features, labels: [0, 0, 1, 1], classes: 2, strength: 1e4, on: WorkerPool(threads: 1))
    #expect(model.hasConverged && model.weights.allSatisfy(\.isFinite))
    #expect(Self.classes(model.logits(of: features), 2) == [0, 0, 1, 1])
  }

  @Test func numbersThatAreNotFiniteDoNotConverge() throws {
    let features = FeatureMatrix([.nan, -1, 1, 2], columns: 1)
    let model = try LogisticRegression(
      features, labels: [0, 0, 1, 1], classes: 2, strength: 1, on: WorkerPool(threads: 1))
    #expect(!model.hasConverged)
  }
}

extension LogisticRegressionTests.Case {
  init(_ other: Self, times: Int) {
    (name, classes, others, json) = (other.name, other.classes, other.others, other.json)
    strength = other.strength / Double(times)
    features = FeatureMatrix(
      Array(repeatElement(other.features.elements, count: times).joined()),
      columns: other.features.columns)
    labels = Array(repeatElement(other.labels, count: times).joined())
  }
}
