internal import ArgumentParser
internal import Chart
internal import Report
internal import Storage

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the tables of a report, a comparison or a study as data and for LaTeX.",
    discussion: """
      Every table becomes one file per format in the folder tables: CSV and JSON at full precision with one value per \
      record, LaTeX with booktabs and siunitx. With LaTeX come the figures as PDF, references.bib, and paper.tex, which \
      includes them all and compiles with pdflatex. Values are worked out from the logs, as for an audit.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run directory, or the folder of a comparison or a study.", valueName: "dir"),
    completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("Formats, separated by commas: csv, json, latex.", valueName: "formats"),
    completion: .list(Export.Format.allCases.map(\.rawValue)))
  var format = "csv,json,latex"

  @Option(
    help: ArgumentHelp(
      "Folder to write to; the folder export in the one that is exported if left out.",
      valueName: "dir"), completion: .directory)
  var output: String?

  @Flag(help: "Leave out texts of examples that the model got wrong.")
  var noExamples = false

  @Flag(help: "Overwrite files that are not from an earlier export or were changed since.")
  var force = false

  func validate() throws { _ = try formats() }

  func run() throws {
    prepareFonts()
    let export = try Export(
      folder, formats: formats(), showsExamples: noExamples ? false : nil)
    let progress = TerminalProgress()
    for warning in export.warnings { progress.say("Warning: \(warning)") }
    let written = try export.write(to: output ?? "\(folder)/export", force: force)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    for path in written.paths { try StandardOutput.line(path) }
  }

  private func formats() throws -> [Export.Format] {
    let words = format.split(separator: ",").map { $0.filter { $0 != " " } }
    guard !words.isEmpty else {
      throw ValidationError("--format needs at least one of csv, json and latex.")
    }
    return try words.reduce(into: []) { formats, word in
      guard let format = Export.Format(rawValue: word) else {
        throw ValidationError("'\(word)' is not a format; choose from csv, json and latex.")
      }
      if !formats.contains(format) { formats.append(format) }
    }
  }
}

extension ExportCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(folder, [.run, .log, .studyFolder, .comparisonFolder])]
  }
}
