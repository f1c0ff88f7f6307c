public import RunLog

/// All checks of a run, computed from its directory alone.
public struct RunChecks: Sendable {
  /// One per code, in the order of the codes that were asked for.
  public let checks: [RunCheck]

  /// Looks at a run.
  ///
  /// - Parameters:
  ///   - results: of the run.
  ///   - settings: bounds, and checks whose findings count for nothing, beside those of the experiment; a bound here
  ///     takes the place of one there.
  ///   - choices: which epoch to take for each target, where somebody has computed them already.
  ///   - baseline: the network beside its trained baseline, likewise.
  ///   - codes: the checks to make, in their order.
  /// - Throws: what a damaged file of examples throws.
  public init(
    _ results: RunResults, settings: CheckSettings = CheckSettings(), choices: [EpochChoice]? = nil,
    baseline: BaselineComparisons? = nil,
    only codes: [CheckCode] = CheckCode.allCases
  ) throws {
    let own = results.run.experiment?.checks ?? CheckSettings()
    let bounds = own.bounds.merging(settings.bounds) { $1 }
    let inspection = RunInspection(results, choices: choices, baseline: baseline)
    checks = try codes.map { code in
      let bound = code.bound.map { (bounds[code] ?? $0.usual) / $0.unitsPerOne }
      var findings = try inspection.findings(code, bound: bound ?? 0)
      for index in findings.indices where findings[index].ignored == nil {
        findings[index].ignored =
          settings.ignored.contains(code)
          ? .commandLine : own.ignored.contains(code) ? .experiment : nil
      }
      return RunCheck(code: code, bound: bound, findings: findings)
    }
  }

  /// What the log alone tells, which a comparison of runs reads anyway.
  public static let ofTheLog: [CheckCode] = [
    .notFinite, .unstable, .unfinished, .leakage, .validationLeakage, .repeatedFile,
    .missingClasses, .missingTexts, .multilineFields, .duplicateColumns, .fewSteps, .learningRate,
    .smallPercentage, .languageCase, .languageNames,
  ]

  /// The check of that name; `nil` if it was not made.
  public subscript(code: CheckCode) -> RunCheck? { checks.first { $0.code == code } }

  /// The codes of the checks that found something which is not ignored.
  public var found: [CheckCode] { checks.filter { $0.outcome == .found }.map(\.code) }
}

/// Which findings make a run fail.
public enum FailingChecks: Equatable, Sendable {
  case none
  /// Those of this severity and above.
  case severity(CheckCode.Severity)
  case codes(Set<CheckCode>)

  public func contains(_ code: CheckCode) -> Bool {
    switch self {
    case .none: false
    case .severity(let least): code.severity >= least
    case .codes(let codes): codes.contains(code)
    }
  }

  /// What these checks together say of a run: found if any found something, else that nothing can be told if one could
  /// not tell. A check that was named and has nothing to look at tells nothing either.
  public func outcome(_ run: RunChecks) -> CheckOutcome {
    let outcomes = run.checks.filter { contains($0.code) }.map { check -> CheckOutcome in
      guard case .codes = self, check.outcome == .notApplicable,
        check.findings.allSatisfy({ $0.ignored == nil })
      else { return check.outcome }
      return .cannotBeTold
    }
    return outcomes.contains(.found)
      ? .found : outcomes.contains(.cannotBeTold) ? .cannotBeTold : .notFound
  }
}
