internal import ArgumentParser
internal import Foundation
internal import Hub
internal import Model
internal import Plot
internal import RunLog
internal import Storage
internal import Train

/// What `train`, `pipeline` and `demo` have in common.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Run directory to write; runs/<name> if left out.", valueName: "dir"),
    completion: .directory)
  var runDir: String?

  @OptionGroup var threads: ThreadOptions

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a key of the configuration, such as training.epochs=3; may be repeated. Paths are "
        + "relative to the experiment's folder, as in the file; with --resume, to the current folder.",
      valueName: "key=value"))
  var settings: [String] = []

  @Flag(
    help:
      "Replace a run that the directory already holds, with its few-shot trainings and all that lies in its folders."
  )
  var force = false

  @OptionGroup var cacheOptions: CacheOptions

  @Option(
    help: ArgumentHelp(
      "The most that this folder may hold; the least recently used goes first.",
      valueName: "size"))
  var cacheSize = ByteCount(bytes: 20_000_000_000)

  @Flag(help: "Keep the frozen layers' output for this run only.")
  var noCache = false

  @Flag(help: "Train even if there seems to be too little memory.")
  var ignoreMemory = false

  @OptionGroup var following: FollowOptions

  /// Where the run goes.
  func directory(for experiment: Experiment) -> RunDirectory {
    RunDirectory(runDir ?? "runs/\(experiment.name)")
  }

  /// Trains an experiment into a directory, with progress on standard error.
  ///
  /// - Parameters:
  ///   - experiment: resolved.
  ///   - file: where it was read from.
  ///   - directory: for the run.
  ///   - team: the processes that train together.
  /// - Returns: the finished run, locked; `nil` if this process only helps another one.
  /// - Throws: `ExitCode(130)` if interrupted; whatever else went wrong.
  func train(
    _ experiment: Experiment, from file: String, into directory: RunDirectory,
    with team: RankTeam? = nil
  ) throws -> LockedRun? {
    if let team, !team.isFirst {
      let places = try InputPlaces(experiment, TerminalProgress())
      try help(team, experiment, places, locate: places.locate)
      return nil
    }
    try directory.checkIsFree(figures: FigureName.files)
    try directory.checkIsSelfContained()
    let progress = TerminalProgress()
    let places = try InputPlaces(experiment, progress)
    let inputs = [("experiment", file)] + experiment.inputs.map { ($0.key, $0.path) }
    try directory.checkIsApart(
      from: inputs.map { ($0.0, try places.locate($0.1)) })
    if exists(directory.log), !force {
      throw RunLogError(
        file: directory.path,
        "already holds a run; --resume continues it, --force replaces it, --run-dir names "
          + "another place.")
    }
    let preparation = try prepare(experiment, progress, places, locate: places.locate)
    try team?.agree(on: preparation, threads: threads.count)
    let run = try lock(directory, progress)
    if exists(directory.log) {
      // It may have come since.
      guard force else {
        throw RunLogError(file: directory.path, "now holds a run by another process.")
      }
      if exists(directory.fewShot) {
        progress.say(
          "Note: \(directory.fewShot) is removed too, since what lies there continues the run that is replaced."
        )
      }
      try directory.clear(figures: FigureName.files)
    }
    try work(preparation, run, team, progress) { try $0.train() }
    return run
  }

  /// Goes on with a run, with progress on standard error.
  ///
  /// - Parameters:
  ///   - directory: the run's.
  ///   - epochs: how many there shall be in all, or `nil` for as many as the run began with.
  ///   - team: the processes that train together.
  /// - Returns: the finished run, locked; `nil` if this process only helps another one.
  /// - Throws: `ExitCode(130)` if interrupted; `ResumptionRefused`; whatever else went wrong.
  func resume(
    _ directory: RunDirectory, extendingTo epochs: Int? = nil, with team: RankTeam? = nil
  ) throws -> LockedRun? {
    guard exists(directory.experiment) else {
      throw RunLogError(
        file: directory.path,
        "holds no run to continue: there is no experiment.yaml. Name a run directory, or train "
          + "the experiment again.")
    }
    let isHelper = team?.isFirst == false
    let progress = TerminalProgress(isQuiet: isHelper)
    let run = isHelper ? nil : try lock(directory, progress)
    var experiment = try Experiment.read(directory.experiment)
    // What is named on the command line is relative to where that is.
    let told = try Experiment.read(
      directory.experiment, settings: settings, relativeTo: absolutePath("."))
    let places = try places(of: directory, experiment, told: told, progress)
    let relocation = try Relocation(
      directory, experiment, told: told, locate: places.locate)
    for note in relocation.notes { progress.say("Note: \(note)") }
    try directory.checkIsApart(
      from: experiment.inputs.map { ($0.key, try relocation.locate($0.path)) })
    if let epochs {
      guard epochs >= experiment.training.epochs else {
        throw RunLogError(
          file: directory.experiment,
          "the run has \(experiment.training.epochs) epochs; --extend-epochs \(epochs) would be "
            + "fewer.")
      }
      experiment.training.epochs = epochs
    }
    guard let run else {
      if let team { try help(team, experiment, places, locate: relocation.locate) }
      return nil
    }
    let preparation = try prepare(experiment, progress, places, locate: relocation.locate)
    try team?.agree(on: preparation, threads: threads.count)
    try work(preparation, run, team, progress) { trainer in
      if try !trainer.resume(mayExtend: epochs != nil) {
        progress.say("\(directory.path) is finished; there is nothing left to train.")
      }
    }
    return run
  }

  /// Where the inputs of a run lie that goes on; a model of the hub is that of the run's own commit.
  private func places(
    of run: RunDirectory, _ experiment: Experiment, told: Experiment, _ progress: TerminalProgress
  ) throws -> InputPlaces {
    let begun =
      exists(run.environment) ? try RunEnvironment.read(run.environment) : nil
    do {
      return try InputPlaces(told, asIn: begun, progress)
    } catch let error as HubError {
      progress.say(
        "The run began with \(experiment.model.checkpoint). If its files are in a folder, "
          + "--set model.checkpoint=FOLDER names that.")
      throw error
    }
  }

  /// Reads data and model and says how much memory the training will take; refuses if there is less.
  private func prepare(
    _ experiment: Experiment, _ progress: TerminalProgress, _ places: InputPlaces,
    locate: @escaping @Sendable (String) throws -> String
  ) throws -> Preparation {
    progress.say("Reading data and model of '\(experiment.name)' …")
    let preparation = try Preparation(
      experiment, threads: threads.count, on: threads.computing(progress),
      hubModel: places.hubModel, locate: locate
    ) { error in
      guard ignoreMemory else { throw error }
      progress.say("Warning: \(error.shortage).")
    }
    progress.say(
      "Training takes up to about \(sizeText(preparation.memoryBytes)) of memory"
        + (Self.deviceMemory(of: preparation).map { ", and \($0)" } ?? "") + ".")
    try warnOfSlowProducts(progress)
    return preparation
  }

  /// What a training takes of a device's memory, in words; `nil` on the processor.
  private static func deviceMemory(of preparation: Preparation) -> String? {
    guard let need = preparation.deviceBytes, let all = preparation.computing.deviceMemoryBytes
    else { return nil }
    return "about \(sizeText(need)) of the device's \(sizeText(all))"
  }

  /// Warns once where matrix products run far below what the processor can do, whatever the cause.
  private func warnOfSlowProducts(_ progress: TerminalProgress) throws {
    if let remark = try ProductSpeed.measure().remark { progress.say("Warning: \(remark)") }
  }

  private func lock(_ directory: RunDirectory, _ progress: TerminalProgress) throws -> LockedRun {
    let run = try LockedRun(directory)
    if let process = run.abandonedBy {
      progress.say(
        "Note: process \(process), which wrote \(directory.path), ended before it was done.")
    }
    return run
  }

  /// Lets a trainer work; signals stop it after a block, and once it is done end the process at once.
  private func work(
    _ preparation: Preparation, _ run: LockedRun, _ team: RankTeam?, _ progress: TerminalProgress,
    _ body: (Trainer) throws -> Void
  ) throws {
    let interruption = Interruption(following: team?.wish)
    if team != nil, let words = RankTeam.bindingWords(threads: threads.count) {
      progress.say("Warning: \(words)")
    }
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    let follower = following.follower(of: run.directory, progress)
    defer { follower.finish() }
    do {
      try body(
        Trainer(
          preparation, run: run.directory, threads: threads.count,
          cache: cache, team: team,
          interruption: interruption,
          watch: {
            progress.show($0)
            follower.show($0)
          }))
    } catch let stop as Interrupted {
      progress.clear()
      progress.say(
        "Interrupted in epoch \(stop.epoch) after \(stop.step) steps, which are saved; "
          + "--resume \(run.directory.path) continues.")
      throw ExitCode(130)
    } catch let error where error is StorageError || error is RankFailure {
      progress.clear()
      progress.say(
        "What is saved is kept; once the cause is fixed, --resume \(run.directory.path) continues.")
      throw error
    }
    progress.clear()
    if let words = team?.exchangeWords { progress.say(words) }
  }

  /// Where the frozen layers' output is kept for the next run.
  private var cache: PrefixCache? {
    noCache ? nil : cacheOptions.cache(sizeLimit: cacheSize.bytes)
  }

  /// Helps rank 0 to train, until it is done.
  private func help(
    _ team: RankTeam, _ experiment: Experiment, _ places: InputPlaces,
    locate: @escaping @Sendable (String) throws -> String,
    shortage: ((TooLittleMemory) throws -> Void)? = nil
  ) throws {
    // Rank 0 decides about an end; this rank passes on what it is told, by batch systems that tell all.
    let wish = Interruption()
    let signals = SignalWatch(wish) { team.passOnWish() }
    defer { signals.stop() }
    let preparation = try Preparation(
      experiment, threads: threads.count, hubModel: places.hubModel, locate: locate,
      shortage: ignoreMemory ? { _ in } : shortage ?? { throw $0 })
    try team.agree(on: preparation, threads: threads.count)
    let status = try team.follow(preparation, cache: cache)
    if status != 0 { throw ExitCode(Int32(truncatingIfNeeded: status)) }
  }

  /// Prints what a training will take.
  func printEstimate(_ experiment: Experiment, with team: RankTeam? = nil) throws {
    let progress = TerminalProgress()
    let places = try InputPlaces(experiment, progress)
    if let team, !team.isFirst {
      return try help(
        team, experiment, places, locate: places.locate, shortage: TooLittleMemory.refuseReading)
    }
    progress.say("Reading data and model of '\(experiment.name)' and measuring …")
    let preparation = try Preparation(
      experiment, threads: threads.count, on: threads.computing(progress), locate: places.locate,
      shortage: ignoreMemory ? { _ in } : TooLittleMemory.refuseReading)
    try warnOfSlowProducts(progress)
    try team?.agree(on: preparation, threads: threads.count)
    let estimate = try Estimate(preparation, threads: threads.count, team: team)
    let ranks = team?.needs(preparation) ?? []
    let workers =
      team == nil
      ? "\(threads.count) threads"
      : "\(ranks.count) ranks with \(ranks.reduce(0) { $0 + $1.threads }) threads in all"
    let baselines =
      preparation.baselineWords
      + (estimate.baselineSeconds > 0 ? " " + durationText(estimate.baselineSeconds) : "")
    let examples = preparation.datasets.map { "\($0.split) \($0.count)" }
    try StandardOutput.line(
      """
      Examples:    \(examples.joined(separator: ", "))
      Steps:       \(preparation.stepsPerEpoch) per epoch, \(estimate.epochs) epochs
      Time:        about \(durationText(estimate.seconds)) on \(workers) \
      (frozen layers once \(durationText(estimate.prefixSeconds)), \
      \(baselines), \
      an epoch with evaluation \(durationText(estimate.epochSeconds)))
      Disk:        about \(sizeText(estimate.runBytes)) in the run directory, \
      \(sizeText(estimate.scratchBytes)) of frozen layers' output in the cache
      Memory:      about \(sizeText(estimate.memoryBytes))
      """)
    if let memory = Self.deviceMemory(of: preparation) {
      try StandardOutput.line("Device:      \(memory) of memory")
    }
    if team != nil {
      for (rank, need) in ranks.enumerated() {
        try StandardOutput.line(
          "Rank \(rank):".padding(toLength: 13, withPad: " ", startingAt: 0)
            + "on host \(need.host), \(need.threads == 1 ? "1 thread" : "\(need.threads) threads"), about "
            + "\(sizeText(need.memory)) of memory; sends about \(sizeText(need.sent)) per step")
      }
      try StandardOutput.line(
        "Network:     about \(decimals(1000 * estimate.exchangeSeconds, 1)) ms per step until the gradients are together"
      )
    }
    for note in preparation.notes { try StandardOutput.line("Note:        \(note)") }
    try InputWarningLines(preparation.warnings).print()
  }
}
