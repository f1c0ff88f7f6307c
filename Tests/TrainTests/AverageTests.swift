import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// The average of the last epochs' weights, on Tests/Fixtures/train.
@Suite struct AverageTests {
  private let folder: TemporaryFolder
  private let cache: PrefixCache

  init() throws {
    folder = try TemporaryFolder()
    cache = PrefixCache(folder: "\(folder.path)/cache")
  }

  /// Five epochs of four steps, of which the last three are averaged.
  private func experiment(_ settings: [String] = []) throws -> Experiment {
    var fixture = FixtureExperiment(
      "epochs: 5", "batch_size: 8", "block_tokens: 40", "checkpoint_every: {steps: 3}",
      "optimizer: {learning_rate: 3e-3}", "schedule: {name: constant}")
    fixture.further = ["average: {epochs: 3}", "select: average"]
    return try Experiment.parse(
      fixture.yaml, file: "fixture.yaml", settings: settings, relativeTo: "/")
  }

  private func trainer(
    _ experiment: Experiment, _ run: RunDirectory, threads: Int = 2,
    interruption: Interruption = Interruption(), watch: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Trainer {
    try Trainer(
      Preparation(experiment, threads: threads), run: run, threads: threads, cache: cache,
      interruption: interruption, watch: watch)
  }

  private func trained(
    _ name: String, _ settings: [String] = [], threads: Int = 2
  ) throws -> RunDirectory {
    let run = RunDirectory("\(folder.path)/\(name)")
    try trainer(experiment(settings), run, threads: threads).train()
    return run
  }

  private func model(_ run: RunDirectory) throws -> String {
    try SHA256.hex(ofFile: "\(run.model)/model.safetensors")
  }

  /// The hashes of what the averaged weights said, and of the model.
  private func digests(_ run: RunDirectory, _ epochs: ClosedRange<Int> = 3...5) throws -> [String] {
    let folder = run.predictions(.average(epochs))
    return try listFolder(folder).sorted().map { try SHA256.hex(ofFile: "\(folder)/\($0)") }
      + [model(run)]
  }

  private func records(_ run: RunDirectory) throws -> [LogRecord] {
    try RunLogContents.read(run.log).records
  }

  private func notes(_ run: RunDirectory) throws -> [String] {
    try records(run).flatMap { record -> [String] in
      if case .resumed(_, _, _, let notes) = record { notes } else { [] }
    }
  }

  // MARK: What is computed

  /// As PyTorch's AveragedModel after the last three of five steps, by make_fixtures.py in Tests/Fixtures/train.
  @Test(arguments: FixtureExperiment.families)
  func matchesPyTorch(_ family: String) throws {
    var fixture = FixtureExperiment(
      "epochs: 5", "batch_size: 29", "optimizer: {learning_rate: 1e-3}",
      "schedule: {eta_min: 1e-4}")
    fixture.family = family
    fixture.further = ["select: average"]
    let experiment = try Experiment.parse(fixture.yaml, file: "fixture.yaml", relativeTo: "/")
    let run = RunDirectory("\(folder.path)/run")
    try trainer(experiment, run).train()
    let fixtures = FixtureExperiment.folder(of: family)
    let expected = try Fixture.tensors("\(fixtures)/averaged.safetensors")
    let found = try SafetensorsReader("\(run.model)/model.safetensors")
    // The true gradient of a key bias is 0, so PyTorch's steps are of rounding noise there.
    for name in expected.entries.keys.sorted()
    where !name.hasSuffix("key.bias") && !name.hasSuffix("k_lin.bias") {
      expectClose(try found.floats(name), try expected.floats(name), name, absolute: 1e-5)
    }
    let facts = try Fixture.json("\(fixtures)/averaged.json")
    let logits = facts["validation_logits"]?.array?.compactMap(\.double) ?? []
    let predictions = try #require(
      try Run(run.path).predictions(.average(3...5), Split("en", .validation), classes: 3))
    expectClose(predictions.logits.map(Double.init), logits, "logits", absolute: 1e-4)
    let losses = try records(run).compactMap { record -> Double? in
      if case .averageEvaluation(let record) = record, record.split == Split("en", .validation) {
        record.loss
      } else {
        nil
      }
    }
    expectClose(
      losses, [try #require(facts["validation_loss"]?.double)], "loss", absolute: 1e-5)
  }

  /// To the bit the mean in double precision, worked out here from the checkpoints.
  @Test func isTheMeanRoundedOnce() throws {
    let run = try trained("run")
    let model = try SafetensorsReader("\(run.model)/model.safetensors")
    let states = try (3...5).map { epoch in
      try SafetensorsReader("\(run.checkpoints)/\(RunDirectory.name(epoch))/state.safetensors")
    }
    let names = states[0].entries.keys.filter { $0.hasPrefix("parameters.") }.sorted()
    try #require(names.count > 10)
    for name in names {
      let epochs = try states.map { try $0.floats(name) }
      let mean = epochs[0].indices.map { place in
        Float((Double(epochs[0][place]) + Double(epochs[1][place]) + Double(epochs[2][place])) / 3)
      }
      #expect(try model.floats(String(name.dropFirst("parameters.".count))) == mean, "\(name)")
    }
  }

  @Test func everySplitIsScoredAndSealed() throws {
    let run = try trained("run")
    let records = try records(run)
    let found = records.compactMap { record -> AverageEvaluationRecord? in
      if case .averageEvaluation(let record) = record { record } else { nil }
    }
    #expect(found.map(\.split.description) == ["en.validation", "de.validation", "de.test"])
    #expect(found.allSatisfy { $0.epochs == 3...5 })
    let place = try #require(
      records.firstIndex {
        if case .average(let record) = $0 { record.epochs == 3...5 } else { false }
      })
    guard case .files(let hashes) = records[place - 1],
      case .runFinished(let finished) = records.last
    else {
      Issue.record("the average is not sealed, or the run not finished")
      return
    }
    #expect(hashes.map(\.name) == found.map { "predictions/average/\($0.split).safetensors" })
    #expect(finished.selected == .average(3...5))
    // A change is noticed by whoever reads.
    let path = run.predictions(.average(3...5), Split("de", .test))
    let other = try Predictions.read(path, classes: 3)
    try Predictions(
      classes: 3, logits: other.logits.map { -$0 }, labels: other.labels, ids: other.ids,
      mode: .evaluation
    ).write(to: path)
    let error = #expect(throws: RunLogError.self) {
      try Run(run.path).predictions(.average(3...5), Split("de", .test), classes: 3)
    }
    #expect(error?.message.contains("is not what the run wrote") == true)
  }

  @Test func givesTheSameBitsOnAnyNumberOfThreads() throws {
    let expected = try digests(trained("1", threads: 1))
    for threads in [2, 4] {
      #expect(try digests(trained("\(threads)", threads: threads)) == expected)
    }
  }

  /// What is not selected changes nothing that is exported.
  @Test(arguments: ["last", "best_source_validation"])
  func anAverageBesideChangesNoModel(_ select: String) throws {
    let run = try trained("with", ["select=\(select)"])
    var fixture = FixtureExperiment(
      "epochs: 5", "batch_size: 8", "block_tokens: 40", "checkpoint_every: {steps: 3}",
      "optimizer: {learning_rate: 3e-3}", "schedule: {name: constant}")
    fixture.further = ["select: \(select)"]
    let without = RunDirectory("\(folder.path)/without")
    try trainer(
      Experiment.parse(fixture.yaml, file: "fixture.yaml", relativeTo: "/"), without
    ).train()
    #expect(try model(run) == model(without))
    #expect(!exists("\(without.path)/predictions/average"))
    #expect(try digests(run).dropLast() == digests(trained("selected")).dropLast())
    #expect(try model(run) != model(RunDirectory("\(folder.path)/selected")))
  }

  // MARK: What is kept

  @Test func theCheckpointsOfTheAverageStay() throws {
    let names = try listFolder(trained("run").checkpoints).filter { $0.hasPrefix("epoch") }
    let kept: Set = ["epoch-03", "epoch-04", "epoch-05", "epoch-05-step-18"]
    // Beside them the best epoch's, whichever it is.
    #expect(kept.isSubset(of: names) && names.count <= kept.count + 1, "\(names)")
  }

  /// Stopped again and again after a few blocks, on another number of threads each time.
  @Test func anInterruptedRunEndsWithTheSameBits() throws {
    let expected = try digests(trained("reference"))
    let run = RunDirectory("\(folder.path)/interrupted")
    var stops = 0
    while true {
      let interruption = Interruption()
      var events = 0
      let trainer = try trainer(
        experiment(), run, threads: 1 + stops % 3, interruption: interruption
      ) {
        guard case .progress = $0 else { return }
        events += 1
        if events == 3 + 4 * stops { interruption.request() }
      }
      do {
        _ = try trainer.resume()
        break
      } catch is Interrupted {
        stops += 1
        try #require(stops < 100)
      }
    }
    #expect(stops >= 8)
    #expect(try digests(run) == expected)
  }

  /// Before anything of the average is computed, and after its first block.
  @Test(arguments: [false, true])
  func aStopWhileAveragingLosesNothing(_ afterBlock: Bool) throws {
    let expected = try digests(trained("reference"))
    let run = RunDirectory("\(folder.path)/stopped")
    let interruption = Interruption()
    let first = try trainer(experiment(), run, interruption: interruption) {
      guard case .progress(let progress) = $0,
        progress.stage.hasPrefix("the average of epochs 3 to 5")
      else { return }
      if progress.tokens > 0 || !afterBlock { interruption.request() }
    }
    #expect(throws: Interrupted.self) { try first.train() }
    #expect(try RunLogContents.read(run.log).records.last == .interrupted(epoch: 5, step: 20))
    #expect(try trainer(experiment(), run, threads: 3).resume())
    #expect(try notes(run).isEmpty)
    #expect(try digests(run) == expected)
  }

  @Test func anExtendedRunAveragesItsLastEpochs() throws {
    let run = try trained("extended", ["training.epochs=4"])
    #expect(try trainer(experiment(), run).resume(mayExtend: true))
    #expect(try digests(run) == digests(trained("longer")))
    let averages = try records(run).compactMap { record -> ClosedRange<Int>? in
      if case .average(let record) = record { record.epochs } else { nil }
    }
    #expect(averages == [3...5], "the earlier average is taken back")
  }

  // MARK: Damage

  private func flip(_ path: String) throws {
    var bytes = try RandomAccessFile(path).contents()
    bytes[bytes.count / 2] ^= 0x04
    try AtomicFile.write(bytes, to: path)
  }

  @Test func aDamagedEpochOfTheAverageIsTrainedAgain() throws {
    let run = try trained("run")
    let expected = try digests(run)
    try flip("\(run.checkpoints)/epoch-04/state.safetensors")
    try FileManager.default.removeItem(atPath: run.model)
    #expect(try trainer(experiment(), run).resume())
    let notes = try notes(run)
    #expect(notes.contains { $0.hasPrefix("The weights after epoch 4 cannot be averaged: ") })
    #expect(
      notes.contains {
        $0 == "checkpoints/epoch-05 is not used: what is to be averaged lacks an epoch before it."
      }, "\(notes)")
    #expect(try digests(run) == expected)
  }

  @Test func damagedPredictionsAreMadeAgain() throws {
    let run = try trained("run")
    let expected = try digests(run)
    #expect(try trainer(experiment(), run).resume() == false)
    try flip(run.predictions(.average(3...5), Split("de", .test)))
    #expect(try trainer(experiment(), run).resume())
    #expect(try digests(run) == expected)
    try FileManager.default.removeItem(atPath: run.predictions(.average(3...5), Split("de", .test)))
    #expect(try trainer(experiment(), run).resume())
    #expect(try digests(run) == expected)
  }

  // MARK: Afterwards

  @Test func aFurtherLanguageIsScoredWithTheAverage() throws {
    let run = try trained("run")
    let file = DataFile(location: .table(Fixture.path("train/data/target.tsv")))
    let evaluation = try LateEvaluation.run(
      run.path, language: "fr", file: file, threads: 1, replaces: false)
    // The same texts as de.test, so the same logits.
    let german = try #require(
      try Run(run.path).predictions(.average(3...5), Split("de", .test), classes: 3))
    expectClose(
      evaluation.predictions.logits.map(Double.init), german.logits.map(Double.init), "logits",
      absolute: 1e-5)
    guard case .averageEvaluation(let record) = try records(run).last else {
      Issue.record("the last record is another")
      return
    }
    #expect(record.split == Split("fr", .test) && record.epochs == 3...5)
    #expect(exists("\(run.path)/predictions/average/fr.test.safetensors"))
    #expect(throws: RunLogError.self) {
      try LateEvaluation.run(run.path, language: "fr", file: file, threads: 1, replaces: false)
    }
  }

  @Test func nothingMoreIsInMemory() throws {
    let average = try Preparation(experiment(), threads: 2).memoryNeed
    let last = try Preparation(experiment(["average.epochs=5", "select=last"]), threads: 2)
      .memoryNeed
    let best = try Preparation(experiment(["select=best_source_validation"]), threads: 2).memoryNeed
    #expect(average.additional == last.additional && last.additional < best.additional)
  }
}
