internal import Results
internal import RunLog

/// What about data and settings is often a slip, as the log has it.
struct InputWarningTags: TagSource {
  let warning: InputWarning
  let from: Evidence

  static func all(_ results: RunResults, _ origins: Origins) -> [InputWarningTags] {
    let evidence = origins.started("warnings")
    let steps = (results.started?.stepsPerEpoch ?? 0).multipliedReportingOverflow(
      by: results.plannedEpochs
    ).partialValue
    // A run that was extended has more steps than were planned when it began.
    let current = (results.started?.warnings ?? []).filter {
      $0.kind != .fewSteps || $0.count == steps
    }
    return current.map { InputWarningTags(warning: $0, from: evidence) }
  }

  static let tags: [TagDefinition<InputWarningTags>] = [
    .text("kind", "the name that data.intended declares it with") { $0.warning.kind.rawValue },
    .number("count", "how many texts, classes, steps or other things it is about") {
      $0.from.count($0.warning.count)
    },
    .text("place", "the split, or the key of the configuration") { markdown($0.warning.place) },
    .text("text", "what is so, with the first examples") { markdown($0.warning.text) },
    .condition("is_intended", "whether the configuration declares it as intended") {
      $0.warning.isIntended
    },
  ]
}
