internal import ArgumentParser
internal import RunLog
internal import Storage

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the built-in example: train, evaluate, and write the report.",
    discussion: """
      Trains a small pre-trained BERT on synthetic English reviews and measures it on German ones. \
      An interrupted run is continued, a \
      finished one is only rendered again; --force retrains.
      """)

  @OptionGroup var options: TrainingOptions
  @OptionGroup var rendering: RenderingOptions

  func run() throws {
    let experiment = try BuiltinExample.read(
      BuiltinExample.demo, settings: options.settings)
    let directory = options.directory(for: experiment)
    guard exists(directory.log), !options.force else {
      guard
        let run = try options.train(experiment, from: BuiltinExample.demo, into: directory)
      else { return }
      return try rendering.render(run.directory, hasPage: options.following.live)
    }
    try checkThatItIs(experiment, in: directory)
    if (try? RunLogContents.read(directory.log))?.isFinished == true {
      TerminalProgress().say(
        "\(directory.path) holds a finished run; rendering it again (--force retrains).")
      return try rendering.render(directory)
    }
    guard let run = try options.resume(directory) else { return }
    try rendering.render(run.directory, hasPage: options.following.live)
  }

  /// Checks that a directory holds a run of this very experiment.
  ///
  /// - Throws: `RunLogError` naming the differences.
  private func checkThatItIs(_ experiment: Experiment, in run: RunDirectory) throws {
    let differences = experiment.differences(from: try Experiment.read(run.experiment))
    guard !differences.isEmpty else { return }
    let list = differences.map { "\($0.key) is \($0.before) there and \($0.now) here" }
    throw RunLogError(
      file: run.path,
      "holds another run (\(list.joined(separator: "; "))); --force replaces it, --run-dir names "
        + "another place.")
  }
}
