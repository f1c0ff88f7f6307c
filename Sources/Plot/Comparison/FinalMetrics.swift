internal import Chart

/// One metric on one split, a value per configuration.
public struct FinalMetric: Equatable, Sendable {
  public var quantity: ComparedQuantity
  /// In words, such as "German test".
  public var split: String
  /// In the order of the rows, the same for all metrics of a figure.
  public var values: [ComparedValue]

  public init(_ quantity: ComparedQuantity, on split: String, _ values: [ComparedValue]) {
    (self.quantity, self.split, self.values) = (quantity, split, values)
  }
}

/// Draws final metrics as dots with their intervals, a row per configuration and a panel per metric.
///
/// - Parameters:
///   - metrics: each with the same configurations in the same order.
///   - part: that all of them are on, such as "test".
///   - intervals: what the whiskers are, such as "95 % intervals over seeds and examples"; empty for
///     none.
///   - study: what the runs belong to; empty for none.
///   - hasAverage: whether some of them count with averaged weights, not with those after an epoch.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if no value is known, or if the metrics are not of one list of
///   configurations.
public func drawFinalMetrics(
  _ metrics: [FinalMetric], part: String, intervals: String, study: String,
  hasAverage: Bool = false
) throws(ComparisonAbsence) -> ComparisonFigure {
  let known = metrics.filter { $0.values.contains { $0.value.isFinite } }
  guard let first = known.first else { throw ComparisonAbsence("no run has a final metric") }
  let names = first.values.map(\.configuration)
  guard known.allSatisfy({ $0.values.map(\.configuration) == names }) else {
    throw ComparisonAbsence("the metrics are not of the same configurations")
  }
  let columns = panelColumns(known.count, names: names)
  let panels = known.enumerated().map { index, metric in
    var y = Axis(metric.quantity.axisTitle, .category(names.map(\.name)))
    y.isLabelled = index % columns == 0
    return Panel(
      title: metric.split, x: Axis(""), y: y,
      marks: intervalRows(metric.values, metric.quantity))
  }
  let hasWhiskers = known.contains { $0.values.contains { $0.interval != nil } }
  let rows = (panels.count + columns - 1) / columns
  let page = pageSize(rows: names.count, width: columns == 1 ? 12 : 14)
  return ComparisonFigure(
    "final_metrics", title: "Final metrics on \(part)",
    subtitle: (hasAverage ? "With the selected weights" : "After the selected epoch")
      + ", by configuration"
      + (hasWhiskers && !intervals.isEmpty ? "; whiskers are \(intervals)" : ""),
    caption: known.prefix(4).map(caption).joined(separator: " "),
    alternative: "Dots of \(inWords(known.map { "\($0.quantity.name) on \($0.split)" })), "
      + "\(names.count) configurations.",
    note: withoutValue(known.map(\.values)),
    size: Size(width: page.width, height: page.height * Double(rows)), panels: panels,
    columns: columns, study: study)
}

private func caption(_ metric: FinalMetric) -> String {
  let known = metric.values.filter { $0.value.isFinite }
  let place = "\(metric.quantity.name.capitalizedFirst) on \(metric.split)"
  if known.count > 3 { return "\(place) lies \(span(known, metric.quantity))." }
  return "\(place): "
    + known.map { entry in
      "\(entry.configuration.name) \(metric.quantity.text(entry.value))"
        + (entry.interval.map { " (\(metric.quantity.text($0)))" } ?? "")
    }.joined(separator: "; ") + "."
}
