/// A message in Protocol Buffers' wire format, read field by field without its definition.
///
/// https://protobuf.dev/programming-guides/encoding/
struct WireMessage {
  /// The value of a field.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }
  private(set) var fields: [(number: Int, value: Value)] = []

  /// Reads the fields of a message; messages inside stay bytes until they are asked for, so nesting
  /// costs nothing and cannot be too deep.
  ///
  /// - Returns: `nil` if the bytes are no message.
  init?(_ bytes: ArraySlice<UInt8>) {
    var position = bytes.startIndex
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 70, by: 7) {
        guard position < bytes.endIndex else { return nil }
        let byte = bytes[position]
        position += 1
        // The tenth byte holds one bit only; more is dropped, as other readers do.
        if shift < 64 { value |= UInt64(byte & 0x7F) << UInt64(shift) }
        if byte < 0x80 { return value }
      }
      return nil
    }
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= bytes.endIndex - position else { return nil }
      defer { position += count }
      return bytes[position..<position + count]
    }
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while position < bytes.endIndex {
      guard let tag = varint(), tag >> 3 > 0, let field = Int(exactly: tag >> 3) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = varint() else { return nil }
        fields.append((field, .varint(value)))
      case 1:
        guard let value = take(8) else { return nil }
        fields.append((field, .fixed64(number(value))))
      case 2:
        guard let length = varint(), let count = Int(exactly: length), let value = take(count)
        else { return nil }
        fields.append((field, .bytes(value)))
      case 5:
        guard let value = take(4) else { return nil }
        fields.append((field, .fixed32(UInt32(truncatingIfNeeded: number(value)))))
      default: return nil
      }
    }
  }

  /// The messages or strings of a field, in order.
  func bytes(_ number: Int) -> [ArraySlice<UInt8>] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }

  /// The last message of a field; `nil` if there is none, or if it is damaged.
  func message(_ number: Int) -> WireMessage? {
    bytes(number).last.flatMap { WireMessage($0) }
  }

  func text(_ number: Int) -> String? {
    bytes(number).last.flatMap { String(validating: $0, as: UTF8.self) }
  }

  func integer(_ number: Int) -> Int64? {
    for field in fields.reversed() where field.number == number {
      if case .varint(let value) = field.value { return Int64(bitPattern: value) }
    }
    return nil
  }

  func float(_ number: Int) -> Float? {
    for field in fields.reversed() where field.number == number {
      if case .fixed32(let bits) = field.value { return Float(bitPattern: bits) }
    }
    return nil
  }
}

/// Writes a message field by field.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  private mutating func tag(_ number: Int, _ type: UInt64) { varint(UInt64(number) << 3 | type) }

  mutating func integer(_ number: Int, _ value: Int64) {
    tag(number, 0)
    varint(UInt64(bitPattern: value))
  }

  mutating func double(_ number: Int, _ value: Double) {
    tag(number, 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func float(_ number: Int, _ value: Float) {
    tag(number, 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func text(_ number: Int, _ value: String) {
    tag(number, 2)
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func message(_ number: Int, _ write: (inout WireWriter) -> Void) {
    var inner = WireWriter()
    write(&inner)
    tag(number, 2)
    varint(UInt64(inner.bytes.count))
    bytes.append(contentsOf: inner.bytes)
  }
}
