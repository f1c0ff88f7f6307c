internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// Accuracies by source and target, and what paired tests say of them.
struct SourceMatrixTags: TagSource {
  let matrix: SourceMatrix
  let origins: ComparedOrigins

  static let tags: [TagDefinition<SourceMatrixTags>] = [
    .text("part", "the part that all accuracies are of") { partName($0.matrix.part) },
    .list("languages", "the languages, one column each") {
      $0.matrix.languages.map { CellTags(text: markdown($0.name)) }
    },
    .list("rows", "the configurations, by what they were trained on") { source in
      source.matrix.rows.map {
        SourceRowTags(row: $0, matrix: source.matrix, origins: source.origins)
      }
    },
    .list("readings", "what paired tests say, one entry per language") { source in
      source.matrix.readings.map {
        SourceReadingTags(reading: $0, matrix: source.matrix, origins: source.origins)
      }
    },
    .condition("is_for_these_seeds_only", "whether there are too few seeds to speak of others") {
      $0.matrix.isForTheseSeedsOnly
    },
    .optionalText("other_differences", "keys in which the rows differ besides their data") {
      let keys = $0.matrix.otherDifferences
      return keys.isEmpty ? nil : NumberFormat.list(keys.map { markdown($0) })
    },
  ]
}

/// A configuration and its accuracy on each language.
struct SourceRowTags: TagSource {
  let row: SourceMatrix.Row
  let matrix: SourceMatrix
  let origins: ComparedOrigins

  static let tags: [TagDefinition<SourceRowTags>] = [
    .text("name", "what it was trained on") { markdown($0.row.name) },
    .number("training_examples", "how many training examples were used") { source in
      let from = source.origins.group(source.row.group) { $0.started("splits") }
      return source.row.trainingExamples.map { from.count($0) } ?? from.unknown(.count)
    },
    .list("cells", "its accuracy on each language") { source in
      source.row.cells.indices.map {
        SourceCellTags(
          cell: source.row.cells[$0],
          subject: .of(.accuracy).on(
            source.matrix.part, of: source.matrix.languages[$0].name),
          from: source.origins.splits(
            [Split(source.matrix.languages[$0].code, source.matrix.part)], of: [source.row.group]))
      }
    },
  ]
}

/// One accuracy of the matrix.
struct SourceCellTags: TagSource {
  let cell: SourceMatrix.Cell
  let subject: PrintedNumber.Subject
  let from: Evidence

  static let tags: [TagDefinition<SourceCellTags>] = [
    .optionalNumber("printed", "the mean accuracy over seeds with its interval, if known") {
      cell in
      cell.cell.accuracy.map {
        EstimateTags($0, .share, Metric.accuracy.anchor, from: cell.from)
          .measuring(cell.subject).printed
      }
    },
    .condition("is_source", "whether the language is among those that were trained on") {
      $0.cell.isSource
    },
    .condition("is_without_result", "whether it was scored, but without a result") {
      $0.cell.state == .noResult
    },
  ]
}

/// What paired tests say about the configurations that were not trained on a language.
struct SourceReadingTags: TagSource {
  let reading: SourceMatrix.Reading
  let matrix: SourceMatrix
  let origins: ComparedOrigins

  private var language: RunResults.Language { matrix.languages[reading.column] }

  private func names(_ rows: [Int]) -> String? {
    // With semicolons, since a name may be "English and German".
    rows.isEmpty ? nil : rows.map { markdown(matrix.rows[$0].name) }.joined(separator: "; ")
  }

  static let tags: [TagDefinition<SourceReadingTags>] = [
    .text("language", "the language") { markdown($0.language.name) },
    .text("best", "what the one with the highest accuracy was trained on") {
      markdown($0.matrix.rows[$0.reading.best].name)
    },
    .number("accuracy", "that accuracy") { source in
      let row = source.matrix.rows[source.reading.best]
      let from = source.origins.splits(
        [Split(source.language.code, source.matrix.part)], of: [row.group])
      return row.cells[source.reading.column].accuracy.map { from.percent($0.value) }
        ?? from.unknown(.share)
    },
    .optionalText("distinguished", "sources that do worse after Holm's correction, listed") {
      $0.names($0.reading.distinguished)
    },
    .optionalText("undistinguished", "sources that could not be told apart from it, listed") {
      $0.names($0.reading.undistinguished)
    },
    .optionalText("untested", "sources that could not be tested against it, listed") {
      $0.names($0.reading.untested)
    },
  ]
}

extension SourceMatrix {
  /// The matrix as a figure.
  ///
  /// - Parameters:
  ///   - isMean: whether a value is a mean over seeds.
  ///   - study: what the runs belong to; empty for none.
  /// - Returns: the figure with its words.
  /// - Throws: `ComparisonAbsence` if it cannot be drawn.
  func draw(
    isMean: Bool, study: String
  ) throws(ComparisonAbsence) -> ComparisonFigure {
    // Of many languages only the codes fit under their columns; the table has the names.
    let areCodes = languages.count > 7
    let differences =
      otherDifferences.isEmpty
      ? [] : ["Rows differ in more than their data: \(NumberFormat.list(otherDifferences))."]
    return try drawSourceTargets(
      rows.map { row in
        SourceRow(
          row.name,
          row.cells.map { cell in
            switch cell.state {
            case .known: .known(cell.accuracy?.value ?? .nan)
            case .notScored: .notScored
            case .noResult: .noResult
            }
          }, trainedOn: Set(row.cells.indices.filter { row.cells[$0].isSource }))
      }, languages: languages.map { areCodes ? $0.code : $0.name },
      codes: areCodes ? [] : languages.map(\.code), part: partName(part),
      readings: sentences,
      isMean: isMean,
      remark: ((areCodes ? ["Columns are named by language code."] : []) + differences)
        .joined(separator: " "),
      study: study)
  }

  /// What tests tell apart, a sentence per language, and in one sentence where they tell nothing apart.
  private var sentences: [String] {
    func list(_ rows: [Int]) -> String { rows.map { self.rows[$0].name }.joined(separator: "; ") }
    var result = readings.filter { !$0.distinguished.isEmpty }.map { reading in
      "On \(languages[reading.column].name), of those not trained on it, training on "
        + "\(rows[reading.best].name) does better (paired tests, corrected) than on: "
        + list(reading.distinguished) + "."
        + (reading.undistinguished.isEmpty
          ? "" : " Not distinguished from it: \(list(reading.undistinguished)).")
    }
    let open = readings.filter { $0.distinguished.isEmpty && !$0.undistinguished.isEmpty }
    if !open.isEmpty {
      result.append(
        "On \(NumberFormat.list(open.map { languages[$0.column].name })) no source that was tested could be "
          + "distinguished from the one with the highest accuracy.")
    }
    return result
  }
}
