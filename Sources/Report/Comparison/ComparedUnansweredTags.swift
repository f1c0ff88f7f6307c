internal import Results
internal import RunLog

/// Examples of a split that a run left without an answer, since their logits are not finite.
struct ComparedUnansweredTags: TagSource {
  let found: UnansweredExamples
  let comparison: RunComparison
  let origins: ComparedOrigins

  private var from: Evidence {
    origins.some([(found.group, found.run)]) { $0.split(found.split) }
  }

  static let tags: [TagDefinition<ComparedUnansweredTags>] = [
    .text("language", "the language") {
      markdown(nameOfLanguage($0.found.split.language, $0.comparison))
    },
    .text("part", "validation or test") { partName($0.found.split.part) },
    .text("run", "the name of the run directory") {
      markdown($0.comparison.groups[$0.found.group].runs[$0.found.run].folder)
    },
    .number("count", "how many examples have no answer") { $0.from.count($0.found.count) },
    .number("examples", "of how many, with the noun") {
      $0.from.count($0.found.examples, "example")
    },
    .condition("is_all", "whether not a single one has an answer") { $0.found.isAll },
  ]
}
