internal import Metrics

/// Whether the shares of a log are in percent, which its numbers tell: settled for the log, since a program
/// that writes percent writes percent everywhere, and a column of small numbers would tell nothing.
struct Shares {
  private var percent: [String] = []
  /// What was taken for percent, and what was left out.
  var warnings: [String] {
    guard !percent.isEmpty else { return left }
    let shown = percent.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    let more = percent.count > 8 ? " and \(percent.count - 8) more" : ""
    return ["\(shown)\(more) \(percent.count == 1 ? "is" : "are") taken to be in percent."] + left
  }
  private var left: [String] = []
  /// A series that can be nothing else.
  private var example: String?

  /// Rounding may carry a mean of 32-bit floats a little above 1.
  private static let highestShare = 1.0001

  /// Looks at a series before any is read.
  mutating func note(_ entry: SeriesAssignment.Entry, _ metric: Metric) {
    guard entry.isPercent == nil, example == nil, let range = Self.range(metric),
      let (lowest, highest) = bounds(entry.series), range.holds(lowest, highest, times: 100),
      max(-lowest, highest) > Self.highestShare
    else { return }
    example = entry.series.key
  }

  /// A series with shares of one; `nil` for what cannot be shares, or may be either.
  mutating func scaled(
    _ entry: SeriesAssignment.Entry, _ split: Split, _ metric: Metric
  ) -> LoggedSeries? {
    guard let range = Self.range(metric), let (lowest, highest) = bounds(entry.series) else {
      return entry.series
    }
    let key = entry.series.key
    let largest = max(-lowest, highest)
    guard range.holds(lowest, highest, times: 100),
      entry.isPercent != false || largest <= Self.highestShare
    else {
      left.append(
        "'\(key)' holds values from \(lowest) to \(highest), which are not \(range.plural); it is left out."
      )
      return nil
    }
    guard let isPercent = entry.isPercent ?? (example.map { _ in true }) else {
      return entry.series
    }
    if let example, entry.isPercent == nil, largest > 0, largest <= Self.highestShare {
      left.append(
        "'\(key)' has no value above 1\(range.hasNegatives ? " or below −1" : ""), while '\(example)' of "
          + "the same log is in percent: it may be a \(range.singular), or at most \(plain(largest)) %, "
          + "so it is left out. "
          + "\(ImportMap.entry(key, "\(split.part.rawValue) \(metric.key) share")) in a file for --map "
          + "says which.")
      return nil
    }
    guard isPercent else { return entry.series }
    var series = entry.series
    if largest > 0 { percent.append(key) }
    for index in series.points.indices { series.points[index].value /= 100 }
    return series
  }

  /// What a metric's values can be where they may also be logged in percent; `nil` for one that they are not.
  private static func range(_ metric: Metric) -> Range? {
    metric.range == 0...1
      ? Range(hasNegatives: false)
      : metric.range == -1...1 ? Range(hasNegatives: true) : nil
  }

  /// From 0 or from −1 to 1.
  private struct Range {
    let hasNegatives: Bool

    var singular: String { hasNegatives ? "value from −1 to 1" : "share" }
    var plural: String { hasNegatives ? "values from −1 to 1" : "shares" }

    /// Whether it holds values in a unit of which as many make one.
    func holds(_ lowest: Double, _ highest: Double, times factor: Double) -> Bool {
      lowest >= (hasNegatives ? -factor : 0) && highest <= factor
    }
  }

  /// The lowest and highest finite value.
  private func bounds(_ series: LoggedSeries) -> (Double, Double)? {
    let finite = series.points.filter { !$0.isAbsent }.map(\.value).filter(\.isFinite)
    guard let lowest = finite.min(), let highest = finite.max() else { return nil }
    return (lowest, highest)
  }
}
