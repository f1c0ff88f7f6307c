import Foundation
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Runs that are stopped, damaged and gone on with, on Tests/Fixtures/train.
@Suite struct ResumeTests {
  private let folder: TemporaryFolder
  private let cache: PrefixCache

  init() throws {
    folder = try TemporaryFolder()
    cache = PrefixCache(folder: "\(folder.path)/cache")
  }

  private func experiment(_ settings: [String] = []) throws -> Experiment {
    var fixture = FixtureExperiment(
      "epochs: 4", "batch_size: 8", "block_tokens: 40", "gradient_clipping: 1",
      "checkpoint_every: {steps: 3}", "optimizer: {learning_rate: 3e-3}",
      "schedule: {eta_min: 1e-4, per: step, warmup_steps: 3}")
    fixture.further = ["select: best_source_validation"]
    return try Experiment.parse(
      fixture.yaml, file: "fixture.yaml", settings: settings, relativeTo: "/")
  }

  private func run(_ name: String) -> RunDirectory { RunDirectory("\(folder.path)/\(name)") }

  private func trainer(
    _ experiment: Experiment, _ run: RunDirectory, threads: Int = 2,
    interruption: Interruption = Interruption(), watch: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Trainer {
    try Trainer(
      Preparation(experiment, threads: threads), run: run, threads: threads, cache: cache,
      interruption: interruption, watch: watch)
  }

  /// Works until the `count`-th sign of progress.
  ///
  /// - Returns: whether it was interrupted before it was finished.
  private func work(
    until count: Int, _ experiment: Experiment, _ run: RunDirectory, threads: Int = 2
  ) throws -> Bool {
    let interruption = Interruption()
    var events = 0
    let trainer = try trainer(experiment, run, threads: threads, interruption: interruption) {
      guard case .progress = $0 else { return }
      events += 1
      if events == count { interruption.request() }
    }
    do {
      _ = try trainer.resume()
      return false
    } catch is Interrupted {
      return true
    }
  }

  private func trained(_ name: String = "reference", _ settings: [String] = []) throws
    -> RunDirectory
  {
    try trainer(experiment(settings), run(name)).train()
    return run(name)
  }

  /// What must repeat: weights, logits, history, examples, configuration, and the log.
  private func digests(_ run: RunDirectory) throws -> [String: String] {
    var result: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: run.path)
    where !path.hasPrefix("checkpoints") && path != "log.jsonl" && path.contains(".") {
      result[path] = try SHA256.hex(ofFile: "\(run.path)/\(path)")
    }
    // A line a key, so that a test names the record that differs.
    for (index, line) in try effectiveLog(run).enumerated() {
      result["log.jsonl, record \(index + 1)"] = line
    }
    return result
  }

  /// The log's records without times, checkpoints, interruptions, and where stored work came from.
  private func effectiveLog(_ run: RunDirectory) throws -> [String] {
    try RunLogContents.read(run.log).records.compactMap { record in
      switch record {
      case .checkpoint, .interrupted, .resumed, .prefix: return nil
      // An extended run had another configuration before.
      case .files(let files) where files.contains { $0.name == "experiment.yaml" }: return nil
      default:
        var object = record.json.object ?? JSONObject()
        for key in ["time", "seconds", "prefix_seconds", "peak_memory_bytes", "log_sha256"]
        where object[key] != nil { object[key] = .null }
        return JSON.object(object).text
      }
    }
  }

  /// Names what differs.
  private func expectSame(
    _ run: RunDirectory, _ expected: [String: String], except: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try digests(run)
    for path in Set(found.keys).union(expected.keys).sorted() where path != except {
      #expect(
        found[path] == expected[path], "\(path) in \(run.path)", sourceLocation: sourceLocation)
    }
  }

  private func notes(_ run: RunDirectory) throws -> [String] {
    try RunLogContents.read(run.log).records.flatMap { record -> [String] in
      if case .resumed(_, _, _, let notes) = record { notes } else { [] }
    }
  }

  private func flip(_ path: String, at place: Int? = nil) throws {
    var bytes = try RandomAccessFile(path).contents()
    bytes[place ?? bytes.count / 2] ^= 0x04
    try AtomicFile.write(bytes, to: path)
  }

  // MARK: Interruptions

  /// The checkpoint of a family with dropout at every site.
  private func checkpoint(_ family: String) throws -> String {
    let (source, copy) = (
      Fixture.path("\(FixtureExperiment.folder(of: family))/model"), "\(folder.path)/\(family)"
    )
    try FileManager.default.copyItem(atPath: source, toPath: copy)
    var object = try #require(JSON.read("\(source)/config.json").object)
    for (key, value) in object.members where key.contains("dropout") && value != .null {
      object[key] = .number(0.1)
    }
    try AtomicFile.write(JSON.object(object).text, to: "\(copy)/config.json")
    return copy
  }

  /// Stopped again and again after a few blocks, on another number of threads each time.
  @Test(arguments: FixtureExperiment.families)
  func anInterruptedRunEndsWithTheSameBits(_ family: String) throws {
    let settings = ["model.checkpoint=\(try checkpoint(family))"]
    let expected = try digests(trained("reference", settings))
    let run = run("interrupted")
    var stops = 0
    // In the frozen layers first, then later and later: in every stage there is.
    while try work(until: 3 + 3 * stops, experiment(settings), run, threads: 1 + stops % 3) {
      stops += 1
      try #require(stops < 100)
    }
    #expect(stops >= 8)
    try expectSame(run, expected, except: "environment.json")
  }

  /// Within an epoch, and with no checkpoint there but the one that is saved because of the stop.
  @Test func aStepThatIsDoneIsNotDoneAgain() throws {
    let run = run("interrupted")
    let experiment = try experiment(["training.checkpoint_every={minutes: 1000}"])
    let interruption = Interruption()
    var steps = 0
    let trainer = try trainer(experiment, run, interruption: interruption) {
      guard case .progress(let progress) = $0, progress.stage.hasPrefix("epoch 2 of 4, training")
      else { return }
      // Blocks of the third step, or of the one after it.
      if progress.tokens > 0 { steps += 1 }
      if steps == 8 { interruption.request() }
    }
    let stop = #expect(throws: Interrupted.self) { try trainer.train() }
    try #require(try #require(stop).step > 4 && stop?.step ?? 0 < 8, "within the second epoch")
    _ = try self.trainer(experiment, run).resume()
    let lines = try String(contentsOfFile: run.log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count { $0.contains("\"record\":\"step\"") } == 16)
  }

  @Test func keepsTheLastTwoCheckpointsAndTheBest() throws {
    let run = try trained()
    let names = try listFolder(run.checkpoints).filter { $0.hasPrefix("epoch") }
    let ends = try RunLogContents.read(run.log).records.compactMap { record -> RunFinished? in
      if case .runFinished(let finished) = record { finished } else { nil }
    }
    let best = RunDirectory.name(try #require(ends.last?.selected.epoch))
    #expect(Set(names) == ["epoch-04", "epoch-04-step-15", best])
  }

  /// After each epoch of four steps, and in between as configured.
  @Test(arguments: [
    ("{steps: 3}", [3, 4, 6, 8, 9, 12, 15, 16]), ("{minutes: 0.000001}", Array(1...16)),
    ("{minutes: 1000}", [4, 8, 12, 16]),
  ])
  func checkpointsComeWhenTheyAreDue(_ interval: String, _ expected: [Int]) throws {
    let run = try trained("checkpoints", ["training.checkpoint_every=\(interval)"])
    let steps = try RunLogContents.read(run.log).records.compactMap { record -> Int? in
      if case .checkpoint(_, let step, _, _) = record { step } else { nil }
    }
    #expect(steps == expected)
  }

  @Test func aFinishedRunIsLeftAlone() throws {
    let run = try trained()
    let log = try SHA256.hex(ofFile: run.log)
    #expect(try trainer(experiment(), run).resume() == false)
    #expect(try SHA256.hex(ofFile: run.log) == log)
  }

  @Test func aRunWithoutALogBegins() throws {
    let run = run("begun")
    try run.create()
    try AtomicFile.write(experiment().yaml, to: run.experiment)
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, digests(trained()))
  }

  @Test func aMissingModelIsExportedAgain() throws {
    let run = try trained()
    let expected = try digests(run)
    try FileManager.default.removeItem(atPath: run.model)
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, expected)
  }

  // MARK: Refusals

  /// A run that was stopped in its second epoch.
  private func stopped(_ experiment: Experiment) throws -> RunDirectory {
    let run = run("stopped")
    #expect(try work(until: 45, experiment, run))
    return run
  }

  private func refusal(_ experiment: Experiment, _ run: RunDirectory, extend: Bool = false) throws
    -> [String]
  {
    let log = try SHA256.hex(ofFile: run.log)
    let error = #expect(throws: ResumptionRefused.self) {
      _ = try trainer(experiment, run).resume(mayExtend: extend)
    }
    #expect(try SHA256.hex(ofFile: run.log) == log, "a refusal changes nothing")
    return error?.differences ?? []
  }

  @Test func anotherConfigurationIsRefused() throws {
    let run = try stopped(try experiment())
    let other = try experiment([
      "training.batch_size=9", "training.epochs=7", "goals=[none]",
      "training.optimizer.exclude_from_weight_decay=[bias]",
    ])
    #expect(
      try refusal(other, run) == [
        "training.epochs was 4, now it is 7", "training.batch_size was 8, now it is 9",
        #"training.optimizer.exclude_from_weight_decay was [], now it is ["bias"]"#,
        #"goals was [], now it is ["none"]"#,
      ])
    #expect(
      try refusal(try experiment(["training.epochs=3"]), run, extend: true) == [
        "training.epochs was 4, now it is 3"
      ])
  }

  @Test func otherDataAndWeightsAreRefused() throws {
    for name in ["data", "model"] {
      try FileManager.default.copyItem(
        atPath: Fixture.path("train/\(name)"), toPath: "\(folder.path)/\(name)")
    }
    let experiment = try experiment([
      "model.checkpoint=\(folder.path)/model",
      "data.source.train=\(folder.path)/data/train.tsv",
    ])
    let run = try stopped(experiment)
    let data = "\(folder.path)/data/train.tsv"
    let text = try String(contentsOfFile: data, encoding: .utf8)
    // One letter in one text.
    try AtomicFile.write(text.replacing("good", with: "goad", maxReplacements: 1), to: data)
    try flip("\(folder.path)/model/model.safetensors", at: 20_000)
    let differences = try refusal(experiment, run)
    #expect(differences.count == 2)
    #expect(differences.first?.hasPrefix("checkpoint/model.safetensors has other contents") == true)
    #expect(differences.last?.hasPrefix("data/en.train has other contents") == true)
  }

  @Test func anIncompatibleVersionIsRefused() throws {
    let run = try stopped(try experiment())
    let text = try String(contentsOfFile: run.environment, encoding: .utf8)
    try AtomicFile.write(
      text.replacing("\"\(Version.current)\"", with: "\"0.0.9\""), to: run.environment)
    #expect(
      try refusal(try experiment(), run) == [
        "it was begun with version 0.0.9, this is \(Version.current)"
      ])
    #expect(RunIdentity.isCompatible("1.2.3", "1.2.10"))
    #expect(!RunIdentity.isCompatible("1.2.3", "1.3.3"))
    #expect(!RunIdentity.isCompatible("1.2.3", "2.2.3"))
  }

  @Test func otherKernelsAreNamed() throws {
    let run = try stopped(try experiment())
    let text = try String(contentsOfFile: run.environment, encoding: .utf8)
    let kernels = try RunEnvironment.read(run.environment).kernels
    try AtomicFile.write(
      text.replacing("\"\(kernels)\"", with: "\"z80\""), to: run.environment)
    _ = try trainer(experiment(), run).resume()
    #expect(try notes(run).contains { $0.contains("other kernels (\(kernels), before: z80)") })
  }

  // MARK: More epochs

  /// With a constant rate the extended run is the longer run.
  @Test func anExtendedRunGoesOn() throws {
    // So many steps that neither is warned of too few, which the log keeps as it was at the start.
    let constant = ["training.schedule={name: constant}", "training.batch_size=2"]
    let run = try trained("extended", constant + ["training.epochs=2"])
    let longer = try experiment(constant)
    #expect(try trainer(longer, run).resume(mayExtend: true))
    // From where it was, not from the start.
    #expect(try notes(run).allSatisfy { $0.hasPrefix("Extended from 2 to 4 epochs") })
    try expectSame(run, digests(trained("longer", constant)))
  }

  @Test func anExtendedRunSaysWhatTheScheduleDoes() throws {
    let cosine = ["training.schedule={name: cosine_annealing, eta_min: 0}"]
    let run = try trained("extended", cosine + ["training.epochs=2"])
    #expect(try trainer(experiment(cosine), run).resume(mayExtend: true))
    let rates = try RunLogContents.read(run.log).records.compactMap { record -> Double? in
      if case .epoch(let epoch) = record { epoch.learningRate } else { nil }
    }
    // Two epochs of T_max = 2, then the third and fourth of T_max = 4.
    expectClose(
      rates, [3e-3, 1.5e-3, 1.5e-3, 3e-3 * (1 + cos(3 * Double.pi / 4)) / 2], absolute: 1e-12)
    #expect(try notes(run).contains { $0.hasPrefix("Extended from 2 to 4 epochs") })
  }

  // MARK: Damage

  private enum Damage: String, CaseIterable {
    case flipState, truncateState, flipHash, emptyHash, removeState
  }

  /// The latest checkpoint is damaged: the one before is used, and that is said.
  @Test(arguments: Damage.allCases.map(\.rawValue))
  func aDamagedCheckpointIsNotUsed(_ damage: String) throws {
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    let names = try listFolder(run.checkpoints).filter { $0.hasPrefix("epoch") }
    let latest = "\(run.checkpoints)/\(try #require(names.last))"
    switch try #require(Damage(rawValue: damage)) {
    case .flipState: try flip("\(latest)/state.safetensors")
    case .truncateState: #expect(truncate("\(latest)/state.safetensors", 5000) == 0)
    case .flipHash: try flip("\(latest)/state.sha256")
    case .emptyHash: #expect(truncate("\(latest)/state.sha256", 0) == 0)
    case .removeState: try FileManager.default.removeItem(atPath: "\(latest)/state.safetensors")
    }
    #expect(try trainer(experiment(), run).resume())
    #expect(try notes(run).contains { $0.hasPrefix("checkpoints/\(names.last ?? "") is not used") })
    #expect(try notes(run).allSatisfy { !$0.hasPrefix("The run starts again") })
    try expectSame(run, expected)
  }

  @Test func withoutAWholeCheckpointTheRunStartsAgain() throws {
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    for name in try listFolder(run.checkpoints) where name.hasPrefix("epoch") {
      try flip("\(run.checkpoints)/\(name)/state.safetensors")
    }
    #expect(try trainer(experiment(), run).resume())
    #expect(try notes(run).last == "The run starts again from its first epoch.")
    try expectSame(run, expected)
  }

  @Test func aCheckpointOfAnotherRunIsNotUsed() throws {
    let other = run("other")
    #expect(try work(until: 45, experiment(["training.seed=7"]), other))
    let run = try stopped(try experiment())
    for name in try listFolder(run.checkpoints) where name.hasPrefix("epoch") {
      try removeFolder("\(run.checkpoints)/\(name)")
    }
    try FileManager.default.copyItem(
      atPath: "\(other.checkpoints)/epoch-01", toPath: "\(run.checkpoints)/epoch-01")
    #expect(try trainer(experiment(), run).resume())
    #expect(try notes(run).contains { $0.contains("belongs to another run") })
    try expectSame(run, digests(trained()))
  }

  /// A prediction of a finished epoch cannot be had again but by training that epoch.
  @Test(arguments: ["flip", "truncate", "remove"])
  func aDamagedPredictionIsComputedAgain(_ damage: String) throws {
    let run = try trained()
    let expected = try digests(run)
    let path = run.predictions(epoch: 2, Split("de", .validation))
    switch damage {
    case "flip": try flip(path, at: try RandomAccessFile(path).size - 300)
    case "truncate": #expect(truncate(path, 200) == 0)
    default: try FileManager.default.removeItem(atPath: path)
    }
    if damage == "flip" {
      let error = #expect(throws: RunLogError.self) { try Predictions.read(path, classes: 3) }
      #expect(error?.message.hasPrefix("is damaged") == true)
    }
    #expect(try trainer(experiment(), run).resume())
    #expect(try notes(run).contains { $0.contains(path) })
    try expectSame(run, expected)
  }

  /// A bit anywhere in the log: it is seen, and what it belongs to is computed again.
  @Test(arguments: [0.001, 0.3, 0.6, 0.97])
  func aDamagedLogIsComputedAgain(_ place: Double) throws {
    let run = try trained()
    let expected = try digests(run)
    let size = try RandomAccessFile(run.log).size
    // Not a line feed, and not one that makes one.
    try flip(run.log, at: Int(place * Double(size)))
    let warning: String?
    do {
      warning = try RunLogContents.read(run.log).warning
    } catch {
      warning = "\(error)"
    }
    #expect(warning?.contains("log.jsonl") == true)
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, expected)
    #expect(try RunLogContents.read(run.log).warning == nil)
  }

  @Test func aTornLogGoesOn() throws {
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    let size = try RandomAccessFile(run.log).size
    #expect(truncate(run.log, off_t(size - 20)) == 0)
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, expected)
  }

  @Test func aLostLogStartsAgain() throws {
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    #expect(truncate(run.log, 0) == 0)
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, expected)
  }

  @Test func aFlippedBitInTheCacheChangesNothing() throws {
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    for entry in try cache.entries() { try flip(entry.path, at: 500) }
    var notes: [String] = []
    let trainer = try trainer(experiment(), run) {
      if case .note(let note) = $0 { notes.append(note) }
    }
    #expect(try trainer.resume())
    #expect(notes.contains { $0.contains("does not match its checksum") }, "\(notes)")
    // Only the work done is more.
    let more = try digests(run).filter { expected[$0.key] != $0.value }
    #expect(more.values.allSatisfy { $0.contains("multiply_adds") }, "\(more)")
    // What is damaged is not found again.
    #expect(try cache.entries().isEmpty)
  }

  /// The exported model takes the word embeddings from the checkpoint, read when it is written.
  @Test(arguments: ["shrinks", "vanishes"])
  func weightsThatGoWhileTheyAreRead(_ what: String) throws {
    let model = "\(folder.path)/model"
    try FileManager.default.copyItem(atPath: Fixture.path("train/model"), toPath: model)
    let settings = ["model.checkpoint=\(model)"]
    let whole = try trained("whole", settings)
    let run = run("broken")
    let path = "\(model)/model.safetensors"
    let bytes = try RandomAccessFile(path).contents()
    let trainer = try trainer(experiment(settings), run) { event in
      guard case .epoch(let record, _) = event, record.epoch == 2 else { return }
      if what == "shrinks" {
        #expect(truncate(path, 3000) == 0)
      } else {
        #expect(unlink(path) == 0)
      }
    }
    if what == "shrinks" {
      let error = #expect(throws: StorageError.self) { try trainer.train() }
      #expect(error?.description.contains("shrank while it was read") == true)
      #expect(!exists("\(run.model)/model.safetensors"))
      // Refused while the weights are others, and gone on with when they are back.
      #expect(throws: (any Error).self) { try self.trainer(experiment(settings), run).resume() }
      try AtomicFile.write(bytes, to: path)
      #expect(try self.trainer(experiment(settings), run).resume())
    } else {
      // A file that is open stays until it is closed.
      try trainer.train()
    }
    try expectSame(run, digests(whole))
  }

  @Test func dataThatVanishOrShrinkAreAnError() throws {
    let path = "\(folder.path)/train.tsv"
    let experiment = try experiment(["data.source.train=\(path)"])
    let error = #expect(throws: StorageError.self) { try Preparation(experiment, threads: 1) }
    #expect(error?.description.contains(path) == true)
    try AtomicFile.write("text\tlabel\ngood\tpositive\n", to: path)
    let preparation = try Preparation(experiment, threads: 1)
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: StorageError.self) {
      try Trainer(
        preparation, run: run("r"), threads: 1, interruption: Interruption(), watch: { _ in }
      ).train()
    }
    #expect(!exists("\(folder.path)/r/log.jsonl"))
  }

  // MARK: The rest

  @Test func aClockSetBackChangesNothing() throws {
    // Seconds since the boot, not those of a clock that can be set.
    var time = timespec()
    #expect(clock_gettime(CLOCK_MONOTONIC, &time) == 0)
    #expect(abs(Clock.now - Double(time.tv_sec)) < 600)
    let expected = try digests(trained())
    let run = try stopped(try experiment())
    // The first process ran in 2100, by its clock.
    let future = timespec(tv_sec: 4_102_444_800, tv_nsec: 0)
    for path in try FileManager.default.subpathsOfDirectory(atPath: run.path) {
      var times = [future, future]
      #expect(utimensat(AT_FDCWD, "\(run.path)/\(path)", &times, 0) == 0)
    }
    for entry in try cache.entries() {
      var times = [future, future]
      #expect(utimensat(AT_FDCWD, entry.path, &times, 0) == 0)
    }
    #expect(try trainer(experiment(), run).resume())
    try expectSame(run, expected)
    for case .step(let step) in try RunLogContents.read(run.log).records {
      #expect(step.seconds >= 0)
    }
  }

  @Test func aNonFiniteLossStopsAfterSavingTheState() throws {
    let run = run("diverged")
    let experiment = try experiment([
      "training.optimizer.learning_rate=1e30", "training.schedule={name: constant}",
      "training.gradient_clipping=null",
    ])
    let error = #expect(throws: NonFiniteStop.self) { try trainer(experiment, run).train() }
    let records = try RunLogContents.read(run.log).records
    guard case .nonFinite(let record) = records.last else {
      Issue.record("not recorded")
      return
    }
    #expect(record.action == .stop && !(record.loss.isFinite && record.gradientNorm.isFinite))
    #expect("\(try #require(error))".hasPrefix("stopped before step \(record.step) in epoch 1"))
    let names = try listFolder(run.checkpoints).filter { $0.hasPrefix("epoch") }
    #expect(names.last == "epoch-01-step-\(record.step - 1)")
    let warnings = try Run(run.path).warnings
    #expect(warnings.contains { $0.contains("the run stopped before step \(record.step)") })
    // Going on meets it again.
    #expect(throws: NonFiniteStop.self) { _ = try trainer(experiment, run).resume() }
  }

  @Test func aNonFiniteStepIsLeftOutWhenTold() throws {
    let run = run("skipped")
    let experiment = try experiment([
      "training.optimizer.learning_rate=1e30", "training.schedule={name: constant}",
      "training.gradient_clipping=null", "training.non_finite=skip_step", "training.epochs=2",
    ])
    try trainer(experiment, run).train()
    let records = try RunLogContents.read(run.log).records
    let skipped = records.compactMap { record -> Int? in
      if case .nonFinite(let record) = record, record.action == .skipStep {
        record.step
      } else {
        nil
      }
    }
    let first = try #require(skipped.first)
    // The parameters stay where they are from then on, and all steps are logged.
    #expect(skipped == Array(first...8))
    #expect(records.count { if case .step = $0 { true } else { false } } == 8)
    let warnings = try Run(run.path).warnings
    #expect(warnings.contains { $0.contains("first of them step \(first), were left out") })
    // A resumed run skips the same ones.
    let again = self.run("skipped-again")
    var stops = 0
    while try work(until: 9 + 5 * stops, experiment, again), stops < 20 { stops += 1 }
    #expect(stops > 1)
    #expect(try effectiveLog(again) == effectiveLog(run))
  }
}
