internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// An area under a curve as it is written everywhere.
func areaText(_ area: Double?) -> String {
  area.map { Numeral.decimal($0, places: 3) } ?? "–"
}

extension RunResults {
  /// The splits whose curves are drawn: test where every language has it, else validation.
  var rocSplits: [(language: Language, split: Split)] {
    let languages = [source] + targets
    let scored = languages.filter { language in
      Part.allCases.contains { roc[Split(language.code, $0)] != nil }
    }
    let haveTest = scored.allSatisfy { roc[Split($0.code, .test)] != nil }
    return scored.compactMap { language in
      let parts: [Part] = haveTest ? [.test] : [.validation, .test]
      return parts.map { Split(language.code, $0) }.first { roc[$0] != nil }
        .map { (language, $0) }
    }
  }
}

func drawROC(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let splits = results.rocSplits
  guard !splits.isEmpty else {
    throw FigureAbsence(
      name: .roc, reason: "the curves need predictions, and the logs hold none")
  }
  var panels: [Panel] = []
  var captions: [String] = []
  var absent: [String] = []
  for (language, split) in splits {
    guard let curves = results.roc[split] else { continue }
    let examples = results.selected[split]?.examples
    panels.append(panel(language.name, split, curves, examples: examples, results.labels))
    captions.append(caption(language.name, split, curves, results.labels))
    for (index, curve) in curves.classes.enumerated() where curve == nil {
      absent.append("\(className(index, results.labels)) in \(language.name)")
    }
  }
  let columns = panels.count == 4 ? 2 : min(panels.count, 3)
  let missing =
    absent.isEmpty
    ? "" : "No curve, for want of examples of the class or of others: \(inWords(absent))."
  var documented = DocumentedFigure(
    .roc, title: "ROC curves",
    subtitle: "Each class against the rest, after epoch \(results.selectedEpoch)",
    caption: sentences(captions.prefix(4).joined(separator: " "), missing), note: missing,
    size: .inches(columns == 1 ? 8 : columns == 2 ? 12 : 15, 8), panels: panels, columns: columns,
    of: results)
  documented.figure.fitsHeight = true
  return documented
}

private func className(_ index: Int, _ labels: [String]) -> String {
  labels.indices.contains(index) ? labels[index] : "class \(index)"
}

/// Colours of classes begin after those of the languages of a run with one target.
private func ink(ofClass index: Int) -> Ink { .series(3 + index) }

private func panel(
  _ language: String, _ split: Split, _ curves: MulticlassROC, examples: Int?, _ labels: [String]
) -> Panel {
  var marks: [any Mark] = [
    Line([Point(0, 0), Point(1, 1)], ink: .muted, weight: 0.65, dash: [1, 2.5])
  ]
  var key: [KeyEntry] = []
  // Averages lie under the classes, which they would hide where curves run together.
  if let macro = curves.macro { marks.append(Line(points(macro), ink: .strong)) }
  let dash = [1.6, 1.3]
  if let micro = curves.micro { marks.append(Line(points(micro), ink: .strong, dash: dash)) }
  let count = curves.classes.count
  for (index, curve) in curves.classes.enumerated() {
    let name = className(index, labels)
    if let curve {
      let phase = (Double(index) + 0.5) / Double(count)
      marks.append(
        Line(
          points(curve), ink: ink(ofClass: index), weight: 0.8,
          symbols: .init(count: 6, phase: phase)))
      key.append(
        KeyEntry(
          "\(name): AUC \(areaText(curve.area))", ink: ink(ofClass: index), weight: 0.8,
          hasSymbol: true))
    } else {
      key.append(KeyEntry("\(name): no curve", ink: ink(ofClass: index), hasSymbol: true))
    }
  }
  if let micro = curves.micro {
    key.append(KeyEntry("micro average: AUC \(areaText(micro.area))", ink: .strong, dash: dash))
  }
  if curves.macro != nil {
    key.append(KeyEntry("macro average: AUC \(areaText(curves.macroArea))", ink: .strong))
  }
  key.append(KeyEntry("guessing: AUC 0.500", ink: .muted, weight: 0.65, dash: [1, 2.5]))
  var x = Axis("false positive rate")
  x.limits = 0...1
  x.including = [0, 1]
  var y = Axis("true positive rate")
  y.limits = 0...1
  y.including = [0, 1]
  let size = examples.map { ", \($0) examples" } ?? ""
  var panel = Panel(
    title: "\(language) \(split.part.rawValue)\(size)", x: x, y: y, marks: marks)
  panel.key = key
  panel.isSquare = true
  return panel
}

private func points(_ curve: ROC) -> [Point] {
  zip(curve.falsePositiveRates, curve.truePositiveRates).map { Point($0, $1) }
}

private func caption(
  _ language: String, _ split: Split, _ curves: MulticlassROC, _ labels: [String]
) -> String {
  let areas = curves.classes.enumerated().compactMap { index, curve in
    curve.map { (name: className(index, labels), area: $0.area) }
  }
  guard let best = areas.max(by: { $0.area < $1.area }),
    let worst = areas.min(by: { $0.area < $1.area })
  else { return "\(language) \(split.part.rawValue) has no class with a curve." }
  var sentence = "On \(language) \(split.part.rawValue) "
  if let area = curves.macroArea { sentence += "the macro-averaged AUC is \(areaText(area)); " }
  sentence +=
    best.name == worst.name
    ? "\(best.name) has \(areaText(best.area))"
    : "\(best.name) is told apart best (\(areaText(best.area))), \(worst.name) worst "
      + "(\(areaText(worst.area)))"
  return sentence + "."
}
