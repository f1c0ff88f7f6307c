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
}

private func rows(_ results: RunResults) -> [Row] {
  var rows: [Row] = []
  let training = Split(results.source.code, .train)
  if let result = results.selected[training] {
    let name = result.isRunning ? "training (running)" : "training"
    rows.append(Row(name: name, split: training, ink: .series(0), result: result))
  }
  for (index, language) in ([results.source] + results.targets).enumerated() {
    // A language that was scored later may have a test split only.
    let split = [Part.validation, .test].map { Split(language.code, $0) }
      .first { results.selected[$0] != nil }
    guard let split, let result = results.selected[split] else { continue }
    rows.append(
      Row(
        name: language.name, split: split, ink: .series(1 + index), result: result))
  }
  // The part is named where it differs.
  if rows.contains(where: { $0.split.part == .test }) {
    for index in rows.indices where rows[index].split.part != .train {
      rows[index].name += " \(rows[index].split.part.rawValue)"
    }
  }
  return rows.filter {
    $0.result.scoredAccuracy.isFinite || $0.result.loss.isFinite || $0.result.scoredMacroF1.isFinite
  }
}

func drawFinalComparison(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let rows = rows(results)
  guard !rows.isEmpty else {
    throw FigureAbsence(
      name: .finalComparison,
      reason: "the logs hold no number of \(results.moment(results.selectedEpoch))", in: results)
  }
  let panels = [
    panel(
      rows, "Accuracy (%)", isFirst: true, key: "most frequent class",
      value: { 100 * $0.result.scoredAccuracy },
      interval: { row in
        row.result.scoredAccuracyInterval.map { 100 * $0.lower...100 * $0.upper }
      },
      reference: { results.majorityShare($0.split).map { 100 * $0 } },
      chance: results.labels.isEmpty ? nil : 100 / Double(results.labels.count),
      text: { Numeral.decimal($0, places: 1) }),
    panel(
      rows, "Macro F1", key: "most frequent class",
      value: { $0.result.scoredMacroF1 },
      interval: { row in row.result.scoredMacroF1Interval().map { $0.lower...$0.upper } },
      reference: { $0.result.confusion?.majorityF1 }, text: { Numeral.decimal($0, places: 3) }),
    panel(
      rows, "Loss (nats)", key: "",
      value: { $0.result.loss },
      interval: { row in row.result.lossInterval.map { $0.lower...$0.upper } },
      reference: { _ in nil }, chance: results.guessingLoss, text: lossText),
  ]
  let absent = [
    ("accuracy", \SplitResult.scoredAccuracy), ("macro F1", \SplitResult.scoredMacroF1),
    ("loss", \SplitResult.loss),
  ].compactMap { name, path in
    let missing = rows.filter { !$0.result[keyPath: path].isFinite }.map(\.name)
    return missing.isEmpty ? nil : "\(name) of \(inWords(missing))"
  }
  let missing = absent.isEmpty ? "" : "Not known: \(inWords(absent))."
  let hasRunning = rows.contains { $0.result.isRunning }
  let hasWhiskers = rows.contains {
    $0.result.scoredAccuracyInterval != nil && $0.split.part != .train
  }
  return DocumentedFigure(
    .finalComparison, title: "Final performance",
    subtitle: "Training and validation after \(results.moment(results.selectedEpoch))"
      + (hasWhiskers ? "; whiskers are 95\u{A0}% intervals" : ""),
    caption: sentences(caption(results, rows), hasWhiskers ? intervalNote : "", missing),
    alternative: "Bars of accuracy, macro F1 and loss: \(gist(rows)).",
    note: sentences(
      hasWhiskers ? intervalNote : "",
      hasRunning ? runningNote(results.curves(having: \.loss)) : "", missing),
    size: .inches(14, max(6, 4.4 + 0.42 * Double(rows.count))), panels: panels, columns: 3,
    of: results)
}

/// Sparse dots, unlike the short dashes of the rate of the most frequent class.
private let chanceDash = [1, 2.5]

private let intervalNote =
  "Intervals: Wilson's for accuracy, bootstrap for macro F1, standard error for loss."

/// The accuracies in a few words.
private func gist(_ rows: [Row]) -> String {
  let known = rows.filter { $0.split.part != .train && $0.result.scoredAccuracy.isFinite }
  if known.isEmpty || known.count > 4 { return "\(rows.count) splits" }
  return known.map { "\($0.name) \(Numeral.percent($0.result.scoredAccuracy))" }.joined(
    separator: ", ")
}

private func panel(
  _ rows: [Row], _ title: String, isFirst: Bool = false, key: String,
  value: (Row) -> Double, interval: (Row) -> ClosedRange<Double>?,
  reference: (Row) -> Double?, chance: Double? = nil, text: (Double) -> String
) -> Panel {
  let bars = rows.enumerated().map { index, row in
    Bars.Bar(
      category: index, value: value(row),
      // Running predictions come from many networks; no interval of one network fits them.
      interval: row.split.part == .train ? nil : interval(row), reference: reference(row),
      text: value(row).isFinite ? text(value(row)) : "not known", ink: row.ink)
  }
  var x = Axis("")
  x.padding = 0.02
  x.limits = 0...Double.infinity
  var y = Axis("", .category(rows.map(\.name)))
  y.isLabelled = isFirst
  var panel = Panel(title: title, x: x, y: y, marks: [Bars(bars)])
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

private func caption(_ results: RunResults, _ rows: [Row]) -> String {
  let parts = rows.filter { $0.split.part != .train }.map { row in
    var facts: [String] = []
    if row.result.scoredAccuracy.isFinite {
      facts.append("\(Numeral.percent(row.result.scoredAccuracy)) accuracy")
    }
    if row.result.scoredMacroF1.isFinite {
      facts.append("macro F1 \(Numeral.decimal(row.result.macroF1, places: 3))")
    }
    if row.result.loss.isFinite { facts.append("loss \(lossText(row.result.loss))") }
    return "\(row.name) has \(inWords(facts))"
  }
  if parts.count > 4 {
    let known = rows.filter { $0.split.part != .train && $0.result.scoredAccuracy.isFinite }
    if let least = known.min(by: { $0.result.scoredAccuracy < $1.result.scoredAccuracy }),
      let most = known.max(by: { $0.result.scoredAccuracy < $1.result.scoredAccuracy })
    {
      return "After \(results.moment(results.selectedEpoch)) accuracy lies between "
        + "\(Numeral.percent(least.result.scoredAccuracy)) (\(least.name)) and "
        + "\(Numeral.percent(most.result.scoredAccuracy)) (\(most.name))."
    }
  }
  if parts.isEmpty {
    return "Only training values are known after \(results.moment(results.selectedEpoch))."
  }
  let place = rows.contains { $0.split.part == .test } ? "After" : "On validation after"
  return "\(place) \(results.moment(results.selectedEpoch)) \(parts.joined(separator: "; "))."
}
