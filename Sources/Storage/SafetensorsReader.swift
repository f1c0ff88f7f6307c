/// A safetensors file opened for reading: the header in memory, the tensors on the disk.
///
/// Format: 8 bytes, little-endian, the header's length; the header, a JSON object from name to
/// `{"dtype", "shape", "data_offsets": [begin, end]}`; then the data, which offsets count from.
/// Source: the format section of the safetensors documentation by Hugging Face.
public final class SafetensorsReader: Sendable {
  /// One tensor's entry in the header.
  public struct Entry: Equatable, Sendable {
    public let elementType: ElementType
    public let shape: [Int]
    /// From the start of the file, in bytes.
    public let offset: Int
    public let byteCount: Int

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The element types of the format, by the names it gives them.
  public enum ElementType: String, Sendable {
    case bool = "BOOL", u8 = "U8", i8 = "I8", i16 = "I16", u16 = "U16", f16 = "F16", bf16 = "BF16"
    case i32 = "I32", u32 = "U32", f32 = "F32", f64 = "F64", i64 = "I64", u64 = "U64"

    public var byteCount: Int {
      switch self {
      case .bool, .u8, .i8: 1
      case .i16, .u16, .f16, .bf16: 2
      case .i32, .u32, .f32: 4
      case .f64, .i64, .u64: 8
      }
    }
  }

  public let path: String
  public let entries: [String: Entry]
  /// The strings under `__metadata__`.
  public let metadata: [String: String]
  private let source: Source

  /// Where the tensors lie.
  private enum Source {
    case disk(RandomAccessFile)
    case memory([UInt8])

    var size: Int {
      switch self {
      case .disk(let file): file.size
      case .memory(let bytes): bytes.count
      }
    }

    /// Fills a buffer; see `RandomAccessFile.read`.
    func read(
      into buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String
    ) throws(StorageError) {
      switch self {
      case .disk(let file): try file.read(into: buffer, at: offset)
      case .memory(let bytes):
        guard offset >= 0, buffer.count <= bytes.count - offset else {
          throw .shortRead(
            file: path, offset: offset, expectedBytes: buffer.count,
            foundBytes: max(0, bytes.count - offset))
        }
        bytes[offset..<offset + buffer.count].withUnsafeBytes { buffer.copyMemory(from: $0) }
      }
    }
  }

  /// The format's own bound on the header, 100 MB.
  static let longestHeader = 100_000_000

  /// Opens a file and checks its whole header.
  ///
  /// - Throws: `StorageError` if it cannot be read; `SafetensorsError.malformed` for a header that is
  ///   too long or no JSON, an unknown element type, a shape that overflows or does not fit its bytes,
  ///   and for data that overlap, leave holes or lie outside the file.
  public convenience init(_ path: String) throws {
    try self.init(.disk(RandomAccessFile(path)), path)
  }

  /// Takes a file that was read whole and checks its header; see `init(_:)`.
  public convenience init(_ bytes: [UInt8], file path: String) throws {
    try self.init(.memory(bytes), path)
  }

  private init(_ source: Source, _ path: String) throws {
    func malformed(_ reason: String) -> SafetensorsError { .malformed(file: path, reason: reason) }
    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
      var result = [UInt8](repeating: 0, count: count)
      try result.withUnsafeMutableBytes { try source.read(into: $0, at: offset, path: path) }
      return result
    }
    guard source.size >= 8 else {
      throw malformed("it has \(source.size) bytes, too few for the header's length")
    }
    let length = try bytes(at: 0, count: 8).enumerated()
      .reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    guard length <= UInt64(min(source.size - 8, Self.longestHeader)) else {
      throw malformed("its header claims \(length) bytes, the file has \(source.size) in all")
    }
    let headerLength = Int(length)
    let header: JSON
    do {
      header = try JSON.parse(
        bytes(at: 8, count: headerLength), file: "the header of \(path)")
    } catch let error as JSONError {
      throw malformed("\(error)")
    }
    guard case .object(let object) = header else {
      throw malformed("its header is \(header.kind), not an object")
    }
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]
    let dataStart = 8 + headerLength
    for (name, value) in object.members {
      if name == "__metadata__" {
        guard let members = value.object?.members else {
          throw malformed("__metadata__ is \(value.kind), not an object")
        }
        for (key, value) in members {
          guard let text = value.string else {
            throw malformed("__metadata__.\(key) is \(value.kind), not a string")
          }
          metadata[key] = text
        }
        continue
      }
      entries[name] = try Self.entry(
        name, value, dataStart: dataStart, fileSize: source.size, malformed: malformed)
    }
    try Self.checkLayout(entries, from: dataStart, to: source.size, malformed: malformed)
    (self.path, self.source, self.entries, self.metadata) = (path, source, entries, metadata)
  }

  private static func entry(
    _ name: String, _ value: JSON, dataStart: Int, fileSize: Int,
    malformed: (String) -> SafetensorsError
  ) throws -> Entry {
    guard let typeName = value["dtype"]?.string,
      let shape = value["shape"]?.array?.map(\.integer),
      let offsets = value["data_offsets"]?.array?.map(\.integer), offsets.count == 2,
      let begin = offsets[0], let end = offsets[1]
    else { throw malformed("the entry of '\(name)' lacks dtype, shape or data_offsets") }
    guard let elementType = ElementType(rawValue: typeName) else {
      throw malformed("'\(name)' has the unknown element type '\(typeName)'")
    }
    var byteCount = elementType.byteCount
    var dimensions: [Int] = []
    for dimension in shape {
      guard let dimension, dimension >= 0 else {
        throw malformed("the shape of '\(name)' is not made of whole numbers")
      }
      let (product, overflows) = byteCount.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw malformed("the shape of '\(name)' overflows") }
      byteCount = product
      dimensions.append(dimension)
    }
    guard begin >= 0, begin <= end, end <= fileSize - dataStart else {
      throw malformed(
        "'\(name)' lies at \(begin)..<\(end), but the file has \(fileSize - dataStart) bytes of data"
      )
    }
    guard end - begin == byteCount else {
      throw malformed(
        "'\(name)' has \(end - begin) bytes, but \(typeName) of shape \(dimensions) takes \(byteCount)"
      )
    }
    return Entry(
      elementType: elementType, shape: dimensions, offset: dataStart + begin, byteCount: byteCount)
  }

  private static func checkLayout(
    _ entries: [String: Entry], from start: Int, to end: Int,
    malformed: (String) -> SafetensorsError
  ) throws {
    var position = start
    let inOrder = entries.sorted {
      ($0.value.offset, $0.value.byteCount, $0.key) < ($1.value.offset, $1.value.byteCount, $1.key)
    }
    for (name, entry) in inOrder {
      guard entry.offset == position else {
        throw malformed(
          entry.offset < position
            ? "'\(name)' overlaps the tensor before it" : "there is a hole before '\(name)'")
      }
      position += entry.byteCount
    }
    guard position == end else {
      throw malformed("\(end - position) bytes after the last tensor belong to none")
    }
  }

  /// A tensor's entry.
  ///
  /// - Parameters:
  ///   - name: the tensor's key.
  ///   - shape: the shape it must have, or `nil` for any.
  /// - Returns: its element type, shape and place in the file.
  /// - Throws: `SafetensorsError` if it is missing (naming the nearest key) or of another shape.
  public func entry(_ name: String, shape: [Int]? = nil) throws(SafetensorsError) -> Entry {
    guard let entry = entries[name] else {
      throw .missingTensor(name, file: path, nearest: nearest(to: name, among: entries.keys))
    }
    if let shape, shape != entry.shape {
      throw .shape(of: name, file: path, expected: shape, found: entry.shape)
    }
    return entry
  }

  /// Reads elements of a floating-point tensor as 32-bit floats, whatever F32, F16 or BF16 they are.
  ///
  /// - Parameters:
  ///   - name: the tensor's key.
  ///   - shape: the shape it must have, or `nil` for any.
  ///   - range: flat element indices, or `nil` for all; only these bytes are read.
  /// - Returns: the elements, row by row.
  /// - Throws: `SafetensorsError` if it is missing, of another shape or no float; `StorageError`.
  public func floats(
    _ name: String, shape: [Int]? = nil, range: Range<Int>? = nil
  ) throws -> [Float] {
    let entry = try entry(name, shape: shape)
    let range = range ?? 0..<entry.count
    precondition(range.lowerBound >= 0 && range.upperBound <= entry.count)
    let offset = entry.offset + range.lowerBound * entry.elementType.byteCount
    switch entry.elementType {
    case .f32:
      var result = [Float](repeating: 0, count: range.count)
      try result.withUnsafeMutableBytes { try source.read(into: $0, at: offset, path: path) }
      return result
    case .f16:
      var halves = [UInt16](repeating: 0, count: range.count)
      try halves.withUnsafeMutableBytes { try source.read(into: $0, at: offset, path: path) }
      return halves.map { Float(Float16(bitPattern: $0)) }
    case .bf16:
      var halves = [UInt16](repeating: 0, count: range.count)
      try halves.withUnsafeMutableBytes { try source.read(into: $0, at: offset, path: path) }
      return halves.map { Float(bitPattern: UInt32($0) << 16) }
    default:
      throw SafetensorsError.elementType(
        of: name, file: path, expected: "F32, F16 or BF16", found: entry.elementType.rawValue)
    }
  }

  /// Reads a whole tensor of 64-bit integers.
  ///
  /// - Throws: `SafetensorsError` if it is missing, of another shape or no I64; `StorageError`.
  public func integers(_ name: String, shape: [Int]? = nil) throws -> [Int] {
    let entry = try entry(name, shape: shape)
    guard entry.elementType == .i64 else {
      throw SafetensorsError.elementType(
        of: name, file: path, expected: "I64", found: entry.elementType.rawValue)
    }
    var result = [Int](repeating: 0, count: entry.count)
    try result.withUnsafeMutableBytes { try source.read(into: $0, at: entry.offset, path: path) }
    return result
  }

  /// Reads a whole tensor of 64-bit floats.
  ///
  /// - Throws: `SafetensorsError` if it is missing, of another shape or no F64; `StorageError`.
  public func doubles(_ name: String, shape: [Int]? = nil) throws -> [Double] {
    let entry = try entry(name, shape: shape)
    guard entry.elementType == .f64 else {
      throw SafetensorsError.elementType(
        of: name, file: path, expected: "F64", found: entry.elementType.rawValue)
    }
    var result = [Double](repeating: 0, count: entry.count)
    try result.withUnsafeMutableBytes { try source.read(into: $0, at: entry.offset, path: path) }
    return result
  }
}
