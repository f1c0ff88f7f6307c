internal import Chart
internal import Metrics
internal import Results
internal import RunLog

extension RunResults {
  /// The splits of the selected epoch that have predictions, training left out, in the order of the
  /// languages; one per language if all would be too many for a page.
  func scoredSplits(atMost limit: Int) -> [(language: Language, split: Split)] {
    let all = ([source] + targets).flatMap { language in
      [Part.validation, .test].map { (language: language, split: Split(language.code, $0)) }
    }.filter { selected[$0.split]?.confusion != nil }
    if all.count <= limit { return all }
    let chosen = Set(predictedSplits.all.map(\.split))
    return all.filter { chosen.contains($0.split) }
  }
}

extension FigureName {
  public static let confusion = FigureName(
    "confusion", .init(.performance, 2), drawConfusion)
}

func drawConfusion(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  // Many classes need large panels, and few of those make a page.
  let isLarge = results.labels.count > 8
  let predicted = results.predictedSplits
  let scored = results.scoredSplits(atMost: 6)
  let splits = isLarge ? Array(scored.prefix(6)) : scored
  guard !splits.isEmpty else {
    throw FigureAbsence(
      name: .confusion, reason: "a matrix needs predictions, and the logs hold none", in: results)
  }
  var (panels, captions): ([Panel], [String]) = ([], [])
  for (language, split) in splits {
    guard let confusion = results.selected[split]?.confusion else { continue }
    let name = "\(language.name) \(split.part.rawValue)"
    // Long names are cut, never the part: two panels must not have one title.
    let title = "\(language.name.shortened(to: 24)) \(split.part.rawValue)"
    panels.append(panel(title, confusion, results.labels))
    captions.append(caption(name, confusion, results.labels))
  }
  let isSmall = results.labels.count <= 4
  let columns =
    isLarge
    ? 1 : panels.count <= 2 || panels.count == 4 || !isSmall ? min(panels.count, 2) : 3
  // Each row needs a line's height for its name.
  let large = max(12, 3 + 0.27 * Double(results.labels.count))
  let width: Double = columns == 1 ? (isLarge ? large : 8) : columns == 2 ? 13 : 16
  let left = scored.count - splits.count
  let note =
    left == 0
    ? "" : "Not shown for lack of space: the other \(left == 1 ? "target" : "\(left) targets")."
  var documented = DocumentedFigure(
    .confusion, title: "Confusion matrices",
    subtitle: "True classes by predicted ones \(results.whenSelected): "
      + "examples and share of the row (tint)",
    caption: sentences(
      brief(
        captions, few: 4,
        orSpread: spread(
          predicted.splits.compactMap { language, split in
            results.selected[split].map {
              ("\(language.name) \(split.part.rawValue)", $0.scoredAccuracy)
            }
          }
        ) { Numeral.percent($0) }, of: "the share on the diagonal"), note),
    alternative: "Confusion matrices of \(inWords(names(splits))), "
      + "\(results.labels.count) classes each.",
    note: note,
    size: .inches(width, 8), panels: panels, columns: columns, of: results)
  documented.figure.fitsHeight = true
  // Names of classes stand under columns, which are narrow.
  if columns == 3 || !isSmall { documented.figure.scale = columns == 3 ? 1.1 : 1 }
  return documented
}

/// The languages of splits, each once.
private func names(_ splits: [(language: RunResults.Language, split: Split)]) -> [String] {
  var names: [String] = []
  for (language, _) in splits where names.last != language.name { names.append(language.name) }
  return names.count > 4 ? ["\(names.count) languages"] : names
}

private func panel(_ title: String, _ confusion: ConfusionMatrix, _ labels: [String]) -> Panel {
  let classes = 0..<confusion.classes
  let cells = classes.flatMap { row in
    let support = confusion.support(row)
    return classes.map { column in
      let count = confusion[row, column]
      let share = support == 0 ? Double.nan : Double(count) / Double(support)
      return Cells.Cell(
        column: column, row: row, share: share,
        // In a large matrix most cells are empty, and zeros would hide the others.
        lines: support == 0
          ? ["–"]
          : count == 0 && confusion.classes > 8
            ? []
            : ["\(count)", Numeral.percent(share, places: share < 0.0095 && count > 0 ? 1 : 0)])
    }
  }
  let names = classes.map { shortClassName($0, labels) }
  var panel = Panel(
    title: title, x: Axis("predicted class", .category(names)),
    y: Axis("true class, n\u{A0}=\u{A0}\(confusion.total)", .category(names)), marks: [Cells(cells)]
  )
  panel.isSquare = true
  return panel
}

/// The worst mistake and classes that are missing on either side.
private func caption(_ name: String, _ confusion: ConfusionMatrix, _ labels: [String]) -> String {
  let classes = 0..<confusion.classes
  let mistakes = classes.flatMap { row in
    classes.filter { $0 != row && confusion[row, $0] > 0 }.map { (row: row, column: $0) }
  }
  func count(_ cell: (row: Int, column: Int)) -> Int { confusion[cell.row, cell.column] }
  var sentence = "\(name): \(confusion.correct) of \(confusion.total) examples on the diagonal"
  if let most = mistakes.max(by: { count($0) < count($1) }) {
    sentence +=
      "; the most frequent mistake takes \(className(most.row, labels)) for "
      + "\(className(most.column, labels)), \(count(most)) of \(confusion.support(most.row))"
  }
  if confusion.unanswered > 0 {
    sentence += "; without an answer, and in no column: \(confusion.unanswered)"
  }
  let never = classes.filter {
    confusion.predicted($0) == 0 && confusion.support($0) > 0
      && confusion.unanswered < confusion.total
  }
  if !never.isEmpty {
    sentence += "; never predicted: \(inWords(never.map { className($0, labels) }))"
  }
  let absent = classes.filter { confusion.support($0) == 0 }
  if !absent.isEmpty {
    sentence += "; no examples: \(inWords(absent.map { className($0, labels) }))"
  }
  return sentence + "."
}
