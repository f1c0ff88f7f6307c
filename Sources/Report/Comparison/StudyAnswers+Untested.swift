internal import Metrics
internal import Results
internal import RunLog

extension StudyAnswers {
  /// What the study says nothing about, as far as its definition and its runs tell, a sentence each.
  var untested: [String] {
    var result: [String] = []
    let runs = groups.flatMap(\.runs)
    let seeds = definition.seeds
    result.append(
      seeds.count < 3
        ? "Other seeds than \(NumberFormat.list(seeds.map { String($0) })): with fewer than three, how much "
          + "results vary from seed to seed cannot be told, so intervals hold for these trainings."
        : "What \(NumberFormat.count(seeds.count)) seeds do not show: intervals speak of other seeds of the "
          + "same program, but know their spread from these \(NumberFormat.count(seeds.count)) only."
    )
    let checkpoints = distinct(runs.compactMap { $0.started?.checkpointName })
    if !checkpoints.isEmpty {
      result.append(
        "Other checkpoints than \(NumberFormat.list(checkpoints)): no interval speaks of them.")
    }
    if let started = runs.lazy.compactMap(\.started).first, let run = runs.first {
      let training = distinct(
        runs.compactMap(\.started).flatMap(\.splits).filter { $0.split.part == .train }.map {
          "\(NumberFormat.count($0.examples)) \(run.languageName($0.split.language)) examples"
        })
      if !training.isEmpty {
        result.append(
          "Other training data than these (\(NumberFormat.list(training))): no interval speaks of how results "
            + "vary with them.")
      }
      let asked = distinct(definition.questions.compactMap(\.claim.split))
      let tested = asked.compactMap { split in
        started.splits.first { $0.split == split }.map {
          "\(NumberFormat.count($0.examples)) of \(run.words(split))"
        }
      }
      if !tested.isEmpty {
        result.append(
          "Texts of another kind: the questions are answered on \(NumberFormat.list(tested)), and the "
            + "intervals speak of other examples drawn as these were.")
      }
      let unasked = ([run.source] + run.targets).flatMap { language in
        [Part.validation, .test].map { Split(language.code, $0) }
      }.filter { run.selected[$0] != nil && !asked.contains($0) }
      if !definition.questions.isEmpty, !unasked.isEmpty {
        result.append(
          "No question is about \(NumberFormat.list(unasked.map { run.words($0) })); their results stand in "
            + "the tables above without a verdict.")
      }
    }
    if !definition.questions.isEmpty {
      if !unasked.isEmpty {
        result.append("No question is about the configurations \(NumberFormat.list(unasked)).")
      }
      let metrics = Claim.Metric.allCases.filter { metric in
        !definition.questions.contains { $0.claim.metric == metric }
      }
      if !metrics.isEmpty {
        result.append(
          "No question is about \(NumberFormat.list(metrics.map(\.words))).")
      }
      let claims = answers.count { $0.judgement?.pValue != nil }
      if claims > 1 {
        result.append(
          "Holm's correction is over the \(NumberFormat.count(claims)) claims that could be tested; "
            + "comparisons of pairs in comparison.md are a family of their own and answer no question."
        )
      }
    }
    return result
  }
}

private func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
  values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

extension Claim.Metric {
  fileprivate var words: String {
    switch self {
    case .accuracy: "accuracy"
    case .macroF1: "macro F1"
    case .loss: "loss"
    case .transferGap: "the transfer gap"
    case .secondsPerEpoch: "time"
    }
  }
}

extension RunResults {
  fileprivate func languageName(_ code: String) -> String {
    ([source] + targets).first { $0.code == code }?.name ?? code
  }

  fileprivate func words(_ split: Split) -> String {
    "\(languageName(split.language)) \(partName(split.part))"
  }
}
