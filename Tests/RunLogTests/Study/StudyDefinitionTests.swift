import Metrics
import RunLog
import Testing

@Suite struct StudyDefinitionTests {
  /// The file of the project's issue on studies, with one question for each relation.
  static let text = """
    name: six-layers
    base: mbert-6-layers.yaml
    seeds: [1, 2, 3]
    configurations:
      baseline:       {}
      twelve-layers:  {model.encoder_layers: 12, model.frozen_layers: 10}
      three-epochs:   {training: {epochs: 3}}
      low-rate:       {training.optimizer.learning_rate: 2e-5, training.schedule.eta_min: 2e-6}
    questions:
      - goal: A reduced 6-layer architecture can maintain competitive performance
        claim: {equivalent: [baseline, twelve-layers], metric: accuracy, split: de.test, margin: 0.02}
      - goal: Selective layer freezing improves training efficiency
        claim: {less: [baseline, three-epochs], metric: seconds_per_epoch}
      - goal: Higher learning rates work better
        claim: {greater: [[baseline, low-rate], [twelve-layers, three-epochs]], split: de.test}
      - goal: A reduced architecture holds its own
        claim: {not_less: [baseline, twelve-layers], metric: macro_f1, split: de.test}
      - goal: The gap grows by little
        claim: {not_greater: [baseline, low-rate], metric: transfer_gap, split: de.test, margin: 0.03}
    """

  private func parse(_ text: String = text) throws -> StudyDefinition {
    try StudyDefinition.parse(text, file: "study.yaml", relativeTo: "/home/s")
  }

  private func failure(_ old: String, _ new: String) throws -> RunLogError {
    try #require(Self.text.contains(old))
    return try #require(throws: RunLogError.self) {
      _ = try parse(Self.text.replacing(old, with: new))
    }
  }

  @Test func readsEverything() throws {
    let study = try parse()
    #expect(study.name == "six-layers" && study.base == "/home/s/mbert-6-layers.yaml")
    #expect(study.seeds == [1, 2, 3])
    #expect(
      study.configurations.map(\.name) == ["baseline", "twelve-layers", "three-epochs", "low-rate"])
    #expect(
      study.configurations.map(\.settings) == [
        [], ["model.encoder_layers=12", "model.frozen_layers=10"], ["training.epochs=3"],
        ["training.optimizer.learning_rate=2e-5", "training.schedule.eta_min=2e-6"],
      ])
    #expect(
      study.questions.map(\.claim) == [
        Claim(
          relation: .equivalent, first: .configuration("baseline"),
          second: .configuration("twelve-layers"), metric: .metric(.accuracy),
          split: Split("de", .test),
          margin: 0.02),
        Claim(
          relation: .less, first: .configuration("baseline"),
          second: .configuration("three-epochs"), metric: .secondsPerEpoch, split: nil, margin: 0),
        Claim(
          relation: .greater, first: .difference("baseline", "low-rate"),
          second: .difference("twelve-layers", "three-epochs"), metric: .metric(.accuracy),
          split: Split("de", .test), margin: 0),
        Claim(
          relation: .notLess, first: .configuration("baseline"),
          second: .configuration("twelve-layers"), metric: .metric(.macroF1),
          split: Split("de", .test),
          margin: 0.01),
        Claim(
          relation: .notGreater, first: .configuration("baseline"),
          second: .configuration("low-rate"), metric: .transferGap(.accuracy),
          split: Split("de", .test),
          margin: 0.03),
      ])
  }

  @Test func valuesKeepTheirMeaning() throws {
    let study = try parse(
      """
      name: s
      base: builtin:demo
      settings: {training.epochs: 6, data: {percentage: 50}}
      configurations:
        a: {labels: [no, "a, b"], note: "1", data.quoting: none}
      """)
    #expect(study.base == "builtin:demo" && study.seeds == [42])
    #expect(study.settings == ["training.epochs=6", "data.percentage=50"])
    #expect(
      study.configurations[0].settings == [
        #"labels=[no, "a, b"]"#, #"note="1""#, "data.quoting=none",
      ])
  }

  @Test(arguments: [
    ("seeds: [1, 2, 3]", "seeds: [1, 2, 1]", 3, "the seed 1 occurs twice"),
    ("seeds: [1, 2, 3]", "seeds: []", 3, "at least one seed"),
    ("seeds: [1, 2, 3]", "seed: [1]", 3, "did you mean 'seeds'?"),
    ("[baseline, twelve-layers]", "[baseline, twelve-layer]", 11, "did you mean 'twelve-layers'?"),
    ("[baseline, twelve-layers]", "[baseline]", 11, "expected two sides, found 1"),
    ("[baseline, twelve-layers]", "[baseline, baseline]", 11, "the two sides are the same"),
    ("[baseline, twelve-layers]", "[baseline, [baseline, low-rate]]", 11, "both pairs"),
    ("margin: 0.02", "margin: 0", 11, "must be above 0"),
    ("margin: 0.03", "margin: 0", 19, "must be above 0"),
    ("metric: macro_f1", "metric: loss", 17, "'margin' is missing"),
    ("metric: accuracy", "metric: precision", 11, "expected one of accuracy"),
    ("{less: [baseline", "{less: [low-rate, baseline], greater: [baseline", 13, "exactly one of"),
    ("metric: seconds_per_epoch", "metric: loss", 13, "'split' is missing"),
    ("metric: seconds_per_epoch", "metric: seconds_per_epoch, split: de.test", 13, "no split"),
    ("split: de.test, margin", "split: de.train, margin", 11, "found 'de.train'"),
    ("baseline:       {}", "../up:  {}", 5, "name must consist of letters"),
    ("baseline:       {}", "baseline: {training.seed: 1}", 5, "set by the study itself"),
    ("baseline:       {}", "baseline: {training: {seed: 1}}", 5, "set by the study itself"),
    ("baseline:       {}", "baseline: 5", 5, "expected a mapping"),
  ])
  func mistakesAreNamedWithTheirLine(
    _ old: String, _ new: String, _ line: Int, _ words: String
  ) throws {
    let error = try failure(old, new)
    #expect(error.line == line, "\(error)")
    #expect(error.message.contains(words), "\(error)")
  }

  @Test func aGapMayBeOneOfMacroF1() throws {
    let old = "metric: transfer_gap, split: de.test, margin: 0.03"
    let claim = try #require(
      parse(
        Self.text.replacing(old, with: "metric: transfer_gap_macro_f1, split: de.test")
      ).questions.last?.claim)
    #expect(claim.metric == .transferGap(.macroF1) && claim.metric.isTransferGap)
    #expect(claim.split == Split("de", .test) && claim.margin == 0.01)
    let wrong = try failure(old, "metric: transfer_gap_f1, split: de.test")
    #expect(
      wrong.line == 19 && wrong.message.contains("transfer_gap_macro_f1"), "\(wrong.message)")
    let without = try failure(old, "metric: transfer_gap_macro_f1")
    #expect(without.message.contains("'split' is missing"))
  }

  @Test func anEquivalenceOfLossesNeedsAMargin() throws {
    let error = try failure(
      "metric: accuracy, split: de.test, margin: 0.02", "metric: loss, split: de.test")
    #expect(error.message.contains("'margin' is missing"))
  }
}
