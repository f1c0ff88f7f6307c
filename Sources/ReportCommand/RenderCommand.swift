internal import ArgumentParser

struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw the figures and write the report of a run from its logs (the default).")

  @OptionGroup var log: LogOptions
  @OptionGroup var rendering: RenderingOptions

  func run() throws {
    try rendering.render(log.directory, from: log.source)
  }
}

extension RenderCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(log.path, [.run, .log])]
  }
}
