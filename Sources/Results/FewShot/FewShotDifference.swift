public import Metrics
internal import RunLog

/// A difference in accuracy on a target's test split, mean over the draws, and what may be said of it.
public struct FewShotDifference: Sendable {
  /// What the test says.
  public enum Verdict: Sendable {
    /// There is no difference to test, for the reason given.
    case absent(String)
    /// Fewer than `FewShotResults.leastExamples` test examples, from which nothing is concluded.
    case tooFewExamples
    /// Nothing varied, so that no test is possible: every draw answers every example alike, or all differ in the
    /// same way.
    case nothingVaried
    case less
    /// The test does not tell it from 0, which does not make it 0.
    case indistinct
    /// The test alone tells it from 0, but the correction for the number of tests leaves it open.
    case onlyBeforeCorrection
    case more
  }

  /// `nil` where there is nothing to compare.
  public let contrast: Contrast?
  public let verdict: Verdict
  /// Of the test alone; NaN without one.
  public let ownPValue: Double
  /// After Holm's correction over all differences of the answer.
  public let pValue: Double
  /// How many draws it is a mean over.
  public let draws: Int

  /// With its interval over draws and examples.
  public var estimate: Estimate? { contrast?.estimate }

  init(_ outcome: Outcome, _ ownPValue: Double, _ pValue: Double) {
    (contrast, draws) = (outcome.contrast, outcome.draws)
    (self.ownPValue, self.pValue) = (ownPValue, pValue)
    guard let contrast else {
      verdict = .absent(outcome.absence ?? "")
      return
    }
    verdict =
      if contrast.examples < FewShotResults.leastExamples {
        .tooFewExamples
      } else if contrast.standardError == 0 || pValue.isNaN {
        .nothingVaried
      } else if pValue <= 0.05 {
        contrast.value < 0 ? .less : .more
      } else if ownPValue <= 0.05 {
        .onlyBeforeCorrection
      } else {
        .indistinct
      }
  }
}

/// What two ways to label a target's examples come to beside each other, before any correction.
struct Outcome: Sendable {
  /// `nil` where there is nothing to compare.
  let contrast: Contrast?
  /// Why not, half a sentence.
  let absence: String?
  let draws: Int

  /// Continued fine-tuning minus the run itself, which is one network, the same for all draws.
  init(
    _ continued: [FewShotResults.Draw], against zeroShot: FewShotResults.Draw?, _ words: String
  ) {
    guard let zeroShot else {
      self.init(absence: "the run has no predictions of \(words) after its selected epoch")
      return
    }
    guard !zeroShot.isWithoutAnswers else {
      self.init(
        absence: "the run answered none of the \(zeroShot.predictions.count) examples of \(words)")
      return
    }
    self.init(continued.map { ($0, zeroShot) })
  }

  /// Continued fine-tuning minus the target alone, draw by draw on the same labelled examples.
  init(_ continued: [FewShotResults.Draw], against alone: [FewShotResults.Draw]) {
    self.init(
      continued.compactMap { draw in
        alone.first { $0.number == draw.number }.map { (draw, $0) }
      })
  }

  private init(_ pairs: [(FewShotResults.Draw, FewShotResults.Draw)]) {
    guard !pairs.isEmpty else {
      self.init(absence: "no draw is complete on both sides")
      return
    }
    if let silent = pairs.flatMap({ [$0.0, $0.1] }).first(where: \.isWithoutAnswers) {
      self.init(
        absence:
          "a training on draw \(silent.number) answered none of the \(silent.predictions.count) examples"
      )
      return
    }
    // One configuration for both sides: what is drawn is a draw with both of its networks.
    func term(_ weight: Double, _ draws: [FewShotResults.Draw]) -> Contrast.Term {
      Contrast.Term(
        weight: weight, configuration: "draws", split: "test",
        answers: draws.map { Metric.accuracy.answers($0.predictions.scores) })
    }
    self.init(
      Contrast([term(1, pairs.map(\.0)), term(-1, pairs.map(\.1))]), absence: nil,
      draws: pairs.count)
  }

  private init(_ contrast: Contrast? = nil, absence: String?, draws: Int = 0) {
    (self.contrast, self.absence, self.draws) = (contrast, absence, draws)
  }
}
