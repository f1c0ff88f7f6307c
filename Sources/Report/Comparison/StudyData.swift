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
    var untested: [String] = []
    if !answers.unasked.isEmpty {
      untested.append(
        "No question is about \(NumberFormat.list(answers.unasked)).")
    }
    for language in answers.definition.questions.isEmpty ? [] : answers.unaskedSplits {
      untested.append("No question is about \(language).")
    }
    self.untested = EntryTags.numbered(untested)
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
    .list("untested", \.untested, "what the study's questions leave out"),
  ]
}

/// A question and its answer.
struct AnswerTags: TagSource {
  let number: PrintedNumber
  let goal: String
  let verdict: String
  let claim: String
  let estimand: String
  let estimate: PrintedNumber?
  let interval: PrintedNumber?
  let pValue: PrintedNumber?
  let adjustedPValue: PrintedNumber?
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
    if case .operations(let reason)? = answer.cost {
      operationsReason = markdown(reason)
    } else {
      operationsReason = nil
    }
    isMeasuredInSeconds = answer.cost == .seconds
    guard let judgement = answer.judgement else {
      (estimate, interval, pValue, adjustedPValue) = (nil, nil, nil, nil)
      (neededExamples, neededSeeds) = (nil, nil)
      (isForTheseSeedsOnly, isBeyondNumbers) = (false, false)
      return
    }
    let found = judgement.contrast.estimate
    estimate = words.number(found.value, from)
    interval = found.interval.map { words.number($0, from) }
    pValue = judgement.pValue.map { from.probability($0) }
    adjustedPValue = judgement.adjustedPValue.map { from.probability($0) }
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
    .text("claim", \.claim, "what would support the goal, in words"),
    .text("estimand", \.estimand, "what was estimated"),
    .optionalNumber("estimate", \.estimate, "the estimate with its unit"),
    .optionalNumber("interval", \.interval, "its 95 % interval"),
    .optionalNumber("p_value", \.pValue, "of the test whose rejection supports the claim"),
    .optionalNumber(
      "adjusted_p_value", \.adjustedPValue, "after Holm's correction over the study's questions"),
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

/// A claim in words, and its numbers in their unit.
struct ClaimWords {
  private let claimed: Claim
  private let cost: StudyAnswers.Cost?
  private let languages: [String: String]

  init(_ answer: StudyAnswers.Answer, _ answers: StudyAnswers) {
    claimed = answer.question.claim
    cost = answer.cost
    var languages: [String: String] = [:]
    for run in answers.groups.flatMap(\.runs) {
      for language in [run.source] + run.targets { languages[language.code] = language.name }
    }
    self.languages = languages
  }

  /// Such as "accuracy of baseline minus that of twelve-layers on German test".
  var estimand: String {
    let place = split.map { " on \($0)" } ?? ""
    switch (claimed.first, claimed.second) {
    case (.configuration(let a), .configuration(let b)):
      return "\(metric) of \(a) minus that of \(b)\(place)"
    case (.difference(let a, let b), .difference(let c, let d)):
      return "(\(a) minus \(b)) minus (\(c) minus \(d)) in \(metric)\(place)"
    default: return metric
    }
  }

  /// Such as "the accuracy of baseline and that of twelve-layers differ by less than 2 points".
  var claim: String {
    let margin = amount(claimed.margin)
    let more = claimed.margin > 0 ? " by more than \(margin)" : ""
    let place = split.map { " on \($0)" } ?? ""
    let relation =
      switch claimed.relation {
      case .equivalent: "differs from it by less than \(margin)"
      case .less: "lies below it\(more)"
      case .greater: "lies above it\(more)"
      }
    func side(_ side: Claim.Side) -> String {
      switch side {
      case .configuration(let name): name
      case .difference(let a, let b): "\(a) minus \(b)"
      }
    }
    return "compared with \(side(claimed.second)), the \(metric) of \(side(claimed.first))\(place) "
      + relation
  }

  var metric: String {
    switch claimed.metric {
    case .accuracy: "accuracy"
    case .macroF1: "macro F1"
    case .loss: "loss"
    case .transferGap: "transfer gap"
    case .secondsPerEpoch: cost == .seconds ? "training time of an epoch" : "operations an epoch"
    }
  }

  /// Such as "German test"; `nil` for what no split measures.
  var split: String? {
    claimed.split.map { "\(languages[$0.language] ?? $0.language) \(partName($0.part))" }
  }

  /// How the estimate is drawn.
  var quantity: ComparedQuantity {
    switch claimed.metric {
    case .accuracy: ComparedQuantity.accuracy.difference
    case .macroF1: ComparedQuantity.macroF1.difference
    case .loss: ComparedQuantity.loss.difference
    case .transferGap: ComparedQuantity.transferGap.difference
    case .secondsPerEpoch:
      cost == .seconds
        ? ComparedQuantity(metric, unit: "s", places: 2, isSigned: true, isBetterLow: true)
          .difference
        : ComparedQuantity(
          metric, unit: "TFLOP", factor: 1e-12, places: 3, isSigned: true, isBetterLow: true
        ).difference
    }
  }

  private func text(_ value: Double) -> String {
    switch claimed.metric {
    case .accuracy, .transferGap: NumberFormat.points(value)
    case .macroF1, .loss:
      (value > 0 ? "+" : "") + NumberFormat.decimal(value, digits: 3)
    case .secondsPerEpoch:
      cost == .seconds
        ? (value > 0 ? "+" : "") + NumberFormat.decimal(value, digits: 2)
        : (value > 0 ? "+" : "") + NumberFormat.operations(value)
    }
  }

  private var unit: String {
    switch claimed.metric {
    case .accuracy, .transferGap: " percentage points"
    case .macroF1: ""
    case .loss: " nats"
    case .secondsPerEpoch: cost == .seconds ? " s" : ""
    }
  }

  private var kind: PrintedNumber.Unit {
    switch claimed.metric {
    case .accuracy, .transferGap: .points
    case .macroF1: .score
    case .loss: .nats
    case .secondsPerEpoch: cost == .seconds ? .seconds : .operations
    }
  }

  func number(_ value: Double, _ from: Evidence) -> PrintedNumber {
    from.number(text(value) + unit, [value], kind)
  }

  func number(_ interval: Interval, _ from: Evidence) -> PrintedNumber {
    from.number(
      "\(text(interval.lower)) to \(text(interval.upper))", [interval.lower, interval.upper], kind)
  }

  private func amount(_ margin: Double) -> String {
    switch claimed.metric {
    case .accuracy, .transferGap: NumberFormat.setting(100 * margin) + unit
    default: NumberFormat.setting(margin) + unit
    }
  }
}

extension StudyAnswers {
  /// Splits with results that no question is about, in words.
  fileprivate var unaskedSplits: [String] {
    let asked = Set(definition.questions.compactMap(\.claim.split))
    guard let run = groups.first?.runs.first else { return [] }
    return run.targets.flatMap { language in
      [Part.validation, .test].compactMap { part in
        let split = Split(language.code, part)
        guard run.selected[split] != nil, !asked.contains(split) else { return nil }
        return "\(language.name) \(partName(part))"
      }
    }
  }
}
