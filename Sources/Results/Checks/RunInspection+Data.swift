internal import RunLog

/// What the review of data and settings found before training, and what the tokenizer made of the texts.
extension RunInspection {
  private static let noReview =
    "a log from another program does not hold the texts and settings of the training"

  /// Why a kind of warning was not looked for; `nil` if it was.
  private func whyNotLookedFor(_ kind: InputWarning.Kind) -> String? {
    guard let started = results.started else {
      return results.run.experiment == nil ? Self.noReview : "the log does not say how it began"
    }
    guard started.warnings != nil else {
      return "the log is from before this was looked for"
    }
    // Logs that do not say what was looked for are from before there was this kind.
    let lookedFor =
      started.lookedFor ?? InputWarning.Kind.allCases.filter { $0 != .sharedValidationTexts }
    return lookedFor.contains(kind) ? nil : "the log is from before this was looked for"
  }

  /// A warning as it stands in the log.
  func warned(_ kind: InputWarning.Kind) -> [CheckFinding] {
    if let why = whyNotLookedFor(kind) { return [].or(why) }
    let found = warnings(kind).map { warning in
      CheckFinding(
        .found, Split(warning.place), detail: warning.text, isIntended: warning.isIntended)
    }
    let late = lateSplits(kind)
    return (found.isEmpty ? [CheckFinding(.notFound)] : found)
      + late.map {
        CheckFinding(
          .cannotBeTold, $0, because: "its data were scored later and not looked at for this")
      }
  }

  /// Splits that were scored after the training, for which a review of data was not made.
  private func lateSplits(_ kind: InputWarning.Kind) -> [Split] {
    switch kind {
    case .repeatedFile, .duplicateColumns, .multilineFields, .missingTexts, .missingClasses,
      .languageCase, .languageNames, .sharedTexts, .sharedValidationTexts:
      splits.filter { facts($0) == nil }
    // Of the training's settings and texts.
    case .smallPercentage, .fewSteps, .learningRate, .zeroShot: []
    }
  }

  private func facts(_ split: Split) -> RunStarted.SplitFacts? {
    results.started?.splits.first { $0.split == split }
  }

  private func warnings(_ kind: InputWarning.Kind) -> [InputWarning] {
    (results.started?.warnings ?? []).filter { $0.kind == kind }
  }

  // MARK: Leakage

  /// Texts of evaluated splits that are in training or validation data too, by text and by file.
  func sharedTexts(_ kind: InputWarning.Kind, with part: Part, _ bound: Double) -> [CheckFinding] {
    if let why = whyNotLookedFor(kind) { return [].or(why) }
    let evaluated = splits.filter { part == .train ? $0.part != .train : $0.part == .test }
    guard !evaluated.isEmpty else { return [].or("the run has no split to compare") }
    return evaluated.flatMap { pooled -> [CheckFinding] in
      guard let facts = facts(pooled) else {
        return [
          CheckFinding(
            .cannotBeTold, pooled, because: "its texts were scored later and not compared")
        ]
      }
      // The review compares files, and each of several sources has its own.
      let members: [(split: Split, examples: Int)] =
        facts.sources.isEmpty
        ? [(pooled, facts.examples)]
        : facts.sources.map { (Split($0.language, pooled.part), $0.examples) }
      return members.flatMap { sharedTexts(kind, with: part, bound, $0.split, of: $0.examples) }
    }
  }

  /// The same of a split with a file of its own.
  private func sharedTexts(
    _ kind: InputWarning.Kind, with part: Part, _ bound: Double, _ split: Split, of examples: Int
  ) -> [CheckFinding] {
    if let file = warnings(.repeatedFile).first(where: { repeats($0, split, part) }) {
      return [
        CheckFinding(
          1 > bound ? .found : .notFound, split, shared(examples, of: examples),
          detail: file.text, isIntended: file.isIntended)
      ]
    }
    let found = warnings(kind).filter { $0.place == "\(split)" }
    if found.isEmpty {
      return [CheckFinding(.notFound, split, shared(0, of: examples))]
    }
    return found.map { warning in
      let share = Double(warning.count) / Double(max(1, examples))
      return CheckFinding(
        share > bound ? .found : .notFound, split, shared(warning.count, of: examples),
        detail: warning.text, isIntended: warning.isIntended)
    }
  }

  /// Whether a warning says that a split and one of the part, of its own language or of a source, are one file.
  private func repeats(_ warning: InputWarning, _ split: Split, _ part: Part) -> Bool {
    let places = warning.place.split(separator: ",").map { place in
      Split(String(place.drop { $0 == " " }))
    }
    return places.contains(split)
      && places.contains { other in
        guard let other, other.part == part, other != split else { return false }
        return other.language == split.language
          || results.sources.contains { $0.code == other.language }
      }
  }

  private func shared(_ count: Int, of total: Int) -> [CheckValue] {
    [
      CheckValue("shared", "texts in common", Double(count), .count, from: .started("warnings")),
      CheckValue(
        "share", "share of the split", total > 0 ? Double(count) / Double(total) : .nan, .share,
        from: .started("warnings")),
    ]
  }

  // MARK: Tokens

  private static let noExamples = "the run does not say what the tokenizer made of the texts"

  func unknownTokens(_ bound: Double) throws -> [CheckFinding] {
    try finalSplits.compactMap { split -> CheckFinding? in
      guard let facts = try results.examples.facts(split) else { return nil }
      // What a file says of a text need not be sensible.
      let tokens = facts.reduce(0.0) { $0 + Double($1.tokens) }
      let unknown = facts.reduce(0.0) { $0 + Double($1.unknown) }
      guard tokens > 0 else { return nil }
      return CheckFinding(
        unknown / tokens > bound ? .found : .notFound, split,
        [
          CheckValue(
            "share", "share of unknown tokens", unknown / tokens, .share, from: .examples(split)),
          CheckValue("unknown", "unknown tokens", unknown, .count, from: .examples(split)),
        ])
    }.or(Self.noExamples)
  }

  func truncatedTexts(_ bound: Double) throws -> [CheckFinding] {
    try splits.compactMap { split -> CheckFinding? in
      let started = results.started?.splits.first { $0.split == split }
      let (cut, all, source): (Int, Int, CheckValue.Source)
      if let started {
        (cut, all, source) = (started.truncated, started.examples, .started("splits"))
      } else if let facts = try results.examples.facts(split) {
        (cut, all, source) = (facts.count { $0.isTruncated }, facts.count, .examples(split))
      } else {
        return nil
      }
      guard all > 0 else { return nil }
      let share = Double(cut) / Double(all)
      return CheckFinding(
        share > bound ? .found : .notFound, split,
        [
          CheckValue("share", "share of truncated texts", share, .share, from: source),
          CheckValue("truncated", "truncated texts", Double(cut), .count, from: source),
        ])
    }.or(Self.noExamples)
  }
}
