internal import Results
internal import RunLog

/// What about data and settings is often a slip, as the log has it.
struct InputWarningTags: TagSource {
  let kind: String
  let count: PrintedNumber
  let place: String
  let text: String
  let isIntended: Bool

  static func all(_ results: RunResults, _ origins: Origins) -> [InputWarningTags] {
    let evidence = origins.started("warnings")
    let steps = (results.started?.stepsPerEpoch ?? 0).multipliedReportingOverflow(
      by: results.plannedEpochs
    ).partialValue
    // A run that was extended has more steps than were planned when it began.
    let current = (results.started?.warnings ?? []).filter {
      $0.kind != .fewSteps || $0.count == steps
    }
    return current.map {
      InputWarningTags(
        kind: $0.kind.rawValue, count: evidence.count($0.count), place: markdown($0.place),
        text: markdown($0.text), isIntended: $0.isIntended)
    }
  }

  static let tags: [TagDefinition<InputWarningTags>] = [
    .text("kind", \.kind, "the name that data.intended declares it with"),
    .number("count", \.count, "how many texts, classes, steps or other things it is about"),
    .text("place", \.place, "the split, or the key of the configuration"),
    .text("text", \.text, "what is so, with the first examples"),
    .condition("is_intended", \.isIntended, "whether the configuration declares it as intended"),
  ]
}
