/// Why a directory cannot serve as a model.
public enum CheckpointError: Error, Equatable {
  case noConfiguration(String)
  case configuration(file: String, problem: String)
  /// `found` is a noun phrase with its article, such as "a model of type 'electra'".
  case unsupportedArchitecture(file: String, found: String, supported: [String])
  case activation(file: String, key: String, found: String)
  case noWeights(String)
  /// Only Python's pickle is there, which is a program rather than data.
  case onlyPickledWeights(directory: String, file: String)
  /// The index of a sharded checkpoint is not what it should be.
  case index(file: String, problem: String)
  case missingTensor(String, in: String, nearest: String?)
  case shape(of: String, in: String, expected: [Int], found: [Int])
  case tooFewLayers(file: String, wanted: Int, found: Int)
  case tokenOutOfRange(Int, vocabularySize: Int)
  case noTrainedHead(directory: String, missing: String)
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noConfiguration(let directory):
      "\(directory) has no config.json; "
        + "give a Hugging Face directory with config.json and model.safetensors."
    case .configuration(let file, let problem):
      "\(file) is not the configuration of an encoder that can be trained: \(problem)."
    case .unsupportedArchitecture(let file, let found, let supported):
      "\(file) describes \(found); supported are encoders whose model_type is "
        + supported.map { "\"\($0)\"" }.joined(separator: ", ")
        + ", such as bert-base-multilingual-uncased, xlm-roberta-base and "
        + "distilbert-base-multilingual-cased."
    case .activation(let file, let key, let found):
      "\(file) has \(key) '\(found)'; only 'gelu' (the exact one) is supported."
    case .noWeights(let directory):
      "\(directory) has neither model.safetensors nor model.safetensors.index.json; "
        + "fetch the weights in safetensors format."
    case .onlyPickledWeights(let directory, let file):
      """
      \(directory) has its weights only as \(file), which only Python can read. Convert it once: \
      python -c "from transformers import AutoModel; \
      AutoModel.from_pretrained('\(directory)').save_pretrained('\(directory)')"
      """
    case .index(let file, let problem):
      "\(file) is not a usable index of shards: \(problem). Fetch it again."
    case .missingTensor(let name, let file, let nearest):
      "\(file) has no tensor '\(name)'"
        + (nearest.map { "; the nearest name there is '\($0)'." }
          ?? "; are these the weights that config.json describes?")
    case .shape(let name, let file, let expected, let found):
      "'\(name)' in \(file) has shape \(found), but config.json calls for \(expected); "
        + "the two belong to different models."
    case .tooFewLayers(let file, let wanted, let found):
      "encoder_layers is \(wanted), but \(file) has only \(found) layers."
    case .tokenOutOfRange(let token, let size):
      "token \(token) is outside the model's vocabulary of \(size); "
        + "the tokenizer belongs to another model."
    case .noTrainedHead(let directory, let missing):
      "\(directory) has no trained classifier ('\(missing)' is missing or of another kind); "
        + "give the model directory of a finished run."
    }
  }
}
