import RunLog
import TestSupport
import Testing

/// Several sources and regimes in an experiment's file and in the log.
@Suite struct SourcesTests {
  private static let two = """
    name: two
    model: {checkpoint: /m}
    data:
      sources:
        - {language: en, train: en/train.tsv, validation: en/v.tsv, test: en/t.tsv}
        - {language: de, train: de/train.tsv, validation: de/v.tsv, test: de/t.tsv, regime: translate-train}
      targets:
        - {language: fr, validation: fr/v.tsv, regime: zero-shot}
        - {language: es, validation: es/v.tsv, regime: translate-test}
    """

  private func parse(_ text: String = two, _ settings: [String] = []) throws -> Experiment {
    try Experiment.parse(text, file: "e.yaml", settings: settings, relativeTo: "/d")
  }

  @Test func sourcesCountAsOne() throws {
    let data = try parse().data
    #expect(data.source.language == "en+de" && data.source.name == "English and German")
    #expect(data.sources.map(\.regime) == [nil, .translateTrain])
    #expect(data.targets.map(\.regime) == [.zeroShot, .translateTest])
    #expect(
      data.splits.map(\.description) == [
        "en+de.train", "en+de.validation", "en+de.test", "fr.validation", "es.validation",
      ])
    let three = try parse(
      Self.two,
      ["data.targets=[]", "data.sources.1.name=Deutsch"])
    #expect(three.data.source.name == "English and Deutsch")
  }

  @Test func whatIsWrittenReadsAsTheSame() throws {
    let experiment = try parse()
    #expect(try parse(experiment.yaml) == experiment)
    #expect(
      experiment.inputs.map(\.key).prefix(5) == [
        "model.checkpoint", "data.sources.0.train", "data.sources.0.validation",
        "data.sources.0.test", "data.sources.1.train",
      ])
    #expect(experiment.inputs.map(\.recordedAs).contains("data/de.train"))
  }

  /// A list of one source is the single source, with the keys that it always had.
  @Test func aListOfOneIsTheSource() throws {
    let one = try parse(ExperimentTests.minimal)
    let list = try parse(
      ExperimentTests.minimal,
      [
        "data.source=null",
        "data.sources=[{language: en, train: ../data/en/train.tsv, validation: en/validation.csv}]",
      ])
    #expect(list == one && list.yaml == one.yaml)
    #expect(
      one.yaml.contains("\n  source:\n    language: \"en\"\n") && !one.yaml.contains("regime"))
  }

  @Test func theRegimeOfTheRunIsThatOfLanguagesThatStateNone() throws {
    let test = try parse(ExperimentTests.minimal, ["data.regime=translate-test"]).data
    #expect(test.targets[0].regime == .translateTest && test.sources[0].regime == nil)
    let train = try parse(ExperimentTests.minimal, ["data.regime=translate-train"]).data
    #expect(train.targets[0].regime == nil && train.sources[0].regime == .translateTrain)
    let own = try parse(
      ExperimentTests.minimal,
      ["data.regime=translate-test", "data.targets.0.regime=zero-shot"]
    ).data
    #expect(own.targets[0].regime == .zeroShot)
  }

  @Test(arguments: [
    (["data.source={language: it}"], "'source' and 'sources' cannot both be given"),
    (["data.sources=[]"], "must name at least one language"),
    (["data.sources.1.language=en"], "the language 'en' occurs twice"),
    (["data.targets.0.language=de"], "'de' is one of data.sources, which are scored anyway"),
    (["data.parallel=true"], "must be false with several sources"),
    (["data.sources.1.test=null"], "expected a text, found nothing"),
    (["data.sources.0.regime=zero-shot"], "trained on cannot be zero-shot"),
    (["data.sources.0.regime=translate-test"], "translate-test is for targets"),
    (["data.targets.0.regime=translate-train"], "make it one of data.sources"),
    (["data.targets.0.regime=few-shot"], "zero-shot, translate-train"),
  ])
  func refuses(_ settings: [String], _ words: String) throws {
    let error = try #require(throws: RunLogError.self) { _ = try parse(Self.two, settings) }
    #expect(error.message.contains(words), "\(error)")
  }

  @Test func eitherAllSourcesHaveATestFileOrNone() throws {
    let text = Self.two.replacing(", test: de/t.tsv", with: "")
    let error = try #require(throws: RunLogError.self) { _ = try parse(text) }
    #expect(error.line == 5, "\(error)")
    #expect(error.message.contains("'en' has a test file and 'de' has none"), "\(error)")
  }

  @Test func codesOfManySourcesAreLimited() throws {
    let entries = (0..<6).map {
      "{language: a\($0)-\(String(repeating: "b", count: 30)), train: t.tsv, validation: v.tsv}"
    }
    let error = try #require(throws: RunLogError.self) {
      _ = try parse(Self.two, ["data.sources=[\(entries.joined(separator: ", "))]"])
    }
    #expect(error.message.contains("at most 150 letters"), "\(error)")
  }

  @Test(arguments: [
    ("en+de.test", true), ("en.test", true), ("en+.test", false), ("+.test", false),
    ("en+d/e.test", false), ("en++de.test", false),
  ])
  func splitsOfSeveralSources(_ name: String, _ isSplit: Bool) {
    #expect(Split(name)?.description == (isSplit ? name : nil))
  }

  @Test func theLogSaysWhatEachSourceHas() throws {
    let folder = try TemporaryFolder()
    try SourceRun(sources: ["en", "de"]).write(to: folder.path)
    let splits = try #require(
      Run(folder.path).records.compactMap { record -> [RunStarted.SplitFacts]? in
        if case .runStarted(let started) = record { started.splits } else { nil }
      }.first)
    let shares = try #require(splits.first { "\($0.split)" == "en+de.train" }).sources
    #expect(shares.map(\.language) == ["en", "de"] && shares.map(\.examples) == [30, 30])
    #expect(shares.map(\.classCounts) == [[10, 10, 10], [10, 10, 10]])
    #expect(splits.first { "\($0.split)" == "fr.test" }?.sources.isEmpty == true)
  }
}
