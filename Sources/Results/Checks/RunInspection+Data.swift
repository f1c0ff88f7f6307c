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
    return (found.isEmpty ? [CheckFinding(.notFound)] : found) + notReviewed(kind)
  }

  /// The splits that a review before training could not look at, since they were scored later.
  private func notReviewed(_ kind: InputWarning.Kind) -> [CheckFinding] {
    // The others are about the training alone.
    guard ![.smallPercentage, .fewSteps, .learningRate, .zeroShot].contains(kind) else { return [] }
    return splits.filter { reviewed($0) == nil }.map { split in
      if kind == .languageCase, let other = languageInOtherCase(split.language) {
        return CheckFinding(
          .found, split,
          detail: "The languages \(other) and \(split.language) differ in case alone.")
      }
      return kind == .languageCase
        ? CheckFinding(.notFound, split)
        : CheckFinding(
          .cannotBeTold, split, because: "it was scored after training and not looked at for this")
    }
  }

  private func languageInOtherCase(_ code: String) -> String? {
    (results.sources + results.targets).map(\.code).first {
      $0 != code && $0.lowercased() == code.lowercased()
    }
  }

  /// How many examples a split had that was reviewed before training; `nil` for one that was scored later.
  ///
  /// Of several sources, each was reviewed by itself, while the log counts them under the split of all.
  private func reviewed(_ split: Split) -> Int? {
    let facts = results.started?.splits ?? []
    if let own = facts.first(where: { $0.split == split }) { return own.examples }
    return facts.first { $0.split == Split(results.source.code, split.part) }?
      .sources.first { $0.language == split.language }?.examples
  }

  private func warnings(_ kind: InputWarning.Kind) -> [InputWarning] {
    (results.started?.warnings ?? []).filter { $0.kind == kind }
  }

  // MARK: Leakage

  /// Texts of evaluated splits that are in training or validation data too, by text and by file.
  func sharedTexts(_ kind: InputWarning.Kind, with part: Part, _ bound: Double) -> [CheckFinding] {
    if let why = whyNotLookedFor(kind) { return [].or(why) }
    // The review names files, and each of several sources has its own.
    let evaluated = splits.flatMap { split in
      split.language == results.source.code
        ? results.sources.map { Split($0.code, split.part) } : [split]
    }.filter { part == .train ? $0.part != .train : $0.part == .test }
    guard !evaluated.isEmpty else { return [].or("the run has no split to compare") }
    return evaluated.flatMap { split -> [CheckFinding] in
      guard let examples = reviewed(split) else {
        return [
          CheckFinding(
            .cannotBeTold, split, because: "its texts were scored later and not compared")
        ]
      }
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
  }

  /// Whether a warning says that a split and one of the part, of its own language or the source, are one file.
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
