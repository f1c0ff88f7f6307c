public import Metrics
public import RunLog

/// A number that configurations are compared by, and what it is measured on.
public enum ContrastedMetric: Equatable, Sendable {
  /// On the examples of a split, after each run's selected epoch.
  case split(Metric, Split)
  /// A metric of the source minus a target's, on the same part.
  case transferGap(target: String, Part, of: Metric = .accuracy)
  /// Of training alone, without evaluation; the mean over a run's epochs.
  case secondsPerEpoch
  /// Two a multiply-add, by the log's own count; what times are compared by where they cannot be.
  case operationsPerEpoch

  /// Whether runs of one configuration and machine always give the same number.
  public var isCounted: Bool { self == .operationsPerEpoch }
}

extension [RunGroup] {
  /// Whether all runs were computed in one environment, so that their times can be compared: processor,
  /// threads, operating system, BLAS, kernels and version.
  public var areOfOneEnvironment: Bool {
    let environments = flatMap(\.runs).map(\.run.environment)
    guard let first = environments.first, var first else { return false }
    first.forgetRun()
    return environments.allSatisfy { environment in
      guard var environment else { return false }
      environment.forgetRun()
      return environment == first
    }
  }
}

extension RunEnvironment {
  /// What may differ between runs whose times can be compared.
  fileprivate mutating func forgetRun() { (seed, hashes, commit) = (0, [], nil) }
}

/// A weighted sum of a metric's means over the runs of groups, such as a difference (+1, −1) or a difference
/// of differences (+1, −1, −1, +1).
///
/// - Parameters:
///   - metric: what is compared.
///   - sides: weights and groups, whose names tell them apart; not empty.
/// - Returns: `nil` where a run lacks the metric or answered nothing, or the runs do not hold the same examples.
public func contrast(
  _ metric: ContrastedMetric, of sides: [(weight: Double, group: RunGroup)]
) -> Contrast? {
  switch metric {
  case .split(let metric, let split):
    return terms(metric, split, sides).map { Contrast($0) }
  case .transferGap(let target, let part, let metric):
    guard let source = sides.first?.group.runs[0].source.code,
      sides.allSatisfy({ side in
        side.group.runs.allSatisfy { run in
          // What was trained on is no target, whether or not it is elsewhere.
          run.source.code == source && run.targets.contains { $0.code == target }
        }
      }),
      let ours = terms(metric, Split(source, part), sides),
      let theirs = terms(
        metric, Split(target, part), sides.map { (weight: -$0.weight, group: $0.group) })
    else { return nil }
    return Contrast(ours + theirs)
  case .secondsPerEpoch:
    return numbers(sides) { $0.meanPerEpoch(\.seconds) }
  case .operationsPerEpoch:
    return numbers(sides) { run in run.meanPerEpoch(\.multiplyAdds).map { 2 * $0 } }
  }
}

extension RunGroup {
  /// The group's gap to a target on one part, with its interval: over examples for a single run, of which its own
  /// report gives the very same; over seeds and examples for several.
  ///
  /// - Parameters:
  ///   - metric: that has a gap.
  ///   - target: its code.
  ///   - part: validation or test.
  /// - Returns: `nil` where a run has no such gap; without an interval where a run has no predictions, or the runs
  ///   do not hold the same examples.
  public func gap(_ metric: Metric, to target: String, _ part: Part) -> Estimate? {
    func own(_ run: RunResults) -> Estimate? {
      guard let language = run.targets.first(where: { $0.code == target }) else { return nil }
      return run.selectedGap(in: metric, to: language, part)
    }
    if runs.count == 1 { return own(runs[0]) }
    if let contrast = contrast(.transferGap(target: target, part, of: metric), of: [(1, self)]) {
      return contrast.estimate
    }
    return summary { own($0)?.value }.map { Estimate($0.mean.value, nil, by: .twoLevelBootstrap) }
  }
}

private func terms(
  _ metric: Metric, _ split: Split, _ sides: [(weight: Double, group: RunGroup)]
) -> [Contrast.Term]? {
  guard let first = sides.first?.group.answers(split) else { return nil }
  var terms: [Contrast.Term] = []
  for (weight, group) in sides {
    guard group.runsWithoutAnswers(split).isEmpty,
      let answers = group.answers(split, ids: first.ids), answers.labels == first.labels
    else { return nil }
    terms.append(
      Contrast.Term(
        weight: weight, configuration: group.name, split: "\(split)",
        answers: answers.answers(metric)))
  }
  return terms
}

private func numbers(
  _ sides: [(weight: Double, group: RunGroup)], _ value: (RunResults) -> Double?
) -> Contrast? {
  var groups: [(weight: Double, values: [Double])] = []
  for (weight, group) in sides {
    guard let summary = group.summary(value) else { return nil }
    groups.append((weight, summary.values))
  }
  return groups.isEmpty ? nil : Contrast(groups)
}

extension RunResults {
  /// Seconds of training alone, all epochs together; `nil` without our own logs.
  public var trainingSeconds: Double? {
    epochRecords.isEmpty ? nil : epochRecords.reduce(0) { $0 + $1.seconds }
  }

  /// Floating-point operations of training alone, all epochs together, by the log's own count; `nil`
  /// without our own logs.
  public var trainingOperations: Double? {
    epochRecords.isEmpty ? nil : epochRecords.reduce(0) { $0 + 2 * $1.multiplyAdds }
  }

  /// `nil` without our own logs.
  fileprivate func meanPerEpoch(_ value: (EpochRecord) -> Double) -> Double? {
    let records = epochRecords
    return records.isEmpty
      ? nil : records.reduce(0) { $0 + value($1) } / Double(records.count)
  }
}
