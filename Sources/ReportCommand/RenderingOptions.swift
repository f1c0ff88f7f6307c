internal import ArgumentParser
internal import Plot
internal import Report
internal import Results
internal import RunLog

/// How a report is written.
struct RenderingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Template to use instead of the built-in one.", valueName: "file"))
  var template: String?

  /// Draws all figures of a run and writes its report; prints the report's path.
  ///
  /// - Throws: whatever is wrong with the logs or the template, before anything is written.
  func render(_ directory: RunDirectory) throws {
    let template = try template.map { try Template(contentsOf: $0) }
    let results = try RunResults(Run(directory.path))
    let progress = TerminalProgress()
    for warning in results.warnings { progress.say("Warning: \(warning)") }
    let rendering = Rendering(results)
    for absence in rendering.absences where absence.isExpected { progress.say("Note: \(absence)") }
    let written = try rendering.writeFigures(to: directory.path)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    try rendering.writeReport(to: directory.report, template: template)
    print(directory.report)
  }
}
