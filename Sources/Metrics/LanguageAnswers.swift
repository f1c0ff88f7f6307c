/// Answers to examples of several languages, of which the first is the source and the others are targets.
public struct LanguageAnswers: Sendable {
  /// A language a matrix.
  public let confusions: [ConfusionMatrix]
  /// Whether row i is the same text in every language, so that texts are drawn, not answers.
  public let isParallel: Bool
  /// By sample, examples in each cell; see `SampleBootstrap`.
  private let counts: [[Int]]
  /// For parallel languages, by cell and language, the cell of that language's matrix.
  private let cells: [[Int]]
  private let classes: Int

  /// Languages of different texts.
  ///
  /// - Parameter confusions: the source's, then the targets'; not empty, all of the same classes.
  public init(_ confusions: [ConfusionMatrix]) {
    precondition(!confusions.isEmpty)
    precondition(confusions.allSatisfy { $0.classes == confusions[0].classes })
    (self.confusions, isParallel, cells) = (confusions, false, [])
    (counts, classes) = (confusions.map(\.cells), confusions[0].classes)
  }

  /// Languages of the same texts.
  ///
  /// - Parameters:
  ///   - parallel: by language, of every text the true class and the answer, `nil` where there is none, in the
  ///     same order; not empty.
  ///   - classes: at least 1.
  public init(parallel: [(labels: [Int], predictions: [Int?])], classes: Int) {
    precondition(!parallel.isEmpty)
    let texts = parallel[0].labels.count
    precondition(parallel.allSatisfy { $0.labels.count == texts && $0.predictions.count == texts })
    var places: [[Int]: Int] = [:]
    var (cells, counts) = ([[Int]](), [Int]())
    for text in 0..<texts {
      // The last column is of texts without an answer.
      let cell = parallel.map {
        $0.labels[text] * (classes + 1) + ($0.predictions[text] ?? classes)
      }
      if let place = places[cell] {
        counts[place] += 1
      } else {
        places[cell] = cells.count
        cells.append(cell)
        counts.append(1)
      }
    }
    confusions = parallel.map {
      ConfusionMatrix(labels: $0.labels, predictions: $0.predictions, classes: classes)
    }
    (isParallel, self.cells, self.counts, self.classes) = (true, cells, [counts], classes)
  }

  /// The languages' matrices of drawn counts.
  private func matrices(_ drawn: [[Int]]) -> [ConfusionMatrix] {
    guard isParallel else { return drawn.map { ConfusionMatrix(cells: $0, classes: classes) } }
    var sums = [[Int]](
      repeating: [Int](repeating: 0, count: classes * (classes + 1)), count: confusions.count)
    for (cell, count) in zip(cells, drawn[0]) where count > 0 {
      for (language, place) in cell.enumerated() { sums[language][place] += count }
    }
    return sums.map { ConfusionMatrix(cells: $0, classes: classes) }
  }

  private func intervals(
    seed: UInt64, resamples: Int, tail: Double, isAccelerated: Bool,
    of numbers: ([ConfusionMatrix]) -> [Double]
  ) -> [Interval?] {
    SampleBootstrap(counts: counts, seed: seed).intervals(
      resamples: resamples, tail: tail, isAccelerated: isAccelerated
    ) { numbers(matrices($0)) }
  }

  /// The source's value of metrics of counts minus the first target's, with BCa intervals, all from the same
  /// draws.
  ///
  /// - Parameters:
  ///   - metrics: each computed from counts.
  ///   - resamples: how often to draw.
  ///   - tail: the share of experiments whose truth either end of the interval may miss.
  /// - Returns: one per metric; NaN without examples.
  public func differences(
    in metrics: [Metric], resamples: Int = usualResamples, tail: Double = usualTail
  ) -> [Estimate] {
    precondition(confusions.count > 1)
    let values = metrics.map(\.valueOfCounts)
    func differences(_ matrices: [ConfusionMatrix]) -> [Double] {
      values.map { $0(matrices[0]) - $0(matrices[1]) }
    }
    let found = intervals(
      seed: 0x7061_4631, resamples: resamples, tail: tail, isAccelerated: true, of: differences)
    return zip(differences(confusions), found).map { Estimate($0, $1, by: .acceleratedBootstrap) }
  }

  /// A metric's mean over the targets, and how far it lies below the source's.
  public struct TargetMean: Equatable, Sendable {
    /// The unweighted mean of the targets' values.
    public let mean: Estimate
    /// The source's value minus that mean, which is the mean of the gaps.
    public let gap: Estimate
  }

  /// The mean accuracy over the targets, each counting the same, however many examples it has.
  ///
  /// The source is drawn once for all targets in each draw. Where a language of other texts has fewer than ten
  /// right or wrong answers, Newcombe's interval stands in as it does for a single gap, in the form of Zou and
  /// Donner (2008) for sums of shares.
  ///
  /// - Parameter resamples: how often to draw.
  /// - Returns: `nil` without targets.
  public func meanAccuracy(resamples: Int = usualResamples) -> TargetMean? {
    let hits = confusions.map { Hits($0.correct, of: $0.total) }
    let targets = hits.dropFirst()
    guard !targets.isEmpty else { return nil }
    let count = Double(targets.count)
    func numbers(_ matrices: [ConfusionMatrix]) -> [Double] {
      let mean = matrices.dropFirst().reduce(0) { $0 + $1.accuracy } / count
      return [mean, matrices[0].accuracy - mean]
    }
    let values = numbers(confusions)
    if !isParallel, !hits.allSatisfy(\.isBothFrequent) {
      let weights = targets.map { (weight: 1 / count, hits: $0) }
      return TargetMean(
        mean: Estimate(values[0], sumInterval(weights), by: .newcombe),
        gap: Estimate(
          values[1], sumInterval([(1, hits[0])] + weights.map { (-$0.weight, $0.hits) }),
          by: .newcombe))
    }
    let found = intervals(
      seed: 0x6D65_616E, resamples: resamples, tail: usualTail, isAccelerated: false, of: numbers)
    let method: Method = isParallel ? .pairedBootstrap : .unpairedBootstrap
    return TargetMean(
      mean: Estimate(values[0], found[0], by: method),
      gap: Estimate(values[1], found[1], by: method))
  }

  /// The means of metrics of counts over the targets, likewise, with BCa intervals, all from the same draws.
  ///
  /// - Parameters:
  ///   - metrics: each computed from counts.
  ///   - resamples: how often to draw.
  /// - Returns: one per metric; none without targets.
  public func means(of metrics: [Metric], resamples: Int = usualResamples) -> [TargetMean] {
    let count = Double(confusions.count - 1)
    guard count > 0 else { return [] }
    let scores = metrics.map(\.valueOfCounts)
    func numbers(_ matrices: [ConfusionMatrix]) -> [Double] {
      scores.flatMap { score in
        let mean = matrices.dropFirst().reduce(0) { $0 + score($1) } / count
        return [mean, score(matrices[0]) - mean]
      }
    }
    let values = numbers(confusions)
    let found = intervals(
      seed: 0x6D65_4631, resamples: resamples, tail: usualTail, isAccelerated: true, of: numbers)
    return metrics.indices.map { metric in
      let (mean, gap) = (2 * metric, 2 * metric + 1)
      return TargetMean(
        mean: Estimate(values[mean], found[mean], by: .acceleratedBootstrap),
        gap: Estimate(values[gap], found[gap], by: .acceleratedBootstrap))
    }
  }
}

/// The 95 % interval of a weighted sum of independent shares (Zou and Donner 2008, "Construction of
/// confidence limits about effect measures"): the distances of Wilson's ends, added as the sides of a right
/// angle are. Of a difference of two it is Newcombe's.
///
/// - Parameter terms: weights and answers.
/// - Returns: `nil` if one has no examples.
func sumInterval(_ terms: [(weight: Double, hits: Hits)]) -> Interval? {
  var (value, below, above) = (0.0, 0.0, 0.0)
  for (weight, hits) in terms {
    guard let interval = wilsonInterval(successes: hits.correct, total: hits.total) else {
      return nil
    }
    value += weight * hits.share
    let (down, up) = (
      weight * (hits.share - interval.lower), weight * (interval.upper - hits.share)
    )
    // A negative weight turns the ends around.
    below += weight > 0 ? down * down : up * up
    above += weight > 0 ? up * up : down * down
  }
  return Interval(lower: value - below.squareRoot(), upper: value + above.squareRoot())
}

/// The 95 % interval of the largest of several unknown numbers, from their estimates' own ends.
///
/// The largest estimate tends to lie above the largest truth, since it was picked for being large. The
/// interval allows for that: its upper end is the largest of the 95 % intervals' upper ends, which misses only
/// if the end of the truly largest does (2.5 %); its lower end is the largest of the lower ends at a tail of
/// 0.025/m, which misses only if one of m ends does (2.5 % in all). So it holds in at least 95 % of experiments,
/// however the estimates depend on one another.
///
/// - Parameters:
///   - upperEnds: of the 95 % intervals.
///   - lowerEnds: as many, at a tail of `usualTail` over their number.
/// - Returns: `nil` without numbers.
public func intervalOfLargest(upperEnds: [Double], lowerEnds: [Double]) -> Interval? {
  precondition(upperEnds.count == lowerEnds.count)
  guard let upper = upperEnds.max(), let lower = lowerEnds.max() else { return nil }
  return Interval(lower: lower, upper: upper)
}
