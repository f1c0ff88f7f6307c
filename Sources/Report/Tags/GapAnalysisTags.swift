internal import Metrics
internal import Results
internal import RunLog

/// What a transfer gap is made of.
struct GapAnalysisTags: TagSource {
  let analysis: GapAnalysis
  let target: RunResults.Language
  let part: Part
  let results: RunResults
  let origins: Origins

  /// On the final part, or on the other where there is no gap on that.
  init?(_ target: RunResults.Language, _ results: RunResults, _ origins: Origins) throws {
    var found: (analysis: GapAnalysis, part: Part)?
    for part in results.finalSplit.parts where found == nil {
      found = try results.gapAnalysis(to: target, part).map { ($0, part) }
    }
    guard let (analysis, part) = found else { return nil }
    (self.analysis, self.part, self.target) = (analysis, part, target)
    (self.results, self.origins) = (results, origins)
  }

  private var splits: (source: Split, target: Split) {
    (Split(results.source.code, part), Split(target.code, part))
  }

  /// By class, by length and by tokens per word.
  private var groupings: [Grouping] {
    let (source, goal) = (origins.split(splits.source), origins.split(splits.target))
    // Where groups by length and tokens per word end follows from the texts of both languages.
    let texts =
      source + goal + origins.examples(splits.source) + origins.examples(splits.target)
    return [
      Grouping("classes", analysis.classes, range: nil, source, goal),
      Grouping("lengths", analysis.lengths, range: ("tokens", 0), texts, texts),
      Grouping(
        "tokens per word", analysis.fertilities,
        range: ("tokens per word", Self.digits(telling: analysis.fertilities)), texts, texts),
    ].compactMap { $0 }
  }

  /// As many decimals as tell each group's end from its successor's beginning, two at least.
  private static func digits(telling breakdown: Breakdown?) -> Int {
    let known = (breakdown?.groups ?? []).compactMap(\.range)
    let ends = zip(known, known.dropFirst()).map { ($0.upperBound, $1.lowerBound) }
    return (2...6).first { digits in
      !ends.contains {
        NumberFormat.decimal($0.0, digits: digits) == NumberFormat.decimal($0.1, digits: digits)
      }
    } ?? 6
  }

  private func facts(
    _ facts: TextFacts?, _ language: RunResults.Language, _ split: Split
  ) -> TextFactsTags? {
    facts.map {
      TextFactsTags(facts: $0, language: language.name, from: origins.examples(split))
    }
  }

  static let tags: [TagDefinition<GapAnalysisTags>] = [
    .text("part", "validation or test: the splits that were decomposed") { partName($0.part) },
    .list("groups", "examples by class, by length and by tokens per word") { source in
      aligned(
        source.groupings.flatMap { grouping in
          grouping.groups.map {
            GapGroupTags(group: $0, grouping: grouping, labels: source.results.labels)
          }
        })
    },
    .number(
      "least_examples",
      "the fewest examples of either language for which a group says something"
    ) { _ in Evidence.definition("gap-by-group").count(Breakdown.leastExamples) },
    .optionalText("too_small", "the groups that have fewer, listed") { source in
      let names = source.groupings.flatMap { grouping in
        grouping.groups.filter(\.isTooSmall).map { group in
          // Quarters that are too small have joined their neighbours; only all texts together can be too few.
          group.label.map { markdown(source.results.labels[$0]) } ?? grouping.what
        }
      }
      return names.isEmpty ? nil : NumberFormat.list(names)
    },
    .list("decompositions", "what differing shares of groups make of the gap") {
      aligned($0.groupings.compactMap { DecompositionTags($0) })
    },
    .list("texts", "what the tokenizer made of each language") {
      aligned(
        [
          $0.facts($0.analysis.source, $0.results.source, $0.splits.source),
          $0.facts($0.analysis.target, $0.target, $0.splits.target),
        ].compactMap { $0 })
    },
  ]
}

/// The examples of both languages, grouped in one way.
struct Grouping: Sendable {
  /// Such as "lengths".
  let what: String
  let breakdown: Breakdown
  /// What the groups' ends count, and with how many decimals; `nil` for classes.
  let range: (unit: String, digits: Int)?
  let ofSource: Evidence
  let ofTarget: Evidence

  /// - Returns: `nil` where the examples could not be grouped so.
  init?(
    _ what: String, _ breakdown: Breakdown?, range: (unit: String, digits: Int)?,
    _ ofSource: Evidence, _ ofTarget: Evidence
  ) {
    guard let breakdown else { return nil }
    (self.what, self.breakdown, self.range) = (what, breakdown, range)
    (self.ofSource, self.ofTarget) = (ofSource, ofTarget)
  }

  /// Those that either language has examples of.
  var groups: [Breakdown.Group] {
    breakdown.groups.filter { $0.source.total + $0.target.total > 0 }
  }

  func ends(_ group: Breakdown.Group) -> PrintedNumber? {
    guard let range, let ends = group.range else { return nil }
    let texts = [ends.lowerBound, ends.upperBound].map {
      NumberFormat.decimal($0, digits: range.digits)
    }
    return ofSource.number(
      (texts[0] == texts[1] ? texts[0] : texts.joined(separator: "–")) + " \(range.unit)",
      [ends.lowerBound, ends.upperBound], .tokens)
  }
}

/// A group of examples in both languages.
struct GapGroupTags: TableRow {
  let group: Breakdown.Group
  let grouping: Grouping
  let labels: [String]
  var columns: [String: EstimateTags] = [:]

  private func accuracy(_ hits: Hits, _ from: Evidence) -> EstimateTags {
    EstimateTags(
      hits.total >= Breakdown.leastExamples ? hits.share : nil, .share, "accuracy", from: from
    ).measuring(.of(.accuracy))
  }

  static let tags: [TagDefinition<GapGroupTags>] = [
    .optionalText("label", "the class, for groups by class") { source in
      source.group.label.flatMap {
        source.labels.indices.contains($0) ? markdown(source.labels[$0]) : nil
      }
    },
    .optionalNumber("range", "the lengths or tokens per word, for other groups") {
      $0.grouping.ends($0.group)
    },
    .column("source", "the source's accuracy") {
      $0.accuracy($0.group.source, $0.grouping.ofSource)
    },
    .number("source_examples", "examples of the source") {
      $0.grouping.ofSource.count($0.group.source.total)
    },
    .column("target", "the target's accuracy") {
      $0.accuracy($0.group.target, $0.grouping.ofTarget)
    },
    .number("target_examples", "examples of the target") {
      $0.grouping.ofTarget.count($0.group.target.total)
    },
    .column("gap", "the gap within the group") {
      EstimateTags(
        $0.group.difference?.absolute, orUnknown: .points, "gap-by-group",
        from: $0.grouping.ofSource + $0.grouping.ofTarget
      ).measuring(.gap(.accuracy))
    },
  ]
}

/// What differing shares of groups make of a gap, and what differing accuracies within groups.
struct DecompositionTags: TableRow {
  let what: String
  let decomposition: Decomposition
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  /// - Returns: `nil` where the groups do not allow one.
  init?(_ grouping: Grouping) {
    guard let decomposition = grouping.breakdown.decomposition else { return nil }
    (what, self.decomposition) = (grouping.what, decomposition)
    from = grouping.ofSource + grouping.ofTarget
  }

  static let tags: [TagDefinition<DecompositionTags>] = [
    .text("what", "classes, lengths or tokens per word") { $0.what },
    .column("composition", "because the groups have different shares") {
      EstimateTags($0.decomposition.composition, .points, "decomposition", from: $0.from)
    },
    .column("within", "because the target does worse within the same group") {
      EstimateTags($0.decomposition.within, .points, "decomposition", from: $0.from)
    },
  ]
}

/// What the tokenizer made of a language's texts.
struct TextFactsTags: TableRow {
  let facts: TextFacts
  let language: String
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  static let tags: [TagDefinition<TextFactsTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .number("examples", "texts") { $0.from.count($0.facts.examples) },
    .column("tokens", "tokens per text after truncation") {
      EstimateTags($0.facts.tokens, .ratio, "ratio-interval", from: $0.from)
    },
    .column("fertility", "tokens per word") {
      EstimateTags($0.facts.fertility, .ratio, "ratio-interval", from: $0.from)
    },
    .column("truncated", "share of texts that were cut") {
      EstimateTags($0.facts.truncated, .share, "wilson-interval", from: $0.from)
    },
    .column("unknown", "share of tokens that are unknown") {
      EstimateTags($0.facts.unknown, .share, "ratio-interval", from: $0.from)
    },
    .column("with_unknown", "share of texts with an unknown token") {
      EstimateTags($0.facts.withUnknown, .share, "wilson-interval", from: $0.from)
    },
  ]
}
