internal import Storage

extension WordPieceTokenizer {
  /// A digest of everything that decides a text's ids: 64 hexadecimal digits.
  ///
  /// It is taken over the entries, the settings and the Unicode tables, not over files, so that a
  /// vocab.txt and a tokenizer.json of the same tokenizer agree.
  public var sha256: String {
    // Lengths before values, so that no two tokenizers are written alike.
    var text = ""
    func add(_ name: String, _ value: String) {
      text += "\(name) \(value.utf8.count) \(value)\n"
    }
    add("tables", UnicodeTables.source)
    add("lowercases", "\(configuration.lowercases)")
    add("strips accents", "\(configuration.stripsAccents ?? configuration.lowercases)")
    add("spaces ideographs", "\(configuration.spacesIdeographs)")
    add("continuing prefix", configuration.continuingPrefix)
    add("longest word", "\(configuration.longestWord)")
    for (role, token) in configuration.roles { add(role, token) }
    for added in addedTokens { add("added \(added.id)", added.content) }
    for offset in vocabulary.offsets { text += "\(offset) " }
    return SHA256.hex(of: Array(text.utf8) + vocabulary.bytes)
  }
}
