internal import CKernels

/// A 64-bit checksum of bytes, the same on every processor: finds damage, resists nobody's intent.
package func blockChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  tg_checksum(bytes.baseAddress, bytes.count)
}

/// Rounds to IEEE 754 half precision, to nearest even.
///
/// - Parameters:
///   - x: the numbers.
///   - halves: receives their bit patterns; as many.
package func roundToHalf(
  _ x: UnsafeBufferPointer<Float>, into halves: UnsafeMutableBufferPointer<UInt16>
) {
  precondition(x.count == halves.count)
  tg_to_half(x.baseAddress, halves.baseAddress, x.count)
}

/// Widens from IEEE 754 half precision, exactly.
///
/// - Parameters:
///   - halves: bit patterns.
///   - x: receives the numbers; as many.
package func widenHalf(
  _ halves: UnsafeBufferPointer<UInt16>, into x: UnsafeMutableBufferPointer<Float>
) {
  precondition(x.count == halves.count)
  tg_from_half(halves.baseAddress, x.baseAddress, x.count)
}
