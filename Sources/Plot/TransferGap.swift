internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// A gap in percentage points with its sign.
func gapText(_ gap: Double) -> String { Numeral.decimal(100 * gap, places: 1, signed: true) }

/// The gap after one epoch.
private struct Gap {
  /// NaN where an accuracy is not known.
  var gap: Double
  var interval: Interval?
}

private typealias GapCurve = (index: Int, target: RunResults.Language, gaps: [Gap])

extension RunResults {
  /// The gap by epoch to each target that has one.
  fileprivate var gapCurves: [GapCurve] {
    targets.enumerated().compactMap { index, target in
      guard let gaps = gaps(to: target),
        let scores = byEpoch[Split(source.code, .validation)],
        let targetScores = byEpoch[Split(target.code, .validation)]
      else { return nil }
      let drawn = zip(gaps, zip(scores, targetScores)).map { gap, results in
        let isKnown = (results.0.scoredAccuracy - results.1.scoredAccuracy).isFinite
        return isKnown
          ? Gap(gap: gap.gap, interval: gap.interval) : Gap(gap: .nan, interval: nil)
      }
      return drawn.contains { $0.gap.isFinite } ? (index, target, drawn) : nil
    }
  }
}

/// The transfer gap by epoch, without the words around the panel.
func transferGapPanel(_ results: RunResults, _ detail: Detail) -> Panel? {
  let curves = results.gapCurves
  guard let first = curves.first else { return nil }
  let better = curves.count == 1 ? first.target.name : "target"
  var marks: [any Mark] = [
    Shade(
      0...Double.infinity, words: "\(results.source.name) better", ink: .series(1),
      areWordsEssential: detail == .full),
    Shade(
      -Double.infinity...0, words: "\(better) better",
      ink: curves.count == 1 ? .series(2 + first.index) : .muted, areWordsOnTop: false,
      areWordsEssential: detail == .full),
  ]
  let hasMany = curves.count >= fewestMultiples
  if hasMany {
    marks += medianAndRange(
      curves.map { $0.gaps.map { 100 * $0.gap } }, at: results.positions
    ) { gapText($0 / 100) }
  }
  for curve in curves where !hasMany {
    marks.append(
      Band(
        curve.gaps.enumerated().map { index, gap in
          Band.Slice(
            x: results.positions[index], low: 100 * (gap.interval?.lower ?? .nan),
            high: 100 * (gap.interval?.upper ?? .nan))
        }, ink: .series(2 + curve.index)))
  }
  marks.append(Rule(.horizontal(0), ink: .strong, dash: []))
  var finite: [Double] = []
  for curve in curves where !hasMany {
    let points = zip(results.positions, curve.gaps).map { Point($0, 100 * $1.gap) }
    finite += points.map(\.y).filter(\.isFinite)
    let last = curve.gaps.last { $0.gap.isFinite }
    var label = EndLabel.Words(curve.target.name, gapText(last?.gap ?? .nan))
    if let interval = last?.interval, curves.count <= 6 {
      label.detail = "(\(gapText(interval.lower)) to \(gapText(interval.upper)))"
    }
    let ink = Ink.series(2 + curve.index)
    marks.append(Line(points, ink: ink, endLabel: label))
    marks.append(Dots(points, ink: ink))
    if results.selectedEpoch < results.epochs, curves.count <= 2 {
      let point = points[results.selectedEpoch - 1]
      if point.isFinite {
        marks.append(
          Highlight(
            point,
            words: detail == .brief
              ? ""
              : "selected \(results.moment(results.selectedEpoch)): "
                + gapText(curve.gaps[results.selectedEpoch - 1].gap), ink: ink))
      }
    }
  }
  let sides = [results.source.name, better].map { $0.shortened(to: 24) }
  var y = Axis("\(sides[0]) \u{2212} \(sides[1]) accuracy (percentage points)")
  y.isSigned = true
  // Both sides of zero are always in sight, with room for their words.
  if hasMany { finite = curves.flatMap { $0.gaps.map { 100 * $0.gap }.filter(\.isFinite) } }
  let reach = max(finite.map(abs).max() ?? 0, 1)
  y.including = [-0.25 * reach, 0.25 * reach]
  return Panel(x: results.epochAxis, y: y, marks: marks)
}

/// A panel for each of many targets, with its last gap.
private func gapMultiples(_ results: RunResults, _ curves: [GapCurve]) -> SmallMultiples {
  let multiples = curves.map { curve in
    let points = zip(results.positions, curve.gaps).map { Point($0, 100 * $1.gap) }
    let slices = zip(results.positions, curve.gaps).map { x, gap in
      Band.Slice(
        x: x, low: 100 * (gap.interval?.lower ?? .nan), high: 100 * (gap.interval?.upper ?? .nan))
    }
    let last = curve.gaps.last { $0.gap.isFinite }?.gap ?? .nan
    return Multiple(
      title: "\(curve.target.name) \(gapText(last))",
      marks: [
        Band(slices, ink: multipleInk), Rule(.horizontal(0), ink: .strong, dash: []),
        Line(points, ink: multipleInk), Dots(points, ink: multipleInk),
      ])
  }
  var y = Axis("points")
  y.isSigned = true
  y.including = [0]
  return SmallMultiples(multiples, x: results.epochAxis, y: y, key: [])
}

func drawTransferGap(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = transferGapPanel(results, .full) else {
    throw FigureAbsence(
      name: .transferGap,
      reason: results.targets.isEmpty
        ? "the run has no target language"
        : "the logs hold no accuracy of both the source and a target", in: results)
  }
  let curves = results.gapCurves
  let gaps = curves.flatMap { curve in
    let missing = curve.gaps.indices.filter { !curve.gaps[$0].gap.isFinite }.map { $0 + 1 }
    return missing.isEmpty ? [] : ["\(curve.target.name) at \(results.moments(missing))"]
  }
  // Either accuracy may be absent or not finite; the figure of accuracies says which.
  let missing =
    gaps.isEmpty ? "" : "An accuracy is missing or not finite, hence a gap: \(inWords(gaps))."
  let multiples = curves.count >= fewestMultiples ? gapMultiples(results, curves) : nil
  let hasBands = curves.contains { $0.gaps.contains { $0.interval != nil } }
  return DocumentedFigure(
    .transferGap, title: "Transfer gap",
    subtitle: "Validation accuracy of \(results.source.name) minus that of "
      + (curves.count == 1 ? curves[0].target.name : "each target") + " by \(results.unit.rawValue)"
      + (hasBands ? ", 95\u{A0}% intervals" : "") + verdict(curves),
    caption: sentences(caption(results, curves), missing, results.disagreementNote),
    alternative: "Transfer gap in percentage points by \(results.unit.rawValue): \(gist(curves)).",
    note: sentences(missing, results.disagreementNote, multiples?.note ?? ""),
    size: multiples?.size ?? .inches(12, 8), panels: multiples?.panels ?? [panel],
    columns: multiples?.columns ?? 1, of: results)
}

/// What the final gap to the only target is, and whether it can be told from zero; of several the figure of final
/// gaps says it, corrected for their number.
private func verdict(_ curves: [GapCurve]) -> String {
  guard curves.count == 1, let only = curves.first?.gaps.last(where: { $0.gap.isFinite }) else {
    return ""
  }
  let gap = "; final gap \(gapText(only.gap)) points"
  return only.interval.map {
    "\(gap), \($0.contains(0) ? "interval includes" : "interval excludes") zero"
  }
    ?? gap
}

/// The final gaps in a few words.
private func gist(_ curves: [GapCurve]) -> String {
  curves.count > 3
    ? "\(curves.count) targets"
    : curves.map { curve in
      "\(curve.target.name) \(ends(curve.gaps.map(\.gap)) { gapText($0) })"
    }.joined(separator: ", ")
}

private func caption(_ results: RunResults, _ curves: [GapCurve]) -> String {
  guard curves.count > 2 else {
    return curves.map { caption(results, $0.target.name, $0.gaps) }.joined(separator: " ")
  }
  let ends = curves.compactMap { curve in
    curve.gaps.last { $0.gap.isFinite }.map { (name: curve.target.name, gap: $0) }
  }
  guard let least = ends.min(by: { $0.gap.gap < $1.gap.gap }),
    let most = ends.max(by: { $0.gap.gap < $1.gap.gap })
  else { return "No gap is known." }
  let distinct = ends.count { !($0.gap.interval?.contains(0) ?? true) }
  return "At the end the gaps of the \(ends.count) targets range from "
    + "\(gapText(least.gap.gap)) (\(least.name)) to \(gapText(most.gap.gap)) (\(most.name)) "
    + "percentage points"
    + (ends.contains { $0.gap.interval != nil }
      ? "; the 95\u{A0}% interval of \(distinct) of them does not include zero." : ".")
}

private func caption(_ results: RunResults, _ target: String, _ gaps: [Gap]) -> String {
  guard let last = gaps.last(where: { $0.gap.isFinite }) else {
    return "The gap to \(target) is not known."
  }
  let side = last.gap >= 0 ? "above" : "below"
  let when =
    gaps.last?.gap.isFinite ?? false
    ? "At the end" : "At \(results.moment((gaps.lastIndex { $0.gap.isFinite } ?? 0) + 1))"
  var sentence =
    "\(when) \(target) lies \(Numeral.decimal(100 * abs(last.gap), places: 1)) percentage points "
    + "\(last.gap >= 0 ? "below" : "above") \(results.source.name)"
  if Numeral.decimal(100 * last.gap, places: 1) == "0.0" {
    sentence = "\(when) \(target) is level with \(results.source.name)"
  }
  if let interval = last.interval {
    sentence +=
      " (gap \(gapText(last.gap)), 95\u{A0}% interval \(gapText(interval.lower)) to "
      + "\(gapText(interval.upper)), "
      + (interval.contains(0) ? "which includes zero" : "all of it \(side) zero") + ")"
  }
  let finite = gaps.map(\.gap).filter(\.isFinite)
  if let least = finite.min(), let most = finite.max(), gapText(least) != gapText(most) {
    sentence +=
      "; over the \(results.unit.rawValue)s the gap ranges from \(gapText(least)) to \(gapText(most))"
  }
  return sentence + "."
}
