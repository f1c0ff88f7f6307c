/// How often each class was taken for each: rows are true classes, columns predicted ones.
///
/// An example without an answer counts as one of its class that was taken for none: as wrong in the
/// accuracy, and as missed in recall and F1.
///
/// All the metrics of this type equal scikit-learn's (`sklearn.metrics`, with `zero_division=0`); without
/// an answer it has another label, which is left out of the mean of F1 (`labels=`).
public struct ConfusionMatrix: Equatable, Sendable {
  /// The number of classes.
  public let classes: Int
  /// One per class, and one more if an example has no answer: the last.
  private let columns: Int
  /// Row by row.
  private var counts: [Int]

  /// Counts pairs of true and predicted class.
  ///
  /// - Parameters:
  ///   - labels: true classes, each in `0..<classes`.
  ///   - predictions: predicted classes, as many as labels; `nil` where there is no answer.
  ///   - classes: at least 1.
  public init(labels: [Int], predictions: [Int?], classes: Int) {
    precondition(labels.count == predictions.count && classes >= 1)
    self.classes = classes
    columns = predictions.contains { $0 == nil } ? classes + 1 : classes
    counts = [Int](repeating: 0, count: classes * columns)
    for (label, prediction) in zip(labels, predictions) {
      precondition((0..<classes).contains(label) && (0..<classes).contains(prediction ?? 0))
      counts[label * columns + (prediction ?? classes)] += 1
    }
  }

  /// A matrix of counts, row by row, with or without a last column for examples without an answer.
  init(cells: [Int], classes: Int) {
    precondition(cells.count == classes * classes || cells.count == classes * (classes + 1))
    (counts, self.classes, columns) = (cells, classes, cells.count / classes)
  }

  /// All counts, row by row.
  var cells: [Int] { counts }

  /// How many examples of class `label` were taken for class `prediction`.
  public subscript(label: Int, prediction: Int) -> Int { counts[label * columns + prediction] }

  /// The number of examples.
  public var total: Int { counts.reduce(0, +) }

  /// How many examples of a class have no answer.
  public func unanswered(_ label: Int) -> Int { columns > classes ? self[label, classes] : 0 }

  /// How many examples have no answer.
  public var unanswered: Int { (0..<classes).reduce(0) { $0 + unanswered($1) } }

  /// The number of examples taken for what they are.
  public var correct: Int { (0..<classes).reduce(0) { $0 + self[$1, $1] } }

  /// The examples of each class, and those taken for it, in one pass.
  private var sums: (supports: [Int], predicted: [Int]) {
    var (supports, predicted) = (
      [Int](repeating: 0, count: classes), [Int](repeating: 0, count: classes)
    )
    var place = 0
    for label in 0..<classes {
      for prediction in 0..<columns {
        supports[label] += counts[place]
        if prediction < classes { predicted[prediction] += counts[place] }
        place += 1
      }
    }
    return (supports, predicted)
  }

  /// The F1 of each class; see `f1`.
  var f1Scores: [Double] {
    let (supports, predicted) = sums
    return (0..<classes).map { ratio(2 * self[$0, $0], supports[$0] + predicted[$0]) }
  }

  /// The share of examples taken for what they are; NaN without examples.
  public var accuracy: Double { Double(correct) / Double(total) }

  /// The number of examples of a class.
  public func support(_ label: Int) -> Int {
    (0..<columns).reduce(0) { $0 + self[label, $1] }
  }

  /// The number of examples taken for a class.
  public func predicted(_ label: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[$1, label] }
  }

  /// Of the examples taken for the class, the share that are of it; 0 if none were taken for it.
  public func precision(_ label: Int) -> Double { ratio(self[label, label], predicted(label)) }

  /// Of the examples of the class, the share taken for it; 0 if there are none.
  public func recall(_ label: Int) -> Double { ratio(self[label, label], support(label)) }

  /// The harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`; 0 if nothing is there.
  public func f1(_ label: Int) -> Double {
    ratio(2 * self[label, label], predicted(label) + support(label))
  }

  /// The unweighted mean of the F1 of the classes that occur among labels or predictions, as
  /// `f1_score(average="macro")` takes it; NaN without examples.
  public var macroF1: Double {
    let (supports, predicted) = sums
    var (sum, present) = (0.0, 0)
    for label in 0..<classes where supports[label] + predicted[label] > 0 {
      sum += ratio(2 * self[label, label], supports[label] + predicted[label])
      present += 1
    }
    return sum / Double(present)
  }

  /// Matthews' correlation coefficient of several classes (Gorodkin 2004), as `matthews_corrcoef`: the correlation of
  /// true and predicted class, 1 if all are right. 0 where all examples are of one class or were taken for one, and
  /// nothing correlates; NaN without examples.
  ///
  /// Examples without an answer count as taken for a class that no example is of.
  public var matthewsCorrelation: Double {
    let (supports, predicted) = sums
    let total = supports.reduce(0, +)
    guard total > 0 else { return .nan }
    let unanswered = total - predicted.reduce(0, +)
    let ofPredictions = zip(predicted, predicted).reduce(unanswered * unanswered) {
      $0 + $1.0 * $1.1
    }
    let ofLabels = supports.reduce(0) { $0 + $1 * $1 }
    let ofBoth = zip(supports, predicted).reduce(0) { $0 + $1.0 * $1.1 }
    let square = total * total
    let spread = Double(square - ofLabels) * Double(square - ofPredictions)
    return spread == 0 ? 0 : Double(correct * total - ofBoth) / spread.squareRoot()
  }

  /// The share of the most frequent true class: what always naming it would score.
  public var majorityShare: Double {
    Double((0..<classes).map(support).max() ?? 0) / Double(total)
  }

  /// Macro F1 of always naming the most frequent class: that class has `2 m / (1 + m)`, m being its
  /// share, and the others that occur have 0; NaN without examples.
  public var majorityF1: Double {
    let share = majorityShare
    return 2 * share / (1 + share) / Double((0..<classes).count { support($0) > 0 })
  }

  /// A 95 % bootstrap interval of each class's F1; see `bootstrapIntervals`.
  public func f1Intervals(resamples: Int = usualResamples) -> [Interval?] {
    bootstrapIntervals(resamples: resamples, of: \.f1Scores)
  }

  /// Of the examples of other classes, the share taken for the class; NaN if there are none.
  ///
  /// With `recall` the point at which the choice of the most probable class works.
  public func falsePositiveRate(_ label: Int) -> Double {
    Double(predicted(label) - self[label, label]) / Double(total - support(label))
  }

  private func ratio(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }
}

/// The class that logits name: that of the largest, the first of equal ones.
///
/// - Parameter logits: one row, a value per class.
/// - Returns: `nil` if the logits give no probabilities: one is NaN, or the largest is not finite. Those of a
///   network that diverged name nothing, whatever place of theirs comes first.
public func predictedClass(_ logits: ArraySlice<Float>) -> Int? {
  var best: Int?
  var largest = -Float.infinity
  for index in logits.indices {
    let value = logits[index]
    if value.isNaN { return nil }
    if value > largest { (best, largest) = (index - logits.startIndex, value) }
  }
  return largest.isFinite ? best : nil
}

/// The same of a row that is an array of its own.
public func predictedClass(_ logits: [Float]) -> Int? { predictedClass(logits[...]) }
