internal import Metrics
internal import Results
internal import RunLog
internal import Storage

/// Everything that a study's report prints.
struct StudyData: TagSource {
  let answers: StudyAnswers
  /// Of its configurations; `nil` without a complete run.
  let comparison: ComparisonData?
  /// How many runs the study has.
  let planned: Int
  /// Names of the runs that are not complete.
  let missing: [String]
  /// One per answer, in the same order; `nil` where none could be drawn.
  let figures: [FigureTags?]
  let origins: ComparedOrigins

  /// What the runs that there should be follow from.
  private var grid: Evidence { answers.definition.evidence("configurations", "seeds") }

  /// Over how many claims p-values are corrected.
  private var tested: Int { answers.answers.count { $0.judgement?.pValue != nil } }

  private func count(_ verdict: Verdict) -> PrintedNumber {
    origins.text("answers[].verdict").count(answers.answers.count { $0.verdict == verdict })
  }

  static let tags: [TagDefinition<StudyData>] = [
    .text("name", "the study") { markdown($0.answers.definition.name) },
    .number("runs", "how many runs are complete") {
      $0.origins.record("runs").count($0.planned - $0.missing.count)
    },
    .number("planned", "how many there are in all") { $0.grid.count($0.planned) },
    .condition("is_complete", "whether every run is complete") { $0.missing.isEmpty },
    .number("seeds", "the seeds of every configuration") { $0.answers.definition.listedSeeds },
    .condition("has_one_seed", "whether there is only one seed") {
      $0.answers.definition.seeds.count == 1
    },
    .list("missing", "the runs that are not complete") {
      EntryTags.numbered($0.missing, from: $0.grid)
    },
    .list("answers", "the questions with their answers") { source in
      source.answers.answers.indices.map {
        AnswerTags(
          $0, source.answers, tested: source.tested, figure: source.figures[$0], source.origins)
      }
    },
    .number("supported", "how many claims are supported") { $0.count(.supported) },
    .number("not_supported", "how many are not") { $0.count(.notSupported) },
    .number("undecided", "how many are undecided or have no answer") { $0.count(.undecided) },
    .section("comparison", "all configurations compared") { $0.comparison },
    .section("untested", "what the study says nothing about") {
      UntestedTags(answers: $0.answers, tested: $0.tested, origins: $0.origins)
    },
    .section(
      "sharing", "what runs reused of the frozen layers' output; absent where no log says"
    ) { PrefixSharingTags(SharedPrefixes($0.answers.groups), $0.origins) },
  ]
}

extension StudyDefinition {
  /// Keys of the study's file, whose text its record keeps.
  func evidence(_ keys: String...) -> Evidence {
    Evidence(keys.map { Origin(fileName, ["key": .string($0)]) })
  }

  var listedSeeds: PrintedNumber {
    evidence("seeds").number(NumberFormat.list(seeds.map { String($0) }), seeds, .setting)
  }

  /// The last part of the file's name; its folder differs from machine to machine.
  var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }
}

extension StudyAnswers.Answer {
  /// What has no answer is undecided.
  fileprivate var verdict: Verdict { judgement?.verdict ?? .undecided }
}

/// A question and its answer.
struct AnswerTags: TagSource {
  let answer: StudyAnswers.Answer
  /// The question's place, from 0.
  let place: Int
  let answers: StudyAnswers
  /// Over how many claims p-values are corrected.
  let tested: Int
  /// `nil` where none could be drawn.
  let figure: FigureTags?
  let origins: ComparedOrigins
  private let words: ClaimWords
  /// What the estimate is computed from.
  private let from: Evidence

  init(
    _ place: Int, _ answers: StudyAnswers, tested: Int, figure: FigureTags?,
    _ origins: ComparedOrigins
  ) {
    answer = answers.answers[place]
    (self.place, self.answers, self.tested) = (place, answers, tested)
    (self.figure, self.origins) = (figure, origins)
    words = ClaimWords(answer, answers)
    from = origins.claim(answer, answers)
  }

  private var asked: Evidence { answers.definition.evidence("questions[\(place)].claim") }
  private var contrast: Contrast? { answer.judgement?.contrast }

  /// What p-values corrected for one another come from.
  private var corrected: Evidence { origins.text("answers[].p_value") }

  /// The judgement of a claim that was tested. Nothing is where nothing varied, such as operations that were counted.
  private var tests: Judgement? {
    answer.judgement.flatMap { $0.contrast.standardError > 0 ? $0 : nil }
  }

  private var test: ClaimTestTags? {
    guard let value = tests?.pValue, let adjusted = tests?.adjustedPValue else { return nil }
    return ClaimTestTags(
      words: words, isTwoTests: answer.question.claim.relation == .equivalent, pValue: value,
      adjustedPValue: adjusted, tested: tested, asked: asked, from: from, corrected: corrected)
  }

  static let tags: [TagDefinition<AnswerTags>] = question + estimates + remarks

  private static let question: [TagDefinition<AnswerTags>] = [
    .number("number", "the question's number, from 1") {
      $0.answers.definition.evidence("questions[\($0.place)]").plain($0.place + 1)
    },
    .text("goal", "the goal as the study states it") { markdown($0.answer.question.goal) },
    .text("verdict", "supported, not supported or undecided") { $0.answer.verdict.rawValue },
    .text("verdict_capitalized", "the same, to begin a sentence with") {
      let verdict = $0.answer.verdict.rawValue
      return verdict.prefix(1).uppercased() + verdict.dropFirst()
    },
    .text("claim", "what would support the goal, in words, up to the margin") {
      markdown($0.words.claim)
    },
    .optionalNumber("margin", "the margin with its unit, with which the claim ends") {
      $0.words.margin($0.asked)
    },
  ]

  private static let estimates: [TagDefinition<AnswerTags>] = [
    .text("estimand", "what was estimated") { markdown($0.words.estimand) },
    .optionalNumber("estimate", "the estimate with its unit") { source in
      source.contrast.map { source.words.number($0.estimate.value, source.from) }
    },
    .optionalNumber("interval", "its 95 % interval") { source in
      source.contrast.flatMap { contrast in
        contrast.estimate.interval.map {
          source.words.number($0, source.from).defined(contrast.estimate.method.anchor)
        }
      }
    },
    .optionalNumber("p_value", "of the test whose rejection supports the claim") { source in
      source.tests?.pValue.map { source.from.probability($0).defined("verdicts") }
    },
    .optionalNumber(
      "adjusted_p_value", "after Holm's correction over the study's questions"
    ) { source in
      source.tests?.adjustedPValue.map { source.corrected.probability($0).defined("holm") }
    },
    .text("interval_kind", "what the interval is over, such as seeds and examples") {
      $0.contrast?.intervalKind ?? ""
    },
    .section("test", "the test; absent where nothing varied") { $0.test },
    .optionalText("reading", "what the interval says about the claim, a sentence") { source in
      source.answer.judgement.flatMap { source.words.reading($0) }.map { markdown($0) }
    },
  ]

  private static let remarks: [TagDefinition<AnswerTags>] = [
    .condition("is_for_these_seeds_only", "whether there are too few seeds to speak of others") {
      $0.contrast?.isForTheseSeedsOnly ?? false
    },
    .optionalNumber(
      "needed_examples", "examples in all that would decide with 80 % power"
    ) { source in
      source.answer.judgement?.needed?.examples.map { source.from.count($0).defined("needed") }
    },
    .text("needed_of", "of what, such as of German test") {
      markdown(
        $0.answer.question.claim.metric.isTransferGap
          ? "of either language" : $0.words.split.map { "of \($0)" } ?? "")
    },
    .optionalNumber("needed_seeds", "seeds in all that would") { source in
      source.answer.judgement?.needed?.seeds.map { source.from.count($0).defined("needed") }
    },
    .condition("is_beyond_numbers", "whether no number of examples or seeds alone would") {
      $0.answer.judgement?.needed.map { $0.examples == nil && $0.seeds == nil } ?? false
    },
    .optionalText("absence", "why there is no answer") { $0.answer.absence.map { markdown($0) } },
    .optionalText("operations_reason", "why operations are compared instead of seconds") {
      guard case .operations(let reason)? = $0.answer.cost else { return nil }
      return markdown(reason)
    },
    .condition("is_measured_in_seconds", "whether seconds are compared") {
      $0.answer.cost == .seconds
    },
    .section("figure", "the estimate with its interval") { $0.figure },
  ]
}

/// The test of a claim.
struct ClaimTestTags: TagSource {
  let words: ClaimWords
  let isTwoTests: Bool
  let pValue: Double
  let adjustedPValue: Double
  let tested: Int
  let asked: Evidence
  let from: Evidence
  let corrected: Evidence

  static let tags: [TagDefinition<ClaimTestTags>] = [
    .number("bound", "of the null hypothesis, with its unit, such as zero") {
      $0.words.bound($0.asked)
    },
    .condition("is_two_tests", "whether there are two one-sided tests") { $0.isTwoTests },
    .condition("is_null_above", "whether the null hypothesis is the bound or more, not less") {
      $0.words.isNullAbove
    },
    .number("equation", "the p-value as a sentence has it") {
      $0.from.equation($0.pValue).defined("verdicts")
    },
    .number("adjusted_equation", "the same after Holm's correction") {
      $0.corrected.equation($0.adjustedPValue).defined("holm")
    },
    .optionalNumber("claims", "over how many claims it is corrected, if over several") {
      $0.tested > 1 ? $0.corrected.count($0.tested) : nil
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
