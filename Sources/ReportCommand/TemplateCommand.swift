internal import ArgumentParser
internal import Report
internal import RunLog
internal import Storage

struct TemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Show the tags that templates may use, or copy the built-in templates.",
    discussion: """
      A report's words and order are in a Mustache template; give one of your own with \
      `report RUN-DIR --template FILE`, one for the HTML page with `--html --html-template FILE`.
      """)

  @Flag(help: "List every tag with its meaning and, with a run directory, its value there.")
  var list = false

  @Option(
    help: ArgumentHelp("Copy the built-in templates into a folder.", valueName: "dir"))
  var export: String?

  @Argument(help: "Run directory whose values --list shows.")
  var runDir: String?

  func validate() throws {
    guard list != (export != nil) else {
      throw ValidationError("Give either --list or --export.")
    }
    if let runDir, !list {
      throw ValidationError("--export needs no run directory; leave '\(runDir)' out.")
    }
  }

  func run() throws {
    if let export { return try copy(to: export) }
    var options = ReportOptions()
    options.hasPage = true
    let files = try runDir.map { try ReportFiles(RunDirectory($0), options: options) }
    for kind in Template.Kind.allCases {
      print("\(kind.file)\n\(TagListing(kind, files: files).text)")
    }
  }

  /// Copies the templates; files that are there stay as they are.
  private func copy(to folder: String) throws {
    let paths = Template.Kind.allCases.map { ($0, "\(folder)/\($0.file)") }
    if let taken = paths.first(where: { exists($0.1) })?.1 {
      throw RunLogError(
        file: taken, "is there already; name another folder, or move the file away.")
    }
    try makeFolder(folder)
    for (kind, path) in paths {
      try AtomicFile.write(kind.builtInText, to: path)
      print(path)
    }
  }
}
