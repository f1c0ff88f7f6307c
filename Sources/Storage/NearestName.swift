/// The name nearest to a misspelt one by edit distance, if any is near enough to be meant.
///
/// - Returns: the candidate with the smallest Levenshtein distance, at most a third of the longer
///   name's length; of equally near ones the first in alphabetical order.
public func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
  let name = Array(name.unicodeScalars)
  var best: (distance: Int, name: String)?
  for candidate in candidates.sorted() {
    let letters = Array(candidate.unicodeScalars)
    let limit = max(1, max(name.count, letters.count) / 3)
    // The difference in length is a lower bound of the distance.
    guard abs(name.count - letters.count) <= limit else { continue }
    let distance = editDistance(name, letters)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.name
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
