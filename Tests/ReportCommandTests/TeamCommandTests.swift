import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// Open MPI's.
private enum Launcher {
  static let path = "/usr/bin/mpirun"
  static var isThere: Bool { exists(path) && exists("/usr/bin/ompi_info") }
}

/// `report train` under Open MPI's mpirun, for real; without it these tests are skipped, and `RankTests` remain.
@Suite(.enabled(if: Launcher.isThere, "there is no Open MPI (apt-get install openmpi-bin)"))
struct TeamCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var experiment = FixtureExperiment(
      "epochs: 3", "batch_size: 8", "block_tokens: 40", "optimizer: {learning_rate: 1e-3}")
    experiment.hasTest = false
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
  }

  /// What `env` and mpirun get before the program's own arguments; tests in containers run as root, which mpirun wants to be told
  /// twice.
  private func launch(_ ranks: Int) -> [String] {
    [
      "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", Launcher.path,
      "--oversubscribe",
      "-n", "\(ranks)",
    ]
  }

  private func report(_ ranks: Int, _ arguments: String...) throws -> CommandRun {
    try CommandRun(
      launch(ranks) + [CommandRun.executable.path] + arguments, executable: "/usr/bin/env",
      in: folder.path)
  }

  private func weights(_ run: String) throws -> String {
    try SHA256.hex(ofFile: "\(folder.path)/\(run)/model/model.safetensors")
  }

  @Test func ranksTrainToTheBitsOfOneProcess() throws {
    let alone = try CommandRun(
      ["train", "experiment.yaml", "--run-dir", "alone"], in: folder.path)
    #expect(alone.status == 0)
    let run = try report(3, "pipeline", "experiment.yaml", "--run-dir", "r", "--threads", "1")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try weights("r") == weights("alone"))
    #expect(run.errors.contains("The gradients of 3 ranks took "))
    let environment = try RunEnvironment.read("\(folder.path)/r/environment.json")
    #expect(environment.ranks.map(\.threads) == [1, 1, 1])
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(text.contains("; 3 ranks on \(environment.ranks[0].host), 3 threads in all; "))
    // Only one of them speaks.
    #expect(run.errors.ranges(of: "Reading data and model of").count == 1)
    let audit = try CommandRun(["audit", "r", "--accept-other-fonts"], in: folder.path)
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
  }

  @Test func aDryRunSaysWhatEachRankTakes() throws {
    let run = try report(2, "train", "experiment.yaml", "--dry-run", "--threads", "1")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("on 2 ranks with 2 threads in all"))
    for rank in 0..<2 {
      #expect(
        run.output.contains(
          try Regex(
            "Rank \(rank): +on host .*, 1 thread, about [0-9]+ MB of memory; sends about [0-9]+ kB per step"
          )))
    }
    #expect(run.output.contains(try Regex("Network: +about [0-9.]+ ms per step")))
    #expect(!exists("\(folder.path)/runs"))
  }

  /// A rank with another configuration, as after an edit that did not reach its host.
  @Test func otherSettingsAreRefusedBeforeAnythingIsWritten() throws {
    let program = CommandRun.executable.path
    let run = try CommandRun(
      launch(1) + [program, "train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
        + [":", "-n", "1", program, "train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
        + ["--set", "training.batch_size=4"], executable: "/usr/bin/env", in: folder.path)
    #expect(run.status == 1)
    #expect(
      run.errors.contains(
        "the ranks do not compute the same: the setting training.batch_size is 8 on rank 0 (host "))
    #expect(run.errors.contains("and 4 on rank 1 (host "))
    #expect(!exists("\(folder.path)/r"))
  }

  @Test func whatOneProcessDoesIsNotDoneSeveralTimes() throws {
    let run = try report(2, "cache")
    #expect(run.status == 64)
    #expect(run.errors.contains("which only 'report train' and 'report pipeline' share"))
    #expect(run.errors.ranges(of: "has started 2 processes").count == 1)
  }

  @Test func aDeviceIsForOneProcess() throws {
    let run = try report(2, "train", "experiment.yaml", "--run-dir", "r", "--device", "gpu")
    #expect(run.status == 64)
    #expect(run.errors.contains("--device gpu is for one process, and mpirun has started 2"))
    #expect(!exists("\(folder.path)/r"))
  }

  /// An error of one rank ends all of them, and says whose it is.
  @Test func anErrorOnOneRankEndsAll() throws {
    let program = CommandRun.executable.path
    let run = try CommandRun(
      launch(1) + [program, "train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
        + [":", "-n", "1", program, "train", "nowhere.yaml", "--run-dir", "r", "--threads", "1"],
      executable: "/usr/bin/env", in: folder.path)
    #expect(run.status == 1)
    #expect(run.errors.contains(try Regex("rank 1 on host .* ended: .*nowhere.yaml")))
    #expect(!exists("\(folder.path)/r/log.jsonl"))
  }

  /// As `mpirun` does on Ctrl-C and batch systems do at the end of the time: any rank may be told.
  @Test func aSignalToAnyRankSavesTheState() throws {
    let process = try CommandRun.start(
      launch(3) + [CommandRun.executable.path, "train", "experiment.yaml", "--run-dir", "r"]
        + ["--threads", "1", "--set", "training.epochs=100000"],
      executable: "/usr/bin/env", in: folder.path)
    let history = "\(folder.path)/r/training_history.json"
    try wait(for: "the first epoch", while: { process.isRunning }) { exists(history) }
    // env became mpirun, whose children are the ranks.
    let id = process.processIdentifier
    let children = try #require(
      readText("/proc/\(id)/task/\(id)/children", limit: 1 << 12)
    ).split(separator: " ").compactMap { Int32($0) }
    #expect(children.count == 3)
    kill(try #require(children.last), SIGUSR1)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let records = try RunLogContents.read("\(folder.path)/r/log.jsonl").records
    guard case .interrupted = records.last else {
      Issue.record("not recorded: \(records.suffix(2))")
      return
    }
    #expect(!exists("\(folder.path)/r/.lock"))
  }

  /// A full disk on rank 0, as `ulimit -f` makes one, ends all; with space, any ranks go on to the same bits.
  @Test func aFullDiskEndsAllAndTheRunGoesOn() throws {
    let alone = try CommandRun(
      ["train", "experiment.yaml", "--run-dir", "alone"], in: folder.path)
    #expect(alone.status == 0)
    // Over TCP, since the memory that ranks share is a file, too.
    let run = try CommandRun(
      launch(2) + ["--mca", "btl", "tcp,self"]
        + ["/bin/bash", "-c", "ulimit -f 24; exec \"$@\"", "bash", CommandRun.executable.path]
        + ["train", "experiment.yaml", "--run-dir", "r", "--threads", "1", "--no-cache"],
      executable: "/usr/bin/env", in: folder.path)
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.errors.contains("--resume r continues"))
    let again = try report(3, "train", "--resume", "r", "--threads", "1")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try weights("r") == weights("alone"))
  }
}
