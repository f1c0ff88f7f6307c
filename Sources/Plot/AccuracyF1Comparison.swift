internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// A split with both scores after the selected epoch.
private struct Row {
  let name: String
  let split: Split
  let result: SplitResult
}

/// Both on one scale from 0 to 100.
private let drawn: [Metric] = [.accuracy, .macroF1]

private func rows(_ results: RunResults) -> [Row] {
  ([results.source] + results.targets).flatMap { language in
    Part.allCases.compactMap { part in
      let split = Split(language.code, part)
      guard let result = results.selected[split],
        drawn.allSatisfy({ result.scored($0).isFinite })
      else { return nil }
      let name = part == .train && result.isRunning ? "training (running)" : part.rawValue
      // Names of rows take their room from the panel.
      let whose = language.name.shortened(to: 24)
      return Row(name: "\(whose) \(name)", split: split, result: result)
    }
  }
}

extension FigureName {
  public static let accuracyF1Comparison = FigureName(
    "accuracy_f1_comparison", .init(.overview, 3), drawAccuracyF1Comparison)
}

func drawAccuracyF1Comparison(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let rows = rows(results)
  guard !rows.isEmpty else {
    throw FigureAbsence(
      name: .accuracyF1Comparison,
      reason: "the logs hold no split with both accuracy and macro F1", in: results)
  }
  let hasWhiskers = rows.contains {
    $0.result.scoredInterval(.accuracy) != nil && !$0.result.isRunning
  }
  let accuracies = series(rows, offset: -0.2, .accuracy, ink: .strong)
  let scores = series(rows, offset: 0.2, .macroF1, ink: .series(0))
  var x = Axis("accuracy (%) and 100 × macro F1")
  x.limits = 0...100
  var panel = Panel(
    x: x, y: Axis("", .category(rows.map(\.name))), marks: accuracies + scores)
  panel.key = [
    KeyEntry("accuracy", ink: .strong, weight: 0, dash: [], hasSymbol: true),
    KeyEntry("macro F1", ink: .series(0), weight: 0, dash: [], hasSymbol: true),
  ]
  let running = rows.contains { $0.result.isRunning }
  return DocumentedFigure(
    .accuracyF1Comparison, title: "Accuracy and macro F1",
    subtitle: "Every split \(results.whenSelected), on one scale"
      + (hasWhiskers ? "; whiskers are 95\u{A0}% intervals" : ""),
    caption: caption(results, rows),
    alternative: "Accuracy and macro F1 of \(rows.count) split\(rows.count == 1 ? "" : "s").",
    note: sentences(
      hasWhiskers ? Metric.intervalNote(of: drawn) : "",
      running ? runningNote(results.curves(having: \.loss)) : ""),
    size: .inches(12, max(5, 3.2 + 0.75 * Double(rows.count))), panels: [panel], of: results)
}

/// One score of all splits: whisker, symbol and value, each a little beside the middle of its row.
private func series(
  _ rows: [Row], offset: Double, _ metric: Metric, ink: Ink
) -> [any Mark] {
  var (points, whiskers, values): ([Point], [Whiskers.Whisker], [Values.Value]) = ([], [], [])
  for (index, row) in rows.enumerated() {
    let value = row.result.scored(metric)
    let (x, y) = (100 * value, Double(index) + offset)
    points.append(Point(x, y))
    var reach = x
    // Running predictions come from many networks; no interval of one network fits them.
    if !row.result.isRunning, let interval = row.result.scoredInterval(metric) {
      whiskers.append(.init(at: y, 100 * interval.lower...100 * interval.upper))
      reach = max(x, 100 * interval.upper)
    }
    values.append(.init(metric.text(value), at: Point(reach, y)))
  }
  // One list a point: of one list symbols with nearly equal values would be left out.
  return [Whiskers(whiskers, .horizontal, ink: ink)] + points.map { Dots([$0], ink: ink) }
    + [Values(values, ink: ink)]
}

private func caption(_ results: RunResults, _ rows: [Row]) -> String {
  let scored = rows.filter { $0.split.part != .train }
  var parts = ["\(results.whenSelected.capitalizedFirst)"]
  let texts = scored.map { row in
    "\(row.name) has \(Numeral.percent(row.result.scoredAccuracy)) accuracy and a macro F1 of "
      + Metric.macroF1.text(row.result.scored(.macroF1))
  }
  if (1...4).contains(texts.count) {
    parts.append(texts.joined(separator: "; ") + ".")
  } else if let widest = rows.max(by: { distance($0) < distance($1) }) {
    parts.append(
      "accuracy as a share and macro F1 lie at most "
        + "\(Numeral.decimal(distance(widest), places: 3)) apart (\(widest.name)).")
  }
  return parts.joined(separator: " ")
}

private func distance(_ row: Row) -> Double {
  abs(row.result.scoredAccuracy - row.result.scored(.macroF1))
}
