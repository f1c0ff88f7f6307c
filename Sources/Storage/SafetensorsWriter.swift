/// A safetensors file being written, tensor by tensor, without holding the data in memory.
///
/// The header comes first in the file, so every tensor is announced before any is written; then each
/// is written once, in the order of announcement. Same content, same bytes.
public struct SafetensorsWriter: ~Copyable {
  /// A tensor to come.
  public struct Announcement: Sendable {
    let name: String
    let elementType: SafetensorsReader.ElementType
    let shape: [Int]
    var byteCount: Int { shape.reduce(elementType.byteCount, *) }

    public init(_ name: String, _ elementType: SafetensorsReader.ElementType, shape: [Int]) {
      (self.name, self.elementType, self.shape) = (name, elementType, shape)
    }
  }

  private var file: AtomicFile
  private let announcements: [Announcement]
  private var next = 0

  /// Starts a file that appears under `path` when `commit` is called.
  ///
  /// - Parameters:
  ///   - path: the file to make or replace.
  ///   - tensors: all tensors to come; names differ.
  ///   - metadata: strings for `__metadata__`, written in the order given.
  /// - Throws: `StorageError` if the folder cannot be written.
  public init(
    _ path: String, tensors: [Announcement], metadata: KeyValuePairs<String, String> = [:]
  ) throws {
    var header = JSONObject()
    if !metadata.isEmpty {
      var object = JSONObject()
      for (key, value) in metadata { object[key] = .string(value) }
      header["__metadata__"] = .object(object)
    }
    var offset = 0
    for tensor in tensors {
      precondition(header[tensor.name] == nil, "'\(tensor.name)' is announced twice")
      header[tensor.name] = .object([
        "dtype": .string(tensor.elementType.rawValue),
        "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(offset + tensor.byteCount)]),
      ])
      offset += tensor.byteCount
    }
    var bytes = Array(JSON.object(header).text.utf8)
    // Padded with spaces so that the data start at a multiple of 8, as the reference does.
    while bytes.count % 8 != 0 { bytes.append(0x20) }
    let length = UInt64(bytes.count)
    let prologue = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + bytes
    file = try AtomicFile(path, startingWith: prologue)
    announcements = tensors
  }

  /// Writes the next tensor's bytes, little-endian.
  public mutating func write(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
    precondition(next < announcements.count, "all tensors are written")
    precondition(announcements[next].name == name, "'\(announcements[next].name)' is due")
    precondition(announcements[next].byteCount == bytes.count, "'\(name)' has another size")
    next += 1
    try file.write(bytes)
  }

  /// Writes the next tensor, F32, piece by piece, so that it never has to be in memory as a whole.
  ///
  /// - Parameters:
  ///   - name: the tensor that is due.
  ///   - pieceCount: how many pieces there are.
  ///   - piece: gives the elements of a piece; together, in order, they are the tensor.
  /// - Throws: what `piece` throws, or `StorageError`.
  public mutating func write(
    _ name: String, pieceCount: Int, piece: (Int) throws -> [Float]
  ) throws {
    precondition(next < announcements.count, "all tensors are written")
    precondition(announcements[next].name == name, "'\(announcements[next].name)' is due")
    var byteCount = 0
    for index in 0..<pieceCount {
      try piece(index).withUnsafeBytes {
        byteCount += $0.count
        try file.write($0)
      }
    }
    precondition(announcements[next].byteCount == byteCount, "'\(name)' has another size")
    next += 1
  }

  /// Writes the next tensor, F32.
  public mutating func write(_ name: String, _ elements: [Float]) throws {
    try elements.withUnsafeBytes { try write(name, $0) }
  }

  /// Writes the next tensor, I64.
  public mutating func write(_ name: String, _ elements: [Int]) throws {
    try elements.withUnsafeBytes { try write(name, $0) }
  }

  /// Completes the file; see `AtomicFile.commit` for `syncingFolder`.
  public consuming func commit(syncingFolder: Bool = true) throws {
    precondition(next == announcements.count, "'\(announcements[next].name)' was never written")
    try file.commit(syncingFolder: syncingFolder)
  }
}
