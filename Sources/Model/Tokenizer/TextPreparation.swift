/// What a Unigram tokenizer does to a text before it looks for pieces: the steps of its normalizer, and how it splits.
struct TextPreparation: Sendable {
  /// A step of the normalizer.
  enum Step: Sendable {
    case characterMap(CharacterMap)
    /// Every occurrence of a text, from left to right.
    case replace([UInt8], with: [UInt8])
    /// Every run of two spaces or more.
    case replaceSpaces(with: [UInt8])
    /// White space at the text's ends.
    case strip(left: Bool, right: Bool)
  }

  /// Which parts of a text get a "▁" in front, unless they begin with one.
  enum Prefix: String, Sendable {
    case always
    /// What begins where the text begins.
    case first
    case never
  }

  /// U+2581, which stands for a space.
  static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  var steps: [Step]
  /// Whether white space of any kind parts words and is dropped; otherwise only spaces part them.
  var splitsAtWhiteSpace: Bool
  var prefix: Prefix
  /// Whether each "▁" begins a word of its own.
  var splitsAtMarks: Bool

  /// Applies the steps.
  ///
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - output: gets the result, its former contents dropped.
  ///   - scratch: is used on the way.
  func normalize(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout ByteBuffer, _ scratch: inout ByteBuffer
  ) {
    guard let first = steps.first else {
      output.removeAll()
      output.append(contentsOf: text)
      return
    }
    output.removeAll()
    Self.apply(first, to: text, appendingTo: &output)
    for step in steps.dropFirst() {
      scratch.removeAll()
      Self.apply(step, to: output.bytes, appendingTo: &scratch)
      swap(&output, &scratch)
    }
  }

  private static func apply(
    _ step: Step, to text: UnsafeBufferPointer<UInt8>, appendingTo output: inout ByteBuffer
  ) {
    switch step {
    case .characterMap(let map):
      map.apply(to: text, appendingTo: &output)
    case .replace(let pattern, let replacement):
      replace(pattern, with: replacement, in: text, appendingTo: &output)
    case .replaceSpaces(let replacement):
      var position = 0
      while position < text.count {
        var end = position
        while end < text.count, text[end] == 0x20 { end += 1 }
        if end >= position + 2 {
          output.append(contentsOf: replacement)
          position = end
        } else {
          output.append(text[position])
          position += 1
        }
      }
    case .strip(let left, let right):
      let start = left ? endOfWhiteSpace(text, from: 0) : 0
      let end = right ? startOfWhiteSpace(text, before: text.count) : text.count
      if start < end { output.append(contentsOf: text[start..<end]) }
    }
  }

  private static func replace(
    _ pattern: [UInt8], with replacement: [UInt8], in text: UnsafeBufferPointer<UInt8>,
    appendingTo output: inout ByteBuffer
  ) {
    var position = 0
    while position < text.count {
      if text[position] == pattern[0], text[position...].starts(with: pattern) {
        output.append(contentsOf: replacement)
        position += pattern.count
      } else {
        output.append(text[position])
        position += 1
      }
    }
  }

  /// Where the white space that begins at a place ends.
  static func endOfWhiteSpace(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = start
    while position < text.count, case let length = whiteSpace(text, at: position), length > 0 {
      position += length
    }
    return position
  }

  /// Where the white space that ends at a place begins.
  static func startOfWhiteSpace(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var position = end
    while position > 0 {
      var start = position - 1
      while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
      guard whiteSpace(text, at: start) == position - start else { break }
      position = start
    }
    return position
  }

  /// The length of the white space character (Unicode's White_Space) at a place, or 0 if there is another.
  @inline(__always)
  static func whiteSpace(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
    let byte = text[position]
    if byte < 0x80 { return byte == 0x20 || (0x09...0x0D).contains(byte) ? 1 : 0 }
    // All other white space begins with one of these bytes.
    guard byte == 0xC2 || (0xE1...0xE3).contains(byte) else { return 0 }
    let (scalar, length) = decodeCharacter(text, at: position)
    switch scalar {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return length
    default: return 0
    }
  }

  /// Whether a "▁" stands at a place.
  @inline(__always)
  static func isMark(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
    text[position] == 0xE2 && position + 2 < text.count && text[position + 1] == 0x96
      && text[position + 2] == 0x81
  }
}
