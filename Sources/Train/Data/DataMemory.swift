internal import Glibc
internal import RunLog
internal import Storage

/// How large a data file is, known without reading it into memory.
struct DataFileSize: Equatable {
  /// Of the file, or of both files of a pair.
  let bytes: Int
  /// Lines, which for a quoted table may be a few more than rows.
  let lines: Int
}

extension DataReader {
  /// Counts a split's bytes and lines, a piece of the file at a time.
  ///
  /// - Throws: `StorageError` if a file cannot be read.
  func size(of file: DataFile) throws -> DataFileSize {
    let files = try file.paths.map { try RandomAccessFile(locate($0)) }
    var lines = 0
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    for start in stride(from: 0, to: files[0].size, by: piece.count) {
      let count = min(piece.count, files[0].size - start)
      try piece.withUnsafeMutableBytes {
        try files[0].read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]), at: start)
      }
      lines += piece.withUnsafeBytes { lineFeeds($0[..<count]) }
    }
    return DataFileSize(bytes: files.reduce(0) { $0 + $1.size }, lines: lines + 1)
  }
}

/// How often a line feed occurs, by memchr(3), which is fast in every build.
private func lineFeeds(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
  let buffer = UnsafeRawBufferPointer(rebasing: bytes)
  guard let start = buffer.baseAddress else { return 0 }
  var (count, position) = (0, 0)
  while position < buffer.count,
    let found = memchr(start + position, 0x0A, buffer.count - position)
  {
    count += 1
    position = UnsafeRawPointer(found) - start + 1
  }
  return count
}

/// What reading and tokenizing a data file takes, about, from its size alone; in bytes.
///
/// The memory of values is that of their Swift types on 64-bit Linux: 24 a labelled text, 16 a text, 32 an encoding, 56
/// what is known of an example, 8 each for index, offset and label; a text of more than 15 bytes and a list of
/// token ids lie on the heap, behind 48 bytes of header and rounding; the list has grown by doubling. A token stands
/// for three bytes of text. Measured peaks of tables, pairs and JSON Lines with 10 to 1,000,000 bytes a line
/// are 0.7 to 1.0 times this.
struct DataMemory {
  /// While the file is read and tokenized.
  let most: Int
  /// Afterwards.
  let kept: Int

  /// - Parameters:
  ///   - size: of the file.
  ///   - percentage: of its rows that are used.
  ///   - maxLength: the most tokens of an example.
  ///   - keepsTexts: whether the texts stay in memory.
  ///   - keepsHashes: whether hashes of the texts are kept to compare those of other splits with.
  init(
    _ size: DataFileSize, percentage: Double, maxLength: Int, keepsTexts: Bool,
    keepsHashes: Bool = false
  ) {
    let bytesPerLine = size.bytes / size.lines
    let text = bytesPerLine > 15 ? 48 + bytesPerLine : 0
    let tokens = min(maxLength, bytesPerLine / 3 + 2)
    let used = min(size.lines, Int((Double(size.lines) * percentage / 100).rounded(.up)))
    let rows = size.lines * (24 + text)
    let example = 56 + 8 + 8 + 4 * tokens
    let encoding = 16 + 8 + 32 + 48 + 8 * tokens
    // A set of 16 bytes and a dictionary of 24, each between three eighths and three quarters full.
    let hashes = keepsHashes ? used * 100 : 0
    most = rows + max(size.bytes, used * (encoding + example)) + hashes
    kept = used * (example + (keepsTexts ? text : 0)) + hashes
  }
}
