import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Several sources: what is read, drawn and trained on, and that a run with them can be gone on with.
@Suite struct SourcesTests {
  private let folder: TemporaryFolder

  /// Two sources of different size, whose texts are those of the fixture.
  init() throws {
    folder = try TemporaryFolder()
    let data = Fixture.path("train/data")
    let rows = try lines("\(data)/train.tsv")
    try write([rows[0]] + rows[1...].prefix(12), "german.tsv")
  }

  private func lines(_ path: String) throws -> [String] {
    String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  private func write(_ lines: [String], _ name: String) throws {
    try AtomicFile.write(
      lines.joined(separator: "\n") + "\n", to: "\(folder.path)/\(name)")
  }

  private func experiment(_ settings: [String] = []) throws -> Experiment {
    let data = Fixture.path("train/data")
    return try Experiment.parse(
      FixtureExperiment(
        "epochs: 3", "batch_size: 8", "block_tokens: 40", "checkpoint_every: {steps: 2}",
        "optimizer: {learning_rate: 3e-3}"
      ).yaml, file: "fixture.yaml",
      settings: [
        "data.source=null",
        "data.sources=[{language: en, train: \(data)/train.tsv, validation: \(data)/validation.tsv}, "
          + "{language: es, train: \(folder.path)/german.tsv, validation: \(data)/validation.tsv}]",
        "select=best_source_validation",
      ] + settings, relativeTo: "/")
  }

  @Test func examplesFollowSourceBySource() throws {
    let preparation = try Preparation(experiment(), threads: 1)
    let single = try Preparation(
      Experiment.parse(
        FixtureExperiment("epochs: 3").yaml, file: "fixture.yaml", relativeTo: "/"), threads: 1)
    let (all, english) = (preparation.training, single.training)
    #expect(
      preparation.datasets.map { "\($0.split)" } == [
        "en+es.train", "en+es.validation", "de.validation", "de.test",
      ])
    #expect(all.count == english.count + 12 && all.available == english.available + 12)
    #expect(Array(all.tokens.prefix(english.tokens.count)) == english.tokens)
    #expect(Array(all.labels.suffix(12)) == Array(english.labels.prefix(12)))
    #expect(all.facts.map(\.id) == Array(0..<all.count), "rows are counted on")
    #expect((0..<all.count).allSatisfy { all.length($0) == all.facts[$0].tokens })
    #expect(all.batch([english.count]).tokens == english.batch([0]).tokens)
    let facts = all.splitFacts(classes: 3)
    #expect(facts.sources.map(\.language) == ["en", "es"])
    #expect(facts.sources.map(\.examples) == [english.count, 12])
    #expect(facts.sources[0].classCounts == english.splitFacts(classes: 3).classCounts)
    #expect(
      (0..<3).allSatisfy { label in
        facts.sources.reduce(0) { $0 + $1.classCounts[label] } == facts.classCounts[label]
      })
    #expect(
      preparation.notes.contains(
        "The training data are \(all.count) examples, \(english.count) of English and 12 of Spanish."
      ), "\(preparation.notes)")
  }

  /// The share is drawn from each source, with a random stream of its own.
  @Test func thePercentageIsOfEachSource() throws {
    let all = try Preparation(experiment(), threads: 1).training
    let half = try Preparation(experiment(["data.percentage=50"]), threads: 1).training
    let shares = half.splitFacts(classes: 3).sources
    let first = all.count - 12
    #expect(shares.map(\.examples) == [Int((Double(first) / 2).rounded()), 6])
    #expect(shares.map(\.available) == [first, 12])
    let labels = (0..<60).map { $0 % 3 }
    func rows(_ stream: String) -> [Int] {
      stratifiedSubset(labels: labels, percentage: 50, seed: 1, stream: stream)
    }
    #expect(rows("subset/en") != rows("subset/es") && rows("subset/en") == rows("subset/en"))
    let spanish = half.facts.map(\.id).filter { $0 >= first }.map { $0 - first }
    #expect(
      spanish
        == stratifiedSubset(
          labels: Array(all.labels.suffix(12)), percentage: 50,
          seed: try experiment().training.seed, stream: "subset/es"))
  }

  @Test func textsOfEverySourceAreLookedFor() throws {
    let data = Fixture.path("train/data")
    let target = try lines("\(data)/target.tsv")
    let german = try lines("\(folder.path)/german.tsv")
    try write(german + [target[1]], "german.tsv")
    let found = try Preparation(experiment(), threads: 1).warnings.filter {
      $0.kind == .sharedTexts && $0.place == "de.test"
    }
    #expect(found.count == 1 && found[0].count == 1, "\(found)")
    #expect(found.first?.text.contains("is in es.train too") == true, "\(found)")
  }

  @Test func aVarietyOfASourceIsNotZeroShot() throws {
    func warnings(_ settings: [String]) throws -> [InputWarning] {
      try Preparation(experiment(settings), threads: 1).warnings.filter { $0.kind == .zeroShot }
    }
    #expect(try warnings(["data.targets.0.regime=zero-shot"]).isEmpty)
    #expect(try warnings(["data.targets.0.language=es-MX"]).isEmpty, "nothing is stated")
    let found = try warnings([
      "data.targets.0.regime=zero-shot", "data.targets.0.language=es-MX",
    ])
    #expect(
      found.map(\.text) == [
        "The target 'es-MX' is stated to be zero-shot, but 'es', a variety of the same language by its code, is "
          + "trained on."
      ])
  }

  /// An interrupted run with two sources ends with the bits of one that was not.
  @Test func interruptedRunsGoOn() throws {
    let experiment = try experiment()
    func train(_ name: String, until count: Int?) throws -> RunDirectory {
      let run = RunDirectory("\(folder.path)/\(name)")
      let interruption = Interruption()
      var events = 0
      let trainer = try Trainer(
        Preparation(experiment, threads: 2), run: run, threads: 2, interruption: interruption
      ) {
        guard case .progress = $0 else { return }
        events += 1
        if events == count { interruption.request() }
      }
      if count == nil {
        _ = try trainer.resume()
      } else {
        #expect(throws: Interrupted.self) { _ = try trainer.resume() }
      }
      return run
    }
    let whole = try train("whole", until: nil)
    _ = try train("parts", until: 25)
    let parts = try train("parts", until: nil)
    for split in experiment.data.splits {
      let paths = [whole, parts].map { $0.predictions(epoch: 3, split) }
      #expect(
        try Predictions.read(paths[0], classes: 3) == Predictions.read(paths[1], classes: 3),
        "\(split)")
    }
    let selected = try [whole, parts].map { run in
      try Run(run.path).records.compactMap { record -> Int? in
        if case .runFinished(let finished) = record { finished.selected.epoch } else { nil }
      }
    }
    #expect(selected[0] == selected[1] && selected[0].count == 1)
    // A source is scored with the others, never later and alone.
    let error = try #require(throws: RunLogError.self) {
      _ = try LateEvaluation.run(
        whole.path, language: "es",
        file: DataFile(location: .table("\(folder.path)/german.tsv")), threads: 1, replaces: false)
    }
    #expect(error.message.contains("'es' is one of the run's sources (en, es)"), "\(error)")
  }
}
