internal import ArgumentParser
internal import Chart
internal import Foundation
internal import Report
internal import RunLog
internal import Storage
internal import Study
internal import Train

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Train a grid of configurations and seeds, and answer the study's questions.",
    discussion: """
      Complete runs are taken as they are, interrupted ones continued. Every run is a process with its own \
      run directory under studies/<name>/runs, so a batch system can do the same: --list-commands \
      prints one command per run, each of which does nothing once its run is complete, and --collect \
      writes the answer from the run directories.

      Exit status: 0 done; 1 could not be done, or a run failed; 64 wrong usage; 130 interrupted.
      """)

  @Argument(
    help: "Study, YAML; `builtin:demo` for the built-in one.",
    completion: .file(extensions: ["yaml", "yml"]))
  var study: String

  @Option(
    help: ArgumentHelp("Folder to write; studies/<name> if left out.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(help: ArgumentHelp("Runs to train at the same time.", valueName: "n"))
  var jobs = 1

  @Flag(help: "Only say which runs are there, and how much time and disk the others will take.")
  var dryRun = false

  @Flag(help: "Print the command of each run and do nothing.")
  var listCommands = false

  @Flag(help: "Write the answer from the runs that are there; train nothing.")
  var collect = false

  @Option(
    help: ArgumentHelp(
      "Train only this run, such as baseline-seed-1, and answer nothing.", valueName: "run"))
  var only: String?

  @Flag(help: "Write study.html and comparison.html too, each one file with all figures in it.")
  var html = false

  @OptionGroup var print: PrintOptions

  @OptionGroup var resolution: ResolutionOptions

  @Flag(help: "Train even where there seems to be too little memory.")
  var ignoreMemory = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var cacheOptions: CacheOptions

  func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs must be from 1 to 1024, not \(jobs).")
    }
    if [dryRun, listCommands, collect, only != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--dry-run, --list-commands, --collect and --only exclude each other.")
    }
  }

  func run() throws {
    let plan = try BuiltinExample.plan(study, output: output)
    if listCommands {
      for run in plan.runs {
        try StandardOutput.line(
          (["report"] + arguments(run)).map(shellQuoted).joined(separator: " "))
      }
    } else if let only {
      try train(only, of: plan)
    } else if dryRun {
      try estimate(plan)
    } else {
      let failures = collect ? [] : try train(plan)
      try answer(plan)
      if let first = failures.first {
        throw RunLogError(
          file: first.run.directory.path,
          "\(failures.count) of \(plan.runs.count) runs failed, this one with \(first.reason)"
            + (first.messages.map { "; its messages are in \($0)" } ?? "")
            + ". Once the cause is fixed, `report study` trains what is missing.")
      }
    }
  }

  // MARK: Training

  /// What `report` is given to train one run, whether or not it has begun.
  private func arguments(_ run: StudyPlan.PlannedRun) -> [String] {
    var arguments = ["study", study, "--only", run.name]
    // All runs together use the threads that were asked for.
    if jobs > 1 || threads.threads != nil {
      arguments += ["--threads", "\(max(1, threads.count / jobs))"]
    }
    if let output { arguments += ["--output", output] }
    if let folder = cacheOptions.cacheDir { arguments += ["--cache-dir", folder] }
    if ignoreMemory { arguments.append("--ignore-memory") }
    return arguments
  }

  private func train(_ name: String, of plan: StudyPlan) throws {
    guard let run = plan.runs.first(where: { $0.name == name }) else {
      let advice =
        nearest(to: name, among: plan.runs.map(\.name)).map { "did you mean '\($0)'?" }
        ?? "--list-commands shows them all."
      throw RunLogError(
        file: plan.definition.file, "the study has no run '\(name)'; \(advice)")
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
      arguments = [plan.definition.base, "--run-dir", run.directory.path]
      for setting in run.settings { arguments += ["--set", setting] }
    }
    if let threads = threads.threads { arguments += ["--threads", "\(threads)"] }
    if let folder = cacheOptions.cacheDir { arguments += ["--cache-dir", folder] }
    if ignoreMemory { arguments.append("--ignore-memory") }
    let command = try TrainCommand.parse(arguments)
    try command.run()
  }

  private func train(_ plan: StudyPlan) throws -> [StudyRunner.Failure] {
    guard let executable = executablePath() else {
      throw RunLogError(file: "/proc/self/exe", "does not say where the program is.")
    }
    let progress = TerminalProgress()
    let interruption = Interruption()
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    do {
      return try StudyRunner(
        plan, jobs: jobs, executable: executable, arguments: arguments,
        isInterrupted: { interruption.isRequested }, watch: { show($0, progress) }
      ).run()
    } catch is CancellationError {
      progress.say("Interrupted; `report study` continues where this stopped.")
      throw ExitCode(130)
    }
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

  // MARK: Answering

  private func answer(_ plan: StudyPlan) throws {
    let documents = try plan.documents(hasPage: html, paper: print.chosenPaper)
    let progress = TerminalProgress()
    for warning in documents.warnings { progress.say("Warning: \(warning)") }
    let written = try documents.write(dotsPerInch: resolution.dotsPerInch)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    for path in written.paths { try StandardOutput.line(path) }
  }

  // MARK: Estimating

  private func estimate(_ plan: StudyPlan) throws {
    var (seconds, bytes) = (0.0, 0)
    // Configurations share their data, so most is said of all of them alike.
    var warnings: [InputWarning] = []
    let baseline = MemoryBaseline()
    for configuration in plan.definition.configurations {
      let runs = plan.runs.filter { $0.configuration == configuration.name }
      let open = try runs.filter { try $0.state() != .complete }
      guard let first = open.first else {
        try StandardOutput.line("\(configuration.name): all \(runs.count) runs are complete")
        continue
      }
      let leftover = baseline.leftover()
      let preparation = try Preparation(
        first.experiment, threads: threads.count,
        locate: InputPlaces(first.experiment, TerminalProgress()).locate,
        shortage: ignoreMemory ? { _ in } : TooLittleMemory.refuseReading)
      let estimate = try Estimate(preparation, threads: threads.count, leftover: leftover)
      seconds += estimate.seconds * Double(open.count)
      bytes += estimate.runBytes * open.count
      warnings += preparation.warnings.filter { !warnings.contains($0) }
      try StandardOutput.line(
        "\(configuration.name): \(open.count) of \(runs.count) runs to train, each about "
          + "\(durationText(estimate.seconds)), \(sizeText(estimate.runBytes)) on disk and "
          + "\(sizeText(estimate.memoryBytes)) of memory")
    }
    try StandardOutput.line(
      "Together about \(durationText(seconds)) on \(threads.count) threads, less where runs share the "
        + "frozen layers' output, and \(sizeText(bytes)) on disk")
    try InputWarningLines(warnings).print()
  }
}

extension StudyPlan {
  /// Answers the study's questions from the runs that are complete; nothing is written.
  ///
  /// - Throws: `RunLogError` if a folder holds a run of another configuration; whatever a damaged run throws.
  func documents(hasPage: Bool, paper: Paper? = nil) throws -> StudyDocuments {
    for run in runs { _ = try run.state() }
    return try StudyDocuments(definition, in: path, hasPage: hasPage, paper: paper)
  }
}

/// An argument as a shell reads it back.
func shellQuoted(_ argument: String) -> String {
  let isPlain =
    !argument.isEmpty
    && argument.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B...0x2F, 0x3A, 0x3D, 0x40, 0x5F: true
      default: false
      }
    }
  return isPlain ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
}

extension StudyCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    study.hasPrefix(Experiment.builtinPrefix) ? [] : [(study, [.study])]
  }
}
