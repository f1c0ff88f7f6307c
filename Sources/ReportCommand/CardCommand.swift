internal import ArgumentParser
internal import Report
internal import RunLog

struct CardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract: "Write the model card of a run, model/README.md, as the Hugging Face hub reads it.",
    discussion: """
      The card is made from the run's logs alone: languages, base model, results with intervals, transfer gaps, limits. \
      `report RUN-DIR` and `report pipeline` write it, too; card.json beside the report is its record, which \
      `report audit` checks.
      """)

  @Argument(help: "Run directory of a finished run.", completion: .directory)
  var runDir: String

  @Flag(help: "Replace a card that was written or changed by hand.")
  var force = false

  func run() throws {
    try StandardOutput.line(CardFiles(RunDirectory(runDir)).write(force: force))
  }
}

extension CardCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(runDir, [.run])]
  }
}
