import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Baselines of a run, on Tests/Fixtures/train: 3 of 4 layers are kept, the first is frozen.
@Suite struct BaselineTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func experiment(_ layers: String, _ settings: [String] = []) throws -> Experiment {
    try Experiment.parse(
      FixtureExperiment(
        "epochs: 2", "batch_size: 8", "block_tokens: 40", "optimizer: {learning_rate: 3e-3}"
      ).yaml, file: "fixture.yaml", settings: ["baselines.layers=\(layers)"] + settings,
      relativeTo: "/")
  }

  private func run(_ name: String) -> RunDirectory { RunDirectory("\(folder.path)/\(name)") }

  private func trainer(
    _ experiment: Experiment, _ run: RunDirectory, threads: Int = 2,
    interruption: Interruption = Interruption(), watch: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Trainer {
    try Trainer(
      Preparation(experiment, threads: threads), run: run, threads: threads,
      interruption: interruption, watch: watch)
  }

  private func trained(
    _ name: String, _ layers: String, _ settings: [String] = [], threads: Int = 2
  ) throws -> RunDirectory {
    try trainer(experiment(layers, settings), run(name), threads: threads).train()
    return run(name)
  }

  /// The hash of every file in a folder of a run, by its path.
  private func hashes(_ run: RunDirectory, _ folder: String) throws -> [String: String] {
    let root = "\(run.path)/\(folder)"
    var result: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root)
    where path.contains(".") {
      result[path] = try SHA256.hex(ofFile: "\(root)/\(path)")
    }
    return result
  }

  private func records(_ run: RunDirectory) throws -> [LogRecord] {
    try RunLogContents.read(run.log).records
  }

  private func summary(_ run: RunDirectory) throws -> BaselinesRecord? {
    try records(run).compactMap { record in
      if case .baselines(let found) = record { found } else { nil }
    }.last
  }

  /// The numbers of the training's own records.
  private func training(_ run: RunDirectory) throws -> [String] {
    try records(run).compactMap { record in
      switch record {
      case .step, .epoch, .evaluation:
        var object = record.json.object ?? JSONObject()
        object["seconds"] = .null
        return JSON.object(object).text
      default: return nil
      }
    }
  }

  /// What is stored is what transformers and scikit-learn give (Tests/Fixtures/train/make_probe_fixtures.py).
  @Test func storedLogitsAreScikitLearns() throws {
    let expected = try #require(try Fixture.json("train/probe.json").array)
    let run = try trained("all", "all")
    #expect(try summary(run)?.layers == [0, 1, 2, 3, 4])
    for (layer, json) in expected.enumerated() {
      for (split, key) in [
        (Split("en", .validation), "validation"), (Split("de", .test), "target"),
      ] {
        let scores = try #require(json[key]?.array).map { try #require($0.double) }
        let predictions = try Predictions.read(run.baseline(layer: layer, split), classes: 3)
        expectClose(
          predictions.logits.map(Double.init), scores, "\(layer) \(split)", absolute: 2e-3)
      }
    }
    let fitted = try records(run).compactMap { record -> BaselineRecord? in
      if case .baselineFitted(let record) = record { record } else { nil }
    }
    #expect(fitted.map(\.layer) == [0, 1, 2, 3, 4])
    #expect(fitted.allSatisfy { $0.hasConverged && $0.examples == 29 && $0.features == 32 })
    #expect(fitted.map(\.strength) == expected.map { $0["strength"]?.double })
    // The log binds every file, and a reader of the run finds them.
    let results = try Run(run.path)
    #expect(try results.baseline(layer: 4, Split("de", .test), classes: 3) != nil)
  }

  /// Layers above the stored prefix are computed from it, to the same bits as from the tokens.
  @Test func storedPrefixChangesNoBit() throws {
    let (unfrozen, kept) = (try trained("unfrozen", "unfrozen"), try trained("kept", "kept"))
    #expect(try summary(unfrozen)?.layers == [1, 2, 3])
    #expect(try summary(kept)?.layers == [0, 1, 2, 3])
    #expect(try summary(unfrozen)?.multiplyAdds ?? .nan < summary(kept)?.multiplyAdds ?? .nan)
    let (a, b) = (try hashes(unfrozen, "baselines"), try hashes(kept, "baselines"))
    #expect(a.count == 9 && b.count == 12)
    #expect(a.allSatisfy { b[$0.key] == $0.value })
  }

  @Test(arguments: [
    [], ["model.frozen_layers=3"], ["model.frozen_dropout=true"],
    ["model.freeze_embeddings=false", "model.frozen_layers=0"],
  ]) func trainingIsTheSameWithAndWithout(_ settings: [String]) throws {
    let without = try trained("without", "none", settings)
    let with = try trained("with", "kept", settings)
    #expect(!exists(without.baselines) && exists(with.baselines))
    #expect(try summary(without) == nil)
    #expect(try hashes(without, "predictions") == hashes(with, "predictions"))
    #expect(try hashes(without, "model") == hashes(with, "model"))
    #expect(try training(without) == training(with))
  }

  @Test func threadsChangeNoBit() throws {
    let found = try [1, 2, 3].map { threads in
      try hashes(trained("threads-\(threads)", "all", threads: threads), "baselines")
    }
    #expect(found[0].count == 15 && found[0] == found[1] && found[1] == found[2])
  }

  /// Stopped at every sign of progress, in turn, before, within and after the baselines.
  @Test func goesOnAfterAnyInterruption() throws {
    let reference = try trained("reference", "all")
    let run = run("stopped")
    var (stops, isFinished, stages) = (0, false, Set<String>())
    while !isFinished {
      let interruption = Interruption()
      var events = 0
      let trainer = try trainer(experiment("all"), run, interruption: interruption) {
        guard case .progress(let progress) = $0 else { return }
        events += 1
        if events == stops + 1 {
          stages.insert(String(progress.stage.prefix(7)))
          interruption.request()
        }
      }
      do {
        _ = try trainer.resume()
        isFinished = true
      } catch is Interrupted {
        stops += 1
      }
    }
    #expect(stops > 20 && stages.isSuperset(of: ["encodin", "fitting"]))
    for folder in ["baselines", "predictions", "model"] {
      #expect(try hashes(run, folder) == hashes(reference, folder), "\(folder)")
    }
    #expect(try summary(run)?.layers == [0, 1, 2, 3, 4])
  }

  /// The weights of a finished run are not the checkpoint's; what is fitted again is, to the same bits.
  @Test func damagedAndLostFilesAreMadeAgain() throws {
    let run = try trained("damaged", "all")
    let before = try hashes(run, "baselines")
    #expect(try !trainer(experiment("all"), run).resume())
    let lost = run.baseline(layer: 2, Split("de", .test))
    try FileManager.default.removeItem(atPath: lost)
    var bytes = try RandomAccessFile(run.baseline(layer: 0, Split("en", .validation))).contents()
    bytes[bytes.count - 9] ^= 4
    try AtomicFile.write(bytes, to: run.baseline(layer: 0, Split("en", .validation)))
    #expect(try trainer(experiment("all"), run).resume())
    #expect(try hashes(run, "baselines") == before)
    // The log does not say twice what it says already.
    let count = try records(run).count { if case .baselines = $0 { true } else { false } }
    #expect(count == 1)
    #expect(try !trainer(experiment("all"), run).resume())
  }

  /// In a network this small, fitting takes longer than training.
  @Test func whatCostsMoreThanAnEpochIsLeftOut() throws {
    var notes: [String] = []
    let run = run("auto")
    try trainer(experiment("auto"), run) { if case .note(let note) = $0 { notes.append(note) } }
      .train()
    let summary = try #require(try summary(run))
    #expect(summary.layers.isEmpty && summary.leftOut.map(\.layers) == [[1, 2, 3]])
    #expect(summary.leftOut[0].reason.hasPrefix("together they would have cost more than an epoch"))
    #expect(notes.contains { $0.contains("layer 1, layer 2, layer 3") && $0.contains("unfrozen") })
    #expect(!exists(run.baselines))
  }

  /// `auto` takes layers as long as their cost, counted in multiply-adds, is below an epoch's.
  @Test func costGrowsWithTheLayers() throws {
    let preparation = try Preparation(experiment("unfrozen"), threads: 1)
    let work = try #require(preparation.baselines.work)
    #expect(work.startsFromStored && work.layers == [1, 2, 3])
    let kept = try #require(try Preparation(experiment("kept"), threads: 1).baselines.work)
    #expect(!kept.startsFromStored && kept.cost > work.cost && kept.encoderCost > work.encoderCost)
    // Of layers 2 and 3 alone, by the formula of docs/metrics.md: T (4 H² + 2 H I) + 2 H Σ n².
    let (hidden, intermediate) = (
      16.0, Double(preparation.classifier.configuration.intermediateSize)
    )
    #expect(preparation.classifier.configuration.hiddenSize == 16)
    var expected = 0.0
    for dataset in preparation.datasets {
      for example in 0..<dataset.count {
        let n = Double(dataset.length(example))
        expected += 2 * (n * (4 * hidden * hidden + 2 * hidden * intermediate) + 2 * hidden * n * n)
      }
    }
    #expect(abs(work.encoderCost / expected - 1) < 0.1)
  }

  @Test func memoryCountsTheFeatures() throws {
    let none = try Preparation(experiment("none"), threads: 1)
    #expect(none.baselines.work == nil && !none.baselines.isWanted)
    let work = try #require(try Preparation(experiment("all"), threads: 1).baselines.work)
    // The training examples' and the largest other split's, 32 numbers each.
    let largest = none.datasets.map(\.count).max() ?? 0
    #expect(work.fittingBytes >= 4 * 32 * (29 + largest))
    #expect(work.network?.fineTuning.encoderLayers == 4)
  }

  /// A layer whose output is not finite has no baseline, and the run says why; it goes on.
  @Test func outputThatIsNotFiniteIsLeftOut() throws {
    let damaged = "\(folder.path)/checkpoint"
    try FileManager.default.copyItem(atPath: Fixture.path("train/model"), toPath: damaged)
    let reader = try SafetensorsReader("\(damaged)/model.safetensors")
    let names = reader.entries.keys.sorted()
    var writer = try SafetensorsWriter(
      "\(damaged)/model.safetensors",
      tensors: names.map { .init($0, .f32, shape: reader.entries[$0]!.shape) })
    for name in names {
      var numbers = try reader.floats(name)
      // The fourth layer, which the run does not keep.
      if name == "bert.encoder.layer.3.output.LayerNorm.bias" { numbers[3] = .infinity }
      try writer.write(name, numbers)
    }
    try writer.commit()
    let run = try trained("odd", "all", ["model.checkpoint=\(damaged)"])
    let summary = try #require(try summary(run))
    #expect(summary.layers == [0, 1, 2, 3] && summary.leftOut.map(\.layers) == [[4]])
    #expect(
      summary.leftOut[0].reason.contains("29 numbers that are not finite")
        || summary.leftOut[0].reason.contains("58 numbers that are not finite"))
    #expect(!exists(run.baseline(layer: 4)))
  }
}
