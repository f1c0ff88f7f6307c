public import Metrics
public import RunLog

/// The metrics of a split after the selected epoch, each with how sure it is.
public struct SplitEstimates: Sendable {
  /// The number of examples.
  public let examples: Int
  /// Examples of each class.
  public let classCounts: [Int]
  private let metrics: [Metric: Estimate]
  /// The mean of the classes' one-versus-rest areas; `nil` where a class has no curve.
  public let macroAUC: Estimate?
  /// `nil` if a probability is not a number.
  public let calibration: CalibrationError?
  /// The mean Brier loss; `nil` if a probability is not a number.
  public let brier: Estimate?
  public let baselines: Baselines

  init(
    _ predictions: Predictions, _ result: SplitResult, _ confusion: ConfusionMatrix,
    _ roc: MulticlassROC?
  ) {
    examples = confusion.total
    classCounts = (0..<confusion.classes).map(confusion.support)
    metrics = Dictionary(uniqueKeysWithValues: Metric.all.map { ($0, result.estimate($0)) })
    let probabilities = predictions.probabilities
    let curves =
      roc
      ?? MulticlassROC(
        probabilities: probabilities, labels: predictions.labels, classes: confusion.classes)
    macroAUC = curves.macroEstimate
    calibration = CalibrationError(probabilities: probabilities, labels: predictions.labels)
    if calibration == nil {
      brier = nil
    } else {
      let losses = brierLosses(probabilities: probabilities, labels: predictions.labels)
      let interval = normalInterval(ofMean: losses)
      brier = Estimate(
        losses.reduce(0, +) / Double(losses.count),
        interval.map { Interval(lower: max(0, $0.lower), upper: min(2, $0.upper)) },
        by: .meanInterval)
    }
    baselines = Baselines(classCounts)
  }

  /// One of the metrics.
  public subscript(metric: Metric) -> Estimate {
    // Unreachable without: `metrics` holds all of them.
    metrics[metric] ?? Estimate(.nan, nil, by: metric.method)
  }
}

/// What answers that never look at the text score on a split.
public struct Baselines: Equatable, Sendable {
  /// Of always naming the most frequent class: its share.
  public let majorityAccuracy: Double
  /// Of the same.
  public let majorityMacroF1: Double
  /// Of naming every class with equal probability: `1/K`.
  public let chanceAccuracy: Double
  /// Of the same, expected counts for counts: `2 s_k / (1 + K s_k)` on average over classes that occur.
  public let chanceMacroF1: Double
  /// Of giving every class the probability `1/K`: `ln K`, in nats.
  public let chanceLoss: Double
  /// Of giving every class its share as probability, `−Σ s_k ln s_k`: the least that an answer which
  /// never looks can cost.
  public let shareLoss: Double

  /// - Parameter classCounts: examples of each class.
  public init(_ classCounts: [Int]) {
    let (total, classes) = (Double(classCounts.reduce(0, +)), Double(classCounts.count))
    let shares = classCounts.filter { $0 > 0 }.map { Double($0) / total }
    let present = Double(shares.count)
    majorityAccuracy = shares.max() ?? .nan
    majorityMacroF1 = 2 * majorityAccuracy / (1 + majorityAccuracy) / present
    chanceAccuracy = 1 / classes
    // A class that does not occur is named nevertheless; its F1 is 0 and counts, as in macro F1.
    chanceMacroF1 = shares.reduce(0) { $0 + 2 * $1 / (1 + classes * $1) } / classes
    chanceLoss = naturalLogarithm(classes)
    shareLoss = shares.reduce(0) { $0 - $1 * naturalLogarithm($1) }
  }
}

extension RunResults {
  /// The metrics of a split after the selected epoch with their intervals, computed once; `nil` without
  /// predictions.
  public func estimates(_ split: Split) -> SplitEstimates? {
    if let known = estimateStore[split] { return known }
    guard let predictions = predictions[split], predictions.count > 0,
      let result = selected[split], let confusion = result.confusion
    else { return nil }
    let found = SplitEstimates(predictions, result, confusion, roc[split])
    estimateStore[split] = found
    return found
  }
}
