internal import Storage

extension UnigramTokenizer {
  /// A digest of everything that decides a text's ids: 64 hexadecimal digits.
  ///
  /// It is taken over pieces, scores, steps and tables, not over files.
  public var sha256: String {
    // Lengths before values, so that no two tokenizers are written alike.
    var bytes: [UInt8] = []
    func add(_ name: String, _ value: some Collection<UInt8>) {
      bytes += Array("\(name) \(value.count) ".utf8) + value + [0x0A]
    }
    func add(_ name: String, _ value: String) { add(name, Array(value.utf8)) }
    add("tables", GraphemeTables.source)
    for step in core.preparation.steps {
      switch step {
      case .characterMap(let map): add("character map", map.bytes)
      case .replace(let pattern, let replacement):
        add("replace", pattern)
        add("with", replacement)
      case .replaceSpaces(let replacement): add("replace spaces", replacement)
      case .strip(let left, let right): add("strip", "\(left) \(right)")
      }
    }
    add("splits at white space", "\(core.preparation.splitsAtWhiteSpace)")
    add("prefix", core.preparation.prefix.rawValue)
    add("splits at marks", "\(core.preparation.splitsAtMarks)")
    add("start", "\(core.start.id)")
    add("end", "\(core.end.id)")
    add("unknown", "\(unknownID)")
    for token in addedTokens {
      add("added \(token.id)", token.content)
      add("found", "\(token.stripsLeft) \(token.stripsRight) \(token.isNormalized)")
    }
    add("pieces", pieces.bytes)
    scores.withUnsafeBytes { add("scores", $0) }
    pieces.offsets.withUnsafeBytes { add("offsets", $0) }
    return SHA256.hex(of: bytes)
  }
}
