/// Spearman's rank correlation of two series (Spearman 1904): the correlation of their ranks, equal
/// values sharing the mean of theirs, as `scipy.stats.spearmanr`.
///
/// - Parameters:
///   - a: finite numbers.
///   - b: as many.
/// - Returns: in `−1...1`; `nil` with fewer than two values or where one series does not vary.
public func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double? {
  precondition(a.count == b.count)
  guard a.count > 1 else { return nil }
  let (x, y) = (ranks(a), ranks(b))
  // Ranks add up to n (n + 1) / 2 whatever their ties.
  let mean = Double(a.count + 1) / 2
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (x, y) in zip(x, y) {
    xx += (x - mean) * (x - mean)
    yy += (y - mean) * (y - mean)
    xy += (x - mean) * (y - mean)
  }
  guard xx > 0, yy > 0 else { return nil }
  return max(-1, min(1, xy / (xx * yy).squareRoot()))
}

/// The place of each value in ascending order, from 1; equal values share the mean of their places.
func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var result = [Double](repeating: 0, count: values.count)
  var first = 0
  while first < order.count {
    var last = first
    while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
    for place in first...last { result[order[place]] = Double(first + last) / 2 + 1 }
    first = last + 1
  }
  return result
}

/// The rank correlation of two accuracies over the epochs of one training.
///
/// The interval holds what other examples of the same kind would have given for this very sequence of
/// networks: the examples of either split are drawn anew, each with its answers after all epochs, and the
/// percentiles of the correlations taken. Another training is another sequence; of that it says nothing.
///
/// - Parameters:
///   - a: an entry per epoch: whether each example of one split was labelled correctly.
///   - b: the same of another split, as many epochs.
///   - resamples: how often to draw.
/// - Returns: `nil` with fewer than three epochs, without examples or where an accuracy never changes.
public func epochCorrelation(
  _ a: [[Bool]], _ b: [[Bool]], resamples: Int = 2000
) -> Estimate? {
  precondition(a.count == b.count)
  guard a.count >= 3, let first = AnswerPatterns(a), let second = AnswerPatterns(b),
    let value = rankCorrelation(first.accuracies(first.counts), second.accuracies(second.counts))
  else { return nil }
  var random = SeededStream(seed: 0x7261_6E6B)
  let (drawA, drawB) = (Multinomial(first.counts), Multinomial(second.counts))
  var drawn: [Double] = []
  for _ in 0..<resamples {
    let x = first.accuracies(drawA.next(&random))
    let y = second.accuracies(drawB.next(&random))
    if let value = rankCorrelation(x, y) { drawn.append(value) }
  }
  return Estimate(value, percentileInterval(of: drawn), by: .exampleBootstrap)
}

/// Examples counted by which epochs got them right: drawing examples is drawing these counts.
private struct AnswerPatterns {
  let counts: [Int]
  private let patterns: [[Bool]]

  /// `nil` without examples or if an epoch has another number of them.
  init?(_ answers: [[Bool]]) {
    guard let examples = answers.first?.count, examples > 0,
      answers.allSatisfy({ $0.count == examples })
    else { return nil }
    var places: [[Bool]: Int] = [:]
    var (counts, patterns) = ([Int](), [[Bool]]())
    for example in 0..<examples {
      let pattern = answers.map { $0[example] }
      if let place = places[pattern] {
        counts[place] += 1
      } else {
        places[pattern] = counts.count
        counts.append(1)
        patterns.append(pattern)
      }
    }
    (self.counts, self.patterns) = (counts, patterns)
  }

  /// Right answers by epoch, which rank as accuracies do.
  func accuracies(_ counts: [Int]) -> [Double] {
    var correct = [Int](repeating: 0, count: patterns.first?.count ?? 0)
    for (pattern, count) in zip(patterns, counts) where count > 0 {
      for (epoch, isCorrect) in pattern.enumerated() where isCorrect { correct[epoch] += count }
    }
    return correct.map { Double($0) }
  }
}
