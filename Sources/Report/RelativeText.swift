internal import RunLog
internal import Storage

/// Takes the folders of this machine out of sentences, since a report must not depend on them.
struct RelativeText: Sendable {
  private let folders: [String]

  init(_ run: Run) {
    let path = run.directory.path
    // The longer spelling first, in case one ends in the other.
    folders = Set([path, absolutePath(path)]).sorted { ($1.count, $0) < ($0.count, $1) }
      .map { $0 == "/" ? $0 : $0 + "/" }
  }

  /// The text with paths into the run directory made relative to it.
  func relative(_ text: String) -> String {
    folders.reduce(text) { text, folder in
      // Only where a path begins, so that a folder called `a/` does not eat the end of `data/`.
      var result = ""
      var rest = text[...]
      while let found = rest.range(of: folder) {
        let before = rest[..<found.lowerBound].last ?? result.last
        let isStart = before.map { $0.isWhitespace || "'\"(".contains($0) } ?? true
        result += rest[..<found.lowerBound] + (isStart ? "" : folder)
        rest = rest[found.upperBound...]
      }
      return result + rest
    }
  }
}

extension Substring {
  /// The first place of a text that is not empty.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
