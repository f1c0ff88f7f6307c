internal import Foundation
internal import Metrics
internal import Results
internal import RunLog
internal import Storage

/// Everything that a model card prints: what the hub reads, and all that a report prints.
struct CardData: TagSource {
  let results: RunResults
  let origins: Origins
  let report: ReportData

  /// The model of the hub that training began with; `nil` where it was a directory, whose name says nothing to others.
  private var baseModel: String? { results.run.environment?.hubModel?.id }

  private var evaluations: [CardEvaluationTags] {
    // The hub knows languages, so of several sources it gets each one's results and not those of all together.
    let pooled = results.hasSeveralSources ? results.source.code : nil
    return splitsWithEachSource(results).filter { $0.part != .train && $0.language != pooled }
      .compactMap { split in
        results.selected[split].flatMap { CardEvaluationTags(split, $0, results, origins) }
      }
  }

  static let tags: [TagDefinition<CardData>] = [
    .text("quoted_name", "the experiment's name, quoted for YAML") { quoted($0.results.name) },
    .list("codes", "the languages") { source in
      (source.results.sources + source.results.targets).map { CardCodeTags(code: $0.code) }
    },
    .optionalText("base_model", "the hub's name of the model that training began with, quoted") {
      $0.baseModel.map(quoted)
    },
    .list("translated", "targets whose texts were translated into the source language") { source in
      source.results.targets.filter { $0.regime == .translateTest }
        .map { CardLanguageTags(name: $0.name) }
    },
    .list("evaluations", "one entry per validation or test split that has a finite result") {
      $0.evaluations
    },
    .number("longest_text", "tokens after which training cut a text") { source in
      source.origins.configuration("data.max_length").plain(
        source.results.run.experiment?.data.maxLength ?? 0)
    },
    .section("report", "all that a report prints") { $0.report },
  ]
}

/// A text as YAML and JSON quote it, so that `no` is Norwegian and not false.
private func quoted(_ text: String) -> String { JSON.string(text).text }

/// The code of a language.
struct CardCodeTags: TagSource {
  let code: String

  static let tags: [TagDefinition<CardCodeTags>] = [
    .text("code", "such as de, quoted for YAML") { quoted($0.code) }
  ]
}

/// A language by its name.
struct CardLanguageTags: TagSource {
  let name: String

  static let tags: [TagDefinition<CardLanguageTags>] = [
    .text("language", "its name") { markdown($0.name) }
  ]
}

/// The results on one split as the hub's model index has them.
struct CardEvaluationTags: TagSource {
  let split: Split
  let language: String
  let isTranslated: Bool
  let metrics: [CardMetricTags]

  /// - Returns: `nil` without a finite result: the index has no form for what is not a number.
  init?(_ split: Split, _ result: SplitResult, _ results: RunResults, _ origins: Origins) {
    (self.split, language) = (split, languageName(split, results))
    isTranslated = results.targets.contains {
      $0.code == split.language && $0.regime == .translateTest
    }
    // By count the scores would be 0, as of a network that answers and is always wrong.
    if result.isWithoutAnswers { return nil }
    metrics = Metric.all.compactMap { metric in
      let value = results.estimates(split)?[metric].value ?? result[metric]
      guard !result.isAbsent(metric) || results.estimates(split) != nil, value.isFinite else {
        return nil
      }
      return CardMetricTags(metric: metric, value: value, from: origins.split(split))
    }
    if metrics.isEmpty { return nil }
  }

  static let tags: [TagDefinition<CardEvaluationTags>] = [
    .text("dataset", "language and part, quoted for YAML") {
      quoted(
        "\($0.language) \(partName($0.split.part))"
          + ($0.isTranslated ? ", translated into the source language" : ""))
    },
    .text("code", "the language's code, quoted for YAML") { quoted($0.split.language) },
    .text("split", "validation or test") { partName($0.split.part) },
    .list("values", "the metrics that are finite") { $0.metrics },
  ]
}

/// A metric as the hub's model index has it.
struct CardMetricTags: TagSource {
  let metric: Metric
  let value: Double
  let from: Evidence

  /// What the hub calls it; macro F1 is its f1, averaged as the name says.
  private var type: String { metric == .macroF1 ? "f1" : metric.key }

  static let tags: [TagDefinition<CardMetricTags>] = [
    .text("type", "the hub's name of the metric") { $0.type },
    .text("quoted_name", "its name, quoted for YAML") {
      quoted(MetricNameTags(metric: $0.metric).title)
    },
    .number("value", "with six decimals, as YAML reads a number") { source in
      source.from.number(
        String(format: "%.6f", source.value), [source.value],
        EstimateTags.Quantity(source.metric).unit
      ).defined(source.metric.anchor)
    },
  ]
}
