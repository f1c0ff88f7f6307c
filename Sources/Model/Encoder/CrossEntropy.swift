internal import Glibc

/// Cross-entropy of softmax, in double.
///
/// - Parameters:
///   - logits: in: `[examples, labels]`; out: `scale (softmax − one-hot)`, the gradient of the sum.
///   - labels: the class of each example.
///   - scale: factor of the gradient.
/// - Returns: the sum of the losses, in nats.
package func crossEntropy(
  _ logits: UnsafeMutableBufferPointer<Float>, labels: [Int], scale: Float
) -> Double {
  precondition(!labels.isEmpty && logits.count % labels.count == 0)
  let classes = logits.count / labels.count
  var sum = 0.0
  for (row, label) in labels.enumerated() {
    precondition(label >= 0 && label < classes, "there is no class \(label)")
    let x = UnsafeMutableBufferPointer(rebasing: logits[row * classes..<(row + 1) * classes])
    let highest = Double(x.max() ?? 0)
    let powers = x.map { exp(Double($0) - highest) }
    let total = powers.reduce(0, +)
    sum += log(total) + highest - Double(x[label])
    for column in 0..<classes {
      let p = powers[column] / total
      x[column] = Float(Double(scale) * (column == label ? p - 1 : p))
    }
  }
  return sum
}
