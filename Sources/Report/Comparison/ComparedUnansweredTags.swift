internal import Results
internal import RunLog

/// Examples of a split that a run left without an answer, since their logits are not finite.
struct ComparedUnansweredTags: TagSource {
  let language: String
  let part: String
  let run: String
  let count: PrintedNumber
  let examples: PrintedNumber
  let isAll: Bool

  init(
    _ found: UnansweredExamples, _ comparison: RunComparison, _ origins: ComparedOrigins
  ) {
    let from = origins.some([(found.group, found.run)]) { $0.split(found.split) }
    language = markdown(nameOfLanguage(found.split.language, comparison))
    part = partName(found.split.part)
    run = markdown(comparison.groups[found.group].runs[found.run].folder)
    count = from.count(found.count)
    examples = from.count(found.examples, "example")
    isAll = found.isAll
  }

  static let tags: [TagDefinition<ComparedUnansweredTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "validation or test"),
    .text("run", \.run, "the name of the run directory"),
    .number("count", \.count, "how many examples have no answer"),
    .number("examples", \.examples, "of how many, with the noun"),
    .condition("is_all", \.isAll, "whether not a single one has an answer"),
  ]
}
