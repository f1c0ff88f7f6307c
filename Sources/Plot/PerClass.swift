internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// What is compared class by class.
private enum Measure: String, CaseIterable {
  case precision, recall
  case f1 = "F1"

  func value(_ confusion: ConfusionMatrix, _ label: Int) -> Double {
    switch self {
    // Without examples, or without predictions, there is nothing to take a share of.
    case .precision: confusion.predicted(label) == 0 ? .nan : confusion.precision(label)
    case .recall: confusion.support(label) == 0 ? .nan : confusion.recall(label)
    case .f1:
      confusion.support(label) == 0 ? .nan : confusion.f1(label)
    }
  }

  /// One per class.
  func intervals(_ confusion: ConfusionMatrix, of result: SplitResult) -> [Interval?] {
    let classes = 0..<confusion.classes
    switch self {
    case .precision:
      return classes.map {
        wilsonInterval(successes: confusion[$0, $0], total: confusion.predicted($0))
      }
    case .recall:
      return classes.map {
        wilsonInterval(successes: confusion[$0, $0], total: confusion.support($0))
      }
    case .f1:
      return zip(classes, result.f1Intervals()).map { confusion.support($0) == 0 ? nil : $1 }
    }
  }
}

/// Languages beyond this many would fill a row with symbols.
private let mostLanguages = 5

extension FigureName {
  public static let perClass = FigureName(
    "per_class", .init(.performance, 3), drawPerClass)
}

func drawPerClass(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let predicted = results.predictedSplits
  // Those that would be apart share the panels' rows, so they are left out.
  let splits = predicted.splits.compactMap { language, split in
    results.selected[split].flatMap { result in
      (result.isWithoutAnswers ? nil : result.confusion).map {
        (language: language, split: split, confusion: $0, result: result)
      }
    }
  }
  guard !splits.isEmpty else {
    throw FigureAbsence(
      name: .perClass,
      reason: predicted.splits.isEmpty
        ? "classes need predictions, and the logs hold none"
        : "no logits of \(results.selectedMoment) are finite, so there is no answer",
      in: results)
  }
  let classes = 0..<results.labels.count
  let shown = splits.count <= mostLanguages ? splits : Array(splits.prefix(1))
  let others = splits.count <= mostLanguages ? [] : Array(splits.dropFirst())
  // The three panels share their range, that of all points and whiskers: on one from 0 to 1 most
  // classes look alike.
  let range = DataRange(
    splits.flatMap { entry in
      Measure.allCases.flatMap { measure in
        classes.map { measure.value(entry.confusion, $0) }
          + (others.isEmpty || entry.split == shown[0].split
          ? measure.intervals(entry.confusion, of: entry.result) : [])
          .flatMap { $0.map { [$0.lower, $0.upper] } ?? [] }
      }
    }
  ).range
  var panels = Measure.allCases.enumerated().map { index, measure in
    var marks: [any Mark] = []
    let step = 0.72 / Double(shown.count + (others.isEmpty ? 0 : 1))
    func offset(_ place: Int) -> Double { -0.36 + step * (Double(place) + 0.5) }
    for (place, entry) in shown.enumerated() {
      let ink = ink(of: entry.language, results)
      let intervals = measure.intervals(entry.confusion, of: entry.result)
      let rows = classes.map { Double($0) + offset(place) }
      marks.append(
        Whiskers(
          classes.compactMap { label in
            intervals[label].map { .init(at: rows[label], $0.lower...$0.upper) }
          }, .horizontal, ink: ink))
      // One list a point: rows that follow each other are no series, whose symbols may be thinned.
      marks += classes.map { label in
        Dots([Point(measure.value(entry.confusion, label), rows[label])], ink: ink)
      }
    }
    if !others.isEmpty {
      for label in classes {
        let values = others.map { measure.value($0.confusion, label) }.filter(\.isFinite).sorted()
        guard let least = values.first, let most = values.last else { continue }
        let row = Double(label) + offset(shown.count)
        marks.append(Whiskers([.init(at: row, least...most)], .horizontal, ink: .series(2)))
        marks.append(Dots([Point(values[values.count / 2], row)], ink: .series(2)))
      }
    }
    var x = Axis("")
    x.padding = 0.05
    // Room beyond what is possible, too: the last label of a panel must not meet the next's first.
    x.limits = -0.06...1.06
    x.including = range.map { [$0.lowerBound, $0.upperBound] } ?? [0, 1]
    var y = Axis("", .category(classes.map { className($0, results.labels) }))
    y.isLabelled = index == 0
    return Panel(title: measure.rawValue.capitalizedFirst, x: x, y: y, marks: marks)
  }
  var key = shown.map {
    KeyEntry(
      "\($0.language.name) \($0.split.part.rawValue)", ink: ink(of: $0.language, results),
      weight: 0, dash: [], hasSymbol: true)
  }
  if !others.isEmpty {
    key.append(
      KeyEntry("\(others.count) targets", ink: .series(2), weight: 0, dash: [], hasSymbol: true))
  }
  // One row of entries under three panels reads as one key.
  for (index, entry) in key.enumerated() {
    panels[index % panels.count].key.append(entry)
    panels[index % panels.count].isKeyShared = true
  }
  let absent = splits.flatMap { entry in
    classes.filter { entry.confusion.support($0) == 0 }
      .map { "\(className($0, results.labels)) in \(entry.language.name)" }
  }
  let unpredicted = splits.flatMap { entry in
    classes.filter { entry.confusion.predicted($0) == 0 && entry.confusion.support($0) > 0 }
      .map { "\(className($0, results.labels)) in \(entry.language.name)" }
  }
  let missing = sentences(
    list("Never predicted, hence without precision", unpredicted),
    list("Without examples, hence without recall and F1", absent), predicted.leftOutNote)
  let rowHeight = max(0.42, 0.27 * Double(shown.count + (others.isEmpty ? 0 : 1)))
  return DocumentedFigure(
    .perClass, title: "Precision, recall and F1 by class",
    subtitle: "\(results.whenSelected.capitalizedFirst); whiskers are 95\u{A0}% intervals"
      + (others.isEmpty ? "" : ", for targets the range around the median"),
    caption: sentences(caption(splits, results.labels), missing),
    alternative: "Precision, recall and F1 of \(classes.count) classes in "
      + "\(splits.count) language\(splits.count == 1 ? "" : "s").",
    note: sentences(
      "Intervals: Wilson's for precision and recall, bootstrap for F1.", missing),
    size: .inches(14, max(6, 3.4 + rowHeight * Double(classes.count))), panels: panels, columns: 3,
    of: results)
}

/// A sentence that lists cases, or counts them if they are many; empty without any.
private func list(_ what: String, _ cases: [String]) -> String {
  cases.isEmpty ? "" : "\(what): \(cases.count > 4 ? "\(cases.count) cases" : inWords(cases))."
}

private func ink(of language: RunResults.Language, _ results: RunResults) -> Ink {
  .series(results.targets.firstIndex { $0.code == language.code }.map { 2 + $0 } ?? 1)
}

private func caption(
  _ splits: [(
    language: RunResults.Language, split: Split, confusion: ConfusionMatrix, result: SplitResult
  )], _ labels: [String]
) -> String {
  func isSmall(_ confusion: ConfusionMatrix) -> Bool {
    confusion.total < BaselineCheck.leastExamples
  }
  if splits.count > 3 {
    let all = splits.filter { !isSmall($0.confusion) }.flatMap { entry in
      (0..<entry.confusion.classes).map { label in
        (
          name: "\(className(label, labels)) in \(entry.language.name)",
          value: Measure.f1.value(entry.confusion, label)
        )
      }
    }
    let words = spread(all) { Numeral.decimal($0, places: 3) }
    if !words.isEmpty { return "F1 lies \(words)." }
  }
  return splits.prefix(4).map { entry in
    let scores = (0..<entry.confusion.classes).map { label in
      (label: label, value: Measure.f1.value(entry.confusion, label))
    }.filter { $0.value.isFinite }
    let place = "\(entry.language.name) \(entry.split.part.rawValue)"
    // Which class is best among a handful is chance.
    if isSmall(entry.confusion) {
      let count = entry.confusion.total
      return
        "\(place) has only \(count) example\(count == 1 ? "" : "s"), too few to compare classes."
    }
    guard let best = scores.max(by: { $0.value < $1.value }),
      let worst = scores.min(by: { $0.value < $1.value })
    else { return "On \(place) no class has examples." }
    func words(_ entry: (label: Int, value: Double)) -> String {
      "\(className(entry.label, labels)) (\(Numeral.decimal(entry.value, places: 3)))"
    }
    return best.label == worst.label
      ? "On \(place) every class has an F1 of \(Numeral.decimal(best.value, places: 3))."
      : "On \(place) F1 is highest for \(words(best)) and lowest for \(words(worst))."
  }.joined(separator: " ")
}
