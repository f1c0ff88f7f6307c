public import Metrics
public import RunLog

/// How well one class of a split is told from the others.
public struct ClassEstimates: Sendable {
  /// The class index.
  public let label: Int
  /// The number of examples.
  public let support: Int
  /// How many were taken for the class.
  public let predicted: Int
  /// Of the examples taken for the class, the share that are of it; Wilson's interval. `nil` where none was.
  public let precision: Estimate?
  /// Of the examples of the class, the share taken for it; Wilson's interval. `nil` where there are none.
  public let recall: Estimate?
  /// `nil` where the class has no examples: F1 is 0 then whatever the network does.
  public let f1: Estimate?
  /// One class against the rest, with DeLong's interval; `nil` without a curve.
  public let auc: Estimate?
}

/// An example that the network labelled wrongly.
public struct Mistake: Equatable, Sendable {
  /// The row in the data file.
  public let id: Int
  /// The true class.
  public let label: Int
  public let prediction: Int
  /// The probability of the prediction.
  public let confidence: Double
  /// `nil` where texts are not stored.
  public let text: String?
}

extension RunResults {
  /// Every class of a split after the selected epoch; `nil` without predictions.
  public func classEstimates(_ split: Split) -> [ClassEstimates]? {
    guard let result = selected[split], let confusion = result.confusion else { return nil }
    let intervals = result.f1Intervals()
    let curves = roc[split]?.classes
    return (0..<confusion.classes).map { label in
      let hits = confusion[label, label]
      // Without a denominator a score is 0 by convention, and nothing is known of it.
      func share(of total: Int) -> Estimate? { total > 0 ? Hits(hits, of: total).estimate : nil }
      return ClassEstimates(
        label: label, support: confusion.support(label), predicted: confusion.predicted(label),
        precision: share(of: confusion.predicted(label)),
        recall: share(of: confusion.support(label)),
        f1: confusion.support(label) > 0
          ? Estimate(confusion.f1(label), intervals[label], by: .acceleratedBootstrap) : nil,
        auc: (curves?[label]).flatMap { $0 }.map {
          Estimate($0.area, $0.interval, by: .areaInterval)
        })
    }
  }

  /// The mistakes that the network was surest of, after the selected epoch.
  ///
  /// - Parameters:
  ///   - split: whose.
  ///   - count: at most how many.
  /// - Returns: the surest first, of equal ones the earlier row; `nil` without predictions. Examples
  ///   without an answer are not among them.
  /// - Throws: what a damaged file of examples throws.
  public func mistakes(_ split: Split, count: Int) throws -> [Mistake]? {
    guard let predictions = predictions[split] else { return nil }
    let texts = Dictionary(
      (try examples.facts(split) ?? []).map { ($0.id, $0.text) },
      uniquingKeysWith: { first, _ in first })
    let mistakes = predictions.labels.indices.compactMap { index -> Mistake? in
      let row = predictions.row(index)
      let label = predictions.labels[index]
      guard let prediction = predictedClass(row), prediction != label else { return nil }
      let confidence = softmax(row)[prediction]
      let id = predictions.ids[index]
      return Mistake(
        id: id, label: label, prediction: prediction, confidence: confidence,
        text: texts[id] ?? nil)
    }
    return Array(
      mistakes.sorted { ($1.confidence, $0.id) < ($0.confidence, $1.id) }.prefix(count))
  }
}
