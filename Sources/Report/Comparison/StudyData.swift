internal import Metrics
internal import Plot
internal import Results
internal import RunLog
internal import Storage

/// Everything that a study's report prints.
struct StudyData: TagSource {
  let name: String
  let runs: PrintedNumber
  let planned: PrintedNumber
  let isComplete: Bool
  let seeds: PrintedNumber
  let hasOneSeed: Bool
  let missing: [EntryTags]
  let answers: [AnswerTags]
  let supported: PrintedNumber
  let notSupported: PrintedNumber
  let undecided: PrintedNumber
  let comparison: ComparisonData?
  let untested: UntestedTags
  let sharing: PrefixSharingTags?

  /// - Parameters:
  ///   - answers: of the study's questions.
  ///   - comparison: of its configurations; `nil` without a complete run.
  ///   - planned: how many runs the study has.
  ///   - missing: names of the runs that are not complete.
  ///   - figures: one an answer, in the same order; `nil` where none could be drawn.
  ///   - origins: where the numbers come from.
  init(
    _ answers: StudyAnswers, comparison: ComparisonData?, planned: Int, missing: [String],
    figures: [FigureTags?], _ origins: ComparedOrigins
  ) {
    let definition = answers.definition
    name = markdown(definition.name)
    runs = origins.record("runs").count(planned - missing.count)
    self.planned = definition.evidence("configurations", "seeds").count(planned)
    isComplete = missing.isEmpty
    seeds = definition.evidence("seeds").number(
      NumberFormat.list(definition.seeds.map { String($0) }), definition.seeds, .setting)
    hasOneSeed = definition.seeds.count == 1
    self.missing = EntryTags.numbered(
      missing, from: definition.evidence("configurations", "seeds"))
    let tested = answers.answers.count { $0.judgement?.pValue != nil }
    self.answers = answers.answers.enumerated().map {
      AnswerTags(
        $0.element, number: $0.offset + 1, answers, tested: tested, figure: figures[$0.offset],
        origins)
    }
    func count(_ verdict: Verdict) -> PrintedNumber {
      origins.text("answers[].verdict").count(
        answers.answers.count { ($0.judgement?.verdict ?? .undecided) == verdict })
    }
    (supported, notSupported, undecided) = (
      count(.supported), count(.notSupported), count(.undecided)
    )
    self.comparison = comparison
    untested = UntestedTags(answers, tested: tested, origins)
    sharing = PrefixSharingTags(SharedPrefixes(answers.groups), origins)
  }

  static let tags: [TagDefinition<StudyData>] = [
    .text("name", "the study") { $0.name },
    .number("runs", "how many runs are complete") { $0.runs },
    .number("planned", "how many there are in all") { $0.planned },
    .condition("is_complete", "whether every run is complete") { $0.isComplete },
    .number("seeds", "the seeds of every configuration") { $0.seeds },
    .condition("has_one_seed", "whether there is only one seed") { $0.hasOneSeed },
    .list("missing", "the runs that are not complete") { $0.missing },
    .list("answers", "the questions with their answers") { $0.answers },
    .number("supported", "how many claims are supported") { $0.supported },
    .number("not_supported", "how many are not") { $0.notSupported },
    .number("undecided", "how many are undecided or have no answer") { $0.undecided },
    .section("comparison", "all configurations compared") { $0.comparison },
    .section("untested", "what the study says nothing about") { $0.optionalUntested },
    .section("sharing", "what runs reused of the frozen layers' output; absent where no log says") {
      $0.sharing
    },
  ]

  private var optionalUntested: UntestedTags? { untested }
}

extension StudyDefinition {
  /// Keys of the study's file, whose text its record keeps.
  func evidence(_ keys: String...) -> Evidence {
    Evidence(keys.map { Origin(fileName, ["key": .string($0)]) })
  }

  /// The last part of the file's name; its folder differs from machine to machine.
  var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }
}

/// A question and its answer.
struct AnswerTags: TagSource {
  let number: PrintedNumber
  let goal: String
  let verdict: String
  let capitalizedVerdict: String
  let claim: String
  let margin: PrintedNumber?
  let estimand: String
  let estimate: PrintedNumber?
  let interval: PrintedNumber?
  let pValue: PrintedNumber?
  let adjustedPValue: PrintedNumber?
  let intervalKind: String
  let test: ClaimTestTags?
  let reading: String?
  let isForTheseSeedsOnly: Bool
  let neededExamples: PrintedNumber?
  let neededOf: String
  let neededSeeds: PrintedNumber?
  let isBeyondNumbers: Bool
  let absence: String?
  let operationsReason: String?
  let isMeasuredInSeconds: Bool
  let figure: FigureTags?

  /// - Parameters:
  ///   - answer: to the question.
  ///   - number: the question's, from 1.
  ///   - answers: all of the study.
  ///   - tested: over how many claims p-values are corrected.
  ///   - figure: the answer's; `nil` where none could be drawn.
  ///   - origins: where the numbers come from.
  init(
    _ answer: StudyAnswers.Answer, number: Int, _ answers: StudyAnswers, tested: Int,
    figure: FigureTags?, _ origins: ComparedOrigins
  ) {
    let words = ClaimWords(answer, answers)
    let asked = answers.definition.evidence("questions[\(number - 1)].claim")
    self.number = answers.definition.evidence("questions[\(number - 1)]").plain(number)
    goal = markdown(answer.question.goal)
    claim = markdown(words.claim)
    margin = words.margin(asked)
    estimand = markdown(words.estimand)
    self.figure = figure
    neededOf = markdown(
      answer.question.claim.metric.isTransferGap
        ? "of either language" : words.split.map { "of \($0)" } ?? "")
    absence = answer.absence.map { markdown($0) }
    verdict = answer.judgement?.verdict.rawValue ?? Verdict.undecided.rawValue
    capitalizedVerdict = verdict.prefix(1).uppercased() + verdict.dropFirst()
    if case .operations(let reason)? = answer.cost {
      operationsReason = markdown(reason)
    } else {
      operationsReason = nil
    }
    isMeasuredInSeconds = answer.cost == .seconds
    guard let judgement = answer.judgement else {
      (estimate, interval, pValue, adjustedPValue) = (nil, nil, nil, nil)
      (intervalKind, test, reading) = ("", nil, nil)
      (neededExamples, neededSeeds) = (nil, nil)
      (isForTheseSeedsOnly, isBeyondNumbers) = (false, false)
      return
    }
    let from = origins.claim(answer, answers)
    let found = judgement.contrast.estimate
    estimate = words.number(found.value, from)
    interval = found.interval.map { words.number($0, from).defined(found.method.anchor) }
    intervalKind = judgement.contrast.intervalKind
    // Nothing is tested where nothing varied, such as operations that were counted.
    let isTested = judgement.contrast.standardError > 0
    pValue = isTested ? judgement.pValue.map { from.probability($0).defined("verdicts") } : nil
    let corrected = origins.text("answers[].p_value")
    adjustedPValue =
      isTested
      ? judgement.adjustedPValue.map { corrected.probability($0).defined("holm") } : nil
    if isTested, let value = judgement.pValue, let adjusted = judgement.adjustedPValue {
      test = ClaimTestTags(
        bound: words.bound(asked), isTwoTests: answer.question.claim.relation == .equivalent,
        isNullAbove: words.isNullAbove, pValue: from.equation(value).defined("verdicts"),
        adjustedPValue: corrected.equation(adjusted).defined("holm"),
        claims: tested > 1 ? corrected.count(tested) : nil)
    } else {
      test = nil
    }
    reading = words.reading(judgement).map { markdown($0) }
    isForTheseSeedsOnly = judgement.contrast.isForTheseSeedsOnly
    neededExamples = judgement.needed?.examples.map { from.count($0).defined("needed") }
    neededSeeds = judgement.needed?.seeds.map { from.count($0).defined("needed") }
    isBeyondNumbers =
      judgement.needed.map { $0.examples == nil && $0.seeds == nil } ?? false
  }

  static let tags: [TagDefinition<AnswerTags>] = [
    .number("number", "the question's number, from 1") { $0.number },
    .text("goal", "the goal as the study states it") { $0.goal },
    .text("verdict", "supported, not supported or undecided") { $0.verdict },
    .text("verdict_capitalized", "the same, to begin a sentence with") { $0.capitalizedVerdict },
    .text("claim", "what would support the goal, in words, up to the margin") { $0.claim },
    .optionalNumber("margin", "the margin with its unit, with which the claim ends") { $0.margin },
    .text("estimand", "what was estimated") { $0.estimand },
    .optionalNumber("estimate", "the estimate with its unit") { $0.estimate },
    .optionalNumber("interval", "its 95 % interval") { $0.interval },
    .optionalNumber("p_value", "of the test whose rejection supports the claim") { $0.pValue },
    .optionalNumber("adjusted_p_value", "after Holm's correction over the study's questions") {
      $0.adjustedPValue
    },
    .text("interval_kind", "what the interval is over, such as seeds and examples") {
      $0.intervalKind
    },
    .section("test", "the test; absent where nothing varied") { $0.test },
    .optionalText("reading", "what the interval says about the claim, a sentence") { $0.reading },
    .condition("is_for_these_seeds_only", "whether there are too few seeds to speak of others") {
      $0.isForTheseSeedsOnly
    },
    .optionalNumber("needed_examples", "examples in all that would decide with 80 % power") {
      $0.neededExamples
    },
    .text("needed_of", "of what, such as of German test") { $0.neededOf },
    .optionalNumber("needed_seeds", "seeds in all that would") { $0.neededSeeds },
    .condition("is_beyond_numbers", "whether no number of examples or seeds alone would") {
      $0.isBeyondNumbers
    },
    .optionalText("absence", "why there is no answer") { $0.absence },
    .optionalText("operations_reason", "why operations are compared instead of seconds") {
      $0.operationsReason
    },
    .condition("is_measured_in_seconds", "whether seconds are compared") { $0.isMeasuredInSeconds },
    .section("figure", "the estimate with its interval") { $0.figure },
  ]
}

/// The test of a claim.
struct ClaimTestTags: TagSource {
  let bound: PrintedNumber
  let isTwoTests: Bool
  let isNullAbove: Bool
  let pValue: PrintedNumber
  let adjustedPValue: PrintedNumber
  let claims: PrintedNumber?

  static let tags: [TagDefinition<ClaimTestTags>] = [
    .number("bound", "of the null hypothesis, with its unit, such as zero") { $0.bound },
    .condition("is_two_tests", "whether there are two one-sided tests") { $0.isTwoTests },
    .condition("is_null_above", "whether the null hypothesis is the bound or more, not less") {
      $0.isNullAbove
    },
    .number("equation", "the p-value as a sentence has it") { $0.pValue },
    .number("adjusted_equation", "the same after Holm's correction") { $0.adjustedPValue },
    .optionalNumber("claims", "over how many claims it is corrected, if over several") {
      $0.claims
    },
  ]
}

extension ComparedOrigins {
  /// What the estimate of a claim is computed from.
  fileprivate func claim(_ answer: StudyAnswers.Answer, _ answers: StudyAnswers) -> Evidence {
    let claim = answer.question.claim
    let names = claim.first.names + claim.second.names
    let places = answers.groups.indices.filter { names.contains(answers.groups[$0].name) }
    switch (claim.metric, claim.split) {
    case (.transferGap, let split?):
      return gap(to: split.language, split.part, of: places)
    case (.secondsPerEpoch, _):
      let field = answer.cost == .seconds ? "seconds" : "multiply_adds"
      return Evidence(places.flatMap { group($0) { $0.epochs(field) }.origins })
    case (_, let split?): return splits([split], of: places)
    case (_, nil): return record("runs")
    }
  }
}
