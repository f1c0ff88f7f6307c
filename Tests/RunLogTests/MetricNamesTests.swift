import Metrics
@testable import RunLog
import Storage
import TestSupport
import Testing

/// That every metric of the vocabulary reaches what is read and written here.
@Suite struct MetricNamesTests {
  private func value(_ subject: SeriesMeaning.Subject?) -> Metric? {
    if case .value(_, _, let metric) = subject { metric } else { nil }
  }

  @Test func logsMayCallItByAnyOfItsNames() {
    for metric in Metric.all {
      for name in metric.logNames.names + metric.logNames.macroNames + [metric.key] {
        let words = name.split(separator: " ").joined(separator: "_")
        for prefix in ["val_", "eval_"] {
          let meaning = SeriesMeaning(prefix + words, format: .huggingFace)
          #expect(value(meaning?.subject) == metric, "\(prefix + words)")
        }
      }
      #expect(value(SeriesMeaning.historyKey("target_val_\(metric.historyKey)")?.subject) == metric)
    }
  }

  @Test func mapsCallItByItsKey() throws {
    for metric in Metric.all {
      let map = try ImportMap.parse(
        Array("series: {x: de.validation \(metric.key)}".utf8), file: "map.yaml")
      #expect(
        map.series.first?.assignment == .value(.validation, .named("de"), metric, isPercent: nil))
    }
    let error = #expect(throws: RunLogError.self) {
      try ImportMap.parse(Array("series: {x: validation kappa}".utf8), file: "map.yaml")
    }
    for metric in Metric.all { #expect(error?.message.contains(metric.key) == true) }
  }

  @Test func historiesHoldIt() throws {
    let folder = try TemporaryFolder()
    var history = TrainingHistory(epochs: 0, learningRates: [])
    let values = MetricValues { metric in
      Metric.all.firstIndex(of: metric).map { 0.25 * Double($0) }
    }
    history.append([(.source, values)], learningRate: 0.1)
    try history.write(to: "\(folder.path)/training_history.json")
    let read = try TrainingHistory.read("\(folder.path)/training_history.json")
    for (place, metric) in Metric.all.enumerated() {
      #expect(read[.source, metric] == [0.25 * Double(place)], "\(metric)")
    }
    #expect(read.unknownKeys.isEmpty)
  }

  @Test func claimsMayBeAboutIt() throws {
    let quantities = Claim.Quantity.allCases
    #expect(Set(quantities.map(\.rawValue)).count == quantities.count)
    for quantity in quantities { #expect(Claim.Quantity(rawValue: quantity.rawValue) == quantity) }
    for metric in Metric.all {
      #expect(Claim.Quantity(rawValue: metric.key) == .metric(metric))
      if let gap = metric.gap {
        #expect(Claim.Quantity(rawValue: gap.key) == .transferGap(metric))
      }
    }
    #expect(Claim.Quantity(rawValue: "kappa") == nil && Claim.Quantity(rawValue: "") == nil)
  }
}
