internal import Metrics
internal import RunLog

/// What stored logits tell of splits beyond loss, accuracy and F1.
struct ScoredPredictions {
  private(set) var predictions: [Split: Predictions] = [:]
  private(set) var roc: [Split: MulticlassROC] = [:]
  private(set) var macroAreas: [Split: Double] = [:]
  private(set) var calibration: [Split: Calibration] = [:]
  private(set) var brierScores: [Split: Double] = [:]

  /// Scores a split; of training, whose logits were taken in passing, only the mean area.
  mutating func add(_ predictions: Predictions, of split: Split) {
    self.predictions[split] = predictions
    let probabilities = predictions.probabilities
    let curves = MulticlassROC(
      probabilities: probabilities, labels: predictions.labels, classes: predictions.classes)
    macroAreas[split] = curves.macroArea
    if split.part == .train { return }
    roc[split] = curves
    calibration[split] = Calibration(probabilities: probabilities, labels: predictions.labels)
    if calibration[split] != nil {
      brierScores[split] = brierScore(probabilities: probabilities, labels: predictions.labels)
    }
  }
}
