internal import Metrics
internal import Results
internal import RunLog

/// What was trained on, and how each language's data relate to that.
struct DataTags: TagSource {
  let results: RunResults
  let origins: Origins

  /// - Returns: `nil` with one source and without a stated regime: the rest of the report says it all then.
  init?(_ results: RunResults, _ origins: Origins) {
    let languages = results.sources + results.targets
    guard results.hasSeveralSources || languages.contains(where: { $0.regime != nil }) else {
      return nil
    }
    (self.results, self.origins) = (results, origins)
  }

  private var training: RunStarted.SplitFacts? {
    results.started?.splits.first { $0.split == Split(results.source.code, .train) }
  }

  /// What each source has of the training data; `nil` where the log does not say.
  private func share(_ place: Int) -> RunStarted.SourceShare? {
    guard let training else { return nil }
    if results.hasSeveralSources {
      return training.sources.first { $0.language == results.sources[place].code }
    }
    return RunStarted.SourceShare(
      language: results.source.code, examples: training.examples, available: training.available,
      classCounts: training.classCounts)
  }

  static let tags: [TagDefinition<DataTags>] = [
    .text("part", "the part that final numbers are of") { partName($0.results.finalSplit.part) },
    .list("sources", "the languages that were trained on") { source in
      source.results.sources.indices.map {
        SourceDataTags(
          language: source.results.sources[$0], share: source.share($0),
          all: source.training?.examples, results: source.results, origins: source.origins)
      }
    },
    .list("targets", "the others") { source in
      source.results.targets.map { TargetDataTags(language: $0) }
    },
    .list("stated", "the languages of which a regime is stated") { source in
      (source.results.sources + source.results.targets).filter { $0.regime != nil }
        .map { TargetDataTags(language: $0) }
    },
  ]
}

/// A language that was trained on.
struct SourceDataTags: TagSource {
  let language: RunResults.Language
  let share: RunStarted.SourceShare?
  /// Training examples of all sources.
  let all: Int?
  let results: RunResults
  let origins: Origins

  private var from: Evidence { origins.started("splits") }

  private func accuracy(_ part: Part) -> EstimateTags? {
    let split = Split(language.code, part)
    guard let result = results.selected[split], result.accuracy.isFinite,
      !result.isWithoutAnswers
    else { return nil }
    return EstimateTags(
      result.estimate(.accuracy), .share, Metric.accuracy.anchor, from: origins.split(split)
    ).measuring(.of(.accuracy).on(part, of: language.name))
  }

  private func isWithoutResult(_ part: Part) -> Bool {
    results.selected[Split(language.code, part)].map {
      $0.isWithoutAnswers || $0.isNotFinite(.accuracy)
    } ?? false
  }

  static let tags: [TagDefinition<SourceDataTags>] = [
    .text("name", "the language") { markdown($0.language.name) },
    .optionalText("regime", "the stated regime") { $0.language.regime?.rawValue },
    .number("examples", "training examples that were used") { source in
      source.share.map { source.from.count($0.examples) } ?? source.from.unknown(.count)
    },
    .number("available", "training examples in its file") { source in
      source.share.map { source.from.count($0.available) } ?? source.from.unknown(.count)
    },
    .number("share", "its share of all training examples") { source in
      guard let share = source.share, let all = source.all, all > 0 else {
        return source.from.unknown(.share)
      }
      return source.from.percent(Double(share.examples) / Double(all))
    },
    .number("classes", "how many of each class it has, with the classes' names") { source in
      guard let counts = source.share?.classCounts, counts.count == source.results.labels.count
      else { return source.from.unknown(.count) }
      let words = zip(source.results.labels, counts).map {
        "\(markdown($0)) \(NumberFormat.count($1))"
      }
      return source.from.number(words.joined(separator: ", "), counts, .count)
    },
    .section("validation", "its own validation accuracy, if known") { $0.accuracy(.validation) },
    .section("test", "its own test accuracy, if known") { $0.accuracy(.test) },
    .section("final", "its own accuracy on the final part, if known") {
      $0.accuracy($0.results.finalSplit.part)
    },
    .condition("is_validation_without_result", "whether validation was scored without a result") {
      $0.isWithoutResult(.validation)
    },
    .condition("is_test_without_result", "whether test was") { $0.isWithoutResult(.test) },
    .condition("is_final_without_result", "whether the final part was") {
      $0.isWithoutResult($0.results.finalSplit.part)
    },
  ]
}

/// A language and its stated regime.
struct TargetDataTags: TagSource {
  let language: RunResults.Language

  static let tags: [TagDefinition<TargetDataTags>] = [
    .text("name", "the language") { markdown($0.language.name) },
    .optionalText("regime", "the stated regime") { $0.language.regime?.rawValue },
    .condition("is_zero_shot", "whether that is zero-shot") { $0.language.regime == .zeroShot },
    .condition("is_translate_train", "whether it is translate-train") {
      $0.language.regime == .translateTrain
    },
    .condition("is_translate_test", "whether it is translate-test") {
      $0.language.regime == .translateTest
    },
  ]
}
