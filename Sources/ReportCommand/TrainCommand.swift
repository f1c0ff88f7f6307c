internal import ArgumentParser
internal import RunLog

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Fine-tune, evaluate and record the run; no report.")

  @OptionGroup var options: ExperimentOptions

  func run() throws {
    if let run = try options.train() { try StandardOutput.line(run.directory.path) }
  }
}

extension TrainCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    options.named
  }
}
