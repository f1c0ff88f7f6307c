import RunLog
import Storage
import TestSupport
import Testing

@Suite struct StudyPlanTests {
  private static let base = """
    name: base
    model: {checkpoint: /m, frozen_layers: 4}
    data:
      source: {language: en, train: /t.tsv, validation: /v.tsv, test: /x.tsv}
      targets: [{language: de, validation: /d.tsv}]
    """

  private func plan(
    _ configurations: String, claim: String? = nil, path: String = "/nowhere"
  ) throws -> StudyPlan {
    let question = claim.map { "\nquestions: [{goal: g, claim: \($0)}]" } ?? ""
    let definition = try StudyDefinition.parse(
      "name: s\nbase: base.yaml\nsettings: {training.batch_size: 64}\nseeds: [7, 8]\nconfigurations: \(configurations)\(question)",
      file: "study.yaml", relativeTo: "/")
    return try StudyPlan(definition, path: path) { settings in
      try Experiment.parse(Self.base, file: "base.yaml", settings: settings, relativeTo: "/")
    }
  }

  @Test func plansEveryConfigurationWithEverySeed() throws {
    let plan = try plan("{a: {}, b: {training.epochs: 3}}")
    #expect(plan.runs.map(\.name) == ["a-seed-7", "a-seed-8", "b-seed-7", "b-seed-8"])
    #expect(plan.runs.map(\.experiment.training.seed) == [7, 8, 7, 8])
    #expect(plan.runs.allSatisfy { $0.experiment.training.batchSize == 64 })
    #expect(plan.runs.map(\.experiment.training.epochs) == [10, 10, 3, 3])
    #expect(plan.runs[3].directory.path == "/nowhere/runs/b-seed-8")
    #expect(try plan.runs.allSatisfy { try $0.state() == .missing })
  }

  @Test(
    arguments: [
      ("{a: {}, b: {training.epochs: 10}}", nil, "'b' is the same as 'a'"),
      ("{a: {}, b: {training.epoch: 3}}", nil, "configuration 'b', training.epoch=3"),
      ("{a: {}, b: {model.encoder_layers: 3}}", nil, "configuration 'b', base.yaml:"),
      (
        "{a: {}, b: {training.epochs: 3}}", "{less: [a, b], split: de.test}",
        "no test file for 'de'"
      ),
      ("{a: {}, b: {training.epochs: 3}}", "{less: [a, b], split: fr.test}", "of no language"),
      (
        "{a: {}, b: {training.epochs: 3}}",
        "{less: [a, b], metric: transfer_gap, split: en.test}", "needs a target's split"
      ),
      (
        "{a: {}, b: {training.epochs: 3}}",
        "{less: [a, b], metric: transfer_gap_macro_f1, split: en.test}", "needs a target's split"
      ),
    ] as [(String, String?, String)])
  func whatCannotBeIsRefused(_ configurations: String, _ claim: String?, _ words: String) throws {
    let error = try #require(throws: RunLogError.self) {
      _ = try plan(configurations, claim: claim)
    }
    #expect(error.file == "study.yaml" && error.line != nil, "\(error)")
    #expect(error.description.contains(words), "\(error)")
  }

  @Test func differencesNameKeysAndValues() throws {
    func experiment(_ settings: String...) throws -> Experiment {
      try Experiment.parse(Self.base, file: "base.yaml", settings: settings, relativeTo: "/")
    }
    let plain = try experiment()
    let renamed = try plain.differences(from: experiment("name=x", "note=y", "goals=[z]"))
    #expect(renamed.map(\.key) == ["name", "goals", "note"])
    #expect(renamed.allSatisfy { !$0.changesWhatIsComputed })
    let changed = try plain.differences(
      from: experiment("training.epochs=3", "data.targets.0.validation=/e.tsv"))
    #expect(
      changed == [
        ExperimentDifference(
          key: "data.targets.0.validation", before: "\"/e.tsv\"", now: "\"/d.tsv\""),
        ExperimentDifference(key: "training.epochs", before: "3", now: "10"),
      ])
    #expect(changed.allSatisfy { $0.changesWhatIsComputed })
  }

  @Test func aRunOfAnotherConfigurationIsNotTakenForTheStudys() throws {
    let folder = try TemporaryFolder()
    let plan = try plan("{a: {}}", path: folder.path)
    let run = plan.runs[0]
    try run.directory.create()
    try AtomicFile.write(run.experiment.yaml, to: run.directory.experiment)
    try AtomicFile.write("", to: run.directory.log)
    #expect(try run.state() == .unfinished)
    var other = run.experiment
    other.training.epochs = 4
    try AtomicFile.write(other.yaml, to: run.directory.experiment)
    let error = try #require(throws: RunLogError.self) { _ = try run.state() }
    #expect(error.message.contains("training.epochs is 4 there and 10 here"), "\(error)")
  }
}
