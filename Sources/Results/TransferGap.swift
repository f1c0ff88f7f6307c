public import Metrics

/// Source accuracy minus target accuracy.
public struct TransferGap: Equatable, Sendable {
  /// In `-1...1`, positive where the source is better; NaN where an accuracy is not known, and where one of
  /// the networks' answers are none at all: what diverged has no accuracy to compare.
  public let gap: Double
  /// The gap with its interval, its share of the source's accuracy and the smallest one to be seen;
  /// `nil` where counts are not known, and for an epoch that is only drawn.
  public let difference: AccuracyDifference?
  /// Whether the same texts were compared, row by row.
  public let isPaired: Bool
  /// Whether of every text both answers are right or both are wrong: nothing varies from which an interval
  /// could be drawn.
  public let isAlikeThroughout: Bool

  /// The 95 % interval of the gap; `nil` where counts are not known.
  public let interval: Interval?

  /// Compares two results.
  ///
  /// - Parameters:
  ///   - source: the language that was trained on.
  ///   - target: another.
  ///   - isParallel: whether examples of the same row are the same text. Where the rows then are not
  ///     the same ones, the results are compared as if they were independent.
  ///   - isOnlyDrawn: whether Newcombe's interval will do for independent results, which differs from the
  ///     bootstrap's by less than a line is wide and takes no draws.
  init(
    source: SplitResult, target: SplitResult, isParallel: Bool, isOnlyDrawn: Bool = false
  ) {
    var drawn: Interval?
    if source.isWithoutAnswers || target.isWithoutAnswers {
      (gap, difference, interval, isPaired) = (.nan, nil, nil, false)
      isAlikeThroughout = false
      return
    }
    gap = source.accuracy - target.accuracy
    if isParallel, let pairs = PairedHits(source, target) {
      (difference, isPaired) = (AccuracyDifference(pairs), true)
    } else if let a = source.confusion, let b = target.confusion, isOnlyDrawn {
      drawn = newcombeInterval(
        successesA: a.correct, totalA: a.total, successesB: b.correct, totalB: b.total)
      (difference, isPaired) = (nil, false)
    } else if let a = source.confusion, let b = target.confusion {
      difference = AccuracyDifference(Hits(a.correct, of: a.total), Hits(b.correct, of: b.total))
      isPaired = false
    } else {
      (difference, isPaired) = (nil, false)
    }
    interval = difference?.absolute.interval ?? drawn
    isAlikeThroughout =
      isParallel
      && PairedHits(source, target).map {
        $0.onlyA == 0 && $0.onlyB == 0 && $0.total > 0
      } ?? false
  }

  /// Whether it is what it would be computed as, depending on whether its interval is given in digits.
  func holds(isQuoted: Bool) -> Bool {
    isPaired || interval == nil || (difference != nil) == isQuoted
  }
}

extension PairedHits {
  /// Pairs the answers of two results by row; `nil` without predictions or if the rows differ.
  init?(_ a: SplitResult, _ b: SplitResult) {
    guard let outcomesA = a.outcomes, let outcomesB = b.outcomes,
      let idsA = a.ids, let idsB = b.ids, let pairs = matched(idsA, idsB)
    else { return nil }
    self.init(pairs.map { outcomesA[$0.0] }, pairs.map { outcomesB[$0.1] })
  }
}

/// The places of equal ids in two lists; `nil` unless both hold the same ids, each once.
func matched(_ a: [Int], _ b: [Int]) -> [(Int, Int)]? {
  guard a.count == b.count else { return nil }
  if a == b, Set(a).count == a.count { return a.indices.map { ($0, $0) } }
  var places: [Int: Int] = [:]
  for (place, id) in b.enumerated() {
    if places.updateValue(place, forKey: id) != nil { return nil }
  }
  var pairs: [(Int, Int)] = []
  for (place, id) in a.enumerated() {
    guard let other = places.removeValue(forKey: id) else { return nil }
    pairs.append((place, other))
  }
  return pairs
}
