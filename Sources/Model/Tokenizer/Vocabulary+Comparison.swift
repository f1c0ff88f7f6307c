extension Vocabulary {
  /// The vocabulary of a directory that has it twice, in vocab.txt (this one) and in tokenizer.json.
  ///
  /// The reference reads tokenizer.json where there is one. It drops white space at the end of an entry when it reads
  /// vocab.txt, but not when it reads tokenizer.json, so that the two may differ in that: multilingual BERT's entry
  /// 1,279 is U+2028, or nothing. Of equal lines tokenizer.json has the last alone.
  ///
  /// - Parameter mapped: as tokenizer.json has it.
  /// - Returns: one of the two, which spells every word as `mapped` does.
  /// - Throws: `TokenizerError.vocabulariesDiffer` if they differ in anything else.
  func reconciled(with mapped: Vocabulary) throws(TokenizerError) -> Vocabulary {
    var differsInSpace = false
    var (differences, first) = (0, 0)
    for id in 0..<max(count, mapped.count) {
      if id < count, id < mapped.count {
        if self[id].elementsEqual(mapped[id]) { continue }
        if mapped[id].isEmpty, self.id(of: token(Int32(id))) != Int32(id) { continue }
        if Self.withoutSpaceAtEnd(mapped[id]).elementsEqual(Self.withoutSpaceAtEnd(self[id])) {
          differsInSpace = true
          continue
        }
      }
      if differences == 0 { first = id }
      differences += 1
    }
    guard differences == 0 else {
      throw .vocabulariesDiffer(
        count: differences, id: first, file: file,
        token: first < count ? token(Int32(first)) : nil, otherFile: mapped.file,
        otherToken: first < mapped.count ? mapped.token(Int32(first)) : nil)
    }
    return differsInSpace ? mapped : self
  }

  /// An entry as the reference takes it from a line: without white space at its end, of any alphabet.
  ///
  /// - Parameter entry: valid UTF-8.
  /// - Returns: its beginning.
  static func withoutSpaceAtEnd(_ entry: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var entry = entry
    while let last = entry.last {
      if last < 0x80 {
        guard last == 0x20 || (0x09...0x0D).contains(last) else { break }
        entry.removeLast()
        continue
      }
      // All other white space begins with one of these bytes.
      guard let start = entry.lastIndex(where: { $0 & 0xC0 != 0x80 }),
        [0xC2, 0xE1, 0xE2, 0xE3].contains(entry[start]),
        let scalar = String(decoding: entry[start...], as: UTF8.self).unicodeScalars.first,
        scalar.properties.isWhitespace
      else { break }
      entry = entry[..<start]
    }
    return entry
  }
}
