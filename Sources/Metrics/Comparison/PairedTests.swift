/// McNemar's exact test (McNemar 1947): of the examples that only one labels correctly, half should be
/// either's. As statsmodels' `mcnemar(exact=True)`.
///
/// - Parameters:
///   - onlyA: examples that only one network labels correctly.
///   - onlyB: those that only the other does.
/// - Returns: the two-sided p-value, 1 without such examples.
public func mcNemarPValue(onlyA: Int, onlyB: Int) -> Double {
  let total = onlyA + onlyB
  let factorials = logFactorials(upTo: total)
  let logHalves = Double(total) * naturalLogarithm(0.5)
  // The largest terms last, so that small ones are not lost.
  let tail = (0...min(onlyA, onlyB)).reduce(0.0) { sum, count in
    sum + exponential(factorials[total] - factorials[count] - factorials[total - count] + logHalves)
  }
  return min(1, 2 * tail)
}

/// Two one-sided tests of equivalence (Schuirmann 1987) of two accuracies on the same examples, as
/// statsmodels' `ttost_paired` of right and wrong answers.
public struct Equivalence: Equatable, Sendable {
  public let margin: Double
  /// The larger of the two one-sided p-values; below 0.05 the difference lies within the margin.
  public let pValue: Double
  /// The 90 % interval of the difference, which lies within the margin exactly if the p-value is below
  /// 0.05.
  public let interval: Interval

  /// Whether two accuracies on the same examples are the same up to a margin; `nil` with fewer than two
  /// examples.
  ///
  /// - Parameters:
  ///   - hits: the answers.
  ///   - margin: in `0...1`; a percentage point is 0.01.
  public init?(_ hits: PairedHits, margin: Double) {
    guard hits.total > 1 else { return nil }
    let n = Double(hits.total)
    let difference = Double(hits.onlyA - hits.onlyB) / n
    let variance = (Double(hits.onlyA + hits.onlyB) - n * difference * difference) / (n - 1) / n
    self.init(
      difference: difference, standardError: max(0, variance).squareRoot(), degrees: n - 1,
      margin: margin)
  }

  /// From a difference and how sure it is.
  init(difference: Double, standardError: Double, degrees: Double, margin: Double) {
    self.margin = margin
    guard standardError > 0 else {
      // Nothing varied, so there is nothing to be unsure of.
      pValue = abs(difference) < margin ? 0 : 1
      interval = Interval(lower: difference, upper: difference)
      return
    }
    func above(_ t: Double) -> Double { StudentT.share(below: -t, degrees: degrees) }
    pValue = max(
      above((difference + margin) / standardError), above((margin - difference) / standardError))
    let half = -StudentT.quantile(0.05, degrees: degrees) * standardError
    interval = Interval(lower: difference - half, upper: difference + half)
  }
}

/// Holm's correction (Holm 1979) of p-values of several tests: compared with α, the adjusted ones keep
/// the probability of any false finding below it. As statsmodels' `multipletests(method="holm")`.
///
/// - Parameter pValues: each in `0...1`; NaN where there was nothing to test by, which counts for no test.
/// - Returns: as many, in the same order; NaN stays NaN.
public func holmAdjusted(_ pValues: [Double]) -> [Double] {
  var adjusted = pValues
  var largest = 0.0
  let order = pValues.indices.filter { !pValues[$0].isNaN }
    .sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  for (place, index) in order.enumerated() {
    largest = max(largest, min(1, Double(order.count - place) * pValues[index]))
    adjusted[index] = largest
  }
  return adjusted
}
