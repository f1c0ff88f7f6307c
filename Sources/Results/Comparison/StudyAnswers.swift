public import Metrics
public import RunLog

/// A study's questions, answered from its runs.
public struct StudyAnswers: Sendable {
  /// One question with what the runs say to it.
  public struct Answer: Sendable {
    public let question: StudyDefinition.Question
    /// `nil` where the runs do not allow one.
    public let judgement: Judgement?
    /// Why there is none, half a sentence; `nil` where there is one.
    public let absence: String?
    /// For a claim about time: what was compared.
    public let cost: Cost?
  }

  /// What runs' times are compared by.
  public enum Cost: Equatable, Sendable {
    /// Seconds an epoch, measured one run at a time in one environment.
    case seconds
    /// Floating-point operations an epoch, counted; `reason`, half a sentence, says why not seconds.
    case operations(reason: String)
  }

  public let definition: StudyDefinition
  /// One per configuration, in the order of the definition; those without a complete run are not here.
  public let groups: [RunGroup]
  /// In the order of the definition.
  public let answers: [Answer]
  /// Names of the configurations that occur in no question.
  public let unasked: [String]

  /// Answers a study's questions together, since Holm's correction is over all of them.
  ///
  /// - Parameters:
  ///   - definition: the study.
  ///   - groups: complete runs by configuration, each named as in the definition.
  public init(_ definition: StudyDefinition, _ groups: [RunGroup]) {
    (self.definition, self.groups) = (definition, groups)
    let cost = groups.basisOfCost
    typealias Claimed = (relation: Relation, contrast: Contrast, isCounted: Bool)
    var claims: [Claimed] = []
    var outcomes: [Result<Int, Absence>] = []
    for question in definition.questions {
      do throws(Absence) {
        let contrast = try Self.contrast(question.claim, groups, cost)
        let isCounted = question.claim.metric == .secondsPerEpoch && cost != .seconds
        outcomes.append(.success(claims.count))
        claims.append((question.claim.relationWithMargin, contrast, isCounted))
      } catch {
        outcomes.append(.failure(error))
      }
    }
    let judgements = judge(claims)
    answers = zip(definition.questions, outcomes).map { question, outcome in
      let usesTime = question.claim.metric == .secondsPerEpoch
      switch outcome {
      case .success(let place):
        return Answer(
          question: question, judgement: judgements[place], absence: nil,
          cost: usesTime ? cost : nil)
      case .failure(let absence):
        return Answer(question: question, judgement: nil, absence: absence.reason, cost: nil)
      }
    }
    let asked = Set(definition.questions.flatMap { $0.claim.first.names + $0.claim.second.names })
    unasked = definition.configurations.map(\.name).filter { !asked.contains($0) }
  }

  /// Why a claim cannot be judged, half a sentence.
  private struct Absence: Error {
    let reason: String
  }

  /// What a claim is about, as a weighted sum over configurations.
  private static func contrast(
    _ claim: Claim, _ groups: [RunGroup], _ cost: Cost
  ) throws(Absence) -> Contrast {
    if claim.metric == .secondsPerEpoch, claim.margin > 0, case .operations(let reason) = cost {
      throw Absence(
        reason:
          "its margin is in seconds, and operations would have to be compared, since \(reason)")
    }
    // A configuration on both sides of a difference of differences counts once.
    var weights: [(name: String, weight: Double)] = []
    for (name, weight) in claim.weights {
      if let place = weights.firstIndex(where: { $0.name == name }) {
        weights[place].weight += weight
      } else {
        weights.append((name, weight))
      }
    }
    var sides: [(weight: Double, group: RunGroup)] = []
    for (name, weight) in weights where weight != 0 {
      guard let group = groups.first(where: { $0.name == name }) else {
        throw Absence(reason: "no run of \(name) is complete")
      }
      sides.append((weight, group))
    }
    if let split = claim.split {
      // A gap is measured on the source's split as well.
      let source = claim.metric.isTransferGap ? sides.first?.group.runs[0].source.code : nil
      let splits = [split] + (source.map { [Split($0, split.part)] } ?? [])
      if let reason = reasonForLackOfAnswers(sides.map(\.group), splits) {
        throw Absence(reason: reason)
      }
    }
    guard let metric = ContrastedMetric(claim, cost),
      let contrast = Results.contrast(metric, of: sides)
    else {
      throw Absence(
        reason: claim.split.map {
          "the runs do not all hold predictions of the same examples of \($0)"
        } ?? "a run does not say what its epochs took")
    }
    guard contrast.estimate.value.isFinite else {
      throw Absence(reason: Self.reasonForNoNumber(claim, sides.map(\.group)))
    }
    return contrast
  }

  /// Why a claim is about something that is not a finite number, half a sentence.
  private static func reasonForNoNumber(_ claim: Claim, _ groups: [RunGroup]) -> String {
    guard let split = claim.split else { return "a number that it is about is not finite" }
    let runs = groups.flatMap(\.runs)
    let lacking = runs.filter { $0.selected[split].map { !$0.loss.isFinite } ?? false }
    guard claim.metric == .metric(.loss), let first = lacking.first else {
      return "a number on \(split) that it is about is not finite"
    }
    return
      "the loss of \(inWords(lacking.map(\.folder))) on \(first.words(split)) is not a finite number"
  }
}

extension ContrastedMetric {
  /// `nil` for a metric of examples without a split.
  fileprivate init?(_ claim: Claim, _ cost: StudyAnswers.Cost) {
    switch (claim.metric, claim.split) {
    case (.metric(let metric), let split?): self = .split(metric, split)
    case (.transferGap(let metric), let split?):
      self = .transferGap(target: split.language, split.part, of: metric)
    case (.secondsPerEpoch, _): self = cost == .seconds ? .secondsPerEpoch : .operationsPerEpoch
    case (_, nil): return nil
    }
  }
}

extension Claim {
  /// The configurations with their factors in what is judged.
  fileprivate var weights: [(name: String, weight: Double)] {
    func weights(_ side: Side, _ sign: Double) -> [(name: String, weight: Double)] {
      switch side {
      case .configuration(let name): [(name, sign)]
      case .difference(let a, let b): [(a, sign), (b, -sign)]
      }
    }
    return weights(first, 1) + weights(second, -1)
  }

  fileprivate var relationWithMargin: Metrics.Relation {
    switch relation {
    case .equivalent: .equivalent(margin: margin)
    case .less: .less(margin: margin)
    case .greater: .greater(margin: margin)
    case .notLess: .notLess(margin: margin)
    case .notGreater: .notGreater(margin: margin)
    }
  }
}

// MARK: - Cost

extension [RunGroup] {
  /// Seconds, if runs can be compared by them: one environment, one run at a time, none interrupted.
  public var basisOfCost: StudyAnswers.Cost {
    guard areOfOneEnvironment else {
      return .operations(reason: "the runs were not all trained in one environment")
    }
    // Times in UTC of one form, so that their order is that of the texts.
    var spans: [(start: String, end: String)] = []
    for run in flatMap(\.runs) {
      guard let start = run.started?.time, let end = run.finished?.time else {
        return .operations(reason: "a run does not say when it was trained")
      }
      spans.append((start, end))
      let isInterrupted = run.run.records.contains {
        switch $0 {
        case .interrupted, .resumed: true
        default: false
        }
      }
      if isInterrupted { return .operations(reason: "a run was interrupted") }
    }
    let sorted = spans.sorted { $0 < $1 }
    for (a, b) in zip(sorted, sorted.dropFirst()) where b.start < a.end {
      return .operations(reason: "runs were trained at the same time")
    }
    return .seconds
  }
}
