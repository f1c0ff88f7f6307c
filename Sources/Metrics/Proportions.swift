/// Right and wrong answers of a classifier on a set of examples.
public struct Hits: Equatable, Sendable {
  public let correct: Int
  public let total: Int

  /// - Parameters:
  ///   - correct: in `0...total`.
  ///   - total: the number of examples.
  public init(_ correct: Int, of total: Int) {
    precondition(correct >= 0 && correct <= total)
    (self.correct, self.total) = (correct, total)
  }

  /// NaN without examples.
  public var share: Double { Double(correct) / Double(total) }

  /// The share with Wilson's interval.
  public var estimate: Estimate {
    Estimate(share, wilsonInterval(successes: correct, total: total), by: .wilson)
  }

  /// Whether both right and wrong answers are frequent enough for a bootstrap to know the tails.
  var isBothFrequent: Bool { min(correct, total - correct) >= 10 }
}

/// Answers to the same questions in two ways, counted by which were right.
public struct PairedHits: Equatable, Sendable {
  public let both: Int
  public let onlyA: Int
  public let onlyB: Int
  public let neither: Int

  /// - Parameters: counts, none negative.
  public init(both: Int, onlyA: Int, onlyB: Int, neither: Int) {
    precondition(both >= 0 && onlyA >= 0 && onlyB >= 0 && neither >= 0)
    (self.both, self.onlyA, self.onlyB, self.neither) = (both, onlyA, onlyB, neither)
  }

  /// Counts pairs of answers.
  ///
  /// - Parameters:
  ///   - a: whether each was right one way.
  ///   - b: the other way, as many.
  public init(_ a: [Bool], _ b: [Bool]) {
    precondition(a.count == b.count)
    var counts = [0, 0, 0, 0]
    for (a, b) in zip(a, b) { counts[(a ? 0 : 2) + (b ? 0 : 1)] += 1 }
    self.init(both: counts[0], onlyA: counts[1], onlyB: counts[2], neither: counts[3])
  }

  public var total: Int { both + onlyA + onlyB + neither }
  public var a: Hits { Hits(both + onlyA, of: total) }
  public var b: Hits { Hits(both + onlyB, of: total) }

  /// The share of questions that one way got right and the other wrong.
  public var discordance: Double { Double(onlyA + onlyB) / Double(total) }
}

/// How far one accuracy lies above another.
public struct AccuracyDifference: Equatable, Sendable {
  /// `a − b`, in `−1...1`.
  public let absolute: Estimate
  /// `(a − b) / a`: the share of a's accuracy that b lacks; at most 1.
  public let relative: Estimate
  /// Newcombe's interval of the difference of independent shares, for comparison; `nil` for pairs.
  public let newcombe: Interval?
  /// The smallest difference that as many examples would show in 80 % of such experiments, by a
  /// two-sided test at 5 %; `nil` where none would.
  public let smallestDetectable: Double?
  /// The two-sided p-value of no difference: the level at which the interval just reaches 0, so that it is
  /// below 0.05 exactly where the 95 % interval leaves 0 out. `nil` where there is no interval.
  public let pValue: Double?

  /// The difference of accuracies on two sets of examples.
  ///
  /// The interval is that of the unpaired percentile bootstrap: each draw takes as many examples of
  /// either set with replacement, stratified by nothing. With fewer than ten right or ten wrong
  /// answers in a set, what was drawn cannot know the tails, and Newcombe's interval is given
  /// instead; the relative difference then has none.
  ///
  /// - Parameters:
  ///   - a: the one's answers.
  ///   - b: the other's.
  ///   - resamples: how often to draw.
  ///   - tail: the share of experiments whose truth either end of the intervals may miss.
  public init(_ a: Hits, _ b: Hits, resamples: Int = usualResamples, tail: Double = usualTail) {
    newcombe = newcombeInterval(a, b, z: normalQuantile(tail: tail))
    smallestDetectable = smallestDetectableDifference(from: a.share, a.total, b.total)
    let (difference, ratio) = (a.share - b.share, (a.share - b.share) / a.share)
    guard a.isBothFrequent, b.isBothFrequent else {
      absolute = Estimate(difference, newcombe, by: .newcombe)
      pValue = newcombePValue(a, b)
      relative = Estimate(ratio, nil, by: .newcombe)
      return
    }
    let (drawA, drawB) = (
      Multinomial([a.correct, a.total - a.correct]), Multinomial([b.correct, b.total - b.correct])
    )
    var random = SeededStream(seed: 0x756E_7061)
    var (counts, differences, ratios) = ([0, 0], [Double](), [Double]())
    for _ in 0..<resamples {
      drawA.next(&random, into: &counts)
      let first = Double(counts[0]) / Double(a.total)
      drawB.next(&random, into: &counts)
      let second = Double(counts[0]) / Double(b.total)
      differences.append(first - second)
      if first > 0 { ratios.append((first - second) / first) }
    }
    differences.sort()
    absolute = Estimate(
      difference, percentileInterval(of: differences, tail: tail), by: .unpairedBootstrap)
    relative = Estimate(ratio, percentileInterval(of: ratios, tail: tail), by: .unpairedBootstrap)
    pValue = percentilePValue(of: differences)
  }

  /// The difference of accuracies on the same questions; the bootstrap draws pairs.
  ///
  /// - Parameters:
  ///   - pairs: the answers.
  ///   - resamples: how often to draw.
  ///   - tail: the share of experiments whose truth either end of the intervals may miss.
  public init(_ pairs: PairedHits, resamples: Int = usualResamples, tail: Double = usualTail) {
    newcombe = nil
    let (a, b) = (pairs.a, pairs.b)
    smallestDetectable = smallestDetectableDifference(
      discordance: pairs.discordance, pairs: pairs.total)
    let draw = Multinomial([pairs.both, pairs.onlyA, pairs.onlyB, pairs.neither])
    var random = SeededStream(seed: 0x7061_6972)
    var (counts, differences, ratios) = ([0, 0, 0, 0], [Double](), [Double]())
    let count = Double(pairs.total)
    for _ in 0..<(pairs.total > 1 ? resamples : 0) {
      draw.next(&random, into: &counts)
      let (first, second) = (Double(counts[0] + counts[1]), Double(counts[0] + counts[2]))
      differences.append((first - second) / count)
      if first > 0 { ratios.append((first - second) / first) }
    }
    differences.sort()
    absolute = Estimate(
      a.share - b.share, percentileInterval(of: differences, tail: tail), by: .pairedBootstrap)
    relative = Estimate(
      (a.share - b.share) / a.share, percentileInterval(of: ratios, tail: tail),
      by: .pairedBootstrap)
    pValue = percentilePValue(of: differences)
  }
}
