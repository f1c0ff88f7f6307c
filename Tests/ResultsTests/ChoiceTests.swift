import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Which epoch, which class, which mistakes, which temperature, and what was saved.
@Suite struct ChoiceTests {
  private let english = Split("en", .validation)
  private let german = Split("de", .validation)

  /// Predictions whose first `correct` of 100 examples are right.
  private func predictions(_ correct: Int, _ count: Int = 100) -> Predictions {
    Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row in
        (0..<3).map { ($0 == row % 3) == (row < correct) ? Float(row + 1) / 100 : 0 }
      },
      labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count), mode: .evaluation)
  }

  /// A run whose accuracies after each epoch are given in percent.
  private func results(
    english: [Int], german: [Int], germanTest: [Int]? = nil, spanish: [Int]? = nil,
    select: String = "last"
  ) throws -> RunResults {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (english.count, english.count)
    tiny.settings = ["select=\(select)"]
    return try tinyResults(tiny) { directory in
      for epoch in 1...english.count {
        for (split, percents) in [(self.english, english), (self.german, german)] {
          try predictions(percents[epoch - 1]).write(to: directory.predictions(epoch: epoch, split))
        }
        if let spanish {
          try predictions(spanish[epoch - 1]).write(
            to: directory.predictions(epoch: epoch, Split("es", .validation)))
        }
        let test = Split("de", .test)
        if let germanTest {
          try predictions(germanTest[epoch - 1]).write(
            to: directory.predictions(epoch: epoch, test))
        }
      }
    }.results
  }

  // MARK: Which epoch

  @Test func regretIsMeasuredOnTest() throws {
    let results = try results(
      english: [80, 70, 60], german: [50, 60, 70], germanTest: [52, 40, 68])
    let found = try #require(results.epochChoice(for: results.targets[0]))
    #expect(found.rows.map(\.rule) == [.last, .bestSource, .bestTarget])
    #expect(found.rows.map(\.epoch) == [3, 1, 3])
    #expect(found.rows.map { $0.accuracies[Split("de", .test)]?.value } == [0.68, 0.52, 0.68])
    let gaps = found.rows.compactMap { $0.gaps[.validation]?.gap }
    expectClose(gaps, [-0.1, 0.3, -0.1], "gaps", absolute: 1e-15)
    let regret = try #require(found.regret)
    #expect(regret.part == .test && !regret.isUpperBound)
    expectClose([regret.difference.value], [0.16], "regret", absolute: 1e-15)
    #expect(regret.difference.method == .pairedBootstrap)
    // Two epochs after the first say nothing of how they go together; the regret does.
    #expect(found.correlation == nil && found.isUnreliable)
  }

  @Test func oneEpochIsNoChoice() throws {
    let results = try results(english: [60], german: [50])
    #expect(results.targets.allSatisfy { results.epochChoice(for: $0) == nil })
  }

  /// The correlation of source and target leaves out the first epoch, from which both rise.
  @Test(
    arguments: [
      // From the second epoch on they go against each other; the first would turn that round.
      ([10, 60, 62, 64, 66, 68], [10, 60, 59, 58, 57, 56], -1),
      ([10, 60, 62, 64, 66, 68], [10, 50, 52, 54, 56, 58], 1),
      // Downwards from a first epoch that is the best of all.
      ([90, 60, 62, 64, 66, 68], [10, 50, 52, 54, 56, 58], 1),
    ] as [([Int], [Int], Double)])
  func theFirstEpochDoesNotDriveTheCorrelation(
    _ english: [Int], _ german: [Int], _ expected: Double
  ) throws {
    let results = try results(english: english, german: german)
    let found = try #require(results.epochChoice(for: results.targets[0]))
    #expect(found.correlation == expected)
    // Five epochs are one too few.
    let shorter = try self.results(
      english: Array(english.dropLast()), german: Array(german.dropLast()))
    #expect(shorter.epochChoice(for: shorter.targets[0])?.correlation == nil)
  }

  /// A correlation is described and warns of nothing, whether an epoch was chosen by it or not: how far noise pulled
  /// it down is not known.
  @Test(arguments: ["last", "best_source_validation"])
  func aCorrelationWarnsOfNothing(_ select: String) throws {
    let results = try results(
      english: [10, 60, 62, 64, 66, 68], german: [10, 60, 60, 59, 59, 59],
      germanTest: [10, 60, 60, 60, 60, 60], select: select)
    let found = try #require(results.epochChoice(for: results.targets[0]))
    let correlation = try #require(found.correlation)
    #expect(correlation < 0 && !found.isUnreliable)
  }

  /// The best of several epochs is above another on the examples that it was chosen by, even where all are alike.
  @Test func aRegretOnTheOraclesOwnExamplesWarnsOfNothing() throws {
    // Spanish has no test split.
    let results = try results(english: [60, 62], german: [60, 60], spanish: [90, 40])
    let found = try #require(results.epochChoice(for: results.targets[1]))
    let regret = try #require(found.regret)
    #expect(regret.isUpperBound && !found.isUnreliable)
    #expect(regret.difference.interval.map { $0.lower > 0.01 } == true)
  }

  /// A regret that is sure but a trifle is no warning, nor is a large one that may be chance.
  @Test(
    arguments: [
      ([60, 62], [70, 40], true), ([60, 62], [50, 49], false), ([60, 62], [50, 50], false),
    ] as [([Int], [Int], Bool)])
  func onlyARegretThatMattersWarns(_ english: [Int], _ test: [Int], _ warns: Bool) throws {
    // The oracle takes the first epoch, the source the second.
    let results = try results(english: english, german: [60, 50], germanTest: test)
    let found = try #require(results.epochChoice(for: results.targets[0]))
    #expect(found.rows.map(\.epoch) == [2, 2, 1])
    #expect(found.isUnreliable == warns)
  }

  @Test func regretOnValidationIsAnUpperBound() throws {
    let results = try results(english: [60, 70, 80], german: [40, 61, 60])
    // Spanish has no test split; German's is replaced by nothing here, so Spanish shows the rule.
    let spanish = try #require(results.epochChoice(for: results.targets[1])?.regret)
    #expect(spanish.isUpperBound && spanish.part == .validation && spanish.difference.value >= 0)
    let german = try #require(results.epochChoice(for: results.targets[0]))
    #expect(german.rows.map(\.epoch) == [3, 3, 2])
    #expect(german.regret?.part == .test)
  }

  @Test func goingTogetherIsNoWarning() throws {
    let results = try results(
      english: [30, 40, 50, 60, 70, 90], german: [20, 30, 40, 50, 60, 80],
      select: "best_source_validation")
    let found = try #require(results.epochChoice(for: results.targets[0]))
    #expect(found.correlation == 1 && !found.isUnreliable)
    #expect(found.regret?.difference.value == 0, "the same epoch is chosen")
  }

  /// The epoch with the most right answers is not the best if it leaves one example without an answer.
  @Test func anEpochWithoutAnAnswerIsNeverSelected() throws {
    var tiny = TinyRun()
    tiny.settings = ["select=best_source_validation"]
    func results(missing: Int) throws -> RunResults {
      try tinyResults(tiny) { directory in
        for (epoch, correct) in [(1, 50), (2, 90), (3, 60)] {
          let all = predictions(correct)
          let logits = all.logits.enumerated().map { place, value in
            epoch == 2 && place >= all.logits.count - 3 * missing ? Float.nan : value
          }
          try Predictions(
            classes: 3, logits: logits, labels: all.labels, ids: all.ids, mode: .evaluation
          ).write(to: directory.predictions(epoch: epoch, english))
        }
      }.results
    }
    #expect(try results(missing: 0).selectedEpoch == 2)
    let found = try results(missing: 1)
    #expect(found.selectedEpoch == 3 && found.epochOfHighestAccuracy(english) == 3)
    let best = try #require(found.epochChoice(for: found.targets[0])?.rows)
    #expect(best.map(\.epoch)[1] == 3)
    // It counts as wrong all the same: one of the ten wrong ones.
    let result = try #require(found.byEpoch[english]?[1])
    #expect(result.unanswered == 1 && result.accuracy == 0.9 && result.loss.isNaN)
    #expect(
      !Metric.all.contains(where: result.isAbsent) && result.isNotFinite(.loss)
        && !result.isWithoutAnswers)
  }

  @Test func aHistoryHasNumbersWithoutIntervals() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"english_val_accuracies": [0.6, 0.8, 0.7, 0.65], "target_val_accuracies": [0.5, 0.4, 0.6, 0.55]}"#,
      to: folder.path + "/training_history.json")
    let results = try RunResults(Run(folder.path))
    let found = try #require(results.epochChoice(for: results.targets[0]))
    #expect(found.rows.map(\.epoch) == [4, 2, 3])
    let regret = try #require(found.regret)
    expectClose([regret.difference.value], [0.2], "regret", absolute: 1e-15)
    #expect(regret.isUpperBound && regret.difference.interval == nil)
    #expect(found.correlation == nil && !found.isUnreliable)
  }

  @Test func aLongerHistoryHasACorrelation() throws {
    let folder = try TemporaryFolder()
    // After the first epoch ranks 1, 4, 3, 2, 5 and 2, 1, 4, 3, 5.
    try AtomicFile.write(
      #"{"english_val_accuracies": [0.1, 0.6, 0.8, 0.7, 0.65, 0.9], "target_val_accuracies": [0.1, 0.5, 0.4, 0.6, 0.55, 0.7]}"#,
      to: folder.path + "/training_history.json")
    let results = try RunResults(Run(folder.path))
    let correlation = try #require(results.epochChoice(for: results.targets[0])?.correlation)
    expectClose([correlation], [0.4], "correlation", absolute: 1e-15)
  }

  // MARK: Classes and mistakes

  @Test func classesHaveTheirIntervals() throws {
    let results = try tinyResults().results
    let confusion = try #require(results.selected[english]?.confusion)
    let found = try #require(results.classEstimates(english))
    #expect(found.map(\.support) == [67, 67, 66])
    for (label, estimates) in found.enumerated() {
      #expect(estimates.precision?.value == confusion.precision(label))
      #expect(estimates.recall?.value == confusion.recall(label))
      #expect(estimates.f1?.value == confusion.f1(label))
      #expect(estimates.f1?.interval == confusion.f1Intervals()[label])
      #expect(
        estimates.recall?.interval
          == wilsonInterval(successes: confusion[label, label], total: confusion.support(label)))
      let area = try #require(estimates.auc)
      #expect(try #require(area.interval).contains(area.value))
    }
    #expect(results.classEstimates(Split("fr", .test)) == nil)
  }

  @Test func theSurestMistakesComeFirst() throws {
    let (results, folder) = try tinyResults { directory in
      try Predictions(
        classes: 3, logits: [5, 0, 0, 0, 2, 0, 0, 0, 9, 0, 2, 0, .nan, 0, 0],
        labels: [0, 0, 1, 2, 1], ids: [10, 11, 12, 13, 14], mode: .evaluation
      ).write(to: directory.predictions(epoch: 3, german))
      try ExampleFacts.write(
        [11, 12].map {
          ExampleFacts(
            id: $0, tokens: 3, words: 1, unknown: 0, isTruncated: false,
            text: $0 == 12 ? "Na ja." : nil)
        }, to: directory.examples(german))
    }
    let found = try #require(try results.mistakes(german, count: 9))
    #expect(found.map(\.id) == [12, 11, 13], "surest first, then by row; no NaN")
    #expect(found.map(\.text) == ["Na ja.", nil, nil])
    #expect(found[0].prediction == 2 && found[0].label == 1 && found[0].confidence > 0.99)
    #expect(try results.mistakes(german, count: 1)?.map(\.id) == [12])
    #expect(try results.mistakes(Split("fr", .test), count: 3) == nil)
    withExtendedLifetime(folder) {}
  }

  // MARK: Temperature

  @Test func aTemperatureImprovesWhatItWasFittedOn() throws {
    let results = try tinyResults().results
    let found = try #require(results.temperatureScaling())
    let value = found.temperature.value
    #expect(try #require(value.interval).contains(value.value))
    #expect(
      found.effects.map(\.split.description) == [
        "en.validation", "en.test", "de.validation", "de.test", "es.validation",
      ])
    #expect(found.effects.map(\.isFittedHere) == [true, false, false, false, false])
    for effect in found.effects {
      #expect(effect.lossBefore == results.selected[effect.split]?.loss)
      expectClose(
        [effect.lossChange.value], [effect.lossAfter - effect.lossBefore], "loss", absolute: 1e-12)
      expectClose(
        [effect.brierChange.value], [effect.brierAfter - effect.brierBefore], "Brier",
        absolute: 1e-12)
      #expect(effect.calibrationBefore.plugIn == results.calibration[effect.split]?.expectedError)
    }
    #expect(found.effects[0].lossChange.value < 0)
  }

  @Test func withoutPredictionsThereIsNoTemperature() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(#"{"train_losses": [1, 0.4]}"#, to: folder.path + "/training_history.json")
    let results = try RunResults(Run(folder.path))
    #expect(results.temperatureScaling() == nil)
    #expect(try results.savings() == nil)
  }

  // MARK: Savings

  private func write(_ directory: RunDirectory, tokens: Int) throws {
    for (split, count, _) in TinyRun.splits {
      try ExampleFacts.write(
        (0..<count).map {
          ExampleFacts(
            id: $0, tokens: tokens, words: 4, unknown: 0, isTruncated: false, text: nil)
        }, to: directory.examples(split))
    }
  }

  /// By hand: 96 hidden, 384 intermediate, 10 tokens an example, so a layer's forward pass takes
  /// 2 · (10 · 110,592 + 2 · 96 · 100) operations an example; 120 examples train, 730 are evaluated.
  @Test func savingsAreCountedLayerByLayer() throws {
    let (results, folder) = try tinyResults { try write($0, tokens: 10) }
    let found = try #require(try results.savings())
    let forward = 2 * (10 * 110_592.0 + 2 * 96 * 100)
    expectClose([found.trained], [3 * 2 * 9.6e10], "trained", absolute: 0, relative: 1e-15)
    expectClose(
      [found.prefix, found.byCutting, found.byFreezing, found.byCache],
      [
        4 * forward * 850, 6 * 3 * forward * (3 * 120 + 730), 4 * 3 * 2 * forward * 120,
        4 * 2 * forward * 850,
      ], "savings", absolute: 0, relative: 1e-14)
    withExtendedLifetime(folder) {}
  }

  @Test func dropoutInFrozenLayersKeepsNothing() throws {
    var tiny = TinyRun()
    tiny.settings = ["model.frozen_dropout=true"]
    let (results, folder) = try tinyResults(tiny) { try write($0, tokens: 10) }
    let found = try #require(try results.savings())
    #expect(found.byCache == 0 && found.prefix == 0 && found.byFreezing > 0)
    withExtendedLifetime(folder) {}
  }

  @Test func withoutFactsNothingIsCounted() throws {
    let (results, folder) = try tinyResults()
    #expect(try results.savings() == nil)
    withExtendedLifetime(folder) {}
  }
}
