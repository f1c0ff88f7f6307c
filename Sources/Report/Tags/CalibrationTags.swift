internal import Metrics
internal import Results
internal import RunLog

/// How far the model's probabilities can be believed.
struct CalibrationTags: TagSource {
  let temperature: EstimateTags?
  let isOverconfident: Bool
  let isUnderconfident: Bool
  let splits: [CalibrationSplitTags]

  init?(_ results: RunResults, _ origins: Origins) {
    let scaling = results.temperatureScaling()
    let fitted = origins.split(Split(results.source.code, .validation))
    temperature = scaling.map {
      EstimateTags($0.temperature.value, .ratio, "temperature", from: fitted)
    }
    let interval = scaling?.temperature.value.interval
    isOverconfident = interval.map { $0.lower > 1 } ?? false
    isUnderconfident = interval.map { $0.upper < 1 } ?? false
    let rows = orderedSplits(results).filter { $0.part != .train }.compactMap {
      split -> CalibrationSplitTags? in
      guard let estimates = results.estimates(split) else { return nil }
      let effect = scaling?.effects.first { $0.split == split }
      return CalibrationSplitTags(
        split, estimates, effect, results, origins.split(split), fitted: fitted)
    }
    splits = aligned(rows, \.error, \.brier, \.lossChange, \.errorAfter, \.brierChange)
    if splits.isEmpty { return nil }
  }

  static let tags: [TagDefinition<CalibrationTags>] = [
    .section("temperature", \.temperature, "the temperature fitted on source validation, if any"),
    .condition(
      "is_overconfident", \.isOverconfident, "whether its interval lies above 1"),
    .condition(
      "is_underconfident", \.isUnderconfident, "whether it lies below 1"),
    .list("splits", \.splits, "one entry per validation or test split"),
  ]
}

/// The calibration of a split, before and after scaling.
struct CalibrationSplitTags: TagSource {
  let language: String
  let part: String
  let isFittedHere: Bool
  var error: EstimateTags?
  var brier: EstimateTags?
  var lossChange: EstimateTags?
  var errorAfter: EstimateTags?
  var brierChange: EstimateTags?

  init(
    _ split: Split, _ estimates: SplitEstimates, _ effect: TemperatureScaling.Effect?,
    _ results: RunResults, _ from: Evidence, fitted: Evidence
  ) {
    language = markdown(languageName(split, results))
    part = partName(split.part)
    isFittedHere = effect?.isFittedHere ?? false
    let both = from + fitted
    error =
      estimates.calibration.map { EstimateTags($0, from: from) }
      ?? EstimateTags(nil, .score, "calibration", from: from)
    brier =
      estimates.brier.map { EstimateTags($0, .score, "brier-score", from: from) }
      ?? EstimateTags(nil, .score, "brier-score", from: from)
    lossChange =
      effect.map { EstimateTags($0.lossChange, .natsChange, "temperature", from: both) }
      ?? EstimateTags(nil, .nats, "temperature", from: both)
    errorAfter =
      effect.map { EstimateTags($0.calibrationAfter, from: both) }
      ?? EstimateTags(nil, .score, "temperature", from: both)
    brierChange =
      effect.map { EstimateTags($0.brierChange, .scoreChange, "temperature", from: both) }
      ?? EstimateTags(nil, .score, "temperature", from: both)
  }

  static let tags: [TagDefinition<CalibrationSplitTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "validation or test"),
    .condition("is_fitted_here", \.isFittedHere, "whether the temperature was fitted on it"),
    .section("error", \.error, "debiased calibration error, with its bootstrap spread after ±"),
    .section("brier", \.brier, "Brier score"),
    .section("loss_change", \.lossChange, "what scaling does to the loss"),
    .section("error_after", \.errorAfter, "the calibration error after scaling"),
    .section("brier_change", \.brierChange, "what scaling does to the Brier score"),
  ]
}
