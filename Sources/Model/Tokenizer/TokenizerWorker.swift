/// Encodes texts one after another, with the buffers that takes; one thread's.
struct TokenizerWorker: ~Copyable, TextWorker {
  private let core: TokenizerCore
  private let characters: CharacterTable
  private let trie: VocabularyTrie
  private let ascii: [UInt8]
  /// The largest number of ids between `[CLS]` and `[SEP]`.
  private let limit: Int

  private let longestWord: Int
  /// The word being read, normalized; what goes beyond `longestWord` is counted, not kept.
  private var word = [4096 of UInt8](repeating: 0)
  private var wordBytes = 0
  private var wordScalars = 0
  /// Characters that canonical ordering may move: rank in bits 24–31, code point in bits 0–23.
  private var movable: [UInt32] = []

  /// `[CLS]` and what follows; once it holds more than the limit allows, the text is done with.
  private var ids: [Int32] = []
  private var words = 0
  /// The words themselves, if somebody wants them.
  private var collectedWords: [String]?

  /// - Parameters:
  ///   - core: the tokenizer's tables.
  ///   - maxLength: at least 2, or `nil` for no limit.
  init(core: TokenizerCore, maxLength: Int?) {
    precondition(maxLength ?? 2 >= 2, "[CLS] and [SEP] need a maximum length of 2 at least")
    self.core = core
    (characters, trie, ascii) = (core.characters, core.vocabulary.trie, core.ascii)
    limit = (maxLength ?? .max) - 2
    longestWord = core.configuration.longestWord
    precondition(
      longestWord <= TokenizerConfiguration.mostCharacters, "the word's buffer is too small")
  }

  /// See `WordPieceTokenizer.encode`.
  mutating func encode(_ text: String) -> Encoding {
    var text = text
    return text.withUTF8 { encode($0) }
  }

  /// See `WordPieceTokenizer.words`.
  mutating func words(in text: String) -> [String] {
    collectedWords = []
    _ = encode(text)
    defer { collectedWords = nil }
    return collectedWords ?? []
  }

  private var isFull: Bool { ids.count - 1 > limit }

  private mutating func encode(_ text: UnsafeBufferPointer<UInt8>) -> Encoding {
    ids.removeAll(keepingCapacity: true)
    ids.append(core.classifierID)
    words = 0
    // A text that was cut off may have left part of a word behind.
    (wordBytes, wordScalars) = (0, 0)
    movable.removeAll(keepingCapacity: true)
    var position = 0
    while position < text.count, !isFull {
      let match = core.specialTokens.firstMatch(in: text, from: position)
      read(text[position..<(match?.range.lowerBound ?? text.count)])
      guard let match, !isFull else { break }
      if ids.count - 1 < limit { words += 1 }
      ids.append(match.id)
      position = match.range.upperBound
    }
    let isTruncated = isFull
    if isTruncated { ids.removeLast(ids.count - 1 - limit) }
    let unknown = ids.dropFirst().count { $0 == core.unknownID }
    ids.append(core.separatorID)
    return Encoding(ids: Array(ids), words: words, unknown: unknown, isTruncated: isTruncated)
  }

  /// Reads text without special tokens.
  private mutating func read(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
    var position = text.startIndex
    while position < text.endIndex {
      let byte = text.base[position]
      if byte < 0x80 {
        position += 1
        let action = ascii[Int(byte)]
        if action & 0x80 == 0 {
          if action != 0 { append(ascii: action) }
          continue
        }
        endWord()
        if action != 0x80 {
          append(ascii: action & 0x7F)
          endWord()
        }
        if isFull { return }
      } else {
        let (scalar, length) = decode(text.base, at: position)
        position += length
        append(scalar)
        if isFull { return }
      }
    }
    endWord()
  }

  /// Reads a character of two to four bytes.
  @inline(__always)
  private func decode(
    _ text: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (scalar: UInt32, length: Int) {
    func bits(_ index: Int) -> UInt32 { UInt32(text[position + index] & 0x3F) }
    let first = UInt32(text[position])
    if first < 0xE0 { return ((first & 0x1F) << 6 | bits(1), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | bits(1) << 6 | bits(2), 3) }
    return ((first & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3), 4)
  }

  /// Does to a character what the table says.
  private mutating func append(_ scalar: UInt32) {
    let element = characters[scalar]
    switch element.kind {
    case .sequence:
      let start = Int(element.payload)
      for index in start..<start + Int(element.rank) { append(characters.sequences[index], 0) }
    case .hangul:
      // The Unicode standard, section 3.12. All parts are starters.
      let syllable = scalar - 0xAC00
      append(letter: 0x1100 + syllable / 588)
      append(letter: 0x1161 + syllable % 588 / 28)
      if syllable % 28 > 0 { append(letter: 0x11A7 + syllable % 28) }
    default:
      append(element, scalar)
    }
  }

  @inline(__always)
  private mutating func append(_ element: CharacterTable.Element, _ scalar: UInt32) {
    let output = element.payload == 0 ? scalar : element.payload
    switch element.kind {
    case .letter:
      if element.rank == 0 {
        append(letter: output)
      } else {
        movable.append(element.rank << 24 | output)
      }
    case .removedStarter:
      appendMovable()
    case .space:
      endWord()
    case .isolated:
      endWord()
      append(letter: output)
      endWord()
    case .removed, .sequence, .hangul:
      break
    }
  }

  @inline(__always)
  private mutating func append(ascii byte: UInt8) {
    if !movable.isEmpty { appendMovable() }
    if wordScalars < longestWord {
      word[wordBytes] = byte
      wordBytes += 1
    }
    wordScalars += 1
  }

  private mutating func append(letter scalar: UInt32) {
    if !movable.isEmpty { appendMovable() }
    appendInOrder(scalar)
  }

  private mutating func appendInOrder(_ scalar: UInt32) {
    wordScalars += 1
    guard wordScalars <= longestWord else { return }
    func put(_ byte: UInt32) {
      word[wordBytes] = UInt8(truncatingIfNeeded: byte)
      wordBytes += 1
    }
    if scalar < 0x80 {
      put(scalar)
    } else if scalar < 0x800 {
      put(0xC0 | scalar >> 6)
      put(0x80 | scalar & 0x3F)
    } else if scalar < 0x10000 {
      put(0xE0 | scalar >> 12)
      put(0x80 | scalar >> 6 & 0x3F)
      put(0x80 | scalar & 0x3F)
    } else {
      put(0xF0 | scalar >> 18)
      put(0x80 | scalar >> 12 & 0x3F)
      put(0x80 | scalar >> 6 & 0x3F)
      put(0x80 | scalar & 0x3F)
    }
  }

  /// Adds the characters held back to the word in canonical order: by rank, equal ones as they came.
  private mutating func appendMovable() {
    // Counting keeps a text of nothing but marks linear; most runs have one.
    if movable.count > 1 {
      var starts = Array(repeating: 0, count: 257)
      for entry in movable { starts[Int(entry >> 24) + 1] += 1 }
      for rank in 1...256 { starts[rank] += starts[rank - 1] }
      var sorted = movable
      for entry in movable {
        sorted[starts[Int(entry >> 24)]] = entry
        starts[Int(entry >> 24)] += 1
      }
      movable = sorted
    }
    for entry in movable { appendInOrder(entry & 0xFF_FFFF) }
    movable.removeAll(keepingCapacity: true)
  }

  /// Spells the word that ends here, if there is one.
  private mutating func endWord() {
    if !movable.isEmpty { appendMovable() }
    guard wordScalars > 0 else { return }
    if collectedWords != nil {
      collectedWords?.append(String(decoding: (0..<wordBytes).map { word[$0] }, as: UTF8.self))
    }
    let first = ids.count
    if wordScalars > longestWord || !spell() {
      ids.removeLast(ids.count - first)
      ids.append(core.unknownID)
    }
    if first - 1 < limit { words += 1 }
    (wordBytes, wordScalars) = (0, 0)
  }

  /// Appends the ids of the longest entries that make up the word from left to right; returns false
  /// where none fits.
  private mutating func spell() -> Bool {
    var position = 0
    var start: VocabularyTrie.Node? = trie.root
    while position < wordBytes {
      guard var node = start else { return false }
      var longest: (id: Int32, end: Int)?
      var end = position
      while end < wordBytes, let next = trie.child(of: node, by: word[end]) {
        end += 1
        node = next
        if let id = node.id { longest = (id, end) }
      }
      guard let longest else { return false }
      ids.append(longest.id)
      position = longest.end
      start = core.continuation
    }
    return true
  }
}
