/// Turns logits into class probabilities, in double precision.
///
/// `p_k = exp(z_k − max z) / Σ exp(z_j − max z)`.
///
/// - Parameter logits: one row, a value per class.
/// - Returns: probabilities that sum to 1; all NaN if a logit is NaN.
public func softmax(_ logits: ArraySlice<Float>) -> [Double] {
  // Of one type, not generic: other modules would call it without knowing the type, several times slower.
  softmax(logits.map { Double($0) })
}

/// The same of a row that is an array of its own.
public func softmax(_ logits: [Float]) -> [Double] { softmax(logits[...]) }

/// The same of logits in double precision.
public func softmax(_ logits: [Double]) -> [Double] {
  let largest = logits.reduce(-Double.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
  let exponentials = logits.map { exponential($0 - largest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}

/// The cross-entropy of one example in nats, `ln Σ exp(z_j − max z) − (z_label − max z)`.
///
/// - Parameters:
///   - logits: one row, a value per class.
///   - label: 0-based class index.
/// - Returns: at least 0; NaN if a logit is NaN or the largest is infinite.
public func crossEntropy(_ logits: ArraySlice<Float>, label: Int) -> Double {
  crossEntropy(logits.map { Double($0) }, label: label)
}

/// The same of a row that is an array of its own.
public func crossEntropy(_ logits: [Float], label: Int) -> Double {
  crossEntropy(logits[...], label: label)
}

/// The same of logits in double precision.
public func crossEntropy(_ logits: [Double], label: Int) -> Double {
  let largest = logits.reduce(-Double.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
  let sum = logits.reduce(0.0) { $0 + exponential($1 - largest) }
  return naturalLogarithm(sum) - (logits[label] - largest)
}
