internal import Chart

/// A configuration's accuracy on each language, for a matrix.
public struct SourceRow: Equatable, Sendable {
  /// An accuracy, or why there is none.
  public enum Value: Equatable, Sendable {
    /// From 0 to 1.
    case known(Double)
    case notScored
    /// No answer at all, or not a finite number.
    case noResult
  }

  /// What the configuration was trained on.
  public var name: String
  /// One per language.
  public var values: [Value]
  /// The places of the languages that it was trained on.
  public var sources: Set<Int>

  public init(_ name: String, _ values: [Value], trainedOn sources: Set<Int>) {
    (self.name, self.values, self.sources) = (name, values, sources)
  }
}

/// Draws accuracies by source and target: a row per source, a column per language, tinted from the lowest to the
/// highest accuracy, with a bar that shows the tints' scale. Cells of a language that the row was trained on are
/// outlined.
///
/// - Parameters:
///   - rows: each with a value per language.
///   - languages: the columns' names.
///   - codes: what may stand under a column that is too narrow for its name; none if the names are codes already.
///   - part: of the data, such as "test".
///   - readings: what paired tests say, a sentence each; the caption ends with them.
///   - isMean: whether a value is a mean over seeds.
///   - remark: what else must be known to read the figure right, in sentences; empty for nothing.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if no accuracy is known.
public func drawSourceTargets(
  _ rows: [SourceRow], languages: [String], codes: [String] = [], part: String, readings: [String],
  isMean: Bool,
  remark: String, study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  guard rows.allSatisfy({ $0.values.count == languages.count }) else {
    throw ComparisonAbsence("the accuracies are not of the same languages")
  }
  let known = rows.flatMap { row in
    row.values.compactMap { if case .known(let value) = $0, value.isFinite { value } else { nil } }
  }
  guard let low = known.min(), let high = known.max() else {
    throw ComparisonAbsence("no run has an accuracy")
  }
  let quantity = ComparedQuantity.accuracy
  var cells: [Cells.Cell] = []
  for (place, row) in rows.enumerated() {
    for (column, value) in row.values.enumerated() {
      let (share, words): (Double, String) =
        switch value {
        // Accuracies that are all equal have no low and no high end.
        case .known(let value):
          (high > low ? (value - low) / (high - low) : 0.5, quantity.digits(value))
        case .notScored: (.nan, "–")
        case .noResult: (.nan, "none")
        }
      cells.append(
        Cells.Cell(
          column: column, row: place, share: share, lines: [words],
          isOutlined: row.sources.contains(column)))
    }
  }
  let scale = scaleTitle(languages)
  var panel = Panel(
    x: Axis("scored on", .category(languages.map { $0.shortened(to: 24) } + [scale])),
    y: Axis("trained on", .category(rows.map { $0.name.shortened(to: 40) })),
    marks: [Cells(cells)])
  if high > low {
    panel.marks.append(
      ColorBar(
        column: languages.count, rows: rows.count, low: quantity.digits(low),
        high: quantity.digits(high)))
  } else {
    panel.x.kind = .category(languages.map { $0.shortened(to: 24) })
  }
  if codes.count == languages.count {
    panel.x.shortNames = high > low ? codes + [scale] : codes
  }
  panel.x.hasGrid = false
  panel.y.hasGrid = false
  let values = rows.flatMap(\.values)
  let note = sentences(
    rows.contains { !$0.sources.isEmpty } ? "Outlined: trained on this language." : "",
    values.contains(.notScored) ? "–: not scored." : "",
    values.contains(.noResult) ? "none: scored, but without a result." : "", remark)
  let width = max(9, 5 + 1.25 * Double(languages.count + 1))
  var compared = ComparisonFigure(
    "source_target_matrix", title: "Accuracy on \(part) by source and target",
    subtitle: "In percent, after the selected epoch\(isMean ? ", means over seeds" : "")",
    caption: sentences(
      "Accuracy on \(part) of models trained on different sources (rows) by the language scored (columns), from "
        + "\(quantity.digits(low)) to \(quantity.text(high)).", readings.joined(separator: " ")),
    alternative: "Matrix of accuracies: \(rows.count) training\(rows.count == 1 ? "" : "s") by "
      + "\(languages.count) language\(languages.count == 1 ? "" : "s").",
    note: note, size: .inches(width, max(4.6, 3.2 + 0.75 * Double(rows.count))), panels: [panel],
    study: study)
  if !panel.x.shortNames.isEmpty {
    let meanings = zip(codes, languages).map { "\($0): \($1)" }.joined(separator: ", ")
    compared.figure.shortNamesNote = "Columns: \(meanings)."
  }
  return compared
}

/// The name of the bar's column, told apart from any language's.
private func scaleTitle(_ languages: [String]) -> String {
  languages.contains("scale") ? "scale (%)" : "scale"
}
