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

  fileprivate static func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 0x200) >> 6)
  }

  /// Appends a text with everything replaced.
  ///
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - output: gets valid UTF-8.
  func apply(to text: UnsafeBufferPointer<UInt8>, appendingTo output: inout ByteBuffer) {
    output.reserve(text.count)
    units.withUnsafeBufferPointer { units in
      replacements.withUnsafeBufferPointer { replacements in
        breaks.withTable { breaks in
          let pass = Pass(
            text: text, units: units, replacements: replacements, breaks: breaks, root: root)
          var position = 0
          while position < text.count { position = pass.appendCluster(from: position, to: &output) }
        }
      }
    }
  }

  /// One pass over a text. It holds no references: threads that count them together would wait for each other.
  private struct Pass {
    let text: UnsafeBufferPointer<UInt8>
    let units: UnsafeBufferPointer<UInt32>
    let replacements: UnsafeBufferPointer<UInt8>
    let breaks: GraphemeBreaks.Table
    let root: Int

    /// What the shortest prefix of a part of the text that is a key maps to.
    ///
    /// Places outside the array, at which the reference fails, lead nowhere.
    @inline(__always)
    private func replacement(of part: Range<Int>) -> Range<Int>? {
      var place = root
      for position in part {
        let byte = text[position]
        guard byte != 0 else { return nil }
        place ^= Int(byte)
        guard place < units.count else { return nil }
        let unit = units[place]
        guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
        place ^= CharacterMap.offset(unit)
        if unit & 0x100 != 0 {
          guard place < units.count else { return nil }
          return replacement(at: Int(units[place] & 0x7FFF_FFFF))
        }
      }
      return nil
    }

    /// The replacement that begins at a place, up to its NUL.
    private func replacement(at start: Int) -> Range<Int>? {
      guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else {
        return start == replacements.count ? start..<start : nil
      }
      return start..<(replacements[start...].firstIndex(of: 0) ?? replacements.count)
    }

    /// Appends the cluster that begins at a place; returns its end.
    @inline(__always)
    func appendCluster(from start: Int, to output: inout ByteBuffer) -> Int {
      let byte = text[start]
      // Two ASCII characters make one cluster only if they end a line.
      if byte < 0x80, byte != 0x0D, start + 1 == text.count || text[start + 1] < 0x80 {
        guard let replacement = replacement(of: start..<start + 1) else {
          output.append(byte)
          return start + 1
        }
        output.append(contentsOf: replacements[replacement])
        return start + 1
      }
      return appendLongCluster(from: start, to: &output)
    }

    private func appendLongCluster(from start: Int, to output: inout ByteBuffer) -> Int {
      var state = GraphemeBreaks.State()
      var (end, firstEnd) = (start, start)
      while end < text.count {
        let (scalar, length) = decodeCharacter(text, at: end)
        guard GraphemeBreaks.joins(breaks.category(scalar), &state) || end == start else { break }
        end += length
        if firstEnd == start { firstEnd = end }
      }
      if end - start < 6, let replacement = replacement(of: start..<end) {
        output.append(contentsOf: replacements[replacement])
        return end
      }
      if firstEnd == end {
        output.append(contentsOf: text[start..<end])
        return end
      }
      var position = start
      while position < end {
        let next = position + decodeCharacter(text, at: position).length
        if let replacement = replacement(of: position..<next) {
          output.append(contentsOf: replacements[replacement])
        } else {
          output.append(contentsOf: text[position..<next])
        }
        position = next
      }
      return end
    }
  }
}
