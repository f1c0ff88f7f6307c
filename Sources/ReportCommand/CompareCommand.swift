internal import ArgumentParser
internal import Report
internal import RunLog

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare runs: how their configurations and results differ.",
    discussion: """
      Runs that differ only in their seed count as one configuration. Differences are paired where two \
      runs hold predictions of the same examples. Logs from other programs are compared as far as their \
      data allow.
      """)

  @Argument(
    help: ArgumentHelp("Run directories, or logs from other programs.", valueName: "run-dir"),
    completion: .file())
  var runs: [String]

  @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"), completion: .directory)
  var output = "comparison"

  @Option(
    help: ArgumentHelp(
      "The largest difference in accuracy that counts as none, in percentage points.",
      valueName: "points"))
  var margin = 1.0

  @Flag(help: "Write comparison.html too, one file with all figures in it.")
  var html = false

  @OptionGroup var print: PrintOptions
  @OptionGroup var drawing: FigureOptions

  func validate() throws {
    guard runs.count > 1 else { throw ValidationError("Name at least two runs.") }
    guard margin > 0, margin < 100 else {
      throw ValidationError("--margin must be above 0 and below 100 points, not \(margin).")
    }
  }

  func run() throws {
    let files = try ComparisonFiles(
      runs.map { LogSource($0) }, margin: margin / 100, folder: output, hasPage: html,
      paper: print.chosenPaper)
    let progress = TerminalProgress()
    for warning in files.warnings { progress.say("Warning: \(warning)") }
    let written = try files.write(
      formats: drawing.formatsBesideText, style: drawing.style)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    for path in written.paths { try StandardOutput.line(path) }
  }
}

extension CompareCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    runs.map { ($0, [.run, .log]) }
  }
}
