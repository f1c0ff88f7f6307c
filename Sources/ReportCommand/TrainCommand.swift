internal import ArgumentParser
internal import RunLog

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Fine-tune, evaluate and record the run; no report.")

  @Argument(help: "Experiment, YAML.")
  var experiment: String

  @OptionGroup var options: TrainingOptions

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
    print(run.path)
  }
}
