/// How far the confidence of a classifier can be taken at its word.
///
/// An example's confidence is the probability of the class chosen for it. Examples are sorted into
/// bins of equal width by their confidence, each bin holding its upper end, `(b/15, (b+1)/15]`; in
/// every bin the mean confidence is compared with the share labelled correctly (Guo, Pleiss, Sun,
/// Weinberger 2017). The points equal scikit-learn's `calibration_curve(strategy="uniform")`.
public struct Calibration: Equatable, Sendable {
  /// The examples of one range of confidence.
  public struct Bin: Equatable, Sendable {
    /// The range of confidence; its lower end belongs to the bin below.
    public let range: ClosedRange<Double>
    public let count: Int
    /// How many are labelled correctly.
    public let correct: Int
    /// The mean confidence; NaN without examples.
    public let confidence: Double

    /// The share labelled correctly; NaN without examples.
    public var accuracy: Double { Double(correct) / Double(count) }

    /// Wilson's 95 % interval of the accuracy; `nil` without examples.
    public var accuracyInterval: Interval? { wilsonInterval(successes: correct, total: count) }
  }

  /// Ascending, empty ones included; together they cover 0 to 1.
  public let bins: [Bin]

  /// How many bins there are unless something else is asked for, as in Guo et al. (2017).
  public static let usualBins = 15

  /// Sorts examples into bins; `nil` without examples or if a probability is NaN.
  ///
  /// - Parameters:
  ///   - probabilities: one row an example, a value a class.
  ///   - labels: true classes, as many as rows.
  ///   - count: the number of bins, at least 1.
  public init?(probabilities: [[Double]], labels: [Int], bins count: Int = usualBins) {
    precondition(probabilities.count == labels.count && count > 0)
    var (counts, corrects) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
    var sums = [Double](repeating: 0, count: count)
    guard !labels.isEmpty else { return nil }
    for (row, label) in zip(probabilities, labels) {
      var (chosen, confidence) = (0, -Double.infinity)
      for (index, value) in row.enumerated() {
        if value.isNaN { return nil }
        if value > confidence { (chosen, confidence) = (index, value) }
      }
      let place = (confidence * Double(count)).rounded(.up) - 1
      let bin = min(max(Int(place), 0), count - 1)
      counts[bin] += 1
      sums[bin] += confidence
      if chosen == label { corrects[bin] += 1 }
    }
    bins = (0..<count).map { index in
      Bin(
        range: Double(index) / Double(count)...Double(index + 1) / Double(count),
        count: counts[index], correct: corrects[index],
        confidence: sums[index] / Double(counts[index]))
    }
  }

  /// The number of examples.
  public var total: Int { bins.reduce(0) { $0 + $1.count } }

  /// The expected calibration error: the distance between confidence and accuracy, averaged over
  /// the examples by bin, `Σ n_b/N · |accuracy_b − confidence_b|`, in `0...1`.
  ///
  /// It grows with the number of bins and is biased upwards in small samples.
  public var expectedError: Double {
    bins.filter { $0.count > 0 }.reduce(0) {
      $0 + Double($1.count) * abs($1.accuracy - $1.confidence)
    } / Double(total)
  }

  /// Mean confidence minus accuracy: above zero the classifier promises too much.
  public var overconfidence: Double {
    bins.filter { $0.count > 0 }.reduce(0) {
      $0 + Double($1.count) * ($1.confidence - $1.accuracy)
    } / Double(total)
  }
}

/// The Brier score of a classifier of several classes (Brier 1950): the squared distance between the
/// probabilities and the truth, `1/N Σ_i Σ_k (p_ik − [y_i = k])²`.
///
/// Equals scikit-learn's `brier_score_loss(scale_by_half=False)`. Guessing all of K classes alike
/// costs `1 − 1/K`.
///
/// - Parameters:
///   - probabilities: one row an example, a value a class.
///   - labels: true classes, as many as rows.
/// - Returns: in `0...2`; NaN without examples or if a probability is.
public func brierScore(probabilities: [[Double]], labels: [Int]) -> Double {
  precondition(probabilities.count == labels.count)
  var sum = 0.0
  for (row, label) in zip(probabilities, labels) {
    for (index, value) in row.enumerated() {
      let distance = value - (index == label ? 1 : 0)
      sum += distance * distance
    }
  }
  return sum / Double(labels.count)
}
