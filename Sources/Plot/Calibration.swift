internal import Chart
internal import Metrics
internal import Results
internal import RunLog

extension FigureName {
  public static let calibration = FigureName(
    "calibration", .init(.performance, 4), drawCalibration)
}

func drawCalibration(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let predicted = results.predictedSplits
  let splits = predicted.all.filter { results.calibration[$0.split] != nil }
  guard !splits.isEmpty else {
    throw FigureAbsence(
      name: .calibration,
      reason: results.roc.isEmpty
        ? "confidences need predictions, and the logs hold none"
        : "the predictions hold values that are not finite", in: results)
  }
  var (panels, captions, gist): ([Panel], [String], [String]) = ([], [], [])
  for (language, split) in splits {
    guard let calibration = results.calibration[split] else { continue }
    let name = "\(language.name) \(split.part.rawValue)"
    let short = "\(language.name.shortened(to: 22)) \(split.part.rawValue)"
    let index = results.targets.firstIndex { $0.code == language.code }
    panels.append(panel(short, calibration, ink: .series(index.map { 2 + $0 } ?? 1)))
    guard split.part == predicted.part else { continue }
    captions.append(caption(name, calibration, brier: results.brierScores[split]))
    gist.append("\(language.name) \(errorText(calibration))")
  }
  let columns = panels.count == 4 ? 2 : min(panels.count, 3)
  var documented = DocumentedFigure(
    .calibration, title: "Reliability",
    subtitle: "Share labelled correctly by confidence, in 15 bins with 95\u{A0}% intervals, "
      + "\(results.whenSelected); on the diagonal, confidence equals accuracy",
    caption: sentences(
      brief(
        captions,
        orSpread: spread(
          predicted.splits.map { language, split in
            (
              "\(language.name) \(split.part.rawValue)",
              results.calibration[split]?.debiasedError ?? .nan
            )
          }
        ) { Numeral.decimal($0, places: 3) }, of: "the debiased expected calibration error"),
      predicted.apartNote),
    alternative: "Reliability diagrams; debiased calibration error: "
      + (gist.count > 4 ? "\(gist.count) languages." : "\(gist.joined(separator: ", "))."),
    note: sentences(
      "Confidence is the probability of the chosen class. ECE: the distance from the diagonal, "
        + "averaged over examples; debiased: minus what chance adds to it. Bars: each bin's share of the examples; the number is the "
        + "largest's.", predicted.apartNote),
    size: .inches(columns == 1 ? 8 : columns == 2 ? 12 : 15, 8), panels: panels, columns: columns,
    of: results)
  documented.figure.fitsHeight = true
  return documented
}

private func errorText(_ calibration: Calibration) -> String {
  Numeral.decimal(calibration.debiasedError, places: 3)
}

private func panel(_ name: String, _ calibration: Calibration, ink: Ink) -> Panel {
  let full = calibration.bins.filter { $0.count > 0 }
  let total = Double(calibration.total)
  var marks: [any Mark] = full.map { bin in
    // The share of the examples in the bin, on the axis that shows shares anyway.
    let share = Double(bin.count) / total
    return Band(
      [bin.range.lowerBound + 0.004, bin.range.upperBound - 0.004].map {
        .init(x: $0, low: 0, high: share)
      },
      ink: .muted)
  }
  marks.append(Line([Point(0, 0), Point(1, 1)], ink: .muted, weight: 0.65, dash: [1, 2.5]))
  let points = full.map { Point($0.confidence, $0.accuracy) }
  marks.append(
    Whiskers(
      full.compactMap { bin in
        bin.accuracyInterval.map { .init(at: bin.confidence, $0.lower...$0.upper) }
      }, .vertical, ink: ink))
  marks.append(Line(points, ink: ink, weight: 0.8))
  // One list a point: of one list symbols near each other would be left out.
  marks += points.map { Dots([$0], ink: ink) }
  // The numbers of all bins would run into each other.
  if let largest = full.max(by: { $0.count < $1.count }) {
    let middle = (largest.range.lowerBound + largest.range.upperBound) / 2
    marks.append(Words("\(largest.count)", at: Point(middle, 0.045), ink: .muted))
  }
  var x = Axis("confidence")
  x.limits = 0...1
  x.including = [0, 1]
  var y = Axis("share correct")
  y.limits = 0...1
  y.including = [0, 1]
  var panel = Panel(
    title: "\(name): debiased ECE\u{A0}\(errorText(calibration))", x: x, y: y,
    marks: marks)
  panel.isSquare = true
  return panel
}

private func caption(_ name: String, _ calibration: Calibration, brier: Double?) -> String {
  let bias = calibration.overconfidence
  let points = Numeral.decimal(100 * abs(bias), places: 1)
  var sentence =
    "On \(name) the debiased expected calibration error is \(errorText(calibration)); mean confidence is "
  sentence +=
    points == "0.0"
    ? "level with accuracy"
    : "\(points) percentage points \(bias > 0 ? "above" : "below") accuracy"
  if let brier { sentence += "; the Brier score is \(Numeral.decimal(brier, places: 3))" }
  return sentence + "."
}
