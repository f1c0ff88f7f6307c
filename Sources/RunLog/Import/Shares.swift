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
  mutating func note(_ entry: SeriesAssignment.Entry) {
    guard entry.isPercent == nil, example == nil, let (lowest, highest) = bounds(entry.series),
      lowest >= 0, highest <= 100, highest > Self.highestShare
    else { return }
    example = entry.series.key
  }

  /// A series with shares of one; `nil` for what cannot be shares, or may be either.
  mutating func scaled(
    _ entry: SeriesAssignment.Entry, _ split: Split, _ quantity: TrainingHistory.Quantity
  ) -> LoggedSeries? {
    guard quantity != .loss, let (lowest, highest) = bounds(entry.series) else {
      return entry.series
    }
    let key = entry.series.key
    guard lowest >= 0, highest <= 100, entry.isPercent != false || highest <= Self.highestShare
    else {
      left.append(
        "'\(key)' holds values from \(lowest) to \(highest), which are not shares; it is left out.")
      return nil
    }
    guard let isPercent = entry.isPercent ?? (example.map { _ in true }) else {
      return entry.series
    }
    if let example, entry.isPercent == nil, highest > 0, highest <= Self.highestShare {
      left.append(
        "'\(key)' has no value above 1, while '\(example)' of the same log is in percent: it may be a "
          + "share, or at most \(plain(highest)) %, so it is left out. "
          + "\(ImportMap.entry(key, "\(split.part.rawValue) \(quantity.mapName) share")) in a file for --map "
          + "says which.")
      return nil
    }
    guard isPercent else { return entry.series }
    var series = entry.series
    if highest > 0 { percent.append(key) }
    for index in series.points.indices { series.points[index].value /= 100 }
    return series
  }

  /// The lowest and highest finite value.
  private func bounds(_ series: LoggedSeries) -> (Double, Double)? {
    let finite = series.points.filter { !$0.isAbsent }.map(\.value).filter(\.isFinite)
    guard let lowest = finite.min(), let highest = finite.max() else { return nil }
    return (lowest, highest)
  }
}

extension TrainingHistory.Quantity {
  /// As a file for --map calls it.
  var mapName: String {
    switch self {
    case .loss: "loss"
    case .accuracy: "accuracy"
    case .macroF1: "macro_f1"
    }
  }
}
