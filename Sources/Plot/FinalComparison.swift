internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// A split compared with others after the selected epoch.
private struct Row {
  var name: String
  let split: Split
  let ink: Ink
  let result: SplitResult

  /// Whether the row is of another part of the data than the final numbers.
  func isApart(from final: Part) -> Bool { split.part != .train && split.part != final }

  var accuracy: Double { result.scoredAccuracy }
}

private func rows(_ results: RunResults) -> [Row] {
  var rows: [Row] = []
  let training = Split(results.source.code, .train)
  if let result = results.selected[training] {
    let name = result.isRunning ? "training (running)" : "training"
    rows.append(Row(name: name, split: training, ink: .series(0), result: result))
  }
  let final = results.finalSplit
  for (index, language) in ([results.source] + results.targets).enumerated() {
    // Without the final part a language is shown apart, by the part that it has.
    let split = final.parts.map { Split(language.code, $0) }
      .first { results.selected[$0].map(hasScore) ?? false }
    guard let split, let result = results.selected[split] else { continue }
    let isApart = split.part != final.part
    rows.append(
      Row(
        name: isApart ? "\(language.name) (\(split.part.rawValue))" : language.name, split: split,
        ink: index == 0 ? .series(1) : ink(ofTarget: index - 1, in: results), result: result))
  }
  let scored = rows.filter { hasScore($0.result) }
  return scored.filter { !$0.isApart(from: final.part) }
    + scored.filter { $0.isApart(from: final.part) }
}

private func hasScore(_ result: SplitResult) -> Bool {
  Metric.drawn.contains { result.scored($0).isFinite }
}

extension FigureName {
  public static let finalComparison = FigureName(
    "final_comparison", .init(.overview, 2), isExpected: true, drawFinalComparison)
}

func drawFinalComparison(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let rows = rows(results)
  guard !rows.isEmpty else {
    throw FigureAbsence(
      name: .finalComparison,
      reason: "the logs hold no results for \(results.selectedMoment)", in: results)
  }
  let panels = Metric.drawn.map { panel(rows, $0, results) }
  let infinite = rows.filter { $0.result.loss == .infinity }.map(\.name)
  let absent = Metric.drawn.compactMap { metric in
    let missing = rows.filter {
      let value = $0.result.scored(metric)
      return !value.isFinite && value != .infinity
    }.map(\.name)
    return missing.isEmpty ? nil : "\(metric.name) of \(inWords(missing))"
  }
  let missing = sentences(
    infinite.isEmpty ? "" : "Infinite, hence no bar: loss of \(inWords(infinite)).",
    absent.isEmpty ? "" : "Not known: \(inWords(absent)).")
  let apart = apartNote(results, rows)
  let hasRunning = rows.contains { $0.result.isRunning }
  let hasWhiskers = rows.contains {
    $0.result.scoredInterval(.accuracy) != nil && $0.split.part != .train
  }
  return DocumentedFigure(
    .finalComparison, title: "Final performance on \(results.finalSplit.part.rawValue)",
    subtitle: "\(results.whenSelected.capitalizedFirst)"
      + (hasWhiskers ? "; whiskers are 95\u{A0}% intervals" : ""),
    caption: sentences(
      caption(results, rows), results.fewExamplesNote, apart, hasWhiskers ? intervalNote : "",
      missing),
    alternative: "Bars of \(inWords(Metric.drawn.map(\.name))): \(gist(rows)).",
    note: sentences(
      apart, hasWhiskers ? intervalNote : "",
      hasRunning ? runningNote(results.curves(having: \.loss)) : "", missing),
    size: .inches(14, max(6, 4.4 + 0.42 * Double(rows.count))), panels: panels, columns: 3,
    of: results)
}

/// Sparse dots, unlike the short dashes of the rate of the most frequent class.
private let chanceDash = [1, 2.5]

private let intervalNote = Metric.intervalNote(of: Metric.drawn)

/// The accuracies in a few words.
private func gist(_ rows: [Row]) -> String {
  let known = rows.filter { $0.split.part != .train && $0.result.scoredAccuracy.isFinite }
  if known.isEmpty || known.count > 4 { return "\(rows.count) splits" }
  return known.map { "\($0.name) \(Numeral.percent($0.result.scoredAccuracy))" }.joined(
    separator: ", ")
}

/// What answers that never look at the text get, as the axis has it: naming the most frequent class, and guessing.
private func blind(
  _ metric: Metric, _ results: RunResults
) -> (reference: (Row) -> Double?, chance: Double?) {
  let factor = metric.unit.factor
  return switch metric {
  case .accuracy:
    (
      { row in results.majorityShare(row.split).map { factor * $0 } },
      results.labels.isEmpty ? nil : factor / Double(results.labels.count)
    )
  case .macroF1: ({ $0.result.confusion?.majorityF1 }, nil)
  case .loss: ({ _ in nil }, results.guessingLoss)
  default: ({ _ in nil }, nil)
  }
}

private func panel(_ rows: [Row], _ metric: Metric, _ results: RunResults) -> Panel {
  let (final, factor) = (results.finalSplit.part, metric.unit.factor)
  let (reference, chance) = blind(metric, results)
  let text = metric.digits(onAxis:)
  let key = "most frequent class"
  // An empty row sets apart what is measured on another part of the data.
  let firstApart = rows.firstIndex { $0.isApart(from: final) }
  let bars = rows.enumerated().map { index, row in
    Bars.Bar(
      category: index + (firstApart.map { index >= $0 && $0 > 0 ? 1 : 0 } ?? 0),
      value: factor * row.result.scored(metric),
      // Running predictions come from many networks; no interval of one network fits them.
      interval: row.split.part == .train
        ? nil
        : row.result.scoredInterval(metric).map { factor * $0.lower...factor * $0.upper },
      reference: reference(row),
      text: row.result.scored(metric).isFinite
        ? metric.digits(row.result.scored(metric)) : "not known",
      ink: row.ink)
  }
  var x = Axis("")
  x.padding = 0.02
  x.limits = 0...Double.infinity
  var names = rows.map(\.name)
  if let firstApart, firstApart > 0 { names.insert("", at: firstApart) }
  var y = Axis("", .category(names))
  y.isLabelled = metric == Metric.drawn.first
  var panel = Panel(title: metric.axisTitle.capitalizedFirst, x: x, y: y, marks: [Bars(bars)])
  let references = bars.compactMap(\.reference)
  // With classes of one size both are the same line.
  let isChance = chance.map { chance in
    !references.isEmpty && references.allSatisfy { text($0) == text(chance) }
  }
  if let chance, isChance != true {
    panel.marks.append(Rule(.vertical(chance), ink: .strong, dash: chanceDash))
    panel.key.append(
      KeyEntry("guessing: \(text(chance))", ink: .strong, weight: 0.65, dash: chanceDash))
  }
  if !references.isEmpty {
    let name = isChance == true ? "guessing, \(key): \(references.first.map(text) ?? "")" : key
    panel.key.append(
      KeyEntry(name, ink: .strong, weight: Bars.referenceWeight, dash: Bars.referenceDash))
  }
  return panel
}

/// Which languages lack the final part, in a sentence; empty if all have it.
private func apartNote(_ results: RunResults, _ rows: [Row]) -> String {
  let final = results.finalSplit.part
  let names = rows.filter { $0.isApart(from: final) }.map(\.name)
  return names.isEmpty
    ? "" : "Set apart for lack of \(final.rawValue) results: \(inWords(names))."
}

private func caption(_ results: RunResults, _ rows: [Row]) -> String {
  let final = results.finalSplit.part
  let known = rows.filter { $0.split.part == final }
  let place = "On \(final.rawValue) \(results.whenSelected)"
  if known.isEmpty {
    return rows.allSatisfy { $0.split.part == .train }
      ? "Only training values are known \(results.whenSelected)."
      : "\(place) nothing is known."
  }
  let scored = known.filter { $0.result.scoredAccuracy.isFinite }
  // Of three targets and more the ends; the table has the others.
  if known.count > 3, let least = scored.min(by: { $0.accuracy < $1.accuracy }),
    let most = scored.max(by: { $0.accuracy < $1.accuracy })
  {
    return "\(place) accuracy lies between \(Numeral.percent(least.accuracy)) (\(least.name)) and "
      + "\(Numeral.percent(most.accuracy)) (\(most.name))."
  }
  let parts = known.map { row in
    var facts: [String] = []
    if row.result.scoredAccuracy.isFinite {
      facts.append("\(Numeral.percent(row.accuracy)) accuracy")
    }
    let macroF1 = row.result.scored(.macroF1)
    if macroF1.isFinite { facts.append("macro F1 \(Metric.macroF1.text(macroF1))") }
    if row.result.loss.isFinite { facts.append("loss \(lossText(row.result.loss))") }
    let isPlural = results.hasSeveralSources && row.split.language == results.source.code
    return "\(row.name) \(isPlural ? "have" : "has") \(inWords(facts))"
  }
  return "\(place) \(parts.joined(separator: "; "))."
}
