import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// What a report calls the checkpoint that was fine-tuned.
@Suite struct BaseModelTests {
  private func baseModel(_ change: (inout RunEnvironment) -> Void) throws -> String? {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let path = RunDirectory(folder.path).environment
    var environment = try RunEnvironment.read(path)
    change(&environment)
    try AtomicFile.write(environment.json.prettyText, to: path)
    let report = try Report(results: RunResults(Run(folder.path)), figures: ReportTests.figures)
    return try report.markdown().split(separator: "\n").first { $0.contains("**Base Model**") }
      .map(String.init)
  }

  @Test func aModelOfTheHubHasItsNameAndCommit() throws {
    let commit = String(repeating: "0a1b2c3d", count: 5)
    let line = try baseModel {
      $0.hubModel = HubModel(
        id: "google-bert/bert-base-multilingual-uncased", revision: "main", commit: commit)
    }
    #expect(
      line == "- **Base Model**: google-bert/bert-base-multilingual-uncased at \(commit) (modified)"
    )
  }

  @Test func aFolderHasItsLastName() throws {
    #expect(try baseModel { _ in } == "- **Base Model**: tiny-bert (modified)")
  }

  /// A stranger's run must not write Markdown.
  @Test func aNameIsNoMarkdown() throws {
    let line = try #require(
      try baseModel {
        $0.hubModel = HubModel(
          id: "a/**b** ![x](http://y)", revision: "main", commit: String(repeating: "0", count: 40))
      })
    #expect(!line.contains("**b**") && !line.contains("![x](http"), "\(line)")
  }
}
