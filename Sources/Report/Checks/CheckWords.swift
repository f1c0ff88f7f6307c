internal import Metrics
internal import Results
internal import RunLog

/// How a report, a terminal and a table call what checks found.
struct CheckWords {
  let results: RunResults

  /// Such as "German test".
  func place(_ finding: CheckFinding) -> String {
    finding.split.map { "\(languageName($0, results)) \(partName($0.part))" } ?? "the run"
  }

  /// A bound with its unit; `nil` for a check without.
  func bound(_ check: RunCheck) -> String? {
    guard let bound = check.printedBound, let unit = check.code.bound?.unit else { return nil }
    return Self.bound(bound, unit)
  }

  /// Such as "10 percentage points".
  static func bound(_ value: Double, _ unit: CheckCode.Bound.Unit) -> String {
    let noun = value == 1 && unit != .percent ? String(unit.rawValue.dropLast()) : unit.rawValue
    return "\(NumberFormat.setting(value)) \(noun)"
  }

  /// A value as it is printed.
  func number(_ value: CheckValue, from: Evidence) -> PrintedNumber {
    let defined = value.definition ?? ""
    let printed: PrintedNumber =
      switch value.unit {
      case .share: EstimateTags(value.estimate, .share, defined, from: from).printed
      case .points: EstimateTags(value.estimate, .points, defined, from: from).printed
      case .score: EstimateTags(value.estimate, .score, defined, from: from).printed
      case .pValue: from.probability(value.estimate.value).defined(defined)
      case .count:
        Int(exactly: value.estimate.value).map { from.count($0) }
          ?? from.decimal(value.estimate.value, digits: 1, .count)
      }
    // A mere count is defined by its name.
    guard value.definition == nil else { return printed }
    return PrintedNumber(
      text: printed.text, values: printed.values, unit: printed.unit, origins: printed.origins)
  }

  /// All values of a finding in one line, such as "gap +18.1 [9.2 to 26.9]".
  func values(_ finding: CheckFinding) -> String {
    finding.values.map { value in
      let text = number(value, from: Evidence([])).text
      // What Markdown needs escaped is plain here.
      return "\(value.name) \(text.hasPrefix("&lt;") ? "<" + text.dropFirst(4) : text)"
    }.joined(separator: "; ")
  }

  /// Who says that a finding counts for nothing.
  static func ignoring(_ ignoring: CheckFinding.Ignoring) -> String {
    switch ignoring {
    case .commandLine: "--ignore"
    case .experiment: "checks.ignore"
    case .intended: "data.intended"
    }
  }

  /// Checks that are not applicable by what they lack, in the order of the first of each.
  static func notApplicable(_ checks: RunChecks) -> [(reason: String, codes: [CheckCode])] {
    var groups: [(reason: String, codes: [CheckCode])] = []
    for check in checks.checks where check.outcome == .notApplicable {
      guard let reason = check.findings.first(where: { $0.ignored == nil })?.reason else {
        continue
      }
      if let place = groups.firstIndex(where: { $0.reason == reason }) {
        groups[place].codes.append(check.code)
      } else {
        groups.append((reason, [check.code]))
      }
    }
    return groups
  }
}

extension RunChecks {
  /// The findings of an outcome that are not ignored, the most severe checks first.
  func findings(_ outcome: CheckOutcome) -> [(check: RunCheck, finding: CheckFinding)] {
    CheckCode.Severity.allCases.reversed().flatMap { severity in
      checks.filter { $0.code.severity == severity }.flatMap { check in
        check.findings.filter { $0.outcome == outcome && $0.ignored == nil }
          .map { (check, $0) }
      }
    }
  }

  /// What was found and counts for nothing.
  var ignored: [(check: RunCheck, finding: CheckFinding)] {
    checks.flatMap { check in
      check.findings.filter { $0.outcome == .found && $0.ignored != nil }.map { (check, $0) }
    }
  }

  /// Checks that looked everywhere and found nothing.
  var passed: [CheckCode] { checks.filter { $0.outcome == .notFound }.map(\.code) }
}
