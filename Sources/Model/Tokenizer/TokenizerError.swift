/// Why a directory's files do not give a BERT tokenizer.
public enum TokenizerError: Error, Equatable {
  case noVocabulary(directory: String)
  case emptyVocabulary(file: String)
  case vocabularyTooLarge(file: String)
  case invalidUTF8(file: String, line: Int)
  case missingToken(String, role: String, file: String)
  case badEntry(file: String, line: Int, found: String)
  /// A value of the wrong kind: `key` is a path such as "model.vocab".
  case wrongKind(file: String, key: String, expected: String, found: String)
  /// A setting that is not BERT's, or one that would change ids in a way not built here.
  case unsupported(file: String, key: String, expected: String, found: String)
  case sizesDiffer(file: String, count: Int, otherFile: String, otherCount: Int)
  case tokensDiffer(id: Int, file: String, token: String, otherFile: String, otherToken: String)
  case undecided(file: String, key: String, found: Bool, configuration: String, setting: String)
  case unwritableToken(id: Int, file: String)
}

extension TokenizerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noVocabulary(let directory):
      "\(directory) has no vocabulary: neither vocab.txt nor tokenizer.json is there."
    case .emptyVocabulary(let file):
      "\(file) has no entries; a vocabulary has one token per line."
    case .vocabularyTooLarge(let file):
      "\(file) has more than the tokenizer can index (2^20 entries, 2^22 nodes)."
    case .invalidUTF8(let file, let line):
      "\(file):\(line): the line is not valid UTF-8."
    case .missingToken(let token, let role, let file):
      "\(file) has no entry '\(token)', which should be the \(role)."
    case .badEntry(let file, let line, let found):
      "\(file):\(line): \(found)."
    case .wrongKind(let file, let key, let expected, let found):
      "'\(key)' in \(file) is \(found); expected \(expected)."
    case .unsupported(let file, let key, let expected, let found):
      "'\(key)' in \(file) is \(found); only BERT's tokenizer, \(expected), is supported."
    case .sizesDiffer(let file, let count, let otherFile, let otherCount):
      "\(file) has \(count) entries, \(otherFile) \(otherCount): they belong to different models."
    case .tokensDiffer(let id, let file, let token, let otherFile, let otherToken):
      "token \(id) is '\(token)' in \(file) and '\(otherToken)' in \(otherFile); "
        + "they belong to different models."
    case .undecided(let file, let key, let found, let configuration, let setting):
      "'\(key)' in \(file) is \(found), which Hugging Face's BertTokenizerFast overrides by its "
        + "default unless \(configuration) says otherwise: state '\(setting)' there."
    case .unwritableToken(let id, let file):
      "token \(id) contains a line feed or white space at its end and cannot be written to \(file)."
    }
  }
}
