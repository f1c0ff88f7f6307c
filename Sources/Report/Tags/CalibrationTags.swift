internal import Metrics
internal import Results
internal import RunLog

/// How far the model's probabilities can be believed.
struct CalibrationTags: TagSource {
  let scaling: TemperatureScaling?
  let splits: [CalibrationSplitTags]
  let fitted: Evidence

  /// - Returns: `nil` without predictions on validation or test.
  init?(_ results: RunResults, _ origins: Origins) {
    let scaling = results.temperatureScaling()
    let fitted = origins.split(Split(results.source.code, .validation))
    (self.scaling, self.fitted) = (scaling, fitted)
    splits = aligned(
      orderedSplits(results).filter { $0.part != .train }.compactMap { split in
        results.estimates(split).map { estimates in
          CalibrationSplitTags(
            split: split, language: languageName(split, results), estimates: estimates,
            effect: scaling?.effects.first { $0.split == split }, from: origins.split(split),
            fitted: fitted)
        }
      })
    if splits.isEmpty { return nil }
  }

  private var interval: Interval? { scaling?.temperature.value.interval }

  static let tags: [TagDefinition<CalibrationTags>] = [
    .section("temperature", "the temperature fitted on source validation, if any") { source in
      source.scaling.map {
        EstimateTags($0.temperature.value, .ratio, "temperature", from: source.fitted)
      }
    },
    .condition("is_overconfident", "whether its interval lies above 1") {
      $0.interval.map { $0.lower > 1 } ?? false
    },
    .condition("is_underconfident", "whether it lies below 1") {
      $0.interval.map { $0.upper < 1 } ?? false
    },
    .list("splits", "one entry per validation or test split") { $0.splits },
  ]
}

/// The calibration of a split, before and after scaling.
struct CalibrationSplitTags: TableRow {
  let split: Split
  let language: String
  let estimates: SplitEstimates
  let effect: TemperatureScaling.Effect?
  let from: Evidence
  let fitted: Evidence
  var columns: [String: EstimateTags] = [:]

  private var both: Evidence { from + fitted }

  static let tags: [TagDefinition<CalibrationSplitTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .text("part", "validation or test") { partName($0.split.part) },
    .condition("is_fitted_here", "whether the temperature was fitted on it") {
      $0.effect?.isFittedHere ?? false
    },
    .column("error", "debiased calibration error, with its bootstrap spread after ±") {
      EstimateTags($0.estimates.calibration, "calibration", from: $0.from)
    },
    .column("brier", "Brier score") {
      EstimateTags($0.estimates.brier, orUnknown: .score, "brier-score", from: $0.from)
    },
    .column("loss_change", "what scaling does to the loss") { row in
      row.effect.map {
        EstimateTags($0.lossChange, .natsChange, "temperature", from: row.both)
      } ?? EstimateTags(nil, .nats, "temperature", from: row.both)
    },
    .column("error_after", "the calibration error after scaling") {
      EstimateTags($0.effect?.calibrationAfter, "temperature", from: $0.both)
    },
    .column("brier_change", "what scaling does to the Brier score") { row in
      row.effect.map {
        EstimateTags($0.brierChange, .scoreChange, "temperature", from: row.both)
      } ?? EstimateTags(nil, .score, "temperature", from: row.both)
    },
  ]
}
