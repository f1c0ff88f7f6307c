internal import Storage

/// SentencePiece's compiled rules of replacement (`precompiled_charsmap`), applied as the reference applies them.
///
/// The file's bytes are the length of a double array, the array as 32-bit little-endian units (the layout of the library
/// Darts-clone), and the replacements, each ended by a NUL. SentencePiece replaces the longest match. The reference takes a whole grapheme cluster
/// of less than six bytes, and otherwise one character, and replaces all of it by what its *shortest* prefix among the keys maps
/// to: "a" with an accent becomes what "a" becomes, if "a" is a key.
struct CharacterMap: Sendable {
  /// As it stands in a file.
  let bytes: [UInt8]
  private let units: [UInt32]
  private let replacements: [UInt8]
  private let breaks = GraphemeBreaks.shared
  /// Where the first byte of a text leads.
  private let root: Int

  /// Why bytes are not such rules.
  enum Flaw: Error, Equatable {
    case tooShort
    case wrongLength
    case invalidUTF8
  }

  /// Reads the rules.
  ///
  /// - Parameter bytes: as they stand in a file, decoded.
  /// - Throws: `Flaw`.
  init(_ bytes: [UInt8]) throws(Flaw) {
    guard bytes.count >= 8 else { throw .tooShort }
    func unit(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << UInt32(8 * $1) }
    }
    let length = Int(unit(0))
    guard length >= 4, length % 4 == 0, length <= bytes.count - 4 else { throw .wrongLength }
    let replacements = Array(bytes[(4 + length)...])
    guard String(validating: replacements, as: UTF8.self) != nil else { throw .invalidUTF8 }
    units = (1...length / 4).map(unit)
    self.replacements = replacements
    self.bytes = bytes
    root = Self.offset(units[0])
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }

  /// What the shortest prefix of a text that is a key maps to.
  ///
  /// Places outside the array, at which the reference fails, lead nowhere.
  private func replacement(of text: Slice<UnsafeBufferPointer<UInt8>>) -> Range<Int>? {
    units.withUnsafeBufferPointer { units in
      var place = root
      for byte in text {
        guard byte != 0 else { return nil }
        place ^= Int(byte)
        guard place < units.count else { return nil }
        let unit = units[place]
        guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
        place ^= Self.offset(unit)
        if unit & 0x100 != 0 {
          guard place < units.count else { return nil }
          return replacement(at: Int(units[place] & 0x7FFF_FFFF))
        }
      }
      return nil
    }
  }

  private func replacement(at start: Int) -> Range<Int>? {
    guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else {
      return start == replacements.count ? start..<start : nil
    }
    return start..<(replacements[start...].firstIndex(of: 0) ?? replacements.count)
  }

  /// Appends a text with everything replaced.
  ///
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - output: gets valid UTF-8.
  func apply(to text: UnsafeBufferPointer<UInt8>, appendingTo output: inout ByteBuffer) {
    output.reserve(text.count)
    var position = 0
    while position < text.count {
      let byte = text[position]
      // Two ASCII characters make one cluster only if they end a line.
      if byte < 0x80, position + 1 == text.count || text[position + 1] < 0x80 {
        let isLineEnd = byte == 0x0D && position + 1 < text.count && text[position + 1] == 0x0A
        let end = position + (isLineEnd ? 2 : 1)
        appendCluster(text[position..<end], isOneCharacter: !isLineEnd, to: &output)
        position = end
      } else {
        position = appendCluster(of: text, from: position, to: &output)
      }
    }
  }

  /// Appends the cluster that begins at a place; returns its end.
  private func appendCluster(
    of text: UnsafeBufferPointer<UInt8>, from start: Int, to output: inout ByteBuffer
  ) -> Int {
    var state = GraphemeBreaks.State()
    var end = start
    var characters = 0
    while end < text.count {
      let (scalar, length) = decodeCharacter(text, at: end)
      guard breaks.joins(breaks.category(scalar), &state) || characters == 0 else { break }
      end += length
      characters += 1
    }
    appendCluster(text[start..<end], isOneCharacter: characters == 1, to: &output)
    return end
  }

  @inline(__always)
  private func appendCluster(
    _ cluster: Slice<UnsafeBufferPointer<UInt8>>, isOneCharacter: Bool, to output: inout ByteBuffer
  ) {
    if cluster.count < 6, let replacement = replacement(of: cluster) {
      output.append(contentsOf: replacements[replacement])
      return
    }
    if isOneCharacter {
      output.append(contentsOf: cluster)
      return
    }
    var position = cluster.startIndex
    while position < cluster.endIndex {
      let end = position + decodeCharacter(cluster.base, at: position).length
      let character = cluster[position..<end]
      if let replacement = replacement(of: character) {
        output.append(contentsOf: replacements[replacement])
      } else {
        output.append(contentsOf: character)
      }
      position = end
    }
  }
}
