internal import Chart

/// The transfer gap to one target, a value per configuration.
public struct ComparedGap: Equatable, Sendable {
  /// The target's name, such as "German".
  public var target: String
  /// From −1 to 1, in the order of the rows, the same for all targets of a figure.
  public var values: [ComparedValue]
  /// The part of the data that it is measured on, if no configuration has it on the figure's; else `nil`.
  public var partApart: String?

  public init(to target: String, _ values: [ComparedValue], setApartOn partApart: String? = nil) {
    (self.target, self.values, self.partApart) = (target, values, partApart)
  }
}

/// Draws the transfer gap by configuration, a panel per target, with the line of no gap.
///
/// Targets that lack the figure's part come last, each in a panel that names its part.
///
/// - Parameters:
///   - gaps: each with the same configurations in the same order.
///   - source: the language that was trained on.
///   - part: of the data, such as "test".
///   - intervals: what the whiskers are, such as "95 % intervals"; empty for none.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if no gap is known, or if the targets are not of one list of
///   configurations.
public func drawGaps(
  _ gaps: [ComparedGap], source: String, part: String, intervals: String, study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let finite = gaps.filter { $0.values.contains { $0.value.isFinite } }
  let apart = finite.filter { $0.partApart != nil }
  let known = finite.filter { $0.partApart == nil } + apart
  guard let first = known.first else { throw ComparisonAbsence("no run has a transfer gap") }
  let names = first.values.map(\.configuration)
  guard known.allSatisfy({ $0.values.map(\.configuration) == names }) else {
    throw ComparisonAbsence("the gaps are not of the same configurations")
  }
  let columns = panelColumns(known.count, names: names)
  let range = DataRange(
    known.flatMap { gap in
      gap.values.flatMap { entry in
        [entry.value] + (entry.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
      }
    } + [0]
  ).range
  let panels = known.enumerated().map { index, gap in
    var x = Axis("")
    x.isSigned = true
    // All panels share their axis, which shows the line of no gap.
    x.including = range.map { [100 * $0.lowerBound, 100 * $0.upperBound] } ?? [0]
    var y = Axis("", .category(names.map(\.name)))
    y.isLabelled = index % columns == 0
    let zero: any Mark = Rule(.vertical(0), ink: .strong, dash: [])
    return Panel(
      title: gap.partApart.map { "\(gap.target.shortened(to: 24)) (\($0))" }
        ?? (known.count == 1 ? "" : gap.target), x: x, y: y,
      marks: [zero] + intervalRows(gap.values, .transferGap))
  }
  let hasWhiskers = known.contains { $0.values.contains { $0.interval != nil } }
  let rows = (panels.count + columns - 1) / columns
  let page = pageSize(rows: names.count, width: columns == 1 ? 12 : 14)
  let target = known.count == 1 ? first.target : "the target"
  let setApart =
    apart.isEmpty
    ? "" : "Set apart for lack of \(part) results: \(inWords(apart.map(\.target)))."
  return ComparisonFigure(
    "gaps", title: "Transfer gap on \(part) by configuration",
    subtitle: "\(source) accuracy minus that of \(target), in percentage points"
      + (hasWhiskers && !intervals.isEmpty ? "; whiskers are \(intervals)" : ""),
    caption: sentences(
      known.prefix(4).map { caption($0, on: $0.partApart ?? part) }.joined(separator: " "), setApart
    ),
    alternative: "Dots of the transfer gap to \(inWords(known.map(\.target))), \(names.count) "
      + "configurations.",
    note: sentences(setApart, withoutValue(known.map(\.values))),
    size: Size(width: page.width, height: page.height * Double(rows)), panels: panels,
    columns: columns, study: study)
}

private func caption(_ gap: ComparedGap, on part: String) -> String {
  let known = gap.values.filter { $0.value.isFinite }
  let quantity = ComparedQuantity.transferGap
  if known.count > 3 { return "On \(part) the gap to \(gap.target) lies \(span(known, quantity))." }
  return "On \(part) the gap to \(gap.target): "
    + known.map { entry in
      "\(entry.configuration.name) \(quantity.text(entry.value))"
        + (entry.interval.map { " (\(quantity.text($0)))" } ?? "")
    }.joined(separator: "; ") + "."
}
