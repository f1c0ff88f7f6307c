internal import ArgumentParser
internal import Report
internal import RunLog

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Work out every number of a report again and compare.",
    discussion: """
      Recomputes report.md and report.json from the logs and names every number that differs, with \
      its line and column, and every input that was changed, removed or added since. Exit status 0 \
      only if all agrees.
      """)

  @Argument(help: "Run directory with a report.")
  var runDir: String

  @Option(
    help: ArgumentHelp(
      "Template that the report should be of; the one it was written with if left out.",
      valueName: "file"))
  var template: String?

  func run() throws {
    let audit = try Audit(
      RunDirectory(runDir), template: template.map { try Template(contentsOf: $0) })
    for difference in audit.differences { print(difference) }
    if !audit.differences.isEmpty { throw ExitCode.failure }
    let words = audit.hasCustomTemplate ? "; its words are from a template of one's own" : ""
    print("\(audit.numbers) numbers from \(audit.inputs) input files agree\(words).")
  }
}
