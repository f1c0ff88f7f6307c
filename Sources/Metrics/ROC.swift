/// A receiver operating characteristic: how the true positive rate grows with the false positive
/// rate as the threshold on a score falls.
///
/// Points and area equal scikit-learn's `roc_curve(drop_intermediate=True)` and `auc`: one point a
/// distinct score (ties are one step), collinear points left out, area by the trapezoidal rule.
public struct ROC: Equatable, Sendable {
  /// From 0 to 1, never falling.
  public let falsePositiveRates: [Double]
  /// From 0 to 1, never falling; as many as false positive rates.
  public let truePositiveRates: [Double]
  /// The area under the curve, in `0...1`.
  public let area: Double
  /// The area's standard error by DeLong, DeLong and Clarke-Pearson (1988), in the fast form of Sun
  /// and Xu (2014); `nil` with fewer than two examples of either class, and for averaged curves,
  /// whose pairs are not independent.
  public private(set) var standardError: Double?

  /// The area's 95 % interval by DeLong's standard error e, formed on the scale of its log odds,
  /// `ln(A/(1 − A)) ± 1.96 · e/(A (1 − A))` (Pepe 2003, section 5.2), and carried back. On the scale of the
  /// area itself it would hold the truth in 91 to 93 % of cases only.
  ///
  /// `nil` without a standard error, and where that is zero: an area of 1 says that these examples
  /// are told apart, not that all are.
  public var interval: Interval? { logitInterval(area, standardError: standardError) }

  /// Draws the curve of scores against the truth; `nil` if one of the two classes is empty or a score
  /// is NaN, since no curve exists then.
  ///
  /// - Parameters:
  ///   - scores: larger means more likely positive; no NaN.
  ///   - isPositive: the truth, as long as `scores`.
  public init?(scores: [Double], isPositive: [Bool]) {
    precondition(scores.count == isPositive.count)
    guard let steps = Self.steps(scores, isPositive) else { return nil }
    let (points, doubledArea) = steps
    let last = points[points.count - 1]
    let (positives, negatives) = (Double(last.truePositives), Double(last.falsePositives))
    let kept = Self.withoutCollinear(points)
    falsePositiveRates = kept.map { Double($0.falsePositives) / negatives }
    truePositiveRates = kept.map { Double($0.truePositives) / positives }
    // Both sides are exact below 2⁵³, so this is the exact area, rounded once.
    area = Double(doubledArea) / (2 * positives * negatives)
    standardError = Self.standardError(of: area, points)
  }

  /// How many of either class are at or above each distinct score, from none on, and twice the area below in units of one
  /// positive times one negative: exact in integers. `nil` without one of the classes, or if a score is NaN.
  private static func steps(
    _ scores: [Double], _ isPositive: [Bool]
  ) -> (points: [(falsePositives: Int, truePositives: Int)], doubledArea: Int)? {
    let count = scores.count
    let memory = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 2 * count)
    defer { memory.deallocate() }
    // Sorted apart, the two classes need no index beside each score. Which one comes next cannot be foreseen, and a
    // branch on it would be guessed wrong up to every second time, a third of the whole curve's time. So each key is
    // written to the next place from the front, for positives, and from the back, for negatives, which are both
    // free; then one of them moves on.
    var (positiveCount, negativeCount, hasNaN) = (0, 0, false)
    isPositive.withUnsafeBytes { flags in
      for (score, flag) in zip(scores, flags) {
        let key = DescendingKey.of(score)
        memory[positiveCount] = key
        memory[count - 1 - negativeCount] = key
        // True is the byte 1; a condition would be made a branch again.
        positiveCount += Int(flag)
        negativeCount += 1 - Int(flag)
        hasNaN = score.isNaN ? true : hasNaN
      }
    }
    guard positiveCount > 0, negativeCount > 0, !hasNaN else { return nil }
    let positives = UnsafeMutableBufferPointer(rebasing: memory[..<positiveCount])
    let negatives = UnsafeMutableBufferPointer(rebasing: memory[positiveCount..<count])
    let scratch = UnsafeMutableBufferPointer(rebasing: memory[count...])
    DescendingKey.sort(positives, scratch: scratch)
    DescendingKey.sort(negatives, scratch: scratch)
    var points = [(falsePositives: 0, truePositives: 0)]
    var (falsePositives, truePositives, doubledArea) = (0, 0, 0)
    while truePositives < positiveCount || falsePositives < negativeCount {
      let last = (falsePositives, truePositives)
      // All examples of the next score, of both classes, are one step. No number's key is the largest integer.
      let threshold = min(
        truePositives < positiveCount ? positives[truePositives] : .max,
        falsePositives < negativeCount ? negatives[falsePositives] : .max)
      while truePositives < positiveCount, positives[truePositives] == threshold {
        truePositives += 1
      }
      while falsePositives < negativeCount, negatives[falsePositives] == threshold {
        falsePositives += 1
      }
      doubledArea += (falsePositives - last.0) * (truePositives + last.1)
      points.append((falsePositives, truePositives))
    }
    return (points, doubledArea)
  }

  /// DeLong's standard error from the steps of a curve that leaves out none.
  ///
  /// A positive's component is the share of negatives below it, a negative's the share of positives
  /// above it, ties counting half; the area's variance is that of either's mean, added up. All
  /// examples of one step have the same components, so no ranks are needed.
  private static func standardError(
    of area: Double, _ points: [(falsePositives: Int, truePositives: Int)]
  ) -> Double? {
    guard let end = points.last, end.truePositives > 1, end.falsePositives > 1 else { return nil }
    let (positives, negatives) = (Double(end.truePositives), Double(end.falsePositives))
    var (ofPositives, ofNegatives) = (0.0, 0.0)
    for (before, after) in zip(points, points.dropFirst()) {
      let (fp, tp) = (
        Double(after.falsePositives - before.falsePositives),
        Double(after.truePositives - before.truePositives)
      )
      let below = (negatives - Double(after.falsePositives) + fp / 2) / negatives - area
      let above = (Double(before.truePositives) + tp / 2) / positives - area
      ofPositives += tp * below * below
      ofNegatives += fp * above * above
    }
    return
      (ofPositives / (positives - 1) / positives + ofNegatives / (negatives - 1) / negatives)
      .squareRoot()
  }

  init(falsePositiveRates: [Double], truePositiveRates: [Double]) {
    self.falsePositiveRates = falsePositiveRates
    self.truePositiveRates = truePositiveRates
    standardError = nil
    var area = 0.0
    for index in falsePositiveRates.indices.dropFirst() {
      let width = falsePositiveRates[index] - falsePositiveRates[index - 1]
      area += width * (truePositiveRates[index] + truePositiveRates[index - 1]) / 2
    }
    self.area = area
  }

  /// For curves of examples that are not independent.
  fileprivate mutating func forgetStandardError() { standardError = nil }

  /// Leaves out points between others on one line, as scikit-learn does. It puts the origin in front
  /// only after thinning out, so the point of the first threshold always stays.
  private static func withoutCollinear(
    _ points: [(falsePositives: Int, truePositives: Int)]
  ) -> [(falsePositives: Int, truePositives: Int)] {
    guard points.count > 3 else { return points }
    var kept = [points[0], points[1]]
    for index in 2..<points.count - 1 {
      // scikit-learn keeps a point where a second difference of either coordinate is not 0.
      let (before, here, after) = (points[index - 1], points[index], points[index + 1])
      let bendsX =
        after.falsePositives - here.falsePositives != here.falsePositives - before.falsePositives
      let bendsY =
        after.truePositives - here.truePositives != here.truePositives - before.truePositives
      if bendsX || bendsY { kept.append(here) }
    }
    kept.append(points[points.count - 1])
    return kept
  }

  /// The true positive rate at a false positive rate, by linear interpolation as `numpy.interp`:
  /// at a vertical step the upper end counts.
  func truePositiveRate(at rate: Double) -> Double {
    // The last point at or before the rate.
    var (low, high) = (0, falsePositiveRates.count)
    while low < high {
      let middle = (low + high) / 2
      if falsePositiveRates[middle] <= rate { low = middle + 1 } else { high = middle }
    }
    let index = low - 1
    guard index + 1 < falsePositiveRates.count else { return truePositiveRates[index] }
    let (x0, x1) = (falsePositiveRates[index], falsePositiveRates[index + 1])
    let (y0, y1) = (truePositiveRates[index], truePositiveRates[index + 1])
    return y0 + (y1 - y0) * (rate - x0) / (x1 - x0)
  }
}

/// The ROC curves of a classifier of several classes, one class against the rest.
public struct MulticlassROC: Equatable, Sendable {
  /// One per class; `nil` where a class has no example or no counterexample.
  public let classes: [ROC?]
  /// All pairs of example and class pooled into one binary question.
  public let micro: ROC?
  /// The mean of the true positive rates of the classes at each false positive rate that occurs;
  /// `nil` unless every class has a curve.
  public let macro: ROC?
  /// The mean of the classes' areas, as `roc_auc_score(multi_class="ovr", average="macro")`.
  public let macroArea: Double?

  /// The standard error of `macroArea`, from DeLong's components: an example counts in the area of
  /// every class, so the areas vary together. `nil` as for the areas themselves.
  public let macroStandardError: Double?

  /// The mean area with its 95 % interval, formed on the scale of its log odds, `ln(A/(1 − A)) ±
  /// 1.96 · e/(A (1 − A))` with `e` the standard error (Pepe 2003, section 5.2), and carried back.
  ///
  /// No interval without a standard error, or where the area is 0 or 1.
  public var macroEstimate: Estimate? {
    macroArea.map { area in
      Estimate(area, logitInterval(area, standardError: macroStandardError), by: .macroAUCInterval)
    }
  }

  /// Draws the curves of a classifier.
  ///
  /// - Parameters:
  ///   - probabilities: one row per example, a value per class.
  ///   - labels: true classes, as many as rows.
  ///   - count: the number of classes.
  public init(probabilities: [[Double]], labels: [Int], classes count: Int) {
    precondition(probabilities.count == labels.count)
    classes = (0..<count).map { label in
      ROC(scores: probabilities.map { $0[label] }, isPositive: labels.map { $0 == label })
    }
    var micro = ROC(
      scores: probabilities.flatMap { $0 },
      isPositive: labels.flatMap { label in (0..<count).map { $0 == label } })
    micro?.forgetStandardError()
    self.micro = micro
    let curves = classes.compactMap { $0 }
    guard curves.count == count, count > 0 else {
      (macro, macroArea, macroStandardError) = (nil, nil, nil)
      return
    }
    let rates = Set(curves.flatMap(\.falsePositiveRates)).sorted()
    let means = rates.map { rate in
      curves.reduce(0) { $0 + $1.truePositiveRate(at: rate) } / Double(count)
    }
    // The curve starts at the origin, where a mean of upper step ends would not.
    macro = ROC(falsePositiveRates: [0] + rates, truePositiveRates: [0] + means)
    macroArea = curves.reduce(0) { $0 + $1.area } / Double(count)
    macroStandardError = Self.standardError(
      probabilities: probabilities, labels: labels, areas: curves.map(\.area))
  }

  /// DeLong's variance of a mean of areas that share their examples.
  ///
  /// What an example adds to the area of class k above the mean is `(V − A_k)/n_k`, `n_k` being the
  /// examples on its side of the question "k or not" and `V` the share of the other side that it is
  /// ordered rightly with, ties counting half. An example's sum over the classes is its influence on
  /// their mean; the variance is the sum of the influences' squares.
  private static func standardError(
    probabilities: [[Double]], labels: [Int], areas: [Double]
  ) -> Double? {
    var influences = [Double](repeating: 0, count: labels.count)
    for (label, area) in areas.enumerated() {
      var (positives, negatives) = ([Double](), [Double]())
      for (row, truth) in zip(probabilities, labels) {
        if truth == label { positives.append(row[label]) } else { negatives.append(row[label]) }
      }
      guard positives.count > 1, negatives.count > 1 else { return nil }
      sortDescending(&positives)
      sortDescending(&negatives)
      // As n/(n − 1) of each side's variance.
      let (n, m) = (Double(positives.count), Double(negatives.count))
      let (ofPositives, ofNegatives) = (
        1 / (n * (n - 1)).squareRoot(), 1 / (m * (m - 1)).squareRoot()
      )
      for (index, truth) in labels.enumerated() {
        let score = probabilities[index][label]
        if truth == label {
          influences[index] += (shareBelow(score, negatives) - area) * ofPositives
        } else {
          influences[index] += (1 - shareBelow(score, positives) - area) * ofNegatives
        }
      }
    }
    let squares = influences.reduce(0) { $0 + $1 * $1 }
    return squares.squareRoot() / Double(areas.count)
  }

  /// The share of numbers below one, equal ones counting half.
  ///
  /// - Parameters:
  ///   - value: one number.
  ///   - sorted: descending, not empty.
  /// - Returns: in `0...1`.
  private static func shareBelow(_ value: Double, _ sorted: [Double]) -> Double {
    // How many are above, and how many at or above.
    func count(_ isBefore: (Double) -> Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    let (above, notBelow) = (count { $0 > value }, count { $0 >= value })
    return (Double(sorted.count - notBelow) + Double(notBelow - above) / 2) / Double(sorted.count)
  }
}
