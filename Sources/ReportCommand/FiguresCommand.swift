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

  @Option(
    help: ArgumentHelp("Formats, separated by commas: png, svg, pdf.", valueName: "formats"),
    completion: .list(["png", "svg", "pdf"]))
  var format = "png"

  @Option(
    help: ArgumentHelp("Colours: light, dark, or print for greys.", valueName: "theme"),
    completion: .list(["light", "dark", "print"]))
  var theme = "light"

  @OptionGroup var resolution: ResolutionOptions

  func validate() throws {
    _ = try names()
    _ = try formats()
    _ = try themeName()
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
      to: folder, formats: formats(), theme: .named(themeName()),
      dotsPerInch: resolution.dotsPerInch)
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

  private func formats() throws -> [FigureFormat] {
    try format.split(separator: ",").map { word in
      guard let format = FigureFormat(rawValue: String(word)) else {
        throw ValidationError("'\(word)' is not a format; the formats are png, svg and pdf.")
      }
      return format
    }
  }

  private func themeName() throws -> Theme.Name {
    guard let name = Theme.Name(rawValue: theme) else {
      throw ValidationError("'\(theme)' is not a theme; the themes are light, dark and print.")
    }
    return name
  }
}

extension FiguresCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(log.path, [.run, .log])]
  }
}
