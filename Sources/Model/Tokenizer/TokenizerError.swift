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
  /// A setting that is not that family's, or one that would change ids in a way not built here.
  case unsupported(
    family: Family = .bert, file: String, key: String, expected: String, found: String)
  /// Two files have a vocabulary each, which differ in so many entries; the first of them, `nil` where a file has none.
  case vocabulariesDiffer(
    count: Int, id: Int, file: String, token: String?, otherFile: String, otherToken: String?)
  case tokensDiffer(id: Int, file: String, token: String, otherFile: String, otherToken: String)
  case undecided(file: String, key: String, found: Bool, configuration: String, setting: String)
  /// A class that reads tokenizer.json alone, which is not there.
  case noTokenizerFile(directory: String, file: String, found: String)
  case unwritableToken(id: Int, file: String)
  /// A score for which no number in a file is read as it.
  case unwritableScore(token: String, file: String)
  /// tokenizer.json was asked for and is not there.
  case noTokenizerJSON(directory: String)
  /// A Unigram vocabulary that the model's type does not tell how to read.
  case noTokenizerClass(directory: String, modelType: String)
  /// A place in a binary file that is not as it should be.
  case damaged(file: String, byte: Int, found: String)

  /// Whose tokenizers a file was read as.
  public enum Family: String, Sendable {
    case bert = "BERT"
    case xlmRoberta = "XLM-R"
  }
}

extension TokenizerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noVocabulary(let directory):
      "\(directory) has no vocabulary: none of vocab.txt, tokenizer.json and "
        + "sentencepiece.bpe.model is there."
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
    case .unsupported(let family, let file, let key, let expected, let found):
      "'\(key)' in \(file) is \(found); only \(family.rawValue)'s tokenizer, \(expected), is supported."
    case .vocabulariesDiffer(let count, let id, let file, let token, let otherFile, let other):
      "\(file) and \(otherFile) differ in \(count == 1 ? "one entry" : "\(count) entries")"
        + (count == 1 ? ", " : ", the first of them ")
        + "token \(id): \(token.map { "'\($0)'" } ?? "none") in \(file), "
        + "\(other.map { "'\($0)'" } ?? "none") in \(otherFile). They belong to different models; remove the one "
        + "that is not this model's. (White space at the end of an entry may differ.)"
    case .tokensDiffer(let id, let file, let token, let otherFile, let otherToken):
      "token \(id) is '\(token)' in \(file) and '\(otherToken)' in \(otherFile); "
        + "they belong to different models."
    case .undecided(let file, let key, let found, let configuration, let setting):
      "'\(key)' in \(file) is \(found), which Hugging Face's BertTokenizerFast overrides by its "
        + "default unless \(configuration) says otherwise: state '\(setting)' there."
    case .noTokenizerFile(let directory, let file, let found):
      "'tokenizer_class' in \(file) is \(found), which reads tokenizer.json alone, but \(directory) has none. Save the "
        + "tokenizer again with transformers, or, if it is BERT's, state BertTokenizer."
    case .unwritableToken(let id, let file):
      "token \(id) contains a line feed or white space at its end and cannot be written to \(file)."
    case .unwritableScore(let token, let file):
      "the score of '\(token)' cannot be written to \(file) so that it is read as the same number."
    case .noTokenizerJSON(let directory):
      "\(directory) has no tokenizer.json, which 'tokenizer: tokenizer_json' and the class PreTrainedTokenizerFast take. "
        + "Save the tokenizer with transformers, or state its class, such as XLMRobertaTokenizer, in "
        + "\(directory)/tokenizer_config.json."
    case .noTokenizerClass(let directory, let modelType):
      "\(directory)/tokenizer.json has a Unigram vocabulary, but no file says which class reads it, and models of type "
        + "'\(modelType)' do not. State '\"tokenizer_class\": \"XLMRobertaTokenizer\"' in "
        + "\(directory)/tokenizer_config.json if the tokenizer is XLM-R's."
    case .damaged(let file, let byte, let found):
      "\(file), byte \(byte): \(found). Fetch the file again."
    }
  }
}
