internal import Storage

/// A check of a finished run, by the name that `report check`, `checks` in an experiment and docs/checks.md have for it.
///
/// What each means, when it misleads and what to do is in docs/checks.md, whose table is written from here.
public enum CheckCode: String, CaseIterable, Sendable {
  // What the run computed.
  case notFinite = "not-finite"
  case unstable
  case unfinished
  // Whether the model has learned anything.
  case belowMajority = "below-majority"
  case belowBaseline = "below-baseline"
  case reversedScores = "reversed-scores"
  case littleLearned = "little-learned"
  // What it has learned.
  case gap
  case selectionRegret = "selection-regret"
  case miscalibrated
  // What that is measured on.
  case leakage
  case validationLeakage = "validation-leakage"
  case repeatedFile = "repeated-file"
  case fewExamples = "few-examples"
  case missingClasses = "missing-classes"
  case missingTexts = "missing-texts"
  case multilineFields = "multiline-fields"
  case duplicateColumns = "duplicate-columns"
  case unknownTokens = "unknown-tokens"
  case truncatedTexts = "truncated-texts"
  // How it was trained.
  case fewSteps = "few-steps"
  case learningRate = "learning-rate"
  case smallPercentage = "small-percentage"
  case oddFiles = "odd-files"
  case languageCase = "language-case"
  case languageNames = "language-names"

  /// How much a finding matters, the least first.
  public enum Severity: String, CaseIterable, Comparable, Sendable {
    /// Worth knowing.
    case note
    /// What the report says may not hold, or not for what it is meant for.
    case warning
    /// What the report says is wrong or says nothing.
    case error

    public static func < (a: Severity, b: Severity) -> Bool {
      let order = allCases
      return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
    }
  }

  /// A number that decides whether something is a finding.
  public struct Bound: Sendable {
    public enum Unit: String, Sendable {
      case points = "percentage points"
      case percent = "%"
      case examples, steps
    }
    /// Unless `checks.bounds` or `--bound` says otherwise.
    public let usual: Double
    public let unit: Unit

    /// How many of these are 1: what is measured in points and percent is computed as a share.
    public var unitsPerOne: Double { unit == .points || unit == .percent ? 100 : 1 }
  }

  /// How much a finding matters.
  public var severity: Severity {
    switch self {
    case .notFinite, .belowMajority, .reversedScores, .leakage, .repeatedFile: .error
    case .fewExamples, .languageCase, .languageNames: .note
    default: .warning
    }
  }

  /// What decides, where that is a number that can be chosen.
  public var bound: Bound? {
    switch self {
    case .gap: Bound(usual: 10, unit: .points)
    case .selectionRegret: Bound(usual: 1, unit: .points)
    case .miscalibrated: Bound(usual: 5, unit: .points)
    case .leakage, .validationLeakage: Bound(usual: 1, unit: .percent)
    case .unknownTokens: Bound(usual: 5, unit: .percent)
    case .truncatedTexts: Bound(usual: 10, unit: .percent)
    case .fewExamples: Bound(usual: 30, unit: .examples)
    case .fewSteps: Bound(usual: 20, unit: .steps)
    default: nil
    }
  }

  /// The checks whose bound can be chosen.
  public static var bounded: [CheckCode] { allCases.filter { $0.bound != nil } }

  /// Whether the outcome rests on a statistical test or an interval, so that it may be that nothing can be told.
  public var isStatistical: Bool {
    switch self {
    case .belowMajority, .belowBaseline, .reversedScores, .littleLearned, .gap, .selectionRegret,
      .miscalibrated:
      true
    default: false
    }
  }

  /// What is found where it finds something, in a few words.
  public var finding: String {
    switch self {
    case .notFinite:
      "loss, accuracy or macro F1 is not a finite number in the epoch that counts, or examples have no answer"
    case .unstable:
      "a loss, accuracy or macro F1 is not finite in another epoch, or a step or a learning rate is not"
    case .unfinished: "fewer epochs are complete than the configuration asks for"
    case .belowMajority: "the accuracy is below that of always naming the most frequent class"
    case .belowBaseline: "the accuracy is below that of the trained baseline"
    case .reversedScores:
      "the area under the ROC curve is below one half, as when labels are swapped"
    case .littleLearned:
      "macro F1 and the area under the ROC curve are close to those of answers that never look at the text"
    case .gap: "the transfer gap in accuracy is above the bound"
    case .selectionRegret:
      "choosing the epoch on source validation loses more accuracy than the bound"
    case .miscalibrated: "the mean confidence differs from the accuracy by more than the bound"
    case .leakage:
      "a larger share than the bound of an evaluated split's texts is in the training data"
    case .validationLeakage:
      "a larger share than the bound of a test split's texts is in validation data"
    case .repeatedFile: "splits are read from one file or from copies of it"
    case .fewExamples: "a language has fewer examples than the bound on the final part"
    case .missingClasses: "a split has no example of a class"
    case .missingTexts: "texts are empty or look like missing values"
    case .multilineFields: "quoted fields over several lines may have swallowed rows"
    case .duplicateColumns: "a header names a column twice"
    case .unknownTokens:
      "a larger share than the bound of a split's tokens is unknown to the tokenizer"
    case .truncatedTexts:
      "a larger share than the bound of a split's texts is cut at data.max_length"
    case .fewSteps: "the training has fewer optimiser steps than the bound"
    case .learningRate: "the learning rate is far from what is usual"
    case .smallPercentage: "data.percentage looks like a share"
    case .oddFiles: "files of the run are damaged, contradict each other or were odd to read"
    case .languageCase: "codes of languages differ in case alone"
    case .languageNames: "languages have one name"
    }
  }
}

/// What an experiment says of the checks of its run.
public struct CheckSettings: Equatable, Sendable {
  /// Checks whose findings count for nothing, in the order of `CheckCode`.
  public var ignored: [CheckCode] = []
  /// Bounds other than the usual ones, in the unit of each.
  public var bounds: [CheckCode: Double] = [:]

  public init(ignored: [CheckCode] = [], bounds: [CheckCode: Double] = [:]) {
    (self.ignored, self.bounds) = (ignored, bounds)
  }

  /// A check by its name.
  ///
  /// - Throws: an error that names the nearest check, made by `failure`.
  public static func code(
    _ name: String, failure: (String) -> RunLogError
  ) throws(RunLogError) -> CheckCode {
    if let code = CheckCode(rawValue: name) { return code }
    let known = CheckCode.allCases.map(\.rawValue)
    throw failure(
      "there is no check '\(name)'; "
        + (nearest(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? "`report check --list` shows them all."))
  }
}
