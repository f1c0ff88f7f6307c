internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// Accuracy by epoch in percent, without the words around the panel.
func accuracyPanel(_ results: RunResults, _ detail: Detail) -> Panel? {
  let curves = results.curves(having: \.accuracy)
  guard !curves.isEmpty else { return nil }
  let targets = curves.filter { if case .target = $0.role { true } else { false } }
  var marks: [any Mark] = bandedCurves(curves).map { curve in
    Band(
      curve.results.enumerated().map { index, result in
        let interval = result.accuracyInterval
        return Band.Slice(
          x: Double(index + 1), low: 100 * (interval?.lower ?? .nan),
          high: 100 * (interval?.upper ?? .nan))
      }, ink: curve.ink)
  }
  marks += majorityRules(results, curves)
  for curve in curves {
    let points = curve.points { 100 * $0.accuracy }
    let last = (points.last(where: \.isFinite)?.y ?? .nan) / 100
    var label = EndLabel.Words(curve.shortName, Numeral.percent(last))
    var highlight: Highlight?
    if results.epochs > 1, targets.contains(where: { $0.role == curve.role }),
      let epoch = results.epochOfHighestAccuracy(curve.split)
    {
      let best = curve.results[epoch - 1].accuracy
      let words = "best: \(Numeral.percent(best)), epoch \(epoch)"
      // One target has its words beside the point; those of several would crowd the panel and stand
      // in the margin; of many only the rings remain, and the caption.
      if detail == .full, (2...6).contains(targets.count) { label.detail = words }
      highlight = Highlight(
        Point(Double(epoch), 100 * best),
        words: detail == .full && targets.count == 1 ? "\(curve.language) \(words)" : "",
        ink: curve.ink)
    }
    marks.append(Line(points, ink: curve.ink, endLabel: label))
    marks.append(Dots(points, ink: curve.ink))
    if let highlight { marks.append(highlight) }
  }
  var y = Axis("accuracy (%)")
  y.limits = 0...100
  return Panel(x: results.epochAxis, y: y, marks: marks)
}

/// The curves drawn with an interval around them: none if there are so many that the bands would
/// hide each other.
private func bandedCurves(_ curves: [Curve]) -> [Curve] {
  let banded = curves.filter { curve in
    curve.role != .training && curve.results.contains { $0.accuracyInterval != nil }
  }
  return banded.count <= mostBands ? banded : []
}

/// A rule for every share of a most frequent class; those within a point of each other have one
/// label.
private func majorityRules(_ results: RunResults, _ curves: [Curve]) -> [any Mark] {
  let shares = curves.filter { $0.role != .training }.compactMap { curve in
    results.majorityShare(curve.split).map { (share: $0, name: curve.language) }
  }.sorted { $0.share < $1.share }
  var groups: [[(share: Double, name: String)]] = []
  for entry in shares {
    if let last = groups.last?.last, entry.share - last.share < 0.01 {
      groups[groups.count - 1].append(entry)
    } else {
      groups.append([entry])
    }
  }
  return groups.flatMap { group -> [any Mark] in
    guard let first = group.first, let last = group.last else { return [] }
    let (low, high) = (Numeral.percent(first.share), Numeral.percent(last.share))
    let value = low == high ? low : "\(Numeral.decimal(100 * first.share, places: 1))–\(high)"
    let whose = groups.count == 1 || group.count > 2 ? "" : " \(inWords(group.map(\.name)))"
    var rules: [Double] = []
    for entry in group where Numeral.percent(entry.share) != rules.last.map({ Numeral.percent($0) })
    {
      rules.append(entry.share)
    }
    return rules.enumerated().map { index, share in
      Rule(
        .horizontal(100 * share), label: index == 0 ? .init("majority\(whose)", value) : nil)
    }
  }
}

func drawAccuracies(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = accuracyPanel(results, .full) else {
    throw FigureAbsence(name: .accuracies, reason: "the logs hold no accuracy")
  }
  let curves = results.curves(having: \.accuracy)
  let missing = results.missing(curves, \.accuracy)
  let hasBands = !bandedCurves(curves).isEmpty
  return DocumentedFigure(
    .accuracies, title: "Training and validation accuracies",
    subtitle: "Share labelled correctly by epoch: validation solid"
      + (hasBands ? " with 95\u{A0}% band" : "") + ", training dashed",
    caption: sentences(accuracyCaption(results, curves), missing),
    note: sentences(curves.contains { $0.role == .training } ? runningNote : "", missing),
    panels: [panel], of: results)
}

private func accuracyCaption(_ results: RunResults, _ curves: [Curve]) -> String {
  var parts: [String] = []
  let targets = curves.filter { if case .target = $0.role { true } else { false } }
  for curve in curves {
    let values = course(curve.results.map(\.accuracy)) { Numeral.percent($0) }
    if curve.role == .training {
      parts.append("Running training accuracy \(values).")
      continue
    }
    if targets.count > 3, curve.role != .source { continue }
    var sentence = "\(curve.language) validation accuracy \(values)"
    if let interval = curve.results.last?.accuracyInterval {
      sentence += " (95\u{A0}% interval \(Numeral.decimal(100 * interval.lower, places: 1)) to "
      sentence += "\(Numeral.percent(interval.upper)))"
    }
    if results.epochs > 1, let epoch = results.epochOfHighestAccuracy(curve.split) {
      let best = curve.results[epoch - 1].accuracy
      sentence += "; it is best at epoch \(epoch), \(Numeral.percent(best))"
    }
    parts.append(sentence + ".")
  }
  if targets.count > 3 {
    let ends = targets.compactMap { curve in
      curve.results.last.map { (language: curve.language, accuracy: $0.accuracy) }
    }.filter { $0.accuracy.isFinite }
    if let least = ends.min(by: { $0.accuracy < $1.accuracy }),
      let most = ends.max(by: { $0.accuracy < $1.accuracy })
    {
      parts.append(
        "The \(ends.count) targets end between \(Numeral.percent(least.accuracy)) "
          + "(\(least.language)) and \(Numeral.percent(most.accuracy)) (\(most.language)).")
    }
  }
  if let source = curves.first(where: { $0.role == .source }),
    let share = results.majorityShare(source.split)
  {
    parts.append(
      "Always naming the most frequent class would score \(Numeral.percent(share)) "
        + "on \(source.language).")
  }
  return parts.joined(separator: " ")
}
