internal import ArgumentParser
internal import RunLog

/// An experiment to train, or to estimate.
struct ExperimentOptions: ParsableArguments {
  @Argument(help: "Experiment, YAML; `builtin:demo` for the built-in example.")
  var experiment: String

  @OptionGroup var options: TrainingOptions

  @Flag(help: "Only say how much time, disk and memory the run will take.")
  var dryRun = false

  /// Trains the experiment, or prints what that would take.
  ///
  /// - Returns: the finished run, or `nil` if only the estimate was asked for.
  /// - Throws: `ExitCode(130)` if interrupted; whatever else went wrong.
  func train() throws -> RunDirectory? {
    let experiment = try BuiltinExample.read(experiment, settings: options.settings)
    if dryRun {
      try options.printEstimate(experiment)
      return nil
    }
    let run = options.directory(for: experiment)
    try options.train(experiment, into: run)
    return run
  }
}
