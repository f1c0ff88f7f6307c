/// The anchors that GitHub gives headings, each once in a document.
struct HeadingAnchors {
  private var counts: [String: Int] = [:]

  /// The anchor of the next heading of a document.
  mutating func next(_ heading: String) -> String {
    let base = Self.anchor(of: heading)
    let count = counts[base, default: 0]
    counts[base] = count + 1
    return count == 0 ? base : "\(base)-\(count)"
  }

  /// Lower case, hyphens for spaces, without punctuation.
  static func anchor(of heading: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in heading.lowercased().unicodeScalars {
      if scalar == " " {
        result.append("-")
      } else if scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic
        || scalar.properties.numericType != nil
      {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
