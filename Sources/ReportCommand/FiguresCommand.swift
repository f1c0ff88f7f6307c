internal import ArgumentParser
internal import Chart
internal import Plot
internal import Report
internal import Results
internal import RunLog
internal import Storage

struct FiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures", abstract: "Draw the figures of a run from its logs.")

  @OptionGroup var log: LogOptions

  @Option(
    help: ArgumentHelp(
      "Only these, separated by commas: "
        + FigureName.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "names"),
    completion: .list(FigureName.allCases.map(\.rawValue)))
  var only: String?

  @OptionGroup var drawing: FigureOptions

  func validate() throws {
    _ = try names()
  }

  func run() throws {
    prepareFonts()
    let results = try RunResults(Run(log.source))
    let progress = TerminalProgress()
    for warning in results.warnings { progress.say("Warning: \(warning)") }
    let rendering = Rendering(results, names: try names())
    for absence in rendering.absences where only != nil || absence.isExpected {
      progress.say("Note: \(absence)")
    }
    let folder = log.directory.path
    try makeFolder(folder)
    let written = try rendering.writeFigures(
      to: folder, formats: drawing.formats, style: drawing.style)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    for path in written.paths { try StandardOutput.line(path) }
    // What was asked for by name and cannot be had is a failure.
    if only != nil, !rendering.absences.isEmpty { throw ExitCode.failure }
  }

  private func names() throws -> [FigureName] {
    guard let only else { return FigureName.allCases }
    return try only.split(separator: ",").map { word in
      guard let name = FigureName(rawValue: String(word)) else {
        let known = FigureName.allCases.map(\.rawValue)
        throw ValidationError(
          "There is no figure '\(word)'; "
            + (nearest(to: String(word), among: known).map { "did you mean '\($0)'?" }
              ?? "there are \(known.joined(separator: ", "))."))
      }
      return name
    }
  }
}

extension FiguresCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(log.path, [.run, .log])]
  }
}
