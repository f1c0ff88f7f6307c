internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// Everything that a study's report prints.
struct StudyData: TagSource {
  let name: String
  let runs: PrintedNumber
  let planned: PrintedNumber
  let isComplete: Bool
  let seeds: String
  let missing: [EntryTags]
  let answers: [AnswerTags]
  let supported: PrintedNumber
  let notSupported: PrintedNumber
  let undecided: PrintedNumber
  let comparison: ComparisonData?
  let untested: [EntryTags]
  let sharing: PrefixSharingTags?

  /// - Parameters:
  ///   - answers: of the study's questions.
  ///   - comparison: of its configurations; `nil` without a complete run.
  ///   - planned: how many runs the study has.
  ///   - missing: names of the runs that are not complete.
  ///   - figures: one an answer, in the same order; `nil` where none could be drawn.
  init(
    _ answers: StudyAnswers, comparison: ComparisonData?, planned: Int, missing: [String],
    figures: [FigureTags?]
  ) {
    let from = Evidence([])
    name = markdown(answers.definition.name)
    runs = from.count(planned - missing.count)
    self.planned = from.count(planned)
    isComplete = missing.isEmpty
    seeds = NumberFormat.list(answers.definition.seeds.map { String($0) })
    self.missing = EntryTags.numbered(missing)
    self.answers = answers.answers.enumerated().map {
      AnswerTags($0.element, number: $0.offset + 1, answers, figure: figures[$0.offset])
    }
    func count(_ verdict: Verdict) -> PrintedNumber {
      from.count(answers.answers.count { $0.judgement?.verdict == verdict })
    }
    (supported, notSupported, undecided) = (
      count(.supported), count(.notSupported), count(.undecided)
    )
    self.comparison = comparison
    untested = EntryTags.numbered(answers.untested)
    sharing = PrefixSharingTags(SharedPrefixes(answers.groups))
  }

  static let tags: [TagDefinition<StudyData>] = [
    .text("name", \.name, "the study"),
    .number("runs", \.runs, "how many runs are complete"),
    .number("planned", \.planned, "how many there are in all"),
    .condition("is_complete", \.isComplete, "whether every run is complete"),
    .text("seeds", \.seeds, "the seeds of every configuration"),
    .list("missing", \.missing, "the runs that are not complete"),
    .list("answers", \.answers, "the questions with their answers"),
    .number("supported", \.supported, "how many claims are supported"),
    .number("not_supported", \.notSupported, "how many are not"),
    .number("undecided", \.undecided, "how many are undecided"),
    .section("comparison", \.comparison, "all configurations compared"),
    .list("untested", \.untested, "what the study says nothing about"),
    .section(
      "sharing", \.sharing,
      "what runs took over of the frozen layers' output; absent where no log says"),
  ]
}

/// A question and its answer.
struct AnswerTags: TagSource {
  let number: PrintedNumber
  let goal: String
  let verdict: String
  let capitalizedVerdict: String
  let claim: String
  let estimand: String
  let estimate: PrintedNumber?
  let interval: PrintedNumber?
  let pValue: PrintedNumber?
  let adjustedPValue: PrintedNumber?
  let test: String?
  let reading: String?
  let isForTheseSeedsOnly: Bool
  let neededExamples: PrintedNumber?
  let neededSeeds: PrintedNumber?
  let isBeyondNumbers: Bool
  let absence: String?
  let operationsReason: String?
  let isMeasuredInSeconds: Bool
  let figure: FigureTags?

  init(
    _ answer: StudyAnswers.Answer, number: Int, _ answers: StudyAnswers, figure: FigureTags?
  ) {
    let from = Evidence([])
    let words = ClaimWords(answer, answers)
    self.number = from.plain(number)
    goal = markdown(answer.question.goal)
    claim = markdown(words.claim)
    estimand = markdown(words.estimand)
    self.figure = figure
    absence = answer.absence.map { markdown($0) }
    verdict = answer.judgement?.verdict.rawValue ?? "undecided"
    capitalizedVerdict = verdict.prefix(1).uppercased() + verdict.dropFirst()
    if case .operations(let reason)? = answer.cost {
      operationsReason = markdown(reason)
    } else {
      operationsReason = nil
    }
    isMeasuredInSeconds = answer.cost == .seconds
    guard let judgement = answer.judgement else {
      (estimate, interval, pValue, adjustedPValue) = (nil, nil, nil, nil)
      (test, reading) = (nil, nil)
      (neededExamples, neededSeeds) = (nil, nil)
      (isForTheseSeedsOnly, isBeyondNumbers) = (false, false)
      return
    }
    let found = judgement.contrast.estimate
    estimate = words.number(found.value, from)
    interval = found.interval.map { words.number($0, from) }
    // Nothing is tested where nothing varied, such as operations that were counted.
    let isTested = judgement.contrast.standardError > 0
    pValue = isTested ? judgement.pValue.map { from.probability($0) } : nil
    adjustedPValue = isTested ? judgement.adjustedPValue.map { from.probability($0) } : nil
    if isTested, let value = judgement.pValue, let adjusted = judgement.adjustedPValue {
      let kind =
        answer.question.claim.relation == .equivalent
        ? "Two one-sided tests, of which the larger p-value counts," : "A one-sided test"
      let claims = answers.answers.count { $0.judgement?.pValue != nil }
      test =
        "\(kind) of the null hypothesis that \(markdown(words.nullHypothesis)) "
        + (kind.hasPrefix("A") ? "gives " : "give ") + equation(value)
        + (claims > 1
          ? ", after Holm's correction over the study's \(claims) claims \(equation(adjusted))"
          : "")
    } else {
      test = nil
    }
    reading = words.reading(judgement).map { markdown($0) }
    isForTheseSeedsOnly = judgement.contrast.isForTheseSeedsOnly
    neededExamples = judgement.needed?.examples.map { from.count($0) }
    neededSeeds = judgement.needed?.seeds.map { from.count($0) }
    isBeyondNumbers =
      judgement.needed.map { $0.examples == nil && $0.seeds == nil } ?? false
  }

  static let tags: [TagDefinition<AnswerTags>] = [
    .number("number", \.number, "the question's number, from 1"),
    .text("goal", \.goal, "the goal as the study states it"),
    .text("verdict", \.verdict, "supported, not supported or undecided"),
    .text("verdict_capitalized", \.capitalizedVerdict, "the same, to begin a sentence with"),
    .text("claim", \.claim, "what would support the goal, in words"),
    .text("estimand", \.estimand, "what was estimated"),
    .optionalNumber("estimate", \.estimate, "the estimate with its unit"),
    .optionalNumber("interval", \.interval, "its 95 % interval"),
    .optionalNumber("p_value", \.pValue, "of the test whose rejection supports the claim"),
    .optionalNumber(
      "adjusted_p_value", \.adjustedPValue, "after Holm's correction over the study's questions"),
    .optionalText("test", \.test, "the test with its null hypothesis and p-values, in words"),
    .optionalText("reading", \.reading, "what the interval says of the claim, a sentence"),
    .condition(
      "is_for_these_seeds_only", \.isForTheseSeedsOnly,
      "whether there are too few seeds to speak of others"),
    .optionalNumber(
      "needed_examples", \.neededExamples, "examples in all that would decide with 80 % power"),
    .optionalNumber("needed_seeds", \.neededSeeds, "seeds in all that would"),
    .condition(
      "is_beyond_numbers", \.isBeyondNumbers, "whether no number of examples or seeds alone would"),
    .optionalText("absence", \.absence, "why there is no answer"),
    .optionalText(
      "operations_reason", \.operationsReason, "why operations are compared instead of seconds"),
    .condition("is_measured_in_seconds", \.isMeasuredInSeconds, "whether seconds are compared"),
    .section("figure", \.figure, "the estimate with its interval"),
  ]
}

/// A p-value in a sentence, such as `p = 0.031` or `p < 0.0001`.
private func equation(_ value: Double) -> String {
  let text = Evidence([]).probability(value).text
  return text.contains("0.0001") ? "p \(text)" : "p = \(text)"
}
