internal import ArgumentParser
internal import RunLog
internal import Storage
internal import Train

/// What `train`, `pipeline` and `demo` have in common.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Run directory to write; runs/<name> if left out.", valueName: "dir"))
  var runDir: String?

  @OptionGroup var threads: ThreadOptions

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Overrides a key of the configuration, such as training.epochs=3; may be repeated.",
      valueName: "key=value"))
  var settings: [String] = []

  @Flag(help: "Replace a run that the directory holds already.")
  var force = false

  @OptionGroup var cacheOptions: CacheOptions

  @Option(
    help: ArgumentHelp(
      "The most that this folder may hold; what was used longest ago goes first.",
      valueName: "size"))
  var cacheSize = ByteCount(bytes: 20_000_000_000)

  @Flag(help: "Keep the frozen layers' output for this run only.")
  var noCache = false

  /// Where the run goes.
  func directory(for experiment: Experiment) -> RunDirectory {
    RunDirectory(runDir ?? "runs/\(experiment.name)")
  }

  /// Trains an experiment into a directory, with progress on standard error.
  ///
  /// - Throws: `ExitCode(130)` if interrupted; whatever else went wrong.
  func train(_ experiment: Experiment, into run: RunDirectory) throws {
    if exists(run.log), !force {
      throw RunLogError(
        file: run.path, "holds a run already; --force replaces it, --run-dir names another place.")
    }
    let progress = TerminalProgress()
    progress.say("Reading data and model of '\(experiment.name)' …")
    let preparation = try Preparation(
      experiment, threads: threads.count, locate: BuiltinExample.locate)
    if exists(run.log) { try run.clear() }
    let interruption = Interruption()
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    do {
      try Trainer(
        preparation, run: run, threads: threads.count,
        cache: noCache ? nil : cacheOptions.cache(sizeLimit: cacheSize.bytes),
        interruption: interruption, watch: progress.show
      ).train()
    } catch let stop as Interrupted {
      progress.clear()
      progress.say(
        "Interrupted in epoch \(stop.epoch) after \(stop.step) steps; the log in \(run.path) is "
          + "complete until there.")
      throw ExitCode(130)
    }
    progress.clear()
  }

  /// Prints what a training will take.
  func printEstimate(_ experiment: Experiment) throws {
    let progress = TerminalProgress()
    progress.say("Reading data and model of '\(experiment.name)' and measuring …")
    let preparation = try Preparation(
      experiment, threads: threads.count, locate: BuiltinExample.locate)
    let estimate = Estimate(preparation, threads: threads.count)
    let examples = preparation.datasets.map { "\($0.split) \($0.count)" }
    print(
      """
      Examples:    \(examples.joined(separator: ", "))
      Steps:       \(preparation.stepsPerEpoch) an epoch, \(estimate.epochs) epochs
      Time:        about \(durationText(estimate.seconds)) on \(threads.count) threads \
      (frozen layers once \(durationText(estimate.prefixSeconds)), \
      an epoch with evaluation \(durationText(estimate.epochSeconds)))
      Disk:        about \(sizeText(estimate.runBytes)) in the run directory, \
      \(sizeText(estimate.scratchBytes)) of frozen layers' output in the cache
      Memory:      about \(sizeText(estimate.memoryBytes))
      """)
  }
}
