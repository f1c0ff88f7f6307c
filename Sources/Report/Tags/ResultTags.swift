internal import Metrics
internal import Results
internal import RunLog

/// A row of the results table.
struct SplitTags: TagSource {
  let language: String
  let part: String
  let isRunning: Bool
  let examples: PrintedNumber
  let loss: EstimateTags?
  let accuracy: EstimateTags?
  let macroF1: EstimateTags?
  let auc: EstimateTags?
  let calibrationError: EstimateTags?
  let baselines: BaselineTags?

  init(_ split: Split, _ result: SplitResult, _ results: RunResults, _ origins: Origins) {
    language = markdown(languageName(split, results))
    part = partName(split.part)
    isRunning = result.isRunning
    let from = origins.split(split)
    examples = result.examples.map { from.count($0) } ?? from.unknown(.count)
    if let estimates = results.estimates(split) {
      loss = EstimateTags(estimates.loss, .nats, "loss", from: from)
      accuracy = EstimateTags(estimates.accuracy, .share, "accuracy", from: from)
      macroF1 = EstimateTags(estimates.macroF1, .score, "f1", from: from)
      auc =
        estimates.macroAUC.map { EstimateTags($0, .score, "auc", from: from) }
        ?? EstimateTags(nil, .score, "auc", from: from)
      calibrationError =
        estimates.calibration.map { EstimateTags($0, from: from) }
        ?? EstimateTags(nil, .score, "calibration", from: from)
      baselines = BaselineTags(estimates, results.labels, from)
    } else {
      // What a history does not hold is unknown.
      func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
      loss = EstimateTags(known(result.loss), .nats, "loss", from: from)
      accuracy = EstimateTags(known(result.accuracy), .share, "accuracy", from: from)
      macroF1 = EstimateTags(known(result.macroF1), .score, "f1", from: from)
      auc = EstimateTags(nil, .score, "auc", from: from)
      calibrationError = EstimateTags(nil, .score, "calibration", from: from)
      baselines = nil
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
    .section("loss", \.loss, "mean cross-entropy in nats"),
    .section("accuracy", \.accuracy, "share of examples labelled correctly"),
    .section("macro_f1", \.macroF1, "mean F1 of the classes"),
    .section("auc", \.auc, "mean one-versus-rest area under the ROC curve"),
    .section(
      "calibration_error", \.calibrationError,
      "debiased expected calibration error, with its bootstrap spread after ±"),
    .section("baselines", \.baselines, "what answers score that never look at the text"),
  ]
}

/// What answers score that never look at the text.
struct BaselineTags: TagSource {
  let shares: PrintedNumber
  let majorityAccuracy: PrintedNumber
  let majorityMacroF1: PrintedNumber
  let chanceAccuracy: PrintedNumber
  let chanceMacroF1: PrintedNumber
  let chanceLoss: PrintedNumber

  init(_ estimates: SplitEstimates, _ labels: [String], _ from: Evidence) {
    let shares = estimates.classCounts.map { Double($0) / Double(estimates.examples) }
    // Of many classes the smallest and the largest share say enough.
    let text =
      shares.count > 5
      ? "\(NumberFormat.percent(shares.min() ?? .nan)) to \(NumberFormat.percent(shares.max() ?? .nan))"
      : zip(labels, shares).map { "\(markdown($0)) \(NumberFormat.percent($1))" }
        .joined(separator: ", ")
    self.shares = from.number(text, shares, .share)
    let baselines = estimates.baselines
    func defined(_ number: PrintedNumber) -> PrintedNumber { number.defined("baselines") }
    majorityAccuracy = defined(from.percent(baselines.majorityAccuracy))
    majorityMacroF1 = defined(from.decimal(baselines.majorityMacroF1, digits: 3, .score))
    chanceAccuracy = defined(from.percent(baselines.chanceAccuracy))
    chanceMacroF1 = defined(from.decimal(baselines.chanceMacroF1, digits: 3, .score))
    chanceLoss = defined(from.decimal(baselines.chanceLoss, digits: 3, .nats))
  }

  static let tags: [TagDefinition<BaselineTags>] = [
    .number("shares", \.shares, "the share of each class"),
    .number("majority_accuracy", \.majorityAccuracy, "of always naming the most frequent class"),
    .number("majority_macro_f1", \.majorityMacroF1, "of the same"),
    .number("chance_accuracy", \.chanceAccuracy, "of naming every class equally often"),
    .number("chance_macro_f1", \.chanceMacroF1, "of the same"),
    .number("chance_loss", \.chanceLoss, "of giving every class the same probability"),
  ]
}
