import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct ProbeTests {
  private func experiment(layers: Int? = nil, _ settings: [String] = []) throws -> Experiment {
    let experiment = try Experiment.parse(
      FixtureExperiment("epochs: 1").yaml, file: "fixture.yaml", settings: settings,
      relativeTo: "/")
    return Probe.experiment(experiment, layers: layers)
  }

  private func probe(
    _ experiment: Experiment, threads: Int = 2, interruption: Interruption = Interruption(),
    watch: @escaping (TrainingEvent.Progress) -> Void = { _ in }
  ) throws -> Probe {
    let folder = try TemporaryFolder()
    return try Probe(
      Preparation(experiment, threads: threads), threads: threads, scratchFolder: folder.path,
      interruption: interruption, watch: watch)
  }

  /// Every layer's strength and scores as transformers and scikit-learn give them, by
  /// Tests/Fixtures/train/make_probe_fixtures.py. Blocks of 40 tokens cut each split into several.
  @Test(arguments: [40, 2048]) func matchesTransformersAndScikitLearn(blockTokens: Int) throws {
    let expected = try #require(try Fixture.json("train/probe.json").array)
    let probe = try probe(experiment(layers: 4, ["training.block_tokens=\(blockTokens)"]))
    #expect(probe.layers.map(\.number) == Array(0...4) && expected.count == 5)
    #expect(probe.trainingExamples == 29 && probe.features == 32)
    for (layer, json) in zip(probe.layers, expected) {
      #expect(layer.hasConverged)
      #expect(layer.strength == json["strength"]?.double)
      for (split, key) in [
        (Split("en", .validation), "validation"), (Split("de", .test), "target"),
      ] {
        let evaluation = try #require(layer.evaluation(split))
        let scores = try #require(json[key]?.array).map { try #require($0.double) }
        expectClose(
          evaluation.predictions.logits.map(Double.init), scores, "\(layer.number) \(split)",
          absolute: 2e-3)
      }
      #expect(
        layer.evaluation(Split("en", .validation))?.accuracy
          == json["validation_accuracy"]?.double)
    }
  }

  /// As many layers as the experiment keeps, and every split that is not trained on.
  @Test func scoresEverySplit() throws {
    let probe = try probe(experiment())
    #expect(probe.layers.count == 4)
    for layer in probe.layers {
      #expect(
        layer.evaluations.map(\.split)
          == [Split("en", .validation), Split("de", .validation), Split("de", .test)])
      #expect(Probe.strengths.contains(layer.strength))
    }
  }

  @Test func threadsChangeNoBit() throws {
    let logits = try [1, 2, 4].map { threads in
      try probe(experiment(["training.block_tokens=30"]), threads: threads).layers
        .map { $0.evaluations.map(\.evaluation.predictions.logits) }
    }
    #expect(logits[0] == logits[1] && logits[0] == logits[2])
  }

  @Test func stopsWhenInterrupted() throws {
    let interruption = Interruption()
    interruption.request()
    let experiment = try experiment()
    #expect(throws: CancellationError.self) {
      try probe(experiment, interruption: interruption)
    }
    // While it fits, too.
    let later = Interruption()
    #expect(throws: CancellationError.self) {
      try probe(experiment, interruption: later) {
        if $0.stage.hasPrefix("fitting") { later.request() }
      }
    }
  }

  @Test func progressGoesUp() throws {
    let shares = Locked([Double]())
    _ = try probe(experiment()) { progress in shares.withLock { $0.append(progress.share) } }
    let seen = shares.withLock { $0 }
    #expect(seen.count > 8 && seen == seen.sorted() && seen.allSatisfy((0...1).contains))
  }

  /// Weights that make the second layer's output infinite.
  @Test func outputThatIsNotFiniteIsAnError() throws {
    let folder = try TemporaryFolder()
    let damaged = "\(folder.path)/model"
    try FileManager.default.copyItem(atPath: Fixture.path("train/model"), toPath: damaged)
    let reader = try SafetensorsReader("\(damaged)/model.safetensors")
    let names = reader.entries.keys.sorted()
    var writer = try SafetensorsWriter(
      "\(damaged)/model.safetensors",
      tensors: names.map { .init($0, .f32, shape: reader.entries[$0]!.shape) })
    for name in names {
      var numbers = try reader.floats(name)
      if name == "bert.encoder.layer.1.output.LayerNorm.bias" { numbers[3] = .infinity }
      try writer.write(name, numbers)
    }
    try writer.commit()
    let experiment = try experiment(["model.checkpoint=\(damaged)"])
    let error = #expect(throws: NonFiniteOutput.self) { try probe(experiment) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(damaged) && text.contains("layer 2") && text.contains("58 numbers"))
  }

  @Test func standardizationIsThatOfTheTrainingExamples() {
    var features = FeatureMatrix([1, 5, 3, 5, 5, 5], columns: 2)
    let standardization = Standardization(features)
    standardization.apply(to: &features)
    // A constant feature is only moved.
    expectClose(standardization.deviations, [(8.0 / 3).squareRoot(), 1], absolute: 1e-15)
    expectClose(
      features.elements.map(Double.init), [-1.5.squareRoot(), 0, 0, 0, 1.5.squareRoot(), 0],
      absolute: 1e-6)
    var others = FeatureMatrix([7, 6], columns: 2)
    standardization.apply(to: &others)
    expectClose(
      others.elements.map(Double.init), [4 / (8.0 / 3).squareRoot(), 1], absolute: 1e-6)
  }
}
