import Foundation
import RunLog
import Storage
import TestSupport
import Testing
import Train

/// A run directory that somebody else made: what it claims is checked before it is believed.
@Suite struct StrangersRunTests {
  /// A finished run of one epoch.
  private func finishedRun(in folder: TemporaryFolder) throws -> RunDirectory {
    let run = RunDirectory("\(folder.path)/run")
    var fixture = FixtureExperiment("epochs: 1")
    fixture.hasTarget = false
    let experiment = try Experiment.parse(
      fixture.yaml, file: "fixture.yaml", relativeTo: "/")
    try Trainer(
      Preparation(experiment, threads: 1), run: run, threads: 1, interruption: Interruption()
    ) { _ in }.train()
    return run
  }

  /// What evaluating a further language says.
  private func failure(_ run: RunDirectory) throws -> String {
    let file = DataFile(location: .table(Fixture.path("train/data/target.tsv")))
    let error = try #require(throws: RunLogError.self) {
      try LateEvaluation.run(run.path, language: "fr", file: file, threads: 1, replaces: true)
    }
    return "\(error)"
  }

  /// The experiment with one line changed.
  private func edit(_ run: RunDirectory, _ old: String, _ new: String) throws {
    let text = String(decoding: try RandomAccessFile(run.experiment).contents(), as: UTF8.self)
    #expect(text.contains(old))
    try AtomicFile.write(text.replacing(old, with: new), to: run.experiment)
    // A stranger's log need not say what the configuration was.
    let log = String(decoding: try RandomAccessFile(run.log).contents(), as: UTF8.self)
    let lines = log.split(separator: "\n").filter { !$0.contains("\"record\":\"files\"") }
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: run.log)
  }

  /// Longer texts than the model has positions would be looked up beyond the table.
  @Test func refusesALengthThatTheModelLacks() throws {
    let folder = try TemporaryFolder()
    let run = try finishedRun(in: folder)
    try edit(run, "max_length: 24", "max_length: 100000")
    #expect(try failure(run).contains("has 24 positions, but the run's data.max_length is 100000"))
  }

  @Test func refusesLabelsThatTheModelLacks() throws {
    let folder = try TemporaryFolder()
    let run = try finishedRun(in: folder)
    try edit(run, "labels: ", "labels: [negative, neutral, positive, mixed] # ")
    #expect(try failure(run).contains("the model belongs to another run"))
  }

  /// Writing follows no link out of the directory, and nothing is written before that is known.
  @Test(arguments: ["log.jsonl", "predictions", "predictions/epoch-01", "examples", "model"])
  func followsNoLinkOut(_ name: String) throws {
    let folder = try TemporaryFolder()
    let run = try finishedRun(in: folder)
    let (inside, outside) = ("\(run.path)/\(name)", "\(folder.path)/outside")
    try FileManager.default.moveItem(atPath: inside, toPath: outside)
    #expect(symlink(outside, inside) == 0)
    let log = try RandomAccessFile(run.log).contents()
    #expect(try failure(run).contains("\(name): is a symbolic link"))
    #expect(try RandomAccessFile(run.log).contents() == log)
    #expect(!exists(run.examples(Split("fr", .test))))
  }
}
