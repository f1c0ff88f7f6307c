/// Reads a message in the wire format of Protocol Buffers, field by field, checking every length.
struct ProtobufReader {
  /// The beginning of a field.
  struct Field {
    let number: UInt64
    /// How the value is encoded.
    fileprivate let wireType: UInt64
    /// Where the value begins.
    fileprivate let start: Int
    /// The value's bytes, without the length before them.
    fileprivate let content: Range<Int>
    fileprivate let value: UInt64
  }

  private let message: ArraySlice<UInt8>
  private let path: String
  private var position: Int

  /// - Parameters:
  ///   - message: a part of a file, with the file's indices.
  ///   - path: of the file.
  init(_ message: ArraySlice<UInt8>, path: String) {
    (self.message, self.path, position) = (message, path, message.startIndex)
  }

  /// An error at the message's beginning.
  func damage(_ found: String) -> TokenizerError {
    .damaged(file: path, byte: message.startIndex, found: found)
  }

  /// An error at a field.
  func damage(_ field: Field, _ found: String) -> TokenizerError {
    .damaged(file: path, byte: field.start, found: found)
  }

  private func damage(at byte: Int, _ found: String) -> TokenizerError {
    .damaged(file: path, byte: byte, found: found)
  }

  /// The next field; `nil` at the message's end.
  ///
  /// - Throws: `TokenizerError.damaged` with the byte where it is not as it should be.
  mutating func next() throws(TokenizerError) -> Field? {
    guard position < message.endIndex else { return nil }
    let start = position
    let tag = try variableLengthInteger()
    let (number, wireType) = (tag >> 3, tag & 7)
    guard number > 0 else { throw damage(at: start, "a field has the number 0") }
    let content: Range<Int>
    var value = UInt64(0)
    switch wireType {
    case 0:
      let begin = position
      value = try variableLengthInteger()
      content = begin..<position
    case 1: content = try take(8)
    case 2:
      let length = try variableLengthInteger()
      guard length <= UInt64(message.endIndex - position) else {
        throw damage(at: position, "a field of \(length) bytes goes beyond what it is part of")
      }
      content = try take(Int(length))
    case 5: content = try take(4)
    default: throw damage(at: start, "a field has the wire type \(wireType), which is not used")
    }
    return Field(
      number: number, wireType: wireType, start: start, content: content, value: value)
  }

  private mutating func take(_ count: Int) throws(TokenizerError) -> Range<Int> {
    guard count <= message.endIndex - position else {
      throw damage(at: position, "a field of \(count) bytes goes beyond what it is part of")
    }
    defer { position += count }
    return position..<position + count
  }

  private mutating func variableLengthInteger() throws(TokenizerError) -> UInt64 {
    let start = position
    var result = UInt64(0)
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < message.endIndex else { break }
      let byte = message[position]
      position += 1
      // The tenth byte holds the last bit alone.
      guard shift < 63 || byte < 2 else { break }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw damage(at: start, "a number does not end")
  }

  private func check(_ field: Field, _ wireType: UInt64) throws(TokenizerError) {
    guard field.wireType == wireType else {
      throw damage(
        field, "field \(field.number) has the wire type \(field.wireType); expected \(wireType)")
    }
  }

  /// The value of a field that holds bytes.
  func bytes(_ field: Field) throws(TokenizerError) -> ArraySlice<UInt8> {
    try check(field, 2)
    return message[field.content]
  }

  /// The value of a field that holds a message.
  func message(_ field: Field) throws(TokenizerError) -> ProtobufReader {
    ProtobufReader(try bytes(field), path: path)
  }

  /// The value of a field that holds an integer or one of several names.
  func integer(_ field: Field) throws(TokenizerError) -> UInt64 {
    try check(field, 0)
    return field.value
  }

  /// The value of a field that holds four bytes, little-endian.
  func fixed32(_ field: Field) throws(TokenizerError) -> UInt32 {
    try check(field, 5)
    return message[field.content].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
