public import RunLog

/// Examples of a split that one of several runs left without an answer after its selected epoch.
public struct UnansweredExamples: Sendable {
  public let split: Split
  /// The run's place: that of its group, and its own in the group.
  public let group: Int
  public let run: Int
  /// How many, at least one.
  public let count: Int
  /// Of how many.
  public let examples: Int

  /// Whether not a single example has an answer.
  public var isAll: Bool { count == examples }
}

extension [RunGroup] {
  /// What their runs left without an answer, a split at a time.
  func unanswered(_ splits: [Split]) -> [UnansweredExamples] {
    splits.flatMap { split in
      enumerated().flatMap { place, group in
        group.runs.enumerated().compactMap { index, run -> UnansweredExamples? in
          guard let result = run.selected[split], result.unanswered > 0 else { return nil }
          return UnansweredExamples(
            split: split, group: place, run: index, count: result.unanswered,
            examples: result.examples ?? 0)
        }
      }
    }
  }
}

extension RunGroup {
  /// The runs that answered nothing on a split. What they scored there is no result: as wrong answers count, it
  /// would be one of 0, and any other configuration would be better than it.
  func runsWithoutAnswers(_ split: Split) -> [RunResults] {
    runs.filter { $0.selected[split]?.isWithoutAnswers ?? false }
  }
}

/// Why numbers of a split cannot be compared where runs answered nothing.
///
/// - Parameters:
///   - groups: which are compared.
///   - splits: what they are compared on.
/// - Returns: such as "a-seed-1 answered none of the 160 examples of German test"; `nil` where every run answered
///   something.
func reasonForLackOfAnswers(_ groups: [RunGroup], _ splits: [Split]) -> String? {
  for split in splits {
    let silent = groups.flatMap { $0.runsWithoutAnswers(split) }
    guard let first = silent.first else { continue }
    let count = first.selected[split]?.examples ?? 0
    return "\(inWords(silent.map(\.folder))) answered none of the \(count) "
      + "example\(count == 1 ? "" : "s") of \(first.words(split))"
  }
  return nil
}

extension RunResults {
  /// A split as it is called in a sentence, "German test".
  func words(_ split: Split) -> String {
    let language = ([source] + targets).first { $0.code == split.language }
    return "\(language?.name ?? split.language) \(split.part.rawValue)"
  }
}

/// A list such as "a, b and c".
func inWords(_ names: [String]) -> String {
  names.count < 2
    ? names.first ?? ""
    : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
}
