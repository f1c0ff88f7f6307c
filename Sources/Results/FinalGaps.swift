public import Metrics
public import RunLog

/// A transfer gap on one part of the data.
public struct PartGap: Sendable {
  public let part: Part
  /// Source accuracy minus target accuracy.
  public let accuracy: TransferGap
  /// The same in metrics of counts; NaN where a value is not known.
  public let ofCounts: [Metric: Estimate]
}

/// How far a target is behind the source in the end, and whether that is more than chance.
public struct FinalGap: Sendable {
  /// What a gap in accuracy shows.
  public enum Finding: String, Sendable {
    /// The source is ahead, after the correction for the number of targets.
    case sourceAhead
    /// The target is ahead, likewise.
    case targetAhead
    /// Neither could be shown.
    case indistinct
    /// Without counts, or without any variation, nothing can be tested.
    case untested
  }

  public let target: RunResults.Language
  /// On the final part; for a language that is set apart, on the part that it has.
  public let gap: PartGap
  /// On the other part, where both languages have it.
  public let otherGap: PartGap?
  /// After Holm's correction over all targets that are tested; `nil` where nothing is.
  public let adjustedPValue: Double?

  public var finding: Finding {
    guard let adjustedPValue else { return .untested }
    guard adjustedPValue < 0.05 else { return .indistinct }
    return gap.accuracy.gap > 0 ? .sourceAhead : .targetAhead
  }

  /// Whether the gap's own interval leaves out zero, but the correction for the number of targets leaves open
  /// whether the gap is one.
  public var isOnlyBeforeCorrection: Bool {
    finding == .indistinct && gap.accuracy.interval.map { !$0.contains(0) } ?? false
  }
}

/// What a run's final numbers say of all of its targets together.
public struct FinalGaps: Sendable {
  public let split: FinalSplit
  /// One per target that has the final part, in the run's order.
  public let gaps: [FinalGap]
  /// Of targets that are set apart but can be compared with the source on another part.
  public let setApart: [FinalGap]
  /// How many gaps were tested together.
  public let tests: Int
  /// By metric; none with fewer than two targets on the final part, and none of a metric that one of them lacks.
  public let summaries: [Metric: TargetSummary]

  /// The gap to a target; `nil` where it cannot be compared with the source on any part.
  public func gap(to target: RunResults.Language) -> FinalGap? {
    (gaps + setApart).first { $0.target == target }
  }
}

/// A metric over all targets of the final part.
public struct TargetSummary: Sendable {
  /// The mean of the targets' values.
  public let mean: Estimate
  /// The source's value minus that mean.
  public let meanGap: Estimate
  /// The target with the largest gap that was observed, the first of equal ones.
  public let worst: RunResults.Language
  /// Its gap as it was observed, with an interval of the largest true gap, whichever target's it is.
  public let worstGap: Estimate
}

extension RunResults {
  /// The final gaps, computed once.
  public var finalGaps: FinalGaps {
    if let known = estimateStore.final { return known }
    let found = makeFinalGaps()
    estimateStore.final = found
    return found
  }

  /// The gap in a metric to a target on one part after the selected epoch, with its interval.
  ///
  /// - Parameters:
  ///   - metric: that has a gap.
  ///   - target: the other language.
  ///   - part: validation or test.
  /// - Returns: `nil` without both results; NaN where a value is not known.
  public func selectedGap(in metric: Metric, to target: Language, _ part: Part) -> Estimate? {
    if metric == .accuracy {
      return selectedGap(to: target, part).map {
        $0.difference?.absolute ?? Estimate($0.gap, nil, by: .unpairedBootstrap)
      }
    }
    return gapsOfCounts(to: target, part)?[metric]
  }

  /// All gaps in metrics of counts, computed once.
  private func gapsOfCounts(to target: Language, _ part: Part) -> [Metric: Estimate]? {
    let split = Split(target.code, part)
    if let known = estimateStore[ofCounts: split] { return known }
    let found = gapsOfCounts(to: target, part, tail: usualTail)
    estimateStore[ofCounts: split] = found
    return found
  }

  /// `nil` where an accuracy is not known.
  private func partGap(to target: Language, _ part: Part) -> PartGap? {
    guard let accuracy = selectedGap(to: target, part), !accuracy.gap.isNaN,
      let ofCounts = gapsOfCounts(to: target, part)
    else { return nil }
    return PartGap(part: part, accuracy: accuracy, ofCounts: ofCounts)
  }

  private func makeFinalGaps() -> FinalGaps {
    let split = finalSplit
    func found(_ target: Language, _ part: Part, adjusted: Double?) -> FinalGap? {
      guard let gap = partGap(to: target, part) else { return nil }
      return FinalGap(
        target: target, gap: gap,
        otherGap: partGap(to: target, part == .test ? .validation : .test),
        adjustedPValue: adjusted)
    }
    let places: [(target: Language, part: Part)] =
      split.targets.map { ($0, split.part) }
      + split.setApart.compactMap { apart in apart.part.map { (apart.language, $0) } }
    // The gaps that a sentence calls different, or not, are one family, those set apart among them.
    let pValues = places.map { selectedGap(to: $0.target, $0.part)?.difference?.pValue }
    var corrected = holmAdjusted(pValues.compactMap { $0 }).makeIterator()
    let gaps = zip(places, pValues).compactMap { place, value in
      found(place.target, place.part, adjusted: value == nil ? nil : corrected.next())
    }
    var summaries = summariesOfCounts(split)
    summaries[.accuracy] = accuracySummary(split)
    return FinalGaps(
      split: split, gaps: gaps.filter { split.targets.contains($0.target) },
      setApart: gaps.filter { !split.targets.contains($0.target) },
      tests: pValues.count { $0 != nil }, summaries: summaries)
  }

  // MARK: Over all targets

  private func accuracySummary(_ split: FinalSplit) -> TargetSummary? {
    guard split.targets.count > 1 else { return nil }
    let part = split.part
    let gaps = split.targets.compactMap { selectedGap(to: $0, part) }
    guard gaps.allSatisfy({ !$0.gap.isNaN }) else { return nil }
    let lower = split.targets.map { target in
      accuracyDifference(to: target, part, tail: usualTail / Double(split.targets.count))?.absolute
        .interval?.lower
    }
    return TargetSummary(
      split.targets, gaps.map(\.gap), values: values(split, .accuracy),
      joint: answers(split)?.meanAccuracy(),
      upperEnds: gaps.map { $0.interval?.upper }, lowerEnds: lower,
      by: gaps.first?.difference?.absolute.method ?? .unpairedBootstrap)
  }

  private func summariesOfCounts(_ split: FinalSplit) -> [Metric: TargetSummary] {
    guard split.targets.count > 1 else { return [:] }
    let part = split.part
    let gaps = split.targets.compactMap { gapsOfCounts(to: $0, part) }
    let known = Metric.ofCounts.filter { metric in
      gaps.allSatisfy { $0[metric].map { !$0.value.isNaN } ?? false }
    }
    guard !known.isEmpty else { return [:] }
    let atSmallerTail = split.targets.map { target in
      gapsOfCounts(to: target, part, tail: usualTail / Double(split.targets.count))
    }
    let means = answers(split)?.means(of: known)
    return Dictionary(
      uniqueKeysWithValues: known.indices.compactMap { place in
        let metric = known[place]
        let ofMetric = gaps.compactMap { $0[metric] }
        return TargetSummary(
          split.targets, ofMetric.map(\.value), values: values(split, metric),
          joint: means?[place], upperEnds: ofMetric.map { $0.interval?.upper },
          lowerEnds: atSmallerTail.map { $0?[metric]?.interval?.lower }, by: metric.method
        ).map { (metric, $0) }
      })
  }

  private func values(_ split: FinalSplit, _ metric: Metric) -> [Double] {
    split.targets.map { selected[Split($0.code, split.part)]?[metric] ?? .nan }
  }

  // MARK: Answers

  /// The difference in accuracy with intervals at another level; `nil` without counts of both.
  func accuracyDifference(
    to target: Language, _ part: Part, tail: Double
  ) -> AccuracyDifference? {
    guard let a = selected[Split(source.code, part)], let b = selected[Split(target.code, part)]
    else { return nil }
    if isParallel, let pairs = PairedHits(a, b) { return AccuracyDifference(pairs, tail: tail) }
    guard let a = a.confusion, let b = b.confusion else { return nil }
    return AccuracyDifference(
      Hits(a.correct, of: a.total), Hits(b.correct, of: b.total), tail: tail)
  }

  private func gapsOfCounts(
    to target: Language, _ part: Part, tail: Double
  ) -> [Metric: Estimate]? {
    guard let a = selected[Split(source.code, part)], let b = selected[Split(target.code, part)]
    else { return nil }
    let metrics = Metric.ofCounts
    let isUnknown = a.isWithoutAnswers || b.isWithoutAnswers
    let gaps =
      (isUnknown ? nil : answers([source, target], part)?.differences(in: metrics, tail: tail))
      ?? metrics.map { Estimate(isUnknown ? .nan : a[$0] - b[$0], nil, by: $0.method) }
    return Dictionary(uniqueKeysWithValues: zip(metrics, gaps))
  }

  private func answers(_ split: FinalSplit) -> LanguageAnswers? {
    answers([source] + split.targets, split.part)
  }

  /// What was answered to the examples of some languages; `nil` unless all have predictions.
  private func answers(_ languages: [Language], _ part: Part) -> LanguageAnswers? {
    let splits = languages.map { Split($0.code, part) }
    if isParallel, let parallel = parallelAnswers(splits) { return parallel }
    let confusions = splits.compactMap { selected[$0]?.confusion }
    // Tables of predictions beside a log may know other classes.
    guard confusions.count == splits.count,
      confusions.allSatisfy({ $0.total > 0 && $0.classes == confusions[0].classes })
    else { return nil }
    return LanguageAnswers(confusions)
  }

  /// `nil` unless all splits hold the same rows.
  private func parallelAnswers(_ splits: [Split]) -> LanguageAnswers? {
    guard let first = predictions[splits[0]], first.count > 0 else { return nil }
    var parallel: [(labels: [Int], predictions: [Int?])] = []
    for split in splits {
      guard let found = predictions[split], found.classes == first.classes,
        let pairs = matched(first.ids, found.ids)
      else { return nil }
      let places = pairs.map(\.1)
      parallel.append(
        (places.map { found.labels[$0] }, places.map { predictedClass(found.row($0)) }))
    }
    return LanguageAnswers(parallel: parallel, classes: first.classes)
  }
}

extension TargetSummary {
  /// - Parameters:
  ///   - targets: at least two.
  ///   - gaps: one per target.
  ///   - values: the metric, one per target.
  ///   - joint: the mean with its interval; `nil` without predictions.
  ///   - upperEnds: of the gaps' 95 % intervals.
  ///   - lowerEnds: of their intervals at a tail of 2.5 % over the number of targets.
  ///   - method: of the gaps' intervals.
  fileprivate init?(
    _ targets: [RunResults.Language], _ gaps: [Double], values: [Double],
    joint: LanguageAnswers.TargetMean?, upperEnds: [Double?], lowerEnds: [Double?],
    by method: Method
  ) {
    guard gaps.count == targets.count, let largest = gaps.max(),
      let place = gaps.firstIndex(of: largest)
    else { return nil }
    func average(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    mean = joint?.mean ?? Estimate(average(values), nil, by: method)
    meanGap = joint?.gap ?? Estimate(average(gaps), nil, by: method)
    worst = targets[place]
    let (upper, lower) = (upperEnds.compactMap { $0 }, lowerEnds.compactMap { $0 })
    worstGap = Estimate(
      largest,
      // Where one target's gap has no interval, that of the largest could be anything.
      upper.count == gaps.count && lower.count == gaps.count
        ? intervalOfLargest(upperEnds: upper, lowerEnds: lower) : nil,
      by: .largestOfSeveral)
  }
}
