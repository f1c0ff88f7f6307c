internal import Chart
public import Metrics

extension Metric {
  /// Those that figures show: what an article of this kind gives. Tables have all.
  public static let drawn: [Metric] = [.accuracy, .macroF1, .loss]

  /// A value as figures write it, without its unit.
  func digits(_ value: Double) -> String { digits(onAxis: unit.factor * value) }

  /// The same of a value as the axis has it.
  func digits(onAxis value: Double) -> String {
    unit == .nats ? lossText(value) : Numeral.decimal(value, places: unit.places)
  }

  /// The same with a sign for percent; other units stand at the axis.
  func text(_ value: Double) -> String {
    unit == .share ? "\(digits(value))\u{A0}\(unit.symbol)" : digits(value)
  }

  /// As an axis is titled, "accuracy (%)".
  var axisTitle: String { unit.symbol.isEmpty ? name : "\(name) (\(unit.symbol))" }

  /// What the whiskers of several metrics are, in a sentence.
  static func intervalNote(of metrics: [Metric]) -> String {
    let kinds = metrics.map { metric in
      switch metric.computation {
      case .mean: "standard error for \(metric.name)"
      case .share: "Wilson's for \(metric.name)"
      case .counts: "bootstrap for \(metric.name)"
      }
    }
    return "Intervals: \(kinds.joined(separator: ", "))."
  }
}
