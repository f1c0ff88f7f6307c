internal import Metrics
internal import Results
internal import RunLog

/// What the run found, for the first paragraph.
struct SummaryTags: TagSource {
  let results: RunResults
  let origins: Origins
  /// The source on the final part.
  private let split: Split
  private let result: SplitResult?
  private let from: Evidence
  private let checks: [BaselineCheck]

  init(_ results: RunResults, _ origins: Origins) {
    (self.results, self.origins) = (results, origins)
    split = Split(results.source.code, results.finalSplit.part)
    result = results.selected[split]
    from = origins.split(split)
    checks = results.baselineChecks()
  }

  private var estimate: EstimateTags? {
    guard let result, result.accuracy.isFinite, !result.isWithoutAnswers else { return nil }
    return EstimateTags(
      result.estimate(.accuracy), .share, "accuracy",
      from: from)
  }

  private var targets: [BaselineCheck] { checks.filter { $0.split != split } }

  static let tags: [TagDefinition<SummaryTags>] = [
    .optionalNumber("accuracy", "the source's accuracy on the final part, if known") {
      $0.estimate?.value
    },
    .condition("is_accuracy_not_finite", "whether it was logged but is not a finite number") {
      $0.result?.isNotFinite(.accuracy) ?? false
    },
    .condition(
      "is_without_answers", "whether no example has an answer, so that there is no accuracy"
    ) { $0.result?.isWithoutAnswers ?? false },
    .optionalNumber("interval", "Wilson's 95 % interval of it") { $0.estimate?.interval },
    .optionalNumber("examples", "the source's examples there, with the noun") { source in
      source.result?.examples.map { source.from.count($0, "example") }
    },
    .section(
      "baseline",
      "how that compares with always naming the most frequent class; absent without predictions"
    ) { source in
      source.checks.first { $0.split == source.split }.map {
        BaselineCheckTags($0, source.origins)
      }
    },
    .list(
      "target_baselines",
      "the targets that do not do better than always naming their most frequent class"
    ) { source in
      source.targets.filter { !$0.isAboveAsRanked }.map { BaselineCheckTags($0, source.origins) }
    },
    .optionalText("targets_above", "the targets that do, listed") {
      let names = $0.targets.filter(\.isAboveAsRanked).map { markdown($0.language.name) }
      return names.isEmpty ? nil : NumberFormat.list(names)
    },
    .list("unanswered", "splits with examples that have no answer") {
      UnansweredTags.all($0.results, $0.origins)
    },
    .list(
      "few_examples",
      "languages with so few examples on the final part that nothing is concluded from them"
    ) { FewExamplesTags.all($0.results, $0.origins) },
    .section("losses", "which losses of the source are not finite") { LossStateTags($0.results) },
    .condition("is_selected_last", "whether the last epoch counts by choice") {
      $0.results.run.experiment?.select ?? .last == .last
    },
    .condition("is_selected_best", "whether the epoch was chosen on source validation") {
      $0.results.run.experiment?.select == .bestSourceValidation
    },
  ]
}

extension BaselineCheck {
  /// Whether the accuracy is above the baseline and the ranking does not speak against it.
  fileprivate var isAboveAsRanked: Bool { verdict == .above && learning != .reversed }
}

/// How a language's accuracy compares with always naming its most frequent class.
struct BaselineCheckTags: TagSource {
  let check: BaselineCheck
  let from: Evidence

  init(_ check: BaselineCheck, _ origins: Origins) {
    (self.check, from) = (check, origins.split(check.split))
  }

  /// Whether the accuracy alone leaves open whether anything was learned.
  private var isInDoubt: Bool { check.verdict == .below || check.verdict == .indistinct }

  static let tags: [TagDefinition<BaselineCheckTags>] = [
    .text("language", "the language") { markdown($0.check.language.name) },
    .text("part", "test or validation") { partName($0.check.split.part) },
    .section("accuracy", "its accuracy") {
      EstimateTags($0.check.accuracy, .share, "accuracy", from: $0.from)
    },
    .number("examples", "its examples, with the noun") {
      $0.from.count($0.check.examples, "example")
    },
    .number("majority", "the share of its most frequent class") {
      $0.from.percent($0.check.majorityShare).defined("baselines")
    },
    .section("macro_f1", "its macro F1") {
      EstimateTags($0.check.macroF1, .score, "f1", from: $0.from)
    },
    .section("auc", "the mean area under its ROC curves, if every class has one") { source in
      source.check.macroAUC.map { EstimateTags($0, .score, "auc", from: source.from) }
    },
    .condition("is_above", "whether the accuracy is clearly above that share") {
      $0.check.verdict == .above
    },
    .condition("is_indistinct", "whether it could not be distinguished from it") {
      $0.check.verdict == .indistinct && !$0.check.isOnlyBeforeCorrection
    },
    .condition(
      "is_only_before_correction",
      "whether McNemar's test alone would tell them apart, but the correction leaves it open"
    ) { $0.check.isOnlyBeforeCorrection },
    .condition(
      "is_interval_apart",
      "whether the accuracy's interval, which takes that share for a fixed number, excludes it"
    ) { source in
      source.check.accuracy.interval.map { !$0.contains(source.check.majorityShare) } ?? false
    },
    .number("tests", "the number of languages that the correction is for") {
      $0.from.count($0.check.tests)
    },
    .condition("has_several_tests", "whether that is more than one") { $0.check.tests > 1 },
    .condition("is_below", "whether it is clearly below it") { $0.check.verdict == .below },
    .condition("is_too_few", "whether there are too few examples to say") {
      $0.check.verdict == .tooFewExamples
    },
    .condition(
      "has_learned_little",
      "whether it is not above, and macro F1 and AUC agree that little was learned"
    ) { $0.isInDoubt && $0.check.learning == .little },
    .condition(
      "has_learned",
      "whether it is not above, but macro F1 and AUC agree that the classes are told apart"
    ) { $0.isInDoubt && $0.check.learning == .something },
    // Swapped labels show whatever the accuracy is; with few examples the interval is what speaks.
    .condition(
      "is_reversed",
      "whether the area under the ROC curve is clearly below one half, as when labels are swapped"
    ) { $0.check.learning == .reversed },
    .condition(
      "is_uneven",
      "whether one class is so much more frequent than an equal share that it flatters the accuracy"
    ) { $0.check.isUneven },
    .condition("is_unsettled", "whether it is not above, and they settle nothing") {
      $0.isInDoubt && $0.check.learning == .unsettled
    },
  ]
}

/// A split with examples that have no answer, since their logits are not finite.
struct UnansweredTags: TagSource {
  let split: Split
  let language: String
  let result: SplitResult
  let from: Evidence

  static func all(_ results: RunResults, _ origins: Origins) -> [UnansweredTags] {
    orderedSplits(results).compactMap { split in
      guard let result = results.selected[split], result.unanswered > 0 else { return nil }
      return UnansweredTags(
        split: split, language: languageName(split, results), result: result,
        from: origins.split(split))
    }
  }

  static let tags: [TagDefinition<UnansweredTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .text("part", "training, validation or test") { partName($0.split.part) },
    .number("count", "how many examples have no answer") { $0.from.count($0.result.unanswered) },
    .number("examples", "of how many, with the noun") {
      $0.from.count($0.result.examples ?? 0, "example")
    },
  ]
}

/// A language with too few examples on the final part.
struct FewExamplesTags: TagSource {
  let language: RunResults.Language
  let part: Part
  let examples: Int
  let results: RunResults
  let origins: Origins

  static func all(_ results: RunResults, _ origins: Origins) -> [FewExamplesTags] {
    let final = results.finalSplit
    return ([results.source] + final.targets).compactMap { language in
      guard let examples = results.selected[Split(language.code, final.part)]?.examples,
        examples < BaselineCheck.leastExamples
      else { return nil }
      return FewExamplesTags(
        language: language, part: final.part, examples: examples, results: results,
        origins: origins)
    }
  }

  private var other: Split { Split(language.code, part == .test ? .validation : .test) }

  static let tags: [TagDefinition<FewExamplesTags>] = [
    .text("language", "the language") { markdown($0.language.name) },
    .text("part", "test or validation") { partName($0.part) },
    .number("examples", "how many examples it has there, with the noun") {
      $0.origins.split(Split($0.language.code, $0.part)).count($0.examples, "example")
    },
    .text("other_part", "the other of the two") { partName($0.other.part) },
    .optionalNumber("other_examples", "how many it has there, if any") { source in
      source.results.selected[source.other]?.examples.map {
        source.origins.split(source.other).count($0)
      }
    },
  ]
}

extension SplitResult {
  /// Whether its loss was logged. Where single examples have no answer, the loss of the others is not known, and
  /// those are named.
  fileprivate var isLossKnown: Bool {
    !isAbsent(.loss) && (unanswered == 0 || isWithoutAnswers)
  }
  fileprivate var isLossNotFinite: Bool { isLossKnown && !loss.isFinite }
}

/// Which losses of the source were logged and are not finite numbers; what nobody logged is not among them.
struct LossStateTags: TagSource {
  /// A loss over all epochs.
  private struct Series: Sendable {
    let part: Part
    let results: [SplitResult]
    var isEverFinite: Bool { results.contains { $0.loss.isFinite } }
  }
  let results: RunResults
  /// Validation's, then training's, where any was logged. The first speaks of the network that counts: a single step
  /// without a finite loss makes the running mean of its epoch so, and may have been left out.
  private let series: [Series]

  init(_ results: RunResults) {
    self.results = results
    series = [Part.validation, .train].compactMap { part in
      let all = results.byEpoch[Split(results.source.code, part)] ?? []
      return all.contains(where: \.isLossKnown) ? Series(part: part, results: all) : nil
    }
  }

  private func name(_ part: Part) -> String {
    markdown("\(results.source.name) \(partName(part)) loss")
  }

  /// Which were not finite whenever they were logged.
  private var neverFinite: [String] {
    series.filter { !$0.isEverFinite }.map { name($0.part) }
  }

  private var deciding: [SplitResult] { series.first?.results ?? [] }
  private var isDecidingFinite: Bool {
    guard let part = series.first?.part, let last = deciding.last else { return true }
    // Averaged weights, which no epoch had, were scored, but not trained.
    let decisive =
      results.selectedEpoch.map { deciding[$0 - 1] }
      ?? results.selected[Split(results.source.code, part)] ?? last
    return !decisive.isLossNotFinite
  }
  private var isDecidingNeverFinite: Bool { series.first.map { !$0.isEverFinite } ?? false }
  private var isDivergedFromStart: Bool {
    isDecidingNeverFinite && deciding.first?.isLossNotFinite ?? false
  }
  private var isNotFinite: Bool { !isDecidingNeverFinite && !isDecidingFinite }

  /// The losses that are finite where that one is not: they speak against a divergence.
  private var finiteOthers: [String] {
    var others: [String] = []
    for one in series.dropFirst() {
      // The last place at which both are known; one further on says nothing of the other.
      let both = deciding.indices.last {
        deciding[$0].isLossNotFinite && one.results[$0].isLossKnown
      }
      guard let both, one.results[both].loss.isFinite else { continue }
      // Training was before that, with weights that still gave answers.
      if one.part == .train, deciding[both].isWithoutAnswers { continue }
      others.append(name(one.part))
    }
    if let test = results.selected[Split(results.source.code, .test)], !isDecidingFinite,
      test.loss.isFinite
    {
      others.append(name(.test))
    }
    return others
  }

  static let tags: [TagDefinition<LossStateTags>] = [
    .text("never_finite", "the losses that were not finite whenever they were logged") {
      NumberFormat.list($0.neverFinite)
    },
    .text("deciding", "the loss that tells about the model: validation's, else training's") {
      source in
      source.series.first.map { source.name($0.part) } ?? ""
    },
    .text(
      "finite_others",
      "the losses that are finite where that one is not, which speaks against a divergence"
    ) { NumberFormat.list($0.finiteOthers) },
    .condition("is_never_finite", "whether there is a loss that was never finite") {
      !$0.neverFinite.isEmpty
    },
    .condition(
      "is_diverged_from_start",
      "whether the one that tells about the model was not, from the first epoch on, and no other was"
    ) { $0.isDivergedFromStart && $0.finiteOthers.isEmpty },
    .condition(
      "is_not_finite",
      "whether that one is not finite after the epoch that counts, but was at another"
    ) { $0.isNotFinite },
    .condition("is_diverged", "whether, besides, no other loss was finite there") {
      $0.isNotFinite && $0.finiteOthers.isEmpty
    },
    .condition(
      "is_diverged_as_logged",
      "whether it never was, and was not logged in the first epoch, and no other was"
    ) {
      $0.isDecidingNeverFinite && !$0.isDivergedFromStart && !$0.isDecidingFinite
        && $0.finiteOthers.isEmpty
    },
    .condition(
      "is_contradicted", "whether it is not finite although another loss of the same place is"
    ) { !$0.finiteOthers.isEmpty && ($0.isDecidingNeverFinite || !$0.isDecidingFinite) },
    .condition(
      "is_unstable", "whether losses were not finite at times, but it is in the end"
    ) {
      $0.series.contains { $0.results.contains(where: \.isLossNotFinite) }
        && $0.neverFinite.isEmpty && !$0.isNotFinite
    },
  ]
}
