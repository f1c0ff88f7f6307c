internal import Chart
internal import Metrics
internal import Plot
public import Results
internal import RunLog
internal import Storage

/// A comparison of runs in all its files: Markdown, figures, definitions and, if asked for, a page.
public struct ComparisonFiles: Sendable {
  private let document: ComparedDocument
  private let data: ComparisonData

  /// Makes a comparison; nothing is written yet.
  ///
  /// - Parameters:
  ///   - comparison: of at least one configuration.
  ///   - title: what is compared.
  ///   - study: the study that the runs belong to; empty for none.
  ///   - folder: where the files go.
  ///   - hasPage: whether comparison.html is written too.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  public init(
    _ comparison: RunComparison, title: String, study: String = "", folder: String, hasPage: Bool
  ) throws {
    let figures = ComparisonFigures(comparison, study: study).entries
    data = ComparisonData(comparison, title: title, figures: figures.map(\.tags))
    document = ComparedDocument(
      folder: folder, name: "comparison",
      markdown: try Template.builtIn(.comparison).render(data.values(ValueCollector())).text,
      figures: figures.compactMap(\.figure), hasPage: hasPage)
  }

  /// The text of comparison.md.
  public var markdown: String { document.markdown }

  /// What its template is filled with.
  var values: [String: Any] { data.values(ValueCollector()) }

  /// Writes the files, each whole or not at all.
  ///
  /// - Parameter dotsPerInch: of the figures in PNG.
  /// - Returns: the paths of the text and the page, and what readers of the figures will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  public func write(dotsPerInch: Double = 300) throws -> (paths: [String], warnings: [String]) {
    try document.write(dotsPerInch: dotsPerInch)
  }
}

/// The answer to a study in all its files.
public struct StudyFiles: Sendable {
  private let document: ComparedDocument
  private let data: StudyData

  /// Makes the answer; nothing is written yet.
  ///
  /// - Parameters:
  ///   - answers: to the study's questions.
  ///   - comparison: of its configurations; `nil` without a complete run.
  ///   - planned: how many runs the study has.
  ///   - missing: names of the runs that are not complete.
  ///   - folder: where the files go.
  ///   - hasPage: whether study.html is written too.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  public init(
    _ answers: StudyAnswers, comparison: RunComparison?, planned: Int, missing: [String],
    folder: String, hasPage: Bool
  ) throws {
    let study = "study \(answers.definition.name)"
    let shared = comparison.map { ComparisonFigures($0, study: study).entries } ?? []
    let goals = answers.answers.enumerated().map { index, answer in
      goalFigure(answer, number: index + 1, answers, study: study)
    }
    data = StudyData(
      answers,
      comparison: comparison.map {
        ComparisonData($0, title: study, figures: shared.map(\.tags))
      },
      planned: planned, missing: missing, figures: goals.map { $0?.tags })
    document = ComparedDocument(
      folder: folder, name: "study",
      markdown: try Template.builtIn(.study).render(data.values(ValueCollector())).text,
      figures: (shared + goals.compactMap { $0 }).compactMap(\.figure), hasPage: hasPage)
  }

  /// The text of study.md.
  public var markdown: String { document.markdown }

  /// What its template is filled with.
  var values: [String: Any] { data.values(ValueCollector()) }

  /// Writes the files, each whole or not at all.
  ///
  /// - Parameter dotsPerInch: of the figures in PNG.
  /// - Returns: the paths of the text and the page, and what readers of the figures will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  public func write(dotsPerInch: Double = 300) throws -> (paths: [String], warnings: [String]) {
    try document.write(dotsPerInch: dotsPerInch)
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
    meaning: judgement.contrast.examples == 0
      ? "95 % interval over seeds"
      : judgement.contrast.isForTheseSeedsOnly
        ? "95 % interval over examples" : "95 % interval over seeds and examples",
    above: claimed.above.isFinite ? claimed.above : nil,
    below: claimed.below.isFinite ? claimed.below : nil)
  return ComparisonFigures.Entry("goal-\(number)") { () throws(ComparisonAbsence) in
    try drawGoal(goal, name: "goal-\(number)", of: words.quantity, study: study)
  }
}

/// A text with figures, and the page made of both.
private struct ComparedDocument: Sendable {
  let folder: String
  let name: String
  let markdown: String
  let figures: [ComparisonFigure]
  let hasPage: Bool

  func write(dotsPerInch: Double) throws -> (paths: [String], warnings: [String]) {
    try makeFolder(folder)
    var lacking: Set<String> = []
    for figure in figures {
      lacking.formUnion(
        try figure.figure.write(
          to: "\(folder)/\(figure.name).png", format: .png, dotsPerInch: dotsPerInch))
    }
    try AtomicFile.write(Definitions.text, to: "\(folder)/\(Definitions.file)")
    try AtomicFile.write(markdown, to: "\(folder)/\(name).md")
    let written = WrittenFigures(paths: [], textsLackingGlyphs: lacking.sorted())
    guard hasPage else { return (["\(folder)/\(name).md"], written.warnings) }
    let page = PageData(markdown) { file in
      figures.first { "\($0.name).png" == file }.map { $0.figure.inlineSVG(id: $0.name) }
    }
    let text = try Template.builtIn(.page).render(page.values(ValueCollector())).text
    try AtomicFile.write(text, to: "\(folder)/\(name).html")
    return (["\(folder)/\(name).md", "\(folder)/\(name).html"], written.warnings)
  }
}
