internal import ArgumentParser

struct PipelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "Fine-tune, evaluate, and write the report.")

  @OptionGroup var options: ExperimentOptions
  @OptionGroup var rendering: RenderingOptions

  func run() throws {
    if let run = try options.train() {
      try rendering.render(run.directory, hasPage: options.options.following.live)
    }
  }
}

extension PipelineCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    options.named
  }
}
