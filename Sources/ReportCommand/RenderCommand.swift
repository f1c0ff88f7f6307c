internal import ArgumentParser
internal import RunLog

struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw the figures and write the report of a run from its logs (the default).")

  @Argument(help: "Run directory, or a folder with a training_history.json.")
  var runDir: String

  @OptionGroup var rendering: RenderingOptions

  func run() throws {
    try rendering.render(RunDirectory(runDir))
  }
}
