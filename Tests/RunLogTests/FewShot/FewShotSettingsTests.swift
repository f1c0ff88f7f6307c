import RunLog
import Storage
import TestSupport
import Testing

/// The keys `few_shot`, `data.targets[].train` and `data.per_class` of an experiment.
@Suite struct FewShotSettingsTests {
  private static let base = """
    name: small
    model: {checkpoint: /m, frozen_layers: 4}
    data:
      source: {language: en, train: /t.tsv, validation: /v.tsv, test: /x.tsv}
      targets:
        - {language: de, validation: /d.tsv}
        - {language: fr, train: french.tsv, validation: /f.tsv, test: /g.tsv, label_map: {bad: negative}}
    training: {optimizer: {learning_rate: 3e-4}}
    """

  private func parse(_ further: String = "", _ settings: [String] = []) throws -> Experiment {
    try Experiment.parse(
      Self.base + "\n" + further, file: "e.yaml", settings: settings, relativeTo: "/home/e")
  }

  @Test func defaultsAreFilledIn() throws {
    let experiment = try parse("few_shot: {target: fr}")
    let (settings, target) = try experiment.fewShotTarget(in: "e.yaml")
    #expect(settings.perClass == [10, 50, 100] && settings.draws == 5)
    #expect(settings.epochs == 10 && settings.batchSize == 8)
    #expect(settings.learningRate == 3e-4, "that of the run")
    #expect(target.language == "fr" && target.train?.paths == ["/home/e/french.tsv"])
    #expect(target.train?.labelMap == ["bad": "negative"], "read as the language's other files")
    // The run itself knows nothing of the target's training data.
    #expect(experiment.data.targets.allSatisfy { $0.train == nil })
    #expect(!experiment.inputs.contains { $0.recordedAs.contains("fr.train") })
  }

  @Test func everythingCanBeStatedAndIsWrittenOut() throws {
    let experiment = try parse(
      "few_shot: {target: fr, per_class: [100, 0, 10], draws: 3, epochs: 4, batch_size: 16, learning_rate: 1e-5}"
    )
    let settings = try #require(experiment.fewShot)
    #expect(
      settings.perClass == [10, 100], "ascending; 0 is the run itself, which is always there")
    #expect(settings.draws == 3 && settings.epochs == 4 && settings.batchSize == 16)
    #expect(settings.learningRate == 1e-5)
    let again = try Experiment.parse(experiment.yaml, file: "again.yaml", relativeTo: "/")
    #expect(again == experiment)
    let balanced = try parse("", ["data.per_class=7"])
    #expect(balanced.data.perClass == 7)
    #expect(
      try Experiment.parse(balanced.yaml, file: "again.yaml", relativeTo: "/") == balanced)
  }

  /// A run that is trained with or without these keys is the same run; one with other training data is not.
  @Test func whatComesAfterARunDoesNotChangeIt() throws {
    let before = try Experiment.parse(
      Self.base.replacing("train: french.tsv, ", with: ""), file: "e.yaml", relativeTo: "/home/e")
    let after = try parse("few_shot: {target: fr}")
    let differences = after.differences(from: before)
    #expect(differences.contains { $0.key == "data.targets.1.train" })
    #expect(differences.contains { $0.key == "few_shot.target" })
    #expect(differences.allSatisfy { !$0.changesWhatIsComputed }, "\(differences)")
    let hash = { RunSeal.hashes(of: $0).first { $0.name == "experiment" }?.sha256 }
    #expect(hash(before) == hash(after))
    #expect(
      try parse("", ["data.per_class=7"]).differences(from: before).contains {
        $0.key == "data.per_class" && $0.changesWhatIsComputed
      })
  }

  @Test(
    arguments: [
      ("{per_class: [10]}", "'few_shot': 'target' is missing"),
      ("{target: es}", "'es' is not one of the languages of data.targets, which are de, fr"),
      ("{target: de}", "'de' has no 'train' file, from which examples are drawn"),
      ("{target: fr, per_class: [0]}", "at least one number of examples above 0 is needed"),
      ("{target: fr, per_class: []}", "at least one number of examples above 0 is needed"),
      ("{target: fr, per_class: [10, 10]}", "10 occurs twice"),
      ("{target: fr, per_class: 10}", "expected a list, found '10'"),
      ("{target: fr, per_class: [-1]}", "must be from 0 to 1000000"),
      ("{target: fr, draws: 0}", "'few_shot.draws': must be from 1 to 1000"),
      ("{target: fr, epochs: 0}", "'few_shot.epochs': must be from 1"),
      ("{target: fr, batch_size: 0}", "'few_shot.batch_size': must be from 1"),
      ("{target: fr, learning_rate: 0}", "'few_shot.learning_rate': must be above 0"),
      ("{target: fr, shots: 3}", "unknown key 'few_shot.shots'; known keys of 'few_shot': target"),
    ])
  func whatCannotBeIsRefusedWithItsLine(_ value: String, _ words: String) throws {
    let error = try #require(throws: RunLogError.self) { _ = try parse("few_shot: \(value)") }
    #expect(error.file == "e.yaml" && error.line == 9, "\(error)")
    #expect(error.message.contains(words), "\(error)")
  }

  @Test func errorsSayWhatToDo() throws {
    let noTest = try #require(throws: RunLogError.self) {
      _ = try parse("few_shot: {target: de}", ["data.targets.0.train=/a.tsv"])
    }
    #expect(noTest.message.contains("'de' has no 'test' file, on which the score is taken"))
    #expect(noTest.message.hasSuffix("or --set data.targets.0.test=FILE"))
    let both = try #require(throws: RunLogError.self) {
      _ = try parse("", ["data.percentage=50", "data.per_class=7"])
    }
    #expect(both.message.contains("'percentage' cannot be given with it"), "\(both)")
    let none = try #require(throws: RunLogError.self) {
      _ = try parse().fewShotTarget(in: "runs/a/experiment.yaml")
    }
    #expect(none.file == "runs/a/experiment.yaml" && none.message.contains("--set few_shot.target"))
  }
}
