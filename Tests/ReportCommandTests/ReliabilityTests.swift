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
    var experiment = FixtureExperiment(
      "epochs: 3", "batch_size: 8", "optimizer: {learning_rate: 1e-3}")
    experiment.hasTest = false
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
  }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  /// A `report train` that would take very long.
  private func start(_ arguments: [String] = []) throws -> Process {
    let process = try CommandRun.start(
      ["train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
        + ["--set", "training.epochs=100000"] + arguments, in: folder.path)
    let history = "\(folder.path)/r/training_history.json"
    try wait(for: "the first epoch", while: { process.isRunning }) { exists(history) }
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
    // Between the last of an epoch's four steps and its end, or right after that.
    let isAfterEpoch = step % 4 == 0 && names.contains(RunDirectory.name(step / 4))
    #expect(
      names.contains { $0.hasSuffix("-step-\(step)") } || isAfterEpoch, "\(step) \(names)")
    #expect(!exists("\(folder.path)/r/.lock"))
  }

  /// Of a closed terminal and of batch systems; these come more than once, as SIGXCPU does every second, and end nothing
  /// at once.
  @Test(arguments: [SIGHUP, SIGXCPU, SIGUSR1])
  func aSystemsSignalSavesTheStateAndExits130(_ signal: Int32) throws {
    // Tests may run under nohup, whose ignoring of SIGHUP is inherited and respected.
    let process = try CommandRun.start(
      ["--default-signal=HUP", CommandRun.executable.path]
        + ["train", "experiment.yaml", "--run-dir", "r", "--threads", "1"]
        + ["--set", "training.epochs=100000"], executable: "/usr/bin/env", in: folder.path)
    let history = "\(folder.path)/r/training_history.json"
    try wait(for: "the first epoch", while: { process.isRunning }) { exists(history) }
    // Stopped, so that several are there before it can do anything; those of one number are one.
    kill(process.processIdentifier, SIGSTOP)
    for other in [signal, SIGXCPU, SIGUSR1] { kill(process.processIdentifier, other) }
    kill(process.processIdentifier, SIGCONT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
    guard case .interrupted = try lastRecord("r") else {
      Issue.record("not recorded")
      return
    }
    #expect(!exists("\(folder.path)/r/.lock"))
  }

  /// What `nohup` starts goes on when the terminal closes.
  @Test func anIgnoredHangUpStaysIgnored() throws {
    let process = try CommandRun.start(
      ["--ignore-signal=HUP", CommandRun.executable.path]
        + ["train", "experiment.yaml", "--run-dir", "r", "--threads", "1"],
      executable: "/usr/bin/env", in: folder.path)
    let log = "\(folder.path)/r/log.jsonl"
    try wait(for: "the log", while: { process.isRunning }) { exists(log) }
    kill(process.processIdentifier, SIGHUP)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
  }

  /// In one block that takes seconds: whoever waits for its end writes what the log would then hold.
  @Test(.unless(sanitizers: ["thread"])) func aSecondSignalExitsAtOnce() throws {
    let process = try CommandRun.start(
      ["train", "builtin:demo", "--run-dir", "r", "--threads", "1"]
        + [
          "model.frozen_layers=0", "model.freeze_embeddings=false", "data.percentage=20",
          "training.batch_size=1024", "training.block_tokens=1000000",
        ].flatMap { ["--set", $0] }, in: folder.path)
    try wait(for: "the start of the training", while: { process.isRunning }) {
      if case .files = try? lastRecord("r") { true } else { false }
    }
    // In the middle of the only block, which takes seconds: nothing notices the first signal before it ends.
    let before = try processorTicks(process)
    try wait(for: "the block", while: { process.isRunning }) {
      try processorTicks(process) >= before + 20
    }
    // Stopped, so that both signals are there before it can do anything.
    kill(process.processIdentifier, SIGSTOP)
    kill(process.processIdentifier, SIGINT)
    kill(process.processIdentifier, SIGTERM)
    kill(process.processIdentifier, SIGCONT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    // What comes right after the start of the run.
    guard case .files = try lastRecord("r") else {
      Issue.record("it went on to \(String(describing: try lastRecord("r")))")
      return
    }
  }

  /// Hundredths of a second that a process has computed (proc_pid_stat(5): utime).
  private func processorTicks(_ process: Process) throws -> Int {
    let stat = try #require(readText("/proc/\(process.processIdentifier)/stat", limit: 4096))
    // The name stands in brackets and may hold spaces.
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    return try #require(fields.count > 11 ? Int(fields[11]) : nil)
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
      // It would train for hours if it could.
      let other = try CommandRun(
        ["-s", "KILL", "60", CommandRun.executable.path] + arguments,
        executable: "/usr/bin/timeout",
        in: folder.path)
      #expect(other.status == 1)
      #expect(
        other.errors.contains("held by process \(process.processIdentifier)"), "\(other.errors)")
    }
    #expect(process.isRunning)
  }

  /// Reading takes no lock: the report shows the run as far as its log went when it was read.
  @Test func aRunThatIsBeingTrainedIsReported() throws {
    let process = try start()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // On a busy machine a report may be made while the training does not get a step done.
    try wait(for: "a report that the log has outrun", while: { process.isRunning }) {
      let reading = try report("r")
      #expect(reading.status == 0, "\(reading.errors)")
      return reading.errors.contains("Note: r is being trained; this is its state after epoch ")
    }
    // What it says of the log holds of the log's beginning.
    let record = try #require(try JSON.read("\(folder.path)/r/report.json")["inputs"]?.array)
    let log = try #require(record.first { $0["file"]?.string == "log.jsonl" })
    let (bytes, hash) = (try #require(log["bytes"]?.integer), log["sha256"]?.string)
    #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl", first: bytes) == hash)
    #expect(try RandomAccessFile("\(folder.path)/r/log.jsonl").size > bytes)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(text.contains("The run ended early") || text.contains("planned"))
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
    (["train", "--resume", "r", "--set", "training.epochs=3"], "continues a run as it is"),
    (["pipeline", "--resume", "r", "--force"], "continues a run as it is"),
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

  private func size(_ path: String) throws -> Int {
    try RandomAccessFile("\(folder.path)/\(path)").size
  }

  /// Names of unfinished files below a folder.
  private func leftovers(_ run: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/\(run)")
      .filter { $0.hasSuffix(".tmp") || $0.contains("scratch") }
  }

  /// Trains with a limit on files, without it again, and compares with a run that never had one.
  private func trainWithFullDisk(
    _ kibibytes: (Int) throws -> Int, failingAt file: String, _ settings: [String]
  ) throws {
    let arguments = ["train", "experiment.yaml", "--threads", "1", "--run-dir"]
    _ = try CommandRun(arguments + ["whole"] + settings, in: folder.path)
    let checkpoint = try listFolder("\(folder.path)/whole/checkpoints").first {
      $0 != "experiment.yaml"
    }
    let limit = try kibibytes(
      size("whole/checkpoints/\(try #require(checkpoint))/state.safetensors"))
    let run = try limited(limit, arguments + ["r"] + settings)
    #expect(run.status == 1)
    #expect(run.errors.contains("r/\(file)"), "\(run.errors)")
    #expect(run.errors.contains("File too large") && run.errors.contains("--resume r continues"))
    #expect(try leftovers("r").isEmpty)
    #expect(try RunLogContents.read("\(folder.path)/r/log.jsonl").warning == nil)
    let resumed = try report("train", "--resume", "r")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try weights("r") == weights("whole"))
  }

  // The Thread Sanitizer maps a file of its own at the start, which dies of SIGBUS under `ulimit -f`.
  @Test(.unless(sanitizers: ["thread"])) func aFullDiskWhileLogging() throws {
    // The last epochs' steps outgrow a checkpoint, and then the disk.
    try trainWithFullDisk(
      { $0 / 1024 + 4 }, failingAt: "log.jsonl",
      ["--set", "training.batch_size=1", "--set", "training.epochs=16"])
  }

  @Test(.unless(sanitizers: ["thread"])) func aFullDiskWhileSavingACheckpoint() throws {
    try trainWithFullDisk({ $0 / 1024 - 1 }, failingAt: "checkpoints/", [])
  }

  @Test(.unless(sanitizers: ["thread"])) func aFullDiskWhileCaching() throws {
    let header = "text\tlabel\n"
    let rows = try String(contentsOfFile: Fixture.path("train/data/train.tsv"), encoding: .utf8)
      .dropFirst(header.count)
    try AtomicFile.write(
      header + String(repeating: String(rows), count: 12), to: "\(folder.path)/many.tsv")
    let arguments = [
      "train", "experiment.yaml", "--set", "data.source.train=\(folder.path)/many.tsv", "--run-dir",
    ]
    let run = try limited(120, arguments + ["r"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Note: The cache cannot be used"))
    #expect(run.errors.contains("are computed again in every epoch"))
    #expect(try leftovers(".cache").isEmpty)
    // To rounding what a run with room finds.
    _ = try CommandRun(arguments + ["whole"], in: folder.path)
    func losses(_ run: String) throws -> [Double] {
      try RunLogContents.read("\(folder.path)/\(run)/log.jsonl").records.compactMap {
        if case .epoch(let epoch) = $0 { epoch.loss } else { nil }
      }
    }
    expectClose(try losses("r"), try losses("whole"), absolute: 1e-5)
  }

  @Test(.unless(sanitizers: ["thread"])) func aFullDiskWhileDrawingAndReporting() throws {
    _ = try report("pipeline", "experiment.yaml", "--run-dir", "r")
    let files = try listFolder("\(folder.path)/r").filter { $0.hasSuffix(".png") } + ["report.md"]
    func digests() throws -> [String] {
      try files.map { try SHA256.hex(ofFile: "\(folder.path)/r/\($0)") }
    }
    let before = try digests()
    let drawing = try limited(20, ["r"])
    #expect(drawing.status == 1)
    #expect(drawing.errors.contains(".png") && drawing.errors.contains("File too large"))
    // A report longer than any figure.
    let largest = try files.map { try size("r/\($0)") }.max() ?? 0
    let lines = String(repeating: "long\n", count: 40_000)
    try AtomicFile.write(
      "{{#results}}\n\(lines){{/results}}\n",
      to: "\(folder.path)/long.mustache")
    let writing = try limited(largest / 1024 + 1, ["r", "--template", "long.mustache"])
    #expect(writing.status == 1)
    #expect(writing.errors.contains("report.md") && writing.errors.contains("File too large"))
    #expect(try digests() == before)
    #expect(try leftovers("r").isEmpty)
  }

  // MARK: Folders and memory

  /// Root may write anywhere, so the command runs as nobody then.
  @Test func aReadOnlyFolderIsAnError() throws {
    try makeFolder("\(folder.path)/closed/r")
    _ = try report("train", "experiment.yaml", "--run-dir", "closed/r")
    #expect(chmod(folder.path, 0o755) == 0)
    for path in ["closed", "closed/r"] { #expect(chmod("\(folder.path)/\(path)", 0o555) == 0) }
    defer {
      for path in ["closed", "closed/r"] { chmod("\(folder.path)/\(path)", 0o755) }
    }
    var program: (path: String, prefix: [String]) = (CommandRun.executable.path, [])
    if geteuid() == 0 {
      program = ("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups"])
      let probe = try CommandRun(
        program.prefix + [CommandRun.executable.path, "--version"], executable: program.path,
        in: folder.path)
      // The build folder may be closed to others, below /root for instance.
      if probe.status != 0 { return }
      program.prefix.append(CommandRun.executable.path)
    }
    for (arguments, file) in [
      (["train", "experiment.yaml", "--run-dir", "closed/new"], "closed/new"),
      (["train", "--resume", "closed/r"], "closed/r/.lock"), (["closed/r"], "closed/r/"),
    ] {
      let run = try CommandRun(
        program.prefix + arguments, executable: program.path, in: folder.path)
      #expect(run.status == 1)
      #expect(
        run.errors.contains(file) && run.errors.contains("Permission denied"), "\(run.errors)")
    }
  }

  // Sanitizers reserve terabytes of addresses, so no program starts with one under `ulimit -v`.
  @Test(.unless(sanitizers: ["address", "thread"]))
  func tooLittleMemoryIsSaidBeforeAnythingIsWritten() throws {
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    let log = try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl")
    let run = try limited(
      to: 250_000, "-v", ["--threads", "1024", "--set", "model.frozen_layers=0"])
    #expect(run.status == 1)
    #expect(run.errors.contains("training need at least about"), "\(run.errors)")
    #expect(run.errors.contains("ulimit -v") && run.errors.contains("--ignore-memory"))
    #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl") == log)
  }

  /// Trains the built-in example with so many KiB of some memory.
  private func limited(
    to kibibytes: Int, _ kind: String, _ options: [String]
  ) throws -> CommandRun {
    try CommandRun(
      [
        "-c", "ulimit \(kind) \(kibibytes); exec \"$0\" \"$@\"", CommandRun.executable.path,
        "train",
        "builtin:demo", "--run-dir", "r", "--force", "--set", "training.epochs=1", "--set",
        "data.percentage=2", "--set", "data.targets=[]",
      ] + options, executable: "/bin/bash", in: folder.path)
  }

  /// OpenBLAS' threads would ask for 128 MB of addresses each, for ever where there are too few; so it is told to make
  /// none, and not loaded where nothing is computed.
  @Test(.unless(sanitizers: ["address", "thread"]), arguments: ["-v", "-d"])
  func endsWhereAddressesAreFew(_ kind: String) throws {
    let run = try CommandRun(
      [
        "-c", "ulimit \(kind) 200000; exec timeout -s KILL 60 \"$0\" --version",
        CommandRun.executable.path,
      ], executable: "/bin/bash", in: folder.path)
    #expect(run.status == 0 && run.output == "\(Version.current)\n", "\(run.errors)")
  }

  /// A file in its place that is no library, as far as the dynamic linker is concerned a broken installation.
  @Test func aMissingOpenBLASIsSaidWhereItIsNeeded() throws {
    let libraries = "\(folder.path)/libraries"
    try makeFolder(libraries)
    try AtomicFile.write("none", to: "\(libraries)/libopenblas.so.0")
    let broken = ["LD_LIBRARY_PATH": libraries]
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    let before = try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl")
    for arguments in [
      ["train", "experiment.yaml", "--run-dir", "r", "--force"],
      ["train", "experiment.yaml", "--run-dir", "new"], ["predict", "r", "gut"],
      ["train", "--resume", "r"],
      ["evaluate", "r", "--language", "fr", "--data", "\(Fixture.path("train/data"))/target.tsv"],
    ] {
      let run = try CommandRun(arguments, in: folder.path, environment: broken)
      #expect(run.status == 1, "\(arguments)")
      #expect(
        run.errors.contains("OpenBLAS, which computes matrix products, cannot be loaded")
          && run.errors.contains("apt-get install libopenblas0"), "\(arguments): \(run.errors)")
    }
    #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl") == before)
    #expect(!exists("\(folder.path)/new"))
    // What needs no products does not look for it.
    for arguments in [
      ["r"], ["figures", "r", "--only", "losses", "--output", "f"], ["audit", "r"],
    ] {
      let run = try CommandRun(arguments, in: folder.path, environment: broken)
      #expect(run.status == 0, "\(arguments): \(run.errors)")
    }
  }

  /// A user's choice is taken at its word by OpenBLAS, recorded, and hindered only where it would end the process.
  @Test func theUsersKernelsAreRecorded() throws {
    let run = try CommandRun(
      ["train", "experiment.yaml", "--run-dir", "r"], in: folder.path,
      environment: ["OPENBLAS_CORETYPE": "Nehalem"])
    #expect(run.status == 0, "\(run.errors)")
    let environment = try RunEnvironment.read("\(folder.path)/r/environment.json")
    #expect(environment.blasKernel == "Nehalem")
    #expect(environment.blasKernelReason == "OPENBLAS_CORETYPE asks for it")
    #expect(environment.blas.contains("Nehalem"))
  }

  /// A file that cannot be read into so few addresses: without the first check, which knows its size alone, reading
  /// it ends the process, as `--ignore-memory` shows.
  @Test(.unless(sanitizers: ["address", "thread"]), arguments: ["-v", "-d"])
  func dataThatDoNotFitAreNotRead(_ kind: String) throws {
    let path = "\(folder.path)/large.tsv"
    try AtomicFile.write("text\tlabel\n", to: path)
    // Holes, which take no room on the disk.
    #expect(truncate(path, 500_000_000) == 0)
    func run(_ options: String...) throws -> CommandRun {
      try CommandRun(
        [
          "-c", "ulimit \(kind) 400000; exec \"$0\" \"$@\"", CommandRun.executable.path, "train",
          "experiment.yaml", "--run-dir", "r", "--set", "data.source.train=\(path)",
        ] + options, executable: "/bin/bash", in: folder.path,
        environment: ["SWIFT_BACKTRACE": "enable=no"])
    }
    let refusal = try run()
    #expect(refusal.status == 1)
    #expect(
      refusal.errors.contains("reading data and weights and training need at least about"),
      "\(refusal.errors)")
    #expect(
      refusal.errors.contains("ulimit \(kind)") && refusal.errors.contains("nothing was written"))
    #expect(!exists("\(folder.path)/r"))
    let ignoring = try run("--ignore-memory")
    #expect(ignoring.errors.contains("Warning: reading data and weights"), "\(ignoring.errors)")
    #expect(![0, 1].contains(ignoring.status), "it was read nevertheless")
  }

  /// The limit is a little below the estimate, which is above the need.
  @Test(.unless(sanitizers: ["address", "thread"])) func tooLittleMemoryCanBeIgnored() throws {
    var limit = 60_000
    // What a refusal says that is needed, and what there is, in MB; the first check's, then the second's.
    func shortage(_ words: String) throws -> Int {
      let refusal = try limited(to: limit, "-d", ["--threads", "1"])
      #expect(refusal.status == 1 && refusal.errors.contains(words), "\(refusal.errors)")
      let numbers = refusal.errors.split(separator: " ").compactMap { Int($0) }
      try #require(numbers.count >= 2, "\(refusal.errors)")
      return numbers[0] - numbers[1]
    }
    limit += 1000 * (try shortage("need at least about") + 2)
    limit += 1000 * (try shortage("training needs about") - 4)
    #expect(try limited(to: limit, "-d", ["--threads", "1"]).status == 1)
    let run = try limited(to: limit, "-d", ["--threads", "1", "--ignore-memory"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Warning: training needs about"), "\(run.errors)")
  }

  /// `predict` and `evaluate` say what they need, and with that much they work: first by what files tell, then by the
  /// texts themselves.
  @Test(
    .unless(sanitizers: ["address", "thread"]), arguments: ["predict", "evaluate"], ["-v", "-d"])
  func scoringSaysWhatItNeeds(_ command: String, _ kind: String) throws {
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    let log = try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl")
    let data = ["--language", "fr", "--data", Fixture.path("train/data/target.tsv")]
    func score(_ kibibytes: Int) throws -> CommandRun {
      // Killed where it would ask for memory for ever.
      try CommandRun(
        [
          "-c", "ulimit \(kind) \(kibibytes); exec timeout -s KILL 60 \"$0\" \"$@\"",
          CommandRun.executable.path, command, "r", "--threads", "1",
        ] + (command == "predict" ? ["good film"] : data), executable: "/bin/bash", in: folder.path)
    }
    // What a refusal says that is needed, and what there is, in MB.
    func shortage(_ refusal: CommandRun) throws -> Int {
      #expect(refusal.status == 1 && refusal.output.isEmpty, "\(refusal.errors)")
      #expect(
        refusal.errors.contains("scoring need")
          && refusal.errors.contains("(ulimit \(kind)) leaves")
          && refusal.errors.contains("Use fewer --threads or allow more memory."),
        "\(refusal.errors)")
      #expect(!refusal.errors.contains("train"), "\(refusal.errors)")
      let numbers = refusal.errors.split(separator: " ").compactMap { Int($0) }
      try #require(numbers.count >= 2, "\(refusal.errors)")
      return numbers[0] - numbers[1]
    }
    var limit = kind == "-v" ? 200_000 : 60_000
    let first = try score(limit)
    #expect(first.errors.contains("reading texts and model and scoring need at least about"))
    limit += 1000 * (try shortage(first))
    // The second check asks for a little more, of which the first cannot know.
    var run = try score(limit)
    for _ in 0..<20 where run.status != 0 {
      #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl") == log)
      limit += 1000 * max(1, try shortage(run))
      run = try score(limit)
    }
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Whoever goes on nevertheless, with fewer addresses than OpenBLAS' buffer takes, gets an error where the library
  /// would ask for ever.
  @Test(.unless(sanitizers: ["address", "thread"]), arguments: ["-v", "-d"])
  func openBLASIsNotLeftAskingForMemory(_ kind: String) throws {
    let run = try CommandRun(
      [
        "-c",
        "ulimit \(kind) \(kind == "-v" ? 210_000 : 90_000); exec timeout -s KILL 60 \"$0\" \"$@\"",
        CommandRun.executable.path, "train", "experiment.yaml", "--run-dir", "r", "--threads", "1",
        "--ignore-memory",
      ], executable: "/bin/bash", in: folder.path)
    #expect(run.status == 1, "\(run.status) \(run.errors)")
    #expect(
      run.errors.contains(
        "OpenBLAS, which computes matrix products, needs 134 MB of address space for one thread, which the "
          + "system refuses (Cannot allocate memory). Use fewer --threads"), "\(run.errors)")
    #expect(!exists("\(folder.path)/r/log.jsonl"))
  }

  /// Started by a program that had 200 MB: what getrusage(2) tells would be that program's peak.
  @Test(.unless(sanitizers: ["address", "thread"])) func thePeakOfMemoryIsItsOwn() throws {
    let run = try CommandRun(
      [
        "-c", "x=$(head -c 200000000 /dev/zero | tr '\\0' a); exec \"$0\" \"$@\"",
        CommandRun.executable.path, "train", "experiment.yaml", "--run-dir", "r",
      ], executable: "/bin/bash", in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    guard case .runFinished(let record)? = try lastRecord("r") else {
      Issue.record("not finished")
      return
    }
    #expect((20_000_000..<150_000_000).contains(record.peakMemoryBytes))
  }

  /// The estimate of the first words against the kernel's count at the end, on a model that is large enough to
  /// count beside the program itself.
  @Test(
    .unless(sanitizers: ["address", "thread"]),
    arguments: [["--threads", "1"], ["--threads", "3", "--set", "model.frozen_layers=0"]])
  func takesTheMemoryItSaid(_ options: [String]) throws {
    let run = try CommandRun(
      [
        "train", "builtin:demo", "--run-dir", "r", "--set", "data.percentage=5", "--set",
        "data.targets=[]",
        "--set", "training.epochs=1",
      ] + options, in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let words = run.errors.split(separator: "\n").first { $0.contains("takes up to about") }
    let megabytes = words?.split(separator: " ").compactMap { Double($0) }.first
    guard case .runFinished(let record)? = try lastRecord("r"), let megabytes else {
      Issue.record("\(run.errors)")
      return
    }
    let ratio = megabytes * 1e6 / Double(record.peakMemoryBytes)
    #expect((1...1.5).contains(ratio), "\(megabytes) MB, \(record.peakMemoryBytes) B")
  }

  // MARK: Odd data

  private func pipeline(training: String, validation: String) throws -> CommandRun {
    try AtomicFile.write(training, to: "\(folder.path)/train.tsv")
    try AtomicFile.write(validation, to: "\(folder.path)/validation.tsv")
    return try report(
      "pipeline", "experiment.yaml", "--run-dir", "r",
      "--set", "data.source.train=\(folder.path)/train.tsv",
      "--set", "data.source.validation=\(folder.path)/validation.tsv",
      "--set", "data.targets.0.validation=\(folder.path)/validation.tsv")
  }

  /// Report and figures are there, and no number in them is none.
  private func expectWhole(
    _ run: CommandRun, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(run.status == 0, "\(run.errors)", sourceLocation: sourceLocation)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(
      !text.lowercased().contains("nan") && !text.contains("inf "), sourceLocation: sourceLocation)
    for figure in ["losses", "ROC", "confusion", "per_class", "calibration", "dashboard"] {
      #expect(
        exists("\(folder.path)/r/\(figure).png"), "\(figure)", sourceLocation: sourceLocation)
    }
  }

  @Test func oneExampleInEverySplit() throws {
    let run = try pipeline(
      training: "text\tlabel\ngood film\tpositive\n",
      validation: "text\tlabel\nbad film\tnegative\n")
    try expectWhole(run)
  }

  @Test func aClassThatNeverOccurs() throws {
    let run = try pipeline(
      training: "text\tlabel\ngood film\tpositive\nbad film\tnegative\n",
      validation: "text\tlabel\nbad film\tnegative\ngood\tpositive\nnot bad\tpositive\n")
    try expectWhole(run)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(text.contains("Without examples, hence without recall and F1: neutral in "))
  }

  @Test func noExampleIsAnErrorThatNamesTheFile() throws {
    let run = try pipeline(training: "text\tlabel\n", validation: "text\tlabel\ngood\tpositive\n")
    #expect(run.status == 1)
    #expect(run.errors.contains("train.tsv: holds no example"), "\(run.errors)")
    #expect(!exists("\(folder.path)/r"))
  }
}
