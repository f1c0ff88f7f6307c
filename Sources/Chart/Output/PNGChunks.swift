internal import Storage

/// The chunks of a PNG file (Portable Network Graphics, 3rd edition, section 5), to find and add words.
struct PNGChunks {
  private struct Chunk {
    /// Four ASCII letters.
    let type: String
    let data: ArraySlice<UInt8>
    /// Where its length stands.
    let start: Int
  }
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let sealKeyword = "Seal"

  private let bytes: [UInt8]
  private let chunks: [Chunk]

  /// `nil` for what is no PNG file, or not a whole one.
  ///
  /// - Parameter bytes: of a file.
  init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.signature) else { return nil }
    var chunks: [Chunk] = []
    var position = Self.signature.count
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - position - 12 else { return nil }
      chunks.append(
        Chunk(
          type: String(decoding: bytes[position + 4..<position + 8], as: UTF8.self),
          data: bytes[position + 8..<position + 8 + length], start: position))
      position += 12 + length
    }
    guard position == bytes.count, chunks.first?.type == "IHDR", chunks.last?.type == "IEND",
      chunks[0].data.count == 13
    else { return nil }
    (self.bytes, self.chunks) = (bytes, chunks)
  }

  /// In pixels.
  var size: (width: Int, height: Int) {
    func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
    let data = chunks[0].data
    return (number(data.prefix(4)), number(data.dropFirst(4).prefix(4)))
  }

  /// The text under a keyword, the last if there are several.
  func text(_ keyword: String) -> String? {
    for chunk in chunks.reversed() {
      guard let text = Self.text(chunk), text.keyword == keyword else { continue }
      return text.text
    }
    return nil
  }

  /// What the file holds beside its pixels and its seal, in order: sizes, words and whatever else was put in.
  var extras: [Extra] {
    chunks.compactMap { chunk in
      let keyword = Self.text(chunk)?.keyword
      guard !["PLTE", "IDAT"].contains(chunk.type), keyword != Self.sealKeyword else { return nil }
      return Extra(type: chunk.type, keyword: keyword, data: chunk.data)
    }
  }

  /// A chunk that holds no pixels.
  struct Extra: Equatable {
    let type: String
    /// `nil` for what holds no text.
    let keyword: String?
    let data: ArraySlice<UInt8>

    /// As a sentence calls it.
    var name: String { keyword.map { "text '\($0)'" } ?? "chunk '\(type)'" }

    static func == (a: Extra, b: Extra) -> Bool {
      a.type == b.type && a.data.elementsEqual(b.data)
    }
  }

  private static func text(_ chunk: Chunk) -> (keyword: String, text: String)? {
    let parts = chunk.data.split(
      separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let keyword = String(decoding: parts[0], as: UTF8.self)
    switch chunk.type {
    case "tEXt": return (keyword, String(decoding: parts[1], as: UTF8.self))
    case "iTXt":
      // Two bytes on compression, of which we use none; then a language and the keyword in it.
      guard parts[1].first == 0 else { return nil }
      let rest = parts[1].dropFirst(2)
        .split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      return rest.count == 3 ? (keyword, String(decoding: rest[2], as: UTF8.self)) : nil
    default: return nil
    }
  }

  // MARK: Seals

  /// The file with the SHA-256 of all of it but its end, by which a change is noticed.
  var sealed: [UInt8] {
    let end = chunks[chunks.count - 1].start
    let body = Array("tEXt\(Self.sealKeyword)\0\(SHA256.hex(of: Array(bytes[..<end])))".utf8)
    func word(_ value: UInt32) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
    return Array(bytes[..<end]) + word(UInt32(body.count - 4)) + body + word(Self.crc(body))
      + Array(bytes[end...])
  }

  /// Whether the file is as it was when it was sealed.
  var isAsSealed: Bool {
    guard chunks.count > 2 else { return false }
    let last = chunks[chunks.count - 2]
    guard let seal = Self.text(last), seal.keyword == Self.sealKeyword else { return false }
    return seal.text == SHA256.hex(of: Array(bytes[..<last.start]))
  }

  /// The cyclic redundancy check of a chunk's type and data (annex D of the specification), bit by bit: few
  /// bytes need it.
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
    }
    return ~crc
  }
}
