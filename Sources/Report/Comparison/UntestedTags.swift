internal import Metrics
internal import Results
internal import RunLog

/// What a study says nothing about, as far as its definition and its runs tell.
struct UntestedTags: TagSource {
  let seeds: PrintedNumber
  let seedCount: PrintedNumber
  let hasFewSeeds: Bool
  let checkpoints: String?
  let training: [ExamplesTags]
  let asked: [ExamplesTags]
  let unaskedSplits: String?
  let unaskedConfigurations: String?
  let unaskedMetrics: String?
  let claims: PrintedNumber?

  /// - Parameters:
  ///   - answers: to the study's questions.
  ///   - tested: how many claims could be tested.
  ///   - origins: where the numbers come from.
  init(_ answers: StudyAnswers, tested: Int, _ origins: ComparedOrigins) {
    let definition = answers.definition
    let ofSeeds = definition.evidence("seeds")
    seeds = ofSeeds.number(
      NumberFormat.list(definition.seeds.map { String($0) }), definition.seeds, .setting)
    seedCount = ofSeeds.count(definition.seeds.count)
    hasFewSeeds = definition.seeds.count < 3
    let runs = answers.groups.flatMap(\.runs)
    let names = distinct(runs.compactMap { $0.started?.checkpointName })
    checkpoints = names.isEmpty ? nil : markdown(NumberFormat.list(names))
    func words(_ split: Split) -> String {
      let name = runs.first.flatMap { run in
        ([run.source] + run.targets).first { $0.code == split.language }?.name
      }
      return split.part == .train
        ? name ?? split.language : "\(name ?? split.language) \(partName(split.part))"
    }
    let started = origins.all { $0.started("splits") }
    func examples(_ splits: [RunStarted.SplitFacts]) -> [ExamplesTags] {
      distinct(splits.map { SizedSplit(name: words($0.split), examples: $0.examples) }).map {
        ExamplesTags(count: started.count($0.examples), name: markdown($0.name))
      }
    }
    let all = runs.compactMap(\.started).flatMap(\.splits)
    training = examples(all.filter { $0.split.part == .train })
    // A transfer gap is measured on the source's split as well.
    let askedSplits = distinct(
      definition.questions.flatMap { question -> [Split] in
        guard let split = question.claim.split else { return [] }
        let isGap = question.claim.metric.isTransferGap
        return [split] + (isGap ? runs.prefix(1).map { Split($0.source.code, split.part) } : [])
      })
    asked = examples(askedSplits.flatMap { split in all.filter { $0.split == split } })
    let unasked = (runs.first.map { [$0.source] + $0.targets } ?? []).flatMap { language in
      [Part.validation, .test].map { Split(language.code, $0) }
    }.filter { runs.first?.selected[$0] != nil && !askedSplits.contains($0) }
    let asks = Set(definition.questions.map(\.claim.metric))
    let metrics = Claim.Quantity.allCases.filter { metric in
      // Other metrics are another look at the gap, not another quantity.
      !asks.contains(metric) && (!metric.isTransferGap || metric == .transferGap(.accuracy))
    }
    func list(_ words: [String]) -> String? {
      definition.questions.isEmpty || words.isEmpty ? nil : markdown(NumberFormat.list(words))
    }
    unaskedSplits = list(unasked.map(words))
    unaskedConfigurations = list(answers.unasked)
    unaskedMetrics = list(
      metrics.map { metric in
        metric.isTransferGap && asks.contains(where: \.isTransferGap)
          ? "the transfer gap in accuracy" : metric.words
      })
    claims = tested > 1 ? origins.text("answers[].p_value").count(tested) : nil
  }

  static let tags: [TagDefinition<UntestedTags>] = [
    .number("seeds", "the study's seeds") { $0.seeds },
    .number("seed_count", "how many they are") { $0.seedCount },
    .condition("has_few_seeds", "whether they are fewer than three") { $0.hasFewSeeds },
    .optionalText("checkpoints", "the checkpoints that were fine-tuned") { $0.checkpoints },
    .list("training", "the training data") { $0.training },
    .list("asked", "the splits that questions are about") { $0.asked },
    .optionalText("unasked_splits", "those that none is about") { $0.unaskedSplits },
    .optionalText("unasked_configurations", "the configurations that none is about") {
      $0.unaskedConfigurations
    },
    .optionalText("unasked_metrics", "the metrics that none is about") { $0.unaskedMetrics },
    .optionalNumber("claims", "how many claims were tested, if several") { $0.claims },
  ]
}

/// Examples of one kind.
struct ExamplesTags: TagSource {
  let count: PrintedNumber
  let name: String

  static let tags: [TagDefinition<ExamplesTags>] = [
    .number("count", "how many they are") { $0.count },
    .text("name", "such as German test; of training data the language") { $0.name },
  ]
}

private struct SizedSplit: Equatable {
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
