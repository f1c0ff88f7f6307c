internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// A metric that has a figure of its own, by epoch.
struct Score: Sendable {
  let metric: Metric
  /// On the axis.
  let axis: String
  /// What always naming the most frequent class would get.
  let majority: @Sendable (ConfusionMatrix) -> Double

  static let accuracy = Score(
    metric: .accuracy, axis: Metric.accuracy.axisTitle, majority: { $0.majorityShare })
  static let macroF1 = Score(
    metric: .macroF1, axis: "\(Metric.macroF1.name) (mean over classes)",
    majority: { $0.majorityF1 })

  /// From the number to the axis.
  var factor: Double { metric.unit.factor }

  func value(_ result: SplitResult) -> Double { result.scored(metric) }

  /// A 95 % interval.
  ///
  /// - Parameters:
  ///   - result: whose.
  ///   - count: how many are asked for at once, which sets how often is drawn for one that is drawn.
  /// - Returns: `nil` where there is none.
  func interval(_ result: SplitResult, _ count: Int) -> Interval? {
    // One alone is quoted in digits, as in the report. For bands some hundred thousand draws in all
    // take a tenth of a second; no figure is worth more.
    result.scoredInterval(
      metric, resamples: count <= 1 ? usualResamples : count <= 4 ? 1000 : count <= 40 ? 400 : 100)
  }

  /// What the axis cannot leave.
  var limits: ClosedRange<Double> {
    factor * metric.range.lowerBound...factor * metric.range.upperBound
  }

  func text(_ value: Double) -> String { metric.text(value) }

  /// As `text` without the unit, where one follows.
  func digits(_ value: Double) -> String { metric.digits(value) }
}

/// Why a score's best epoch is found here: the run's own selection knows accuracy and loss only.
func bestEpoch(_ values: [Double]) -> Int? {
  // Where all are equal none is better than the others.
  guard Set(values.filter(\.isFinite)).count > 1 else { return nil }
  return values.indices.filter { values[$0].isFinite }.max {
    // The earliest of equal ones.
    (values[$0], -$0) < (values[$1], -$1)
  }.map { $0 + 1 }
}

/// A score by epoch, without the words around the panel.
func scorePanel(_ results: RunResults, _ score: Score, _ detail: Detail) -> Panel? {
  let curves = results.curves(having: score.value)
  guard !curves.isEmpty else { return nil }
  let targets = curves.filter(\.isTarget)
  let hasMany = targets.count >= fewestMultiples
  let banded = bandedCurves(curves).filter { !hasMany || !$0.isTarget }
  var marks: [any Mark] = banded.map { curve in
    Band(
      curve.results.enumerated().map { index, result in
        let interval = score.interval(result, banded.count * results.epochs)
        return Band.Slice(
          x: results.positions[index], low: score.factor * (interval?.lower ?? .nan),
          high: score.factor * (interval?.upper ?? .nan))
      }, ink: curve.ink)
  }
  marks += majorityRules(results, curves.filter { !hasMany || !$0.isTarget }, score)
  if hasMany {
    marks += medianAndRange(
      targets.map { $0.points { score.factor * score.value($0) }.map(\.y) }, at: results.positions
    ) { score.text($0 / score.factor) }
  }
  for curve in curves where !hasMany || !curve.isTarget {
    let points = curve.points { score.factor * score.value($0) }
    let last = (points.last(where: \.isFinite)?.y ?? .nan) / score.factor
    var label = EndLabel.Words(curve.shortName, score.text(last))
    var highlight: Highlight?
    let values = curve.results.map(score.value)
    if results.epochs > 1, curve.isTarget, let epoch = bestEpoch(values) {
      let best = values[epoch - 1]
      let words =
        "best: \(score.text(best)), "
        + results.moment(epoch).replacing(" ", with: "\u{A0}")
      // One target has its words beside the point; those of several would crowd the panel and stand
      // in the margin; of many only the rings remain, and the caption.
      if detail == .full, (2...6).contains(targets.count) { label.detail = words }
      highlight = Highlight(
        Point(results.positions[epoch - 1], score.factor * best),
        words: detail == .full && targets.count == 1 ? "\(curve.language) \(words)" : "",
        ink: curve.ink)
    }
    marks.append(Line(points, ink: curve.ink, endLabel: label))
    marks.append(Dots(points, ink: curve.ink))
    if let highlight { marks.append(highlight) }
  }
  var y = Axis(score.axis)
  y.limits = score.limits
  return Panel(x: results.epochAxis, y: y, marks: marks)
}

/// A panel for the source and training, and one for each of many targets.
private func scoreMultiples(_ results: RunResults, _ curves: [Curve], _ score: Score)
  -> SmallMultiples
{
  func lines(_ curve: Curve, _ ink: Ink) -> [any Mark] {
    let points = curve.points { score.factor * score.value($0) }
    return [Line(points, ink: ink), Dots(points, ink: ink)]
  }
  let count = curves.count * results.epochs
  func band(_ curve: Curve, _ ink: Ink) -> [any Mark] {
    guard curve.results.contains(where: { $0.confusion != nil }) else { return [] }
    return [
      Band(
        curve.results.enumerated().map { index, result in
          let interval = score.interval(result, count)
          return Band.Slice(
            x: results.positions[index], low: score.factor * (interval?.lower ?? .nan),
            high: score.factor * (interval?.upper ?? .nan))
        }, ink: ink)
    ]
  }
  func title(_ curve: Curve) -> String {
    let last = curve.results.last { score.value($0).isFinite }.map(score.value) ?? .nan
    return "\(curve.language) \(score.text(last))"
  }
  func majority(_ curve: Curve) -> [any Mark] {
    results.majority(score, curve.split).map { [Rule(.horizontal(score.factor * $0))] } ?? []
  }
  let source = curves.filter { $0.role == .source }
  let others = curves.filter { !$0.isTarget }
  var multiples = source.map { curve in
    Multiple(
      title: title(curve),
      marks: band(curve, curve.ink) + majority(curve) + others.flatMap { lines($0, $0.ink) })
  }
  let sourceLines = source.flatMap { lines($0, $0.ink) }
  let targets = curves.filter(\.isTarget)
  multiples += targets.map { curve in
    Multiple(
      title: title(curve),
      marks: band(curve, multipleInk) + majority(curve) + sourceLines
        + lines(curve, multipleInk))
  }
  var y = Axis(score.metric.unit.symbol)
  y.limits = score.limits
  let hasMajority = curves.contains {
    $0.role != .training && results.majority(score, $0.split) != nil
  }
  return SmallMultiples(
    multiples, x: results.epochAxis, y: y,
    key: multiplesKey(curves)
      + (hasMajority
        ? [KeyEntry("majority", ink: .muted, weight: 0.65, dash: [1, 2.5])] : []))
}

/// The curves drawn with an interval around them: none if there are so many that the bands would
/// hide each other.
private func bandedCurves(_ curves: [Curve]) -> [Curve] {
  let banded = curves.filter { curve in
    curve.role != .training && curve.results.contains { $0.confusion != nil }
  }
  return banded.count <= mostBands ? banded : []
}

/// A rule for every score of always naming the most frequent class; those within a hundredth of each
/// other have one label.
private func majorityRules(_ results: RunResults, _ curves: [Curve], _ score: Score) -> [any Mark] {
  let shares = curves.filter { $0.role != .training }.compactMap { curve in
    results.majority(score, curve.split).map { (share: $0, name: curve.language) }
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
    let (low, high) = (score.text(first.share), score.text(last.share))
    let value = low == high ? low : "\(score.digits(first.share))–\(high)"
    let whose = groups.count == 1 || group.count > 2 ? "" : " \(inWords(group.map(\.name)))"
    var rules: [Double] = []
    for entry in group where score.text(entry.share) != rules.last.map({ score.text($0) }) {
      rules.append(entry.share)
    }
    return rules.enumerated().map { index, share in
      Rule(
        .horizontal(score.factor * share),
        label: index == 0 ? .init("majority\(whose)", value) : nil)
    }
  }
}

extension RunResults {
  /// What always naming the most frequent class of a split would get; `nil` without predictions.
  func majority(_ score: Score, _ split: Split) -> Double? {
    (selected[split] ?? byEpoch[split]?.last)?.confusion.map(score.majority)
  }

  /// A score by epoch as a figure.
  ///
  /// - Parameters:
  ///   - name: of the figure.
  ///   - title: of the figure.
  ///   - score: what is drawn.
  ///   - meaning: the score in the subtitle's words.
  /// - Returns: the figure with its words.
  /// - Throws: `FigureAbsence` if no split has the score.
  func draw(_ name: FigureName, title: String, _ score: Score, meaning: String)
    throws(FigureAbsence) -> DocumentedFigure
  {
    guard let panel = scorePanel(self, score, .full) else {
      throw FigureAbsence(
        name: name, reason: noCurve(score.metric, called: score.metric.name), in: self)
    }
    let curves = curves(having: score.value)
    let missing = missing(curves, score.metric, score.value)
    let hasMany = curves.count(where: \.isTarget) >= fewestMultiples
    let multiples = hasMany ? scoreMultiples(self, curves, score) : nil
    let hasBands =
      hasMany
      ? curves.contains { $0.role != .training && $0.results.contains { $0.confusion != nil } }
      : !bandedCurves(curves).isEmpty
    let hasTraining = curves.contains { $0.role == .training }
    return DocumentedFigure(
      name, title: title,
      subtitle: "\(meaning) by \(unit.rawValue): validation solid"
        + (hasBands ? " with 95\u{A0}% band" : "") + (hasTraining ? ", training dashed" : "")
        + (hasMany ? "; a panel for each target, with its last value" : ""),
      caption: sentences(
        caption(curves, score), curves.contains { $0.role == .training } ? alignmentNote : "",
        missing, disagreementNote),
      alternative: "\(score.metric.name.capitalizedFirst) by \(unit.rawValue): "
        + "\(curves.gist(score.value, score.text)).",
      note: sentences(runningNote(curves), missing, disagreementNote, multiples?.note ?? ""),
      size: multiples?.size ?? .inches(12, 8), panels: multiples?.panels ?? [panel],
      columns: multiples?.columns ?? 1, of: self)
  }

  private func caption(_ curves: [Curve], _ score: Score) -> String {
    var parts: [String] = []
    let targets = curves.filter(\.isTarget)
    for curve in curves {
      let values = curve.results.map(score.value)
      if curve.role == .training {
        parts.append(
          "\(curve.longName.capitalizedFirst) \(score.metric.name) \(course(values, at: moment, score.text))."
        )
        continue
      }
      if targets.count > 2, curve.role != .source { continue }
      let last = curve.results.last { score.value($0).isFinite }
      var remark = ""
      if let interval = last.flatMap({ score.interval($0, 1) }) {
        remark =
          " (95\u{A0}% interval \(score.digits(interval.lower)) to \(score.text(interval.upper)))"
      }
      let best = bestEpoch(values).map { BestValue(epoch: $0, word: "best") }
      parts.append(
        "\(curve.language) validation \(score.metric.name) "
          + "\(course(values, best: best, remark: remark, at: moment, score.text)).")
    }
    if targets.count > 2 {
      let ends = targets.compactMap { curve in
        curve.results.last.map { (language: curve.language, value: score.value($0)) }
      }.filter { $0.value.isFinite }
      if let least = ends.min(by: { $0.value < $1.value }),
        let most = ends.max(by: { $0.value < $1.value })
      {
        let (low, high) = (score.text(least.value), score.text(most.value))
        parts.append(
          "\(targetCount(ends.count, of: curves)) "
            + (low == high
              ? "all end at \(low)."
              : "end between \(low) (\(least.language)) and \(high) (\(most.language))."))
      }
    }
    if let source = curves.first(where: { $0.role == .source }),
      let share = majority(score, source.split)
    {
      parts.append(
        "Always naming the most frequent class would score \(score.text(share)) "
          + "on \(source.language).")
    }
    return parts.joined(separator: " ")
  }
}
