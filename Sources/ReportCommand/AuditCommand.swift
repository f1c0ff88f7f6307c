internal import ArgumentParser
internal import Report

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Recompute every number of a report, a comparison, a study's or a few-shot answer and compare.",
    discussion: """
      Recomputes report.md and report.json from the logs, or comparison.md, study.md, few-shot.md and what belongs to \
      them, and names every number that differs, with its line and column, and every input that was \
      changed, removed or added since. Figures are drawn again and compared pixel by pixel. Exit status \
      0 only if everything agrees, 1 if something differs, 2 if nothing differs but figures could not be \
      compared, since they are set in fonts that this installation does not have.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run directory with a report, or the folder of a comparison, a study or a few-shot answer.",
      valueName: "dir"),
    completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Template to check a run's report against; the one it was written with if left out.",
      valueName: "file"), completion: .file())
  var template: String?

  @Flag(
    help: ArgumentHelp(
      "Exit with 0 where figures in other fonts could not be compared; they are named all the same."
    ))
  var acceptOtherFonts = false

  func run() throws {
    let audits = try Audit.all(
      in: folder, template: template.map { try Template(contentsOf: $0) })
    for difference in audits.flatMap(\.differences) { try StandardOutput.line("\(difference)") }
    if audits.contains(where: { !$0.differences.isEmpty }) { throw ExitCode.failure }
    for audit in audits {
      let words = audit.templateDifferences == nil ? "" : "; its words are from a custom template"
      try StandardOutput.line(
        (audits.count > 1 || audit.file != "report.md" ? "\(audit.file): " : "")
          + "\(audit.numbers) numbers from \(audit.inputs) input files and \(audit.figuresCompared) figures "
          + "agree\(words).")
      for difference in audit.templateDifferences ?? [] {
        try StandardOutput.line("\(difference)")
      }
      if !audit.filesNotCompared.isEmpty {
        try StandardOutput.line(
          "Could not be compared by pixels: " + audit.filesNotCompared.joined(separator: ", ")
            + ". Their fonts are not this installation's. By their own hashes, which a forger can renew, they show "
            + "the same data; to check them, audit where they were drawn, or write them again.")
      }
    }
    if !acceptOtherFonts, audits.contains(where: { !$0.filesNotCompared.isEmpty }) {
      throw ExitCode(2)
    }
  }
}

extension AuditCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(folder, [.run, .log, .studyFolder, .comparisonFolder, .fewShotFolder])]
  }
}
