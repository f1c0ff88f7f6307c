internal import ArgumentParser
internal import Plot
internal import Report
internal import Results
internal import RunLog

/// How a report is written.
struct RenderingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Template to use instead of the built-in one.", valueName: "file"))
  var template: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Show texts of examples that the model got wrong.")
  var examples = true

  /// Draws all figures of a run and writes its report; prints the report's path.
  ///
  /// - Throws: whatever is wrong with the logs or the template, before anything is written.
  func render(_ directory: RunDirectory) throws {
    var options = ReportOptions()
    options.showsExamples = examples
    let files = try ReportFiles(
      directory, template: template.map { try Template(contentsOf: $0) }, options: options)
    let rendering = files.rendering
    let progress = TerminalProgress()
    for warning in rendering.results.warnings { progress.say("Warning: \(warning)") }
    for absence in rendering.absences where absence.isExpected { progress.say("Note: \(absence)") }
    let written = try rendering.writeFigures(to: directory.path)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    try files.write()
    print(directory.report)
  }
}
