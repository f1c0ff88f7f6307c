internal import Metrics
public import Results
internal import RunLog
public import Storage

/// What the checks of a run say, for people and for programs.
public struct CheckText: Sendable {
  private let results: RunResults
  private let checks: RunChecks
  private var words: CheckWords { CheckWords(results: results) }

  public init(_ results: RunResults, _ checks: RunChecks) {
    (self.results, self.checks) = (results, checks)
  }

  // MARK: For people

  /// A line per finding, the most severe first, then what could not be told, found nothing or had nothing to look at.
  ///
  /// - Parameter run: what the run is called.
  /// - Returns: lines without their ends.
  public func lines(_ run: String) -> [String] {
    let (found, open) = (checks.findings(.found), checks.findings(.cannotBeTold))
    let missing = CheckWords.notApplicable(checks)
    let counts = [
      "\(Set(found.map(\.check.code)).count) found something",
      "\(Set(open.map(\.check.code)).count) could not tell everything",
      "\(checks.passed.count) found nothing", "\(missing.flatMap(\.codes).count) not applicable",
    ]
    var rows = found.map { row($0, $0.check.code.severity.rawValue) }
    rows += checks.ignored.map { row($0, "ignored") }
    rows += open.map { row($0, "cannot tell") }
    var lines = ["\(run): \(counts.joined(separator: ", "))"] + aligned(rows).map { "  " + $0 }
    if !checks.passed.isEmpty {
      lines.append("  Found nothing: \(list(checks.passed))")
    }
    for (reason, codes) in missing {
      lines.append("  Not applicable, since \(reason): \(list(codes))")
    }
    return lines
  }

  private func row(
    _ entry: (check: RunCheck, finding: CheckFinding), _ kind: String
  ) -> [String] {
    let finding = entry.finding
    var parts = [finding.reason].compactMap { $0 }
    if !finding.values.isEmpty { parts.append(words.values(finding)) }
    if let bound = words.bound(entry.check) { parts.append("bound \(bound)") }
    if let detail = finding.detail { parts.append(detail) }
    if parts.isEmpty { parts.append(entry.check.code.finding) }
    let ignored = finding.ignored.map { " [\(CheckWords.ignoring($0))]" } ?? ""
    return [
      kind, entry.check.code.rawValue, words.place(finding),
      parts.joined(separator: "; ") + ignored,
    ]
  }

  private func list(_ codes: [CheckCode]) -> String {
    codes.map(\.rawValue).joined(separator: ", ")
  }

  /// Every check with its severity, its bound and what it looks for.
  public static var listing: [String] {
    aligned(
      CheckCode.allCases.map { code in
        [
          code.rawValue, code.severity.rawValue,
          code.bound.map { CheckWords.bound($0.usual, $0.unit) } ?? "", code.finding,
        ]
      })
  }

  /// The table of docs/checks.md, which is written from here.
  static var table: String {
    let rows = CheckCode.allCases.map { code in
      let bound = code.bound.map { CheckWords.bound($0.usual, $0.unit) } ?? "–"
      return
        "| [`\(code.rawValue)`](#\(code.rawValue)) | \(code.severity.rawValue) | \(bound) | "
        + "\(code.isStatistical ? "test or interval" : "count") | \(code.finding) |"
    }
    return
      (["| Check | Severity | Usual bound | Rests on | Finds that |", "|---|---|---|---|---|"]
      + rows)
      .joined(separator: "\n")
  }

  // MARK: For programs

  /// Every check with its outcome, its bound, and what it looked at; what is not finite is a string, as in the logs.
  ///
  /// - Parameter run: what the run is called.
  /// - Returns: an object.
  public func json(_ run: String) -> JSON {
    .object([
      "run": .string(run),
      "checks": .array(
        checks.checks.map { check in
          var object: JSONObject = [
            "code": .string(check.code.rawValue),
            "severity": .string(check.code.severity.rawValue),
            "outcome": .string(check.outcome.rawValue),
          ]
          if let bound = check.printedBound, let unit = check.code.bound?.unit {
            object["bound"] = .object(["value": .number(bound), "unit": .string(unit.rawValue)])
          }
          object["findings"] = .array(check.findings.map(Self.json))
          return .object(object)
        }),
    ])
  }

  private static func json(_ finding: CheckFinding) -> JSON {
    var object: JSONObject = [
      "outcome": .string(finding.outcome.rawValue),
      "split": finding.split.map { .string("\($0)") } ?? .null,
    ]
    if let ignored = finding.ignored { object["ignored"] = .string(ignored.rawValue) }
    if let reason = finding.reason { object["reason"] = .string(reason) }
    if let detail = finding.detail { object["detail"] = .string(detail) }
    object["values"] = .array(
      finding.values.map { value in
        var entry: JSONObject = [
          "key": .string(value.key), "value": .strict(value.estimate.value),
          "unit": .string(value.unit.rawValue),
        ]
        if let interval = value.estimate.interval {
          entry["interval"] = .array([.strict(interval.lower), .strict(interval.upper)])
        }
        return .object(entry)
      })
    return .object(object)
  }
}

/// Rows whose columns begin at one place; the last is as long as it is.
private func aligned(_ rows: [[String]]) -> [String] {
  let columns = rows.first?.count ?? 0
  let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      column + 1 == columns
        ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
    }.joined(separator: "  ")
  }
}
