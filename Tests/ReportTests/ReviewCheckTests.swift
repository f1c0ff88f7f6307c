import Metrics
import Results
import RunLog
import TestSupport
import Testing

/// Checks that rest on the review before training, where sources are several or languages were added after it.
@Suite struct ReviewCheckTests {
  /// The checks of a run that is trained on English and German, with one warning.
  private func checks(
    _ kind: InputWarning.Kind, _ count: Int, _ place: String, isIntended: Bool = false
  ) throws -> RunChecks {
    let folder = try TemporaryFolder()
    var run = SourceRun(sources: ["en", "de"])
    run.warnings = [
      InputWarning(kind: kind, count: count, place: place, text: "So.", isIntended: isIntended)
    ]
    try run.write(to: folder.path)
    return try RunChecks(RunResults(Run(folder.path)))
  }

  private func finding(_ checks: RunChecks, _ code: CheckCode, _ split: Split) -> CheckFinding? {
    checks[code]?.findings.first { $0.split == split }
  }

  /// The review names the files of each source, not those of all together.
  @Test(arguments: [
    (InputWarning.Kind.sharedTexts, CheckCode.leakage),
    (.sharedValidationTexts, .validationLeakage),
  ])
  func textsInCommonWithOneOfSeveralSources(_ kind: InputWarning.Kind, _ code: CheckCode) throws {
    // Of 240.
    for (count, expected) in [(2, CheckOutcome.notFound), (3, .found)] {
      for language in ["en", "de", "fr"] {
        let found = try checks(kind, count, "\(language).test")
        let split = Split(language, .test)
        #expect(finding(found, code, split)?.outcome == expected, "\(split) \(count)")
        #expect(found[code]?.outcome == expected, "\(split) \(count)")
        #expect(
          finding(found, code, split)?.values.map(\.estimate.value) == [
            Double(count), Double(count) / 240,
          ])
      }
    }
    let declared = try checks(kind, 99, "de.test", isIntended: true)
    #expect(finding(declared, code, Split("de", .test))?.ignored == .intended)
  }

  @Test(arguments: ["en", "de"])
  func aFileOfOneOfSeveralSources(_ source: String) throws {
    for tested in [source, "fr"] {
      let trained = try checks(.repeatedFile, 2, "\(source).train, \(tested).test")
      #expect(finding(trained, .leakage, Split(tested, .test))?.outcome == .found)
      #expect(trained[.validationLeakage]?.outcome == .notFound)
      let chosen = try checks(.repeatedFile, 2, "\(source).validation, \(tested).test")
      #expect(finding(chosen, .validationLeakage, Split(tested, .test))?.outcome == .found)
      #expect(chosen[.leakage]?.outcome == .notFound)
    }
  }

  /// The checks of a run of one source that a language was added to after training.
  private func checks(adding code: String) throws -> RunChecks {
    let folder = try TemporaryFolder()
    var run = SourceRun(sources: ["en"])
    run.warnings = []
    try run.write(to: folder.path)
    try run.predictions(code, .test).write(
      to: RunDirectory(folder.path).predictions(epoch: 2, Split(code, .test)))
    return try RunChecks(RunResults(Run(folder.path)))
  }

  /// What was not looked at was not found to be sound.
  @Test(arguments: [
    CheckCode.repeatedFile, .duplicateColumns, .multilineFields, .missingTexts, .missingClasses,
    .languageNames, .leakage, .validationLeakage,
  ])
  func aLanguageAddedAfterTraining(_ code: CheckCode) throws {
    let found = try checks(adding: "pt")
    #expect(found[code]?.outcome == .cannotBeTold)
    #expect(finding(found, code, Split("pt", .test))?.outcome == .cannotBeTold)
  }

  @Test func whatOnlyTheTrainingDecidesIsKnown() throws {
    let found = try checks(adding: "pt")
    for code in [CheckCode.learningRate, .smallPercentage, .languageCase] {
      #expect(found[code]?.outcome == .notFound, "\(code)")
    }
  }

  @Test func aCodeAddedAfterTrainingThatDiffersInCase() throws {
    let found = try checks(adding: "FR")
    #expect(finding(found, .languageCase, Split("FR", .test))?.outcome == .found)
    #expect(found[.languageCase]?.outcome == .found)
  }
}
