internal import ArgumentParser
internal import RunLog
internal import Storage
internal import Study
internal import Train

/// How several runs are trained one after another, or at the same time.
struct PlannedTrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Runs to train at the same time.", valueName: "n"))
  var jobs = 1

  @Flag(help: "Train even where there seems to be too little memory.")
  var ignoreMemory = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var cacheOptions: CacheOptions

  func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs must be from 1 to 1024, not \(jobs).")
    }
  }
}

/// Runs that belong together, each trained in a process of its own (decision 22).
struct PlannedTrainings {
  let runs: [StudyPlan.PlannedRun]
  /// Theirs, to which messages go.
  let folder: String
  /// The experiment that they change.
  let base: String
  /// What `report` is given beside options to train one of them, such as `study six-layers.yaml`.
  let command: [String]
  /// What a user types to train all of them, such as `report study`.
  let whole: String
  /// The folder that was asked for; `nil` for the usual one.
  let output: String?
  let options: PlannedTrainingOptions
  /// What else the command of one run is given, and what is done once a run is finished.
  var further: [String] = []
  var afterwards: (RunDirectory) throws -> Void = { _ in }

  // MARK: One run

  /// What `report` is given to train one run, whether or not it has begun.
  private func arguments(_ run: StudyPlan.PlannedRun) -> [String] { arguments(run.name) }

  private func arguments(_ name: String) -> [String] {
    var arguments = command + ["--only", name]
    // All runs together use the threads that were asked for.
    if options.jobs > 1 || options.threads.threads != nil {
      arguments += ["--threads", "\(max(1, options.threads.count / options.jobs))"]
    }
    arguments += options.threads.deviceArguments
    if let output { arguments += ["--output", output] }
    if let folder = options.cacheOptions.cacheDir { arguments += ["--cache-dir", folder] }
    if options.ignoreMemory { arguments.append("--ignore-memory") }
    return arguments + further
  }

  /// Prints the command of each run.
  func listCommands() throws {
    for run in runs { try listCommand(of: run.name) }
  }

  /// Prints the command of what `--only` calls so.
  func listCommand(of name: String) throws {
    try StandardOutput.line(
      (["report"] + arguments(name)).map(shellQuoted).joined(separator: " "))
  }

  /// Trains one run in this process, or goes on with it, or leaves it if it is complete.
  ///
  /// - Parameters:
  ///   - name: the run's.
  ///   - file: what errors name.
  ///   - owner: what has the runs, such as "the study".
  /// - Throws: `RunLogError` if there is no such run; what a training throws.
  func train(_ name: String, in file: String, of owner: String) throws {
    guard let run = runs.first(where: { $0.name == name }) else {
      let advice =
        nearest(to: name, among: runs.map(\.name)).map { "did you mean '\($0)'?" }
        ?? "--list-commands shows them all."
      throw RunLogError(file: file, "\(owner) has no run '\(name)'; \(advice)")
    }
    var arguments: [String]
    switch try run.state() {
    case .complete:
      TerminalProgress().say("\(run.directory.path) is complete.")
      return
    case .unfinished:
      arguments = ["--resume", run.directory.path]
      for input in try run.movedInputs() { arguments += ["--set", "\(input.key)=\(input.path)"] }
    case .missing:
      arguments = [base, "--run-dir", run.directory.path]
      for setting in run.settings { arguments += ["--set", setting] }
    }
    if let threads = options.threads.threads { arguments += ["--threads", "\(threads)"] }
    arguments += options.threads.deviceArguments
    if let folder = options.cacheOptions.cacheDir { arguments += ["--cache-dir", folder] }
    if options.ignoreMemory { arguments.append("--ignore-memory") }
    let command = try TrainCommand.parse(arguments)
    try command.run()
    try afterwards(run.directory)
  }

  // MARK: All of them

  /// Trains what is missing, each run in a process of its own.
  ///
  /// - Returns: the runs that failed.
  /// - Throws: `ExitCode(130)` if interrupted.
  func train() throws -> [StudyRunner.Failure] {
    guard let executable = executablePath() else {
      throw RunLogError(file: "/proc/self/exe", "does not say where the program is.")
    }
    let progress = TerminalProgress()
    let interruption = Interruption()
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    do {
      return try StudyRunner(
        runs, in: folder, jobs: options.jobs, executable: executable, arguments: arguments,
        isInterrupted: { interruption.isRequested }, watch: { show($0, progress) }
      ).run()
    } catch is CancellationError {
      progress.say("Interrupted; `\(whole)` continues where this stopped.")
      throw ExitCode(130)
    }
  }

  /// Says which runs failed, if any did, once the answer from the others is written.
  func report(_ failures: [StudyRunner.Failure]) throws {
    guard let first = failures.first else { return }
    throw RunLogError(
      file: first.run.directory.path,
      "\(failures.count) of \(runs.count) runs failed, this one with \(first.reason)"
        + (first.messages.map { "; its messages are in \($0)" } ?? "")
        + ". Once the cause is fixed, `\(whole)` trains what is missing.")
  }

  private func show(_ event: StudyRunner.Event, _ progress: TerminalProgress) {
    switch event {
    case .reused(let run): progress.say("\(run.name): complete already.")
    case .started(let run, let place, let count, let isResumed):
      progress.say("\(run.name): \(isResumed ? "going on" : "training"), \(place) of \(count) …")
    case .finished(let run, let seconds, let left):
      progress.say(
        "\(run.name): complete after \(durationText(seconds))"
          + (left.map { "; about \(durationText($0)) left." } ?? "."))
    case .failed(let failure):
      progress.say(
        "\(failure.run.name): failed, \(failure.reason)"
          + (failure.messages.map { "; see \($0)." } ?? "."))
    }
  }

  // MARK: Estimating

  /// Prints which runs are there, and what the others will take.
  func estimate() throws {
    var (seconds, bytes) = (0.0, 0)
    // Configurations share their data, so most is said of all of them alike.
    var warnings: [InputWarning] = []
    let baseline = MemoryBaseline()
    let computing = try options.threads.computing(TerminalProgress())
    var configurations: [String] = []
    for run in runs where !configurations.contains(run.configuration) {
      configurations.append(run.configuration)
    }
    for configuration in configurations {
      let runs = runs.filter { $0.configuration == configuration }
      let open = try runs.filter { try $0.state() != .complete }
      guard let first = open.first else {
        try StandardOutput.line("\(configuration): all \(runs.count) runs are complete")
        continue
      }
      let leftover = baseline.leftover()
      let preparation = try Preparation(
        first.experiment, threads: options.threads.count, on: computing,
        locate: InputPlaces(first.experiment, TerminalProgress()).locate,
        shortage: options.ignoreMemory ? { _ in } : TooLittleMemory.refuseReading)
      let estimate = try Estimate(preparation, threads: options.threads.count, leftover: leftover)
      seconds += estimate.seconds * Double(open.count)
      bytes += estimate.runBytes * open.count
      warnings += preparation.warnings.filter { !warnings.contains($0) }
      try StandardOutput.line(
        "\(configuration): \(open.count) of \(runs.count) runs to train, each about "
          + "\(durationText(estimate.seconds)), \(sizeText(estimate.runBytes)) on disk and "
          + "\(sizeText(estimate.memoryBytes)) of memory")
    }
    try StandardOutput.line(
      "Together about \(durationText(seconds)) on \(options.threads.count) threads, less where runs share the "
        + "frozen layers' output, and \(sizeText(bytes)) on disk")
    try InputWarningLines(warnings).print()
  }
}
