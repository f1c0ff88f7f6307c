public import Chart
internal import Metrics
internal import Plot
internal import Results
public import RunLog
internal import Storage

/// A comparison of runs in all its files: Markdown, its record, figures, definitions and, if asked for, a page.
public struct ComparisonFiles: Sendable {
  /// What differs beside the configuration or stands in the way, a sentence each.
  public let warnings: [String]
  let document: Document
  let data: ComparisonData

  /// Compares runs; nothing is written yet.
  ///
  /// - Parameters:
  ///   - sources: run directories or logs of other programs, at least two.
  ///   - margin: of equivalence, in shares.
  ///   - folder: where the files go.
  ///   - hasPage: whether comparison.html is written too.
  ///   - paper: what comparison.pdf is printed on; it is not written if `nil`.
  /// - Throws: `RunLogError` with fewer than two runs, or if a file changes meanwhile; whatever is wrong with
  ///   the logs.
  public init(
    _ sources: [LogSource], margin: Double = 0.01, folder: String, hasPage: Bool,
    paper: Paper? = nil
  ) throws {
    let (results, inputs) = try readUnchanged(sources.map { try Run($0) }, from: folder)
    try self.init(
      RunComparison(results, margin: margin), runs: results.map(\.run.directory.path),
      folder: folder, inputs: inputs, hasPage: hasPage, paper: paper)
  }

  /// Makes a comparison of runs that were read.
  ///
  /// - Parameters:
  ///   - comparison: of at least one configuration.
  ///   - study: the study's name if the runs belong to one.
  ///   - claimed: the splits that the study's claims are about, one per claim.
  ///   - runs: where the runs were read from.
  ///   - folder: where the files go.
  ///   - inputs: what the runs were read from.
  ///   - hasPage: whether comparison.html is written too.
  ///   - paper: what comparison.pdf is printed on, if it is.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  init(
    _ comparison: RunComparison, of study: String? = nil, claimed: [Split] = [], runs: [String],
    folder: String, inputs: InputFiles, hasPage: Bool, paper: Paper? = nil
  ) throws {
    let figures = ComparisonFigures(
      comparison, of: study.map { "study \($0)" } ?? comparison.commonName ?? "", claimed: claimed
    ).entries
    warnings = comparison.warnings
    data = try ComparisonData(
      comparison: comparison,
      title: study.map { "Study \($0): all configurations compared" } ?? comparison.title,
      figures: figures.map(\.tags), part: comparison.finalPart(claimed: claimed),
      origins: ComparedOrigins(comparison.groups, from: folder, .comparison))
    var settings: JSONObject = [
      "runs": recorded(runs, from: folder), "margin": .number(comparison.margin),
    ]
    if let study { settings["study"] = .string(study) }
    document = try Document(
      .comparison, folder: folder, filledBy: data, options: .words(hasPage: hasPage, paper),
      settings: settings, inputs: inputs, figures: figures.compactMap(\.drawn))
  }

  /// The text of comparison.md.
  public var markdown: String { document.text.text }
  /// The text of comparison.json.
  public var json: String { document.record.text }

  /// What its template is filled with.
  var values: [String: Any] { data.values(ValueCollector()) }

  /// Writes the files, each whole or not at all.
  ///
  /// - Parameters:
  ///   - formats: of the figures; the text shows those in PNG.
  ///   - style: of the figures.
  /// - Returns: the paths of the text and the page, and what readers of the figures will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  public func write(
    formats: [FigureFormat] = [.png], style: FigureStyle = FigureStyle()
  ) throws -> (paths: [String], warnings: [String]) {
    try document.write(figuresIn: formats, style: style)
  }
}

/// The answer to a study in all its files.
public struct StudyFiles: Sendable {
  let document: Document
  let data: StudyData

  /// Makes the answer; nothing is written yet.
  ///
  /// - Parameters:
  ///   - answers: to the study's questions.
  ///   - comparison: of its configurations; `nil` without a complete run.
  ///   - missing: names of the runs that are not complete.
  ///   - folder: where the files go.
  ///   - inputs: what the runs were read from.
  ///   - hasPage: whether study.html is written too.
  ///   - paper: what study.pdf is printed on, if it is.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  init(
    _ answers: StudyAnswers, comparison: RunComparison?, missing: [String], folder: String,
    inputs: InputFiles, hasPage: Bool, paper: Paper? = nil
  ) throws {
    let definition = answers.definition
    let study = "study \(definition.name)"
    let shared =
      comparison.map {
        ComparisonFigures($0, of: study, claimed: definition.claimedSplits).entries
      } ?? []
    let goals = answers.answers.enumerated().map { index, answer in
      goalFigure(answer, number: index + 1, answers, study: study)
    }
    let origins = ComparedOrigins(answers.groups, from: folder, .study)
    data = StudyData(
      answers: answers,
      comparison: try comparison.map {
        try ComparisonData(
          comparison: $0, title: study, figures: shared.map(\.tags),
          part: $0.finalPart(claimed: definition.claimedSplits), origins: origins)
      },
      planned: definition.runNames.count, missing: missing, figures: goals.map { $0?.tags },
      origins: origins)
    document = try Document(
      .study, folder: folder, filledBy: data, options: .words(hasPage: hasPage, paper),
      settings: [
        "study": .object([
          "file": .string(definition.fileName),
          "sha256": .string(SHA256.hex(of: Array(definition.text.utf8))),
          "text": .string(definition.text),
        ]),
        "runs": recorded(
          answers.groups.flatMap(\.runs).map(\.run.directory.path), from: folder),
      ], inputs: inputs, figures: (shared + goals.compactMap { $0 }).compactMap(\.drawn))
  }

  /// The text of study.md.
  public var markdown: String { document.text.text }
  /// The text of study.json.
  public var json: String { document.record.text }

  /// What its template is filled with.
  var values: [String: Any] { data.values(ValueCollector()) }
}

extension StudyDefinition {
  /// What the claims are about, one per claim that a split measures.
  var claimedSplits: [Split] { questions.compactMap(\.claim.split) }
}

/// Reads runs and what they were read from, and makes sure that both belong together.
///
/// - Parameters:
///   - runs: whose logs were read.
///   - folder: what the names of the files shall be relative to.
/// - Returns: the runs' results and the files.
/// - Throws: `RunLogError` if a file changes meanwhile; whatever is wrong with the predictions.
func readUnchanged(
  _ runs: [Run], from folder: String
) throws -> (results: [RunResults], inputs: InputFiles) {
  let named = try runs.map { (run: $0, names: try InputFiles.comparedNames(of: $0)) }
  let results = try runs.map { try RunResults($0) }
  let inputs = try InputFiles(named, from: folder)
  for (result, (run, names)) in zip(results, named) {
    let isGrowing = result.finished == nil && run.imported == nil
    if let changed = try InputFiles.firstChange(
      names, found: InputFiles.comparedNames(of: run), of: run, isGrowing: isGrowing)
    {
      throw RunLogError(
        file: "\(run.directory.path)/\(changed)",
        "changed while the runs were read; try again when nothing is writing to them.")
    }
  }
  return (results, inputs)
}

/// Where runs lie, as seen from a folder.
private func recorded(_ runs: [String], from folder: String) -> JSON {
  .array(runs.map { .string(relativePath(from: folder, to: $0)) })
}

extension ReportOptions {
  /// The built-in words, with or without a page and a PDF.
  fileprivate static func words(hasPage: Bool, _ paper: Paper?) -> ReportOptions {
    var options = ReportOptions()
    (options.hasPage, options.paper) = (hasPage, paper)
    return options
  }
}

extension ComparisonFigures.Entry {
  fileprivate var drawn: Document.DrawnFigure? {
    figure.map { .init(name: $0.name, figure: $0.figure) }
  }
}

extension Document {
  /// Writes the figures and the text with what belongs to it, if nothing but earlier answers is written over.
  ///
  /// - Returns: the paths of the text and the page, and what readers will miss.
  /// - Throws: `RunLogError` that names what is not from here; `ChartError` or `StorageError` for the first file that could
  ///   not be written.
  func write(
    figuresIn formats: [FigureFormat], style: FigureStyle
  ) throws -> (paths: [String], warnings: [String]) {
    try checkOverwriting(formats: formats)
    let written = try figures.write(to: folder, formats: formats, style: style)
    let documents = try write()
    return (documents.paths, written.warnings + documents.warnings + leftovers)
  }
}

extension [Document.DrawnFigure] {
  /// Writes figures, each whole or not at all.
  ///
  /// - Parameters:
  ///   - folder: made if it is not there.
  ///   - formats: each figure is written in each of them.
  ///   - style: of all.
  /// - Returns: what their readers will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  func write(
    to folder: String, formats: [FigureFormat], style: FigureStyle
  ) throws -> WrittenFigures {
    try makeFolder(folder)
    var (paths, lacking): ([String], Set<String>) = ([], [])
    for figure in self {
      for format in formats {
        let path = "\(folder)/\(figure.name).\(format.rawValue)"
        lacking.formUnion(try figure.figure.write(to: path, format: format, style: style))
        paths.append(path)
      }
    }
    return WrittenFigures(paths: paths, textsLackingGlyphs: lacking.sorted())
  }
}

/// The figure of one answer; `nil` where there is no estimate with an interval.
private func goalFigure(
  _ answer: StudyAnswers.Answer, number: Int, _ answers: StudyAnswers, study: String
) -> ComparisonFigures.Entry? {
  guard let judgement = answer.judgement, let interval = judgement.contrast.estimate.interval else {
    return nil
  }
  let words = ClaimWords(answer, answers)
  let claimed = judgement.relation.claimed
  let seeds = judgement.contrast.isForTheseSeedsOnly ? ", for these seeds only" : ""
  let goal = GoalAnswer(
    goal: answer.question.goal, verdict: judgement.verdict.rawValue + seeds,
    estimand: words.estimand, estimate: judgement.contrast.value,
    interval: interval.lower...interval.upper,
    meaning: "95 % interval over \(judgement.contrast.intervalKind)",
    above: claimed.above.isFinite ? claimed.above : nil,
    below: claimed.below.isFinite ? claimed.below : nil)
  return ComparisonFigures.Entry("goal-\(number)") { () throws(ComparisonAbsence) in
    try drawGoal(goal, name: "goal-\(number)", of: words.quantity, study: study)
  }
}
