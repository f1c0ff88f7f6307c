internal import Model
internal import Storage
internal import TestSupport

/// A folder with files of a tiny model's or tokenizer's, one of which is the input.
private func folder(_ name: String, _ files: [(name: String, bytes: [UInt8])]) throws -> String {
  let folder = "\(FuzzTarget.folder)/\(name)"
  if !isFolder(folder) {
    try makeFolder(folder)
    for file in files { try write(file.bytes, to: "\(folder)/\(file.name)") }
  }
  return folder
}

private func contents(_ fixture: String) throws -> [UInt8] {
  try RandomAccessFile(Fixture.path(fixture)).contents()
}

/// Encodes what tokenizers stumble over; every id must lie in the vocabulary or among added tokens.
private func encode(_ tokenizer: any TextTokenizer, _ text: String = "") {
  let texts = ["", "Ein café, naïve! 你好 \u{0}\u{FEFF}x\u{301}[MASK]", text]
  for encoding in tokenizer.encode(texts, maxLength: 16, threads: 1) {
    demand((2...16).contains(encoding.ids.count))
    demand(encoding.ids.allSatisfy { $0 >= 0 })
  }
}

/// Loads a Unigram tokenizer of a folder in which one file is the input, as either class reads it, and encodes.
private func encodeByUnigram(
  _ name: String, _ file: String, _ bytes: [UInt8], beside others: [(name: String, bytes: [UInt8])]
) throws {
  let folder = try folder(name, others)
  try write(bytes, to: "\(folder)/\(file)")
  let text = String(decoding: bytes.suffix(100), as: UTF8.self)
  // What one of the two refuses may be right for the other.
  var refusal: (any Error)?
  for reading in TokenizerReading.allCases {
    do {
      encode(try loadTokenizer(directory: folder, reading: reading), text)
    } catch {
      refusal = error
    }
  }
  if let refusal { throw refusal }
}

/// The files of the fixture's first directory, with its charsmap.
private let smallUnigramFiles: [(name: String, bytes: [UInt8])] = {
  do {
    let cases = try JSON.read(Fixture.path("unigram/directories.json"))["cases"]
    let files = cases?.array?.first?["files"]?.object?.members ?? []
    let map = try JSON.read(Fixture.path("unigram/model.json"))["charsmap"]?.string ?? ""
    return files.map {
      ($0.key, Array(($0.value.string ?? "").replacing("$CHARSMAP", with: map).utf8))
    }
  } catch {
    preconditionFailure("\(error)")
  }
}()

/// The contents of one of them.
private func smallUnigram(_ file: String) -> [UInt8] {
  smallUnigramFiles.first { $0.name == file }?.bytes ?? []
}

private let unigramTargets = [
  FuzzTarget(
    "unigram", fileName: "tokenizer.json", dictionary: "json",
    seeds: { [smallUnigram("tokenizer.json")] },
    body: { path, bytes in
      let settings = ("tokenizer_config.json", smallUnigram("tokenizer_config.json"))
      try encodeByUnigram("unigram", "tokenizer.json", bytes, beside: [settings])
    }),
  FuzzTarget(
    "unigram-config", fileName: "tokenizer_config.json", dictionary: "json",
    seeds: {
      [
        smallUnigram("tokenizer_config.json"),
        bytes(
          #"{"tokenizer_class": "XLMRobertaTokenizer", "mask_token": {"__type": "AddedToken", "content": "<n>", "#
            + #""lstrip": true}, "added_tokens_decoder": {"0": {"content": "<s>", "special": true}}, "#
            + #""extra_special_tokens": ["<x>"], "add_prefix_space": false, "model_max_length": 512}"#
        ),
      ]
    },
    body: { path, bytes in
      let tokenizer = ("tokenizer.json", smallUnigram("tokenizer.json"))
      try encodeByUnigram("unigram-config", "tokenizer_config.json", bytes, beside: [tokenizer])
    }),
  FuzzTarget(
    "sentencepiece", fileName: "sentencepiece.bpe.model",
    seeds: { [try contents("unigram/sentencepiece.bpe.model")] },
    body: { path, bytes in
      let folder = try folder(
        "sentencepiece", [("config.json", Array(#"{"model_type": "xlm-roberta"}"#.utf8))])
      try write(bytes, to: "\(folder)/sentencepiece.bpe.model")
      encode(
        try loadTokenizer(directory: folder), String(decoding: bytes.suffix(100), as: UTF8.self))
    }),
]

/// A tokenizer of a folder in which one file is the input.
private func tokenizer(
  _ name: String, _ file: String, _ bytes: [UInt8], beside others: [(name: String, bytes: [UInt8])]
) throws -> WordPieceTokenizer {
  let folder = try folder(name, others)
  try write(bytes, to: "\(folder)/\(file)")
  return try WordPieceTokenizer(directory: folder)
}

private let smallestConfiguration = #"""
  {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 2, "num_hidden_layers": 1,
  "num_attention_heads": 1, "intermediate_size": 2, "vocab_size": 3, "max_position_embeddings": 5}
  """#

/// The same of XLM-R, whose positions begin later, and of DistilBERT, which calls everything otherwise.
private let otherConfigurations = [
  #"""
  {"architectures": ["XLMRobertaModel"], "model_type": "xlm-roberta", "hidden_size": 2,
  "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 2, "vocab_size": 3,
  "max_position_embeddings": 5, "pad_token_id": 1, "layer_norm_eps": 1e-5, "type_vocab_size": 2}
  """#,
  #"""
  {"architectures": ["DistilBertModel"], "model_type": "distilbert", "dim": 2, "n_layers": 1,
  "n_heads": 1, "hidden_dim": 2, "vocab_size": 3, "max_position_embeddings": 5,
  "sinusoidal_pos_embds": true, "seq_classif_dropout": 0.2}
  """#,
].map { Array($0.utf8) }

/// Names and shapes of the tensors that such models have.
private let smallestTensors: [(name: String, shape: [Int])] = {
  func dense(_ name: String) -> [(name: String, shape: [Int])] {
    [("\(name).weight", [2, 2]), ("\(name).bias", [2])]
  }
  func norm(_ name: String) -> [(name: String, shape: [Int])] {
    [("\(name).LayerNorm.weight", [2]), ("\(name).LayerNorm.bias", [2])]
  }
  let (layer, other) = ("encoder.layer.0", "transformer.layer.0")
  let ofDistilBERT =
    [
      "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "ffn.lin1",
      "ffn.lin2",
    ]
    .flatMap { dense("\(other).\($0)") }
    + ["sa_layer_norm", "output_layer_norm"].flatMap { name in
      [(name: "\(other).\(name).weight", shape: [2]), (name: "\(other).\(name).bias", shape: [2])]
    }
  return [
    ("embeddings.word_embeddings.weight", [3, 2]),
    ("embeddings.position_embeddings.weight", [5, 2]),
    ("embeddings.token_type_embeddings.weight", [2, 2]),
  ] + norm("embeddings") + dense("\(layer).attention.self.query")
    + dense("\(layer).attention.self.key") + dense("\(layer).attention.self.value")
    + dense("\(layer).attention.output.dense") + norm("\(layer).attention.output")
    + dense("\(layer).intermediate.dense") + dense("\(layer).output.dense")
    + norm("\(layer).output") + dense("pooler.dense") + ofDistilBERT
}()

/// The weights, all one half.
private func smallestCheckpoint() throws -> [UInt8] {
  let path = "\(FuzzTarget.folder)/smallest.safetensors"
  var writer = try SafetensorsWriter(
    path, tensors: smallestTensors.map { .init($0.name, .f32, shape: $0.shape) })
  for (name, shape) in smallestTensors {
    try writer.write(name, [Float](repeating: 0.5, count: shape.reduce(1, *)))
  }
  try writer.commit()
  return try RandomAccessFile(path).contents()
}

/// Loads such a model, one file of which is the input.
private func load(_ name: String, _ file: String, _ bytes: [UInt8]) throws {
  let folder = try folder(
    name,
    [
      ("config.json", Array(smallestConfiguration.utf8)),
      ("shard.safetensors", smallestCheckpoint()),
    ])
  try write(bytes, to: "\(folder)/\(file)")
  _ = try Classifier.load(
    directory: folder,
    fineTuning: FineTuning(
      encoderLayers: 1, frozenLayers: 1, freezeEmbeddings: true, labels: ["a", "b"], seed: 1))
}

/// A tokenizer for texts of all kinds.
private let fixedTokenizer: WordPieceTokenizer = {
  do {
    return try WordPieceTokenizer(
      directory: folder("text", [("vocab.txt", contents("tokenizer/vocab.txt"))]))
  } catch {
    preconditionFailure("\(error)")
  }
}()

let modelTargets =
  unigramTargets + [
    FuzzTarget(
      "config", fileName: "config.json", dictionary: "json",
      seeds: {
        try ["model/tiny", "train/model", "model/xlm-roberta/tiny", "model/distilbert/tiny"].map {
          try contents("\($0)/config.json")
        }
      },
      body: { path, _ in _ = try EncoderConfiguration(JSON.read(path), file: path) }),
    FuzzTarget(
      "model-config", fileName: "config.json", dictionary: "json",
      seeds: { [Array(smallestConfiguration.utf8)] + otherConfigurations },
      body: { path, bytes in
        let folder = try folder("model-config", [("model.safetensors", smallestCheckpoint())])
        try write(bytes, to: "\(folder)/config.json")
        _ = try Classifier.load(
          directory: folder,
          fineTuning: FineTuning(
            encoderLayers: 1, frozenLayers: 0, freezeEmbeddings: false, labels: ["a", "b"], seed: 1)
        )
        // All layers that the file claims, as a finished run's model is read.
        do { _ = try Classifier.loadTrained(directory: folder) } catch is CheckpointError {}
      }),
    FuzzTarget(
      "checkpoint", fileName: "model.safetensors", dictionary: "safetensors",
      seeds: { [try smallestCheckpoint()] },
      body: { path, bytes in try load("checkpoint", "model.safetensors", bytes) }),
    FuzzTarget(
      "shards", fileName: "model.safetensors.index.json", dictionary: "json",
      seeds: {
        let names = smallestTensors.map { "\"\($0.name)\": \"shard.safetensors\"" }
        return [bytes("{\"metadata\": {}, \"weight_map\": {\(names.joined(separator: ", "))}}")]
      },
      body: { path, bytes in
        try load("shards", "model.safetensors.index.json", bytes)
      }),
    FuzzTarget(
      "vocabulary", fileName: "vocab.txt",
      seeds: { [try contents("tokenizer/vocab.txt")] },
      body: { path, bytes in
        let folder = try folder("vocabulary", [])
        try write(bytes, to: "\(folder)/vocab.txt")
        encode(
          try WordPieceTokenizer(directory: folder),
          String(decoding: bytes.prefix(100), as: UTF8.self))
      }),
    FuzzTarget(
      "tokenizer", fileName: "tokenizer.json", dictionary: "json",
      seeds: { [try contents("tokenizer/saved/tokenizer.json")] },
      body: { path, bytes in
        let settings = (
          "tokenizer_config.json", try contents("tokenizer/saved/tokenizer_config.json")
        )
        encode(try tokenizer("tokenizer", "tokenizer.json", bytes, beside: [settings]))
      }),
    FuzzTarget(
      "tokenizer-config", fileName: "tokenizer_config.json", dictionary: "json",
      seeds: {
        [
          try contents("tokenizer/saved/tokenizer_config.json"),
          bytes(
            #"{"do_lower_case": false, "strip_accents": null, "added_tokens_decoder": {"5": "#
              + #"{"content": "[MASK]", "special": true}}, "extra_special_tokens": ["[CLS]"]}"#),
        ]
      },
      body: { path, bytes in
        let vocabulary = ("vocab.txt", try contents("tokenizer/vocab.txt"))
        encode(
          try tokenizer("tokenizer-config", "tokenizer_config.json", bytes, beside: [vocabulary]))
      }),
    FuzzTarget(
      "special-tokens", fileName: "special_tokens_map.json", dictionary: "json",
      seeds: {
        [bytes(#"{"cls_token": "[CLS]", "mask_token": {"content": "[MASK]", "lstrip": true}}"#)]
      },
      body: { path, bytes in
        let vocabulary = ("vocab.txt", try contents("tokenizer/vocab.txt"))
        encode(
          try tokenizer("special-tokens", "special_tokens_map.json", bytes, beside: [vocabulary]))
      }),
    FuzzTarget(
      "added-tokens", fileName: "added_tokens.json", dictionary: "json",
      seeds: { [bytes(#"{"[NEW]": 100000}"#)] },
      body: { path, bytes in
        let others = [
          ("vocab.txt", try contents("tokenizer/vocab.txt")),
          ("special_tokens_map.json", Array(#"{"additional_special_tokens": ["[NEW]"]}"#.utf8)),
        ]
        encode(try tokenizer("added-tokens", "added_tokens.json", bytes, beside: others))
      }),
    FuzzTarget(
      "text", fileName: "input.txt",
      seeds: { [bytes("Ein café kostet 3,50 €! 你好 [MASK] ﬁ\u{301} \u{AD}zeile")] },
      body: { _, bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        encode(fixedTokenizer, text)
        let whole = fixedTokenizer.encode(text, maxLength: 1 << 18)
        demand(whole.ids.count <= 2 + 4 * bytes.count)
      }),
  ]
