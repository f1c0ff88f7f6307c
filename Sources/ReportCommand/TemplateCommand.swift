internal import ArgumentParser
internal import Report
internal import RunLog
internal import Storage

struct TemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Show the tags that templates may use, or copy the built-in templates.",
    discussion: """
      A report's words and order are in a Mustache template; use a custom one with \
      `report RUN-DIR --template FILE`, and one for the HTML page with `--html --html-template FILE`.
      """)

  @Flag(help: "List every tag with its meaning and, with what is named, its value there.")
  var list = false

  @Option(
    help: ArgumentHelp("Copy the built-in templates into a folder.", valueName: "dir"),
    completion: .directory)
  var export: String?

  @Argument(
    help: ArgumentHelp(
      "Where --list takes values from: a run directory; several, for a comparison; or a study's file.",
      valueName: "run-dir"), completion: .file())
  var sources: [String] = []

  @Option(
    help: ArgumentHelp("Folder of the study; studies/<name> if left out.", valueName: "dir"),
    completion: .directory)
  var output: String?

  func validate() throws {
    guard list != (export != nil) else {
      throw ValidationError("Give either --list or --export.")
    }
    if let source = sources.first, !list {
      throw ValidationError("--export needs no run directory; leave '\(source)' out.")
    }
    if output != nil, !isStudy {
      throw ValidationError("--output is the folder of a study; name the study's file.")
    }
  }

  func run() throws {
    if let export { return try copy(to: export) }
    var options = ReportOptions()
    options.hasPage = true
    var (files, comparison, study): (ReportFiles?, ComparisonFiles?, StudyFiles?)
    if isStudy {
      let documents = try BuiltinExample.plan(sources[0], output: output).documents(hasPage: false)
      (comparison, study) = (documents.comparison, documents.study)
    } else if sources.count > 1 {
      comparison = try ComparisonFiles(
        sources.map { LogSource($0) }, folder: "comparison", hasPage: false)
    } else {
      files = try sources.first.map { try ReportFiles(RunDirectory($0), options: options) }
    }
    for kind in Template.Kind.customizable {
      let listing = TagListing(kind, files: files, comparison: comparison, study: study)
      try StandardOutput.line("\(kind.file)\n\(listing.text)")
    }
  }

  /// Whether the one thing named is a study: a file in YAML, or the built-in one.
  private var isStudy: Bool {
    sources.count == 1
      && (sources[0].hasSuffix(".yaml") || sources[0].hasSuffix(".yml")
        || sources[0].hasPrefix(Experiment.builtinPrefix))
  }

  /// Copies the templates; files that are there stay as they are.
  private func copy(to folder: String) throws {
    let paths = Template.Kind.customizable.map { ($0, "\(folder)/\($0.file)") }
    if let taken = paths.first(where: { exists($0.1) })?.1 {
      throw RunLogError(
        file: taken, "already exists; name another folder, or move the file away.")
    }
    try makeFolder(folder)
    for (kind, path) in paths {
      try AtomicFile.write(kind.builtInText, to: path)
      try StandardOutput.line(path)
    }
  }
}
