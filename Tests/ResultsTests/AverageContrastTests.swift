import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Averaged weights against those of the last epoch: which are compared, on what, and what the test says.
@Suite struct AverageContrastTests {
  private let english = Split("en", .validation)
  private let german = Split("de", .validation)

  /// Answers to examples, of which those named are right.
  private func predictions(_ right: Set<Int>, of count: Int) -> Predictions {
    Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row in
        (0..<3).map { ($0 == row % 3) == right.contains(row) ? Float(1) : 0 }
      }, labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count), mode: .evaluation)
  }

  private func tiny(_ select: String = "last") -> TinyRun {
    var tiny = TinyRun()
    tiny.averaged = 2...3
    tiny.settings = ["select=\(select)"]
    return tiny
  }

  /// What is said of German test, of as many examples, where so many are right in either.
  private func german(
    _ last: Range<Int>, _ average: Range<Int>, of count: Int = 200
  ) throws -> AverageContrast {
    let results = try tinyResults(tiny()) { directory in
      try predictions(Set(last), of: count).write(to: directory.predictions(epoch: 3, german))
      try predictions(Set(average), of: count).write(
        to: directory.predictions(.average(2...3), german))
    }.results
    return try #require(results.averageContrasts().first { $0.language.code == "de" })
  }

  // MARK: What the test says

  /// By how many are right in either; `identical` where no answer is right in one alone.
  @Test(
    arguments: [
      (0..<100, 0..<130, 200, .above), (0..<130, 0..<100, 200, .below),
      (0..<100, 0..<103, 200, .indistinct), (0..<100, 0..<100, 200, .identical),
      // As many are right, but not the same ones.
      (0..<100, 50..<150, 200, .indistinct),
      (0..<0, 0..<29, 29, .tooFewExamples), (0..<0, 0..<30, 30, .above),
    ] as [(Range<Int>, Range<Int>, Int, AverageContrast.Verdict)])
  func saysWhatTheTestSays(
    _ last: Range<Int>, _ average: Range<Int>, _ count: Int, _ verdict: AverageContrast.Verdict
  ) throws {
    let found = try german(last, average, of: count)
    #expect(found.verdict == verdict && found.split == german && found.examples == count)
    let shares = (Double(last.count) / Double(count), Double(average.count) / Double(count))
    #expect(found.last?.value == shares.0 && found.average?.value == shares.1)
    let both = Set(last).intersection(average).count
    let pairs = PairedHits(
      both: both, onlyA: average.count - both, onlyB: last.count - both,
      neither: count - Set(last).union(average).count)
    #expect(found.difference == AccuracyDifference(pairs).absolute)
    #expect(found.ownPValue == mcNemarPValue(onlyA: pairs.onlyA, onlyB: pairs.onlyB))
  }

  /// Three languages are three tests, two of which show nothing here.
  @Test func theCorrectionIsForAllLanguages() throws {
    let results = try tinyResults(tiny()) { directory in
      for (weights, right) in [(Weights.epoch(3), 0..<100), (.average(2...3), 0..<108)] {
        try predictions(Set(right), of: 150).write(to: directory.predictions(weights, german))
        for split in [english, Split("es", .validation)] {
          try predictions([], of: 100).write(to: directory.predictions(weights, split))
        }
      }
    }.results
    let found = results.averageContrasts()
    #expect(found.map(\.language.code) == ["en", "de", "es"])
    #expect(found.map(\.tests) == [3, 3, 3])
    // Two to the power of −7, and three times that.
    expectClose(found.map(\.ownPValue), [1, 0.0078125, 1], "own", absolute: 1e-15)
    expectClose(found.map(\.pValue), [1, 0.0234375, 1], "adjusted", absolute: 1e-15)
    #expect(found.map(\.verdict) == [.identical, .above, .identical])
  }

  @Test func whatTheCorrectionLeavesOpenIsNotCalledDifferent() throws {
    // Two to the power of −5 is below 0.05, three times that is not.
    let found = try german(0..<100, 0..<106)
    expectClose([found.ownPValue], [0.03125], "own", absolute: 1e-15)
    #expect(found.pValue > 0.05 && found.verdict == .indistinct && found.isOnlyBeforeCorrection)
    #expect(found.isIntervalApart)
  }

  // MARK: What there is to compare

  /// Spanish has no test split, so that validation is final.
  @Test func theFinalPartIsCompared() throws {
    let found = try tinyResults(tiny()).results.averageContrasts()
    #expect(
      found.map(\.split.description) == ["en.validation", "de.validation", "es.validation"])
    var withoutSpanish = tiny()
    withoutSpanish.leftOut = [Split("es", .validation)]
    let others = try tinyResults(withoutSpanish).results.averageContrasts()
    #expect(others.map(\.split.description).prefix(2) == ["en.test", "de.test"])
    #expect(others.dropFirst(2).allSatisfy { $0.verdict == .unknown })
  }

  @Test func whatIsSelectedDoesNotMatter() throws {
    let (last, average) = (
      try tinyResults(tiny()).results, try tinyResults(tiny("average")).results
    )
    #expect(last.selectedEpoch == 3 && average.selectedEpoch == nil)
    #expect(average.selectedWeights == .average(2...3))
    for (a, b) in zip(last.averageContrasts(), average.averageContrasts()) {
      #expect(a.difference == b.difference && a.pValue == b.pValue && a.split == b.split)
    }
    #expect(average.selected[german]?.accuracy == last.average?.results[german]?.accuracy)
    #expect(last.selected[german]?.accuracy == last.byEpoch[german]?[2].accuracy)
    #expect(average.selected[Split("en", .train)] == nil, "nobody trained with averaged weights")
    #expect(average.warnings.isEmpty && last.warnings.isEmpty, "\(average.warnings)")
    #expect(average.absences.isEmpty && last.absences.isEmpty)
    #expect(average.roc.keys.contains(german) && average.calibration.keys.contains(english))
  }

  @Test func withoutAnswersNothingIsCompared() throws {
    let results = try tinyResults(tiny()) { directory in
      try Predictions(
        classes: 3, logits: [Float](repeating: .nan, count: 540),
        labels: (0..<180).map { $0 % 3 }, ids: Array(0..<180), mode: .evaluation
      ).write(to: directory.predictions(.average(2...3), german))
    }.results
    let found = try #require(results.averageContrasts().first { $0.language.code == "de" })
    #expect(found.verdict == .unanswered && found.average == nil && found.difference == nil)
    #expect(found.last != nil && found.ownPValue.isNaN && found.tests == 2)
  }

  @Test func withoutPredictionsNothingIsTested() throws {
    let (results, folder) = try tinyResults(tiny()) { directory in
      try removeFile(directory.predictions(.average(2...3), german))
    }
    let found = try #require(results.averageContrasts().first { $0.language.code == "de" })
    #expect(found.verdict == .untested && found.examples == 0 && found.difference?.interval == nil)
    #expect(found.difference != nil && found.ownPValue.isNaN)
    #expect(
      results.absences.map(\.what) == [
        "Intervals, F1 and curves of de.validation for the average of epochs 2 to 3"
      ])
    #expect(
      results.absences[0].why
        == "\(folder.path)/predictions/average/de.validation.safetensors is missing")
  }

  @Test func whatWasNeverScoredIsNotKnown() throws {
    let (results, folder) = try tinyResults(tiny()) { directory in
      try removeFile(directory.predictions(.average(2...3), german))
      let log = String(decoding: try RandomAccessFile(directory.log).contents(), as: UTF8.self)
      let lines = log.split(separator: "\n").filter {
        !$0.contains("average_evaluation") || !$0.contains("de.validation")
      }
      try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: directory.log)
    }
    let found = try #require(results.averageContrasts().first { $0.language.code == "de" })
    #expect(found.verdict == .unknown && found.last == nil && found.difference == nil)
    withExtendedLifetime(folder) {}
  }

  @Test func noAverageIsNone() throws {
    let results = try tinyResults().results
    #expect(results.average == nil && results.averageContrasts().isEmpty)
  }

  @Test func aLogThatContradictsThePredictionsIsAWarning() throws {
    let (results, folder) = try tinyResults(tiny("average")) { directory in
      try predictions(Set(0..<7), of: 180).write(
        to: directory.predictions(.average(2...3), german))
    }
    #expect(
      results.warnings.contains { $0.contains("de.validation with the average of epochs 2 to 3") },
      "\(results.warnings)")
    #expect(results.selected[german]?.accuracy == 7.0 / 180)
    withExtendedLifetime(folder) {}
  }

  // MARK: Runs without the average that they ask for

  /// Averages are evaluated after the last epoch; until then what counts is said.
  @Test(arguments: ["last", "average"])
  func aRunThatGoesOnHasNoAverageYet(_ select: String) throws {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs, tiny.isComplete) = (3, 5, false)
    tiny.settings = ["average.epochs=2", "select=\(select)"]
    let results = try tinyResults(tiny).results
    #expect(results.average == nil && results.selectedEpoch == 3)
    let absence = try #require(results.absences.first)
    #expect(absence.what == "The average of the weights after the last 2 epochs")
    #expect(
      absence.why == "3 of 5 epochs are complete"
        + (select == "average" ? "; until then the last complete one counts" : ""))
  }

  @Test func aRunThatEndedBeforeItsAverageSaysSo() throws {
    var tiny = TinyRun()
    tiny.isComplete = false
    tiny.settings = ["average.epochs=2", "select=average"]
    let results = try tinyResults(tiny).results
    #expect(results.selectedEpoch == 3)
    #expect(
      results.absences.first?.why
        == "the run ended before it was evaluated; `report train --resume` does that, and until then the "
        + "last epoch counts")
  }

  /// What an extended run has not averaged anew is taken back, whatever lies in the folder.
  @Test func anAverageThatIsTakenBackIsNone() throws {
    let results = try tinyResults(tiny("average")) { directory in
      let lines = String(decoding: try RandomAccessFile(directory.log).contents(), as: UTF8.self)
        .split(separator: "\n")
      let line = try #require(lines.firstIndex { $0.contains("average_evaluation") })
      try RunLogWriter(directory.log).append(.resumed(epoch: 3, step: 6, line: line))
    }.results
    #expect(results.average == nil && results.selectedEpoch == 3)
  }

  // MARK: The rules side by side

  @Test func theAverageIsARowOfItsOwn() throws {
    let results = try tinyResults(tiny()).results
    let choice = try #require(results.epochChoice(for: results.targets[0]))
    #expect(choice.rows.map(\.rule) == [.last, .average, .bestSource, .bestTarget])
    #expect(choice.rows[1].weights == .average(2...3) && choice.rows[1].epoch == nil)
    let average = try #require(results.average?.results)
    #expect(choice.rows[1].accuracies[german]?.value == average[german]?.accuracy)
    let gap = try #require(choice.rows[1].gaps[.validation]?.gap)
    expectClose(
      [gap], [try #require(average[english]).accuracy - #require(average[german]).accuracy], "gap",
      absolute: 1e-15)
    // The same gap where it is selected, and the same epochs by the other rules.
    let selected = try tinyResults(tiny("average")).results
    let other = try #require(selected.epochChoice(for: selected.targets[0]))
    #expect(other.rows.map(\.weights) == choice.rows.map(\.weights))
    #expect(other.rows[1].gaps[.validation]?.interval == choice.rows[1].gaps[.validation]?.interval)
    #expect(selected.selectedGap(to: selected.targets[0], .validation)?.gap == gap)
  }

  @Test func aComparisonSaysThatAnAverageCounts() throws {
    let (average, folder) = try tinyResults(tiny("average"))
    let (last, other) = try tinyResults(tiny())
    var pending = TinyRun()
    (pending.plannedEpochs, pending.isComplete) = (5, false)
    pending.settings = ["select=average"]
    let (unfinished, third) = try tinyResults(pending)
    let comparison = try RunComparison([average, last, unfinished])
    #expect(comparison.hasAverage)
    #expect(
      comparison.warnings.count { $0.contains("selects an average of epochs that has not been") }
        == 1)
    #expect(try !RunComparison([last, unfinished]).hasAverage)
    withExtendedLifetime([folder, other, third]) {}
  }
}
