internal import Storage

/// A sentencepiece.bpe.model: pieces, scores and rules of replacement, as SentencePiece writes them, in Protocol Buffers.
///
/// In spite of its name the file of XLM-R holds a Unigram model.
struct SentencePieceModel {
  static let fileName = "sentencepiece.bpe.model"

  /// What a piece is for.
  private enum Kind: UInt64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  private let path: String
  private var bytes: [UInt8] = []
  private var offsets = [0]
  private var scores: [Double] = []
  private var kinds: [Kind] = []
  private var charsmap: [UInt8] = []
  private var modelType = UInt64(1)

  private static let unigram = UInt64(1)

  /// Reads the file.
  ///
  /// - Throws: `StorageError` if it cannot be read; `TokenizerError` with the byte where it is not as it should be, or for
  ///   another kind of model.
  init(_ path: String) throws {
    self.path = path
    let file = try RandomAccessFile(path).contents()
    var reader = ProtobufReader(file[...], path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: try readPiece(reader.message(field))
      case 2: try readTrainer(reader.message(field))
      case 3: try readNormalizer(reader.message(field))
      default: break
      }
    }
    guard modelType == Self.unigram else {
      throw TokenizerError.unsupported(
        family: .xlmRoberta, file: path, key: "trainer_spec.model_type",
        expected: "which is a Unigram model (1)", found: "\(modelType)")
    }
    guard !scores.isEmpty else { throw TokenizerError.emptyVocabulary(file: path) }
  }

  private mutating func readPiece(_ message: ProtobufReader) throws(TokenizerError) {
    var message = message
    var (text, score, kind) = (ArraySlice<UInt8>(), Float(0), Kind.normal)
    while let field = try message.next() {
      switch field.number {
      case 1: text = try message.bytes(field)
      case 2: score = Float(bitPattern: try message.fixed32(field))
      case 3:
        guard let stated = Kind(rawValue: try message.integer(field)) else {
          throw message.damage(field, "the type of piece \(scores.count) is none that there is")
        }
        kind = stated
      default: break
      }
    }
    guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
      throw message.damage("piece \(scores.count) is not valid UTF-8, or contains U+0000")
    }
    guard score.isFinite else {
      throw message.damage("the score of piece \(scores.count) is not a finite number")
    }
    guard scores.count < Vocabulary.mostEntries else {
      throw TokenizerError.vocabularyTooLarge(file: path)
    }
    bytes += text
    offsets.append(bytes.count)
    scores.append(Double(score))
    kinds.append(kind)
  }

  private mutating func readTrainer(_ message: ProtobufReader) throws(TokenizerError) {
    var message = message
    while let field = try message.next() {
      if field.number == 3 { modelType = try message.integer(field) }
    }
  }

  private mutating func readNormalizer(_ message: ProtobufReader) throws(TokenizerError) {
    var message = message
    while let field = try message.next() {
      if field.number == 2 { charsmap = Array(try message.bytes(field)) }
    }
  }

  /// The rules of replacement, if the model has any.
  func characterMap() throws(TokenizerError) -> CharacterMap? {
    if charsmap.isEmpty { return nil }
    do {
      return try CharacterMap(charsmap)
    } catch {
      throw .wrongKind(
        file: path, key: "normalizer_spec.precompiled_charsmap",
        expected: "SentencePiece's rules of replacement",
        found: "\(charsmap.count) bytes of another form (\(error))")
    }
  }

  /// Pieces that are found in a text as written.
  var addedTokens: [NamedToken] {
    kinds.indices.filter { kinds[$0] == .control || kinds[$0] == .userDefined }
      .map { piece in
        NamedToken(
          key: "pieces[\(piece)]", content: content(piece), isSpecial: kinds[piece] == .control)
      }
      .filter { !$0.content.isEmpty }
  }

  private func content(_ piece: Int) -> String {
    String(decoding: bytes[offsets[piece]..<offsets[piece + 1]], as: UTF8.self)
  }

  /// The vocabulary of XLM-R, which was trained with fairseq: its own four tokens instead of the model's first three, all others,
  /// which are one further on, and the mask.
  ///
  /// - Returns: pieces and scores.
  /// - Throws: `TokenizerError` if there are not three pieces to leave out, or too many.
  func fairseqPieces(
    start: String, padding: String, end: String, unknown: String, mask: String
  ) throws(TokenizerError) -> (Vocabulary, [Double]) {
    guard scores.count >= 3 else { throw .emptyVocabulary(file: path) }
    var (text, ends) = ([UInt8](), [0])
    func add(_ token: String) {
      text += Array(token.utf8)
      ends.append(text.count)
    }
    for token in [start, padding, end, unknown] { add(token) }
    let shift = text.count - offsets[3]
    text += bytes[offsets[3]...]
    ends += offsets[4...].map { $0 + shift }
    add(mask)
    let vocabulary = try Vocabulary(bytes: text, offsets: ends, file: path)
    return (vocabulary, [0, 0, 0, 0] + scores[3...] + [0])
  }
}
