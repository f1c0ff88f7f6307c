import Storage
import TestSupport
import Testing

@testable import RunLog

/// Checkpoints that are models of the hub: in the experiment by name, in environment.json with their commit.
@Suite struct HubModelReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func checkpoint(_ text: String) throws -> ModelSettings {
    try Experiment.parse(
      """
      name: x
      model: {checkpoint: "\(text)"}
      data: {source: {language: en, train: a.tsv, validation: b.tsv}}
      """, file: "x.yaml", relativeTo: folder.path
    ).model
  }

  @Test func aNameWithoutAFolderStaysAName() throws {
    for text in ["tiny/bert", "tiny/bert@v1", "tiny/bert@refs/pr/1"] {
      let model = try checkpoint(text)
      #expect(model.checkpoint == text && model.hubName?.description == text)
    }
    try makeFolder("\(folder.path)/tiny/bert")
    #expect(try checkpoint("tiny/bert").checkpoint == "\(folder.path)/tiny/bert")
    #expect(try checkpoint("tiny/bert").hubName == nil)
    #expect(try checkpoint("tiny/bert@v1").hubName?.revision == "v1")
  }

  @Test(arguments: ["bert", "./tiny/bert", "../tiny/bert", "a/b/c", "/tiny/bert"])
  func aPathStaysAPath(_ text: String) throws {
    let model = try checkpoint(text)
    #expect(model.checkpoint.hasPrefix("/") && model.hubName == nil)
  }

  /// The resolved experiment is read back as it was written, wherever it lies.
  @Test func theNameSurvivesTheRunDirectory() throws {
    var experiment = try Experiment.parse(
      """
      name: x
      model: {checkpoint: tiny/bert@v1}
      data: {source: {language: en, train: a.tsv, validation: b.tsv}}
      """, file: "x.yaml", relativeTo: folder.path)
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
    experiment = try Experiment.read("\(folder.path)/experiment.yaml")
    #expect(experiment.model.hubName == ModelName("tiny/bert@v1"))
  }

  private func environment(_ model: String) throws -> RunEnvironment {
    let path = "\(folder.path)/environment.json"
    try AtomicFile.write(
      """
      {"version": "0.1.0", "commit": null, "operating_system": "Linux", "cpu": "c", "threads": 1, "blas": "b",
       "kernels": "k", "seed": 1, \(model) "sha256": {}}
      """, to: path)
    return try .read(path)
  }

  @Test func theCommitIsRecorded() throws {
    let commit = String(repeating: "0a", count: 20)
    let text =
      "\"hub_model\": {\"id\": \"tiny/bert\", \"revision\": \"main\", \"commit\": \"\(commit)\"},"
    let model = HubModel(id: "tiny/bert", revision: "main", commit: commit)
    let environment = try environment(text)
    #expect(environment.hubModel == model)
    #expect(environment.json["hub_model"]?["commit"]?.string == commit)
    #expect(try self.environment("").hubModel == nil)
    #expect(try self.environment("").json["hub_model"] == nil)
  }

  /// It becomes part of a path when a run goes on, and a run may come from a stranger.
  @Test(arguments: [
    (
      "{\"id\": \"a/b\", \"revision\": \"main\", \"commit\": \"../../../etc\"}",
      "'hub_model.commit' must be the 40"
    ),
    ("{\"id\": \"a/b\", \"revision\": \"main\"}", "'hub_model.commit' is missing"),
    (
      "{\"id\": 1, \"revision\": \"main\", \"commit\": \"\(String(repeating: "0", count: 40))\"}",
      "'hub_model.id' must be a string"
    ),
    ("3", "'hub_model.commit' is missing"),
  ])
  func aRecordThatIsNoneIsAnError(_ model: String, _ message: String) throws {
    let error = try #require(throws: RunLogError.self) {
      try environment("\"hub_model\": \(model),")
    }
    #expect("\(error)".contains("environment.json") && "\(error)".contains(message), "\(error)")
  }
}
