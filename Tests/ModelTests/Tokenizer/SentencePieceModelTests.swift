import Model
import Storage
import TestSupport
import Testing

/// A sentencepiece.bpe.model that is not as it should be.
@Suite struct SentencePieceModelTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try AtomicFile.write(#"{"model_type": "xlm-roberta"}"#, to: "\(folder.path)/config.json")
  }

  private func load(_ bytes: [UInt8]) throws -> any TextTokenizer {
    try AtomicFile.write(bytes, to: "\(folder.path)/sentencepiece.bpe.model")
    return try loadTokenizer(directory: folder.path)
  }

  private func failure(_ bytes: [UInt8]) throws -> String {
    let error = try #require(throws: TokenizerError.self) { try load(bytes) }
    return "\(error)".replacing("\(folder.path)/", with: "")
  }

  /// A field that holds bytes.
  private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count)] + content
  }

  private func piece(_ text: [UInt8], score: UInt32 = 0xBF80_0000) -> [UInt8] {
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: score >> (8 * $0)) }
    return field(1, field(1, text) + [0x15] + bytes)
  }

  private var threePieces: [UInt8] {
    piece(Array("<unk>".utf8)) + piece(Array("<s>".utf8)) + piece(Array("</s>".utf8))
  }

  /// Unknown fields and kinds of values are passed over, the last pieces count.
  @Test func readsTheSmallestModel() throws {
    let others: [UInt8] =
      [0x78, 0x96, 0x01] + [0x79, 1, 2, 3, 4, 5, 6, 7, 8] + [0x7D, 1, 2, 3, 4] + field(15, [1])
    let tokenizer = try load(threePieces + others + piece(Array("▁a".utf8)))
    #expect(tokenizer.tokenCount == 6)
    #expect(tokenizer.encode("a a<mask>b").ids == [0, 4, 4, 5, 3, 2])
    #expect(tokenizer.token(4) == "▁a")
  }

  @Test func namesThePlace() throws {
    let at = "sentencepiece.bpe.model, byte"
    let end = " Fetch the file again."
    #expect(
      try failure(threePieces + [0x0A, 0x7F])
        == "\(at) 41: a field of 127 bytes goes beyond what it is part of.\(end)")
    #expect(
      try failure(threePieces + [0x0A]) == "\(at) 40: a number does not end.\(end)")
    #expect(
      try failure(threePieces + Array(repeating: 0xFF, count: 12))
        == "\(at) 39: a number does not end.\(end)")
    #expect(try failure([0x00, 0x00]) == "\(at) 0: a field has the number 0.\(end)")
    #expect(
      try failure([0x0B]) == "\(at) 0: a field has the wire type 3, which is not used.\(end)")
    #expect(
      try failure([0x08, 0x01]) == "\(at) 0: field 1 has the wire type 0; expected 2.\(end)")
    #expect(
      try failure(piece([0xFF])) == "\(at) 2: piece 0 is not valid UTF-8, or contains U+0000.\(end)"
    )
    #expect(
      try failure(piece([0x61], score: 0x7FC0_0000))
        == "\(at) 2: the score of piece 0 is not a finite number.\(end)")
    #expect(
      try failure(field(1, [0x18, 0x09]))
        == "\(at) 2: the type of piece 0 is none that there is.\(end)")
    #expect(
      try failure(threePieces + field(2, [0x18, 0x02]))
        == "'trainer_spec.model_type' in sentencepiece.bpe.model is 2; only XLM-R's tokenizer, which is a Unigram model (1), is "
        + "supported.")
    #expect(
      try failure(threePieces + field(3, field(2, [1, 2, 3]))).hasPrefix(
        "'normalizer_spec.precompiled_charsmap' in sentencepiece.bpe.model is 3 bytes"))
    #expect(try failure([]).hasPrefix("sentencepiece.bpe.model has no entries"))
    #expect(try failure(piece([0x61])).hasPrefix("sentencepiece.bpe.model has no entries"))
  }

  /// However much of the file is there: an error or a tokenizer, and never a trap.
  @Test func standsEveryCut() throws {
    let whole = try RandomAccessFile(Fixture.path("unigram/sentencepiece.bpe.model")).contents()
    var (read, refused) = (0, 0)
    for count in Array(0..<500) + Array(stride(from: 500, to: whole.count, by: 61)) {
      do {
        let tokenizer = try load(Array(whole[..<count]))
        #expect(tokenizer.encode("the \u{3000}ﬁ e\u{301}").ids.first == 0)
        read += 1
      } catch is TokenizerError {
        refused += 1
      }
    }
    #expect(read > 20 && refused > 400)
  }
}
