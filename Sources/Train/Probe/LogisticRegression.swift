internal import CKernels
internal import Metrics
internal import Storage

/// Vectors of numbers, one row per example.
package struct FeatureMatrix: Sendable {
  /// `[rows, columns]`.
  package var elements: [Float]
  package let columns: Int
  package var rows: Int { elements.count / columns }

  /// - Parameters:
  ///   - elements: `[rows, columns]`.
  ///   - columns: at least 1.
  package init(_ elements: [Float], columns: Int) {
    precondition(columns >= 1 && elements.count % columns == 0)
    (self.elements, self.columns) = (elements, columns)
  }
}

/// Multinomial logistic regression with an L2 penalty, as scikit-learn's `LogisticRegression(solver="lbfgs")` fits it.
///
/// What is minimised is the mean cross-entropy over the examples plus ‖w‖² / (2 C n), where w are all weights but the intercepts,
/// n is the number of examples and C the strength of fitting (scikit-learn's name for it). With two classes scikit-learn has
/// one vector, the difference of the two here, and penalises that; so the penalty is doubled here then.
package struct LogisticRegression: Sendable {
  /// `[classes, columns + 1]`; the last of a row is the class's intercept.
  package let weights: [Double]
  package let classes: Int
  /// The iterations of L-BFGS.
  package let iterations: Int
  /// Whether the gradient is within the tolerance.
  package let hasConverged: Bool
  private let columns: Int

  /// Fits weights to examples.
  ///
  /// Rows are cut into chunks by their number alone and the chunks' sums added in order, so that the number of threads
  /// changes no bit.
  ///
  /// - Parameters:
  ///   - features: of the examples, at least one.
  ///   - labels: the class of each.
  ///   - classes: at least 2.
  ///   - strength: C, above 0; the smaller, the smaller the weights.
  ///   - tolerance: the largest element that the gradient of the objective may have in the end.
  ///   - start: a fit to begin from; it changes the number of iterations and, within the tolerance, the weights.
  ///   - pool: threads that compute.
  ///   - check: called before each pass over the examples.
  /// - Throws: what `check` throws.
  package init(
    _ features: FeatureMatrix, labels: [Int], classes: Int, strength: Double,
    tolerance: Double = 1e-6, from start: LogisticRegression? = nil, on pool: WorkerPool,
    check: () throws -> Void = {}
  ) throws {
    precondition(classes >= 2 && strength > 0 && features.rows >= 1)
    precondition(labels.count == features.rows && labels.allSatisfy((0..<classes).contains))
    let objective = Objective(
      features: features, labels: labels.map { Int32($0) }, classes: classes,
      penalty: (classes == 2 ? 2 : 1) / (strength * Double(features.rows)), pool: pool)
    let zero = [Double](repeating: 0, count: classes * (features.columns + 1))
    let minimum = try LBFGS(tolerance: tolerance).minimize(from: start?.weights ?? zero) {
      try check()
      return objective.sample($0)
    }
    (weights, iterations) = (minimum.point, minimum.iterations)
    (hasConverged, columns, self.classes) = (minimum.hasConverged, features.columns, classes)
  }

  /// The classes' scores; their softmax gives probabilities.
  ///
  /// - Returns: `[rows, classes]`.
  package func logits(of features: FeatureMatrix) -> [Float] {
    precondition(features.columns == columns)
    var scores = [Double](repeating: 0, count: features.rows * classes)
    tg_linear_scores(features.elements, features.rows, columns, weights, classes, &scores)
    return scores.map { Float($0) }
  }

  /// What is minimised.
  private struct Objective {
    let features: FeatureMatrix
    let labels: [Int32]
    let classes: Int
    let penalty: Double
    let pool: WorkerPool
    /// Rows that a thread computes at once.
    let chunks: [Range<Int>]

    init(
      features: FeatureMatrix, labels: [Int32], classes: Int, penalty: Double, pool: WorkerPool
    ) {
      (self.features, self.labels, self.classes) = (features, labels, classes)
      (self.penalty, self.pool) = (penalty, pool)
      // Enough for the threads of a large machine, few enough for their sums not to cost more than the rows.
      let size = max(128, (features.rows + 63) / 64)
      chunks = stride(from: 0, to: features.rows, by: size).map {
        $0..<min($0 + size, features.rows)
      }
    }

    func sample(_ weights: [Double]) -> LBFGS.Sample {
      let parts = Locked([LBFGS.Sample?](repeating: nil, count: chunks.count))
      let columns = features.columns
      pool.forEach(chunks.count) { number, _ in
        let rows = chunks[number]
        var gradient = [Double](repeating: 0, count: weights.count)
        var scores = [Double](repeating: 0, count: rows.count * classes)
        let loss = features.elements.withUnsafeBufferPointer { features in
          labels.withUnsafeBufferPointer { labels in
            guard let x = features.baseAddress, let y = labels.baseAddress else { return 0.0 }
            return tg_softmax_regression(
              x + rows.lowerBound * columns, rows.count, columns, weights, classes,
              y + rows.lowerBound, &scores, &gradient)
          }
        }
        let part = (value: loss, gradient: gradient)
        parts.withLock { $0[number] = part }
      }
      var value = 0.0
      var gradient = [Double](repeating: 0, count: weights.count)
      for case let part? in parts.withLock({ $0 }) {
        value += part.value
        for index in gradient.indices { gradient[index] += part.gradient[index] }
      }
      let share = 1 / Double(features.rows)
      value *= share
      for index in gradient.indices {
        gradient[index] *= share
        // The last of a row is an intercept, which no penalty touches.
        if index % (columns + 1) == columns { continue }
        value += penalty / 2 * weights[index] * weights[index]
        gradient[index] += penalty * weights[index]
      }
      return (value, gradient)
    }
  }
}
