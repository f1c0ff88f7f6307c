/// Turns texts into token ids with memory of its own, which it keeps for the next text.
struct UnigramWorker: ~Copyable, TextWorker {
  private let core: UnigramCore
  private let splitsAtWhiteSpace: Bool
  private let prefix: TextPreparation.Prefix
  private let splitsAtMarks: Bool
  /// The largest number of ids between the first and the last.
  private let limit: Int

  private var normalized = ByteBuffer()
  private var scratch = ByteBuffer()
  private var word = ByteBuffer()
  private var spelling = UnigramModel.Scratch()
  /// The start token and what follows; once it holds more than the limit allows, the text is done with.
  private var ids: [Int32] = []
  private var words = 0

  /// - Parameters:
  ///   - core: the tokenizer's tables.
  ///   - maxLength: at least 2, or `nil` for no limit.
  init(core: UnigramCore, maxLength: Int?) {
    precondition(maxLength ?? 2 >= 2, "the special tokens need a maximum length of 2 at least")
    self.core = core
    let preparation = core.preparation
    (splitsAtWhiteSpace, splitsAtMarks) = (
      preparation.splitsAtWhiteSpace, preparation.splitsAtMarks
    )
    prefix = preparation.prefix
    limit = (maxLength ?? .max) - 2
  }

  private var isFull: Bool { ids.count - 1 > limit }

  mutating func encode(_ text: String) -> Encoding {
    var text = text
    return text.withUTF8 { encode($0) }
  }

  private mutating func encode(_ text: UnsafeBufferPointer<UInt8>) -> Encoding {
    ids.removeAll(keepingCapacity: true)
    ids.append(core.start.id)
    words = 0
    core.model.withSpeller { speller in
      core.writtenTokens.forEachPart(in: text) { part in
        switch part {
        case .token(let id): append(token: id)
        case .text(let range):
          read(
            UnsafeBufferPointer(rebasing: text[range]), isAtStart: range.lowerBound == 0, speller)
        }
        return !isFull
      }
    }
    let isTruncated = isFull
    if isTruncated { ids.removeLast(ids.count - 1 - limit) }
    let unknown = ids.dropFirst().count { $0 == core.model.unknownID }
    ids.append(core.end.id)
    return Encoding(ids: Array(ids), words: words, unknown: unknown, isTruncated: isTruncated)
  }

  private mutating func append(token id: Int32) {
    if ids.count - 1 < limit { words += 1 }
    ids.append(id)
  }

  /// Reads text without tokens that are found as written.
  private mutating func read(
    _ text: UnsafeBufferPointer<UInt8>, isAtStart: Bool, _ speller: UnigramModel.Speller
  ) {
    core.preparation.normalize(text, into: &normalized, &scratch)
    let bytes = normalized.bytes
    guard !core.normalizedTokens.isEmpty else { return split(bytes, isAtStart: isAtStart, speller) }
    core.normalizedTokens.forEachPart(in: bytes) { part in
      switch part {
      case .token(let id): append(token: id)
      case .text(let range):
        split(UnsafeBufferPointer(rebasing: bytes[range]), isAtStart: isAtStart, speller)
      }
      return !isFull
    }
  }

  /// Splits normalized text into words.
  private mutating func split(
    _ text: UnsafeBufferPointer<UInt8>, isAtStart: Bool, _ speller: UnigramModel.Speller
  ) {
    guard splitsAtWhiteSpace else {
      return readWords(of: text, isAtStart: isAtStart, speller)
    }
    var position = 0
    while position < text.count {
      let length = TextPreparation.whiteSpace(text, at: position)
      if length > 0 {
        position += length
        continue
      }
      let start = position
      while position < text.count, TextPreparation.whiteSpace(text, at: position) == 0 {
        position += 1
      }
      readWords(
        of: UnsafeBufferPointer(rebasing: text[start..<position]), isAtStart: isAtStart, speller)
      if isFull { return }
    }
  }

  /// Turns spaces into marks and begins a word at each, if so configured.
  private mutating func readWords(
    of text: UnsafeBufferPointer<UInt8>, isAtStart: Bool, _ speller: UnigramModel.Speller
  ) {
    guard !text.isEmpty else { return }
    word.removeAll()
    let hasPrefix =
      switch prefix {
      case .always: true
      case .first: isAtStart
      case .never: false
      }
    let beginsWithMark = text[0] == 0x20 || TextPreparation.isMark(text, at: 0)
    if hasPrefix, !beginsWithMark { appendMark() }
    word.reserve(text.count)
    for (position, byte) in text.enumerated() {
      let isSpace = byte == 0x20
      if isSpace || (byte == 0xE2 && TextPreparation.isMark(text, at: position)),
        splitsAtMarks
      {
        endWord(speller)
        if isFull { return }
      }
      if isSpace { appendMark() } else { word.append(byte) }
    }
    endWord(speller)
  }

  private mutating func appendMark() { word.append(contentsOf: TextPreparation.mark) }

  /// Spells the word that ends here, if there is one.
  private mutating func endWord(_ speller: UnigramModel.Speller) {
    guard word.count > 0 else { return }
    if ids.count - 1 < limit { words += 1 }
    speller.spell(word.bytes, &spelling, appendingTo: &ids)
    word.removeAll()
  }
}
