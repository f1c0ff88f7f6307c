internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// Three significant digits at least, so that losses near each other stay apart.
func lossText(_ loss: Double) -> String {
  abs(loss) < 10 && abs(loss) >= 0.001 || loss == 0
    ? Numeral.decimal(loss, places: 3) : Numeral.short(loss, digits: abs(loss) < 1e6 ? 4 : 3)
}

/// The note that explains why training looks better or worse than it is; empty where training is not
/// drawn or where nobody knows how its values were taken.
func runningNote(_ curves: [Curve]) -> String {
  curves.contains { $0.role == .training && $0.isRunning }
    ? "Training values are running means, taken during training: dropout on, weights changing." : ""
}

/// Loss by epoch, without the words around the panel.
func lossPanel(_ results: RunResults, _ detail: Detail) -> Panel? {
  let curves = results.curves(having: \.loss)
  guard !curves.isEmpty else { return nil }
  var marks: [any Mark] = []
  if let guessing = results.guessingLoss {
    marks.append(Rule(.horizontal(guessing), label: .init("guessing", lossText(guessing))))
  }
  let targets = curves.filter(\.isTarget)
  let hasMany = targets.count >= fewestMultiples
  if hasMany {
    marks += medianAndRange(
      targets.map { $0.points(\.loss).map(\.y) }, at: results.positions, lossText)
  }
  for curve in curves where !hasMany || !curve.isTarget {
    let points = curve.points(\.loss)
    let last = points.last(where: \.isFinite)?.y ?? .nan
    marks.append(
      Line(points, ink: curve.ink, endLabel: .init(curve.shortName, lossText(last))))
    marks.append(Dots(points, ink: curve.ink))
  }
  if let source = curves.first(where: { $0.role == .source }), results.epochs > 1,
    let epoch = results.epochOfLowestLoss(source.split)
  {
    let lowest = source.results[epoch - 1].loss
    marks.append(
      Highlight(
        Point(results.positions[epoch - 1], lowest),
        words: detail == .brief
          ? "" : "\(source.language) lowest: \(lossText(lowest)), \(results.moment(epoch))",
        ink: source.ink))
  }
  return Panel(
    x: results.epochAxis, y: Axis("cross-entropy (nats per example)"), marks: marks)
}

/// A panel for the source and training, and one for each of many targets.
private func lossMultiples(_ results: RunResults, _ curves: [Curve]) -> SmallMultiples {
  func lines(_ curve: Curve, _ ink: Ink) -> [any Mark] {
    [Line(curve.points(\.loss), ink: ink), Dots(curve.points(\.loss), ink: ink)]
  }
  func title(_ curve: Curve) -> String {
    let last = curve.results.last { $0.loss.isFinite }?.loss ?? .nan
    return "\(curve.language) \(lossText(last))"
  }
  let rules = results.guessingLoss.map { [Rule(.horizontal($0))] } ?? []
  let source = curves.filter { $0.role == .source }
  let others = curves.filter { !$0.isTarget }
  let sourceLines = source.flatMap { lines($0, $0.ink) }
  var multiples = source.map { curve in
    Multiple(title: title(curve), marks: rules + others.flatMap { lines($0, $0.ink) })
  }
  multiples += curves.filter(\.isTarget).map { curve in
    Multiple(title: title(curve), marks: rules + sourceLines + lines(curve, multipleInk))
  }
  return SmallMultiples(
    multiples, x: results.epochAxis, y: Axis("nats"),
    key: multiplesKey(curves)
      + (results.guessingLoss.map {
        [KeyEntry("guessing: \(lossText($0))", ink: .muted, weight: 0.65, dash: [1, 2.5])]
      } ?? []))
}

/// What the lines of small multiples are.
func multiplesKey(_ curves: [Curve]) -> [KeyEntry] {
  curves.filter { !$0.isTarget }.map {
    KeyEntry($0.role == .training ? "training" : $0.language, ink: $0.ink, hasSymbol: true)
  } + [KeyEntry("target", ink: multipleInk, hasSymbol: true)]
}

extension FigureName {
  public static let losses = FigureName(
    "losses", .init(.training, 1), isExpected: true, drawLosses)
}

func drawLosses(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = lossPanel(results, .full) else {
    throw FigureAbsence(name: .losses, reason: results.noCurve(.loss, called: "loss"), in: results)
  }
  let curves = results.curves(having: \.loss)
  let missing = results.missing(curves, .loss, \.loss)
  let hasMany = curves.count(where: \.isTarget) >= fewestMultiples
  let multiples = hasMany ? lossMultiples(results, curves) : nil
  return DocumentedFigure(
    .losses, title: "Training and validation losses",
    subtitle: "Mean cross-entropy by \(results.unit.rawValue): validation solid, training dashed"
      + (hasMany ? "; a panel for each target, with its last value" : ""),
    caption: sentences(
      lossCaption(results, curves), results.alignmentNote, missing, results.disagreementNote),
    alternative: "Loss by \(results.unit.rawValue): \(curves.gist(\.loss, lossText)).",
    note: sentences(
      runningNote(curves), missing, results.disagreementNote, multiples?.note ?? ""),
    size: multiples?.size ?? .inches(12, 8), panels: multiples?.panels ?? [panel],
    columns: multiples?.columns ?? 1, of: results)
}

private func lossCaption(_ results: RunResults, _ curves: [Curve]) -> String {
  var parts: [String] = []
  let source = curves.first { $0.role == .source }
  if let source {
    let best = results.epochOfLowestLoss(source.split).map {
      BestValue(epoch: $0, word: "lowest")
    }
    let values = course(source.results.map(\.loss), best: best, at: results.moment, lossText)
    parts.append("\(source.language) validation loss \(values).")
  }
  let ends = curves.compactMap { curve -> (language: String, loss: Double)? in
    guard case .target = curve.role, let last = curve.results.last?.loss, last.isFinite else {
      return nil
    }
    return (curve.language, last)
  }
  let reference = source?.results.last?.loss
  if ends.count < 3 {
    for end in ends {
      var sentence = "\(end.language) ends at \(lossText(end.loss))"
      if let source, let reference, reference.isFinite {
        let distance = lossText(abs(end.loss - reference))
        let side = end.loss >= reference ? "above" : "below"
        sentence +=
          distance == lossText(0)
          ? ", level with \(source.language)" : ", \(distance) nats \(side) \(source.language)"
      }
      parts.append(sentence + ".")
    }
  } else if let least = ends.min(by: { $0.loss < $1.loss }),
    let most = ends.max(by: { $0.loss < $1.loss })
  {
    let (low, high) = (lossText(least.loss), lossText(most.loss))
    parts.append(
      "\(targetCount(ends.count, of: curves)) "
        + (low == high
          ? "all end at \(low)."
          : "end between \(low) (\(least.language)) and \(high) (\(most.language))."))
  }
  if let training = curves.first(where: { $0.role == .training }) {
    parts.append(
      "The \(training.longName) loss \(course(training.results.map(\.loss), at: results.moment, lossText))."
    )
  }
  if let guessing = results.guessingLoss {
    parts.append(
      "Guessing among \(results.labels.count) classes would cost \(lossText(guessing)).")
  }
  return parts.joined(separator: " ")
}

/// "The 12 targets", or "11 of the 12 targets" where the others have no value in the end.
func targetCount(_ count: Int, of curves: [Curve]) -> String {
  let all = curves.filter(\.isTarget).count
  return count == all ? "The \(all) targets" : "\(count) of the \(all) targets"
}
