/// Bytes of a text on its way to tokens, kept by a worker for one text after another.
///
/// An array would check uniqueness and bounds at every byte; this owns its memory alone.
struct ByteBuffer: ~Copyable {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1024) {
    storage = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { storage.deallocate() }

  /// The bytes, valid until the next change.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: storage, count: count) }

  mutating func removeAll() { count = 0 }

  /// Drops what is after a place.
  mutating func truncate(to count: Int) {
    precondition(count <= self.count, "a buffer is cut within its bytes")
    self.count = count
  }

  /// Makes room for so many more bytes.
  mutating func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    let larger = max(2 * capacity, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.moveInitialize(from: storage, count: count)
    storage.deallocate()
    (storage, capacity) = (moved, larger)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if count == capacity { reserve(1) }
    storage[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(contentsOf bytes: some Collection<UInt8>) {
    reserve(bytes.count)
    for byte in bytes {
      storage[count] = byte
      count += 1
    }
  }
}

/// Reads the character at a place of valid UTF-8.
@inline(__always)
func decodeCharacter(
  _ text: UnsafeBufferPointer<UInt8>, at position: Int
) -> (scalar: UInt32, length: Int) {
  func bits(_ index: Int) -> UInt32 { UInt32(text[position + index] & 0x3F) }
  let first = UInt32(text[position])
  if first < 0x80 { return (first, 1) }
  if first < 0xE0 { return ((first & 0x1F) << 6 | bits(1), 2) }
  if first < 0xF0 { return ((first & 0x0F) << 12 | bits(1) << 6 | bits(2), 3) }
  return ((first & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3), 4)
}
