internal import Storage

/// What is known of one example beside its label: what the tokenizer made of it.
public struct ExampleFacts: Equatable, Sendable {
  /// 0-based row in the data file.
  public var id: Int
  /// Tokens after truncation, the tokens at both ends included.
  public var tokens: Int
  /// Words before the tokenizer looked for pieces of them.
  public var words: Int
  /// Unknown tokens among the tokens.
  public var unknown: Int
  public var isTruncated: Bool
  /// The text, unless the experiment leaves texts out.
  public var text: String?

  public init(
    id: Int, tokens: Int, words: Int, unknown: Int, isTruncated: Bool, text: String?
  ) {
    (self.id, self.tokens, self.words) = (id, tokens, words)
    (self.unknown, self.isTruncated, self.text) = (unknown, isTruncated, text)
  }

  /// Writes a line an example.
  public static func write(_ examples: [ExampleFacts], to path: String) throws {
    var file = try AtomicFile(path)
    for example in examples {
      var object: JSONObject = [
        "id": .integer(example.id), "tokens": .integer(example.tokens),
        "words": .integer(example.words), "unknown": .integer(example.unknown),
        "truncated": .bool(example.isTruncated),
      ]
      if let text = example.text { object["text"] = .string(text) }
      try file.write(Array((JSON.object(object).text + "\n").utf8))
    }
    try file.commit()
  }

  /// Reads the lines that `write` made.
  ///
  /// - Throws: `StorageError`, `JSONError` or `RunLogError` with the line.
  public static func read(_ path: String) throws -> [ExampleFacts] {
    try parse(RandomAccessFile(path).contents(), file: path)
  }

  /// Reads the bytes of such a file; see `read`.
  static func parse(_ bytes: [UInt8], file path: String) throws -> [ExampleFacts] {
    try Lines(bytes[...]).enumerated().map { index, line in
      let json = try JSON.parse(line, file: path, firstLine: index + 1)
      let fields = try Fields(json, file: path, line: index + 1)
      return ExampleFacts(
        id: try fields.integer("id"), tokens: try fields.integer("tokens"),
        words: try fields.integer("words"), unknown: try fields.integer("unknown"),
        isTruncated: try fields.bool("truncated"), text: try fields.optionalString("text"))
    }
  }
}
