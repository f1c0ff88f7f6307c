import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// What goes wrong around a running `report`, provoked for real: signals, a second process, full disks,
/// folders that cannot be written.
@Suite struct ReliabilityTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let data = Fixture.path("train/data")
    let yaml = """
      name: fixture
      model: {checkpoint: \(Fixture.path("train/model")), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: \(data)/train.tsv, validation: \(data)/validation.tsv}
        targets:
          - {language: de, validation: \(data)/target.tsv}
        max_length: 24
      training: {epochs: 3, batch_size: 8, optimizer: {learning_rate: 1e-3}}
      """
    try AtomicFile.write(yaml, to: "\(folder.path)/experiment.yaml")
  }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  /// A `report train` that would take very long.
  private func start(_ arguments: [String] = []) throws -> Process {
    let process = Process()
    process.executableURL = CommandRun.executable
    process.arguments =
      ["train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
      + ["--set", "training.epochs=100000"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = CommandRun.environment(folder.path)
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let history = "\(folder.path)/r/training_history.json"
    for _ in 0..<600 where !exists(history) { usleep(50_000) }
    return process
  }

  private func weights(_ run: String) throws -> String {
    try SHA256.hex(ofFile: "\(folder.path)/\(run)/model/model.safetensors")
  }

  private func lastRecord(_ run: String) throws -> LogRecord? {
    try RunLogContents.read("\(folder.path)/\(run)/log.jsonl").records.last
  }

  // MARK: Signals

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalSavesTheStateAndExits130(_ signal: Int32) throws {
    let process = try start()
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
    guard case .interrupted(_, let step) = try lastRecord("r") else {
      Issue.record("not recorded")
      return
    }
    let names = try listFolder("\(folder.path)/r/checkpoints").filter { $0.hasPrefix("epoch") }
    let isAfterEpoch = step % 4 == 0 && names.contains { !$0.contains("step") }
    #expect(names.contains { $0.hasSuffix("-step-\(step)") } || isAfterEpoch, "\(names)")
    #expect(!exists("\(folder.path)/r/.lock"))
  }

  @Test func aSecondSignalExitsAtOnce() throws {
    let process = try start()
    // Stopped, so that both signals are there before it can do anything.
    kill(process.processIdentifier, SIGSTOP)
    kill(process.processIdentifier, SIGINT)
    kill(process.processIdentifier, SIGTERM)
    kill(process.processIdentifier, SIGCONT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
  }

  // MARK: One process a run

  @Test func twoProcessesCannotWriteOneRun() throws {
    let process = try start()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    for arguments in [
      ["train", "--resume", "r"], ["pipeline", "--resume", "r"],
      ["train", "experiment.yaml", "--run-dir", "r", "--force"],
    ] {
      let other = try CommandRun(arguments, in: folder.path)
      #expect(other.status == 1)
      #expect(
        other.errors.contains("held by process \(process.processIdentifier)"), "\(other.errors)")
    }
    #expect(process.isRunning)
    // Reading is free.
    #expect(try report("r").status == 0)
  }

  @Test func aStaleLockIsRecognised() throws {
    let process = try start()
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(exists("\(folder.path)/r/.lock"))
    let run = try report("train", "--resume", "r", "--extend-epochs", "1")
    #expect(run.errors.contains("Note: process \(process.processIdentifier), which wrote r"))
    // Refused for another reason, and the lock is given back.
    #expect(run.status == 1 && run.errors.contains("would be fewer"), "\(run.errors)")
    #expect(!exists("\(folder.path)/r/.lock"))
  }

  @Test func aFinishedRunIsNotOverwritten() throws {
    #expect(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    let log = try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl")
    let again = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(again.status == 1 && again.errors.contains("--force"))
    let resumed = try report("train", "--resume", "r")
    #expect(resumed.status == 0 && resumed.errors.contains("is finished"), "\(resumed.errors)")
    #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl") == log)
    #expect(try report("train", "experiment.yaml", "--run-dir", "r", "--force").status == 0)
  }

  // MARK: Usage

  @Test(arguments: [
    (["train"], "Name an experiment"), (["train", "experiment.yaml", "--resume", "r"], "leave"),
    (["train", "--resume", "r", "--set", "training.epochs=3"], "do not go"),
    (["pipeline", "--resume", "r", "--force"], "do not go"),
    (["train", "experiment.yaml", "--extend-epochs", "3"], "goes with --resume"),
    (["train", "--resume", "r", "--extend-epochs", "0"], "must be from 1"),
  ])
  func refusesWrongUsage(_ arguments: [String], _ expected: String) throws {
    let run = try CommandRun(arguments, in: folder.path)
    #expect(run.status == 64 && run.errors.contains(expected), "\(run.errors)")
  }

  @Test func resumingNothingIsAnError() throws {
    let run = try report("train", "--resume", "nowhere")
    #expect(run.status == 1 && run.errors.contains("there is no experiment.yaml"))
    #expect(!exists("\(folder.path)/nowhere"))
  }

  @Test func aChangedConfigurationIsRefusedByName() throws {
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    let path = "\(folder.path)/r/experiment.yaml"
    let yaml = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(yaml.replacing("batch_size: 8", with: "batch_size: 4"), to: path)
    let run = try report("train", "--resume", "r")
    #expect(run.status == 1)
    #expect(
      run.errors.contains("training.batch_size was 8, now it is 4"), "\(run.errors)")
  }

  // MARK: Full disks

  /// Runs with no file allowed to grow beyond so many KiB: what a full disk says, at a chosen moment.
  ///
  /// SIGXFSZ is ignored, so that a write fails with EFBIG instead of ending the process.
  private func limited(_ kibibytes: Int, _ arguments: [String]) throws -> CommandRun {
    try CommandRun(
      [
        "-c", "trap '' XFSZ; ulimit -f \(kibibytes); exec \"$0\" \"$@\"",
        CommandRun.executable.path,
      ] + arguments, executable: "/bin/bash", in: folder.path)
  }

  /// A checkpoint has 54 KB, a prefix 20, a log of three epochs 6.
  @Test(arguments: [
    (4, ["--no-cache"], "log.jsonl"), (16, ["--no-cache"], "checkpoints/"),
  ])
  func aFullDiskStopsTheRunAndLosesNothing(
    _ kibibytes: Int, _ options: [String], _ file: String
  ) throws {
    let name = file == "log.jsonl" ? 12 : 3
    let settings = ["--set", "training.epochs=\(name)", "--threads", "1"]
    _ = try CommandRun(
      ["train", "experiment.yaml", "--run-dir", "whole"] + settings, in: folder.path)
    let run = try limited(
      kibibytes, ["train", "experiment.yaml", "--run-dir", "r"] + settings + options)
    #expect(run.status == 1)
    #expect(run.errors.contains(file) && run.errors.contains("File too large"), "\(run.errors)")
    #expect(run.errors.contains("--resume r goes on"))
    // Whatever is there is whole.
    for path in try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/r") {
      #expect(!path.hasSuffix(".tmp"), "\(path)")
    }
    #expect(try RunLogContents.read("\(folder.path)/r/log.jsonl").warning == nil)
    // With room again it goes on, to the same bits.
    let resumed = try report("train", "--resume", "r")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try weights("r") == weights("whole"))
  }
}
