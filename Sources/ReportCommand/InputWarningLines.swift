internal import RunLog

/// Warnings about data and settings as lines for a terminal.
struct InputWarningLines {
  /// What is not declared as intended.
  let undeclared: [String]
  /// What is.
  let declared: [String]
  /// How to declare what is not; `nil` if there is nothing.
  let advice: String?

  init(_ warnings: [InputWarning]) {
    let open = warnings.filter { !$0.isIntended }
    undeclared = open.map { "\($0.text) [\($0.kind.rawValue)]" }
    declared = warnings.filter(\.isIntended).map { "\($0.text) [\($0.kind.rawValue)]" }
    let kinds = InputWarning.Kind.allCases.filter { kind in open.contains { $0.kind == kind } }
    advice =
      kinds.isEmpty
      ? nil
      : "What is meant to be so can be declared in the experiment: "
        + "data.intended: [\(kinds.map(\.rawValue).joined(separator: ", "))]"
  }

  /// Writes all of them to standard output, as part of an estimate.
  func print() throws {
    for line in undeclared { try StandardOutput.line("Warning:     \(line)") }
    for line in declared { try StandardOutput.line("As intended: \(line)") }
    if let advice { try StandardOutput.line(advice) }
  }
}
