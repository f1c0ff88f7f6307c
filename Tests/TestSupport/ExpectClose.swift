public import Testing

/// Expects every element to lie within `absolute + relative · |expected|` of its reference.
///
/// The comparison is written so that NaN fails. The message names the first bad element, the worst
/// one and how many there are.
///
/// - Parameters:
///   - found: what the code under test computed.
///   - expected: the reference, as long as `found`.
///   - name: what the elements are, for the message.
///   - absolute: absolute tolerance.
///   - relative: relative tolerance.
///   - sourceLocation: where the expectation stands.
public func expectClose<Number: BinaryFloatingPoint>(
  _ found: [Number], _ expected: [Number], _ name: String = "values",
  absolute: Number, relative: Number = 0, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    Issue.record(
      "\(name): \(found.count) elements, expected \(expected.count)", sourceLocation: sourceLocation
    )
    return
  }
  var bad: [Int] = []
  var worst: (index: Int, excess: Number)?
  for (index, (a, b)) in zip(found, expected).enumerated() {
    let excess = abs(a - b) - (absolute + relative * abs(b))
    if !(excess <= 0) {
      bad.append(index)
      if worst == nil || !(excess <= worst?.excess ?? 0) { worst = (index, excess) }
    }
  }
  guard let first = bad.first, let worst else { return }
  Issue.record(
    """
    \(name): \(bad.count) of \(found.count) elements differ; first at \(first): \
    \(found[first]), expected \(expected[first]); worst at \(worst.index): \
    \(found[worst.index]), expected \(expected[worst.index])
    """, sourceLocation: sourceLocation)
}
