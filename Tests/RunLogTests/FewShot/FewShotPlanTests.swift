import RunLog
import Storage
import TestSupport
import Testing

@Suite struct FewShotPlanTests {
  private let folder: TemporaryFolder
  private let run: RunDirectory

  /// A run directory that says it is finished, with a model of one file.
  init() throws {
    folder = try TemporaryFolder()
    run = RunDirectory("\(folder.path)/run")
    try write(checkpoint: "/m")
  }

  private func write(checkpoint: String, isFinished: Bool = true, hub: HubModel? = nil) throws {
    try run.create()
    try makeFolder(run.model)
    try AtomicFile.write("weights", to: "\(run.model)/model.safetensors")
    let experiment = try Experiment.parse(
      """
      name: base
      note: A remark.
      goals: [one]
      select: best_source_validation
      model: {checkpoint: \(checkpoint), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: /t.tsv, validation: /v.tsv}
        targets: [{language: de, train: /dt.tsv, validation: /d.tsv, test: /dx.tsv, columns: {text: t, label: l}}]
        percentage: 50
      training: {schedule: {warmup_steps: 100}}
      few_shot: {target: de, per_class: [10, 20], draws: 2}
      """, file: "b.yaml", relativeTo: "/")
    try AtomicFile.write(experiment.yaml, to: run.experiment)
    try AtomicFile.write(
      environment([("checkpoint/model.safetensors", "00")], hub).json.prettyText,
      to: run.environment)
    if exists(run.log) { try removeFile(run.log) }
    let log = try RunLogWriter(run.log)
    guard isFinished else { return }
    try log.append(
      .runFinished(
        RunFinished(
          time: "2026-01-01T00:00:00Z", selectedEpoch: 1, seconds: 1, peakMemoryBytes: 1,
          prefixSeconds: 0)))
  }

  private func environment(
    _ hashes: [(name: String, sha256: String)], _ hub: HubModel? = nil
  ) -> RunEnvironment {
    RunEnvironment(
      version: "0", commit: nil, operatingSystem: "", cpu: "", threads: 1, blas: "", kernels: "",
      seed: 1, hubModel: hub, hashes: hashes)
  }

  private func plan() throws -> FewShotPlan {
    let (settings, target) = try Experiment.read(run.experiment)
      .fewShotTarget(in: run.experiment)
    return try FewShotPlan(settings, target: target, of: run)
  }

  @Test func plansEveryDrawWithBothStarts() throws {
    let plan = try plan()
    #expect(
      plan.runs.map(\.name) == [
        "continued-10-draw-1", "target-alone-10-draw-1", "continued-10-draw-2",
        "target-alone-10-draw-2", "continued-20-draw-1", "target-alone-20-draw-1",
        "continued-20-draw-2", "target-alone-20-draw-2",
      ])
    #expect(plan.path == "\(run.path)/few-shot/de")
    let continued = plan.runs[4].experiment
    #expect(plan.runs[4].directory.path == "\(run.path)/few-shot/de/runs/continued-20-draw-1")
    #expect(continued.model.checkpoint == absolutePath(run.model))
    #expect(plan.runs[5].experiment.model.checkpoint == "/m")
    for planned in plan.runs {
      let experiment = planned.experiment
      #expect(experiment.model.encoderLayers == 3 && experiment.model.frozenLayers == 1)
      #expect(experiment.data.source.language == "de" && experiment.data.targets.isEmpty)
      #expect(experiment.data.sources[0].train?.paths == ["/dt.tsv"])
      #expect(experiment.data.sources[0].train?.textColumn == "t", "columns of the target")
      #expect(experiment.data.sources[0].test?.paths == ["/dx.tsv"])
      #expect(experiment.data.percentage == 100 && experiment.training.seed == planned.seed)
      #expect(experiment.select == .last, "no label of the target chooses an epoch")
      #expect(experiment.training.schedule.shape == .linear)
      #expect(experiment.training.schedule.warmupSteps == 0 && experiment.goals.isEmpty)
      #expect(experiment.fewShot == nil && experiment.average == nil)
    }
    #expect(plan.runs.map(\.experiment.data.perClass) == [10, 10, 10, 10, 20, 20, 20, 20])
    // Both starts of a draw differ in nothing but what they start from.
    let differences = plan.runs[1].experiment.differences(from: plan.runs[0].experiment)
    #expect(Set(differences.map(\.key)) == ["name", "model.checkpoint"], "\(differences)")
    let probe = try plan.probeExperiment()
    #expect(probe.model.checkpoint == "/m" && probe.data.perClass == nil)
    #expect(probe.data.targets.map(\.language) == ["en"] && probe.data.targets[0].train == nil)
  }

  /// A branch of the hub may have moved on since; the run's commit has not.
  @Test func aloneBeginsWithTheRunsOwnCommit() throws {
    let commit = String(repeating: "ab", count: 20)
    try write(
      checkpoint: "owner/model", hub: HubModel(id: "owner/model", revision: "main", commit: commit))
    #expect(try plan().runs[1].experiment.model.checkpoint == "owner/model@\(commit)")
  }

  @Test func needsAFinishedRunOfTheTarget() throws {
    let (settings, target) = try Experiment.read(run.experiment)
      .fewShotTarget(in: run.experiment)
    var other = target
    other.language = "fr"
    let unknown = try #require(throws: RunLogError.self) {
      _ = try FewShotPlan(settings, target: other, of: run)
    }
    #expect(unknown.message.contains("the run has no target 'fr'"), "\(unknown)")
    try write(checkpoint: "/m", isFinished: false)
    let unfinished = try #require(throws: RunLogError.self) { _ = try plan() }
    #expect(unfinished.message.contains("is not a finished run"), "\(unfinished)")
  }

  /// Trainings of a model that the run has no more are not taken for draws of the one it has.
  @Test func noticesAnotherModel() throws {
    let plan = try plan()
    try plan.checkInputs()
    let first = plan.runs[0].directory
    try first.create()
    let hash = SHA256.hex(of: Array("weights".utf8))
    try AtomicFile.write(
      environment([("checkpoint/model.safetensors", hash)]).json.prettyText, to: first.environment)
    try plan.checkInputs()
    try AtomicFile.write("other weights", to: "\(run.model)/model.safetensors")
    let changed = try #require(throws: RunLogError.self) { try plan.checkInputs() }
    #expect(changed.file == first.path && changed.message.contains("began with another model"))
    try removeFile("\(run.model)/model.safetensors")
    #expect(throws: RunLogError.self) { try plan.checkInputs() }
  }

  /// Draws from a file that has changed since are no draws from the one that is there.
  @Test func noticesOtherData() throws {
    let plan = try plan()
    let file = try #require(plan.runs[3].experiment.data.languages[0].namedFiles.first)
    #expect(file.name == "data/\(plan.target.language).train")
    let copy = "\(folder.path)/training.tsv"
    let check = { try plan.checkInputs { $0 == file.path ? copy : $0 } }
    let drawn = plan.runs[3].directory
    try drawn.create()
    try AtomicFile.write(
      environment([(file.name, SHA256.hex(of: Array("texts".utf8)))]).json.prettyText,
      to: drawn.environment)
    try AtomicFile.write("texts", to: copy)
    try check()
    try AtomicFile.write("other texts", to: copy)
    let changed = try #require(throws: RunLogError.self) { try check() }
    #expect(changed.file == drawn.path)
    #expect(changed.message.contains("other data than there are now (\(copy) differs)"))
    try removeFile(copy)
    #expect(throws: RunLogError.self) { try check() }
  }

  @Test func theProbesRecordIsReadStrictly() throws {
    #expect(try FewShotProbeRecord.read(in: folder.path) == nil)
    let predictions = Predictions(
      classes: 2, logits: [1, 0], labels: [0], ids: [0], mode: .evaluation)
    let fit = FewShotProbeRecord.Fit(
      perClass: 10, draw: 1, strength: 1e-3, hasConverged: true, predictions: predictions)
    let record = FewShotProbeRecord(identity: "a", layer: 3, fits: [fit])
    try makeFolder(FewShotDefinition.probeFolder(in: folder.path))
    let path = FewShotDefinition.probeRecord(in: folder.path)
    try AtomicFile.write(record.json.prettyText, to: path)
    #expect(try FewShotProbeRecord.read(in: folder.path) == record)
    let stored = FewShotDefinition.probePredictions(perClass: 10, draw: 1, in: folder.path)
    try predictions.write(to: stored)
    #expect(try record.predictions(fit, in: folder.path, classes: 2) == predictions)
    try Predictions(classes: 2, logits: [0, 1], labels: [0], ids: [0], mode: .evaluation)
      .write(to: stored)
    let changed = try #require(throws: RunLogError.self) {
      _ = try record.predictions(fit, in: folder.path, classes: 2)
    }
    #expect(changed.file == stored && changed.message.contains("is not what probe.json"))
    try AtomicFile.write(#"{"identity": "a", "layer": "3", "fits": []}"#, to: path)
    let damaged = try #require(throws: RunLogError.self) {
      _ = try FewShotProbeRecord.read(in: folder.path)
    }
    #expect(damaged.message.contains("'layer' must be a whole number"), "\(damaged)")
  }
}
