internal import Metrics
internal import RunLog

/// Looks at a run in the way of each check.
struct RunInspection {
  let results: RunResults
  private let knownChoices: [EpochChoice]?
  private let knownBaseline: BaselineComparisons?

  init(_ results: RunResults, choices: [EpochChoice]?, baseline: BaselineComparisons?) {
    (self.results, knownChoices, knownBaseline) = (results, choices, baseline)
  }

  /// Makes a check.
  ///
  /// - Parameters:
  ///   - code: which check.
  ///   - bound: what decides, as a share or a count, for checks that have one.
  /// - Returns: what it finds; at least one entry.
  /// - Throws: what a damaged file of examples throws.
  func findings(_ code: CheckCode, bound: Double) throws -> [CheckFinding] {
    switch code {
    case .notFinite: notFinite()
    case .unstable: unstable()
    case .unfinished: unfinished()
    case .belowMajority: belowMajority()
    case .belowBaseline: try belowBaseline()
    case .reversedScores: reversedScores()
    case .littleLearned: littleLearned()
    case .gap: gaps(bound)
    case .selectionRegret: selectionRegrets(bound)
    case .miscalibrated: miscalibration(bound)
    case .leakage: sharedTexts(.sharedTexts, with: .train, bound)
    case .validationLeakage: sharedTexts(.sharedValidationTexts, with: .validation, bound)
    case .repeatedFile: warned(.repeatedFile)
    case .fewExamples: fewExamples(bound)
    case .missingClasses: warned(.missingClasses)
    case .missingTexts: warned(.missingTexts)
    case .multilineFields: warned(.multilineFields)
    case .duplicateColumns: warned(.duplicateColumns)
    case .unknownTokens: try unknownTokens(bound)
    case .truncatedTexts: try truncatedTexts(bound)
    case .fewSteps: fewSteps(bound)
    case .learningRate: warned(.learningRate)
    case .smallPercentage: warned(.smallPercentage)
    case .oddFiles: oddFiles()
    case .languageCase: warned(.languageCase)
    case .languageNames: warned(.languageNames)
    }
  }

  // MARK: What the checks share

  var languages: [RunResults.Language] { [results.source] + results.targets }

  /// The languages on the final part; a target that lacks it on the part that it has.
  var finalSplits: [Split] {
    let final = results.finalSplit
    return [Split(results.source.code, final.part)]
      + results.targets.compactMap { target in
        final.targets.contains(target)
          ? Split(target.code, final.part)
          : final.setApart.first { $0.language == target }?.part.map { Split(target.code, $0) }
      }
  }

  /// Every split with results, in the order of the report.
  var splits: [Split] {
    languages.flatMap { language in Part.allCases.map { Split(language.code, $0) } }
      .filter { results.selected[$0] != nil || results.byEpoch[$0] != nil }
  }

  /// Computed once for both the report and its checks.
  var choices: [EpochChoice] {
    knownChoices ?? results.targets.compactMap { results.epochChoice(for: $0) }
  }

  /// Likewise.
  func baselineComparisons() throws -> BaselineComparisons? {
    try knownBaseline ?? results.baselineComparisons()
  }

  /// Compares an estimate of which more is worse with a bound.
  ///
  /// - Returns: found where the whole interval lies above the bound, not found where none of it does.
  func outcome(_ interval: Interval, above bound: Double) -> CheckOutcome {
    interval.lower > bound ? .found : interval.upper <= bound ? .notFound : .cannotBeTold
  }
}

extension [CheckFinding] {
  /// These, or that there is nothing to look at.
  func or(_ reason: String) -> [CheckFinding] {
    isEmpty ? [CheckFinding(.notApplicable, because: reason)] : self
  }
}
