internal import ArgumentParser
internal import RunLog

struct PipelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "Fine-tune, evaluate, and write the report.")

  @Argument(help: "Experiment, YAML; `builtin:demo` for the built-in example.")
  var experiment: String

  @OptionGroup var options: TrainingOptions
  @OptionGroup var rendering: RenderingOptions

  @Flag(help: "Only say how much time, disk and memory the run will take.")
  var dryRun = false

  func run() throws {
    let experiment = try BuiltinExample.read(experiment, settings: options.settings)
    if dryRun {
      try options.printEstimate(experiment)
      return
    }
    let run = options.directory(for: experiment)
    try options.train(experiment, into: run)
    try rendering.render(run)
  }
}
