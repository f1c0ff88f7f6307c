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

  /// What a claim about time compares.
  public enum Cost: Equatable, Sendable {
    /// Seconds an epoch, measured one run at a time in one environment.
    case seconds
    /// Floating-point operations an epoch, counted; `reason`, half a sentence, says why not seconds.
    case operations(reason: String)
  }

  public let definition: StudyDefinition
  /// One a configuration, in the order of the definition; those without a complete run are not here.
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
    let cost = groups.flatMap(\.runs).basisOfCost
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
    // A configuration on both sides of a difference of differences counts once.
    var weights: [(name: String, weight: Double)] = []
    for (name, weight) in claim.weights {
      if let place = weights.firstIndex(where: { $0.name == name }) {
        weights[place].weight += weight
      } else {
        weights.append((name, weight))
      }
    }
    var sides: [(group: RunGroup, weight: Double)] = []
    for (name, weight) in weights where weight != 0 {
      guard let group = groups.first(where: { $0.name == name }) else {
        throw Absence(reason: "no run of \(name) is complete")
      }
      sides.append((group, weight))
    }
    guard let metric = claim.metric.compared else {
      var values: [(weight: Double, values: [Double])] = []
      for (group, weight) in sides {
        guard let summary = group.summary({ $0.costOfAnEpoch(cost) }) else {
          throw Absence(reason: "a run of \(group.name) does not say what its epochs took")
        }
        values.append((weight, summary.values))
      }
      return Contrast(values)
    }
    guard let split = claim.split, let source = sides.first?.group.runs[0].source.code else {
      throw Absence(reason: "it names no split")
    }
    // A gap is the source's accuracy minus the target's.
    let splits =
      claim.metric == .transferGap
      ? [(Split(source, split.part), 1.0), (split, -1.0)] : [(split, 1.0)]
    var terms: [Contrast.Term] = []
    for (split, sign) in splits {
      guard let first = sides.first?.group.answers(split) else {
        throw Absence(
          reason: "the runs of \(sides.first?.group.name ?? "") do not hold predictions of the same "
            + "examples of \(split)")
      }
      for (group, weight) in sides {
        guard let answers = group.answers(split, ids: first.ids), answers.labels == first.labels
        else {
          throw Absence(
            reason: "the runs of \(group.name) do not hold predictions of the same examples of "
              + "\(split) as those of \(sides[0].group.name)")
        }
        terms.append(
          Contrast.Term(
            weight: sign * weight, configuration: group.name, split: "\(split)",
            answers: answers.answers(metric)))
      }
    }
    return Contrast(terms)
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
    }
  }
}

extension Claim.Metric {
  /// What examples are compared by; `nil` for what no examples measure.
  fileprivate var compared: ComparedMetric? {
    switch self {
    case .accuracy, .transferGap: .accuracy
    case .macroF1: .macroF1
    case .loss: .loss
    case .secondsPerEpoch: nil
    }
  }
}

// MARK: - Cost

extension [RunResults] {
  /// Seconds, if runs can be compared by them: one environment, one run at a time, none interrupted.
  fileprivate var basisOfCost: StudyAnswers.Cost {
    var environments: [String] = []
    var spans: [(start: String, end: String)] = []
    for run in self {
      guard let environment = run.run.environment, let start = run.started?.time,
        let end = run.finished?.time
      else { return .operations(reason: "a run does not say where or when it was trained") }
      environments.append(
        [
          environment.cpu, environment.operatingSystem, environment.blas, environment.kernels,
          environment.version, "\(environment.threads)",
        ].joined(separator: "\n"))
      // Times in UTC of one form, so that their order is that of the texts.
      spans.append((start, end))
      let isInterrupted = run.run.records.contains {
        switch $0 {
        case .interrupted, .resumed: true
        default: false
        }
      }
      if isInterrupted { return .operations(reason: "a run was interrupted") }
    }
    if Set(environments).count > 1 {
      return .operations(reason: "the runs were trained in different environments")
    }
    let sorted = spans.sorted { $0 < $1 }
    for (a, b) in zip(sorted, sorted.dropFirst()) where b.start < a.end {
      return .operations(reason: "runs were trained at the same time")
    }
    return .seconds
  }
}

extension RunResults {
  /// What an epoch's training took, the mean over epochs; `nil` if no epoch says.
  fileprivate func costOfAnEpoch(_ cost: StudyAnswers.Cost) -> Double? {
    let epochs = run.records.compactMap { record -> EpochRecord? in
      if case .epoch(let epoch) = record { epoch } else { nil }
    }
    guard !epochs.isEmpty else { return nil }
    let sum = epochs.reduce(0) {
      // A multiplication and an addition.
      $0 + (cost == .seconds ? $1.seconds : 2 * $1.multiplyAdds)
    }
    return sum / Double(epochs.count)
  }
}
