public import Metrics
public import RunLog

/// What the transfer gap to a target is made of, on one part of the data.
public struct GapAnalysis: Sendable {
  /// The gap by the classes of the examples; accuracy within a class is its recall.
  public let classes: Breakdown
  /// By tokens, in up to four groups of about equal size over both languages together; `nil` where the
  /// facts of the examples are missing.
  public let lengths: Breakdown?
  /// By tokens a word, likewise; without texts that were cut or hold no word.
  public let fertilities: Breakdown?
  public let source: TextFacts?
  public let target: TextFacts?
}

/// A gap taken apart by groups of examples.
public struct Breakdown: Sendable {
  public struct Group: Sendable {
    /// The class index, for classes.
    public let label: Int?
    /// The smallest and the largest value in the group, for quantities.
    public let range: ClosedRange<Double>?
    public let source: Hits
    public let target: Hits
    /// `nil` if the group has fewer than `leastExamples` of a language.
    public let difference: AccuracyDifference?

    /// Whether there are too few examples of a language to say anything of the group.
    public var isTooSmall: Bool { min(source.total, target.total) < Breakdown.leastExamples }
  }

  /// A group says something of a language from this many examples on. Health statistics hold rates from
  /// fewer than 20 to be unreliable (Klein et al. 2002): with 20, half of them right, Wilson's interval of an
  /// accuracy is 40 points wide already; with 3 it spans almost everything.
  public static let leastExamples = 20

  public let groups: [Group]
  /// What differing shares of the groups make of the gap, and what differing accuracies; `nil` with a single
  /// group, and if one is too small, since every group counts in it.
  public let decomposition: Decomposition?
  /// Examples of the source that are in no group.
  public let sourceLeftOut: Int
  /// Examples of the target that are in no group.
  public let targetLeftOut: Int

  /// Groups that keep the order of their keys.
  fileprivate init(
    source: [(group: Int?, isCorrect: Bool)], target: [(group: Int?, isCorrect: Bool)],
    ranges: [ClosedRange<Double>?]
  ) {
    func hits(_ examples: [(group: Int?, isCorrect: Bool)]) -> [Hits] {
      ranges.indices.map { group in
        let members = examples.filter { $0.group == group }
        return Hits(members.count { $0.isCorrect }, of: members.count)
      }
    }
    let (a, b) = (hits(source), hits(target))
    groups = ranges.indices.map { group in
      Group(
        label: ranges[group] == nil ? group : nil, range: ranges[group], source: a[group],
        target: b[group],
        difference: min(a[group].total, b[group].total) >= Self.leastExamples
          ? AccuracyDifference(a[group], b[group]) : nil)
    }
    let present = groups.filter { $0.source.total + $0.target.total > 0 }
    // What puts all in one group explains nothing.
    decomposition =
      present.count > 1 && !present.contains(where: \.isTooSmall) ? Decomposition(a, b) : nil
    sourceLeftOut = source.count { $0.group == nil }
    targetLeftOut = target.count { $0.group == nil }
  }
}

/// What the tokenizer made of a split's texts.
public struct TextFacts: Sendable {
  public let examples: Int
  /// Tokens a text, special ones included, after truncation.
  public let tokens: Estimate
  /// The share of texts that were cut at the greatest length.
  public let truncated: Estimate
  /// Tokens a word, special tokens left out; of texts that were not cut.
  public let fertility: Estimate
  /// Unknown tokens per token, special tokens left out.
  public let unknown: Estimate
  /// The share of texts that hold an unknown token.
  public let withUnknown: Estimate

  init(_ facts: [ExampleFacts]) {
    examples = facts.count
    tokens = ratio(facts.map(\.tokens), facts.map { _ in 1 })
    truncated = Hits(facts.count(where: \.isTruncated), of: facts.count).estimate
    let whole = facts.filter { !$0.isTruncated }
    fertility = ratio(whole.map(\.contentTokens), whole.map(\.words))
    unknown = ratio(facts.map(\.unknown), facts.map(\.contentTokens))
    withUnknown = Hits(facts.count { $0.unknown > 0 }, of: facts.count).estimate
  }
}

extension ExampleFacts {
  /// Tokens without those at both ends.
  var contentTokens: Int { tokens > 2 ? tokens - 2 : 0 }

  /// Tokens a word; `nil` for a text that was cut, whose words were counted before, or holds no word.
  var fertility: Double? {
    isTruncated || words <= 0 ? nil : Double(contentTokens) / Double(words)
  }
}

extension RunResults {
  /// Takes the gap to a target apart, on one part after the selected epoch; `nil` without predictions of
  /// both languages.
  ///
  /// - Throws: what a damaged file of examples throws.
  public func gapAnalysis(to target: Language, _ part: Part) throws -> GapAnalysis? {
    let splits = (Split(source.code, part), Split(target.code, part))
    guard let a = predictions[splits.0], let b = predictions[splits.1], a.count > 0, b.count > 0
    else { return nil }
    let classes = Breakdown(
      source: zip(a.labels, a.outcomes).map { ($0, $1) },
      target: zip(b.labels, b.outcomes).map { ($0, $1) },
      ranges: labels.map { _ in nil })
    let facts = (try examples.facts(splits.0), try examples.facts(splits.1))
    return GapAnalysis(
      classes: classes,
      lengths: breakdown(a, facts.0, b, facts.1) { Double($0.tokens) },
      fertilities: breakdown(a, facts.0, b, facts.1, by: \.fertility),
      source: facts.0.map { TextFacts($0) }, target: facts.1.map { TextFacts($0) })
  }

  /// Groups both languages' examples by the quartiles of a quantity over all of them; a group that is too small
  /// in a language joins its neighbour.
  private func breakdown(
    _ a: Predictions, _ factsA: [ExampleFacts]?, _ b: Predictions, _ factsB: [ExampleFacts]?,
    by quantity: (ExampleFacts) -> Double?
  ) -> Breakdown? {
    guard let factsA, let factsB else { return nil }
    func values(_ predictions: Predictions, _ facts: [ExampleFacts]) -> [Double?] {
      let known = Dictionary(facts.map { ($0.id, quantity($0)) }) { first, _ in first }
      return predictions.ids.map { known[$0] ?? nil }
    }
    let (first, second) = (values(a, factsA), values(b, factsB))
    let all = (first + second).compactMap { $0 }
    var ends = quantileGroups(all, count: 4)
    func group(_ value: Double) -> Int { ends.firstIndex { value <= $0 } ?? ends.count - 1 }
    func isTooSmall(_ place: Int) -> Bool {
      [first, second].contains { values in
        values.count { $0.map { group($0) == place } ?? false } < Breakdown.leastExamples
      }
    }
    // A group ends where its successor begins; the last has no end to take away but its predecessor's.
    while ends.count > 1, let small = ends.indices.first(where: isTooSmall) {
      ends.remove(at: min(small, ends.count - 2))
    }
    guard !ends.isEmpty else { return nil }
    let ranges = ends.indices.map { index -> ClosedRange<Double>? in
      let members = all.filter { group($0) == index }
      return (members.min() ?? ends[index])...ends[index]
    }
    return Breakdown(
      source: zip(first, a.outcomes).map { ($0.map(group), $1) },
      target: zip(second, b.outcomes).map { ($0.map(group), $1) }, ranges: ranges)
  }
}
