import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Every check in each of its outcomes.
@Suite struct CheckTests {
  // MARK: Runs

  /// A tiny run, changed, with its checks.
  private func checks(
    _ tiny: TinyRun = TinyRun(), settings: CheckSettings = CheckSettings(),
    change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> RunChecks {
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    try change(RunDirectory(folder.path))
    return try RunChecks(RunResults(Run(folder.path)), settings: settings)
  }

  private func checks(_ foreign: ForeignCase) throws -> RunChecks {
    try RunChecks(foreign.results(in: TemporaryFolder()))
  }

  /// The outcome of a check on a split, or on the run as a whole.
  private func outcome(_ checks: RunChecks, _ code: CheckCode, _ split: Split? = nil)
    -> CheckOutcome?
  {
    checks[code]?.findings.first { $0.split == split }?.outcome
  }

  /// Answers to as many rows as a split has, the first of them right, with a margin that says how sure they are.
  private func answers(_ right: Int, of count: Int, margin: Float = 2) -> Predictions {
    Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row in
        let named = row < right ? row % 3 : (row + 1) % 3
        return (0..<3).map { $0 == named ? margin : 0 }
      }, labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count), mode: .evaluation)
  }

  private let history = #"{"train_losses": [1, 0.5], "english_val_accuracies": [0.5, 0.6]}"#

  private func history(_ text: String) throws -> RunChecks {
    let folder = try TemporaryFolder()
    try AtomicFile.write(text, to: folder.path + "/training_history.json")
    return try RunChecks(RunResults(Run(folder.path)))
  }

  // MARK: Whether anything was learned

  @Test(arguments: [
    ([(100, 90, 0), (100, 85, 0)], CheckOutcome.notFound),
    ([(380, 310, 0), (20, 10, 0)], .found), ([(50, 26, 0), (50, 27, 0)], .cannotBeTold),
    ([(5, 5, 0), (5, 5, 0)], .cannotBeTold), ([(40, 0, 40), (40, 0, 40)], .cannotBeTold),
  ])
  func accuracyBelowTheMostFrequentClass(
    _ counts: ForeignCase.Counts, _ expected: CheckOutcome
  ) throws {
    let found = try checks(ForeignCase(splits: [("en.validation", counts)]))
    #expect(found[.belowMajority]?.outcome == expected)
    let finding = try #require(found[.belowMajority]?.findings.first)
    #expect((finding.reason != nil) == (expected == .cannotBeTold))
  }

  @Test func withoutPredictionsNothingIsCompared() throws {
    let found = try history(history)
    for code: CheckCode in [
      .belowMajority, .belowBaseline, .reversedScores, .littleLearned, .miscalibrated, .fewExamples,
      .unknownTokens, .truncatedTexts, .leakage, .validationLeakage, .repeatedFile, .missingTexts,
      .fewSteps, .unfinished, .gap, .selectionRegret,
    ] {
      #expect(found[code]?.outcome == .notApplicable, "\(code)")
    }
    #expect(found[.notFinite]?.outcome == .notFound && found[.unstable]?.outcome == .notFound)
  }

  @Test(arguments: [
    ([(100, 90, 0), (100, 85, 0)], CheckOutcome.notFound),
    ([(100, 10, 0), (100, 15, 0)], .found), ([(50, 26, 0), (50, 25, 0)], .cannotBeTold),
  ])
  func scoresOrderedTheWrongWayRound(
    _ counts: ForeignCase.Counts, _ expected: CheckOutcome
  ) throws {
    var foreign = ForeignCase(splits: [("en.validation", counts)])
    // Wrong answers stand out as much as right ones.
    foreign.margin = 0
    let found = try checks(foreign)
    #expect(found[.reversedScores]?.outcome == expected)
  }

  @Test(arguments: [
    ([(100, 90, 0), (100, 85, 0)], CheckOutcome.notFound),
    ([(800, 400, 0), (800, 400, 0)], .found), ([(30, 17, 0), (30, 16, 0)], .cannotBeTold),
  ])
  func littleWasLearned(_ counts: ForeignCase.Counts, _ expected: CheckOutcome) throws {
    var foreign = ForeignCase(splits: [("en.validation", counts)])
    // Wrong answers stand out as much as right ones.
    foreign.margin = 0
    let found = try checks(foreign)
    #expect(found[.littleLearned]?.outcome == expected)
  }

  // MARK: Transfer

  /// The bound decides: below the interval, in it, above it.
  @Test func aGapIsComparedWithItsWholeInterval() throws {
    let split = Split("de", .validation)
    let value = try #require(
      checks()[.gap]?.findings.first { $0.split == split }?.values.first)
    let interval = try #require(value.estimate.interval)
    #expect(interval.lower > 0 && value.name.contains("2 targets together"))
    for (bound, expected) in [
      (interval.lower - 0.01, CheckOutcome.found), (value.estimate.value, .cannotBeTold),
      (interval.upper + 0.01, .notFound),
    ] {
      let settings = CheckSettings(bounds: [.gap: 100 * bound])
      #expect(try outcome(checks(settings: settings), .gap, split) == expected)
    }
    var alone = TinyRun()
    alone.settings = ["data.targets=[]"]
    alone.leftOut = TinyRun.splits.map(\.split).filter { $0.language != "en" }
    #expect(try checks(alone)[.gap]?.outcome == .notApplicable)
    let logged = try history(
      #"{"english_val_accuracies": [0.9, 0.9], "target_val_accuracies": [0.5, 0.5]}"#)
    #expect(logged[.gap]?.outcome == .cannotBeTold)
  }

  /// English validation is best after the first epoch.
  @Test(arguments: [
    (20, 140, CheckOutcome.found), (100, 101, .cannotBeTold), (100, 100, .cannotBeTold),
  ])
  func choosingOnTheSource(_ first: Int, _ last: Int, _ expected: CheckOutcome) throws {
    let found = try checks { directory in
      for epoch in 1...3 {
        try answers(190 - 20 * epoch, of: 200)
          .write(to: directory.predictions(epoch: epoch, Split("en", .validation)))
        try answers(60 + 20 * epoch, of: 180)
          .write(to: directory.predictions(epoch: epoch, Split("de", .validation)))
        try answers(epoch == 3 ? last : first, of: 160)
          .write(to: directory.predictions(epoch: epoch, Split("de", .test)))
        try answers(10 * epoch, of: 40)
          .write(to: directory.predictions(epoch: epoch, Split("es", .validation)))
      }
    }
    // Right and wrong on the same rows in both: nothing varies, so the regret is not known to be none.
    #expect(outcome(found, .selectionRegret, Split("de", .test)) == expected)
    // On the data that the better epoch was chosen by, a regret shows nothing.
    #expect(outcome(found, .selectionRegret, Split("es", .validation)) == .cannotBeTold)
  }

  @Test func bothChooseOneEpoch() throws {
    let found = try checks { directory in
      for epoch in 1...3 {
        for (split, count) in [("en", 200), ("de", 180)] {
          try answers(30 * epoch, of: count)
            .write(to: directory.predictions(epoch: epoch, Split(split, .validation)))
        }
      }
    }
    #expect(outcome(found, .selectionRegret, Split("de", .test)) == .notFound)
    var once = TinyRun()
    (once.epochs, once.plannedEpochs) = (1, 1)
    #expect(try checks(once)[.selectionRegret]?.outcome == .notApplicable)
  }

  @Test func confidenceAndAccuracy() throws {
    let split = Split("en", .validation)
    // 3 + 0 + 0: the right class has a probability of 0.91.
    for (right, bound, expected) in [
      (80, 5.0, CheckOutcome.found), (186, 5, .cannotBeTold), (182, 50, .notFound),
    ] {
      let settings = CheckSettings(bounds: [.miscalibrated: bound])
      let found = try checks(settings: settings) { directory in
        try answers(right, of: 200, margin: 3)
          .write(to: directory.predictions(epoch: 3, split))
      }
      #expect(outcome(found, .miscalibrated, split) == expected, "\(right)")
    }
    let lost = try checks { directory in
      try answers(90, of: 200, margin: .nan).write(to: directory.predictions(epoch: 3, split))
    }
    #expect(lost[.miscalibrated]?.findings.contains { $0.outcome == .cannotBeTold } ?? false)
    let few = try checks(
      ForeignCase(splits: [("en.validation", ForeignCase.counts((10, 9), (10, 8)))]))
    #expect(few[.miscalibrated]?.outcome == .cannotBeTold)
  }

  // MARK: Values

  @Test func valuesThatAreNotFinite() throws {
    var tiny = TinyRun()
    #expect(try checks(tiny)[.notFinite]?.outcome == .notFound)
    #expect(try checks(tiny)[.unstable]?.outcome == .notFound)
    tiny.divergedEpoch = 2
    #expect(try checks(tiny)[.notFinite]?.outcome == .notFound)
    #expect(try outcome(checks(tiny), .unstable, Split("en", .train)) == .found)
    tiny.divergedEpoch = 3
    #expect(try outcome(checks(tiny), .notFinite, Split("en", .train)) == .found)
    let logged = try history(#"{"english_val_losses": [1, NaN], "train_losses": [NaN, 1]}"#)
    #expect(logged[.notFinite]?.outcome == .found)
    #expect(logged[.unstable]?.outcome == .found)
  }

  @Test func epochsAndSteps() throws {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (2, 3)
    #expect(try checks(tiny)[.unfinished]?.outcome == .found)
    #expect(try checks()[.unfinished]?.outcome == .notFound)
    // Three epochs of two steps.
    #expect(try checks()[.fewSteps]?.outcome == .found)
    let enough = CheckSettings(bounds: [.fewSteps: 6])
    #expect(try checks(settings: enough)[.fewSteps]?.outcome == .notFound)
    tiny.settings = ["data.intended=[few_steps]"]
    let intended = try #require(checks(tiny)[.fewSteps])
    #expect(intended.findings[0].ignored == .intended && intended.outcome == .notApplicable)
  }

  @Test func examplesOnTheFinalPart() throws {
    #expect(try checks()[.fewExamples]?.outcome == .notFound)
    let found = try checks(settings: CheckSettings(bounds: [.fewExamples: 100]))
    #expect(outcome(found, .fewExamples, Split("es", .validation)) == .found)
    #expect(outcome(found, .fewExamples, Split("de", .validation)) == .notFound)
  }

  @Test func filesThatAreOdd() throws {
    #expect(try checks()[.oddFiles]?.outcome == .notFound)
    let found = try checks { try FileManager.default.removeItem(atPath: $0.environment) }
    #expect(
      found[.oddFiles]?.findings.first?.detail?.contains("environment.json is missing") ?? false)
  }

  // MARK: Data

  private func warned(
    _ kind: InputWarning.Kind, _ count: Int, _ place: String, isIntended: Bool = false
  ) -> TinyRun {
    var tiny = TinyRun()
    tiny.warnings = [
      InputWarning(kind: kind, count: count, place: place, text: "So.", isIntended: isIntended)
    ]
    tiny.lookedFor = InputWarning.Kind.allCases
    return tiny
  }

  @Test func textsInCommon() throws {
    let split = Split("de", .test)
    // Of 160.
    for (count, expected) in [(1, CheckOutcome.notFound), (2, .found)] {
      for (kind, code) in [
        (InputWarning.Kind.sharedTexts, CheckCode.leakage),
        (.sharedValidationTexts, .validationLeakage),
      ] {
        let found = try checks(warned(kind, count, "de.test"))
        #expect(outcome(found, code, split) == expected, "\(code) \(count)")
        #expect(outcome(found, code, Split("en", .test)) == .notFound)
      }
    }
    let copied = try checks(warned(.repeatedFile, 2, "en.train, de.test"))
    #expect(outcome(copied, .leakage, split) == .found)
    #expect(copied[.validationLeakage]?.outcome == .notFound)
    #expect(copied[.repeatedFile]?.outcome == .found)
    let reused = try checks(warned(.repeatedFile, 2, "en.validation, en.test"))
    #expect(outcome(reused, .validationLeakage, Split("en", .test)) == .found)
    #expect(reused[.leakage]?.outcome == .notFound)
    let declared = try checks(warned(.sharedTexts, 99, "de.test", isIntended: true))
    #expect(declared[.leakage]?.outcome == .notFound)
    #expect(declared[.leakage]?.findings.first { $0.split == split }?.ignored == .intended)
  }

  /// The review compares files, of which each of several sources has its own.
  @Test func textsInCommonWithSeveralSources() throws {
    func checks(_ kind: InputWarning.Kind, _ count: Int, _ place: String) throws -> RunChecks {
      let folder = try TemporaryFolder()
      var run = SourceRun(sources: ["en", "de"])
      run.warnings = [
        InputWarning(kind: kind, count: count, place: place, text: "So.", isIntended: false)
      ]
      try run.write(to: folder.path)
      return try RunChecks(RunResults(Run(folder.path)))
    }
    // Of 240.
    for (kind, code) in [
      (InputWarning.Kind.sharedTexts, CheckCode.leakage),
      (.sharedValidationTexts, .validationLeakage),
    ] {
      let found = try checks(kind, 100, "de.test")
      #expect(outcome(found, code, Split("de", .test)) == .found)
      #expect(outcome(found, code, Split("en", .test)) == .notFound)
      #expect(outcome(found, code, Split("fr", .test)) == .notFound)
      #expect(found[code]?.outcome == .found)
      #expect(try checks(kind, 1, "de.test")[code]?.outcome == .notFound)
    }
    for place in ["de.train, fr.test", "en.train, en.test", "en.train, de.test"] {
      #expect(try checks(.repeatedFile, 2, place)[.leakage]?.outcome == .found, "\(place)")
    }
    let reused = try checks(.repeatedFile, 2, "de.validation, fr.test")
    #expect(outcome(reused, .validationLeakage, Split("fr", .test)) == .found)
    #expect(reused[.leakage]?.outcome == .notFound)
  }

  /// What nobody looked for was not found, and not absent either.
  @Test func logsFromBeforeItWasLookedFor() throws {
    var tiny = TinyRun()
    #expect(try checks(tiny)[.leakage]?.outcome == .notApplicable)
    tiny.warnings = []
    let found = try checks(tiny)
    #expect(found[.leakage]?.outcome == .notFound)
    #expect(found[.validationLeakage]?.outcome == .notApplicable)
    tiny.lookedFor = InputWarning.Kind.allCases
    #expect(try checks(tiny)[.validationLeakage]?.outcome == .notFound)
    let late = try checks(tiny) { directory in
      try answers(30, of: 40).write(to: directory.predictions(epoch: 3, Split("fr", .test)))
    }
    for code in [
      CheckCode.leakage, .validationLeakage, .repeatedFile, .duplicateColumns, .multilineFields,
      .missingTexts, .missingClasses, .languageNames,
    ] {
      #expect(outcome(late, code, Split("fr", .test)) == .cannotBeTold, "\(code)")
      #expect(late[code]?.outcome == .cannotBeTold, "\(code)")
    }
    #expect(late[.learningRate]?.outcome == .notFound)
  }

  @Test(arguments: [
    (InputWarning.Kind.repeatedFile, CheckCode.repeatedFile),
    (.duplicateColumns, .duplicateColumns), (.multilineFields, .multilineFields),
    (.missingTexts, .missingTexts), (.missingClasses, .missingClasses),
    (.smallPercentage, .smallPercentage), (.learningRate, .learningRate),
    (.languageCase, .languageCase), (.languageNames, .languageNames),
  ])
  func warningsOfTheReview(_ kind: InputWarning.Kind, _ code: CheckCode) throws {
    let found = try checks(warned(kind, 2, "en.test"))
    #expect(found[code]?.outcome == .found && found[code]?.findings[0].detail == "So.")
    let intended = try checks(warned(kind, 2, "en.test", isIntended: true))
    #expect(intended[code]?.outcome == .notApplicable)
    #expect(try checks(warned(.fewSteps, 6, "x"))[code]?.outcome == .notFound)
  }

  @Test func tokensAndLengths() throws {
    // One text of each split is cut, of Spanish validation 1 of 40.
    let spanish = Split("es", .validation)
    #expect(try checks()[.truncatedTexts]?.outcome == .notFound)
    let strict = try checks(settings: CheckSettings(bounds: [.truncatedTexts: 2]))
    #expect(outcome(strict, .truncatedTexts, spanish) == .found)
    #expect(outcome(strict, .truncatedTexts, Split("en", .validation)) == .notFound)
    #expect(try checks()[.unknownTokens]?.outcome == .notApplicable)
    for (unknown, expected) in [(0, CheckOutcome.notFound), (2, .found)] {
      let found = try checks { directory in
        try ExampleFacts.write(
          (0..<40).map {
            ExampleFacts(
              id: $0, tokens: 20, words: 18, unknown: unknown, isTruncated: false, text: nil)
          }, to: directory.examples(spanish))
      }
      #expect(outcome(found, .unknownTokens, spanish) == expected)
    }
  }

  // MARK: What counts

  @Test func ignoringIsSeen() throws {
    var tiny = TinyRun()
    tiny.settings = ["checks={ignore: [few-steps], bounds: {gap: 99}}"]
    let found = try checks(tiny)
    #expect(found[.fewSteps]?.findings[0].ignored == .experiment)
    #expect(found[.gap]?.printedBound == 99)
    let asked = try checks(
      tiny, settings: CheckSettings(ignored: [.gap], bounds: [.gap: 7]))
    #expect(asked[.gap]?.printedBound == 7)
    #expect(asked[.gap]?.findings.allSatisfy { $0.ignored == .commandLine } ?? false)
    #expect(asked[.gap]?.outcome == .notApplicable)
  }

  @Test func onlyWhatCountsDecides() throws {
    let found = try checks()
    #expect(found[.fewSteps]?.outcome == .found)
    #expect(FailingChecks.none.outcome(found) == .notFound)
    #expect(FailingChecks.severity(.warning).outcome(found) == .found)
    #expect(FailingChecks.codes([.fewSteps]).outcome(found) == .found)
    #expect(FailingChecks.codes([.notFinite]).outcome(found) == .notFound)
    // Asked for by name and not there: not a pass.
    #expect(FailingChecks.codes([.belowBaseline]).outcome(found) == .cannotBeTold)
    #expect(FailingChecks.severity(.warning).contains(.belowMajority))
    #expect(!FailingChecks.severity(.error).contains(.gap))
  }

  // MARK: The report

  @Test func theReportListsThem() throws {
    let folder = try TemporaryFolder()
    var tiny = TinyRun()
    tiny.settings = ["checks.ignore=[unfinished]"]
    tiny.plannedEpochs = 4
    try tiny.write(to: folder.path)
    let text = try ReportFiles(RunDirectory(folder.path)).markdown
    #expect(text.contains("| [few-steps](checks.md#few-steps): "))
    #expect(text.contains("optimiser steps 6 | 20 steps |"))
    #expect(text.contains("[unfinished](checks.md#unfinished) on the run (`checks.ignore`)"))
    #expect(text.contains("Could not be told, which is no pass: "))
    #expect(text.contains("[below-baseline](checks.md#below-baseline)"))
    // Every check stands in it once at least.
    for code in CheckCode.allCases {
      #expect(text.contains("(checks.md#\(code.rawValue))"), "\(code)")
    }
  }

  // MARK: The documentation

  /// `RECORD_SNAPSHOTS=1` writes the table anew.
  @Test func docsAndCodeAgree() throws {
    let path = Fixture.folder + "/../../docs/checks.md"
    let text = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
    let table = "<!-- table -->\n\n\(CheckText.table)\n\n<!-- /table -->"
    if isRecordingSnapshots {
      try AtomicFile.write(
        text.replacing(/(?s)<!-- table -->.*<!-- \/table -->/, with: table), to: path)
    }
    #expect(text.contains(table))
    let sections = text.components(separatedBy: "\n## ").dropFirst()
    #expect(
      sections.map { $0.prefix { $0 != "\n" } }.map(String.init)
        == CheckCode.allCases.map(\.rawValue))
    for section in sections {
      for part in ["**Means.** ", "**Misleads.** ", "**To do.** "] {
        #expect(section.components(separatedBy: "\n\n\(part)").count == 2, "\(section.prefix(30))")
      }
    }
  }
}
