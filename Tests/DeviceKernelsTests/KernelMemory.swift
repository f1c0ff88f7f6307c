/// What a kernel under test works on: elements between guards that no kernel may touch, so that whoever writes beside its memory is
/// noticed and every offset counts.
final class KernelMemory {
  static let guardElements = 5
  private static let guardByte: UInt8 = 0xA5

  let elementSize: Int
  let holdsFloats: Bool
  /// Guards included.
  var bytes: [UInt8]

  private init<Element>(of elements: [Element]) {
    holdsFloats = Element.self == Float.self
    elementSize = MemoryLayout<Element>.stride
    let margin = [UInt8](repeating: Self.guardByte, count: Self.guardElements * elementSize)
    bytes = margin + elements.withUnsafeBytes { Array($0) } + margin
  }

  convenience init(_ elements: [Float]) { self.init(of: elements) }
  convenience init(_ elements: [UInt32]) { self.init(of: elements) }
  convenience init(_ elements: [Int32]) { self.init(of: elements) }
  convenience init(_ elements: [UInt64]) { self.init(of: elements) }
  /// Room for a result: NaN, so that what is not written is not taken for one.
  convenience init(room count: Int) { self.init([Float](repeating: .nan, count: count)) }

  private init(_ other: KernelMemory, _ bytes: [UInt8]) {
    precondition(bytes.count == other.bytes.count)
    (elementSize, holdsFloats, self.bytes) = (other.elementSize, other.holdsFloats, bytes)
  }

  /// A memory of the same kind with other content, guards included.
  func replacing(_ bytes: [UInt8]) -> KernelMemory { KernelMemory(self, bytes) }

  var floats: [Float] {
    let margin = Self.guardElements * elementSize
    return bytes[margin..<bytes.count - margin].withUnsafeBytes {
      Array($0.bindMemory(to: Float.self))
    }
  }

  /// Whether both guards are as they were.
  var isGuarded: Bool {
    let margin = Self.guardElements * elementSize
    return bytes.prefix(margin).allSatisfy { $0 == Self.guardByte }
      && bytes.suffix(margin).allSatisfy { $0 == Self.guardByte }
  }
}
