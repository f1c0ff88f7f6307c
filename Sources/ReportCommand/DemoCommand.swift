internal import ArgumentParser
internal import RunLog
internal import Storage

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the built-in example: train, evaluate, and write the report.",
    discussion: """
      Trains a small pre-trained BERT on synthetic English reviews and measures it on German ones. \
      A finished run is only rendered again; --force trains anew.
      """)

  @OptionGroup var options: TrainingOptions
  @OptionGroup var rendering: RenderingOptions

  func run() throws {
    let experiment = try BuiltinExample.read(
      BuiltinExample.demo, settings: options.settings)
    let run = options.directory(for: experiment)
    var options = options
    if exists(run.log) {
      let records = try RunLogContents.read(run.log).records
      let isFinished = records.contains { if case .runFinished = $0 { true } else { false } }
      if isFinished, !options.force {
        TerminalProgress().say(
          "\(run.path) holds a finished run; rendering it again (--force trains anew).")
        try rendering.render(run)
        return
      }
      // An unfinished demonstration holds nothing that a minute would not make again.
      options.force = true
    }
    try options.train(experiment, into: run)
    try rendering.render(run)
  }
}
