public import Metrics
public import RunLog

/// The transfer gaps of two groups to the same target; a's minus b's.
public struct GapComparison: Sendable {
  /// The target's code.
  public let target: String
  public let part: Part
  /// The groups' places.
  public let a: Int
  public let b: Int
  /// Of a, the mean over its runs.
  public let gapA: Double
  public let gapB: Double
  /// Over seeds and examples; for two single runs the bootstrap over examples.
  public let difference: Estimate

  /// `nil` unless both hold predictions of the same examples of both languages.
  init?(
    target: String, _ part: Part, a: Int, b: Int, _ groups: [RunGroup], resamples: Int
  ) {
    guard groups[a].runs[0].source == groups[b].runs[0].source else { return nil }
    let splits = [Split(groups[a].runs[0].source.code, part), Split(target, part)]
    var answers: [(a: SplitAnswers, b: SplitAnswers)] = []
    for split in splits {
      guard let first = groups[a].answers(split),
        let second = groups[b].answers(split, ids: first.ids), first.labels == second.labels
      else { return nil }
      answers.append((first, second))
    }
    (self.target, self.part, self.a, self.b) = (target, part, a, b)
    func mean(_ answers: SplitAnswers) -> Double {
      let hits = answers.hits.reduce(0) { $0 + $1.count { $0 } }
      return Double(hits) / Double(answers.labels.count * answers.predictions.count)
    }
    gapA = mean(answers[0].a) - mean(answers[1].a)
    gapB = mean(answers[0].b) - mean(answers[1].b)
    if groups[a].runs.count == 1, groups[b].runs.count == 1 {
      let hits = answers.map { PairedHits($0.a.hits[0], $0.b.hits[0]) }
      difference = gapDifference(source: hits[0], target: hits[1], resamples: resamples)
    } else {
      let terms = zip(splits, zip(answers, [1.0, -1])).flatMap { split, entry in
        [
          Contrast.Term(
            weight: entry.1, configuration: "a", split: "\(split)",
            answers: entry.0.a.answers(.accuracy)),
          Contrast.Term(
            weight: -entry.1, configuration: "b", split: "\(split)",
            answers: entry.0.b.answers(.accuracy)),
        ]
      }
      difference = Contrast(terms).estimate
    }
  }
}
