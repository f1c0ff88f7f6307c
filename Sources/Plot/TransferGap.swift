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

  /// Why no target has a gap in any epoch: that nobody logged an accuracy is one thing, that it is not finite
  /// another.
  fileprivate var noGapCurve: String {
    func isLogged(_ language: Language) -> Bool {
      byEpoch[Split(language.code, .validation)]?.contains { !$0.isAbsent(.accuracy) }
        ?? false
    }
    return isLogged(source) && targets.contains(where: isLogged)
      ? "no \(unit.rawValue) has a finite accuracy of both the source and a target"
      : "the logs hold no accuracy of both the source and a target"
  }

  /// Where gaps are left out, in sentences; empty if none is.
  fileprivate func missingGaps(_ curves: [GapCurve]) -> String {
    var (absent, notFinite): ([String], [String]) = ([], [])
    for curve in curves {
      let both = [source, curve.target].compactMap { byEpoch[Split($0.code, .validation)] }
      let gaps = curve.gaps.indices.filter { !curve.gaps[$0].gap.isFinite }
      let isAbsent = { (place: Int) in both.contains { $0[place].isAbsent(.accuracy) } }
      for (places, isOf) in [(gaps.filter(isAbsent), true), (gaps.filter { !isAbsent($0) }, false)]
      where !places.isEmpty {
        let words = "to \(curve.target.name) at \(moments(places.map { $0 + 1 }))"
        if isOf { absent.append(words) } else { notFinite.append(words) }
      }
    }
    return sentences(
      notFinite.isEmpty ? "" : "No finite accuracy, hence no gap \(inWords(notFinite)).",
      absent.isEmpty ? "" : "Accuracy not logged, hence no gap \(inWords(absent)).")
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
    // An average is of no epoch, so that it has no place among them.
    if let selected = results.selectedEpoch, selected < results.epochs, curves.count <= 2 {
      let point = points[selected - 1]
      if point.isFinite {
        marks.append(
          Highlight(
            point,
            words: detail == .brief
              ? ""
              : "selected \(results.moment(selected)): "
                + gapText(curve.gaps[selected - 1].gap), ink: ink))
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

extension FigureName {
  public static let transferGap = FigureName(
    "transfer_gap", .init(.transfer, 1), isExpected: true, drawTransferGap)
}

func drawTransferGap(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = transferGapPanel(results, .full) else {
    throw FigureAbsence(
      name: .transferGap,
      reason: results.targets.isEmpty
        ? "the run has no target language"
        : results.noGapCurve, in: results)
  }
  let curves = results.gapCurves
  let missing = results.missingGaps(curves)
  let multiples = curves.count >= fewestMultiples ? gapMultiples(results, curves) : nil
  let hasBands = curves.contains { $0.gaps.contains { $0.interval != nil } }
  return DocumentedFigure(
    .transferGap, title: "Transfer gap",
    subtitle: "Validation accuracy of \(results.source.name) minus that of "
      + (curves.count == 1 ? curves[0].target.name : "each target") + " by \(results.unit.rawValue)"
      + (hasBands ? ", 95\u{A0}% intervals" : "") + lastGap(curves),
    caption: sentences(caption(results, curves), missing, results.disagreementNote),
    alternative: "Transfer gap on validation in percentage points by \(results.unit.rawValue): "
      + "\(gist(curves)).",
    note: sentences(missing, results.disagreementNote, multiples?.note ?? ""),
    size: multiples?.size ?? .inches(12, 8), panels: multiples?.panels ?? [panel],
    columns: multiples?.columns ?? 1, of: results)
}

/// The only target's last gap. Whether it differs from zero is not said here: the final gap may be one of test,
/// and is tested together with the others.
private func lastGap(_ curves: [GapCurve]) -> String {
  guard curves.count == 1, let only = curves.first?.gaps.last(where: { $0.gap.isFinite }) else {
    return ""
  }
  return "; last validation gap \(gapText(only.gap)) points"
}

/// The gaps by epoch in a few words.
private func gist(_ curves: [GapCurve]) -> String {
  curves.count > 3
    ? "\(curves.count) targets"
    : curves.map { curve in
      "\(curve.target.name) \(ends(curve.gaps.map(\.gap)) { gapText($0) })"
    }.joined(separator: ", ")
}

private func caption(_ results: RunResults, _ curves: [GapCurve]) -> String {
  guard curves.count > 2 else {
    return sentences(
      curves.map { caption(results, $0.target.name, $0.gaps) }.joined(separator: " "),
      finalGaps(results, curves))
  }
  let ends = curves.compactMap { curve in
    curve.gaps.last { $0.gap.isFinite }.map { (name: curve.target.name, gap: $0) }
  }
  guard let least = ends.min(by: { $0.gap.gap < $1.gap.gap }),
    let most = ends.max(by: { $0.gap.gap < $1.gap.gap })
  else { return "No gap is known." }
  let (low, high) = (gapText(least.gap.gap), gapText(most.gap.gap))
  return sentences(
    "At the end the validation gaps of the \(ends.count) targets "
      + (low == high
        ? "are all \(low) percentage points."
        : "range from \(low) (\(least.name)) to \(high) (\(most.name)) percentage points."))
}

/// The gaps on test where these count in the end, so that nobody takes the last ones on validation for them.
private func finalGaps(_ results: RunResults, _ curves: [GapCurve]) -> String {
  let final = results.finalSplit
  guard final.part == .test else { return "" }
  let gaps = curves.compactMap { curve in
    results.selectedGap(to: curve.target, .test).flatMap { gap in
      gap.gap.isFinite ? "\(gapText(gap.gap)) to \(curve.target.name)" : nil
    }
  }
  return gaps.isEmpty
    ? ""
    : "The final gap\(gaps.count == 1 ? " is" : "s are") measured on test "
      + "\(results.whenSelected): \(inWords(gaps))."
}

private func caption(_ results: RunResults, _ target: String, _ gaps: [Gap]) -> String {
  guard let last = gaps.last(where: { $0.gap.isFinite }) else {
    return "The gap to \(target) is not known."
  }
  let when =
    gaps.last?.gap.isFinite ?? false
    ? "At the end" : "At \(results.moment((gaps.lastIndex { $0.gap.isFinite } ?? 0) + 1))"
  var sentence =
    "\(when) \(target) validation accuracy lies \(Numeral.decimal(100 * abs(last.gap), places: 1)) percentage points "
    + "\(last.gap >= 0 ? "below" : "above") that of \(results.source.name)"
  if Numeral.decimal(100 * last.gap, places: 1) == "0.0" {
    sentence = "\(when) \(target) validation accuracy is level with that of \(results.source.name)"
  }
  if let interval = last.interval {
    sentence +=
      " (gap \(gapText(last.gap)), 95\u{A0}% interval \(gapText(interval.lower)) to "
      + "\(gapText(interval.upper)))"
  }
  let finite = gaps.map(\.gap).filter(\.isFinite)
  if let least = finite.min(), let most = finite.max(), gapText(least) != gapText(most) {
    sentence +=
      "; over the \(results.unit.rawValue)s the gap ranges from \(gapText(least)) to \(gapText(most))"
  }
  return sentence + "."
}
