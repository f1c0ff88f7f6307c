internal import ArgumentParser
internal import RunLog
internal import Train

/// An experiment to train, to go on with, or to estimate.
struct ExperimentOptions: ParsableArguments {
  @Argument(
    help: "Experiment, YAML; `builtin:demo` for the built-in example. Not with --resume.",
    completion: .file(extensions: ["yaml", "yml"]))
  var experiment: String?

  @Option(
    help: ArgumentHelp(
      "Continue an interrupted run, to the same bits as if it had not been interrupted.",
      valueName: "run-dir"), completion: .directory)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "With --resume: train to this many epochs in all. From there on the schedule is that of so "
        + "many epochs.",
      valueName: "n"))
  var extendEpochs: Int?

  @OptionGroup var options: TrainingOptions

  @Flag(
    help:
      "Only say how much time, disk and memory the run will take; a model that is not in the cache is fetched for it."
  )
  var dryRun = false

  func validate() throws {
    if let extendEpochs, !ExperimentRanges.epochs.contains(extendEpochs) {
      throw ValidationError(
        "--extend-epochs must be \(ExperimentRanges.epochs.words), not \(extendEpochs).")
    }
    switch (experiment, resume) {
    case (nil, nil): throw ValidationError("Name an experiment, or a run with --resume.")
    case (_?, _?):
      throw ValidationError(
        "--resume takes the experiment from the run directory; leave '\(experiment ?? "")' out.")
    case (_?, nil):
      if extendEpochs != nil { throw ValidationError("--extend-epochs goes with --resume.") }
    case (nil, _?):
      let namesPlaces = options.settings.allSatisfy {
        $0.hasPrefix("model.checkpoint=") || $0.hasPrefix("data.")
      }
      if !namesPlaces || options.force || options.runDir != nil || dryRun {
        throw ValidationError(
          "--resume continues a run as it is, without --force, --run-dir, --dry-run, and --set except to say where "
            + "checkpoint and data are now.")
      }
    }
  }

  /// Trains the experiment, goes on with the run, or prints what training would take.
  ///
  /// - Returns: the finished run, still locked, or `nil` if only the estimate was asked for, or if this process only
  ///   helps another one.
  /// - Throws: `ExitCode(130)` if interrupted; whatever else went wrong.
  func train() throws -> LockedRun? {
    try TeamWork.join { try train(with: $0) }
  }

  private func train(with team: RankTeam?) throws -> LockedRun? {
    if let resume {
      let run = RunDirectory(resume)
      return try options.resume(run, extendingTo: extendEpochs, with: team)
    }
    let file = experiment ?? ""
    let experiment = try BuiltinExample.read(file, settings: options.settings)
    if dryRun {
      try options.printEstimate(experiment, with: team)
      return nil
    }
    return try options.train(
      experiment, from: file, into: options.directory(for: experiment), with: team)
  }
}

extension ExperimentOptions: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    (experiment.map { [($0, [.experiment])] } ?? []) + (resume.map { [($0, [.run])] } ?? [])
  }
}
