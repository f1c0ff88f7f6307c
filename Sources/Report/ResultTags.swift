internal import Metrics
internal import Results
internal import RunLog

/// A row of the results table.
struct SplitTags: TagSource {
  let language: String
  let part: String
  let isRunning: Bool
  let examples: String
  let loss: String
  let accuracy: String
  let interval: String?
  let macroF1: String
  let auc: String
  let majority: String

  init(_ split: Split, _ result: SplitResult, _ results: RunResults) {
    language = markdown(languageName(split, results))
    part = partName(split.part)
    isRunning = result.isRunning
    examples = result.examples.map { NumberFormat.count($0) } ?? NumberFormat.unknown
    loss = known(result.loss) { NumberFormat.decimal($0, digits: 3) }
    accuracy = known(result.accuracy) { NumberFormat.percent($0) }
    interval = result.accuracyInterval.map { shares($0) }
    macroF1 = known(result.macroF1) { NumberFormat.decimal($0, digits: 3) }
    auc =
      results.macroAreas[split].map { NumberFormat.decimal($0, digits: 3) } ?? NumberFormat.unknown
    majority =
      result.confusion.map { NumberFormat.percent($0.majorityShare) } ?? NumberFormat.unknown
    /// A number that a history does not hold is unknown; one computed from logits was computed.
    func known(_ value: Double, _ format: (Double) -> String) -> String {
      value.isNaN && result.confusion == nil ? NumberFormat.unknown : format(value)
    }
  }

  static func rows(_ results: RunResults) -> [SplitTags] {
    orderedSplits(results).compactMap { split in
      results.selected[split].map { SplitTags(split, $0, results) }
    }
  }

  static let tags: [TagDefinition<SplitTags>] = [
    .text("language", \.language, "the split's language"),
    .text("part", \.part, "training, validation or test"),
    .condition("is_running", \.isRunning, "whether the values were taken while training"),
    .text("examples", \.examples, "how many examples it has"),
    .text("loss", \.loss, "mean cross-entropy in nats"),
    .text("accuracy", \.accuracy, "share of examples labelled correctly"),
    .optionalText("interval", \.interval, "Wilson's 95 % interval of the accuracy in percent"),
    .text("macro_f1", \.macroF1, "mean F1 of the classes"),
    .text("auc", \.auc, "mean one-versus-rest area under the ROC curve"),
    .text("majority", \.majority, "share of the most frequent class"),
  ]
}

/// A class of a language, on validation, or on test where there is no validation.
struct ClassTags: TagSource {
  let language: String
  let part: String
  let label: String
  let support: String
  let precision: String
  let recall: String
  let f1: String
  let auc: String

  static func rows(_ results: RunResults) -> [ClassTags] {
    ([results.source] + results.targets).flatMap { language -> [ClassTags] in
      let splits = [Split(language.code, .validation), Split(language.code, .test)]
      guard let split = splits.first(where: { results.selected[$0]?.confusion != nil }),
        let confusion = results.selected[split]?.confusion
      else { return [] }
      return results.labels.indices.map { index in
        let area = results.roc[split]?.classes[index]?.area
        return ClassTags(
          language: markdown(language.name), part: partName(split.part),
          label: markdown(results.labels[index]),
          support: NumberFormat.count(confusion.support(index)),
          precision: NumberFormat.decimal(confusion.precision(index), digits: 3),
          recall: NumberFormat.decimal(confusion.recall(index), digits: 3),
          f1: NumberFormat.decimal(confusion.f1(index), digits: 3),
          auc: area.map { NumberFormat.decimal($0, digits: 3) } ?? NumberFormat.unknown)
      }
    }
  }

  static let tags: [TagDefinition<ClassTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "validation or test"),
    .text("label", \.label, "the class"),
    .text("support", \.support, "examples of the class"),
    .text("precision", \.precision, "of the examples labelled so, the share that are so"),
    .text("recall", \.recall, "of the examples that are so, the share labelled so"),
    .text("f1", \.f1, "harmonic mean of precision and recall"),
    .text("auc", \.auc, "area under the class's ROC curve"),
  ]
}

/// How far a target language is behind the source.
struct GapTags: TagSource {
  let language: String
  let validation: GapPartTags?
  let test: GapPartTags?

  init?(_ target: RunResults.Language, _ results: RunResults) {
    language = markdown(target.name)
    validation = results.selectedGap(to: target, .validation).map {
      GapPartTags($0, target, .validation, results)
    }
    test = results.selectedGap(to: target, .test).map { GapPartTags($0, target, .test, results) }
    if validation == nil, test == nil { return nil }
  }

  static let tags: [TagDefinition<GapTags>] = [
    .text("language", \.language, "the target language"),
    .section("validation", \.validation, "the gap on the validation splits"),
    .section("test", \.test, "the gap on the test splits"),
  ]
}

/// A transfer gap on one part of the data, and what it means.
struct GapPartTags: TagSource {
  let points: String
  let interval: String?
  let accuracy: String
  let accuracyInterval: String?
  let sourceAccuracy: String
  let examples: String?
  let size: String
  let sizeInterval: String?
  let isPositive: Bool
  let isNegative: Bool
  let isIndistinct: Bool
  let isVague: Bool
  let isWithoutInterval: Bool
  let isUnknown: Bool

  init(
    _ gap: TransferGap, _ target: RunResults.Language, _ part: Part, _ results: RunResults
  ) {
    let result = results.selected[Split(target.code, part)]
    points = gap.gap.isNaN ? NumberFormat.unknown : NumberFormat.points(gap.gap)
    interval = gap.interval.map {
      "\(NumberFormat.points($0.lower)) to \(NumberFormat.points($0.upper))"
    }
    accuracy = NumberFormat.percent(result?.accuracy ?? .nan)
    accuracyInterval = result?.accuracyInterval.map { "\(shares($0)) %" }
    sourceAccuracy = NumberFormat.percent(
      results.selected[Split(results.source.code, part)]?.accuracy ?? .nan)
    examples = result?.examples.map { NumberFormat.count($0, "example") }
    size = NumberFormat.decimal(abs(100 * gap.gap), digits: 1)
    sizeInterval = gap.interval.map { interval in
      let (lower, upper) =
        gap.gap < 0 ? (-interval.upper, -interval.lower) : (interval.lower, interval.upper)
      return NumberFormat.decimal(100 * lower, digits: 1) + " to "
        + NumberFormat.decimal(100 * upper, digits: 1)
    }
    isUnknown = gap.gap.isNaN
    isWithoutInterval = !isUnknown && gap.interval == nil
    isIndistinct = !isUnknown && gap.interval?.contains(0) ?? false
    // Twenty points between the ends: an answer of any practical size would fit in.
    isVague = isIndistinct && gap.interval.map { $0.upper - $0.lower > 0.2 } ?? false
    isPositive = !isUnknown && gap.interval.map { $0.lower > 0 } ?? false
    isNegative = !isUnknown && gap.interval.map { $0.upper < 0 } ?? false
  }

  static let tags: [TagDefinition<GapPartTags>] = [
    .text("points", \.points, "source minus target accuracy in percentage points, with its sign"),
    .optionalText("interval", \.interval, "the 95 % interval, with signs"),
    .text("accuracy", \.accuracy, "the target's accuracy"),
    .optionalText("accuracy_interval", \.accuracyInterval, "Wilson's 95 % interval of it"),
    .text("source_accuracy", \.sourceAccuracy, "the source's accuracy"),
    .optionalText("examples", \.examples, "the target's examples, with the noun"),
    .text("size", \.size, "the gap in percentage points without its sign"),
    .optionalText(
      "size_interval", \.sizeInterval, "the 95 % interval, turned to the side of the gap"),
    .condition("is_positive", \.isPositive, "whether the interval lies above zero"),
    .condition("is_negative", \.isNegative, "whether the interval lies below zero"),
    .condition("is_indistinct", \.isIndistinct, "whether the interval holds zero"),
    .condition("is_vague", \.isVague, "whether it does and is wider than 20 points"),
    .condition("is_without_interval", \.isWithoutInterval, "whether no interval is known"),
    .condition("is_unknown", \.isUnknown, "whether an accuracy is missing"),
  ]
}

/// An interval of shares in percent, such as `74.9–81.5`.
func shares(_ interval: Interval) -> String {
  NumberFormat.decimal(100 * interval.lower, digits: 1) + "–"
    + NumberFormat.decimal(100 * interval.upper, digits: 1)
}
