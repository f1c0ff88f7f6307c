internal import Metrics
internal import Results
internal import RunLog

/// What the run found, for the first paragraph.
struct SummaryTags: TagSource {
  let accuracy: PrintedNumber?
  let isAccuracyNotFinite: Bool
  let isWithoutAnswers: Bool
  let interval: PrintedNumber?
  let examples: PrintedNumber?
  let baseline: BaselineCheckTags?
  let targetBaselines: [BaselineCheckTags]
  let above: String?
  let unanswered: [UnansweredTags]
  let fewExamples: [FewExamplesTags]
  let losses: LossStateTags
  let isSelectedLast: Bool

  init(_ results: RunResults, _ origins: Origins) {
    let split = Split(results.source.code, results.finalSplit.part)
    let result = results.selected[split]
    let from = origins.split(split)
    let estimate = result.flatMap { result in
      result.accuracy.isFinite && !result.isWithoutAnswers
        ? EstimateTags(
          result.estimate(.accuracy), .share, "accuracy",
          from: from) : nil
    }
    accuracy = estimate?.value
    isWithoutAnswers = result?.isWithoutAnswers ?? false
    isAccuracyNotFinite = result?.isNotFinite(.accuracy) ?? false
    interval = estimate?.interval
    examples = result?.examples.map { from.count($0, "example") }
    let checks = results.baselineChecks()
    baseline = checks.first { $0.split == split }.map { BaselineCheckTags($0, origins) }
    let targets = checks.filter { $0.split != split }
    targetBaselines = targets.filter { $0.verdict != .above || $0.learning == .reversed }.map {
      BaselineCheckTags($0, origins)
    }
    let names = targets.filter { $0.verdict == .above && $0.learning != .reversed }
      .map { markdown($0.language.name) }
    above = names.isEmpty ? nil : NumberFormat.list(names)
    unanswered = UnansweredTags.all(results, origins)
    fewExamples = FewExamplesTags.all(results, origins)
    losses = LossStateTags(results)
    isSelectedLast = results.run.experiment?.select ?? .last == .last
  }

  static let tags: [TagDefinition<SummaryTags>] = [
    .optionalNumber("accuracy", \.accuracy, "the source's accuracy on the final part, if known"),
    .condition(
      "is_accuracy_not_finite", \.isAccuracyNotFinite,
      "whether it was logged but is not a finite number"),
    .condition(
      "is_without_answers", \.isWithoutAnswers,
      "whether no example has an answer, so that there is no accuracy"),
    .optionalNumber("interval", \.interval, "Wilson's 95 % interval of it"),
    .optionalNumber("examples", \.examples, "the source's examples there, with the noun"),
    .section(
      "baseline", \.baseline,
      "how that compares with always naming the most frequent class; absent without predictions"),
    .list(
      "target_baselines", \.targetBaselines,
      "the targets that do not do better than always naming their most frequent class"),
    .optionalText("targets_above", \.above, "the targets that do, listed"),
    .list("unanswered", \.unanswered, "splits with examples that have no answer"),
    .list(
      "few_examples", \.fewExamples,
      "languages with so few examples on the final part that nothing is concluded from them"),
    .section("losses", \.optionalLosses, "which losses of the source are not finite"),
    .condition("is_selected_last", \.isSelectedLast, "whether the last epoch counts by choice"),
  ]

  private var optionalLosses: LossStateTags? { losses }
}

/// How a language's accuracy compares with always naming its most frequent class.
struct BaselineCheckTags: TagSource {
  let language: String
  let part: String
  let accuracy: EstimateTags?
  let examples: PrintedNumber
  let majority: PrintedNumber
  let macroF1: EstimateTags?
  let auc: EstimateTags?
  let verdict: BaselineCheck.Verdict
  let learning: BaselineCheck.Learning
  let isUneven: Bool
  let isOnlyBeforeCorrection: Bool
  let isIntervalApart: Bool
  let tests: PrintedNumber
  let hasSeveralTests: Bool

  init(_ check: BaselineCheck, _ origins: Origins) {
    let from = origins.split(check.split)
    language = markdown(check.language.name)
    part = partName(check.split.part)
    accuracy = EstimateTags(check.accuracy, .share, "accuracy", from: from)
    examples = from.count(check.examples, "example")
    majority = from.percent(check.majorityShare).defined("baselines")
    macroF1 = EstimateTags(check.macroF1, .score, "f1", from: from)
    auc = check.macroAUC.map { EstimateTags($0, .score, "auc", from: from) }
    (verdict, learning) = (check.verdict, check.learning)
    (isUneven, isOnlyBeforeCorrection) = (check.isUneven, check.isOnlyBeforeCorrection)
    isIntervalApart = check.accuracy.interval.map { !$0.contains(check.majorityShare) } ?? false
    tests = from.count(check.tests)
    hasSeveralTests = check.tests > 1
  }

  /// Whether the accuracy alone leaves open whether anything was learned.
  private var isInDoubt: Bool { verdict == .below || verdict == .indistinct }

  static let tags: [TagDefinition<BaselineCheckTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "test or validation"),
    .section("accuracy", \.accuracy, "its accuracy"),
    .number("examples", \.examples, "its examples, with the noun"),
    .number("majority", \.majority, "the share of its most frequent class"),
    .section("macro_f1", \.macroF1, "its macro F1"),
    .section("auc", \.auc, "the mean area under its ROC curves, if every class has one"),
    .condition("is_above", \.isAbove, "whether the accuracy is clearly above that share"),
    .condition("is_indistinct", \.isIndistinct, "whether it could not be distinguished from it"),
    .condition(
      "is_only_before_correction", \.isOnlyBeforeCorrection,
      "whether McNemar's test alone would tell them apart, but the correction leaves it open"),
    .condition(
      "is_interval_apart", \.isIntervalApart,
      "whether the accuracy's interval, which takes that share for a fixed number, excludes it"),
    .number("tests", \.tests, "the number of languages that the correction is for"),
    .condition("has_several_tests", \.hasSeveralTests, "whether that is more than one"),
    .condition("is_below", \.isBelow, "whether it is clearly below it"),
    .condition("is_too_few", \.isTooFew, "whether there are too few examples to say"),
    .condition(
      "has_learned_little", \.hasLearnedLittle,
      "whether it is not above, and macro F1 and AUC agree that little was learned"),
    .condition(
      "has_learned", \.hasLearned,
      "whether it is not above, but macro F1 and AUC agree that the classes are told apart"),
    .condition(
      "is_reversed", \.isReversed,
      "whether the area under the ROC curve is clearly below one half, as when labels are swapped"),
    .condition(
      "is_uneven", \.isUneven,
      "whether one class is so much more frequent than an equal share that it flatters the accuracy"
    ),
    .condition("is_unsettled", \.isUnsettled, "whether it is not above, and they settle nothing"),
  ]

  private var isAbove: Bool { verdict == .above }
  private var isIndistinct: Bool { verdict == .indistinct && !isOnlyBeforeCorrection }
  private var isBelow: Bool { verdict == .below }
  private var isTooFew: Bool { verdict == .tooFewExamples }
  private var hasLearnedLittle: Bool { isInDoubt && learning == .little }
  private var hasLearned: Bool { isInDoubt && learning == .something }
  // Swapped labels show whatever the accuracy is; with few examples the interval is what speaks.
  private var isReversed: Bool { learning == .reversed }
  private var isUnsettled: Bool { isInDoubt && learning == .unsettled }
}

/// A split with examples that have no answer, since their logits are not finite.
struct UnansweredTags: TagSource {
  let language: String
  let part: String
  let count: PrintedNumber
  let examples: PrintedNumber

  static func all(_ results: RunResults, _ origins: Origins) -> [UnansweredTags] {
    orderedSplits(results).compactMap { split in
      guard let result = results.selected[split], result.unanswered > 0 else { return nil }
      let from = origins.split(split)
      return UnansweredTags(
        language: markdown(languageName(split, results)), part: partName(split.part),
        count: from.count(result.unanswered), examples: from.count(result.examples ?? 0, "example"))
    }
  }

  static let tags: [TagDefinition<UnansweredTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "training, validation or test"),
    .number("count", \.count, "how many examples have no answer"),
    .number("examples", \.examples, "of how many, with the noun"),
  ]
}

/// A language with too few examples on the final part.
struct FewExamplesTags: TagSource {
  let language: String
  let part: String
  let examples: PrintedNumber
  let otherPart: String
  let otherExamples: PrintedNumber?

  static func all(_ results: RunResults, _ origins: Origins) -> [FewExamplesTags] {
    let final = results.finalSplit
    let other: Part = final.part == .test ? .validation : .test
    return ([results.source] + final.targets).compactMap { language in
      let splits = (Split(language.code, final.part), Split(language.code, other))
      guard let examples = results.selected[splits.0]?.examples,
        examples < BaselineCheck.leastExamples
      else { return nil }
      return FewExamplesTags(
        language: markdown(language.name), part: partName(final.part),
        examples: origins.split(splits.0).count(examples, "example"), otherPart: partName(other),
        otherExamples: results.selected[splits.1]?.examples.map {
          origins.split(splits.1).count($0)
        })
    }
  }

  static let tags: [TagDefinition<FewExamplesTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "test or validation"),
    .number("examples", \.examples, "how many examples it has there, with the noun"),
    .text("other_part", \.otherPart, "the other of the two"),
    .optionalNumber("other_examples", \.otherExamples, "how many it has there, if any"),
  ]
}

/// Which losses of the source were logged and are not finite numbers; what nobody logged is not among them.
struct LossStateTags: TagSource {
  /// Which were not finite whenever they were logged.
  let neverFinite: String
  /// The loss that speaks of the network that counts: validation's, or training's where no other was logged.
  /// A single step without a finite loss makes the running mean of its epoch so, and may have been left out.
  let deciding: String
  let isDecidingFinite: Bool
  let isDecidingNeverFinite: Bool
  let isDivergedFromStart: Bool
  let hasOthers: Bool
  /// The losses that are finite where that one is not: they speak against a divergence.
  let finiteOthers: String

  init(_ results: RunResults) {
    let series = [Part.validation, .train].compactMap { part -> (Part, [SplitResult])? in
      let all = results.byEpoch[Split(results.source.code, part)] ?? []
      return all.contains(where: isKnown) ? (part, all) : nil
    }
    // Where single examples have no answer, the loss of the others is not known, and those are named.
    func isKnown(_ result: SplitResult) -> Bool {
      !result.isAbsent(.loss) && (result.unanswered == 0 || result.isWithoutAnswers)
    }
    func isNotFinite(_ result: SplitResult) -> Bool { isKnown(result) && !result.loss.isFinite }
    func name(_ part: Part) -> String { markdown("\(results.source.name) \(partName(part)) loss") }
    func isEverFinite(_ all: [SplitResult]) -> Bool { all.contains { $0.loss.isFinite } }
    neverFinite = NumberFormat.list(series.filter { !isEverFinite($0.1) }.map { name($0.0) })
    deciding = series.first.map { name($0.0) } ?? ""
    let decides = series.first?.1 ?? []
    let selected = results.selectedEpoch - 1
    isDecidingFinite = decides.isEmpty || !isNotFinite(decides[selected])
    isDecidingNeverFinite = !decides.isEmpty && !isEverFinite(decides)
    isDivergedFromStart = isDecidingNeverFinite && (decides.first.map(isNotFinite) ?? false)
    hasOthers = series.contains { $0.1.contains(where: isNotFinite) }
    var others: [String] = []
    for (part, all) in series.dropFirst() {
      // The last place at which both are known; one further on says nothing of the other.
      let both = decides.indices.last { isNotFinite(decides[$0]) && isKnown(all[$0]) }
      guard let both, all[both].loss.isFinite else { continue }
      // Training was before that, with weights that still gave answers.
      if part == .train, decides[both].isWithoutAnswers { continue }
      others.append(name(part))
    }
    if let test = results.selected[Split(results.source.code, .test)], !isDecidingFinite,
      test.loss.isFinite
    {
      others.append(name(.test))
    }
    finiteOthers = NumberFormat.list(others)
  }

  static let tags: [TagDefinition<LossStateTags>] = [
    .text(
      "never_finite", \.neverFinite, "the losses that were not finite whenever they were logged"),
    .text(
      "deciding", \.deciding, "the loss that tells about the model: validation's, else training's"),
    .text(
      "finite_others", \.finiteOthers,
      "the losses that are finite where that one is not, which speaks against a divergence"),
    .condition("is_never_finite", \.isNeverFinite, "whether there is a loss that was never finite"),
    .condition(
      "is_diverged_from_start", \.isDivergedFromStartAlone,
      "whether the one that tells about the model was not, from the first epoch on, and no other was"
    ),
    .condition(
      "is_not_finite", \.isNotFinite,
      "whether that one is not finite after the epoch that counts, but was at another"),
    .condition("is_diverged", \.isDiverged, "whether, besides, no other loss was finite there"),
    .condition(
      "is_diverged_as_logged", \.isDivergedAsLogged,
      "whether it never was, and was not logged in the first epoch, and no other was"),
    .condition(
      "is_contradicted", \.isContradicted,
      "whether it is not finite although another loss of the same place is"),
    .condition(
      "is_unstable", \.isUnstable, "whether losses were not finite at times, but it is in the end"),
  ]

  private var isNeverFinite: Bool { !neverFinite.isEmpty }
  private var isNotFinite: Bool { !isDecidingNeverFinite && !isDecidingFinite }
  private var isContradicted: Bool {
    !finiteOthers.isEmpty && (isDecidingNeverFinite || !isDecidingFinite)
  }
  private var isDivergedFromStartAlone: Bool { isDivergedFromStart && finiteOthers.isEmpty }
  private var isDiverged: Bool { isNotFinite && finiteOthers.isEmpty }
  private var isDivergedAsLogged: Bool {
    isDecidingNeverFinite && !isDivergedFromStart && !isDecidingFinite && finiteOthers.isEmpty
  }
  private var isUnstable: Bool { hasOthers && neverFinite.isEmpty && !isNotFinite }
}
