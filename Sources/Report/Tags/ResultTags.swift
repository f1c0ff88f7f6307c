internal import Metrics
internal import Results
internal import RunLog

/// A row of the results table.
struct SplitTags: TagSource {
  let language: String
  let part: String
  let isRunning: Bool
  let examples: PrintedNumber
  let loss: PrintedNumber
  let accuracy: PrintedNumber
  let interval: PrintedNumber?
  let macroF1: PrintedNumber
  let auc: PrintedNumber
  let majority: PrintedNumber

  init(
    _ split: Split, _ result: SplitResult, _ results: RunResults, _ origins: Origins
  ) {
    language = markdown(languageName(split, results))
    part = partName(split.part)
    isRunning = result.isRunning
    let from = origins.split(split)
    examples = result.examples.map { from.count($0) } ?? from.unknown(.count)
    loss = known(result.loss, .nats) { from.decimal($0, digits: 3, .nats) }
    accuracy = known(result.accuracy, .share) { from.percent($0) }
    interval = result.accuracyInterval.map { from.shares($0) }
    macroF1 = known(result.macroF1, .score) { from.decimal($0, digits: 3, .score) }
    auc =
      results.macroAreas[split].map { from.decimal($0, digits: 3, .score) } ?? from.unknown(.score)
    majority = result.confusion.map { from.percent($0.majorityShare) } ?? from.unknown(.share)
    /// A number that a history does not hold is unknown; one computed from logits was computed.
    func known(
      _ value: Double, _ unit: PrintedNumber.Unit, _ print: (Double) -> PrintedNumber
    ) -> PrintedNumber {
      value.isNaN && result.confusion == nil ? from.unknown(unit) : print(value)
    }
  }

  static func rows(_ results: RunResults, _ origins: Origins) -> [SplitTags] {
    orderedSplits(results).compactMap { split in
      results.selected[split].map { SplitTags(split, $0, results, origins) }
    }
  }

  static let tags: [TagDefinition<SplitTags>] = [
    .text("language", \.language, "the split's language"),
    .text("part", \.part, "training, validation or test"),
    .condition("is_running", \.isRunning, "whether the values were taken while training"),
    .number("examples", \.examples, "how many examples it has"),
    .number("loss", \.loss, "mean cross-entropy in nats"),
    .number("accuracy", \.accuracy, "share of examples labelled correctly"),
    .optionalNumber("interval", \.interval, "Wilson's 95 % interval of the accuracy in percent"),
    .number("macro_f1", \.macroF1, "mean F1 of the classes"),
    .number("auc", \.auc, "mean one-versus-rest area under the ROC curve"),
    .number("majority", \.majority, "share of the most frequent class"),
  ]
}

/// A class of a language, on validation, or on test where there is no validation.
struct ClassTags: TagSource {
  let language: String
  let part: String
  let label: String
  let support: PrintedNumber
  let precision: PrintedNumber
  let recall: PrintedNumber
  let f1: PrintedNumber
  let auc: PrintedNumber

  static func rows(_ results: RunResults, _ origins: Origins) -> [ClassTags] {
    ([results.source] + results.targets).flatMap { language -> [ClassTags] in
      let splits = [Split(language.code, .validation), Split(language.code, .test)]
      guard let split = splits.first(where: { results.selected[$0]?.confusion != nil }),
        let confusion = results.selected[split]?.confusion
      else { return [] }
      let from = origins.split(split)
      return results.labels.indices.map { index in
        let area = results.roc[split]?.classes[index]?.area
        return ClassTags(
          language: markdown(language.name), part: partName(split.part),
          label: markdown(results.labels[index]),
          support: from.count(confusion.support(index)),
          precision: from.decimal(confusion.precision(index), digits: 3, .score),
          recall: from.decimal(confusion.recall(index), digits: 3, .score),
          f1: from.decimal(confusion.f1(index), digits: 3, .score),
          auc: area.map { from.decimal($0, digits: 3, .score) } ?? from.unknown(.score))
      }
    }
  }

  static let tags: [TagDefinition<ClassTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "validation or test"),
    .text("label", \.label, "the class"),
    .number("support", \.support, "examples of the class"),
    .number("precision", \.precision, "of the examples labelled so, the share that are so"),
    .number("recall", \.recall, "of the examples that are so, the share labelled so"),
    .number("f1", \.f1, "harmonic mean of precision and recall"),
    .number("auc", \.auc, "area under the class's ROC curve"),
  ]
}

/// How far a target language is behind the source.
struct GapTags: TagSource {
  let language: String
  let validation: GapPartTags?
  let test: GapPartTags?

  init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) {
    language = markdown(target.name)
    validation = results.selectedGap(to: target, .validation).map {
      GapPartTags($0, target, .validation, results, origins)
    }
    test = results.selectedGap(to: target, .test).map {
      GapPartTags($0, target, .test, results, origins)
    }
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
  let points: PrintedNumber
  let interval: PrintedNumber?
  let accuracy: PrintedNumber
  let accuracyInterval: PrintedNumber?
  let sourceAccuracy: PrintedNumber
  let examples: PrintedNumber?
  let size: PrintedNumber
  let sizeInterval: PrintedNumber?
  let isPositive: Bool
  let isNegative: Bool
  let isIndistinct: Bool
  let isVague: Bool
  let isWithoutInterval: Bool
  let isUnknown: Bool

  init(
    _ gap: TransferGap, _ target: RunResults.Language, _ part: Part, _ results: RunResults,
    _ origins: Origins
  ) {
    let result = results.selected[Split(target.code, part)]
    let ofTarget = origins.split(Split(target.code, part))
    let ofSource = origins.split(Split(results.source.code, part))
    let both = ofSource + ofTarget
    points = gap.gap.isNaN ? both.unknown(.points) : both.points(gap.gap)
    interval = gap.interval.map { both.points($0) }
    accuracy = ofTarget.percent(result?.accuracy ?? .nan)
    accuracyInterval = result?.accuracyInterval.map { ofTarget.shares($0, unit: " %") }
    sourceAccuracy = ofSource.percent(
      results.selected[Split(results.source.code, part)]?.accuracy ?? .nan)
    examples = result?.examples.map { ofTarget.count($0, "example") }
    size = both.number(
      NumberFormat.decimal(abs(100 * gap.gap), digits: 1), [abs(gap.gap)], .points)
    sizeInterval = gap.interval.map { interval in
      let (lower, upper) =
        gap.gap < 0 ? (-interval.upper, -interval.lower) : (interval.lower, interval.upper)
      return both.number(
        NumberFormat.decimal(100 * lower, digits: 1) + " to "
          + NumberFormat.decimal(100 * upper, digits: 1), [lower, upper], .points)
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
    .number("points", \.points, "source minus target accuracy in percentage points, with its sign"),
    .optionalNumber("interval", \.interval, "the 95 % interval, with signs"),
    .number("accuracy", \.accuracy, "the target's accuracy"),
    .optionalNumber("accuracy_interval", \.accuracyInterval, "Wilson's 95 % interval of it"),
    .number("source_accuracy", \.sourceAccuracy, "the source's accuracy"),
    .optionalNumber("examples", \.examples, "the target's examples, with the noun"),
    .number("size", \.size, "the gap in percentage points without its sign"),
    .optionalNumber(
      "size_interval", \.sizeInterval, "the 95 % interval, turned to the side of the gap"),
    .condition("is_positive", \.isPositive, "whether the interval lies above zero"),
    .condition("is_negative", \.isNegative, "whether the interval lies below zero"),
    .condition("is_indistinct", \.isIndistinct, "whether the interval holds zero"),
    .condition("is_vague", \.isVague, "whether it does and is wider than 20 points"),
    .condition("is_without_interval", \.isWithoutInterval, "whether no interval is known"),
    .condition("is_unknown", \.isUnknown, "whether an accuracy is missing"),
  ]
}

extension Evidence {
  /// An interval of shares in percent, such as `74.9–81.5`.
  func shares(_ interval: Interval, unit: String = "") -> PrintedNumber {
    number(
      NumberFormat.decimal(100 * interval.lower, digits: 1) + "–"
        + NumberFormat.decimal(100 * interval.upper, digits: 1) + unit,
      [interval.lower, interval.upper], .share)
  }

  /// An interval of differences in percentage points, such as `−2.7 to +25.3`.
  func points(_ interval: Interval) -> PrintedNumber {
    number(
      NumberFormat.points(interval.lower) + " to " + NumberFormat.points(interval.upper),
      [interval.lower, interval.upper], .points)
  }
}
