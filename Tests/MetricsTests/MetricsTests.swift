import Metrics
import Storage
import TestSupport
import Testing

/// One set of predictions of metrics/classification.json.
struct Case {
  let json: JSON
  let name: String
  let classes: Int
  let labels: [Int]
  let scores: [Double]

  init(_ json: JSON) throws {
    self.json = json
    name = try #require(json["name"]?.string)
    classes = try #require(json["classes"]?.integer)
    labels = try #require(json["labels"]?.array).compactMap(\.integer)
    scores = try json.doubles("scores")
  }

  /// The scores row by row.
  var rows: [[Double]] {
    labels.indices.map { Array(scores[$0 * classes..<($0 + 1) * classes]) }
  }

  var logits: [[Float]] { rows.map { $0.map { Float($0) } } }

  var confusion: ConfusionMatrix {
    ConfusionMatrix(
      labels: labels, predictions: logits.map { predictedClass($0) }, classes: classes)
  }

  static func all() throws -> [Case] {
    try #require(try Fixture.json("metrics/classification.json").array).map { try Case($0) }
  }
}

extension JSON {
  fileprivate func doubles() throws -> [Double] { try #require(array).compactMap(\.double) }

  fileprivate func doubles(_ key: String) throws -> [Double] { try #require(self[key]).doubles() }

  fileprivate func double(_ key: String) throws -> Double { try #require(self[key]?.double) }
}

/// Agreement with scikit-learn and statsmodels; Tests/Fixtures/make_metric_fixtures.py wrote what is
/// expected. 1e-12 leaves room for the rounding of sums in another order and for nothing else.
@Suite struct MetricsTests {
  @Test func confusionAndScoresEqualScikitLearn() throws {
    for example in try Case.all() {
      let (found, json) = (example.confusion, example.json)
      let all = 0..<example.classes
      #expect(
        example.logits.map { predictedClass($0) }
          == json["predictions"]?.array?.compactMap(\.integer), "\(example.name)")
      #expect(
        all.flatMap { row in all.map { found[row, $0] } }
          == json["confusion"]?.array?.compactMap(\.integer), "\(example.name)")
      #expect(all.map { found.support($0) } == json["support"]?.array?.compactMap(\.integer))
      for (key, values) in [
        ("accuracy", [found.accuracy]), ("macro_f1", [found.macroF1]),
        ("precision", all.map { found.precision($0) }), ("recall", all.map { found.recall($0) }),
        ("f1", all.map { found.f1($0) }),
      ] {
        let expected = try json[key]?.double.map { [$0] } ?? json.doubles(key)
        expectClose(values, expected, "\(example.name): \(key)", absolute: 1e-12)
      }
    }
  }

  @Test func lossEqualsScikitLearn() throws {
    for example in try Case.all() {
      let losses = zip(example.logits, example.labels).map { crossEntropy($0, label: $1) }
      let mean = losses.reduce(0, +) / Double(losses.count)
      expectClose(
        [mean], [try example.json.double("cross_entropy")], "\(example.name): cross-entropy",
        absolute: 1e-12, relative: 1e-12)
      // scikit-learn clips probabilities at the machine's epsilon, which only tiny ones notice.
      if example.name != "large logits" {
        expectClose(
          [mean], [try example.json.double("log_loss")], "\(example.name): log loss",
          absolute: 1e-12)
      }
    }
  }

  @Test func curvesEqualScikitLearn() throws {
    for example in try Case.all() {
      let found = MulticlassROC(
        probabilities: example.rows, labels: example.labels, classes: example.classes)
      let expected = try #require(example.json["curves"]?.array)
      for (label, (curve, json)) in zip(found.classes, expected).enumerated() {
        try expectCurve(curve, json, "\(example.name): class \(label)")
      }
      try expectCurve(found.micro, #require(example.json["micro"]), "\(example.name): micro")
      let macro = try #require(example.json["macro"])
      if let curve = found.macro {
        // Ours begins at the origin; the reference at the first vertical step's upper end.
        #expect(curve.falsePositiveRates.first == 0 && curve.truePositiveRates.first == 0)
        expectClose(
          Array(curve.falsePositiveRates.dropFirst()), try macro.doubles("fpr"),
          "\(example.name): macro fpr", absolute: 1e-12)
        expectClose(
          Array(curve.truePositiveRates.dropFirst()), try macro.doubles("tpr"),
          "\(example.name): macro tpr", absolute: 1e-12)
        expectClose(
          [curve.area], [try macro.double("auc")], "\(example.name): macro", absolute: 1e-12)
        expectClose(
          [try #require(found.macroArea)], [try example.json.double("macro_auc")],
          "\(example.name): mean area", absolute: 1e-12)
      } else {
        #expect(macro == .null && found.macroArea == nil, "\(example.name)")
      }
    }
  }

  private func expectCurve(_ found: ROC?, _ expected: JSON, _ name: String) throws {
    guard let found, expected != .null else {
      #expect(found == nil && expected == .null, "\(name): one of the two has no curve")
      return
    }
    expectClose(
      found.falsePositiveRates, try expected.doubles("fpr"), "\(name) fpr", absolute: 1e-12)
    expectClose(
      found.truePositiveRates, try expected.doubles("tpr"), "\(name) tpr", absolute: 1e-12)
    expectClose([found.area], [try expected.double("auc")], "\(name) auc", absolute: 1e-12)
  }

  @Test func probabilitiesAndTheirAreasEqualScikitLearn() throws {
    let json = try Fixture.json("metrics/probabilities.json")
    let labels = try #require(json["labels"]?.array).compactMap(\.integer)
    let logits = try json.doubles("logits").map { Float($0) }
    let rows = labels.indices.map { softmax(logits[$0 * 3..<($0 + 1) * 3]) }
    expectClose(
      rows.flatMap { $0 }, try json.doubles("probabilities"), "softmax", absolute: 1e-15)
    let found = MulticlassROC(probabilities: rows, labels: labels, classes: 3)
    expectClose(
      [try #require(found.macroArea), try #require(found.micro?.area)],
      [try json.double("macro_auc"), try json.double("micro_auc")], "areas", absolute: 1e-12)
  }

  @Test func intervalsEqualStatsmodels() throws {
    let json = try Fixture.json("metrics/intervals.json")
    for row in try #require(json["wilson"]?.array) {
      let values = try row.doubles()
      let found = try #require(wilsonInterval(successes: Int(values[0]), total: Int(values[1])))
      expectClose(
        [found.lower, found.upper], Array(values[2...]), "Wilson \(values)", absolute: 1e-12)
    }
    for row in try #require(json["newcombe"]?.array) {
      let values = try row.doubles()
      let found = try #require(
        newcombeInterval(
          successesA: Int(values[0]), totalA: Int(values[1]), successesB: Int(values[2]),
          totalB: Int(values[3])))
      expectClose(
        [found.lower, found.upper], Array(values[4...]), "Newcombe \(values)", absolute: 1e-12)
    }
  }

  // MARK: Uncertainty and calibration

  @Test func standardErrorsEqualDeLongsDefinition() throws {
    let expected = try #require(try Fixture.json("metrics/certainty.json").array)
    for (example, json) in zip(try Case.all(), expected) {
      let found = MulticlassROC(
        probabilities: example.rows, labels: example.labels, classes: example.classes)
      let errors = try #require(json["errors"]?.array)
      for (label, (curve, error)) in zip(found.classes, errors).enumerated() {
        let what = "\(example.name): class \(label)"
        guard error != .null, let error = error.double else {
          #expect(curve?.standardError == nil && curve?.interval == nil, "\(what)")
          continue
        }
        let curve = try #require(curve, "\(what)")
        let value = try #require(curve.standardError, "\(what)")
        expectClose([value], [error], what, absolute: 1e-12)
        #expect((curve.interval == nil) == (value == 0), "\(what)")
        if let interval = curve.interval {
          #expect(interval.contains(curve.area) && interval.lower >= 0 && interval.upper <= 1)
        }
      }
      #expect(found.micro?.interval == nil && found.macro?.interval == nil)
      if let error = json["macro_error"]?.double {
        let value = try #require(found.macroStandardError, "\(example.name)")
        expectClose([value], [error], "\(example.name): mean area", absolute: 1e-12)
        let estimate = try #require(found.macroEstimate)
        #expect((estimate.interval == nil) == (value == 0))
        if let interval = estimate.interval {
          #expect(interval.contains(estimate.value) && interval.lower > 0 && interval.upper < 1)
        }
      } else {
        #expect(found.macroStandardError == nil, "\(example.name)")
      }
    }
  }

  @Test func calibrationEqualsScikitLearn() throws {
    let expected = try #require(try Fixture.json("metrics/certainty.json").array)
    for (example, json) in zip(try Case.all(), expected) {
      let rows = example.logits.map { softmax($0) }
      let found = try #require(Calibration(probabilities: rows, labels: example.labels))
      let full = found.bins.filter { $0.count > 0 }
      #expect(
        found.bins.map(\.count) == json["counts"]?.array?.compactMap(\.integer),
        "\(example.name)")
      #expect(found.total == example.labels.count && found.bins.count == 15)
      expectClose(
        full.map(\.confidence), try json.doubles("confidences"), example.name, absolute: 1e-12)
      expectClose(
        full.map(\.accuracy), try json.doubles("accuracies"), example.name, absolute: 1e-12)
      let brier = brierScore(probabilities: rows, labels: example.labels)
      expectClose(
        [found.expectedError, brier], [try json.double("ece"), try json.double("brier")],
        example.name, absolute: 1e-12)
      expectClose(
        [found.debiasedError], [try json.double("debiased")], example.name, absolute: 1e-12)
      let error = try #require(CalibrationError(probabilities: rows, labels: example.labels))
      #expect(error.debiased == found.debiasedError && error.plugIn == found.expectedError)
      #expect(error.debiased <= error.plugIn)
      let losses = brierLosses(probabilities: rows, labels: example.labels)
      if let bounds = json["brier_interval"]?.array?.compactMap(\.double) {
        let interval = try #require(normalInterval(ofMean: losses))
        expectClose([interval.lower, interval.upper], bounds, example.name, absolute: 1e-12)
      }
      let signed = found.overconfidence
      #expect(abs(signed) <= found.expectedError + 1e-12)
    }
  }

  @Test func lossIntervalIsThatOfAMean() throws {
    let expected = try #require(try Fixture.json("metrics/certainty.json").array)
    for (example, json) in zip(try Case.all(), expected) {
      let losses = zip(example.logits, example.labels).map { crossEntropy($0, label: $1) }
      let found = normalInterval(ofMean: losses)
      guard let bounds = json["loss_interval"]?.array?.compactMap(\.double) else {
        #expect(found == nil, "\(example.name)")
        continue
      }
      // The losses of "perfect" and "always wrong" differ by rounding only, or not at all.
      if (bounds[1] - bounds[0]) < 1e-9 { continue }
      let interval = try #require(found, "\(example.name)")
      expectClose(
        [interval.lower, interval.upper], bounds, example.name, absolute: 1e-11, relative: 1e-11)
    }
  }

  @Test func bootstrapAgreesWithAnotherOne() throws {
    for json in try #require(try Fixture.json("metrics/bootstrap.json").array) {
      let cells = try #require(json["counts"]?.array).compactMap(\.integer)
      let classes = try #require(json["classes"]?.integer)
      let confusion = Self.confusion(cells, classes)
      let found = try #require(confusion.intervals(of: [.macroF1])[0])
      // The end of a percentile interval of 1,000 draws strays by some 5 % of the interval's width.
      let (lower, upper) = (try json.double("lower"), try json.double("upper"))
      expectClose(
        [found.lower, found.upper], [lower, upper], "\(cells)", absolute: 0.06 * (upper - lower))
      #expect(found == confusion.intervals(of: [.macroF1])[0])
    }
  }

  private static func confusion(_ cells: [Int], _ classes: Int) -> ConfusionMatrix {
    let pairs = cells.enumerated().flatMap { cell, count in
      [(Int, Int)](repeating: (cell / classes, cell % classes), count: count)
    }
    return ConfusionMatrix(
      labels: pairs.map(\.0), predictions: pairs.map(\.1), classes: classes)
  }

  /// Of 300 matrices drawn from one distribution, how many intervals hold the truth: with 95 % each,
  /// fewer than 91 % or more than 98.5 % would come about once in a thousand times.
  @Test func bootstrapCovers() {
    let probabilities = [0.30, 0.02, 0.01, 0.05, 0.25, 0.05, 0.02, 0.08, 0.22]
    let f1 = (0..<3).map { label in
      let row = (0..<3).reduce(0) { $0 + probabilities[label * 3 + $1] }
      let column = (0..<3).reduce(0) { $0 + probabilities[$1 * 3 + label] }
      return 2 * probabilities[label * 4] / (row + column)
    }
    let truth = f1.reduce(0, +) / 3
    var random = SplitMix64(seed: 5)
    let covering = (0..<300).count { _ in
      var cells = [Int](repeating: 0, count: 9)
      for _ in 0..<324 {
        var (cell, rest) = (0, Double.random(in: 0..<1, using: &random))
        while cell < 8, rest >= probabilities[cell] {
          rest -= probabilities[cell]
          cell += 1
        }
        cells[cell] += 1
      }
      return Self.confusion(cells, 3).intervals(of: [.macroF1], resamples: 400)[0]?.contains(truth)
        ?? false
    }
    #expect((273...295).contains(covering), "\(covering) of 300")
  }

  @Test func noHonestIntervalNoInterval() {
    #expect(Self.confusion([5, 0, 0, 5], 2).intervals(of: [.macroF1])[0] == nil)
    #expect(Self.confusion([1, 0, 0, 0], 2).intervals(of: [.macroF1])[0] == nil)
    #expect(Self.confusion([3, 2, 0, 0], 2).intervals(of: [.macroF1])[0] != nil)
    #expect(ROC(scores: [2, 2, 1, 1], isPositive: [true, true, false, false])?.interval == nil)
    #expect(ROC(scores: [2, 1], isPositive: [true, false])?.standardError == nil)
    #expect(normalInterval(ofMean: [1]) == nil && normalInterval(ofMean: [1, 1]) == nil)
    #expect(normalInterval(ofMean: [1, .infinity]) == nil)
    #expect(Calibration(probabilities: [], labels: []) == nil)
    #expect(Calibration(probabilities: [[.nan, .nan]], labels: [0]) == nil)
    #expect(brierScore(probabilities: [], labels: []).isNaN)
  }

  @Test func edgesOfConfidenceBelongToTheBinBelow() throws {
    let rows = [0.5, 0.75, 1].map { [$0, 1 - $0] }
    let found = try #require(Calibration(probabilities: rows, labels: [0, 0, 0], bins: 4))
    #expect(found.bins.map(\.count) == [0, 1, 1, 1])
  }

  // MARK: Edges that the references have no answer for

  @Test func intervalsNeedTrials() {
    #expect(wilsonInterval(successes: 0, total: 0) == nil)
    #expect(newcombeInterval(successesA: 1, totalA: 2, successesB: 0, totalB: 0) == nil)
    #expect(wilsonInterval(successes: 0, total: 7)?.lower == 0)
    #expect(wilsonInterval(successes: 7, total: 7)?.upper == 1)
    #expect(Interval(lower: -1, upper: 0).contains(0))
    #expect(!Interval(lower: 0.1, upper: 0.2).contains(0))
  }

  @Test func logitsThatAreNotFiniteNameNoClass() {
    #expect(predictedClass([1, 3, 3] as [Float]) == 1)
    #expect(predictedClass([1, -.infinity, 9] as [Float]) == 2, "a class that is ruled out")
    for logits: [Float] in [
      [1, .nan, 9, .nan], [.nan, 1, 2], [-.infinity, -.infinity], [1, .infinity, 2], [],
    ] {
      #expect(predictedClass(logits) == nil)
      // Exactly then there are no probabilities.
      #expect(softmax(logits).allSatisfy { $0.isNaN })
    }
  }

  /// Without an answer an example counts as wrong and for no class; as scikit-learn with a label of its own
  /// for these, left out of the classes.
  @Test func noAnswerIsAWrongOne() throws {
    let json = try Fixture.json("metrics/unanswered.json")
    let labels = try #require(json["labels"]?.array).compactMap(\.integer)
    let answers = try #require(json["predictions"]?.array).map(\.integer)
    let found = ConfusionMatrix(labels: labels, predictions: answers, classes: 3)
    let missing = answers.count { $0 == nil }
    #expect(found.unanswered == missing && missing > 0 && found.total == labels.count)
    #expect((0..<3).map { found.unanswered($0) }.reduce(0, +) == missing)
    #expect((0..<3).reduce(0) { $0 + found.predicted($1) } == labels.count - missing)
    for (name, value) in [
      ("accuracy", [found.accuracy]), ("macro_f1", [found.macroF1]),
      ("precision", (0..<3).map(found.precision)), ("recall", (0..<3).map(found.recall)),
      ("f1", (0..<3).map(found.f1)),
    ] {
      let expected = json[name]?.array?.compactMap(\.double) ?? json[name]?.double.map { [$0] }
      expectClose(value, try #require(expected), name, absolute: 1e-12)
    }
    // The draws take them along: the interval is about the score that counts them.
    #expect(try #require(found.intervals(of: [.macroF1])[0]).contains(found.macroF1))
    let scores = Scores(labels: [0, 1], classes: 2) { [[1, 0], [.nan, .nan]][$0][...] }
    #expect(
      scores.losses[1].isNaN && Metric.loss.value(scores).isNaN && scores.confusion.accuracy == 0.5)
    // Networks are compared alike.
    let difference = Contrast(
      [(1.0, "a", answers), (-1, "b", labels.map { Optional($0) })].map { weight, name, answers in
        Contrast.Term(
          weight: weight, configuration: name, split: "test",
          answers: [.counts(labels: labels, predictions: answers, classes: 3, of: { $0.macroF1 })])
      })
    expectClose([difference.value], [found.macroF1 - 1], "difference of F1", absolute: 1e-12)
  }

  @Test func softmaxOfExtremes() {
    #expect(softmax([1000, 1000] as [Float]) == [0.5, 0.5])
    #expect(softmax([-1000, 1000] as [Float]) == [0, 1])
    #expect(softmax([1, .nan] as [Float]).allSatisfy { $0.isNaN })
    #expect(crossEntropy([1, .nan] as [Float], label: 0).isNaN)
    #expect(crossEntropy([-500, 500] as [Float], label: 0) == 1000)
  }

  @Test func noExamplesIsNoCrash() {
    let confusion = ConfusionMatrix(labels: [], predictions: [], classes: 3)
    #expect(confusion.accuracy.isNaN && confusion.macroF1.isNaN && confusion.majorityShare.isNaN)
    let curves = MulticlassROC(probabilities: [], labels: [], classes: 3)
    #expect(curves.micro == nil && curves.macro == nil && curves.macroArea == nil)
  }

  @Test func curveOfNaNDoesNotExist() {
    #expect(ROC(scores: [0.1, .nan], isPositive: [true, false]) == nil)
    #expect(ROC(scores: [0.1, 0.2], isPositive: [true, true]) == nil)
  }

  /// The area equals the share of pairs in the right order, ties counting half (Mann and Whitney).
  @Test(arguments: 0..<20)
  func areaIsTheShareOfOrderedPairs(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let count = 40
    let scores = (0..<count).map { _ in Double(Int.random(in: 0..<8, using: &random)) }
    let truth = (0..<count).map { $0 < 2 ? $0 == 0 : Bool.random(using: &random) }
    var (pairs, ordered) = (0.0, 0.0)
    for (i, positive) in truth.enumerated() where positive {
      for (j, other) in truth.enumerated() where !other {
        pairs += 1
        ordered += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
      }
    }
    let curve = try #require(ROC(scores: scores, isPositive: truth))
    expectClose([curve.area], [ordered / pairs], "area", absolute: 1e-12)
  }

  @Test func majorityShareIsThatOfTrueLabels() {
    let confusion = ConfusionMatrix(
      labels: [0, 0, 0, 1, 2], predictions: [1, 1, 1, 1, 1], classes: 3)
    #expect(confusion.majorityShare == 0.6)
  }
}
