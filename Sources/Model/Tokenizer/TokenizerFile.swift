internal import Storage

/// A tokenizer.json, its `model.vocab` taken out.
///
/// The vocabulary is read apart from the rest: 100,000 members are too many to go through a JSON
/// value, and two entries that Swift strings hold equal are not the same. WordPiece has an object of entries and ids there,
/// Unigram a list of pieces and scores.
struct TokenizerFile {
  let path: String
  /// Everything but the vocabulary, which is `{}` here.
  let settings: JSON
  /// Entry and id as they were written, if `model.vocab` is an object.
  private let entries: [(token: [UInt8], id: Int)]?
  /// Pieces and scores, if `model.vocab` is a list.
  let pieces: UnigramPieces?

  /// Reads the file.
  ///
  /// - Throws: `StorageError` if it cannot be read, `JSONError` if it is not JSON,
  ///   `TokenizerError.badEntry` if an entry's id is not one.
  init(_ path: String) throws {
    let bytes = try RandomAccessFile(path).contents()
    var scanner = JSONScanner(bytes: bytes)
    guard let place = scanner.collection(at: ["model", "vocab"]) else {
      // No such collection, or not JSON: the parser finds out.
      self.path = path
      (settings, entries, pieces) = (try JSON.parse(bytes, file: path), nil, nil)
      return
    }
    // As many lines as before, so that errors below it name the right one.
    let lines = bytes[place].filter { $0 == 0x0A }
    let (first, last) = (bytes[place.lowerBound], bytes[place.upperBound - 1])
    let remainder =
      bytes[..<place.lowerBound] + [first] + lines + [last] + bytes[place.upperBound...]
    self.path = path
    settings = try JSON.parse(Array(remainder), file: path)
    if first == UInt8(ascii: "{") {
      (entries, pieces) = (try Self.entries(in: place, of: bytes, file: path), nil)
    } else {
      (entries, pieces) = (nil, try UnigramPieces(in: place, of: bytes, path: path))
    }
  }

  /// Whether the model is a Unigram one.
  var isUnigram: Bool { settings["model"]?["type"] == .string("Unigram") }

  /// Whose tokenizers the file is read as.
  var family: TokenizerError.Family { isUnigram ? .xlmRoberta : .bert }

  /// The vocabulary in the order of the ids; ids that no entry has get an empty one.
  ///
  /// - Throws: `TokenizerError` if there is none or it is empty.
  func vocabulary() throws(TokenizerError) -> Vocabulary {
    guard let entries else {
      throw .wrongKind(
        file: path, key: "model.vocab", expected: "an object of tokens and ids",
        found: settings["model"]?["vocab"]?.kind ?? "missing")
    }
    let count = (entries.lazy.map(\.id).max() ?? -1) + 1
    // A single entry with a high id would ask for memory for all those below it.
    guard count <= 2 * entries.count + 1024 else {
      throw .badEntry(
        file: path, line: 1, found: "the ids of model.vocab leave out most numbers below \(count)")
    }
    var tokens: [[UInt8]] = Array(repeating: [], count: count)
    for (token, id) in entries { tokens[id] = token }
    var offsets = [0]
    for token in tokens { offsets.append((offsets.last ?? 0) + token.count) }
    return try Vocabulary(bytes: Array(tokens.joined()), offsets: offsets, file: path)
  }

  private static func entries(
    in place: Range<Int>, of bytes: [UInt8], file: String
  ) throws -> [(token: [UInt8], id: Int)] {
    func failure(_ position: Int, _ found: String) -> TokenizerError {
      let line = bytes[..<min(position, bytes.count)].count { $0 == 0x0A } + 1
      return .badEntry(file: file, line: line, found: found)
    }
    var scanner = JSONScanner(bytes: bytes, position: place.lowerBound)
    var entries: [(token: [UInt8], id: Int)] = []
    var problem: (any Error)?
    let isObject = scanner.members { key, scanner in
      let text = bytes[scanner.position...].prefix { (0x30...0x39).contains($0) }
      let position = scanner.position
      guard let id = Int(String(decoding: text, as: UTF8.self)), id < 1 << 24,
        scanner.skipValue(), scanner.position == text.endIndex
      else {
        problem = failure(position, "the id of an entry of model.vocab is not a whole number")
        return false
      }
      do {
        entries.append((try token(bytes[key], file: file), id))
      } catch {
        problem = failure(position, "an entry of model.vocab is not a valid string")
        return false
      }
      return true
    }
    if let problem { throw problem }
    guard isObject else {
      // The parser says better what is wrong.
      _ = try JSON.parse(bytes, file: file)
      throw failure(scanner.position, "model.vocab is not valid JSON here")
    }
    return entries
  }

  /// What a JSON string with its quotation marks stands for.
  private static func token(_ literal: ArraySlice<UInt8>, file: String) throws -> [UInt8] {
    let content = literal.dropFirst().dropLast()
    if !content.contains(UInt8(ascii: "\\")), content.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      return Array(content)
    }
    return Array((try JSON.parse(Array(literal), file: file).string ?? "").utf8)
  }
}

/// Finds its way through JSON without making values of it.
private struct JSONScanner {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8], position: Int = 0) {
    (self.bytes, self.position) = (bytes, position)
    if position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.position = 3 }
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func skip(_ expected: Character) -> Bool {
    guard byte == expected.asciiValue else { return false }
    position += 1
    return true
  }

  /// The place of the object or array that a path of keys leads to from here.
  mutating func collection(at path: some Collection<String>) -> Range<Int>? {
    guard let first = path.first else {
      skipSpace()
      let start = position
      let isCollection = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
      return isCollection && skipValue() ? start..<position : nil
    }
    var result: Range<Int>?
    _ = members { key, scanner in
      if scanner.bytes[key].dropFirst().dropLast().elementsEqual(first.utf8) {
        result = scanner.collection(at: path.dropFirst())
        return false
      }
      return scanner.skipValue()
    }
    return result
  }

  /// Visits the members of the object that begins here.
  ///
  /// - Parameter visit: is given the place of the key with its quotation marks and the scanner at the
  ///   value, which it must skip; returns whether to go on.
  /// - Returns: whether the object ended as it should.
  mutating func members(_ visit: (Range<Int>, inout JSONScanner) -> Bool) -> Bool {
    skipSpace()
    guard skip("{") else { return false }
    skipSpace()
    if skip("}") { return true }
    repeat {
      skipSpace()
      let start = position
      guard skipString() else { return false }
      let key = start..<position
      skipSpace()
      guard skip(":") else { return false }
      skipSpace()
      guard visit(key, &self) else { return false }
      skipSpace()
    } while skip(",")
    return skip("}")
  }

  private mutating func skipString() -> Bool {
    guard skip("\"") else { return false }
    while let byte {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  /// Skips a value, looking no closer than brackets and strings.
  mutating func skipValue() -> Bool {
    var depth = 0
    repeat {
      skipSpace()
      switch byte {
      case nil: return false
      case UInt8(ascii: "\""): guard skipString() else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { return false }
        position += 1
      default:
        while let byte, !" \n\r\t,:{}[]\"".utf8.contains(byte) { position += 1 }
      }
    } while depth > 0
    return depth == 0
  }
}
