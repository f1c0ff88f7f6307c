internal import ArgumentParser
internal import Plot
internal import Report
internal import Results
internal import RunLog
internal import Storage

/// How a report is written.
struct RenderingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Template to use instead of the built-in one.", valueName: "file"),
    completion: .file())
  var template: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Show texts of examples that the model got wrong.")
  var examples = true

  @Flag(help: "Write report.html too, one file with all figures in it.")
  var html = false

  @Option(
    help: ArgumentHelp(
      "Template for the HTML page instead of the built-in one.", valueName: "file"),
    completion: .file())
  var htmlTemplate: String?

  @OptionGroup var print: PrintOptions
  @OptionGroup var drawing: FigureOptions

  func validate() throws {
    if htmlTemplate != nil, !html {
      throw ValidationError("--html-template is for the page that --html writes; give both.")
    }
  }

  /// Draws all figures and writes report and page without a word; a live page reloads itself.
  ///
  /// - Parameters:
  ///   - directory: the run's.
  ///   - isLive: whether the run goes on.
  ///   - earlier: the results that the last report was of; only what has come since is read and computed.
  /// - Returns: the results that this one is of.
  /// - Throws: whatever is wrong with the logs; `StorageError` or `ChartError` if a file cannot be written.
  static func renderQuietly(
    _ directory: RunDirectory, isLive: Bool, after earlier: RunResults?
  ) throws -> RunResults {
    var options = ReportOptions()
    (options.hasPage, options.isLive) = (true, isLive)
    let files = try ReportFiles(directory, options: options, after: earlier)
    _ = try files.rendering.writeFigures(to: directory.path)
    try files.write()
    return files.rendering.results
  }

  /// Writes the card of the run's model anew, unless somebody has made it their own.
  private func writeCard(_ files: ReportFiles, _ progress: TerminalProgress) throws {
    guard let card = try files.card() else { return }
    if card.isTaken {
      progress.say(
        "Note: \(card.path) is not as this program wrote it and stays as it is; `report card --force` replaces it."
      )
    } else {
      _ = try card.write()
    }
  }

  /// Draws all figures of a run and writes its report; prints the paths of the report.
  ///
  /// - Parameters:
  ///   - directory: where they go.
  ///   - source: where the run is read from; `directory` if `nil`.
  ///   - hasPage: whether the page is written even without `--html`, as after `--live`.
  /// - Throws: whatever is wrong with the logs or the template, before anything is written.
  func render(
    _ directory: RunDirectory, from source: LogSource? = nil, hasPage: Bool = false
  ) throws {
    var options = ReportOptions()
    options.showsExamples = examples
    options.hasPage = html || hasPage
    options.paper = print.chosenPaper
    options.template = try template.map { try Template(contentsOf: $0) }
    options.pageTemplate = try htmlTemplate.map { try Template(contentsOf: $0, kind: .page) }
    let files = try ReportFiles(directory, from: source, options: options)
    let rendering = files.rendering
    let progress = TerminalProgress()
    for warning in rendering.results.warnings { progress.say("Warning: \(warning)") }
    for absence in rendering.absences where absence.isExpected { progress.say("Note: \(absence)") }
    if files.isOutrun {
      progress.say(
        "Note: \(directory.path) is being trained; this is its state after epoch "
          + "\(rendering.results.epochs).")
    }
    try files.checkOverwriting()
    try makeFolder(directory.path)
    let written = try rendering.writeFigures(
      to: directory.path, formats: drawing.formatsBesideText, style: drawing.style)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    let documents = try files.write()
    for warning in documents.warnings { progress.say("Warning: \(warning)") }
    for path in documents.paths { try StandardOutput.line(path) }
    try writeCard(files, progress)
    for leftover in files.leftovers { progress.say("Note: \(leftover)") }
  }
}
