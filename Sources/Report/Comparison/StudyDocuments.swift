public import Chart
public import RunLog

internal import Results

/// What a study's complete runs say, in all its files.
public struct StudyDocuments: Sendable {
  public let study: StudyFiles
  /// `nil` without a complete run.
  public let comparison: ComparisonFiles?

  /// Answers a study's questions from the runs that are complete; nothing is written.
  ///
  /// - Parameters:
  ///   - definition: the study.
  ///   - folder: the study's, in which the runs lie and to which the files go.
  ///   - hasPage: whether pages are written too.
  ///   - paper: what PDFs are printed on; none are written if `nil`.
  /// - Throws: whatever a damaged run throws; `RunLogError` if a file changes meanwhile.
  public init(
    _ definition: StudyDefinition, in folder: String, hasPage: Bool, paper: Paper? = nil
  ) throws {
    var (groups, missing) = ([(name: String, runs: [Run])](), [String]())
    for configuration in definition.configurations {
      var runs: [Run] = []
      for seed in definition.seeds {
        let name = StudyDefinition.runName(configuration.name, seed: seed)
        let directory = StudyDefinition.runDirectory(name, in: folder)
        if try directory.isFinished() {
          runs.append(try Run(directory.path))
        } else {
          missing.append(name)
        }
      }
      if !runs.isEmpty { groups.append((configuration.name, runs)) }
    }
    let (results, inputs) = try readUnchanged(groups.flatMap(\.runs), from: folder)
    var rest = results[...]
    let compared = groups.map { name, runs in
      defer { rest = rest.dropFirst(runs.count) }
      return RunGroup(name: name, runs: Array(rest.prefix(runs.count)))
    }
    let comparison = compared.isEmpty ? nil : RunComparison(compared)
    study = try StudyFiles(
      StudyAnswers(definition, compared), comparison: comparison, missing: missing, folder: folder,
      inputs: inputs, hasPage: hasPage, paper: paper)
    self.comparison = try comparison.map {
      try ComparisonFiles(
        $0, of: definition.name, claimed: definition.claimedSplits,
        runs: results.map(\.run.directory.path), folder: folder, inputs: inputs, hasPage: hasPage,
        paper: paper)
    }
  }

  /// Answers a study again as its record says.
  ///
  /// - Parameters:
  ///   - recorded: study.json as it was found.
  ///   - folder: the study's.
  ///   - differences: grows by inputs that are not what they were.
  /// - Throws: what is wrong with the recorded study, or whatever a damaged run throws.
  init(_ recorded: RecordedReport, in folder: String, _ differences: inout [Difference]) throws {
    differences += recorded.differences(inputs: try recorded.inputs(in: folder))
    let options = try recorded.options(&differences)
    try self.init(
      recorded.definition(&differences), in: folder, hasPage: options.hasPage,
      paper: options.paper)
  }

  /// What differs beside the configuration or stands in the way, a sentence each.
  public var warnings: [String] { comparison?.warnings ?? [] }

  /// Writes the files of both, each whole or not at all.
  ///
  /// - Parameters:
  ///   - formats: of the figures; the texts show those in PNG.
  ///   - style: of the figures.
  /// - Returns: the paths of the answer, and what readers of the figures will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  public func write(
    formats: [FigureFormat] = [.png], style: FigureStyle = FigureStyle()
  ) throws -> (paths: [String], warnings: [String]) {
    try comparison?.document.checkOverwriting(formats: formats)
    try study.document.checkOverwriting(formats: formats)
    // The answer's figures are the comparison's and more.
    let written = try study.document.figures.write(
      to: study.document.folder, formats: formats, style: style)
    let compared = try comparison?.document.write().warnings ?? []
    let leftovers = (comparison?.document.leftovers ?? []) + study.document.leftovers
    let answer = try study.document.write()
    return (answer.paths, written.warnings + compared + answer.warnings + leftovers)
  }
}
