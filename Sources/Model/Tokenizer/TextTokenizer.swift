internal import Glibc

/// What turns texts into token ids: for each encoder the tokenizer that it was pre-trained with.
public protocol TextTokenizer: Sendable {
  /// The number of ids.
  var tokenCount: Int { get }
  /// What kind it is and how its files were read.
  var summary: String { get }
  /// A digest of everything that decides a text's ids: 64 hexadecimal digits.
  var sha256: String { get }

  /// The token of an id.
  ///
  /// - Parameter id: in `0..<tokenCount`.
  /// - Returns: the token, "" for an id that no token has.
  func token(_ id: Int32) -> String

  /// Turns texts into token ids.
  ///
  /// - Parameters:
  ///   - texts: any; an empty one gives the special tokens alone.
  ///   - maxLength: the largest number of ids, the two at the ends included, at least 2; without a limit if `nil`. What is
  ///     beyond is cut off at the end.
  ///   - threads: at least 1.
  /// - Returns: one encoding per text, in order.
  func encode(_ texts: [String], maxLength: Int?, threads: Int) -> [Encoding]

  /// Writes the tokenizer's files into a Hugging Face directory.
  ///
  /// - Parameters:
  ///   - directory: exists; files of the same names are replaced.
  ///   - modelMaxLength: the longest text the model takes, in tokens; what the configuration says if `nil`.
  /// - Throws: an error that names the file, for what cannot be written.
  func write(to directory: String, modelMaxLength: Int?) throws
}

extension TextTokenizer {
  /// The same of one text.
  public func encode(_ text: String, maxLength: Int? = nil) -> Encoding {
    encode([text], maxLength: maxLength, threads: 1)[0]
  }
}

extension WordPieceTokenizer: TextTokenizer {
  public var summary: String { "WordPiece" }
}

extension UnigramTokenizer: TextTokenizer {
  public var summary: String {
    switch reading {
    case .autoTokenizer: "Unigram, as XLMRobertaTokenizer of transformers 5 makes it"
    case .tokenizerJSON: "Unigram, as tokenizer.json states it"
    }
  }
}

/// Reads the tokenizer of a Hugging Face directory, of whichever kind it is.
///
/// - Parameters:
///   - directory: its path.
///   - reading: which is meant where its files may describe two.
/// - Returns: the tokenizer.
/// - Throws: `TokenizerError`, `StorageError` or `JSONError` if there is none that can be read.
public func loadTokenizer(
  directory: String, reading: TokenizerReading = .autoTokenizer
) throws -> any TextTokenizer {
  func path(_ name: String) -> String? {
    let path = "\(directory)/\(name)"
    return access(path, F_OK) == 0 ? path : nil
  }
  let file = try path("tokenizer.json").map { try TokenizerFile($0) }
  if let file {
    if file.isUnigram {
      return try UnigramTokenizer(directory: directory, file: file, reading: reading)
    }
  } else if path("vocab.txt") == nil, path(SentencePieceModel.fileName) != nil {
    return try UnigramTokenizer(directory: directory, file: nil, reading: reading)
  }
  return try WordPieceTokenizer(directory: directory, file: file, reading: reading)
}

/// What the tokenizer of a directory takes in memory at most, about, in bytes, from the sizes of its files.
public func tokenizerMemoryBytes(directory: String) -> Int {
  max(
    WordPieceTokenizer.memoryBytes(directory: directory),
    UnigramTokenizer.memoryBytes(directory: directory))
}
