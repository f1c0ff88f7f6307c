public import Metrics
public import RunLog

/// A check of a run, with what it found on each split or language that it looks at.
public struct RunCheck: Sendable {
  public let code: CheckCode
  /// What decides, as a share or a count; `nil` where that is no number.
  public let bound: Double?
  /// In the order of the report: source before targets; never empty.
  public let findings: [CheckFinding]

  /// The bound in the unit that it is set and printed in.
  public var printedBound: Double? {
    // 0.07 times 100 is not quite 7.
    bound.map { ($0 * (code.bound?.unitsPerOne ?? 1) * 1e9).rounded() / 1e9 }
  }

  /// All findings in one: found if anything was; else nothing can be told if of any nothing can.
  ///
  /// What is ignored counts as not looked at.
  public var outcome: CheckOutcome {
    let outcomes = findings.filter { $0.ignored == nil }.map(\.outcome)
    let order: [CheckOutcome] = [.found, .cannotBeTold, .notFound]
    return order.first(where: outcomes.contains) ?? .notApplicable
  }
}

/// What a check says.
public enum CheckOutcome: String, CaseIterable, Sendable {
  case found
  case notFound = "not_found"
  /// The data leave it open, which is never a pass.
  case cannotBeTold = "cannot_be_told"
  /// What the check looks at is not there.
  case notApplicable = "not_applicable"
}

/// What a check found in one place.
public struct CheckFinding: Sendable {
  /// Why a finding counts for nothing.
  public enum Ignoring: String, Sendable {
    /// `--ignore`
    case commandLine = "command_line"
    /// `checks.ignore` of the experiment
    case experiment
    /// `data.intended` of the experiment
    case intended
  }

  public let outcome: CheckOutcome
  /// The split that it is about; `nil` for the run as a whole.
  public let split: Split?
  /// Why nothing can be told, or what is missing; `nil` where it is found or not.
  public let reason: String?
  /// What it rests on.
  public let values: [CheckValue]
  /// What a log or a review of the data says of it; names of series.
  public let detail: String?
  public internal(set) var ignored: Ignoring?

  init(
    _ outcome: CheckOutcome, _ split: Split? = nil, because reason: String? = nil,
    _ values: [CheckValue] = [], detail: String? = nil, isIntended: Bool = false
  ) {
    (self.outcome, self.split, self.reason) = (outcome, split, reason)
    (self.values, self.detail) = (values, detail)
    ignored = isIntended ? .intended : nil
  }
}

/// A number that a finding rests on.
public struct CheckValue: Sendable {
  public enum Unit: String, Sendable {
    case share, points, score, count
    case pValue = "p"
  }
  /// Where the report finds what it is computed from.
  public enum Source: Sendable {
    /// Predictions, or what was logged, after the selected epoch.
    case splits([Split])
    /// The same over all epochs.
    case series([Split])
    case examples(Split)
    /// A split's predictions, and those of a layer's baseline.
    case baseline(layer: Int, Split)
    /// A field of the record that began the run.
    case started(String)
    case configuration(String)
    case epochs
    case log
  }
  /// For programs, such as `majority_share`.
  public let key: String
  /// For readers, such as "share of the most frequent class".
  public let name: String
  /// Shares and points from 0 to 1.
  public let estimate: Estimate
  public let unit: Unit
  /// The section of docs/metrics.md that defines it; `nil` for a mere count.
  public let definition: String?
  public let source: Source

  init(
    _ key: String, _ name: String, _ estimate: Estimate, _ unit: Unit, defined definition: String?,
    from source: Source
  ) {
    (self.key, self.name, self.estimate, self.unit) = (key, name, estimate, unit)
    (self.definition, self.source) = (definition, source)
  }

  init(
    _ key: String, _ name: String, _ value: Double, _ unit: Unit, defined definition: String? = nil,
    from source: Source
  ) {
    self.init(
      key, name, Estimate(value, nil, by: .meanInterval), unit, defined: definition, from: source)
  }
}
