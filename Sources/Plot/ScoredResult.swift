internal import Chart
internal import Metrics
internal import Results

/// What the figures make of a network that gave no answer at all: its score is 0 by count, but a line that
/// falls to 0 would tell of one that answered wrongly, so it is a gap like the loss. Where single answers
/// are missing, they count as wrong.
extension SplitResult {
  private var isScored: Bool { !isWithoutAnswers }

  /// A metric; NaN where there was no answer.
  func scored(_ metric: Metric) -> Double { isScored ? self[metric] : .nan }

  /// As `accuracy`; NaN where there was no answer.
  var scoredAccuracy: Double { scored(.accuracy) }

  /// The interval of a metric; `nil` where there was no answer.
  func scoredInterval(_ metric: Metric, resamples: Int = usualResamples) -> Interval? {
    isScored ? interval(metric, resamples: resamples) : nil
  }
}

extension Metric {
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
