/// The cyclic redundancy check of TensorFlow's record files: CRC-32C (Castagnoli; RFC 3720,
/// appendix B.4), masked so that the check of bytes that hold a check is not a constant.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    // The polynomial 0x1EDC6F41 with its bits reversed.
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The check of some bytes.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value = UInt32.max
    for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8 }
    return ~value
  }

  /// The check as it stands in a record: rotated right by 15 bits, plus a constant.
  ///
  /// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/hash/crc32c.h
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let check = checksum(bytes)
    return (check >> 15 | check << 17) &+ 0xA282_EAD8
  }
}
