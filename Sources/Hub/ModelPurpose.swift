internal import Storage

/// What a model of the hub is wanted for, which decides the files that it takes.
public enum ModelPurpose: Sendable {
  /// Its tokenizer alone.
  case tokenizing
  /// Configuration, tokenizer and weights.
  case training

  static let configuration = "config.json"
  /// Any of these makes a tokenizer.
  static let tokenizers = ["tokenizer.json", "vocab.txt", "sentencepiece.bpe.model"]
  /// They say more about it, where they exist.
  static let tokenizerSettings = [
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
  ]
  static let weights = "model.safetensors"
  /// Lists the files over which large weights are spread.
  static let weightsIndex = "model.safetensors.index.json"
  /// What other formats of weights are called, which are never read: unpickling executes what the file says.
  static let otherWeights = ["pytorch_model.bin", "pytorch_model.bin.index.json"]

  /// What must be there and is not.
  ///
  /// - Parameter folder: a Hugging Face directory, or none yet.
  /// - Returns: names of files.
  /// - Throws: `JSONError`, `StorageError` or `HubError.index` if the list of weights cannot be used.
  func missingFiles(in folder: String) throws -> [String] {
    func isMissing(_ name: String) -> Bool { !exists("\(folder)/\(name)") }
    var missing: [String] = []
    if self == .training, isMissing(Self.configuration) { missing.append(Self.configuration) }
    if Self.tokenizers.allSatisfy(isMissing) {
      missing.append(Self.tokenizers.dropLast().joined(separator: " or "))
    }
    guard self == .training else { return missing }
    if !isMissing(Self.weights) { return missing }
    if isMissing(Self.weightsIndex) { return missing + [Self.weights] }
    return try missing + Self.shards(ofIndex: "\(folder)/\(Self.weightsIndex)").filter(isMissing)
  }

  /// The files that an index names, sorted.
  ///
  /// - Throws: `JSONError`, `StorageError`; `HubError.index` if it names none, or something that is no file's name.
  static func shards(ofIndex path: String) throws -> [String] {
    guard let map = try JSON.read(path)["weight_map"]?.object, !map.members.isEmpty else {
      throw HubError.index(file: path, problem: "it has no 'weight_map'")
    }
    var shards: Set<String> = []
    for (key, value) in map.members {
      guard let shard = value.string, !shard.isEmpty, !shard.contains("/"), !shard.hasPrefix("."),
        shard.hasSuffix(".safetensors")
      else {
        throw HubError.index(
          file: path, problem: "the shard of '\(key)' is not the name of a .safetensors file")
      }
      shards.insert(shard)
    }
    return shards.sorted()
  }
}
