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
    /// `nil` if a language has no example in the group.
    public let difference: AccuracyDifference?
  }
  public let groups: [Group]
  /// What differing shares of the groups make of the gap, and what differing accuracies.
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
        difference: a[group].total > 0 && b[group].total > 0
          ? AccuracyDifference(a[group], b[group]) : nil)
    }
    decomposition = Decomposition(a, b)
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
  /// `[UNK]` a token, special tokens left out.
  public let unknown: Estimate
  /// The share of texts that hold an `[UNK]`.
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
  /// Tokens without `[CLS]` and `[SEP]`.
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

  /// Groups both languages' examples by the quartiles of a quantity over all of them.
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
    let ends = quantileGroups(all, count: 4)
    guard !ends.isEmpty else { return nil }
    func group(_ value: Double) -> Int { ends.firstIndex { value <= $0 } ?? ends.count - 1 }
    let ranges = ends.indices.map { index -> ClosedRange<Double>? in
      let members = all.filter { group($0) == index }
      return (members.min() ?? ends[index])...ends[index]
    }
    return Breakdown(
      source: zip(first, a.outcomes).map { ($0.map(group), $1) },
      target: zip(second, b.outcomes).map { ($0.map(group), $1) }, ranges: ranges)
  }
}
