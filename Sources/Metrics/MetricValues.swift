/// A value of each metric, as far as it is there. That one is absent is another thing than that it is not a
/// number.
public struct MetricValues: Sendable {
  /// In the order of `Metric.all`; NaN where absent. A log may have a million of these.
  private var values: [Double]
  /// A bit for each metric that is there.
  private var present: UInt64 = 0

  /// Of nothing.
  public init() { values = [Double](repeating: .nan, count: Metric.all.count) }

  /// As a function has them.
  public init(_ value: (Metric) -> Double?) {
    self.init()
    for metric in Metric.all { self[metric] = value(metric) }
  }

  /// Of all metrics of a split.
  public init(_ scores: Scores) {
    values = Metric.all.map { $0.value(scores) }
    present = (1 << UInt64(values.count)) - 1
  }

  /// `nil` where it is absent.
  public subscript(metric: Metric) -> Double? {
    get {
      guard let place = Metric.all.firstIndex(of: metric), present & (1 << UInt64(place)) != 0
      else { return nil }
      return values[place]
    }
    set {
      guard let place = Metric.all.firstIndex(of: metric) else { return }
      values[place] = newValue ?? .nan
      if newValue == nil {
        present &= ~(1 << UInt64(place))
      } else {
        present |= 1 << UInt64(place)
      }
    }
  }
}

extension MetricValues: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (Metric, Double?)...) {
    self.init()
    for (metric, value) in elements { self[metric] = value }
  }
}
