import Foundation
import Metrics
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct TrainerTests {
  /// An experiment on Tests/Fixtures/train: 3 of 4 layers, the first and the embeddings frozen.
  private func experiment(
    _ settings: [String] = [], family: String = "bert"
  ) throws -> Experiment {
    var fixture = FixtureExperiment(
      "epochs: 5", "batch_size: 29", "optimizer: {learning_rate: 1e-3}",
      "schedule: {eta_min: 1e-4}")
    fixture.family = family
    return try Experiment.parse(
      fixture.yaml, file: "fixture.yaml", settings: settings, relativeTo: "/")
  }

  @discardableResult
  private func train(
    _ experiment: Experiment, in folder: TemporaryFolder, _ name: String = "run", threads: Int = 2,
    interruption: Interruption = Interruption(), watch: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> RunDirectory {
    let run = RunDirectory("\(folder.path)/\(name)")
    try Trainer(
      Preparation(experiment, threads: threads), run: run, threads: threads,
      interruption: interruption, watch: watch
    ).train()
    return run
  }

  private func weights(_ run: RunDirectory) throws -> String {
    try SHA256.hex(ofFile: "\(run.model)/model.safetensors")
  }

  /// From texts to trained weights as PyTorch and transformers, by make_fixtures.py in
  /// Tests/Fixtures/train: five steps of AdamW at a rate of 1e-3, dropout 0.
  ///
  /// Blocks of 40 tokens cut each batch into several, whose sum must be the batch's exact mean.
  @Test(arguments: FixtureExperiment.families, [40, 100_000])
  func matchesPyTorch(_ family: String, blockTokens: Int) throws {
    let folder = try TemporaryFolder()
    let run = try train(
      try experiment(["training.block_tokens=\(blockTokens)"], family: family), in: folder)
    let fixtures = FixtureExperiment.folder(of: family)
    let expected = try Fixture.tensors("\(fixtures)/trained.safetensors")
    let found = try SafetensorsReader("\(run.model)/model.safetensors")
    // The true gradient of a key bias is 0, so PyTorch's steps are of rounding noise there.
    for name in expected.entries.keys.sorted()
    where !name.hasSuffix("key.bias") && !name.hasSuffix("k_lin.bias") {
      expectClose(try found.floats(name), try expected.floats(name), name, absolute: 1e-5)
    }
    let facts = try Fixture.json("\(fixtures)/trained.json")
    let losses = facts["losses"]?.array?.compactMap(\.double) ?? []
    let logits = facts["validation_logits"]?.array?.compactMap(\.double) ?? []
    let history = try TrainingHistory.read(run.history)
    expectClose(
      try #require(history[.training, .loss]), losses, "losses", absolute: 1e-5)
    expectClose(
      [try #require(history[.source, .loss]?.last)],
      [try #require(facts["validation_loss"]?.double)], "validation loss", absolute: 1e-5)
    expectClose(
      [try #require(history[.source, .accuracy]?.last)],
      [try #require(facts["validation_accuracy"]?.double)], absolute: 1e-12)
    let predictions = try #require(
      try Run(run.path).predictions(epoch: 5, Split("en", .validation), classes: 3))
    expectClose(
      predictions.logits.map(Double.init), logits, "logits", absolute: 1e-4)
  }

  /// The tables have 24 and 25 rows, of which XLM-R uses those after the padding token's.
  @Test(
    arguments: zip(
      FixtureExperiment.families,
      ["24 positions", "25 positions, of which an example can take 24", "24 positions"]))
  func aLengthBeyondThePositionsIsRefused(_ family: String, _ positions: String) throws {
    _ = try Preparation(experiment(["data.max_length=24"], family: family), threads: 1)
    let error = #expect(throws: RunLogError.self) {
      try Preparation(experiment(["data.max_length=25"], family: family), threads: 1)
    }
    #expect(
      "\(try #require(error))".hasSuffix(
        "config.json: has \(positions), but data.max_length asks for 25."))
  }

  @Test func givesTheSameBitsOnAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    let settings = ["training.block_tokens=30", "training.batch_size=10", "training.epochs=2"]
    let experiment = try experiment(settings)
    let runs = try [1, 2, 4].map {
      try train(experiment, in: folder, "run-\($0)", threads: $0)
    }
    #expect(Set(try runs.map(weights)).count == 1)
    let split = Split("en", .train)
    #expect(
      Set(try runs.map { try SHA256.hex(ofFile: $0.predictions(epoch: 2, split)) }).count == 1)
    let other = try train(
      try self.experiment(settings + ["training.seed=43"]), in: folder, "other-seed")
    #expect(try weights(other) != weights(runs[0]))
  }

  @Test(
    arguments: [
      ["model.frozen_layers=3"], ["model.frozen_layers=0"],
      ["model.frozen_layers=0", "model.freeze_embeddings=false"],
      ["model.frozen_layers=2", "model.freeze_embeddings=false"],
      ["model.frozen_dropout=true"], ["training.gradient_clipping=0.5"],
      ["data.percentage=50", "training.schedule.per=step", "training.schedule.warmup_steps=2"],
      ["training.optimizer.exclude_from_weight_decay=[bias, LayerNorm]"],
    ], FixtureExperiment.families)
  func trainsAnySetting(_ settings: [String], _ family: String) throws {
    let folder = try TemporaryFolder()
    let run = try train(
      try experiment(
        settings + ["training.epochs=2", "training.batch_size=8"], family: family), in: folder)
    let losses = try #require(try TrainingHistory.read(run.history)[.training, .loss])
    #expect(losses.count == 2 && losses.allSatisfy { $0.isFinite && $0 < 3 })
  }

  /// "LayerNorm" means every layer normalisation, also where an architecture calls it otherwise: they are trained as
  /// without weight decay, the rest is not.
  @Test(arguments: FixtureExperiment.families)
  func layerNormalisationsAreExcludedByOneName(_ family: String) throws {
    let folder = try TemporaryFolder()
    func weights(_ name: String, _ settings: [String]) throws -> SafetensorsReader {
      let run = try train(
        try experiment(
          ["training.epochs=1", "training.optimizer.weight_decay=0.5"] + settings, family: family),
        in: folder, name)
      return try SafetensorsReader("\(run.model)/model.safetensors")
    }
    let decayed = try weights("decayed", [])
    let excluded = try weights(
      "excluded", ["training.optimizer.exclude_from_weight_decay=[LayerNorm]"])
    let without = try weights("without", ["training.optimizer.weight_decay=0"])
    // One step from the same weights: the gradient is the same, decay alone tells them apart.
    let index = family == "distilbert" ? "transformer.layer.2." : "encoder.layer.2."
    var norms = 0
    for name in decayed.entries.keys.sorted() where name.contains(index) {
      let isNorm = name.contains("LayerNorm") || name.contains("layer_norm")
      norms += isNorm ? 1 : 0
      #expect(
        try excluded.floats(name) == (isNorm ? without : decayed).floats(name), "\(name)")
    }
    #expect(norms == 4)
  }

  /// Twenty-nine texts of random labels: only a training that really fits them gets near 0.
  @Test func overfits() throws {
    let folder = try TemporaryFolder()
    let run = try train(
      try experiment([
        "training.epochs=150", "training.batch_size=8", "model.frozen_layers=0",
        "model.freeze_embeddings=false", "training.optimizer.learning_rate=3e-3",
      ]), in: folder)
    let history = try TrainingHistory.read(run.history)
    let last = try #require(history[.training, .loss]?.last)
    #expect(last < 0.05)
  }

  @Test func logsEveryStepWithTheRateItUsed() throws {
    let folder = try TemporaryFolder()
    let run = try train(
      try experiment(["training.batch_size=10", "training.epochs=2"]), in: folder)
    let records = try RunLogContents.read(run.log).records
    let steps = records.compactMap { record -> StepRecord? in
      if case .step(let step) = record { step } else { nil }
    }
    #expect(steps.map(\.step) == [1, 2, 3, 4, 5, 6])
    #expect(steps.map(\.examples) == [10, 10, 9, 10, 10, 9])
    #expect(steps[0].learningRate == 1e-3 && steps[2].learningRate == 1e-3)
    expectClose([steps[3].learningRate], [5.5e-4], absolute: 1e-12)
    let kinds = records.map { $0.json["record"]?.string ?? "" }
    #expect(kinds.first == "run_started" && kinds.last == "run_finished")
    #expect(kinds.count { $0 == "epoch" } == 2 && kinds.count { $0 == "evaluation" } == 6)
  }

  @Test func writesWhatTheRunFormatPromises() throws {
    let folder = try TemporaryFolder()
    let run = try train(try experiment(["training.epochs=1"]), in: folder)
    for file in [
      "experiment.yaml", "environment.json", "log.jsonl", "training_history.json",
      "predictions/epoch-01/en.train.safetensors", "predictions/epoch-01/de.test.safetensors",
      "examples/en.train.jsonl", "model/config.json", "model/model.safetensors", "model/vocab.txt",
    ] {
      #expect(exists("\(run.path)/\(file)"), "\(file)")
    }
    let environment = try RunEnvironment.read(run.environment)
    #expect(environment.blas == Engine.blas && environment.blas.contains(Engine.blasKernel))
    #expect(environment.kernels == Engine.kernelClone)
    #expect(environment.hashes.map(\.name).contains("checkpoint/model.safetensors"))
    // The resolved configuration repeats the run.
    #expect(try Experiment.read(run.experiment) == experiment(["training.epochs=1"]))
    #expect(try listFolder(run.path).allSatisfy { !$0.contains("tmp") && !$0.contains("scratch") })
  }

  @Test func exportsTheBestEpochWhenTold() throws {
    let folder = try TemporaryFolder()
    let run = try train(
      try experiment([
        "select=best_source_validation", "training.epochs=6", "training.batch_size=8",
        "training.optimizer.learning_rate=5e-3",
      ]), in: folder)
    let ends = try RunLogContents.read(run.log).records.compactMap { record -> RunFinished? in
      if case .runFinished(let finished) = record { finished } else { nil }
    }
    let selected = try #require(ends.last?.selected.epoch)
    let accuracies = try #require(try TrainingHistory.read(run.history)[.source, .accuracy])
    #expect(accuracies[selected - 1] == accuracies.max())
    // The exported weights give that epoch's logits again.
    let stored = try #require(
      try Run(run.path).predictions(
        epoch: selected, Split("en", .validation), classes: 3))
    let texts = try DataReader(labels: ["negative", "neutral", "positive"]).read(
      DataFile(location: .table(Fixture.path("train/data/validation.tsv"))))
    var predictor = try Predictor(run.path, threads: 1)
    let predictions = try predictor.predict(texts.map(\.text))
    expectClose(predictions.flatMap(\.logits), stored.logits, absolute: 1e-5)
  }

  @Test func stopsAtABlockAndSaysSo() throws {
    let folder = try TemporaryFolder()
    let interruption = Interruption()
    #expect(throws: Interrupted.self) {
      try train(
        try experiment(["training.epochs=50", "training.batch_size=5"]), in: folder,
        interruption: interruption
      ) { event in
        if case .epoch(let record, _) = event, record.epoch == 3 { interruption.request() }
      }
    }
    let records = try RunLogContents.read("\(folder.path)/run/log.jsonl").records
    #expect(records.last == .interrupted(epoch: 4, step: 18))
    #expect(try TrainingHistory.read("\(folder.path)/run/training_history.json").epochs == 3)
  }

  @Test func scoresALanguageLater() throws {
    let folder = try TemporaryFolder()
    let run = try train(try experiment(["training.epochs=1"]), in: folder)
    let file = DataFile(location: .table(Fixture.path("train/data/target.tsv")))
    let evaluation = try LateEvaluation.run(
      run.path, language: "fr", file: file, threads: 1, replaces: false)
    #expect(evaluation.unanswered == 0)
    // The same texts as de.test, so the same accuracy.
    let german = try RunLogContents.read(run.log).records.compactMap { entry -> Double? in
      if case .evaluation(let e) = entry, e.split == Split("de", .test) { e.accuracy } else { nil }
    }
    #expect(evaluation.accuracy == german[0])
    #expect(throws: RunLogError.self) {
      try LateEvaluation.run(run.path, language: "fr", file: file, threads: 1, replaces: false)
    }
    #expect(throws: RunLogError.self) {
      try LateEvaluation.run(run.path, language: "de", file: file, threads: 1, replaces: true)
    }
  }

  @Test(arguments: [
    ("data.max_length=25", "has 24 positions, but data.max_length asks for 25"),
    ("model.encoder_layers=5", "has 4 encoder layers, but model.encoder_layers asks for 5"),
  ])
  func refusesWhatTheCheckpointLacks(_ setting: String, _ expected: String) throws {
    let experiment = try experiment([setting])
    let error = #expect(throws: RunLogError.self) {
      try Preparation(experiment, threads: 1)
    }
    #expect(error?.message.contains(expected) == true)
  }
}
