internal import ArgumentParser
internal import Report
internal import Results
internal import RunLog
internal import Storage

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check runs: findings as codes, with an exit status for scripts.",
    discussion: """
      Looks for what makes results worthless or doubtful, such as an accuracy below that of the most frequent \
      class or test texts in the training data. docs/checks.md says what each check means, when it misleads \
      and what to do; `--list` names them all. An experiment can set bounds and ignore checks under `checks`.

      Exit status, of the checks that --fail-on names: 0 those that apply found nothing; 2 none found \
      something, but one cannot tell; 3 one found something. 1 could not be checked; 64 wrong usage.
      """)

  @Argument(
    help: ArgumentHelp(
      "Run directories, logs from other programs, or folders of studies, of which every run is checked.",
      valueName: "run-dir"), completion: .file())
  var runs: [String] = []

  @Flag(help: "Name every check with its severity, its usual bound and what it finds.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Checks that count: codes with commas between them, or a severity and all above it (note, warning, error), or never.",
      valueName: "checks"))
  var failOn = "error"

  @Option(
    help: ArgumentHelp(
      "Ignore a check; codes with commas between them; may be repeated.", valueName: "code"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "Another bound for a check, such as gap=15, in the unit that --list shows; may be repeated.",
      valueName: "code=number"))
  var bound: [String] = []

  @Flag(help: "Exit with 0 where checks that count cannot tell; they are named all the same.")
  var acceptUntold = false

  @Flag(help: "Print one JSON object with everything that was looked at.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Table of predictions to go with a log from another program; may be repeated.",
      valueName: "file"), completion: .file())
  var predictions: [String] = []

  @Option(
    help: ArgumentHelp("What the names in such a log mean, as YAML or JSON.", valueName: "file"),
    completion: .file())
  var map: String?

  func validate() throws {
    guard list != !runs.isEmpty else {
      throw ValidationError(
        list ? "--list needs no run directory." : "Name at least one run directory.")
    }
    guard runs.count < 2 || predictions.isEmpty && map == nil else {
      throw ValidationError("--predictions and --map go with one log; check one at a time.")
    }
  }

  func run() throws {
    if list {
      for line in CheckText.listing { try StandardOutput.line(line) }
      return
    }
    let failing = try failingChecks()
    let settings = CheckSettings(ignored: try codes(ignore, "--ignore"), bounds: try bounds())
    let checked = try runs.flatMap { try directories($0) }.map { path in
      let results = try RunResults(
        Run(LogSource(path, predictions: predictions, map: map)))
      return (path: path, results: results, checks: try RunChecks(results, settings: settings))
    }
    let outcomes = checked.map { failing.outcome($0.checks) }
    let outcome = [CheckOutcome.found, .cannotBeTold].first(where: outcomes.contains) ?? .notFound
    if json {
      try StandardOutput.write(
        JSON.object([
          "fail_on": .string(failOn), "outcome": .string(outcome.rawValue),
          "runs": .array(
            checked.map { CheckText($0.results, $0.checks).json($0.path) }),
        ]).prettyText)
    } else {
      for (path, results, checks) in checked {
        for line in CheckText(results, checks).lines(path) { try StandardOutput.line(line) }
      }
      try StandardOutput.line(verdict(outcome))
    }
    switch outcome {
    case .found: throw ExitCode(3)
    case .cannotBeTold where !acceptUntold: throw ExitCode(2)
    default: break
    }
  }

  private func verdict(_ outcome: CheckOutcome) -> String {
    if failOn == "never" { return "No check counts (--fail-on never)." }
    return switch outcome {
    case .found: "Of the checks that count (--fail-on \(failOn)), at least one found something."
    case .cannotBeTold:
      "Of the checks that count (--fail-on \(failOn)), none found something, but at least one cannot tell."
    default: "The checks that count (--fail-on \(failOn)) found nothing where they apply."
    }
  }

  // MARK: What is asked for

  private func failingChecks() throws -> FailingChecks {
    if failOn == "never" { return .none }
    if let severity = CheckCode.Severity(rawValue: failOn) { return .severity(severity) }
    let known =
      CheckCode.allCases.map(\.rawValue) + CheckCode.Severity.allCases.map(\.rawValue) + ["never"]
    return .codes(Set(try codes([failOn], "--fail-on", among: known)))
  }

  /// Checks by their names, of which an option may hold several.
  private func codes(
    _ lists: [String], _ option: String,
    among known: [String] = CheckCode.allCases.map(\.rawValue)
  ) throws -> [CheckCode] {
    try lists.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map { word in
      try code(word.filter { $0 != " " }, option, among: known)
    }
  }

  private func code(_ name: String, _ option: String, among known: [String]) throws -> CheckCode {
    if let code = CheckCode(rawValue: name) { return code }
    throw ValidationError(
      "\(option): there is no check '\(name)'; "
        + (nearest(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? "`report check --list` shows them all."))
  }

  private func bounds() throws -> [CheckCode: Double] {
    var bounds: [CheckCode: Double] = [:]
    for setting in bound {
      guard let equals = setting.firstIndex(of: "=") else {
        throw ValidationError(
          "--bound needs a check and a number such as gap=15, not '\(setting)'.")
      }
      let code = try code(
        String(setting[..<equals]), "--bound", among: CheckCode.bounded.map(\.rawValue))
      let text = String(setting[setting.index(after: equals)...])
      guard code.bound != nil else {
        throw ValidationError(
          "--bound: '\(code.rawValue)' has no bound; those that have one are "
            + CheckCode.bounded.map(\.rawValue).joined(separator: ", ") + ".")
      }
      let range = ExperimentRanges.bound(of: code)
      guard let number = Double(text), range.contains(number) else {
        throw ValidationError("--bound \(code.rawValue) must be \(range.words), not '\(text)'.")
      }
      bounds[code] = number
    }
    return bounds
  }

  /// The run that a path names, or every run of a study.
  private func directories(_ path: String) throws -> [String] {
    let runs = "\(path)/runs"
    guard isFolder(runs), !RunDirectory(path).holdsRun else { return [path] }
    let found = try listFolder(runs).map { "\(runs)/\($0)" }
      .filter { RunDirectory($0).holdsRun }.sorted()
    guard !found.isEmpty else {
      throw RunLogError(
        file: runs, "holds no run; `report study` trains the runs of a study.")
    }
    return found
  }
}

extension CheckCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    runs.map { ($0, [.run, .log, .studyFolder]) }
  }
}
