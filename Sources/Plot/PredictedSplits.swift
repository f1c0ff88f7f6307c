internal import Results
internal import RunLog

/// The splits that figures of predictions show, one per language: all on one part of the data, and apart from
/// them the languages that have predictions on the other part only.
struct PredictedSplits {
  typealias Entry = (language: RunResults.Language, split: Split)

  /// Test or validation.
  let part: Part
  /// On that part, in the order of the languages; empty only if there are no predictions.
  let splits: [Entry]
  /// On the other part.
  let apart: [Entry]

  /// Those on the part, then the others.
  var all: [Entry] { splits + apart }

  /// Which languages are shown apart, in a sentence; empty without any.
  var apartNote: String { note("Set apart for lack of") }

  /// The same where they cannot be shown without being mixed in.
  var leftOutNote: String { note("Not shown for lack of") }

  private func note(_ words: String) -> String {
    let names = apart.map { "\($0.language.name) (\($0.split.part.rawValue))" }
    return names.isEmpty ? "" : "\(words) \(part.rawValue) predictions: \(inWords(names))."
  }
}

extension RunResults {
  /// Which languages have so few examples on the final part that a point or two between numbers mean nothing, in a
  /// sentence; empty without any.
  var fewExamplesNote: String {
    let part = finalSplit.part
    let few = ([source] + finalSplit.targets).compactMap { language -> String? in
      guard let examples = selected[Split(language.code, part)]?.examples,
        examples < BaselineCheck.leastExamples
      else { return nil }
      return "\(language.name) \(part.rawValue) has only \(examples)"
    }
    return few.isEmpty ? "" : "Few examples: \(inWords(few))."
  }

  /// On the final part, or on the other one if no language has predictions on that.
  var predictedSplits: PredictedSplits {
    let languages = [source] + targets
    func entries(_ part: Part) -> [PredictedSplits.Entry] {
      languages.map { ($0, Split($0.code, part)) }.filter { roc[$0.1] != nil }
    }
    let both = finalSplit.parts.map { (part: $0, entries: entries($0)) }
    let (main, other) = both[0].entries.isEmpty ? (both[1], both[0]) : (both[0], both[1])
    let shown = Set(main.entries.map(\.language.code))
    return PredictedSplits(
      part: main.part, splits: main.entries,
      apart: other.entries.filter { !shown.contains($0.language.code) })
  }
}
