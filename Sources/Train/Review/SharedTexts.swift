internal import Storage

/// The texts of training or validation data, to find those of other splits among them.
///
/// Hashes stand for texts, so that the texts need not stay in memory: about 100 bytes per text.
struct SharedTexts {
  /// What a split has in common with them.
  struct Overlap: Equatable {
    /// Texts that are the same to the letter.
    var exact = 0
    /// Further texts that are the same as `comparableText`.
    var similar = 0
    /// The first of them: rows of the split and of the other data.
    var examples: [(row: Int, otherRow: Int)] = []

    var count: Int { exact + similar }

    static func == (a: Overlap, b: Overlap) -> Bool {
      a.exact == b.exact && a.similar == b.similar
        && a.examples.elementsEqual(b.examples, by: ==)
    }
  }

  private var exact: Set<SIMD2<UInt64>> = []
  /// The first row of each.
  private var rows: [SIMD2<UInt64>: Int] = [:]

  /// - Parameters:
  ///   - data: the rows of the file.
  ///   - chosen: those that are used.
  init(_ data: [LabelledText], chosen: [Int]) {
    exact.reserveCapacity(chosen.count)
    rows.reserveCapacity(chosen.count)
    for row in chosen {
      let text = data[row].text
      exact.insert(SHA256.fingerprint(of: text))
      let key = SHA256.fingerprint(of: comparableText(text))
      if rows[key] == nil { rows[key] = row }
    }
  }

  /// Finds a split's texts; those of white space alone are left out, being nobody's text.
  ///
  /// - Parameters:
  ///   - split: its rows.
  ///   - examples: how many are to be named.
  /// - Returns: how many there are, and the first.
  func overlap(with split: [LabelledText], examples: Int) -> Overlap {
    var result = Overlap()
    for (row, entry) in split.enumerated() {
      let comparable = comparableText(entry.text)
      guard !comparable.isEmpty, let otherRow = rows[SHA256.fingerprint(of: comparable)] else {
        continue
      }
      if exact.contains(SHA256.fingerprint(of: entry.text)) {
        result.exact += 1
      } else {
        result.similar += 1
      }
      if result.examples.count < examples { result.examples.append((row, otherRow)) }
    }
    return result
  }
}
