import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// The model card: what the hub's own parser reads from it, its audit, and that no text of somebody else is lost.
@Suite struct CardTests {
  private let folder: TemporaryFolder
  private var directory: RunDirectory { RunDirectory(folder.path) }

  init() throws {
    folder = try TemporaryFolder()
    var tiny = TinyRun()
    // Norwegian's code is false in YAML 1.1, and names hold what YAML would read as its own.
    tiny.settings = ["name='tiny: \"#1\"'"]
    try tiny.write(to: folder.path)
    try makeModel(in: folder.path)
  }

  private func makeModel(in run: String) throws {
    try makeFolder("\(run)/model")
    try AtomicFile.write("{}\n", to: "\(run)/model/config.json")
  }

  @Test func isAsRecorded() throws {
    try expectSnapshot(CardFiles(directory).markdown, "card/README.md")
  }

  /// Results of translations are no results of the language that they were translated from.
  @Test(arguments: ["translate-test", "zero-shot", nil])
  func saysWhichTextsWereTranslated(_ regime: String?) throws {
    let other = try TemporaryFolder()
    var tiny = TinyRun()
    tiny.settings = regime.map { ["data.targets.0.regime=\($0)"] } ?? []
    try tiny.write(to: other.path)
    try makeModel(in: other.path)
    let text = try CardFiles(RunDirectory(other.path)).markdown
    let isTranslated = regime == "translate-test"
    #expect(
      text.contains(
        "By the configuration, the texts in German were translated into English before the model labelled them"
      )
        == isTranslated)
    #expect(
      text.contains("name: \"German test, translated into the source language\"") == isTranslated)
    #expect(
      text.contains("name: \"English test\"") && text.contains("name: \"Spanish validation\""))
  }

  /// Written by Tests/Fixtures/make_card_fixtures.py with huggingface_hub.
  @Test func theHubsParserReadsTheRunsNumbers() throws {
    let parsed = try JSON.read(Fixture.path("card/parsed.json"))
    let results = try RunResults(Run(LogSource(folder.path)))
    #expect(parsed["language"]?.array == [.string("en"), .string("de"), .string("es")])
    #expect(parsed["pipeline_tag"] == .string("text-classification"))
    #expect(parsed["library_name"] == .string("transformers"))
    #expect(parsed["model_name"] == .string(results.name))
    // Nothing is made up: neither a licence nor a base model that the hub would look for.
    #expect(parsed["license"] == .null)
    #expect(parsed["base_model"] == .null)
    let found = try #require(parsed["results"]?.array)
    var expected = 0
    for split in orderedSplits(results) where split.part != .train {
      let estimates = try #require(results.estimates(split))
      for metric in Metric.all {
        expected += 1
        let type = metric == .macroF1 ? "f1" : metric.key
        let entry = try #require(
          found.first {
            $0["dataset_config"] == .string(split.language)
              && $0["dataset_split"] == .string(partName(split.part))
              && $0["metric_type"] == .string(type)
          })
        #expect(entry["task_type"] == .string("text-classification"))
        let value = try #require(entry["metric_value"]?.double)
        #expect(abs(value - estimates[metric].value) <= 0.5e-6 * (1 + 1e-6))
      }
    }
    #expect(found.count == expected)
  }

  @Test func whatIsNotFiniteIsNotInTheIndexAndSaidInTheText() throws {
    let other = try TemporaryFolder()
    try TinyRun().write(to: other.path)
    try makeModel(in: other.path)
    let path = RunDirectory(other.path).predictions(epoch: 3, Split("es", .validation))
    let rows = Array(0..<40)
    try Predictions(
      classes: 3, logits: rows.flatMap { _ in [Float.nan, .nan, .nan] },
      labels: rows.map { $0 % 3 }, ids: rows, mode: .evaluation
    ).write(to: path)
    let text = try CardFiles(RunDirectory(other.path)).markdown
    let head = try #require(text.components(separatedBy: "\n---\n").first)
    #expect(!head.contains("\"Spanish validation\""))
    #expect(!head.lowercased().contains("nan"))
    #expect(head.contains("- \"es\""))
    #expect(text.contains("Without an answer"))
  }

  /// What is exported with `select: average` is no epoch's model.
  @Test func saysThatWeightsAreAveraged() throws {
    let other = try TemporaryFolder()
    var tiny = TinyRun()
    (tiny.averaged, tiny.settings) = (2...3, ["select=average"])
    try tiny.write(to: other.path)
    try makeModel(in: other.path)
    let card = try CardFiles(RunDirectory(other.path)).markdown
    #expect(
      card.contains("this is the model with the average of the weights after epochs 2–3."),
      "\(card)")
    #expect(card.contains("With the average of the weights after epochs 2–3."))
    #expect(!card.contains("best accuracy on") && !card.contains("After epoch"))
  }

  /// The hub knows languages, not several of them as one.
  @Test func namesEachOfSeveralSources() throws {
    let other = try TemporaryFolder()
    try SourceRun(sources: ["en", "de"]).write(to: other.path)
    try makeModel(in: other.path)
    let card = try CardFiles(RunDirectory(other.path)).markdown
    let index = try #require(card.split(separator: "\n---\n").first)
    #expect(index.contains("- \"en\"\n- \"de\"\n"), "\(index)")
    #expect(!index.contains("en+de"))
    for code in ["en", "de"] { #expect(index.contains("config: \"\(code)\"")) }
    #expect(card.contains("English and German are ahead"))
  }

  @Test func namesTheBaseModelOfTheHub() throws {
    let environment = try #require(JSON.read(directory.environment).object)
    var changed = environment
    changed["hub_model"] = .object([
      "id": .string("google-bert/bert-base-multilingual-uncased"), "revision": .string("main"),
      "commit": .string(String(repeating: "a", count: 40)),
    ])
    try AtomicFile.write(JSON.object(changed).prettyText, to: directory.environment)
    let text = try CardFiles(directory).markdown
    #expect(text.contains("\nbase_model: \"google-bert/bert-base-multilingual-uncased\"\n"))
  }

  @Test func theAuditChecksTheCard() throws {
    let card = try CardFiles(directory)
    #expect(try card.write() == "\(folder.path)/model/README.md")
    let right = try Audit.all(in: folder.path)
    #expect(right.map(\.file) == ["model/README.md"])
    #expect(right.flatMap(\.differences).isEmpty, "\(right.flatMap(\.differences))")
    #expect(right[0].numbers > 60)
    let text = card.markdown
    let number = try #require(text.firstRange(of: /value: 0\.[0-9]{6}/))
    var wrong = text
    wrong.replaceSubrange(number, with: "value: 0.987654")
    try AtomicFile.write(wrong, to: card.path)
    let found = try Audit.all(in: folder.path).flatMap(\.differences)
    #expect(found.contains { "\($0)".contains("0.987654") }, "\(found)")
  }

  @Test func overwritesNoCardOfSomebodyElse() throws {
    let path = "\(folder.path)/model/README.md"
    try AtomicFile.write("# My model\n", to: path)
    let refused = #expect(throws: RunLogError.self) { try CardFiles(directory).write() }
    #expect(refused?.description.contains("--force") ?? false)
    #expect(try RandomAccessFile(path).contents() == Array("# My model\n".utf8))
    #expect(!exists("\(folder.path)/card.json"))
    #expect(try !CardFiles(directory).write(force: true).isEmpty)
    let written = try RandomAccessFile(path).contents()
    // An earlier card of ours is replaced, one that was changed is not.
    _ = try CardFiles(directory).write()
    try AtomicFile.write(String(decoding: written, as: UTF8.self) + "\nMine.\n", to: path)
    #expect(try CardFiles(directory).isTaken)
    #expect(throws: RunLogError.self) { try CardFiles(directory).write() }
  }

  @Test func nothingIsWrittenThroughALink() throws {
    let (other, target) = (try TemporaryFolder(), try TemporaryFolder())
    try TinyRun().write(to: other.path)
    try AtomicFile.write("{}", to: "\(target.path)/config.json")
    try FileManager.default.createSymbolicLink(
      atPath: "\(other.path)/model", withDestinationPath: target.path)
    #expect(try ReportFiles(RunDirectory(other.path)).card() == nil)
    #expect(throws: RunLogError.self) { try CardFiles(RunDirectory(other.path)).write(force: true) }
    #expect(try listFolder(target.path) == ["config.json"])
  }

  @Test func aRunWithoutAModelHasNoCard() throws {
    let other = try TemporaryFolder()
    try TinyRun().write(to: other.path)
    let error = #expect(throws: RunLogError.self) { try CardFiles(RunDirectory(other.path)) }
    #expect(error?.description.contains("no model") ?? false)
    #expect(try ReportFiles(RunDirectory(other.path)).card() == nil)
  }
}
