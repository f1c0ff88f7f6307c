internal import ArgumentParser
internal import Foundation
internal import Report
internal import RunLog
internal import Storage
internal import Train

struct FewShotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "few-shot",
    abstract: "Find out what labelling a few texts of a target language brings.",
    discussion: """
      Continues fine-tuning from a finished run's model on seeded draws of the target's training examples, and fine-tunes \
      the run's checkpoint on the same examples alone. few_shot in the experiment names the target, the numbers of examples per \
      class and the number of draws; the target needs training data in data.targets. Each training is a process with its own run \
      directory under RUN-DIR/few-shot/<target>/runs; complete ones are taken as they are, interrupted ones continued. The run's \
      own files stay as they are.

      Exit status: 0 done; 1 could not be done, or a training failed; 64 wrong usage; 130 interrupted.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run directory of a finished run, or the experiment that it was trained from, with the key few_shot added since.",
      valueName: "run-dir"),
    completion: .file(extensions: ["yaml", "yml"]))
  var source: String

  @Option(
    help: ArgumentHelp(
      "The run, where an experiment is named; runs/<name> if left out.", valueName: "dir"),
    completion: .directory)
  var runDir: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a key of the configuration, such as few_shot.target=fr or data.targets.0.train=FILE; may be repeated. Paths "
        + "are relative to the experiment's folder, with a run directory to the current folder.",
      valueName: "key=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder to write; RUN-DIR/few-shot/<target> if left out.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Flag(
    help: "Only say which trainings are there, and how much time and disk the others will take.")
  var dryRun = false

  @Flag(help: "Print the command of each training and do nothing.")
  var listCommands = false

  @Flag(help: "Write the answer from the trainings that are there; train nothing.")
  var collect = false

  @Option(
    help: ArgumentHelp(
      "Train only this, such as continued-10-draw-1, or fit only the probe, and answer nothing.",
      valueName: "run"))
  var only: String?

  @Flag(help: "Keep the model and the checkpoints of every training, which take most of the space.")
  var keepModels = false

  @Flag(
    help:
      "Leave out the probe, a logistic regression on what the pre-trained checkpoint makes of the same texts."
  )
  var noProbe = false

  @Flag(help: "Write few-shot.html too, one file with all figures in it.")
  var html = false

  @OptionGroup var drawing: FigureOptions
  @OptionGroup var options: PlannedTrainingOptions

  func validate() throws {
    if [dryRun, listCommands, collect, only != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--dry-run, --list-commands, --collect and --only exclude each other.")
    }
    if runDir != nil, exists(RunDirectory(source).experiment) {
      throw ValidationError("--run-dir goes with an experiment; '\(source)' is a run directory.")
    }
  }

  func run() throws {
    let plan = try plan()
    var trainings = PlannedTrainings(
      runs: plan.runs, folder: plan.path, base: plan.run.experiment,
      command: ["few-shot", source], whole: "report few-shot", output: output, options: options)
    trainings.further =
      (runDir.map { ["--run-dir", $0] } ?? []) + settings.flatMap { ["--set", $0] }
      + (keepModels ? ["--keep-models"] : [])
    if !keepModels { trainings.afterwards = Self.removeModel }
    if listCommands {
      try trainings.listCommands()
      if !noProbe { try trainings.listCommand(of: Self.probe) }
    } else if only == Self.probe {
      try fitProbe(plan)
    } else if let only {
      try plan.checkInputs(locate: BuiltinExample.locate)
      try trainings.train(only, in: source, of: "`report few-shot`")
    } else if dryRun {
      try checkSupply(plan)
      try trainings.estimate()
    } else {
      if !collect {
        try plan.checkInputs(locate: BuiltinExample.locate)
        try checkSupply(plan)
      }
      let failures = collect ? [] : try trainings.train()
      if !collect {
        if !keepModels { try removeLeftModels(plan) }
        if !noProbe { try fitProbe(plan) }
      }
      try answer(plan)
      try trainings.report(failures)
    }
  }

  /// Reads what shall be done, from the run's own configuration or from the experiment that is named.
  private func plan() throws -> FewShotPlan {
    let directory = RunDirectory(source)
    let isRun = isFolder(source)
    let experiment =
      isRun
      ? try Experiment.read(
        directory.experiment, settings: settings, relativeTo: absolutePath("."))
      : try BuiltinExample.read(source, settings: settings)
    let run = isRun ? directory : RunDirectory(runDir ?? "runs/\(experiment.name)")
    let (settings, target) = try experiment.fewShotTarget(in: isRun ? directory.experiment : source)
    return try FewShotPlan(settings, target: target, of: run, in: output)
  }

  /// Refuses draws that the data do not allow before anything is trained.
  private func checkSupply(_ plan: FewShotPlan) throws {
    guard let file = plan.target.train, let first = plan.runs.first?.experiment,
      let most = plan.settings.perClass.last
    else { return }
    let reader = DataReader(labels: first.labels, locate: BuiltinExample.locate)
    try Train.checkSupply(
      labels: reader.read(file).map(\.label), names: first.labels, in: file, of: most,
      key: "few_shot.per_class")
  }

  /// Removes what only further training needs: it would take the space of a model for each draw.
  private static func removeModel(_ run: RunDirectory) throws {
    for folder in [run.model, run.checkpoints] where exists(folder) {
      do {
        try FileManager.default.removeItem(atPath: folder)
      } catch {
        throw RunLogError(file: folder, "cannot be removed: \(error.localizedDescription)")
      }
    }
  }

  /// Removes what is left of trainings whose process ended before it did that itself.
  private func removeLeftModels(_ plan: FewShotPlan) throws {
    for run in plan.runs where try run.state() == .complete {
      try Self.removeModel(run.directory)
    }
  }

  /// What stands for the probe where a training is named.
  private static let probe = FewShotMethod.probe.rawValue

  /// Fits the regressions, unless they are there and nothing that they depend on has changed.
  private func fitProbe(_ plan: FewShotPlan) throws {
    let progress = TerminalProgress()
    let experiment = Probe.experiment(try plan.probeExperiment())
    let places = try InputPlaces(experiment, progress)
    let identity = try FewShotProbe.identity(experiment, locate: places.locate)
    if try isComplete(plan, identity, classes: experiment.labels.count) {
      progress.say("probe: complete already.")
      return
    }
    progress.say("Fitting the probe …")
    let preparation = try Preparation(
      experiment, threads: options.threads.count, on: options.threads.computing(progress),
      locate: places.locate
    ) { error in
      guard options.ignoreMemory else { throw error }
      progress.say("Warning: \(error.shortage).")
    }
    let folder = FewShotDefinition.probeFolder(in: plan.path)
    try makeFolder(folder)
    let lock = try LockFile("\(folder)/.lock")
    // While predictions of different data may lie beside each other, nothing says that they are the probe's.
    let record = FewShotDefinition.probeRecord(in: plan.path)
    if exists(record) { try removeFile(record) }
    let interruption = Interruption()
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    var fits: [FewShotProbeRecord.Fit] = []
    do {
      try FewShotProbe(
        preparation, threads: options.threads.count, interruption: interruption
      ).fit(
        perClass: plan.settings.perClass, draws: plan.settings.draws, scratchFolder: folder
      ) { fit, predictions in
        try predictions.write(
          to: FewShotDefinition.probePredictions(
            perClass: fit.perClass, draw: fit.draw, in: plan.path))
        fits.append(fit)
      }
    } catch is CancellationError {
      progress.say("Interrupted; `report few-shot` continues where this stopped.")
      throw ExitCode(130)
    }
    try AtomicFile.write(
      FewShotProbeRecord(identity: identity, layer: experiment.model.encoderLayers, fits: fits)
        .json.prettyText, to: record)
    _ = consume lock
  }

  /// Whether every regression is there, fitted to what lies there now.
  private func isComplete(
    _ plan: FewShotPlan, _ identity: String, classes: Int
  ) throws -> Bool {
    guard let record = try? FewShotProbeRecord.read(in: plan.path), record.identity == identity
    else { return false }
    return plan.settings.perClass.allSatisfy { count in
      (1...plan.settings.draws).allSatisfy { draw in
        record.fit(perClass: count, draw: draw).map {
          (try? record.predictions($0, in: plan.path, classes: classes)) != nil
        } ?? false
      }
    }
  }

  private func answer(_ plan: FewShotPlan) throws {
    for run in plan.runs { _ = try run.state() }
    let files = try FewShotFiles(plan.definition, in: plan.path, hasPage: html)
    let isNew = !exists("\(plan.path)/few-shot.md")
    let written = try files.write(
      formats: drawing.formatsBesideText, style: drawing.style)
    let progress = TerminalProgress()
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    if isNew, output == nil, exists(plan.run.report) {
      progress.say(
        "`report \(plan.run.path)` writes the run's report again, with a link to this answer.")
    }
    for path in written.paths { try StandardOutput.line(path) }
  }
}

extension FewShotCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] { [(source, [.run, .experiment])] }
}
