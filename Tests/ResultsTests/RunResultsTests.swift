import Glibc
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@Suite struct RunResultsTests {
  private func results(
    _ run: TinyRun = TinyRun(), change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> RunResults {
    let folder = try TemporaryFolder()
    try run.write(to: folder.path)
    try change(RunDirectory(folder.path))
    return try RunResults(Run(folder.path))
  }

  private func foreign(_ history: String) throws -> RunResults {
    let folder = try TemporaryFolder()
    try AtomicFile.write(history, to: folder.path + "/training_history.json")
    return try RunResults(Run(folder.path))
  }

  private let english = Split("en", .validation)

  // MARK: Our own runs

  @Test func aRunHasItsLanguagesAndSplits() throws {
    let results = try results()
    #expect(results.name == "tiny" && results.labels.count == 3)
    #expect(results.source.code == "en" && results.source.name == "English")
    #expect(results.targets.map(\.code) == ["de", "es"])
    #expect(results.epochs == 3 && results.plannedEpochs == 3 && results.selectedEpoch == 3)
    #expect(Set(results.byEpoch.keys) == Set(TinyRun.splits.map(\.split)))
    #expect(results.byEpoch.values.allSatisfy { $0.count == 3 })
    #expect(results.roc.keys.count == 5 && results.roc[Split("en", .train)] == nil)
    #expect(results.macroAreas.count == 6)
    #expect(results.absences.isEmpty && results.warnings.isEmpty)
    #expect(results.started?.hiddenSize == 96 && results.finished?.selected == .epoch(3))
  }

  @Test func certaintyIsThatOfTheSelectedEpoch() throws {
    let results = try results()
    #expect(Set(results.calibration.keys) == Set(results.roc.keys))
    #expect(Set(results.brierScores.keys) == Set(results.roc.keys))
    let calibration = try #require(results.calibration[english])
    let result = try #require(results.selected[english])
    #expect(calibration.total == result.examples)
    #expect(calibration.bins.reduce(0) { $0 + $1.correct } == result.confusion?.correct)
    #expect(try #require(result.interval(.loss)).contains(result.loss))
    let interval = try #require(result.interval(.macroF1))
    #expect(interval.contains(result[.macroF1]) && interval == result.interval(.macroF1))
    // A guess at equal odds for three classes costs two thirds.
    #expect((0..<1).contains(try #require(results.brierScores[english])))
  }

  @Test func noCertaintyWithoutPredictions() throws {
    let results = try foreign(#"{"english_val_losses": [1, 0.5], "train_losses": [1, 0.4]}"#)
    #expect(results.calibration.isEmpty && results.brierScores.isEmpty)
    for (_, series) in results.byEpoch {
      #expect(series.allSatisfy { $0.interval(.loss) == nil && !$0.isRunning })
      #expect(series.allSatisfy { $0.interval(.macroF1) == nil })
    }
  }

  /// Every number is worked out again from the stored predictions.
  @Test func numbersAreThoseOfThePredictions() throws {
    let results = try results()
    let run = results.run
    for (split, examples, _) in TinyRun.splits {
      for epoch in 1...3 {
        // The temporary folder is gone by now; the made-up logits are the same.
        let result = try #require(results.byEpoch[split]?[epoch - 1])
        #expect(result.examples == examples && result.confusion?.total == examples)
        #expect(result.isRunning == (split.part == .train))
        let logged = run.records.compactMap { record -> (Double, Double)? in
          switch record {
          case .epoch(let r) where split.part == .train && r.epoch == epoch:
            (r.loss, r.accuracy)
          case .evaluation(let r) where r.split == split && r.epoch == epoch:
            (r.loss, r.accuracy)
          default: nil
          }
        }
        // TinyRun works out its own losses, in another way.
        expectClose([result.loss], [logged[0].0], "\(split) loss", absolute: 1e-12)
        #expect(result.accuracy == logged[0].1)
        #expect(
          result.interval(.accuracy)
            == wilsonInterval(
              successes: result.confusion?.correct ?? -1, total: examples))
      }
    }
  }

  @Test func gapsAreDifferencesOfAccuracies() throws {
    let results = try results()
    let german = results.targets[0]
    let gaps = try #require(results.gaps(to: german))
    let source = try #require(results.series(english, \.accuracy))
    let target = try #require(results.series(Split("de", .validation), \.accuracy))
    #expect(gaps.map(\.gap) == zip(source, target).map { $0 - $1 })
    let selected = try #require(results.selectedGap(to: german, .test))
    let (a, b) = try (
      #require(results.selected[Split("en", .test)]?.confusion),
      #require(results.selected[Split("de", .test)]?.confusion)
    )
    let difference = AccuracyDifference(Hits(a.correct, of: a.total), Hits(b.correct, of: b.total))
    #expect(selected.interval == difference.absolute.interval && !selected.isPaired)
    #expect(selected.difference == difference)
    #expect(results.selectedGap(to: results.targets[1], .test) == nil)
  }

  @Test func bestEpochsAndBaselines() throws {
    let results = try results()
    let losses = try #require(results.series(english, \.loss))
    #expect(
      results.epochOfLowestLoss(english) == (losses.firstIndex(of: losses.min() ?? 0) ?? 0) + 1)
    #expect(results.epochOfHighestAccuracy(Split("fr", .test)) == nil)
    expectClose([results.guessingLoss ?? 0], [1.0986122886681098], "ln 3", absolute: 1e-15)
    #expect(results.majorityShare(english) == 67.0 / 200)
  }

  @Test func theBestEpochOnSourceValidationCanBeSelected() throws {
    var tiny = TinyRun()
    tiny.settings = ["select=best_source_validation"]
    let results = try results(tiny)
    #expect(results.selectedEpoch == results.epochOfHighestAccuracy(english))
  }

  @Test func aLogThatNamesAnotherSelectedEpochIsAWarning() throws {
    let results = try results { directory in
      try RunLogWriter(directory.log).append(
        .runFinished(
          RunFinished(
            time: "", selectedEpoch: 2, seconds: 1, peakMemoryBytes: 1, prefixSeconds: 0)))
    }
    #expect(results.warnings.count == 1 && results.warnings[0].contains("epoch 2 was selected"))
  }

  @Test func learningRatesAreByEpochOrByStep() throws {
    var tiny = TinyRun()
    #expect(try results(tiny).learningRates.map(\.epochs) == [1, 2, 3])
    tiny.settings = ["training.schedule.per=step"]
    let results = try results(tiny)
    #expect(results.hasRateOfEachStep)
    #expect(results.learningRates.map(\.epochs) == [0.5, 1, 1.5, 2, 2.5, 3])
    tiny.settings = ["training.schedule.warmup_steps=2"]
    #expect(try self.results(tiny).hasRateOfEachStep)
  }

  @Test func missingPredictionsFallBackToTheLog() throws {
    let german = Split("de", .validation)
    let results = try results { directory in
      for epoch in 1...3 {
        try remove(directory.predictions(epoch: epoch, german))
      }
    }
    let result = try #require(results.selected[german])
    #expect(!result.loss.isNaN && !result.accuracy.isNaN && result[.macroF1].isNaN)
    #expect(result.confusion == nil && result.interval(.accuracy) == nil)
    #expect(results.roc[german] == nil && results.macroAreas[german] == nil)
    let gap = try #require(results.selectedGap(to: results.targets[0], .validation))
    #expect(!gap.gap.isNaN && gap.interval == nil)
    #expect(results.absences.count == 1, "one absence a split, not one an epoch")
    #expect(results.absences[0].what.contains("de.validation for all epochs"))
  }

  @Test func oneMissingFileIsNamed() throws {
    let results = try results { directory in
      try remove(directory.predictions(epoch: 2, english))
    }
    #expect(results.absences.count == 1 && results.absences[0].what.hasSuffix("for epoch 2"))
    #expect(results.absences[0].why.hasSuffix("epoch-02/en.validation.safetensors is missing"))
  }

  @Test func divergenceIsKeptAsNaN() throws {
    var tiny = TinyRun()
    tiny.divergedEpoch = 2
    let results = try results(tiny)
    let training = try #require(results.series(Split("en", .train), \.loss))
    #expect(training.map(\.isNaN) == [false, true, false])
    #expect(results.warnings.isEmpty, "the log says the same")
    tiny.divergedEpoch = 3
    #expect(try self.results(tiny).macroAreas[Split("en", .train)] == nil)
  }

  @Test func aLogThatContradictsThePredictionsIsAWarning() throws {
    let results = try results { directory in
      try RunLogWriter(directory.log).append(
        .evaluation(
          EvaluationRecord(
            epoch: 2, split: english, examples: 200, loss: .nan, accuracy: 0.5, seconds: 1)))
    }
    #expect(results.warnings.count == 1)
    #expect(
      results.warnings[0].contains("the log gives nan as loss of en.validation after epoch 2"))
    #expect(results.byEpoch[english]?[1].loss.isNaN == false)
  }

  @Test func anInterruptedRunHasItsCompleteEpochs() throws {
    var tiny = TinyRun()
    (tiny.plannedEpochs, tiny.isComplete) = (10, false)
    let results = try results(tiny)
    #expect(results.epochs == 3 && results.plannedEpochs == 10 && results.finished == nil)
  }

  @Test func aRunWithoutACompleteEpochIsAnError() throws {
    let error = try #require(throws: RunLogError.self) {
      _ = try results { directory in try AtomicFile.write("", to: directory.log) }
    }
    #expect(error.message.contains("no epoch is complete yet"))
  }

  @Test func aLogThatSkipsAnEpochIsAnError() throws {
    let error = try #require(throws: RunLogError.self) {
      _ = try results { directory in
        let records = try RunLogContents.read(directory.log).records.filter {
          if case .epoch(let record) = $0 { record.epoch != 2 } else { true }
        }
        try AtomicFile.write(
          records.map(\.json.text).joined(separator: "\n") + "\n", to: directory.log)
      }
    }
    #expect(error.message == "the record of epoch 2 is missing.")
  }

  @Test func aResumedRunCountsRepeatedEpochsOnce() throws {
    let results = try results { directory in
      let log = try RunLogWriter(directory.log)
      let epoch = try RunLogContents.read(directory.log).records.compactMap {
        record -> EpochRecord? in
        if case .epoch(let epoch) = record { epoch } else { nil }
      }[2]
      try log.append(.resumed(epoch: 2, step: 4))
      try log.append(.epoch(epoch))
    }
    #expect(results.epochs == 3 && results.warnings.isEmpty)
  }

  @Test func aLanguageScoredLaterIsATarget() throws {
    let french = Split("fr", .test)
    let results = try results { directory in
      try Predictions(
        classes: 3, logits: [1, 0, 0, 0, 1, 0], labels: [0, 2], ids: [0, 1], mode: .evaluation
      ).write(to: directory.predictions(epoch: 3, french))
    }
    #expect(results.targets.map(\.name) == ["German", "Spanish", "French"])
    #expect(results.selected[french]?.accuracy == 0.5 && results.byEpoch[french] == nil)
    #expect(results.selectedGap(to: results.targets[2], .test) != nil)
    // Without a class 1 in the truth there is no curve for it, and no mean.
    #expect(results.roc[french]?.classes[1] == nil && results.macroAreas[french] == nil)
  }

  @Test func aDamagedPredictionFileIsAnError() throws {
    #expect(throws: SafetensorsError.self) {
      try results { directory in
        try AtomicFile.write("junk and more", to: directory.predictions(epoch: 1, english))
      }
    }
  }

  // MARK: Logs from elsewhere

  @Test func aHistoryAloneGivesItsNumbers() throws {
    let results = try foreign(
      """
      {"train_losses": [1.0, 0.5], "train_accuracies": [0.5, 0.7],
       "english_val_losses": [1.1, NaN], "english_val_accuracies": [0.6, 0.8],
       "english_val_f1_scores": [0.55, 0.75], "target_val_accuracies": [0.5, 0.6],
       "fr_val_accuracies": [0.4, 0.9], "learning_rates": [1e-3, 1e-4]}
      """)
    #expect(results.name == "training history" && results.labels.isEmpty)
    #expect(results.targets.map(\.name) == ["Target", "French"])
    #expect(results.epochs == 2 && results.selectedEpoch == 2)
    let source = Split(results.source.code, .validation)
    #expect(
      results.selected[source]?.accuracy == 0.8 && results.selected[source]?[.macroF1] == 0.75)
    #expect(results.selected[source]?.loss.isNaN == true)
    #expect(results.epochOfLowestLoss(source) == 1, "NaN is never the lowest")
    let gaps = results.targets.compactMap { results.selectedGap(to: $0, .validation)?.gap }
    expectClose(gaps, [0.2, -0.1], "gaps", absolute: 1e-15)
    #expect(results.selectedGap(to: results.targets[0], .validation)?.interval == nil)
    #expect(results.learningRates.map(\.rate) == [1e-3, 1e-4])
    #expect(results.roc.isEmpty && results.guessingLoss == nil)
    #expect(
      results.absences.map(\.what) == ["ROC curves", "Confidence intervals", "The configuration"])
  }

  @Test func aHistoryNamesWhatItLacks() throws {
    let results = try foreign(#"{"train_losses": [1.0]}"#)
    #expect(results.targets.isEmpty)
    #expect(
      Set(results.absences.map(\.what)).isSuperset(of: [
        "The transfer gap", "Source validation", "Learning rates",
      ]))
  }
}

/// Removes a file.
private func remove(_ path: String) throws {
  try #require(unlink(path) == 0)
}
