internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// A target's line in the figure.
private struct Row {
  let name: String
  /// From the top; fractions leave room between groups.
  let place: Int
  let gap: PartGap
  let other: PartGap?

  init(_ final: FinalGap, at place: Int, isApart: Bool, in results: RunResults) {
    let split = Split(final.target.code, final.gap.part)
    let count = results.selected[split]?.confusion.map { "n = \($0.total)" }
    let facts = [isApart ? final.gap.part.rawValue : nil, count].compactMap { $0 }
    self.name =
      final.target.name.shortened(to: 24)
      + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    (self.place, gap, other) = (place, final.gap, final.otherGap)
  }
}

/// Where a number stands beside its row: level with it, in a column at the right.
private struct ColumnText: Mark {
  let gap: String
  let interval: String
  let row: Double
  let ink: Ink

  var extent: Extent { Extent() }
  func shapes(on plane: Plane) -> [Shape] { [] }
  var endLabels: [EndLabel] {
    var words = EndLabel.Words(gap, detail: interval)
    words.isOneLine = true
    return [EndLabel(words, at: Point(.infinity, row), ink: ink)]
  }
}

private let finalInk = Ink.series(1)
private let otherInk = Ink.series(0)

extension FigureName {
  public static let finalGaps = FigureName(
    "final_gaps", .init(.transfer, 2), drawFinalGaps)
}

/// The final gaps as a forest plot: one row per target, ordered by the gap, on both parts of the data.
func drawFinalGaps(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let final = results.finalGaps
  let known = final.gaps.filter { $0.gap.accuracy.gap.isFinite }
    .sorted { $0.gap.accuracy.gap > $1.gap.accuracy.gap }
  let apart = final.setApart.filter { $0.gap.accuracy.gap.isFinite }
  guard known.count + apart.count > 1 else {
    throw FigureAbsence(
      name: .finalGaps,
      reason: results.targets.count < 2
        ? "it compares targets, and the run has fewer than two"
        : "the logs hold the final gap of fewer than two targets", in: results,
      isMissed: results.targets.count > 1)
  }
  let part = final.split.part
  var names: [String] = []
  var rows: [Row] = []
  func add(_ gaps: [FinalGap], isApart: Bool) {
    for gap in gaps {
      let row = Row(gap, at: names.count, isApart: isApart, in: results)
      names.append(row.name)
      rows.append(row)
    }
  }
  add(known, isApart: false)
  var mean: (place: Int, estimate: Estimate)?
  if let summary = final.summaries[.accuracy], summary.meanGap.value.isFinite {
    mean = (names.count, summary.meanGap)
    names.append("mean of \(known.count) targets")
  }
  if !apart.isEmpty {
    if !names.isEmpty { names.append("") }
    add(apart, isApart: true)
  }
  let hasOther = rows.contains { $0.other?.accuracy.gap.isFinite ?? false }
  var marks: [any Mark] = [Rule(.vertical(0), ink: .strong, dash: [])]
  for row in rows {
    let offset = row.other == nil ? 0 : 0.18
    marks += drawn(
      row.gap.accuracy.gap, row.gap.accuracy.interval, at: Double(row.place) - offset,
      ink: row.gap.part == part ? finalInk : otherInk)
    if let other = row.other, other.accuracy.gap.isFinite {
      marks += drawn(
        other.accuracy.gap, other.accuracy.interval, at: Double(row.place) + offset, ink: otherInk)
    }
  }
  if let mean {
    marks += drawn(
      mean.estimate.value, mean.estimate.interval, at: Double(mean.place), ink: .strong)
  }
  var x = Axis(
    "\(results.source.name.shortened(to: 24)) \u{2212} target accuracy (percentage points)")
  x.isSigned = true
  x.including = [0]
  var panel = Panel(x: x, y: Axis("", .category(names)), marks: marks)
  let otherPart = part == .test ? Part.validation : .test
  panel.key = [
    KeyEntry(part.rawValue, ink: finalInk, weight: 0, dash: [], hasSymbol: true)
  ]
  if hasOther || !apart.isEmpty {
    panel.key.append(
      KeyEntry(otherPart.rawValue, ink: otherInk, weight: 0, dash: [], hasSymbol: true))
  }
  let hasIntervals = rows.contains { $0.gap.accuracy.interval != nil }
  let note = sentences(
    apartNote(apart, part), missingNote(results, shown: (known + apart).map(\.target.code)))
  return DocumentedFigure(
    .finalGaps, title: "Transfer gap on \(part.rawValue)",
    subtitle: "Accuracy of \(results.source.name) minus that of each target "
      + "\(results.whenSelected), ordered by the gap"
      + (hasIntervals ? "; whiskers are 95\u{A0}% intervals of each alone" : ""),
    caption: sentences(caption(results, final, known), results.fewExamplesNote, note),
    alternative: "Forest plot of the final gaps to \(rows.count) targets.",
    note: sentences(note, hasIntervals ? "n: \(part.rawValue) examples of the target." : ""),
    size: .inches(12, 3.6 + (hasOther ? 0.74 : 0.46) * Double(names.count)), panels: [panel],
    of: results)
}

/// A gap with its interval and, in the column at the right, both in digits.
private func drawn(
  _ gap: Double, _ interval: Interval?, at row: Double, ink: Ink
) -> [any Mark] {
  var marks: [any Mark] = []
  var words = ""
  if let interval, interval.lower.isFinite, interval.upper.isFinite {
    marks.append(
      Whiskers(
        [.init(at: row, 100 * interval.lower...100 * interval.upper)], .horizontal, ink: ink))
    words = "(\(gapText(interval.lower)) to \(gapText(interval.upper)))"
  }
  return marks + [
    Dots([Point(100 * gap, row)], ink: ink),
    ColumnText(gap: gapText(gap), interval: words, row: row, ink: ink),
  ]
}

private func apartNote(_ apart: [FinalGap], _ part: Part) -> String {
  apart.isEmpty
    ? ""
    : "Set apart for lack of \(part.rawValue) results: \(inWords(apart.map(\.target.name)))."
}

/// The targets that have no row, in sentences: that an accuracy is not finite is one thing, that nobody knows it
/// another.
private func missingNote(_ results: RunResults, shown: [String]) -> String {
  var (notFinite, unknown): ([String], [String]) = ([], [])
  for target in results.targets where !shown.contains(target.code) {
    let found = [Part.validation, .test].compactMap { results.selected[Split(target.code, $0)] }
    let isNotFinite = found.contains { $0.isNotFinite(.accuracy) || $0.isWithoutAnswers }
    if isNotFinite { notFinite.append(target.name) } else { unknown.append(target.name) }
  }
  return sentences(
    notFinite.isEmpty ? "" : "No finite accuracy, hence no row: \(inWords(notFinite)).",
    unknown.isEmpty ? "" : "Gap not known, hence no row: \(inWords(unknown)).")
}

private func caption(_ results: RunResults, _ final: FinalGaps, _ known: [FinalGap]) -> String {
  let part = final.split.part.rawValue
  guard let most = known.first, let least = known.last else {
    return "No target has a gap on \(part)."
  }
  var sentence =
    known.count == 1
    ? "On \(part) the gap to \(most.target.name) is \(gapText(most.gap.accuracy.gap)) percentage points"
    : "On \(part) the gaps range from \(gapText(least.gap.accuracy.gap)) (\(least.target.name)) to "
      + "\(gapText(most.gap.accuracy.gap)) percentage points (\(most.target.name))"
  if let mean = final.summaries[.accuracy]?.meanGap, mean.value.isFinite {
    sentence += ", \(gapText(mean.value)) on average"
    if let interval = mean.interval {
      sentence +=
        " (95\u{A0}% interval \(gapText(interval.lower)) to \(gapText(interval.upper)))"
    }
  }
  sentence += "."
  guard final.tests > 0 else { return sentence + " Whether they differ from zero was not tested." }
  let all = final.gaps + final.setApart
  let ahead = all.count { $0.finding == .sourceAhead }
  let behind = all.count { $0.finding == .targetAhead }
  let found =
    ahead + behind == 0
    ? "none could be distinguished from zero"
    : "\(ahead + behind) of \(final.tests) \(ahead + behind == 1 ? "differs" : "differ") from zero"
  return sentence + " Tested together with Holm's correction, \(found)."
}
