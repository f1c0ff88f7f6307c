internal import CKernels
import TestSupport
import Testing

func random(_ count: Int, _ seed: UInt64, in range: ClosedRange<Float> = -2...2) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in .random(in: range, using: &generator) }
}

/// What a row of a packed batch is keyed with: some examples of these lengths.
struct TestRows {
  let lengths: [Int]
  /// One key per example.
  let examples: [UInt32]
  let offsets: [UInt32]
  /// Of each row, as dropout is keyed.
  let rowExamples: [UInt32]
  let rowPositions: [UInt32]

  init(_ lengths: [Int]) {
    self.lengths = lengths
    examples = lengths.indices.map { UInt32(1000 - 7 * $0) }
    offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + UInt32($1)) }
    rowExamples = zip(lengths, examples).flatMap { [UInt32](repeating: $1, count: $0) }
    rowPositions = lengths.flatMap { (0..<UInt32($0)).map { $0 } }
  }

  var count: Int { lengths.reduce(0, +) }
}

/// Dropout as CKernels and as kernels take it.
struct TestDropout {
  var parameters: tg_dropout

  /// `nil` is none.
  init(_ probability: Double?, stream: UInt32 = 3 << 8 | 2) {
    parameters = tg_dropout(
      key: (0x1234_5678, 0x9abc_def0), stream: stream,
      threshold: UInt32((probability ?? 0) * 0x1p32), scale: Float(1 / (1 - (probability ?? 0))))
  }

  var arguments: [KernelParameter] {
    [
      .uint(Int(parameters.key.0)), .uint(Int(parameters.key.1)), .uint(Int(parameters.stream)),
      .uint(Int(parameters.threshold)), .float(parameters.scale),
    ]
  }
}

/// Elements of a flat kernel's groups: fewer than there are elements in some tests, so that items take several.
let flat = [3, 1, 1]

/// Runs the reference with the kernels for any processor, which fuse no product with a sum on x86-64.
func withPlainKernels<Result>(_ body: () -> Result) -> Result {
  _ = tg_use_clone("baseline")
  defer { _ = tg_use_clone(nil) }
  return body()
}

#if arch(x86_64)
  /// Whether the reference has the arithmetic of the kernels to the bit.
  let referenceIsExact = true
#else
  let referenceIsExact = false
#endif

/// The same bits where the reference has the same arithmetic, and a few units in the last place elsewhere, where its compiler fuses
/// products with sums.
func expectSame(
  _ found: [Float], _ expected: [Float], _ name: String = "values",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if referenceIsExact {
    #expect(
      found.map(\.bitPattern) == expected.map(\.bitPattern), "\(name)",
      sourceLocation: sourceLocation)
  } else {
    expectClose(
      found, expected, name, absolute: 2e-6, relative: 2e-6, sourceLocation: sourceLocation)
  }
}
