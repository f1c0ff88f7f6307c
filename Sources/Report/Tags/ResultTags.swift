internal import Metrics
internal import Results
internal import RunLog

/// A row of the results table.
struct SplitTags: TagSource {
  let language: String
  let part: String
  let isRunning: Bool
  let examples: PrintedNumber
  var loss: EstimateTags?
  var accuracy: EstimateTags?
  var macroF1: EstimateTags?
  var auc: EstimateTags?
  var calibrationError: EstimateTags?

  init(_ split: Split, _ result: SplitResult, _ results: RunResults, _ origins: Origins) {
    language = markdown(languageName(split, results))
    part = partName(split.part)
    isRunning = result.isRunning
    let from = origins.split(split)
    examples = result.examples.map { from.count($0) } ?? from.unknown(.count)
    if result.isWithoutAnswers {
      // By count the scores would be 0, as of a network that answers and is always wrong.
      loss = EstimateTags(result.loss, .nats, "loss", from: from)
      accuracy = EstimateTags(nil, .share, "accuracy", from: from)
      macroF1 = EstimateTags(nil, .score, "f1", from: from)
      auc = EstimateTags(nil, .score, "auc", from: from)
      calibrationError = EstimateTags(nil, .score, "calibration", from: from)
    } else if let estimates = results.estimates(split) {
      loss = EstimateTags(estimates[.loss], .nats, "loss", from: from)
      accuracy = EstimateTags(estimates[.accuracy], .share, "accuracy", from: from)
      macroF1 = EstimateTags(estimates[.macroF1], .score, "f1", from: from)
      auc =
        estimates.macroAUC.map { EstimateTags($0, .score, "auc", from: from) }
        ?? EstimateTags(nil, .score, "auc", from: from)
      calibrationError =
        estimates.calibration.map { EstimateTags($0, from: from) }
        ?? EstimateTags(nil, .score, "calibration", from: from)
    } else {
      // What a log does not hold is unknown; what it holds is printed, were it "not a number".
      func logged(_ metric: Metric) -> Double? {
        result.isAbsent(metric) ? nil : result[metric]
      }
      loss = EstimateTags(logged(.loss), .nats, "loss", from: from)
      accuracy = EstimateTags(logged(.accuracy), .share, "accuracy", from: from)
      macroF1 = EstimateTags(logged(.macroF1), .score, "f1", from: from)
      auc = EstimateTags(nil, .score, "auc", from: from)
      calibrationError = EstimateTags(nil, .score, "calibration", from: from)
    }
  }

  static func rows(_ results: RunResults, _ origins: Origins) -> [SplitTags] {
    aligned(
      orderedSplits(results).compactMap { split in
        results.selected[split].map { SplitTags(split, $0, results, origins) }
      }, \.loss, \.accuracy, \.macroF1, \.auc, \.calibrationError)
  }

  static let tags: [TagDefinition<SplitTags>] = [
    .text("language", \.language, "the split's language"),
    .text("part", \.part, "training, validation or test"),
    .condition("is_running", \.isRunning, "whether the values were taken while training"),
    .number("examples", \.examples, "how many examples it has"),
    .section("loss", \.loss, "mean cross-entropy in nats"),
    .section("accuracy", \.accuracy, "share of examples labelled correctly"),
    .section("macro_f1", \.macroF1, "mean F1 of the classes"),
    .section("auc", \.auc, "mean one-versus-rest area under the ROC curve"),
    .section(
      "calibration_error", \.calibrationError,
      "debiased expected calibration error, with its bootstrap spread after ±"),
  ]
}

/// What answers score that never look at the text, on splits with the same shares of classes.
struct BaselineTags: TagSource {
  let splits: [SplitNameTags]
  let isEverySplit: Bool
  let shares: PrintedNumber
  let majorityAccuracy: PrintedNumber
  let majorityMacroF1: PrintedNumber
  let chanceAccuracy: PrintedNumber
  let chanceMacroF1: PrintedNumber
  let chanceLoss: PrintedNumber

  /// One entry for all splits that have the same shares.
  static func groups(_ results: RunResults, _ origins: Origins) -> [BaselineTags] {
    var groups: [(baselines: Baselines, counts: [Int], splits: [Split])] = []
    for split in orderedSplits(results) {
      guard let confusion = results.selected[split]?.confusion, confusion.total > 0 else {
        continue
      }
      let counts = (0..<confusion.classes).map(confusion.support)
      let shares = counts.map { Double($0) / Double(confusion.total) }
      if let index = groups.firstIndex(where: { group in
        let total = Double(group.counts.reduce(0, +))
        return group.counts.map { Double($0) / total } == shares
      }) {
        groups[index].splits.append(split)
      } else {
        groups.append((Baselines(counts), counts, [split]))
      }
    }
    return groups.map {
      BaselineTags(
        $0.baselines, $0.counts, $0.splits, isEverySplit: groups.count == 1, results, origins)
    }
  }

  private init(
    _ baselines: Baselines, _ counts: [Int], _ splits: [Split], isEverySplit: Bool,
    _ results: RunResults, _ origins: Origins
  ) {
    let from = splits.reduce(Evidence([])) { $0 + origins.split($1) }
    self.splits = splits.map {
      SplitNameTags(
        language: markdown(languageName($0, results)), part: partName($0.part))
    }
    self.isEverySplit = isEverySplit && splits.count > 1
    let total = counts.reduce(0, +)
    let shares = counts.map { Double($0) / Double(total) }
    // Of many classes the smallest and the largest share say enough.
    let text =
      shares.count > 5
      ? [shares.min(), shares.max()].map { NumberFormat.percent($0 ?? .nan) }
        .joined(separator: " to ")
      : zip(results.labels, shares).map { "\(markdown($0)) \(NumberFormat.percent($1))" }
        .joined(separator: ", ")
    self.shares = from.number(text, shares, .share)
    func defined(_ number: PrintedNumber) -> PrintedNumber { number.defined("baselines") }
    majorityAccuracy = defined(from.percent(baselines.majorityAccuracy))
    majorityMacroF1 = defined(from.decimal(baselines.majorityMacroF1, digits: 3, .score))
    chanceAccuracy = defined(from.percent(baselines.chanceAccuracy))
    chanceMacroF1 = defined(from.decimal(baselines.chanceMacroF1, digits: 3, .score))
    chanceLoss = defined(from.decimal(baselines.chanceLoss, digits: 3, .nats))
  }

  static let tags: [TagDefinition<BaselineTags>] = [
    .list("splits", \.splits, "the splits"),
    .condition("is_every_split", \.isEverySplit, "whether all splits have the same shares"),
    .number("shares", \.shares, "the share of each class"),
    .number("majority_accuracy", \.majorityAccuracy, "of always naming the most frequent class"),
    .number("majority_macro_f1", \.majorityMacroF1, "of the same"),
    .number("chance_accuracy", \.chanceAccuracy, "of naming every class equally often"),
    .number("chance_macro_f1", \.chanceMacroF1, "of the same"),
    .number("chance_loss", \.chanceLoss, "of giving every class the same probability"),
  ]
}

/// The name of a split.
struct SplitNameTags: TagSource {
  let language: String
  let part: String

  static let tags: [TagDefinition<SplitNameTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "training, validation or test"),
  ]
}
