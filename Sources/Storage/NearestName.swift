/// The name nearest to a misspelt one by edit distance, if any is near enough to be meant.
///
/// - Returns: the candidate with the smallest distance, at most a third of the longer
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

/// The fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no
/// letter being edited twice (optimal string alignment): a swap is the commonest slip of the hand.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var (beforeLast, last) = ([Int](), Array(0...b.count))
  for (i, x) in a.enumerated() {
    var row = [i + 1]
    for (j, y) in b.enumerated() {
      var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (x == y ? 0 : 1))
      if i > 0, j > 0, x == b[j - 1], y == a[i - 1] {
        distance = min(distance, beforeLast[j - 1] + 1)
      }
      row.append(distance)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
