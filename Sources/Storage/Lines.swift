internal import Glibc

/// The lines of a text, one at a time, so that a text of nothing but line ends needs no list of them.
///
/// Lines end at LF alone, which is no part of them; what follows the last LF is a line if it is not empty.
public struct Lines: Sequence, IteratorProtocol {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Whether the line given last was the last one.
  public var isAtEnd: Bool { position == bytes.endIndex }

  public mutating func next() -> ArraySlice<UInt8>? {
    guard !isAtEnd else { return nil }
    let end = bytes[position...].withUnsafeBytes { rest in
      guard let start = rest.baseAddress, let found = memchr(start, 0x0A, rest.count) else {
        return bytes.endIndex
      }
      return position + (UnsafeRawPointer(found) - start)
    }
    defer { position = Swift.min(end + 1, bytes.endIndex) }
    return bytes[position..<end]
  }
}
