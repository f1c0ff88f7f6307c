import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// What standard output does not take is an error; a reader that has gone is none.
@Suite struct StandardOutputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a", "b"] {
      var run = TinyRun()
      run.settings = ["training.seed=\(name == "a" ? 1 : 2)"]
      try run.write(to: "\(folder.path)/\(name)")
    }
  }

  /// Runs `report` in a shell that gives it a standard output.
  private func shell(_ script: String) throws -> CommandRun {
    try CommandRun(
      ["-c", script, CommandRun.executable.path], executable: "/bin/bash", in: folder.path)
  }

  @Test(arguments: [
    "--help", "--version", "train --help", "help figures", "template --list", "a", "audit a",
    "figures a --only losses", "compare a b --output out", "cache --cache-dir c",
    "template --export t", "study builtin:demo --list-commands",
    "predict \(Fixture.path("train/model")) text", "tokenize \(Fixture.path("train/model"))",
  ])
  func aFullDiskIsAnError(_ arguments: String) throws {
    if arguments.hasPrefix("audit") {
      try #require(try CommandRun(["a"], in: folder.path).status == 0)
    }
    let run = try shell("echo text | \"$0\" \(arguments) >/dev/full")
    #expect(run.status == 1, "\(run.status) \(run.errors)")
    #expect(
      run.errors.contains("cannot write to standard output: No space left on device"),
      "\(run.errors)")
  }

  /// 141 is how a shell tells an end by SIGPIPE, that of any tool.
  @Test func aReaderThatHasGoneEndsItQuietly() throws {
    // Whoever reads has ended before anything is written.
    let closed = try shell(
      "exec 3> >(exec 0<&-; true); wait $!; \"$0\" template --list >&3; echo \"status $?\" >&2")
    #expect(closed.errors == "status 141\n", "\(closed.errors)")
  }

  /// Whoever watched the progress has gone; the training is none the worse.
  @Test func aTrainingGoesOnWithoutAReader() throws {
    var experiment = FixtureExperiment("epochs: 1")
    experiment.hasTarget = false
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
    let run = try shell(
      "exec 3> >(exec 0<&-; true); wait $!; \"$0\" train experiment.yaml --run-dir r 2>&3; echo \"status $?\""
    )
    #expect(run.output == "r\nstatus 0\n", "\(run.output)")
    #expect(try RunDirectory("\(folder.path)/r").isFinished())
  }
}
