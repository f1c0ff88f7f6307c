import Chart
import Foundation
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// What reports, comparisons and studies say of several sources and of regimes.
@Suite struct SourcesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ run: SourceRun) throws -> String {
    let path = "\(folder.path)/\(run.name)-seed-\(run.seed)"
    try run.write(to: path)
    return path
  }

  private func report(_ run: SourceRun) throws -> String {
    let path = try write(run)
    return try Report(results: RunResults(Run(path)), figures: []).markdown()
  }

  private func section(_ title: String, of text: String) throws -> String {
    let start = try #require(text.range(of: "\n\(title)\n"))
    let rest = text[start.upperBound...]
    return String(rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)])
  }

  @Test func twoSourcesAreNamedAndCounted() throws {
    var run = SourceRun(sources: ["en", "de"])
    run.periods = ["en": 8, "de": 3, "fr": 2]
    run.settings = ["data.sources.1.regime=translate-train"]
    let text = try report(run)
    #expect(text.contains("of the English and German test examples correctly"))
    #expect(
      text.contains(
        "These are the examples of English and German together. Of each alone, test accuracy is 87.5 % "
      ),
      "\(text.prefix(1500))")
    #expect(text.contains(" on English, 66.7 % "))
    #expect(text.contains("Stated regimes: German translate-train."))
    #expect(text.contains("On French, which this run did not train on, it labels 50.0 %"))
    #expect(
      text.contains(
        "above zero, English and German are ahead. English and German accuracy is that on [all"))
    #expect(text.contains("\n- Source and target texts differ in more than the language"))
    let data = try section("## Data", of: text)
    #expect(
      data.contains(
        "| English | not stated | 30 of 30 | 50.0 % | negative 10, neutral 10, positive 10 | "),
      "\(data)")
    #expect(data.contains("| German | translate-train | 30 of 30 | 50.0 % |"))
    #expect(data.contains("| French | not stated |"))
    #expect(
      data.contains("is what the configuration states")
        || data.contains("are what the configuration states"))
    // Both together, then each, then the target.
    let rows = try section("## Results", of: text)
    let names = rows.split(separator: "\n").compactMap { line in
      line.hasPrefix("| ")
        ? line.split(separator: "|").first.map { $0.trimmingCharacters(in: .whitespaces) } : nil
    }.filter { $0.hasSuffix("validation") || $0.hasSuffix("test") }
    #expect(
      names.prefix(8) == [
        "English and German validation", "English and German test", "English validation",
        "English test", "German validation", "German test", "French validation", "French test",
      ], "\(names)")
  }

  /// Nobody who was trained on is said to be unseen, and no sentence takes one of the sources for all.
  @Test func noSentenceIsAboutOneSourceAlone() throws {
    let text = try report(SourceRun(sources: ["en", "de"]))
    for code in ["English", "German"] {
      #expect(!text.contains("On \(code), which this run did not train on"))
      #expect(
        !text.contains("| \(code) | test | +") && !text.contains("| \(code) | validation | +"))
    }
    for wrong in [
      "than on English ", "trained on English alone", "on English validation is best",
      "English and German is ahead", "English accuracy minus",
    ] {
      #expect(!text.contains(wrong), "\(wrong)")
    }
    #expect(text.contains("trained on English and German alone"))
  }

  @Test(arguments: [
    ("zero-shot", "On French, which this run did not train on (zero-shot), it labels"),
    (
      "translate-test",
      "On French, whose texts were translated before they were scored (translate-test), it labels"
    ),
  ])
  func regimesAreNamed(_ regime: String, _ sentence: String) throws {
    var run = SourceRun(sources: ["en"])
    run.settings = ["data.targets.0.regime=\(regime)"]
    let text = try report(run)
    #expect(text.contains(sentence))
    #expect(text.contains("Stated regimes: French \(regime)."))
    #expect(try section("## Data", of: text).contains("| French | \(regime) |"))
    #expect(!text.contains("did not train on") || regime == "zero-shot")
    #expect(!text.contains("These are the examples of"))
  }

  @Test func oneSourceWithoutARegimeSaysNothingOfThem() throws {
    let text = try report(SourceRun(sources: ["en"]))
    #expect(!text.contains("\n## Data\n") && !text.contains("regime"))
    #expect(text.contains("above zero, English is ahead."))
    #expect(text.contains("\n- English and target texts differ"))
  }

  /// All that is printed, figures included, is found again by an audit.
  @Test func anAuditAgrees() throws {
    var run = SourceRun(sources: ["en", "de"])
    run.settings = ["data.targets.0.regime=zero-shot", "select=best_source_validation"]
    let path = try write(run)
    let directory = RunDirectory(path)
    let files = try ReportFiles(directory)
    try AtomicFile.write(files.markdown, to: directory.report)
    try AtomicFile.write(files.json, to: directory.reportRecord)
    try AtomicFile.write(Definitions.metrics.text, to: directory.definitions)
    try AtomicFile.write(Definitions.checks.text, to: directory.checks)
    for figure in files.rendering.figures {
      try AtomicFile.write(
        figure.figure.bytes(.png, dotsPerInch: 20), to: "\(path)/\(figure.name.rawValue).png")
    }
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty, "\(audit.differences)")
    #expect(audit.numbers > 50)
  }

  // MARK: Several runs

  private func groups(
    _ periods: [(String, [String], [String: Int])], seeds: Int = 1
  ) throws -> [RunGroup] {
    try periods.map { name, sources, languages in
      RunGroup(
        name: name,
        runs: try (1...seeds).map { seed in
          var run = SourceRun(sources: sources)
          (run.name, run.seed, run.periods) = (name, seed, languages)
          run.targets = ["en", "de", "fr"].filter { !sources.contains($0) }
          return try RunResults(Run(write(run)))
        })
    }
  }

  private func comparison(_ groups: [RunGroup]) throws -> ComparisonFiles {
    try ComparisonFiles(
      RunComparison(groups), runs: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false)
  }

  @Test func theMatrixIsATableWithSentences() throws {
    let files = try comparison(
      groups([
        ("a", ["en"], ["en": 9, "de": 2, "fr": 2]), ("b", ["de"], ["en": 3, "de": 9, "fr": 12]),
        ("c", ["en", "de"], ["en": 9, "de": 9, "fr": 13]),
      ]))
    let text = try section("## Source and Target", of: files.markdown)
    #expect(text.contains("| Trained on | Training examples | English | German | French |"))
    #expect(text.contains("| English | 30 | **89.2 % ["), "\(text)")
    #expect(text.contains("| English and German | 60 | **"))
    #expect(
      text.contains(
        "- French: of the models not trained on it, the one trained on English and German has the highest accuracy "
          + "observed, 92.5 %. It is higher than that of English. Not distinguished from it: German."
      ),
      "\(text)")
    #expect(!text.contains("- English:") && !text.contains("- German:"))
    #expect(text.contains("with fewer than three seeds, this holds for these trainings only"))
    #expect(!text.contains("differ in more than their data"))
    #expect(files.markdown.contains("](source_target_matrix.png)"))
    #expect(
      files.markdown.contains(
        "On French, of those not trained on it, training on English and German does better (paired tests, corrected) "
          + "than on: English. Not distinguished from it: German."))
    // The figure of gaps takes no configuration's source for everybody's, and none has a gap to itself.
    #expect(!files.markdown.contains("0.0 points"))
  }

  /// Where languages stand side by side, a record has its own language and not the table's.
  @Test func theMatrixAsDataNamesMetricLanguageAndSplit() throws {
    let files = try comparison(
      groups([
        ("a", ["en"], ["en": 9, "de": 2, "fr": 2]), ("b", ["de"], ["en": 3, "de": 9, "fr": 12]),
      ]))
    let table = try #require(
      DocumentTable.all(of: files.document.text).first { $0.name == "source-and-target" })
    let cells = table.records(of: "").filter { $0.column != "Training examples" }
    #expect(cells.count == 6)
    for cell in cells {
      #expect(cell.metric == "accuracy" && cell.language == cell.column && cell.split == "test")
    }
    #expect(Set(cells.map(\.run)) == ["English", "German"])
    // Its numbers stay numbers where the source's are bold: one kind of column for all languages.
    let text = LaTeXTable(table).text(of: "C")
    #expect(
      text.contains(
        "{lS[table-format=2]S[table-format=2.1]S[table-format=2.1]S[table-format=2.1]}"), "\(text)")
    #expect(text.contains("\\bfseries 8"))
  }

  @Test func nothingIsClaimedWithoutATest() throws {
    let text = try section(
      "## Source and Target",
      of: comparison(groups([("a", ["en"], ["fr": 5]), ("b", ["de"], ["fr": 5])])).markdown)
    #expect(text.contains("Not distinguished from it: "))
    #expect(!text.contains("It is higher than"))
  }

  @Test func oneSourceInCommonHasNoMatrix() throws {
    var other = SourceRun(sources: ["en"])
    other.name = "other"
    other.settings = ["training.batch_size=8"]
    let runs = [SourceRun(sources: ["en"]), other]
    let groups = try runs.map { run in
      RunGroup(name: run.name, runs: [try RunResults(Run(write(run)))])
    }
    let text = try comparison(groups).markdown
    #expect(!text.contains("Source and Target") && !text.contains("source_target_matrix"))
  }

  @Test func aStudyNamesEveryLanguageOfItsRuns() throws {
    let groups = try groups(
      [("english", ["en"], [:]), ("both", ["en", "de"], [:])], seeds: 2)
    let definition = try StudyDefinition.parse(
      """
      name: s
      base: b.yaml
      seeds: [1, 2]
      configurations: {english: {}, both: {training.epochs: 4}}
      questions:
        - {goal: g, claim: {greater: [both, english], metric: accuracy, split: fr.test}}
        - {goal: h, claim: {less: [both, english], metric: transfer_gap, split: fr.test}}
      """, file: "study.yaml", relativeTo: "/")
    let text = try StudyFiles(
      StudyAnswers(definition, groups), comparison: RunComparison(groups), missing: [],
      folder: folder.path, inputs: InputFiles([], in: folder.path), hasPage: false
    ).markdown
    #expect(text.contains("### Source and Target\n"))
    #expect(
      text.contains(
        "Training data other than these (30 English examples, 60 English and German examples)"),
      "\(text)")
    // A gap relative to English is no gap relative to both.
    #expect(text.contains("1 undecided") || text.contains("2 undecided"))
  }
}
