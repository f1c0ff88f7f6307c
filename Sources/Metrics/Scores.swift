/// What a classifier's logits are worth, of which every metric is made: each example's loss, and what was
/// taken for what.
public struct Scores: Sendable {
  /// The true classes.
  public let labels: [Int]
  /// The cross-entropy of each example in nats; NaN without an answer.
  public let losses: [Double]
  /// What each example was taken for; `nil` without an answer.
  public let predictions: [Int?]
  public let confusion: ConfusionMatrix

  /// Whether each example was labelled correctly; no answer is none.
  public var hits: [Bool] { zip(predictions, labels).map { $0 == $1 } }

  /// Scores logits against the truth.
  ///
  /// - Parameters:
  ///   - labels: true classes, each in `0..<classes`.
  ///   - classes: at least 1.
  ///   - row: gives the logits of an example, a value per class.
  public init(labels: [Int], classes: Int, row: (Int) -> ArraySlice<Float>) {
    self.labels = labels
    losses = labels.indices.map { crossEntropy(row($0), label: labels[$0]) }
    predictions = labels.indices.map { predictedClass(row($0)) }
    confusion = ConfusionMatrix(labels: labels, predictions: predictions, classes: classes)
  }
}
