public import Metrics
public import RunLog

/// A temperature fitted on source validation, and what it does to other splits.
public struct TemperatureScaling: Sendable {
  /// What dividing the logits by the temperature does to a split; no label changes.
  public struct Effect: Sendable {
    public let split: Split
    /// Whether the temperature was fitted on these very examples.
    public let isFittedHere: Bool
    public let lossBefore: Double
    public let lossAfter: Double
    /// The loss afterwards minus before, with the interval of a mean of the examples' differences.
    public let lossChange: Estimate
    public let calibrationBefore: CalibrationError
    public let calibrationAfter: CalibrationError
    public let brierBefore: Double
    public let brierAfter: Double
    /// Likewise.
    public let brierChange: Estimate
  }
  public let temperature: Temperature
  /// Source and targets, validation and test.
  public let effects: [Effect]
}

extension RunResults {
  /// Fits a temperature on source validation after the selected epoch and applies it to every validation
  /// and test split; `nil` without predictions or where no temperature is best.
  public func temperatureScaling() -> TemperatureScaling? {
    let fitted = Split(source.code, .validation)
    guard let validation = predictions[fitted],
      let temperature = Temperature(logits: validation.rows, labels: validation.labels)
    else { return nil }
    let effects = ([source] + targets).flatMap { language in
      [Part.validation, .test].compactMap { part -> TemperatureScaling.Effect? in
        let split = Split(language.code, part)
        return predictions[split].flatMap {
          effect(temperature.value.value, on: $0, split, isFittedHere: split == fitted)
        }
      }
    }
    return TemperatureScaling(temperature: temperature, effects: effects)
  }

  private func effect(
    _ temperature: Double, on predictions: Predictions, _ split: Split, isFittedHere: Bool
  ) -> TemperatureScaling.Effect? {
    let labels = predictions.labels
    let (before, after) = (
      predictions.rows.map { softmax($0) },
      predictions.rows.map { row in softmax(row.map { $0 / temperature }) }
    )
    guard let errorBefore = CalibrationError(probabilities: before, labels: labels),
      let errorAfter = CalibrationError(probabilities: after, labels: labels)
    else { return nil }
    func losses(_ divisor: Double) -> [Double] {
      zip(predictions.rows, labels).map { row, label in
        crossEntropy(row.map { $0 / divisor }, label: label)
      }
    }
    let loss = (losses(1), losses(temperature))
    let brier = (
      brierLosses(probabilities: before, labels: labels),
      brierLosses(probabilities: after, labels: labels)
    )
    return TemperatureScaling.Effect(
      split: split, isFittedHere: isFittedHere,
      lossBefore: mean(loss.0), lossAfter: mean(loss.1), lossChange: change(loss.0, loss.1),
      calibrationBefore: errorBefore, calibrationAfter: errorAfter,
      brierBefore: mean(brier.0), brierAfter: mean(brier.1), brierChange: change(brier.0, brier.1))
  }
}

private func mean(_ values: [Double]) -> Double {
  values.reduce(0, +) / Double(values.count)
}

/// The mean of the examples' differences, `after − before`.
private func change(_ before: [Double], _ after: [Double]) -> Estimate {
  let differences = zip(before, after).map { $1 - $0 }
  return Estimate(mean(differences), normalInterval(ofMean: differences), by: .meanInterval)
}

extension Predictions {
  /// The logits row by row.
  fileprivate var rows: [[Double]] { labels.indices.map { row($0).map { Double($0) } } }
}
