internal import Chart
internal import Results
internal import RunLog

extension RunResults {
  /// Whether rates are drawn on a logarithmic axis: not where one of them is zero, as at the end of a linear
  /// decay, which has no place there.
  var hasLogarithmicRates: Bool {
    learningRates.allSatisfy { $0.rate > 0 || !$0.rate.isFinite }
  }
}

/// The learning rate over time, without the words around the panel.
func learningRatePanel(_ results: RunResults, _ detail: Detail) -> Panel? {
  let points = results.learningRates.map { Point($0.epochs, $0.rate.isFinite ? $0.rate : .nan) }
  let drawn = points.filter(\.isFinite)
  guard let first = drawn.first, let last = drawn.last else { return nil }
  let isConstant = drawn.allSatisfy { $0.y == first.y }
  let ending = drawn.count == 1 ? "only" : isConstant ? "always" : "last"
  var marks: [any Mark] = [
    Line(
      results.hasRateOfEachStep ? points : staircase(points), ink: .series(1),
      endLabel: .init(ending, Numeral.short(last.y)))
  ]
  if results.hasRateOfEachStep {
    marks.append(Dots(drawn.count > 1 ? [first, last] : [first], ink: .series(1)))
  } else {
    marks.append(Dots(points, ink: .series(1)))
  }
  if !isConstant, detail == .full {
    marks.append(
      Highlight(
        first, words: "first \(Numeral.short(first.y))", ink: .series(1), hasRing: false))
  }
  let isLogarithmic = results.hasLogarithmicRates
  var y = Axis(
    isLogarithmic ? "learning rate (log scale)" : "learning rate",
    isLogarithmic ? .logarithmic : .linear)
  // Room for words above the first point, where most schedules are highest.
  if detail == .full { y.padding = 0.16 }
  return Panel(x: results.epochAxis, y: y, marks: marks)
}

/// A rate holds for the whole of its epoch: level from half an epoch before each point to half an
/// epoch after it.
private func staircase(_ points: [Point]) -> [Point] {
  points.enumerated().flatMap { index, point in
    let before = index == 0 ? point.x : (points[index - 1].x + point.x) / 2
    let after = index == points.count - 1 ? point.x : (point.x + points[index + 1].x) / 2
    return before == after
      ? [point] : [Point(before, point.y), point, Point(after, point.y)]
  }
}

extension FigureName {
  public static let learningRate = FigureName(
    "learning_rate", .init(.training, 4), isExpected: true, drawLearningRate)
}

func drawLearningRate(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  guard let panel = learningRatePanel(results, .full) else {
    throw FigureAbsence(
      name: .learningRate,
      reason: results.learningRates.isEmpty
        ? "the logs hold no learning rate" : "no logged learning rate is a finite number",
      in: results)
  }
  let rates = results.learningRates.map(\.rate)
  let drawn = rates.filter(\.isFinite)
  // Other programs log the rate now and then.
  let unit =
    !results.hasRateOfEachStep
    ? results.areEpochsWhole ? "epoch" : "evaluation"
    : results.run.imported == nil ? "step" : "logged step"
  let (first, last) = (drawn[0], drawn[drawn.count - 1])
  // Another program's log may hold fewer rates than were used.
  let isLogged = results.run.imported != nil && rates.count < results.epochs
  let isOnly = rates.count == 1
  var caption =
    drawn.count == 1
    ? isLogged || !isOnly
      ? "The only \(isOnly ? "" : "finite ")rate in the log is \(Numeral.short(first))."
      : "The only \(unit) used a rate of \(Numeral.short(first))."
    : drawn.allSatisfy { $0 == first }
      ? isLogged || drawn.count < rates.count
        ? "Every \(drawn.count == rates.count ? "" : "finite ")rate in the log is \(Numeral.short(first))."
        : "Every \(unit) used the same rate, \(Numeral.short(first))."
      : Numeral.short(first) == Numeral.short(last)
        ? "The rate starts and ends at \(Numeral.short(first))"
        : "The rate goes from \(Numeral.short(first)) in the first \(unit) to "
          + "\(Numeral.short(last)) in the last"
  if let highest = drawn.max(), highest > max(first, last), drawn.count > 1 {
    caption += ", with a maximum of \(Numeral.short(highest))"
  }
  if !caption.hasSuffix(".") { caption += "." }
  let left = rates.count - drawn.count
  let note =
    left == 0
    ? "" : "\(left == 1 ? "One rate is" : "\(left) rates are") not a finite number and left out."
  return DocumentedFigure(
    .learningRate, title: "Learning rate schedule",
    subtitle: isLogged ? "The rates in the log" : "The rate that each \(unit) used",
    caption: sentences(caption, results.alignmentNote, note),
    alternative: "Learning rate: \(ends(drawn) { Numeral.short($0) }).", note: note,
    panels: [panel], of: results)
}
