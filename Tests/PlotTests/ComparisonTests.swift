import Chart
import Metrics
import TestSupport
import Testing

@testable import Plot

@Suite struct ComparisonTests {
  private func check(_ figure: ComparisonFigure, _ what: String) {
    expectNoFaults(figure.figure, "\(what), \(figure.name)")
    #expect(!figure.alternativeText.isEmpty && figure.alternativeText.hasSuffix("."))
    #expect(figure.caption.hasSuffix("."), "\(figure.caption)")
    for text in [figure.caption, figure.alternativeText, figure.figure.note] {
      #expect(!text.contains("  ") && !text.contains("..") && !text.contains("nan"), "\(text)")
    }
  }

  @Test(arguments: ComparisonExample.allCases)
  func examplesHaveNoFaults(_ example: ComparisonExample) throws {
    for figure in try example.figures { check(figure, example.rawValue) }
  }

  /// 120 generated comparisons: one to twelve configurations, missing values, any size of numbers.
  @Test func generatedComparisons() throws {
    var random = SplitMix64(seed: 5)
    for index in 0..<120 {
      let scale = [1e-12, 0.01, 1, 1, 1e12][Int.random(in: 0..<5, using: &random)]
      let configurations = (0..<[1, 2, 3, 6, 12][Int.random(in: 0..<5, using: &random)]).map {
        ComparedConfiguration("configuration \($0)", index: $0)
      }
      func value(_ configuration: ComparedConfiguration) -> ComparedValue {
        if Int.random(in: 0..<8, using: &random) == 0 { return ComparedValue(configuration, .nan) }
        let middle = scale * Double.random(in: -1...2, using: &random)
        let isSure = Bool.random(using: &random)
        let half = scale * Double.random(in: 0...0.3, using: &random)
        return ComparedValue(configuration, middle, isSure ? nil : middle - half...middle + half)
      }
      let epochs = [1, 2, 10, 200][Int.random(in: 0..<4, using: &random)]
      let curves = configurations.map { configuration in
        ComparedCurve(
          configuration,
          (0..<epochs).map { _ in
            let found = value(configuration)
            return .init(found.value, found.interval)
          })
      }
      let quantity = ComparedQuantity([Metric.accuracy, .macroF1, .loss][index % 3])
      let what = "comparison \(index)"
      do {
        check(
          try drawLearningCurves(curves, of: quantity, on: "a", bands: "bands", study: "s"), what)
        let metrics = (0..<(1 + index % 3)).map { _ in
          FinalMetric(quantity, on: "a", configurations.map(value))
        }
        check(
          try drawFinalMetrics(metrics, part: "test", intervals: "intervals", study: ""), what)
        let costs = configurations.map {
          ComparedCost(value($0), cost: scale * Double.random(in: 0...50, using: &random))
        }
        let parameters = configurations.map {
          ComparedCost(
            value($0), cost: 1e6 * scale * Double(Int.random(in: 1...60, using: &random)))
        }
        check(
          try drawCost(
            [
              ComparedCosts(.seconds, costs), ComparedCosts(.trainableParameters, parameters),
            ], of: quantity, on: "a", intervals: "", study: "s"), what)
        check(
          try drawGaps(
            [ComparedGap(to: "b", configurations.map(value))], source: "c", part: "test",
            intervals: "", study: "s"), what)
        let languages = (0..<[1, 2, 5][index % 3]).map { "language \($0)" }
        check(
          try drawSourceTargets(
            configurations.map { configuration in
              SourceRow(
                configuration.name,
                languages.map { _ in
                  [
                    .known(Double.random(in: 0...1, using: &random)), .notScored, .noResult,
                    .known(0.5),
                  ][Int.random(in: 0..<4, using: &random)]
                }, trainedOn: Set(languages.indices.filter { $0 % 2 == 0 }))
            }, languages: languages, part: "test", readings: [], isMean: false, remark: "",
            study: "s"), what)
        let low = scale * Double.random(in: -1...1, using: &random)
        check(
          try drawGoal(
            GoalAnswer(
              goal: "A goal", verdict: "undecided", estimand: "a minus b", estimate: low * 1.1,
              interval: low...low + scale, meaning: "interval",
              above: Bool.random(using: &random) ? -scale * 0.2 : nil,
              below: Bool.random(using: &random) ? scale * 0.2 : nil),
            name: "goal-1", of: quantity.difference, study: "s"), what)
      } catch {
        #expect(error.reason.hasPrefix("no run has"))
      }
    }
  }

  /// What a cell says: a value, not scored, no result; the outline and the bar.
  @Test func aMatrixSaysWhatItsCellsAre() throws {
    let figure = try drawSourceTargets(
      [
        SourceRow("English", [.known(0.5), .notScored], trainedOn: [0]),
        SourceRow("German", [.noResult, .known(0.75)], trainedOn: [1]),
      ], languages: ["English", "German"], part: "test", readings: ["A sentence."], isMean: false,
      remark: "", study: "")
    #expect(
      figure.figure.note
        == "Outlined: trained on this language. –: not scored. none: scored, but without a result.")
    #expect(figure.caption.hasSuffix("(columns), from 50.0 to 75.0\u{A0}%. A sentence."))
    let marks = figure.figure.panels[0].marks
    let cells = try #require(marks.first as? Cells).cells
    #expect(cells.map(\.isOutlined) == [true, false, false, true])
    #expect(cells.map(\.lines) == [["50.0"], ["–"], ["none"], ["75.0"]])
    #expect(cells[0].share == 0 && cells[3].share == 1 && cells[1].share.isNaN)
    let bar = try #require(marks.last as? ColorBar)
    #expect(bar.low == "50.0" && bar.high == "75.0" && bar.column == 2)
  }

  /// Accuracies that are all alike have no scale.
  @Test func equalAccuraciesHaveNoBar() throws {
    let figure = try drawSourceTargets(
      [SourceRow("English", [.known(0.5), .known(0.5)], trainedOn: [])],
      languages: ["a", "b"], part: "test", readings: [], isMean: false, remark: "", study: "")
    #expect(!figure.figure.panels[0].marks.contains { $0 is ColorBar })
    #expect(figure.figure.note.isEmpty)
  }

  @Test func withoutAnAccuracyThereIsNoMatrix() {
    #expect(throws: ComparisonAbsence.self) {
      _ = try drawSourceTargets(
        [SourceRow("English", [.notScored], trainedOn: [])], languages: ["a"], part: "test",
        readings: [], isMean: false, remark: "", study: "")
    }
  }

  /// By the definition: nobody on the front is beaten, and whoever is not on it is.
  @Test func frontIsWhatNoneBeats() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<300 {
      let isBetterLow = Bool.random(using: &random)
      let entries = (0..<Int.random(in: 1...9, using: &random)).map { index in
        // Few values, so that many are equal.
        ComparedCost(
          ComparedValue(
            ComparedConfiguration("c\(index)", index: index),
            Double(Int.random(in: 0...3, using: &random))),
          cost: Double(Int.random(in: 1...4, using: &random)))
      }
      func beats(_ a: ComparedCost, _ b: ComparedCost) -> Bool {
        let (x, y) = isBetterLow ? (-a.worth.value, -b.worth.value) : (a.worth.value, b.worth.value)
        return a.cost <= b.cost && x >= y && (a.cost < b.cost || x > y)
      }
      let front = paretoFront(entries, isBetterLow: isBetterLow)
      for entry in entries {
        let isBeaten = entries.contains { beats($0, entry) }
        let isOn = front.contains { $0.cost == entry.cost && $0.worth.value == entry.worth.value }
        #expect(isOn == !isBeaten)
      }
      for (a, b) in zip(front, front.dropFirst()) { #expect(a.cost < b.cost) }
    }
  }

  /// The ink is where the numbers are, one colour a configuration in every figure.
  @Test func drawnPointsAreTheGivenOnes() throws {
    let second = ComparedConfiguration("second", index: 1)
    let figure = try drawCost(
      [
        ComparedCosts(
          .trainableParameters,
          [
            ComparedCost(ComparedValue(ComparedConfiguration("first", index: 0), 0.5), cost: 2e6),
            ComparedCost(ComparedValue(second, 0.7, 0.6...0.8), cost: 4e6),
          ]),
        ComparedCosts(.seconds, [ComparedCost(ComparedValue(second, 0.7), cost: .nan)]),
      ], of: .accuracy, on: "German test", intervals: "", study: "")
    #expect(figure.figure.panels.count == 1, "a cost that nobody knows has no panel")
    let dots = figure.figure.panels[0].marks.compactMap { $0 as? Dots }
    #expect(dots.map(\.points) == [[Point(2, 50)], [Point(4, 70)]])
    #expect(dots.map(\.ink) == [.series(1), .series(2)])
    let whiskers = try #require(figure.figure.panels[0].marks.compactMap { $0 as? Whiskers }.first)
    #expect(whiskers.whiskers == [.init(at: 4, 60...80)] && whiskers.direction == .vertical)
    let curves = try drawLearningCurves(
      [ComparedCurve(second, [.init(0.1), .init(.nan), .init(0.3)])], of: .accuracy, on: "x",
      bands: "", study: "")
    let line = try #require(
      curves.figure.panels[0].marks.lazy.compactMap { $0 as? Line }.first)
    #expect(line.ink == .series(2) && line.points.map(\.y.isNaN) == [false, true, false])
    #expect(curves.caption.contains("second at epoch 2."))
  }

  /// Equal costs stand side by side, in their order, around where they are; others stay.
  @Test func equalCostsAreTakenApart() throws {
    let places = dodged([5, 1, 5, 5, 9], isLogarithmic: false)
    #expect(places[1] == 1 && places[4] == 9)
    expectClose([places[0], places[2], places[3]], [4.872, 5, 5.128], "linear", absolute: 1e-12)
    let wide = dodged([1, 100, 100], isLogarithmic: true)
    #expect(wide[0] == 1 && wide[1] < 100 && wide[2] > 100)
    expectClose([wide[1] * wide[2]], [10_000], "logarithmic", absolute: 1e-8)
    expectClose(
      dodged([2, 2], isLogarithmic: false), [1.984, 2.016], "all alike", absolute: 1e-12)
    #expect(dodged([3], isLogarithmic: true) == [3])
    // Many take up no more than an eighth of the axis, and push their neighbour no further than they must.
    let many = dodged([Double](repeating: 5, count: 20) + [1, 5.3, 9], isLogarithmic: false)
    let taken = many.prefix(20)
    #expect(taken == taken.sorted()[...] && (taken.max() ?? 0) - (taken.min() ?? 0) < 0.12 * 8)
    #expect(many[20] == 1 && many[22] == 9)
    let order = many.sorted()
    #expect(zip(order, order.dropFirst()).allSatisfy { $1 - $0 > 0.12 * 8 / 22 - 1e-9 })
    // A step between neighbours leaves no two symbols on one another.
    let one = ComparedConfiguration("one", index: 0)
    let figure = try drawCost(
      [
        ComparedCosts(
          .seconds, (0..<4).map { ComparedCost(ComparedValue(one, 0.1 * Double($0 + 1)), cost: 7) })
      ], of: .accuracy, on: "x", intervals: "", study: "")
    let dots = figure.figure.panels[0].marks.compactMap { $0 as? Dots }.flatMap(\.points).map(\.x)
    #expect(Set(dots).count == 4 && figure.figure.note.contains("side by side"))
    #expect(dots.allSatisfy { abs($0 - 7) < 0.2 })
    #expect(figure.figure.panels[0].x.including == [3.5, 10.5], "what costs the same looks so")
  }

  /// Small costs have a unit that suits them, in the axis and in words.
  @Test(arguments: [
    (
      ComparedQuantity.trainableParameters, 4242.0, "trainable parameters (thousands)",
      "4.24\u{A0}thousand"
    ),
    (.trainableParameters, 42, "trainable parameters", "42"),
    (.trainableParameters, 233_283, "trainable parameters (millions)", "0.23\u{A0}million"),
    (.operations, 4.05e7, "training operations (MFLOP)", "40.50\u{A0}MFLOP"),
    (.seconds, 0.00402, "training time (ms)", "4.0\u{A0}ms"),
    (.seconds, 61.5, "training time (s)", "61.5\u{A0}s"),
  ])
  func costsHaveUnitsThatSuit(
    _ quantity: ComparedQuantity, _ cost: Double, _ title: String, _ words: String
  ) throws {
    let value = ComparedValue(ComparedConfiguration("one", index: 0), 0.5)
    let figure = try drawCost(
      [ComparedCosts(quantity, [ComparedCost(value, cost: cost)])], of: .accuracy, on: "x",
      intervals: "", study: "")
    #expect(figure.figure.panels[0].x.title == title)
    #expect(figure.caption.contains(" for \(words))"), "\(figure.caption)")
  }

  /// A margin is written as it was set, whatever decimals the estimate has.
  @Test func boundsKeepTheirDigits() {
    var quantity = ComparedQuantity.accuracy.difference
    quantity.places = 0
    #expect(quantity.bound(-0.025, isLast: true) == "−2.5\u{A0}points")
    #expect(quantity.bound(0.29) == "+29")
    quantity.places = 4
    #expect(quantity.bound(0, isLast: true) == "0\u{A0}points")
    #expect(ComparedQuantity(.macroF1).bound(0.125, isLast: true) == "0.125")
  }

  /// What is claimed is shaded to the panel's edge on the side that has no end.
  @Test func whatIsClaimedIsShaded() throws {
    func shade(above: Double?, below: Double?) throws -> (Shade?, String) {
      let figure = try drawGoal(
        GoalAnswer(
          goal: "g", verdict: "supported", estimand: "a minus b", estimate: 0.064,
          interval: 0.022...0.106, meaning: "interval", above: above, below: below),
        name: "goal-1", of: .accuracy.difference, study: "")
      return (
        figure.figure.panels[0].marks.lazy.compactMap { $0 as? Shade }.first, figure.caption
      )
    }
    let (notLess, words) = try shade(above: -0.02, below: nil)
    #expect(notLess?.range == -2...Double.infinity && notLess?.direction == .vertical)
    #expect(words.contains("all of it as claimed"))
    let (equivalent, outside) = try shade(above: -0.02, below: 0.02)
    #expect(equivalent?.range == -2...2 && outside.contains("none of it as claimed"))
    let (notGreater, part) = try shade(above: nil, below: 0.05)
    #expect(notGreater?.range == -Double.infinity...5 && part.contains("a part of it as claimed"))
    #expect(try shade(above: nil, below: nil).0 == nil)
  }

  @Test func wordsCarryUnitsAndSigns() {
    #expect(ComparedQuantity.accuracy.text(0.6234) == "62.3\u{A0}%")
    #expect(ComparedQuantity.accuracy.difference.text(-0.0042) == "\u{2212}0.4\u{A0}points")
    #expect(ComparedQuantity.accuracy.difference.text(0.01...0.02) == "+1.0 to +2.0\u{A0}points")
    #expect(ComparedQuantity.trainableParameters.text(14_200_000) == "14.20\u{A0}million")
    #expect(ComparedQuantity(.macroF1).text(0.5) == "0.500")
    #expect(ComparedQuantity(.loss).text(1e-12) == "1×10⁻¹²\u{A0}nats")
    #expect(ComparedQuantity(.loss).axisTitle == "loss (nats)")
  }

  @Test func whatIsNotKnownIsNotDrawn() throws {
    let one = ComparedConfiguration("one", index: 0)
    #expect(throws: ComparisonAbsence.self) {
      try drawLearningCurves(
        [ComparedCurve(one, [.init(.nan)])], of: ComparedQuantity(.loss), on: "a", bands: "",
        study: "")
    }
    #expect(throws: ComparisonAbsence.self) {
      try drawFinalMetrics(
        [
          FinalMetric(ComparedQuantity(.loss), on: "a", [ComparedValue(one, 1)]),
          FinalMetric(ComparedQuantity(.loss), on: "b", [ComparedValue(.init("two", index: 1), 1)]),
        ], part: "test", intervals: "", study: "")
    }
    #expect(throws: ComparisonAbsence.self) {
      try drawGoal(
        GoalAnswer(
          goal: "g", verdict: "undecided", estimand: "e", estimate: .nan, interval: 0...1,
          meaning: "m"), name: "goal-1", of: ComparedQuantity(.loss), study: "")
    }
  }
}
