import Metrics
import Testing

/// What whoever goes through `Metric.all` relies on.
@Suite struct MetricTests {
  @Test func namesTellMetricsApart() {
    let keys = Metric.all.map(\.key) + Metric.all.compactMap(\.gap?.key)
    #expect(Set(keys).count == keys.count)
    for metric in Metric.all {
      // The first ending that fits is taken for a history's array.
      let others = Metric.all.filter { $0 != metric }.map(\.historyKey)
      #expect(!others.contains { metric.historyKey.hasSuffix($0) }, "\(metric)")
      #expect(metric.key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(metric)")
      #expect(!metric.name.isEmpty && !metric.meaning.isEmpty && !metric.anchor.isEmpty)
    }
    let words = Metric.all.flatMap { $0.logNames.names + $0.logNames.macroNames }
    #expect(Set(words).count == words.count && words.allSatisfy { $0 == $0.lowercased() })
  }

  @Test func valuesAndIntervalsStayInTheirRange() throws {
    let labels = (0..<60).map { $0 % 3 }
    let scores = Scores(labels: labels, classes: 3) { place in
      (0..<3).map { Float(($0 * 7 + place * 5) % 11) / 4 + ($0 == labels[place] ? 1 : 0) }[...]
    }
    let values = MetricValues(scores)
    for metric in Metric.all {
      let value = try #require(values[metric])
      #expect(metric.range.contains(value) && value == metric.value(scores), "\(metric)")
      // Every metric has an interval, of one kind or the other.
      let isDrawn = Metric.ofCounts.contains(metric)
      #expect((metric.formulaInterval(scores) == nil) == isDrawn, "\(metric)")
      let interval = try #require(
        isDrawn
          ? scores.confusion.intervals(of: [metric], resamples: 400)[0]
          : metric.formulaInterval(scores), "\(metric)")
      #expect(interval.contains(value), "\(metric)")
      #expect(metric.range.contains(interval.lower) && metric.range.contains(interval.upper))
      // And a contrast of one network with itself is 0.
      let contrast = Contrast(
        [(1.0, "a"), (-1, "b")].map { weight, name in
          Contrast.Term(
            weight: weight, configuration: name, split: "test", answers: [metric.answers(scores)])
        }, resamples: 50)
      #expect(contrast.value == 0 && contrast.exampleVariance == 0, "\(metric)")
    }
  }

  @Test func absentIsAnotherThingThanNotANumber() {
    var values = MetricValues { $0 == .loss ? .nan : nil }
    #expect(values[.loss]?.isNaN == true && values[.accuracy] == nil)
    values[.accuracy] = 0
    values[.loss] = nil
    #expect(values[.loss] == nil && values[.accuracy] == 0)
  }

  @Test func noExamplesHaveNoMetrics() {
    let none = Scores(labels: [], classes: 3) { _ in [] }
    for metric in Metric.all {
      #expect(metric.value(none).isNaN && metric.formulaInterval(none) == nil, "\(metric)")
    }
    #expect(none.confusion.intervals(of: Metric.ofCounts).allSatisfy { $0 == nil })
  }
}
