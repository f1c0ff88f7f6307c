internal import CKernels

/// Moves and scales each feature so that over the training examples its mean is 0 and its variance 1, as scikit-learn's
/// `StandardScaler` does: a penalty then means the same for every feature and for every layer.
package struct Standardization: Sendable {
  package let means: [Double]
  /// Standard deviations, with the number of examples in the denominator; 1 for a feature that is constant.
  package let deviations: [Double]

  /// - Parameter features: of the training examples, at least one.
  package init(_ features: FeatureMatrix) {
    precondition(features.rows >= 1)
    var means = [Double](repeating: 0, count: features.columns)
    var deviations = means
    tg_column_moments(
      features.elements, features.rows, features.columns, &means, &deviations)
    self.means = means
    self.deviations = zip(deviations, means).map { deviation, mean in
      // What rounding leaves of a constant is no spread.
      deviation > 1e-12 * abs(mean) ? deviation : 1
    }
  }

  /// Moves and scales examples' features in place.
  package func apply(to features: inout FeatureMatrix) {
    precondition(features.columns == means.count)
    let rows = features.rows
    tg_standardize(&features.elements, rows, features.columns, means, deviations)
  }
}
