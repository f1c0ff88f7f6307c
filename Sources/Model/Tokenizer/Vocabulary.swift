internal import Storage

/// The entries of a WordPiece vocabulary; an entry's id is its place.
///
/// Entries are compared byte by byte, never as Swift strings, which hold "é" equal to "e" with an
/// accent after it.
public struct Vocabulary: Sendable {
  /// The file it was read from, for messages.
  public let file: String
  /// All entries, one after another, UTF-8.
  let bytes: [UInt8]
  /// Where each entry begins in `bytes`, and the end of the last.
  let offsets: [Int]
  let trie: VocabularyTrie

  /// Several times what the largest multilingual models have.
  static let mostEntries = 1 << 20

  /// Reads a vocab.txt: one entry per line, lines ending at LF alone.
  ///
  /// As in the reference, white space at the end of a line is no part of the entry, an empty
  /// line takes up an id, and of equal entries the last one's id is used. Multilingual BERT's line 1,279 is
  /// U+2028 alone, which is white space here and not, as some readers have it, the end of a line.
  ///
  /// - Parameter file: its path.
  /// - Throws: `StorageError` if the file cannot be read; `TokenizerError.invalidUTF8` with the line;
  ///   `emptyVocabulary`; `vocabularyTooLarge`.
  public init(file: String) throws {
    var content = try RandomAccessFile(file).contents()
    // The file as a whole: characters cut in two by line ends are not put together again.
    if String(validating: content, as: UTF8.self) == nil {
      let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw TokenizerError.invalidUTF8(file: file, line: line + 1)
    }
    if content.last != 0x0A, !content.isEmpty { content.append(0x0A) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.count)
    var offsets = [0]
    var start = 0
    while let end = content[start...].firstIndex(of: 0x0A) {
      guard offsets.count <= Self.mostEntries else {
        throw TokenizerError.vocabularyTooLarge(file: file)
      }
      bytes += Self.withoutSpaceAtEnd(content[start..<end])
      offsets.append(bytes.count)
      start = end + 1
    }
    try self.init(bytes: bytes, offsets: offsets, file: file)
  }

  /// Reads `model.vocab` of a tokenizer.json.
  ///
  /// - Parameter file: its path.
  /// - Throws: `StorageError`, `JSONError`, or `TokenizerError` if there is no such object.
  public init(tokenizerJSON file: String) throws {
    self = try TokenizerFile(file).vocabulary()
  }

  /// Makes a vocabulary of entries in the order of their ids.
  ///
  /// - Parameters:
  ///   - tokens: at least one.
  ///   - file: what errors call it.
  /// - Throws: `TokenizerError.emptyVocabulary`, `vocabularyTooLarge`.
  public init(tokens: [String], file: String = "the vocabulary") throws {
    var bytes: [UInt8] = []
    var offsets = [0]
    for token in tokens {
      bytes += Array(token.utf8)
      offsets.append(bytes.count)
    }
    try self.init(bytes: bytes, offsets: offsets, file: file)
  }

  init(bytes: [UInt8], offsets: [Int], file: String) throws(TokenizerError) {
    guard offsets.count > 1 else { throw .emptyVocabulary(file: file) }
    guard offsets.count <= Self.mostEntries + 1 else { throw .vocabularyTooLarge(file: file) }
    guard let trie = VocabularyTrie(keys: bytes, offsets: offsets) else {
      throw .vocabularyTooLarge(file: file)
    }
    (self.bytes, self.offsets, self.trie, self.file) = (bytes, offsets, trie, file)
  }

  /// The number of ids, the rows of the model's embedding matrix unless tokens were added.
  public var count: Int { offsets.count - 1 }

  /// The entry of an id.
  ///
  /// - Parameter id: in `0..<count`.
  /// - Returns: the entry, "" for an id that no entry has.
  public func token(_ id: Int32) -> String {
    String(decoding: self[Int(id)], as: UTF8.self)
  }

  /// The id of an entry, or `nil` if there is none.
  public func id(of token: String) -> Int32? { trie.node(after: token.utf8)?.id }

  /// The bytes of an entry.
  subscript(id: Int) -> ArraySlice<UInt8> { bytes[offsets[id]..<offsets[id + 1]] }
}
