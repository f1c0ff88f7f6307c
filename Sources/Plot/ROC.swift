internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// An area under a curve as it is written everywhere.
func areaText(_ area: Double?) -> String {
  area.map { Numeral.decimal($0, places: 3) } ?? "–"
}

extension FigureName {
  public static let roc = FigureName(
    "ROC", .init(.performance, 1), isExpected: true, drawROC)
}

func drawROC(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let predicted = results.predictedSplits
  let splits = predicted.all
  guard !splits.isEmpty else {
    throw FigureAbsence(
      name: .roc, reason: "the curves need predictions, and the logs hold none", in: results)
  }
  var panels: [Panel] = []
  var captions: [String] = []
  var (absent, broken): ([String], [String]) = ([], [])
  for (language, split) in splits {
    guard let curves = results.roc[split] else { continue }
    panels.append(
      panel(language.name, split, curves, results.selected[split]?.confusion, results.labels))
    if split.part == predicted.part {
      captions.append(caption(language.name, split, curves, results.labels))
    }
    if results.calibration[split] == nil {
      broken.append("\(language.name) \(split.part.rawValue)")
      continue
    }
    for (index, curve) in curves.classes.enumerated() where curve == nil {
      absent.append("\(className(index, results.labels)) in \(language.name)")
    }
  }
  let hasIntervals =
    results.labels.count <= mostIntervals
    && splits.contains { entry in
      results.roc[entry.split]?.classes.contains { $0?.interval != nil } ?? false
    }
  let hasCurves = splits.contains { entry in
    results.roc[entry.split]?.classes.contains { $0 != nil } ?? false
  }
  let hasManyClasses = results.labels.count > mostIntervals
  // Three beside each other leave the key no room for long names.
  let hasLongNames = results.labels.indices.contains {
    shortClassName($0, results.labels).count > 10
  }
  let columns = min(
    panels.count, panels.count == 4 || hasManyClasses || hasLongNames ? 2 : 3)
  let missing = sentences(
    broken.isEmpty ? "" : "Predictions that are not finite have no curve: \(inWords(broken)).",
    absent.isEmpty
      ? ""
      : "No curve for lack of examples of the class or of others: "
        + "\(absent.count > 8 ? "\(absent.count) classes" : inWords(absent)).")
  var documented = DocumentedFigure(
    .roc, title: "ROC curves",
    subtitle: "Each class against the rest, \(results.whenSelected)"
      + (hasIntervals ? "; areas (AUC) with 95\u{A0}% intervals" : ""),
    caption: sentences(
      brief(
        captions,
        orSpread: spread(
          predicted.splits.map { language, split in
            ("\(language.name) \(split.part.rawValue)", results.roc[split]?.macroArea ?? .nan)
          }
        ) { areaText($0) }, of: "the macro-averaged AUC"),
      captions.contains { $0.contains("interval") } ? "The intervals are DeLong's." : "",
      predicted.apartNote, missing),
    alternative: "ROC curves of each class: \(gist(results)).",
    note: sentences(hasCurves ? ringNote : "", predicted.apartNote, missing),
    size: .inches(columns == 1 ? 8 : columns == 2 ? 12 : 15, 8), panels: panels, columns: columns,
    of: results)
  documented.figure.fitsHeight = true
  return documented
}

private let ringNote =
  "Rings: the rates of the final decision for the most probable class. They can lie off the curve, "
  + "which uses one threshold for all examples."

/// The key of more classes has room for their areas only.
private let mostIntervals = 8

/// The areas in a few words.
private func gist(_ results: RunResults) -> String {
  let areas = results.predictedSplits.splits.compactMap { language, split in
    results.roc[split]?.macroArea.map { "\(language.name) \(areaText($0))" }
  }
  switch areas.count {
  case 0: return "no macro average"
  case 1...4: return "macro AUC \(inWords(areas))"
  default: return "\(areas.count) languages"
  }
}

func className(_ index: Int, _ labels: [String]) -> String {
  labels.indices.contains(index) ? labels[index] : "class \(index)"
}

/// A class's name where there is little room.
func shortClassName(_ index: Int, _ labels: [String]) -> String {
  className(index, labels).shortened(to: 14)
}

/// Of more classes not all have names, colours and symbols.
private let mostNamed = 9

/// Colours of classes begin after those of the languages of a run with one target.
private func ink(ofClass index: Int) -> Ink { .series(3 + index) }

private func panel(
  _ language: String, _ split: Split, _ curves: MulticlassROC, _ confusion: ConfusionMatrix?,
  _ labels: [String]
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
  // Of many classes only the best and the worst can be told apart; the others show how far the curves spread.
  let named = count > mostNamed ? extremes(curves) : Set(curves.classes.indices)
  for (index, curve) in curves.classes.enumerated() where !named.contains(index) {
    if let curve { marks.append(Line(points(curve), ink: .muted, weight: 0.4)) }
  }
  var operating: [any Mark] = []
  for (index, curve) in curves.classes.enumerated() where named.contains(index) {
    // A key shortens its entries at their end, where the numbers stand.
    let name = shortClassName(index, labels)
    if let curve {
      let phase = (Double(index) + 0.5) / Double(count)
      marks.append(
        Line(
          points(curve), ink: ink(ofClass: index), weight: 0.8,
          symbols: .init(count: 6, phase: phase)))
      if let confusion, confusion.support(index) > 0 {
        let point = Point(confusion.falsePositiveRate(index), confusion.recall(index))
        operating.append(Dots([point], ink: ink(ofClass: index)))
        operating.append(Highlight(point, words: "", ink: ink(ofClass: index)))
      }
      key.append(
        KeyEntry(
          "\(name): \(areaText(curve.area))\(bounds(count > mostIntervals ? nil : curve.interval))",
          ink: ink(ofClass: index),
          weight: 0.8, hasSymbol: true))
    } else {
      key.append(KeyEntry("\(name): no curve", ink: ink(ofClass: index), hasSymbol: true))
    }
  }
  key += keyOfOthers(curves, named)
  if let micro = curves.micro {
    key.append(KeyEntry("micro: \(areaText(micro.area))", ink: .strong, dash: dash))
  }
  if curves.macro != nil {
    let interval = count > mostIntervals ? nil : curves.macroEstimate?.interval
    key.append(
      KeyEntry(
        "macro: \(areaText(curves.macroArea))\(bounds(interval))", ink: .strong))
  }
  key.append(KeyEntry("guessing: 0.500", ink: .muted, weight: 0.65, dash: [1, 2.5]))
  marks += operating
  var x = Axis("false positive rate")
  x.limits = 0...1
  x.including = [0, 1]
  let size = confusion.map(\.total).map { " (n\u{A0}=\u{A0}\($0))" } ?? ""
  var y = Axis("true positive rate\(size)")
  y.limits = 0...1
  y.including = [0, 1]
  var panel = Panel(title: "\(language) \(split.part.rawValue)", x: x, y: y, marks: marks)
  panel.key = key
  panel.isSquare = true
  return panel
}

/// The classes with the largest and the smallest area; the first of equals.
private func extremes(_ curves: MulticlassROC) -> Set<Int> {
  let areas = curves.classes.enumerated().compactMap { index, curve in
    curve.map { (index: index, area: $0.area) }
  }
  let ends = [areas.max { $0.area < $1.area }, areas.min { $0.area < $1.area }]
  return Set(ends.compactMap { $0?.index })
}

/// What the curves without a name are, and how many classes have none.
private func keyOfOthers(_ curves: MulticlassROC, _ named: Set<Int>) -> [KeyEntry] {
  let others = curves.classes.indices.filter { !named.contains($0) }
  let areas = others.compactMap { curves.classes[$0]?.area }
  var key: [KeyEntry] = []
  if let low = areas.min(), let high = areas.max() {
    key.append(
      KeyEntry(
        areas.count == 1
          ? "1 other: \(areaText(low))"
          : "\(areas.count) others: \(areaText(low))–\(areaText(high))", ink: .muted, weight: 0.4))
  }
  if areas.count < others.count {
    key.append(
      KeyEntry("no curve: \(others.count - areas.count)", ink: .muted, weight: 0, dash: []))
  }
  return key
}

/// An interval in as few letters as possible, if there is one.
private func bounds(_ interval: Interval?) -> String {
  func digits(_ area: Double) -> String {
    let text = areaText(area)
    return text.hasPrefix("0.") ? String(text.dropFirst()) : text
  }
  return interval.map { " (\(digits($0.lower))–\(digits($0.upper)))" } ?? ""
}

private func points(_ curve: ROC) -> [Point] {
  zip(curve.falsePositiveRates, curve.truePositiveRates).map { Point($0, $1) }
}

/// An area with its interval, in a sentence.
private func words(_ area: Double, _ interval: Interval?) -> String {
  areaText(area)
    + (interval.map {
      ", 95\u{A0}% interval \(areaText($0.lower)) to \(areaText($0.upper))"
    } ?? "")
}

private func caption(
  _ language: String, _ split: Split, _ curves: MulticlassROC, _ labels: [String]
) -> String {
  let areas = curves.classes.enumerated().compactMap { index, curve in
    curve.map { (name: className(index, labels), area: $0.area, interval: $0.interval) }
  }
  guard let best = areas.max(by: { $0.area < $1.area }),
    let worst = areas.min(by: { $0.area < $1.area })
  else { return "\(language) \(split.part.rawValue) has no class with a curve." }
  var sentence = "On \(language) \(split.part.rawValue) "
  if let macro = curves.macroEstimate {
    sentence += "the macro-averaged AUC is \(words(macro.value, macro.interval)); "
  }
  sentence +=
    best.area == worst.area
    ? "\(areas.count == 1 ? best.name : "every class") has \(words(best.area, best.interval))"
    : "\(best.name) is told apart best (\(words(best.area, best.interval))), \(worst.name) worst "
      + "(\(words(worst.area, worst.interval)))"
  return sentence + "."
}
