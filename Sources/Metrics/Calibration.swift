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
  ///   - probabilities: one row per example, a value per class.
  ///   - labels: true classes, as many as rows.
  ///   - count: the number of bins, at least 1.
  public init?(probabilities: [[Double]], labels: [Int], bins count: Int = usualBins) {
    precondition(probabilities.count == labels.count && count > 0)
    var (counts, corrects) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
    var sums = [Double](repeating: 0, count: count)
    guard !labels.isEmpty else { return nil }
    for (row, label) in zip(probabilities, labels) {
      if row.contains(where: \.isNaN) { return nil }
      let example = Self.place(row, label, bins: count)
      counts[example.bin] += 1
      sums[example.bin] += example.confidence
      if example.isCorrect { corrects[example.bin] += 1 }
    }
    self.init(counts: counts, corrects: corrects, sums: sums)
  }

  fileprivate init(counts: [Int], corrects: [Int], sums: [Double]) {
    let count = counts.count
    bins = (0..<count).map { index in
      Bin(
        range: Double(index) / Double(count)...Double(index + 1) / Double(count),
        count: counts[index], correct: corrects[index],
        confidence: sums[index] / Double(counts[index]))
    }
  }

  /// The bin that an example belongs to, its confidence, and whether the chosen class is right.
  fileprivate static func place(
    _ row: [Double], _ label: Int, bins count: Int
  ) -> (bin: Int, confidence: Double, isCorrect: Bool) {
    var (chosen, confidence) = (0, -Double.infinity)
    for (index, value) in row.enumerated() where value > confidence {
      (chosen, confidence) = (index, value)
    }
    let place = (confidence * Double(count)).rounded(.up) - 1
    return (min(max(Int(place), 0), count - 1), confidence, chosen == label)
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

  /// The expected calibration error less what chance adds to it; at least 0.
  ///
  /// Even a perfectly calibrated classifier has an `expectedError` above 0, since the accuracy of a
  /// bin strays from its expectation. As Kumar, Liang and Ma (2019, "Verified uncertainty
  /// calibration") do for the absolute error, each bin's accuracy is taken to be normal with the
  /// variance `a (1 − a) / n`, and the bias this would add, `Σ n_b/N · (E|N(d_b, σ_b²)| − |d_b|)`
  /// with `d_b` the observed distance, is taken off. They draw the normal; its mean absolute value is
  /// known: `σ √(2/π) exp(−d²/2σ²) + d (1 − 2 Φ(−d/σ))`.
  public var debiasedError: Double {
    var sum = 0.0
    for bin in bins where bin.count > 0 {
      let distance = abs(bin.accuracy - bin.confidence)
      let deviation = (bin.accuracy * (1 - bin.accuracy) / Double(bin.count)).squareRoot()
      var expected = distance
      if deviation > 0 {
        let ratio = distance / deviation
        expected =
          2 * deviation * StandardNormal.density(ratio)
          + distance * (1 - 2 * StandardNormal.share(below: -ratio))
      }
      sum += Double(bin.count) * (2 * distance - expected)
    }
    return max(0, sum / Double(total))
  }

  /// Mean confidence minus accuracy: above zero the classifier promises too much.
  public var overconfidence: Double {
    bins.filter { $0.count > 0 }.reduce(0) {
      $0 + Double($1.count) * ($1.confidence - $1.accuracy)
    } / Double(total)
  }
}

/// The calibration error of a set of examples, as far as it can be estimated.
public struct CalibrationError: Equatable, Sendable {
  /// The expected calibration error as it is usually given, biased upwards.
  public let plugIn: Double
  /// See `Calibration.debiasedError`.
  public let debiased: Double
  /// The standard deviation of the debiased estimate over bootstrap draws of the examples.
  ///
  /// It is no interval: drawing anew adds the chance of the bins a second time, so the percentiles of
  /// the draws lie too high and do not cover.
  public let spread: Double?

  /// Estimates the error; `nil` without examples or if a probability is NaN.
  ///
  /// - Parameters:
  ///   - probabilities: one row per example, a value per class.
  ///   - labels: true classes, as many as rows.
  ///   - resamples: how often to draw the examples.
  public init?(probabilities: [[Double]], labels: [Int], resamples: Int = 1000) {
    guard let calibration = Calibration(probabilities: probabilities, labels: labels) else {
      return nil
    }
    (plugIn, debiased) = (calibration.expectedError, calibration.debiasedError)
    let count = labels.count
    guard count > 1 else {
      spread = nil
      return
    }
    let examples = zip(probabilities, labels).map { row, label in
      Calibration.place(row, label, bins: Calibration.usualBins)
    }
    var random = SeededStream(seed: 0x6361_6C69)
    var drawn: [Double] = []
    let bins = Calibration.usualBins
    for _ in 0..<resamples {
      var (counts, corrects) = ([Int](repeating: 0, count: bins), [Int](repeating: 0, count: bins))
      var sums = [Double](repeating: 0, count: bins)
      for _ in 0..<count {
        let example = examples[random.below(count)]
        counts[example.bin] += 1
        sums[example.bin] += example.confidence
        if example.isCorrect { corrects[example.bin] += 1 }
      }
      drawn.append(Calibration(counts: counts, corrects: corrects, sums: sums).debiasedError)
    }
    let mean = drawn.reduce(0, +) / Double(resamples)
    let squares = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    spread = (squares / Double(resamples - 1)).squareRoot()
  }
}

/// The squared distance between the probabilities of each example and its truth,
/// `Σ_k (p_k − [y = k])²`.
///
/// - Parameters:
///   - probabilities: one row per example, a value per class.
///   - labels: true classes, as many as rows.
/// - Returns: one per example, in `0...2`; their mean is the Brier score.
public func brierLosses(probabilities: [[Double]], labels: [Int]) -> [Double] {
  precondition(probabilities.count == labels.count)
  return zip(probabilities, labels).map { row, label in
    row.indices.reduce(0) { sum, index in
      let distance = row[index] - (index == label ? 1 : 0)
      return sum + distance * distance
    }
  }
}

/// The Brier score of a classifier of several classes (Brier 1950): the squared distance between the
/// probabilities and the truth, `1/N Σ_i Σ_k (p_ik − [y_i = k])²`.
///
/// Equals scikit-learn's `brier_score_loss(scale_by_half=False)`. Guessing all of K classes alike
/// costs `1 − 1/K`.
///
/// - Parameters:
///   - probabilities: one row per example, a value per class.
///   - labels: true classes, as many as rows.
/// - Returns: in `0...2`; NaN without examples or if a probability is.
public func brierScore(probabilities: [[Double]], labels: [Int]) -> Double {
  let losses = brierLosses(probabilities: probabilities, labels: labels)
  return losses.reduce(0, +) / Double(losses.count)
}
