/// TensorFlow's record files (TFRecord): each record with its length and the checks of both.
///
/// Eight bytes length, four bytes check of them, the bytes, four bytes check of those, all little
/// endian: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
package enum RecordFile {
  /// A record in its frame.
  package static func frame(_ record: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(record.count))
    return length + littleEndian(CRC32C.masked(length)) + record
      + littleEndian(CRC32C.masked(record))
  }

  /// Whether bytes begin with a record's length and its check, which no text does by chance.
  static func isBegun(by bytes: [UInt8]) -> Bool {
    bytes.count >= 12 && unsigned(bytes[8..<12]) == UInt64(CRC32C.masked(bytes[..<8]))
  }

  /// Calls `body` with each record.
  ///
  /// - Parameters:
  ///   - bytes: a whole file.
  ///   - file: what errors call it.
  ///   - body: gets the record's bytes.
  /// - Returns: whether the file ends inside a record, as one that is being written may.
  /// - Throws: `RunLogError` with the offset of a record whose check fails; what `body` throws.
  package static func forEach(
    _ bytes: [UInt8], file: String, _ body: (ArraySlice<UInt8>) throws(RunLogError) -> Void
  ) throws(RunLogError) -> Bool {
    var position = 0
    while position < bytes.count {
      guard bytes.count - position >= 12 else { return true }
      let length = unsigned(bytes[position..<position + 8])
      let check = CRC32C.masked(bytes[position..<position + 8])
      guard unsigned(bytes[position + 8..<position + 12]) == UInt64(check) else {
        throw damaged(at: position, file: file)
      }
      let start = position + 12
      guard let count = Int(exactly: length), bytes.count - start >= 4,
        count <= bytes.count - start - 4
      else { return true }
      let record = bytes[start..<start + count]
      guard unsigned(bytes[start + count..<start + count + 4]) == UInt64(CRC32C.masked(record))
      else { throw damaged(at: position, file: file) }
      try body(record)
      position = start + count + 4
    }
    return false
  }

  private static func damaged(at position: Int, file: String) -> RunLogError {
    RunLogError(
      file: file,
      "the record at byte \(position) is damaged: its checksum does not match; copy the file again."
    )
  }

  /// Little-endian bytes as a number.
  private static func unsigned(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
