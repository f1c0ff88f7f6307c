/// Draws a share of labelled examples, each class by the same share.
///
/// Every class gives its share rounded down; what rounding left over goes to the classes with the
/// largest remainders, so that the total is the share of the whole, rounded. At least one example is
/// drawn. The order of the file is kept.
///
/// - Parameters:
///   - labels: 0-based class indices of all examples.
///   - percentage: above 0, at most 100.
///   - seed: the run's seed.
///   - stream: the name of the random stream; every one of several sources has its own.
/// - Returns: row indices, ascending.
func stratifiedSubset(
  labels: [Int], percentage: Double, seed: Int, stream: String = "subset"
) -> [Int] {
  guard percentage < 100 else { return Array(labels.indices) }
  var members: [Int: [Int]] = [:]
  for (row, label) in labels.enumerated() { members[label, default: []].append(row) }
  let total = max(1, Int((Double(labels.count) * percentage / 100).rounded()))
  let shares = members.keys.sorted().map { label -> (label: Int, whole: Int, rest: Double) in
    let exact = Double(members[label]?.count ?? 0) * percentage / 100
    return (label, Int(exact), exact - exact.rounded(.down))
  }
  var counts = Dictionary(uniqueKeysWithValues: shares.map { ($0.label, $0.whole) })
  var left = total - shares.reduce(0) { $0 + $1.whole }
  for share in shares.sorted(by: { ($1.rest, $0.label) < ($0.rest, $1.label) }) where left > 0 {
    counts[share.label, default: 0] += 1
    left -= 1
  }
  var stream = RandomStream(seed: seed, name: stream)
  return shares.flatMap { share -> [Int] in
    var rows = members[share.label] ?? []
    stream.shuffle(&rows)
    return Array(rows.prefix(counts[share.label] ?? 0))
  }.sorted()
}
