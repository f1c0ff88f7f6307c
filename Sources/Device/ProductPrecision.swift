/// What a device multiplies the elements of matrices in; sums are in 32-bit floats in any case.
package enum ProductPrecision: String, CaseIterable, Sendable {
  /// 32-bit floats, as on the processor.
  case fp32
  /// TensorFloat-32: factors are rounded to 10 bits after the binary point first. NVIDIA's tensor cores take these many times
  /// as fast.
  case tf32

  /// As reports print it.
  package var name: String { rawValue.uppercased() }
}
