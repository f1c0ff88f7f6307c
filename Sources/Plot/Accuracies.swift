internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// Accuracy by epoch in percent, without the words around the panel.
func accuracyPanel(_ results: RunResults) -> Panel? {
  let curves = results.curves(having: \.accuracy)
  guard !curves.isEmpty else { return nil }
  var marks: [any Mark] = curves.filter { $0.role != .training }.map { curve in
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
    marks.append(
      Line(points, ink: curve.ink, endLabel: "\(curve.shortName) \(Numeral.percent(last))"))
    marks.append(Dots(points, ink: curve.ink))
  }
  // With more targets than this the words would crowd the panel; the caption names all of them.
  let targets = curves.filter { if case .target = $0.role { true } else { false } }
  for curve in targets.prefix(2) where results.epochs > 1 {
    guard let epoch = results.epochOfHighestAccuracy(curve.split) else { continue }
    let best = curve.results[epoch - 1].accuracy
    marks.append(
      Highlight(
        Point(Double(epoch), 100 * best),
        words: "\(curve.language) best: \(Numeral.percent(best)), epoch \(epoch)",
        ink: curve.ink))
  }
  var y = Axis("accuracy (%)")
  y.limits = 0...100
  return Panel(x: results.epochAxis, y: y, marks: marks)
}

/// A rule for every share of a most frequent class; splits that agree to a tenth share one.
private func majorityRules(_ results: RunResults, _ curves: [Curve]) -> [any Mark] {
  var rules: [(text: String, share: Double, names: [String])] = []
  for curve in curves where curve.role != .training {
    guard let share = results.majorityShare(curve.split) else { continue }
    let text = Numeral.percent(share)
    if let index = rules.firstIndex(where: { $0.text == text }) {
      rules[index].names.append(curve.language)
    } else {
      rules.append((text, share, [curve.language]))
    }
  }
  if rules.count > 3 {
    // Only the span of them is of interest then.
    let sorted = rules.sorted { $0.share < $1.share }
    rules = [sorted[0], sorted[sorted.count - 1]]
  }
  return rules.map { rule in
    let whose = rules.count == 1 ? "" : " " + inWords(rule.names)
    return Rule(.horizontal(100 * rule.share), label: "majority\(whose) \(rule.text)")
  }
}

func drawAccuracies(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = accuracyPanel(results) else {
    throw FigureAbsence(name: .accuracies, reason: "the logs hold no accuracy")
  }
  let curves = results.curves(having: \.accuracy)
  let missing = results.missing(curves, \.accuracy)
  let hasBands = curves.contains {
    $0.role != .training && $0.results.contains { $0.accuracyInterval != nil }
  }
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
  for curve in curves {
    let values = course(curve.results.map(\.accuracy)) { Numeral.percent($0) }
    if curve.role == .training {
      parts.append("Running training accuracy \(values).")
      continue
    }
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
  if let source = curves.first(where: { $0.role == .source }),
    let share = results.majorityShare(source.split)
  {
    parts.append(
      "Always naming the most frequent class would score \(Numeral.percent(share)) "
        + "on \(source.language).")
  }
  return parts.joined(separator: " ")
}
