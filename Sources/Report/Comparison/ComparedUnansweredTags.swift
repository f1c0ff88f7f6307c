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
    .text("language", "the language") { $0.language },
    .text("part", "validation or test") { $0.part },
    .text("run", "the name of the run directory") { $0.run },
    .number("count", "how many examples have no answer") { $0.count },
    .number("examples", "of how many, with the noun") { $0.examples },
    .condition("is_all", "whether not a single one has an answer") { $0.isAll },
  ]
}
