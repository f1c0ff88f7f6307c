internal import Storage

/// The pieces and scores of a tokenizer.json, `model.vocab`, which is a list of pairs there.
struct UnigramPieces {
  /// All pieces, one after another.
  private(set) var bytes: [UInt8] = []
  /// Where each begins, and the end of the last.
  private(set) var offsets = [0]
  /// As Python reads the numbers: each is the nearest to what is written.
  private(set) var scores: [Double] = []
  /// As `tokenizers` reads them (see `DecimalNumber`).
  private(set) var approximateScores: [Double] = []

  /// Reads the list that begins at a place.
  ///
  /// - Throws: `TokenizerError.badEntry` with the line.
  init(in place: Range<Int>, of file: [UInt8], path: String) throws {
    var failure: (position: Int, found: String)?
    bytes.reserveCapacity(place.count / 3)
    file.withUnsafeBufferPointer { file in
      var scanner = PairScanner(file: UnsafeBufferPointer(rebasing: file[..<place.upperBound]))
      scanner.position = place.lowerBound + 1
      do throws(PairScanner.Failure) {
        try read(&scanner)
      } catch {
        failure = (scanner.position, error.found)
      }
    }
    // Pieces stand apart in the file, so that none may end within a character.
    if failure == nil,
      String(validating: bytes, as: UTF8.self) == nil
        || offsets.dropLast().contains(where: { $0 < bytes.count && bytes[$0] & 0xC0 == 0x80 })
    {
      failure = (place.lowerBound, "a piece of model.vocab is not valid UTF-8")
    }
    if failure == nil, bytes.contains(0) {
      failure = (place.lowerBound, "a piece of model.vocab contains U+0000, which is not supported")
    }
    if let failure {
      let line = file[..<min(failure.position, file.count)].count { $0 == 0x0A } + 1
      throw TokenizerError.badEntry(file: path, line: line, found: failure.found)
    }
  }

  private mutating func read(_ scanner: inout PairScanner) throws(PairScanner.Failure) {
    scanner.skipSpace()
    if scanner.skip("]") { return }
    repeat {
      try scanner.expect("[", "a piece of model.vocab is not a pair of a text and a number")
      try scanner.text(appendingTo: &bytes)
      try scanner.expect(",", "a piece of model.vocab has no score")
      let number = try scanner.number()
      try scanner.expect("]", "a piece of model.vocab is not a pair of a text and a number")
      guard scores.count < Vocabulary.mostEntries else {
        throw PairScanner.Failure(
          found:
            "model.vocab has more than \(Vocabulary.mostEntries) pieces, which is not supported")
      }
      offsets.append(bytes.count)
      scores.append(number.nearest)
      approximateScores.append(number.approximate)
      scanner.skipSpace()
    } while scanner.skip(",")
    try scanner.expect("]", "model.vocab is not valid JSON here")
  }
}

/// Goes through a list of pairs without making values of it.
private struct PairScanner {
  struct Failure: Error { let found: String }

  let file: UnsafeBufferPointer<UInt8>
  var position = 0

  init(file: UnsafeBufferPointer<UInt8>) { self.file = file }

  private var byte: UInt8 { position < file.count ? file[position] : 0 }

  @inline(__always)
  mutating func skipSpace() {
    while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func skip(_ expected: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: expected) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ expected: Unicode.Scalar, _ found: String) throws(Failure) {
    skipSpace()
    guard skip(expected) else { throw Failure(found: found) }
  }

  mutating func text(appendingTo bytes: inout [UInt8]) throws(Failure) {
    skipSpace()
    let start = position
    guard skip("\"") else { throw Failure(found: "a piece of model.vocab is not a text") }
    var isPlain = true
    while position < file.count, byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") {
        isPlain = false
        position += 1
      } else if byte < 0x20 {
        isPlain = false
      }
      position += 1
    }
    guard skip("\"") else {
      position = start
      throw Failure(found: "a piece of model.vocab is not a valid text")
    }
    let literal = UnsafeBufferPointer(rebasing: file[start..<position])
    if isPlain {
      // Whether this is UTF-8 is checked once for all pieces.
      bytes.append(contentsOf: literal.dropFirst().dropLast())
    } else if let text = try? JSON.parse(Array(literal), file: "").string {
      bytes.append(contentsOf: text.utf8)
    } else {
      position = start
      throw Failure(found: "a piece of model.vocab is not a valid text")
    }
  }

  mutating func number() throws(Failure) -> DecimalNumber {
    skipSpace()
    guard let number = DecimalNumber(file, at: &position) else {
      throw Failure(found: "the score of a piece of model.vocab is not a finite number")
    }
    return number
  }
}
