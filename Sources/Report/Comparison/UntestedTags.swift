internal import Metrics
internal import Results
internal import RunLog

/// What a study says nothing about, as far as its definition and its runs tell.
struct UntestedTags: TagSource {
  let answers: StudyAnswers
  /// How many claims could be tested.
  let tested: Int
  let origins: ComparedOrigins

  private var definition: StudyDefinition { answers.definition }
  private var runs: [RunResults] { answers.groups.flatMap(\.runs) }

  /// Of all runs, since configurations may differ in their languages; of several sources also each.
  private var languages: [RunResults.Language] {
    runs.flatMap { run in
      [run.source] + (run.hasSeveralSources ? run.sources : []) + run.targets
    }.reduce(into: []) { all, language in
      if !all.contains(where: { $0.code == language.code }) { all.append(language) }
    }
  }

  private func words(_ split: Split) -> String {
    let name = languages.first { $0.code == split.language }?.name
    return split.part == .train
      ? name ?? split.language : "\(name ?? split.language) \(partName(split.part))"
  }

  /// The splits that questions are about. A transfer gap is measured on the source's split as well.
  private var asked: [Split] {
    distinct(
      definition.questions.flatMap { question -> [Split] in
        guard let split = question.claim.split else { return [] }
        guard question.claim.metric.isTransferGap else { return [split] }
        let names = question.claim.first.names + question.claim.second.names
        let groups = answers.groups.filter { names.contains($0.name) }
        return [split] + groups.map { Split($0.runs[0].source.code, split.part) }
      })
  }

  private var unasked: [Split] {
    let asked = asked
    return languages.flatMap { language in
      [Part.validation, .test].map { Split(language.code, $0) }
    }.filter { split in
      runs.contains { $0.selected[split] != nil } && !asked.contains(split)
    }
  }

  private var unaskedMetrics: [String] {
    let asks = Set(definition.questions.map(\.claim.metric))
    return Claim.Quantity.allCases.filter { metric in
      // Other metrics are another look at the gap, not another quantity.
      !asks.contains(metric) && (!metric.isTransferGap || metric == .transferGap(.accuracy))
    }.map { metric in
      metric.isTransferGap && asks.contains(where: \.isTransferGap)
        ? "the transfer gap in accuracy" : metric.words
    }
  }

  private var facts: [RunStarted.SplitFacts] { runs.compactMap(\.started).flatMap(\.splits) }

  private func examples(_ splits: [RunStarted.SplitFacts]) -> [ExamplesTags] {
    let from = origins.all { $0.started("splits") }
    return distinct(splits.map { SizedSplit(name: words($0.split), examples: $0.examples) }).map {
      ExamplesTags(split: $0, from: from)
    }
  }

  /// Nothing is listed for a study that asks nothing.
  private func list(_ words: [String]) -> String? {
    definition.questions.isEmpty || words.isEmpty
      ? nil : markdown(NumberFormat.list(words, lastAfter: "or"))
  }

  static let tags: [TagDefinition<UntestedTags>] = [
    .number("seeds", "the study's seeds") { $0.definition.listedSeeds },
    .number("seed_count", "how many they are") {
      $0.definition.evidence("seeds").count($0.definition.seeds.count)
    },
    .condition("has_few_seeds", "whether they are fewer than three") {
      $0.definition.seeds.count < 3
    },
    .optionalText("checkpoints", "the checkpoints that were fine-tuned") {
      let names = distinct($0.runs.compactMap { $0.started?.checkpointName })
      return names.isEmpty ? nil : markdown(NumberFormat.list(names))
    },
    .list("training", "the training data") {
      $0.examples($0.facts.filter { $0.split.part == .train })
    },
    .list("asked", "the splits that questions are about") { source in
      let facts = source.facts
      return source.examples(source.asked.flatMap { split in facts.filter { $0.split == split } })
    },
    .optionalText("unasked_splits", "those that none is about") {
      $0.list($0.unasked.map($0.words))
    },
    .optionalText("unasked_configurations", "the configurations that none is about") {
      $0.list($0.answers.unasked)
    },
    .optionalText("unasked_metrics", "the metrics that none is about") {
      $0.list($0.unaskedMetrics)
    },
    .optionalNumber("claims", "how many claims were tested, if several") {
      $0.tested > 1 ? $0.origins.text("answers[].p_value").count($0.tested) : nil
    },
  ]
}

/// Examples of one kind.
struct ExamplesTags: TagSource {
  fileprivate let split: SizedSplit
  fileprivate let from: Evidence

  static let tags: [TagDefinition<ExamplesTags>] = [
    .number("count", "how many they are") { $0.from.count($0.split.examples) },
    .text("name", "such as German test; of training data the language") {
      markdown($0.split.name)
    },
  ]
}

private struct SizedSplit: Equatable, Sendable {
  let name: String
  let examples: Int
}

private func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
  values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

extension Claim.Quantity {
  fileprivate var words: String {
    switch self {
    case .metric(let metric): metric.name
    case .transferGap(let metric): "the \(metric.gap?.name ?? metric.name)"
    case .secondsPerEpoch: "time"
    }
  }
}

extension Contrast {
  /// What its interval is over: examples, seeds or both.
  var intervalKind: String {
    examples == 0 ? "seeds" : isForTheseSeedsOnly ? "examples" : "seeds and examples"
  }
}
