package import RunLog

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

/// Draws the same number of examples of every class.
///
/// Every class has a stream of its own, of which the first so many are taken: a larger draw with the same seed holds the
/// smaller one, and what is drawn of a class does not depend on the others. The order of the file is kept.
///
/// - Parameters:
///   - labels: 0-based class indices of all examples.
///   - count: how many of each class, at most as many as the class has.
///   - classes: how many there are.
///   - seed: the run's seed.
///   - stream: whose streams, `<stream>/<class>`, are drawn from.
/// - Returns: row indices, ascending.
func balancedSubset(
  labels: [Int], count: Int, classes: Int, seed: Int, stream: String = "subset"
) -> [Int] {
  (0..<classes).flatMap { label -> [Int] in
    var rows = labels.indices.filter { labels[$0] == label }
    var stream = RandomStream(seed: seed, name: "\(stream)/\(label)")
    stream.shuffle(&rows)
    return Array(rows.prefix(count))
  }.sorted()
}

/// Makes sure that a file has as many examples of every class as are to be drawn.
///
/// - Parameters:
///   - labels: 0-based class indices of the file's examples.
///   - names: of the classes.
///   - file: the file as the configuration names it.
///   - count: how many of each class are to be drawn.
///   - key: which key says so, such as `data.per_class`.
/// - Throws: `RunLogError` naming every class that has fewer.
package func checkSupply(
  labels: [Int], names: [String], in file: DataFile, of count: Int, key: String
) throws(RunLogError) {
  var counts = [Int](repeating: 0, count: names.count)
  for label in labels { counts[label] += 1 }
  let short = names.indices.filter { counts[$0] < count }
  guard !short.isEmpty else { return }
  let found = short.map { "\(counts[$0]) of '\(names[$0].prefix(40))'" }
  let least = counts.min() ?? 0
  throw RunLogError(
    file: file.paths.joined(separator: ", "),
    "\(key) asks for \(counted(count, "example")) of each class, but the file has only "
      + "\(listed(found)); "
      + (least > 0
        ? "ask for at most \(least)." : "add examples, or leave the class out of 'labels'.")
  )
}
