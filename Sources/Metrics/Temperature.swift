/// A temperature T that logits are divided by before softmax, so that probabilities can be believed
/// (Guo, Pleiss, Sun, Weinberger 2017); above 1 the network was too sure of itself.
public struct Temperature: Equatable, Sendable {
  /// The temperature, above 0, with the interval of its logarithm's sandwich variance.
  public let value: Estimate

  /// Finds the temperature with the least mean cross-entropy; `nil` without examples, with a logit that
  /// is not finite, or where no temperature is best: if every example is labelled correctly, or if the
  /// logits tell nothing at all.
  ///
  /// The loss is convex in `β = 1/T`, with the slope `mean(Σ_k p_k z_k − z_label)`; its root is found by
  /// Newton's method within a shrinking bracket. The estimate solves an equation of means, so `β` has the
  /// variance `mean(g²) / (n h²)`, g being an example's slope and h the mean curvature (White 1982); `ln T`
  /// is within 1.96 standard errors.
  ///
  /// - Parameters:
  ///   - logits: one row per example, a value per class.
  ///   - labels: true classes, as many as rows.
  public init?(logits: [[Double]], labels: [Int]) {
    precondition(logits.count == labels.count)
    guard !labels.isEmpty, logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    var (low, high) = (0.0, 1e4)
    func slope(_ beta: Double) -> (mean: Double, curvature: Double, squares: Double) {
      Self.slope(logits, labels, beta)
    }
    guard slope(low).mean < 0, slope(high).mean > 0 else { return nil }
    var beta = 1.0
    for _ in 0..<200 {
      let here = slope(beta)
      if here.mean < 0 { low = beta } else { high = beta }
      let step = beta - here.mean / here.curvature
      let next = here.curvature > 0 && step > low && step < high ? step : (low + high) / 2
      let isDone = abs(next - beta) <= 1e-14 * beta
      beta = next
      if isDone { break }
    }
    let end = slope(beta)
    let error =
      (end.squares / Double(labels.count)).squareRoot() / (end.curvature * beta)
    let half = exponential(normalQuantile975 * error)
    let interval =
      error > 0 && half.isFinite ? Interval(lower: 1 / beta / half, upper: half / beta) : nil
    value = Estimate(1 / beta, interval, by: .temperature)
  }

  /// The mean slope of the loss in `β`, its mean curvature and the mean of the squared slopes.
  private static func slope(
    _ logits: [[Double]], _ labels: [Int], _ beta: Double
  ) -> (mean: Double, curvature: Double, squares: Double) {
    var (sum, curvature, squares) = (0.0, 0.0, 0.0)
    for (row, label) in zip(logits, labels) {
      let largest = row.max() ?? 0
      var (weights, first, second) = (0.0, 0.0, 0.0)
      for z in row {
        let weight = exponential(beta * (z - largest))
        weights += weight
        first += weight * z
        second += weight * z * z
      }
      let mean = first / weights
      let slope = mean - row[label]
      sum += slope
      squares += slope * slope
      curvature += second / weights - mean * mean
    }
    let count = Double(labels.count)
    return (sum / count, curvature / count, squares / count)
  }
}
