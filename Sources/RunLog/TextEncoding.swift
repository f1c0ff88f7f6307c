/// Recognises texts that are not UTF-8 with line feeds, so that an error can say how to convert them.
public enum TextEncoding {
  /// Refuses a text in UTF-16 or UTF-32, and one whose lines end in a carriage return alone.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: what errors call it.
  /// - Throws: `RunLogError` naming the encoding and the command that converts it.
  public static func check(_ bytes: [UInt8], file: String) throws(RunLogError) {
    if let name = wideEncoding(bytes) {
      throw RunLogError(
        file: file,
        "is \(name), but UTF-8 is expected; convert it, such as with `iconv -f \(name) -t UTF-8 FILE > NEWFILE`."
      )
    }
    // A single line may end in any way.
    if !bytes.contains(0x0A), bytes.dropLast().contains(0x0D) {
      throw RunLogError(
        file: file,
        "has lines that end in a carriage return alone, but line feeds are expected; convert it, such as with "
          + #"`tr '\r' '\n' < FILE > NEWFILE`."#)
    }
  }

  /// What iconv(1) calls the encoding if it is UTF-16 or UTF-32: by its byte order mark, else by zero bytes, which
  /// hardly occur in UTF-8.
  public static func wideEncoding(_ bytes: [UInt8]) -> String? {
    for (mark, name) in [
      ([0xFF, 0xFE, 0x00, 0x00], "UTF-32"), ([0x00, 0x00, 0xFE, 0xFF], "UTF-32"),
      ([0xFF, 0xFE], "UTF-16"), ([0xFE, 0xFF], "UTF-16"),
    ] as [([UInt8], String)] where bytes.starts(with: mark) {
      return name
    }
    let head = bytes.prefix(4096)
    var zeros = [0, 0, 0, 0]
    for (index, byte) in head.enumerated() where byte == 0 { zeros[index % 4] += 1 }
    // Of Latin letters in UTF-16 every other byte is zero, in UTF-32 three of four; other scripts have fewer, but
    // spaces, digits and separators among them. Nothing but zeros is no text at all.
    let all = zeros.reduce(0, +)
    guard head.count >= 8, all * 8 >= head.count, all < head.count else { return nil }
    let (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3])
    if all * 8 >= head.count * 5 { return zeros[0] < zeros[3] ? "UTF-32LE" : "UTF-32BE" }
    return even < odd ? "UTF-16LE" : "UTF-16BE"
  }
}
