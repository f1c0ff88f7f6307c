internal import Foundation

/// `ln Σ exp(x)`, by the definition.
func logOfSumOfExponentials(_ values: [Double]) -> Double {
  let largest = values.max() ?? 0
  return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}
