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
  @OptionGroup var drawing: FigureOptions
  @OptionGroup var options: PlannedTrainingOptions

  func validate() throws {
    if [dryRun, listCommands, collect, only != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--dry-run, --list-commands, --collect and --only exclude each other.")
    }
  }

  func run() throws {
    let plan = try BuiltinExample.plan(study, output: output)
    let trainings = trainings(plan)
    if listCommands {
      try trainings.listCommands()
    } else if let only {
      try trainings.train(only, in: plan.definition.file, of: "the study")
    } else if dryRun {
      try trainings.estimate()
    } else {
      let failures = collect ? [] : try trainings.train()
      try answer(plan)
      try trainings.report(failures)
    }
  }

  /// The trainings, and how each is started.
  private func trainings(_ plan: StudyPlan) -> PlannedTrainings {
    PlannedTrainings(
      runs: plan.runs, folder: plan.path, base: plan.definition.base,
      command: ["study", study], whole: "report study", output: output, options: options)
  }

  // MARK: Answering

  private func answer(_ plan: StudyPlan) throws {
    let documents = try plan.documents(hasPage: html, paper: print.chosenPaper)
    let progress = TerminalProgress()
    for warning in documents.warnings { progress.say("Warning: \(warning)") }
    let written = try documents.write(
      formats: drawing.formatsBesideText, style: drawing.style)
    for warning in written.warnings { progress.say("Warning: \(warning)") }
    for path in written.paths { try StandardOutput.line(path) }
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

extension StudyCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    study.hasPrefix(Experiment.builtinPrefix) ? [] : [(study, [.study])]
  }
}
