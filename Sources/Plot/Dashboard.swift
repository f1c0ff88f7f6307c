internal import Chart
internal import Metrics
internal import Results
internal import RunLog

extension FigureName {
  public static let dashboard = FigureName(
    "dashboard", .init(.overview, 1), isExpected: true, drawDashboard)
}

func drawDashboard(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let candidates: [(String, Panel?)] = [
    ("Loss (nats)", lossPanel(results, .brief)),
    ("Accuracy (%)", scorePanel(results, .accuracy, .brief)),
    (
      results.hasLogarithmicRates ? "Learning rate (log scale)" : "Learning rate",
      learningRatePanel(results, .brief)
    ),
    ("Transfer gap (points)", transferGapPanel(results, .brief)),
  ]
  var panels: [Panel] = []
  var absent: [String] = []
  var notFinite: [String] = []
  for (title, panel) in candidates {
    guard var panel else {
      if results.isLogged(plainTitle(title)) {
        notFinite.append(plainTitle(title))
      } else {
        absent.append(plainTitle(title))
      }
      continue
    }
    panel.title = title
    panel.y.title = ""
    panels.append(panel)
  }
  // The row below repeats the axis.
  for index in panels.indices where index + 2 < panels.count { panels[index].x.title = "" }
  guard panels.count > 1 else {
    throw FigureAbsence(
      name: .dashboard,
      reason: inWords(
        (absent.isEmpty ? [] : ["the logs hold nothing on \(inWords(absent))"])
          + (notFinite.isEmpty ? [] : ["no finite value of \(inWords(notFinite))"]))
        + ", so there is little to put together",
      in: results)
  }
  let missing = sentences(
    notFinite.isEmpty ? "" : "Without a finite value: \(inWords(notFinite)).",
    absent.isEmpty ? "" : "Not in the logs: \(inWords(absent)).")
  var documented = DocumentedFigure(
    .dashboard, title: "Training dashboard",
    subtitle: "Curves on validation by \(results.unit.rawValue)" + explanations(results),
    caption: sentences(caption(results), results.fewExamplesNote, missing),
    alternative: "\(inWords(panels.map { plainTitle($0.title) })) by \(results.unit.rawValue)."
      .capitalizedFirst,
    note: sentences(
      runningNote(results.curves(having: \.loss)), missing, results.disagreementNote),
    size: .inches(16, 12),
    panels: panels, columns: 2, of: results)
  documented.figure.headline = facts(results)
  // Not as much larger as the page: its panels are smaller.
  documented.figure.scale = 18.5 / 15
  return documented
}

extension RunResults {
  /// Whether what a panel would show was logged, be it not as a finite number.
  fileprivate func isLogged(_ what: String) -> Bool {
    func isLogged(_ metric: Metric, _ languages: [Language]) -> Bool {
      languages.contains { language in
        [Part.train, .validation].contains { part in
          byEpoch[Split(language.code, part)]?.contains { !$0.isAbsent(metric) } ?? false
        }
      }
    }
    return switch what {
    case "loss": isLogged(.loss, [source] + targets)
    case "accuracy": isLogged(.accuracy, [source] + targets)
    case "transfer gap": isLogged(.accuracy, [source]) && isLogged(.accuracy, targets)
    default: !learningRates.isEmpty
    }
  }
}

/// A panel's title without its unit, in small letters.
private func plainTitle(_ title: String) -> String {
  title.prefix { $0 != "(" }.lowercased().trimmed
}

/// What rings and bands mean, as far as there are any.
private func explanations(_ results: RunResults) -> String {
  var parts: [String] = []
  let hasMany = [\SplitResult.loss, \.scoredAccuracy].contains { value in
    results.curves(having: { $0[keyPath: value] }).count(where: \.isTarget) >= fewestMultiples
  }
  if results.epochs > 1 {
    var rings: [String] = []
    let validation = Split(results.source.code, .validation)
    if results.epochOfLowestLoss(validation) != nil {
      rings.append("lowest \(tileName(results.source)) loss")
    }
    if !hasMany,
      results.curves(having: \.scoredAccuracy).contains(where: {
        $0.isTarget && bestEpoch($0.results.map(\.scoredAccuracy)) != nil
      })
    {
      rings.append("best target accuracy")
    }
    if !rings.isEmpty { parts.append("rings: \(rings.joined(separator: ", "))") }
  }
  if hasMany {
    parts.append("targets: median, lowest and highest")
  }
  let validation = Split(results.source.code, .validation)
  let banded = results.curves(having: \.accuracy).filter { $0.role != .training }
  if banded.count <= mostBands,
    results.byEpoch[validation]?.contains(where: { $0.confusion != nil })
      ?? false
  {
    parts.append("bands: 95\u{A0}% intervals")
  }
  return parts.map { "; " + $0 }.joined()
}

/// What a reader wants to know first; nothing that differs between two runs of one experiment.
private func facts(_ results: RunResults) -> [Fact] {
  var facts: [Fact] = []
  let final = results.finalSplit
  let part = final.part.rawValue
  func accuracy(of language: RunResults.Language) -> Double? {
    results.selected[Split(language.code, final.part)].map(\.scoredAccuracy).flatMap {
      $0.isFinite ? $0 : nil
    }
  }
  if let value = accuracy(of: results.source) {
    facts.append(Fact(Numeral.percent(value), "\(tileName(results.source)) \(part) accuracy"))
  }
  let shown = final.targets.filter { accuracy(of: $0) != nil }
  facts += shown.count > 2 ? spans(shown.compactMap(accuracy), shown, results) : []
  for target in shown where shown.count <= 2 {
    guard let value = accuracy(of: target) else { continue }
    facts.append(Fact(Numeral.percent(value), "\(tileName(target)) \(part) accuracy"))
  }
  if let first = shown.first, shown.count <= 2,
    let gap = results.selectedGap(to: first, final.part), gap.gap.isFinite
  {
    facts.append(
      Fact(
        "\(gapText(gap.gap)) pts",
        shown.count > 1 ? "\(part) gap to \(tileName(first))" : "transfer gap on \(part)"))
  }
  if results.epochs > 1,
    let epoch = results.epochOfLowestLoss(Split(results.source.code, .validation))
  {
    facts.append(Fact("\(results.moment(epoch))", "lowest \(tileName(results.source)) loss"))
  }
  if let started = results.started {
    facts.append(
      Fact(
        count(started.trainableParameters),
        "parameters trained of \(count(started.parameters))"))
  }
  return facts
}

/// A language's name where a tile is narrow.
private func tileName(_ language: RunResults.Language) -> String { language.name.shortened(to: 18) }

/// Of more targets than a row has room for, the lowest and the highest.
private func spans(
  _ accuracies: [Double], _ targets: [RunResults.Language], _ results: RunResults
) -> [Fact] {
  func fact(
    _ values: [Double], _ unit: String, _ label: String, between: String,
    _ text: (Double) -> String
  ) -> [Fact] {
    guard let least = values.min(), let most = values.max() else { return [] }
    let ends = [text(least), text(most)]
    return [Fact((ends[0] == ends[1] ? ends[0] : ends.joined(separator: between)) + unit, label)]
  }
  let part = results.finalSplit.part
  let gaps = targets.compactMap { results.selectedGap(to: $0, part)?.gap }.filter(\.isFinite)
  return fact(
    accuracies, "\u{A0}%", "\(part.rawValue) accuracy of \(targets.count) targets", between: "–"
  ) {
    Numeral.decimal(100 * $0, places: 0)
  }
    + fact(gaps, " pts", "transfer gaps on \(part.rawValue)", between: " to ") {
      Numeral.decimal(100 * $0, places: 0, signed: true)
    }
}

/// "14.2 M", "85.6 k".
private func count(_ number: Int) -> String {
  let value = Double(number)
  if value >= 999_500_000 { return Numeral.short(value / 1e9) + "\u{A0}G" }
  if value >= 999_500 { return Numeral.short(value / 1e6) + "\u{A0}M" }
  if value >= 9_995 { return Numeral.short(value / 1e3) + "\u{A0}k" }
  return "\(number)"
}

/// The final accuracies and gaps, on one part of the data; of three targets and more the ends.
private func caption(_ results: RunResults) -> String {
  let final = results.finalSplit
  let languages = [results.source] + final.targets
  let known = languages.compactMap { language in
    results.selected[Split(language.code, final.part)].map {
      (language: language, accuracy: $0.scoredAccuracy)
    }
  }.filter { $0.accuracy.isFinite }
  guard !known.isEmpty else {
    return "The run's curves by \(results.unit.rawValue) in small panels side by side."
  }
  let source = known.first { $0.language == results.source }
  let targets = known.filter { $0.language != results.source }
  let place = "\(results.whenSelected.capitalizedFirst) \(final.part.rawValue) accuracy is "
  if targets.count > 2, let least = targets.min(by: { $0.accuracy < $1.accuracy }),
    let most = targets.max(by: { $0.accuracy < $1.accuracy })
  {
    let (low, high) = (Numeral.percent(least.accuracy), Numeral.percent(most.accuracy))
    return place
      + (source.map { "\(Numeral.percent($0.accuracy)) on \($0.language.name) and " } ?? "")
      + (low == high
        ? "\(low) on each of \(targets.count) targets."
        : "between \(low) (\(least.language.name)) and \(high) (\(most.language.name)) on "
          + "\(targets.count) targets.")
  }
  // Of few targets each gap.
  let gaps = targets.compactMap { target -> String? in
    guard let gap = results.selectedGap(to: target.language, final.part)?.gap, gap.isFinite else {
      return nil
    }
    return "\(gapText(gap)) to \(target.language.name)"
  }
  return place + inWords(known.map { "\(Numeral.percent($0.accuracy)) on \($0.language.name)" })
    + (gaps.isEmpty
      ? "." : "; transfer gap\(gaps.count == 1 ? "" : "s") in percentage points: \(inWords(gaps)).")
}
