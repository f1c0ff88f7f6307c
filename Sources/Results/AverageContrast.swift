public import Metrics
public import RunLog

/// Whether averaged weights do better on a split than those of the last epoch among them.
///
/// The two label the same examples, so they are compared by McNemar's exact test; Holm's correction takes all
/// languages that are looked at for one family.
public struct AverageContrast: Sendable {
  /// What the test says.
  public enum Verdict: Sendable {
    /// There is nothing to compare: an accuracy is not known.
    case unknown
    /// One of the two has no answer for any example.
    case unanswered
    /// Accuracies are known, but not by example.
    case untested
    /// Fewer than `BaselineCheck.leastExamples`, from which nothing is concluded.
    case tooFewExamples
    /// Each example is labelled correctly by both or by neither.
    case identical
    /// The test does not tell them apart, which does not make them equal.
    case indistinct
    case above
    case below
  }

  public let language: RunResults.Language
  public let split: Split
  /// The accuracy of the last epoch; `nil` where it is not known, and where no example has an answer.
  public let last: Estimate?
  /// Likewise with averaged weights.
  public let average: Estimate?
  /// The accuracy with averaged weights minus that of the last epoch.
  public let difference: Estimate?
  /// How many examples were compared; 0 without answers by example.
  public let examples: Int
  /// McNemar's, before Holm's correction; NaN where it was not tested.
  public let ownPValue: Double
  /// McNemar's, after Holm's correction.
  public let pValue: Double
  /// How many languages the correction is for.
  public let tests: Int
  public let verdict: Verdict

  /// Whether the language's own test tells them apart, but the correction for the number of languages leaves it
  /// open.
  public var isOnlyBeforeCorrection: Bool { verdict == .indistinct && ownPValue <= 0.05 }

  /// Whether the interval leaves out 0 although the test does not tell them apart.
  public var isIntervalApart: Bool {
    verdict == .indistinct && difference?.interval.map { !$0.contains(0) } ?? false
  }
}

extension RunResults {
  /// Compares averaged weights with those of the last epoch among them, for source and targets on the final part; a
  /// language that lacks it on the part that it has. None where nothing was averaged.
  public func averageContrasts() -> [AverageContrast] {
    guard let average else { return [] }
    let final = finalSplit
    let splits = ([source] + targets).map { language in
      let own = final.setApart.first { $0.language == language }
      return (language: language, split: Split(language.code, own?.part ?? final.part))
    }
    let found = splits.compactMap { language, split -> Answers? in
      guard let first = result(split, with: .epoch(average.epochs.upperBound)),
        let second = average.results[split]
      else {
        // A language that was scored later knows only the selected weights.
        return byEpoch[split] == nil ? nil : Answers(language: language, split: split)
      }
      return Answers(
        language: language, split: split, last: first, average: second,
        pairs: PairedHits(second, first))
    }
    let own = found.map { answers in
      answers.testable.map { mcNemarPValue(onlyA: $0.onlyA, onlyB: $0.onlyB) } ?? .nan
    }
    let tests = own.count { !$0.isNaN }
    return zip(found, zip(own, holmAdjusted(own))).map { answers, pValues in
      answers.contrast(ownPValue: pValues.0, pValue: pValues.1, tests: tests)
    }
  }
}

/// What two networks say about the same split.
private struct Answers {
  let language: RunResults.Language
  let split: Split
  var last: SplitResult?
  var average: SplitResult?
  /// `a` are those with averaged weights.
  var pairs: PairedHits?

  private var isUnanswered: Bool {
    (last?.isWithoutAnswers ?? false) || (average?.isWithoutAnswers ?? false)
  }

  /// The pairs, if there is something to test.
  var testable: PairedHits? { isUnanswered ? nil : pairs.flatMap { $0.total > 0 ? $0 : nil } }

  private func accuracy(_ result: SplitResult?) -> Estimate? {
    result.flatMap {
      $0.isWithoutAnswers || !$0.accuracy.isFinite ? nil : $0.estimate(.accuracy)
    }
  }

  func contrast(ownPValue: Double, pValue: Double, tests: Int) -> AverageContrast {
    let (before, after) = (accuracy(last), accuracy(average))
    var difference: Estimate?
    if let before, let after {
      difference =
        testable.map { AccuracyDifference($0).absolute }
        ?? Estimate(after.value - before.value, nil, by: .pairedBootstrap)
    }
    return AverageContrast(
      language: language, split: split, last: before, average: after, difference: difference,
      examples: testable?.total ?? 0, ownPValue: ownPValue, pValue: pValue, tests: tests,
      verdict: verdict(pValue, isKnown: difference != nil))
  }

  private func verdict(_ pValue: Double, isKnown: Bool) -> AverageContrast.Verdict {
    if isUnanswered { return .unanswered }
    if !isKnown { return .unknown }
    guard let pairs = testable else { return .untested }
    if pairs.total < BaselineCheck.leastExamples { return .tooFewExamples }
    if pairs.onlyA == 0, pairs.onlyB == 0 { return .identical }
    if pValue > 0.05 { return .indistinct }
    return pairs.onlyA > pairs.onlyB ? .above : .below
  }
}
