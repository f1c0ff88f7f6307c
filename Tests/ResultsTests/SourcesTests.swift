import Foundation
import Metrics
import RunLog
import Storage
import TestSupport
import Testing

@testable import Results

/// What several sources score together and each alone, and what configurations with different sources score.
@Suite struct SourcesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func results(_ run: SourceRun) throws -> RunResults {
    let path = "\(folder.path)/\(run.name)-seed-\(run.seed)"
    try run.write(to: path)
    return try RunResults(Run(path))
  }

  private func group(_ name: String, _ run: SourceRun, seeds: Int = 1) throws -> RunGroup {
    RunGroup(
      name: name,
      runs: try (1...seeds).map { seed in
        var run = run
        (run.name, run.seed) = (name, seed)
        return try results(run)
      })
  }

  /// With averaged weights each source's scores are those of its share of their predictions, not of an epoch's.
  @Test func eachSourceIsScoredWithAveragedWeights() throws {
    var run = SourceRun(sources: ["en", "de"])
    run.settings = ["select=average", "average.epochs=2"]
    let path = "\(folder.path)/run"
    try run.write(to: path)
    var better = run
    better.periods = ["en": 8, "de": 6, "fr": 5]
    let other = "\(folder.path)/better"
    try better.write(to: other)
    let weights = Weights.average(1...2)
    try FileManager.default.copyItem(
      atPath: RunDirectory(other).predictions(epoch: 2),
      toPath: RunDirectory(path).predictions(weights))
    try RunLogWriter(RunDirectory(path).log).append(
      .average(AverageRecord(epochs: 1...2, seconds: 1)))
    let results = try RunResults(Run(path))
    #expect(results.selectedWeights == weights)
    for (code, period) in [("en", 8), ("de", 6), ("fr", 5)] {
      let split = Split(code, .test)
      let right = (0..<240).count { ($0 + 1) % period != 0 }
      #expect(results.selected[split]?.confusion?.correct == right, "\(code)")
      #expect(results.predictions[split]?.count == 240)
    }
  }

  @Test func eachSourceIsScoredOnItsOwnRows() throws {
    var run = SourceRun(sources: ["en", "de"])
    run.periods = ["en": 8, "de": 3, "fr": 2]
    let results = try results(run)
    #expect(results.source.code == "en+de" && results.source.name == "English and German")
    #expect(results.sources.map(\.name) == ["English", "German"])
    #expect(results.targets.map(\.code) == ["fr"], "a source is no target")
    for (code, period) in [("en", 8), ("de", 3)] {
      let right = (0..<240).count { ($0 + 1) % period != 0 }
      let split = Split(code, .test)
      #expect(results.selected[split]?.confusion?.correct == right)
      #expect(results.predictions[split]?.ids == Array(0..<240))
      #expect(results.byEpoch[split]?.count == 2)
    }
    // Each of 240 examples, so that the pooled accuracy is the mean of both.
    let pooled = try #require(results.selected[Split("en+de", .test)])
    #expect(pooled.examples == 480)
    #expect(abs(pooled.accuracy - 370.0 / 480) < 1e-12)
    // The gap is relative to all examples of the sources.
    let gap = try #require(results.selectedGap(to: results.targets[0], .test))
    #expect(abs(gap.gap - (370.0 / 480 - 0.5)) < 1e-12)
    #expect(!gap.isPaired)
  }

  /// Hostile numbers of rows end nothing but what each source scores.
  @Test func sharesThatOverflowAreLeftOut() throws {
    let run = SourceRun(sources: ["en", "de"])
    let path = "\(folder.path)/overflow"
    try run.write(to: path)
    let log = RunDirectory(path).log
    let text = try String(contentsOfFile: log, encoding: .utf8).replacing(
      "\"available\":120,\"class_counts\":[40,40,40]}",
      with: "\"available\":\(Int.max),\"class_counts\":[40,40,40]}")
    #expect(text.contains("\(Int.max)"))
    try AtomicFile.write(text, to: log)
    let results = try RunResults(Run(path))
    #expect(results.selected[Split("en", .validation)] == nil)
    #expect(results.selected[Split("en+de", .validation)]?.examples == 240)
  }

  @Test func oneSourceIsItsOwn() throws {
    let results = try results(SourceRun(sources: ["en"]))
    #expect(results.sources == [results.source] && !results.hasSeveralSources)
    #expect(results.storedSplit(Split("en", .test)) == Split("en", .test))
  }

  /// A language that one configuration was trained on and another was not.
  private func matrix(_ periods: [String: [String: Int]]) throws -> SourceMatrix? {
    var groups: [RunGroup] = []
    for (name, languages) in periods.sorted(by: { $0.key < $1.key }) {
      var run = SourceRun(sources: name.split(separator: "-").map(String.init))
      run.targets = ["en", "de", "fr"].filter { !run.sources.contains($0) }
      run.periods = languages
      groups.append(try group(name, run))
    }
    return SourceMatrix(RunComparison(groups), on: .test)
  }

  @Test func readingsAreOfThoseNotTrainedOnTheLanguage() throws {
    let found = try matrix([
      "en": ["en": 9, "de": 2, "fr": 2], "de": ["en": 3, "de": 9, "fr": 12],
      "en-de": ["en": 9, "de": 9, "fr": 13],
    ])
    let matrix = try #require(found)
    #expect(matrix.rows.map(\.name) == ["German", "English", "English and German"])
    #expect(matrix.languages.map(\.code) == ["de", "en", "fr"])
    #expect(
      matrix.rows.map { $0.cells.map(\.isSource) } == [
        [true, false, false], [false, true, false], [true, true, false],
      ])
    #expect(matrix.rows.map(\.trainingExamples) == [30, 30, 60])
    // Only one was not trained on German, and one not on English, so of these nothing is said.
    let reading = try #require(matrix.readings.first)
    #expect(matrix.readings.count == 1 && reading.column == 2)
    #expect(reading.best == 2 && reading.distinguished == [1] && reading.undistinguished == [0])
    #expect(matrix.isForTheseSeedsOnly)
  }

  @Test func equalRowsAreNotDistinguished() throws {
    let found = try matrix(["en": ["fr": 5], "de": ["fr": 5]])
    let reading = try #require(found?.readings.first)
    #expect(reading.distinguished.isEmpty && reading.undistinguished.count == 1)
  }

  @Test func runsWithTheSameSourcesHaveNoMatrix() throws {
    var other = SourceRun(sources: ["en"])
    other.settings = ["training.batch_size=8"]
    let comparison = RunComparison([
      try group("a", SourceRun(sources: ["en"])), try group("b", other),
    ])
    #expect(SourceMatrix(comparison, on: .test) == nil)
  }

  /// What was not scored, what gave no answers and what has an accuracy are three things.
  @Test func cellsSayWhyTheyAreEmpty() throws {
    var silent = SourceRun(sources: ["en"])
    silent.silent = "fr"
    var german = SourceRun(sources: ["de"])
    german.targets = ["en"]
    let comparison = RunComparison([
      try group("silent", silent), try group("german", german),
    ])
    let matrix = try #require(SourceMatrix(comparison, on: .test))
    #expect(matrix.languages.map(\.code) == ["en", "fr", "de"])
    #expect(
      matrix.rows.map { $0.cells.map(\.state) } == [
        [.known, .noResult, .notScored], [.known, .notScored, .known],
      ])
    #expect(matrix.readings.isEmpty)
  }

  @Test func regimesMakeRowsAndAreWarnedOf() throws {
    var translated = SourceRun(sources: ["en"])
    translated.settings = ["data.targets.0.regime=translate-test"]
    var stated = SourceRun(sources: ["en"])
    stated.settings = ["data.targets.0.regime=zero-shot", "training.batch_size=8"]
    let comparison = RunComparison([
      try group("plain", SourceRun(sources: ["en"])), try group("translated", translated),
      try group("stated", stated),
    ])
    let matrix = try #require(SourceMatrix(comparison, on: .test))
    #expect(
      matrix.rows.map(\.name) == ["English (plain)", "English, translate-test", "English (stated)"])
    #expect(matrix.otherDifferences == ["training.batch_size"])
    #expect(
      comparison.warnings.contains(
        "French is a target in plain, stated; a target (translate-test) in translated. Differences there are "
          + "between these, not between networks alone."), "\(comparison.warnings)")
  }

  /// A language that was trained on has no transfer gap, be it the source alone or one of several.
  @Test func sourcesHaveNoGap() throws {
    var german = SourceRun(sources: ["de"])
    german.targets = ["en", "fr"]
    let groups = [
      try group("both", SourceRun(sources: ["en", "de"]), seeds: 2),
      try group("german", german, seeds: 2),
    ]
    for part in [Part.validation, .test] {
      #expect(groups[0].gap(.accuracy, to: "de", part) == nil)
      #expect(groups[1].gap(.accuracy, to: "de", part) == nil)
      #expect(groups[1].gap(.accuracy, to: "en", part) != nil)
    }
    // Gaps relative to different sources are not subtracted from each other.
    #expect(RunComparison(groups).gaps.isEmpty)
  }
}
