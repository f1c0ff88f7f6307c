internal import Report
internal import Results
internal import RunLog

/// What a study's complete runs say, in all its files.
struct StudyDocuments {
  let study: StudyFiles
  /// `nil` without a complete run.
  let comparison: ComparisonFiles?
  /// What differs beside the configuration or stands in the way, a sentence each.
  let warnings: [String]
}

extension StudyPlan {
  /// Answers the study's questions from the runs that are complete; nothing is written.
  ///
  /// - Throws: whatever a damaged run throws.
  func documents(hasPage: Bool) throws -> StudyDocuments {
    var groups: [RunGroup] = []
    var missing: [String] = []
    for configuration in definition.configurations {
      var results: [RunResults] = []
      for run in runs where run.configuration == configuration.name {
        guard try run.state() == .complete else {
          missing.append(run.name)
          continue
        }
        results.append(try RunResults(Run(run.directory.path)))
      }
      if !results.isEmpty { groups.append(RunGroup(name: configuration.name, runs: results)) }
    }
    let comparison = groups.isEmpty ? nil : RunComparison(groups)
    return StudyDocuments(
      study: try StudyFiles(
        StudyAnswers(definition, groups), comparison: comparison, planned: runs.count,
        missing: missing, folder: path, hasPage: hasPage),
      comparison: try comparison.map {
        try ComparisonFiles(
          $0, title: "Study \(definition.name): all configurations compared",
          study: "study \(definition.name)", folder: path, hasPage: hasPage)
      }, warnings: comparison?.warnings ?? [])
  }
}
