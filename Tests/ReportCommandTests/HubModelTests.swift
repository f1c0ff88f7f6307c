import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// Models by name, as a user has them: fetched by `report download` or by a training, from a hub on loopback.
@Suite struct HubModelTests {
  private let folder: TemporaryFolder
  private let hub: FakeHub

  init() throws {
    folder = try TemporaryFolder()
    hub = try FakeHub(folder: Fixture.path("train/model"))
    let yaml = FixtureExperiment("epochs: 1", "batch_size: 8").yaml
      .replacing(Fixture.path("train/model"), with: FakeHub.model)
    try AtomicFile.write(yaml, to: "\(folder.path)/experiment.yaml")
  }

  private var variables: [String: String] {
    ["HF_HOME": "\(folder.path)/hf", "HF_ENDPOINT": hub.endpoint, "HF_TOKEN": "hf_secret"]
  }
  private var cache: String { "\(folder.path)/hf/hub" }
  private var snapshot: String { "\(cache)/models--tiny--bert/snapshots/\(hub.commit)" }

  private func report(
    _ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]
  ) throws -> CommandRun {
    try CommandRun(
      arguments, input: input, in: folder.path,
      environment: variables.merging(environment) { $1 })
  }

  @Test func aModelIsFetchedAndUsed() throws {
    let download = try report("download", FakeHub.model)
    #expect(download.status == 0 && download.output == snapshot + "\n", "\(download.errors)")
    #expect(download.errors == "Fetching tiny/bert from \(hub.endpoint) into \(cache) …\n")
    let count = hub.behaviour.withLock { $0.requests.count }
    let training = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(training.status == 0, "\(training.errors)")
    // All of it was there, so nobody was asked.
    #expect(hub.behaviour.withLock { $0.requests.count } == count)
    let tokens = try report("tokenize", FakeHub.model, input: Array("a\n".utf8))
    let expected = try report("tokenize", Fixture.path("train/model"), input: Array("a\n".utf8))
    #expect(tokens.status == 0 && tokens.output == expected.output, "\(tokens.errors)")
  }

  @Test func aTrainingFetchesWhatIsMissing() throws {
    let run = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.hasPrefix("Fetching tiny/bert from \(hub.endpoint) into \(cache) …\n"))
    let directory = RunDirectory("\(folder.path)/r")
    let environment = try RunEnvironment.read(directory.environment)
    #expect(
      environment.hubModel == HubModel(id: "tiny/bert", revision: "main", commit: hub.commit))
    #expect(environment.hashes.contains { $0.name == "checkpoint/model.safetensors" })
    #expect(try Experiment.read(directory.experiment).model.checkpoint == FakeHub.model)
    let started = try RunLogContents.read(directory.log).records.compactMap { record in
      if case .runStarted(let started) = record { started } else { nil }
    }
    #expect(started.map(\.checkpointName) == ["tiny/bert"])
    // The same weights from a folder give the same bits.
    let yaml = FixtureExperiment("epochs: 1", "batch_size: 8").yaml
    try AtomicFile.write(yaml, to: "\(folder.path)/folder.yaml")
    _ = try report("train", "folder.yaml", "--run-dir", "f")
    #expect(
      try SHA256.hex(ofFile: "\(folder.path)/r/model/model.safetensors")
        == SHA256.hex(ofFile: "\(folder.path)/f/model/model.safetensors"))
    // Nothing that was written holds the token.
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let path = "\(folder.path)/\(name)"
      guard !isFolder(path), exists(path) else { continue }
      let text = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
      #expect(!text.contains("hf_secret"), "\(name)")
    }
  }

  @Test func aDryRunFetchesToo() throws {
    let run = try report("train", "experiment.yaml", "--dry-run")
    #expect(run.status == 0 && run.output.contains("Steps:"), "\(run.errors)")
    #expect(exists("\(snapshot)/model.safetensors"))
  }

  @Test func nothingIsFetchedWhereThatIsForbidden() throws {
    for arguments in [["train", "experiment.yaml"], ["download", FakeHub.model]] {
      let run = try CommandRun(
        arguments, in: folder.path,
        environment: variables.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          "'tiny/bert' is neither a folder nor in the Hugging Face cache, \(cache). It is not fetched, since HF_HUB_OFFLINE=1"
        ),
        "\(run.errors)")
    }
    #expect(hub.behaviour.withLock { $0.requests.isEmpty })
    #expect(!exists("\(folder.path)/hf") && !exists("\(folder.path)/runs"))
  }

  /// A folder that is there is meant; with its path, as ever.
  @Test func aFolderGoesBeforeAName() throws {
    try makeFolder("\(folder.path)/tiny")
    try FileManager.default.copyItem(
      atPath: Fixture.path("train/model"), toPath: "\(folder.path)/tiny/bert")
    let run = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(run.status == 0, "\(run.errors)")
    let directory = RunDirectory("\(folder.path)/r")
    #expect(
      try Experiment.read(directory.experiment).model.checkpoint == "\(folder.path)/tiny/bert")
    #expect(try RunEnvironment.read(directory.environment).hubModel == nil)
    #expect(hub.behaviour.withLock { $0.requests.isEmpty })
  }

  /// The branch has moved on since: the run goes on with the commit that it began with.
  @Test func aRunStaysWithItsCommit() throws {
    let first = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(first.status == 0, "\(first.errors)")
    let before = hub.commit
    hub.behaviour.withLock {
      $0.commit = String(repeating: "9", count: 40)
      $0.files["vocab.txt"] = ($0.files["vocab.txt"] ?? []) + Array("zzz\n".utf8)
    }
    #expect(try report("download", FakeHub.model).status == 0)
    let path = "\(folder.path)/r"
    #expect(readText("\(cache)/models--tiny--bert/refs/main", limit: 100) != before)
    let more = try report("train", "--resume", "r", "--extend-epochs", "2")
    #expect(more.status == 0, "\(more.errors)")
    #expect(try RunEnvironment.read(RunDirectory(path).environment).hubModel?.commit == before)
    // Without that commit and without the network, a folder may be named.
    try FileManager.default.removeItem(atPath: "\(folder.path)/hf")
    let offline = ["HF_HUB_OFFLINE": "1"]
    let refused = try report("train", "--resume", "r", "--extend-epochs", "3", environment: offline)
    #expect(refused.status == 1 && refused.errors.contains("--set model.checkpoint=FOLDER"))
    #expect(refused.errors.contains("HF_HUB_OFFLINE=1"), "\(refused.errors)")
    let told = try report(
      "train", "--resume", "r", "--extend-epochs", "3", "--set",
      "model.checkpoint=\(Fixture.path("train/model"))", environment: offline)
    #expect(told.status == 0, "\(told.errors)")
  }

  @Test(arguments: ["bert", "a/b/c", "../b", "a/b@"]) func whatIsNoNameIsWrongUsage(_ name: String)
    throws
  {
    let run = try report("download", name)
    #expect(run.status == 64)
    #expect(run.errors.contains("'\(name)' names no model of the hub; expected OWNER/MODEL"))
  }

  @Test func whatTheCacheLacksIsSaid() throws {
    for command in ["tokenize", "predict"] {
      let run = try report(command, "other/model")
      #expect(run.status == 1)
      #expect(run.errors.contains("`report download other/model` fetches what is missing."))
    }
    #expect(hub.behaviour.withLock { $0.requests.isEmpty })
  }

  // The Thread Sanitizer maps a file of its own at the start, which dies of SIGBUS under `ulimit -f`.
  @Test(.unless(sanitizers: ["thread"])) func aFullDiskKeepsWhatCame() throws {
    // The weights are 43,652 bytes.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" download tiny/bert"
    let run = try CommandRun(
      ["-c", script, CommandRun.executable.path], executable: "/bin/bash", in: folder.path,
      environment: variables)
    #expect(run.status == 1)
    #expect(run.errors.contains(".incomplete: File too large"), "\(run.errors)")
    #expect(!exists("\(snapshot)/model.safetensors") && exists("\(snapshot)/config.json"))
    let again = try report("download", FakeHub.model)
    #expect(again.status == 0, "\(again.errors)")
    #expect(
      try SHA256.hex(ofFile: "\(snapshot)/model.safetensors")
        == SHA256.hex(ofFile: Fixture.path("train/model/model.safetensors")))
  }

  @Test func ofTwoProcessesOneFetchesAndTheOtherWaits() throws {
    let isHalfway = DispatchSemaphore(value: 0)
    let mayGoOn = DispatchSemaphore(value: 0)
    let isFirst = Locked(true)
    let behaviour = hub.behaviour.withLock { $0 }
    hub.intercept { request in
      guard request.method == "GET", request.path == "/storage/model.safetensors",
        isFirst.withLock({ value in
          defer { value = false }; return value
        })
      else { return nil }
      var response = FakeHub.answer(request, behaviour)
      response.halfway = {
        isHalfway.signal()
        _ = mayGoOn.wait(timeout: .now() + 240)
      }
      return response
    }
    func start(_ name: String) throws -> Process {
      let process = Process()
      process.executableURL = CommandRun.executable
      process.arguments = ["download", FakeHub.model]
      process.environment = CommandRun.environment(folder.path).merging(variables) { $1 }
      let path = "\(folder.path)/\(name)"
      try AtomicFile.write("", to: path)
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      return process
    }
    let first = try start("first")
    try #require(isHalfway.wait(timeout: .now() + 240) == .success)
    let second = try start("second")
    try wait(for: "the second process to wait", while: { second.isRunning }) {
      readText("\(folder.path)/second", limit: 4096)?.contains(
        "Waiting for another process that is fetching model.safetensors …") == true
    }
    mayGoOn.signal()
    for process in [first, second] {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(hub.requests("GET", "/storage/model.safetensors").count == 1)
    #expect(exists("\(snapshot)/model.safetensors"))
  }

  /// A render does not load what sends requests.
  @Test func reportDoesNotLoadTheNetwork() throws {
    let bytes = try RandomAccessFile(CommandRun.executable.path).contents()
    #expect(!String(decoding: bytes, as: UTF8.self).contains("libFoundationNetworking"))
    let program = CommandRun.executable.deletingLastPathComponent()
      .appendingPathComponent("report-http").path
    let other = try RandomAccessFile(program).contents()
    #expect(String(decoding: other, as: UTF8.self).contains("libFoundationNetworking"))
  }

  /// Where the second program was left behind, it is said.
  @Test func aProgramThatWasMovedAloneSaysSo() throws {
    try makeFolder("\(folder.path)/bin")
    let path = "\(folder.path)/bin/report"
    try FileManager.default.copyItem(atPath: CommandRun.executable.path, toPath: path)
    let run = try CommandRun(
      ["download", FakeHub.model], executable: path, in: folder.path, environment: variables)
    #expect(run.status == 1)
    #expect(
      run.errors.contains(
        "bin/report-http, which fetches files, cannot be started: it is not there. Keep it beside the program"
      ),
      "\(run.errors)")
  }
}
