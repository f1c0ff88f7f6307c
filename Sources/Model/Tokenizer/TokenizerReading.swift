/// Which of the two tokenizers is meant that a directory's files may describe.
///
/// transformers 5 makes some tokenizers anew from their vocabulary, so that its steps are not those that tokenizer.json states.
public enum TokenizerReading: String, Sendable, CaseIterable {
  /// What `AutoTokenizer.from_pretrained` of transformers 5 gives.
  case autoTokenizer = "auto_tokenizer"
  /// What tokenizer.json states.
  case tokenizerJSON = "tokenizer_json"
}
