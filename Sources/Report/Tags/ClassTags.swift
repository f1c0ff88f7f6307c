internal import Metrics
internal import Results
internal import RunLog

/// How a language's examples were labelled, on the final part, or on the other where it lacks that.
struct LanguageTags: TagSource {
  let language: String
  let split: Split
  let confusionMatrix: ConfusionMatrix
  var classes: [ClassTags]
  let mistakes: [Mistake]
  let showsExamples: Bool
  let results: RunResults
  let origins: Origins
  private let from: Evidence

  /// How many mistakes a language is shown with.
  private static let mostMistakes = 5
  /// Beyond as many classes a matrix is too wide to read; the figure shows it.
  private static let mostColumns = 8

  static func all(
    _ results: RunResults, _ origins: Origins, showsExamples: Bool
  ) throws -> [LanguageTags] {
    let all = try ([results.source] + results.targets).compactMap { language -> LanguageTags? in
      let splits = results.finalSplit.parts.map { Split(language.code, $0) }
      guard let split = splits.first(where: { results.selected[$0]?.confusion != nil }) else {
        return nil
      }
      return try LanguageTags(language, split, results, origins, showsExamples)
    }
    let found = all.filter { !$0.isSetApart } + all.filter(\.isSetApart)
    // All languages' classes stand in one table.
    let rows = aligned(found.flatMap(\.classes))
    var start = 0
    return found.map { language in
      var language = language
      language.classes = Array(rows[start..<start + language.classes.count])
      start += language.classes.count
      return language
    }
  }

  private init?(
    _ language: RunResults.Language, _ split: Split, _ results: RunResults, _ origins: Origins,
    _ showsExamples: Bool
  ) throws {
    guard let confusion = results.selected[split]?.confusion else { return nil }
    self.language = language.name
    (self.split, confusionMatrix, self.showsExamples) = (split, confusion, showsExamples)
    (self.results, self.origins) = (results, origins)
    let from = origins.split(split)
    self.from = from
    classes = (results.classEstimates(split) ?? []).map {
      ClassTags(estimates: $0, labels: results.labels, from: from)
    }
    mistakes = try results.mistakes(split, count: Self.mostMistakes) ?? []
  }

  private var isSetApart: Bool { split.part != results.finalSplit.part }

  static let tags: [TagDefinition<LanguageTags>] = [
    .text("language", "the language") { markdown($0.language) },
    .text("part", "test or validation") { partName($0.split.part) },
    .condition("is_set_apart", "whether it lacks predictions on the final part") {
      $0.isSetApart
    },
    .list("classes", "one entry per class") { $0.classes },
    .optionalNumber(
      "unanswered", "examples without an answer, with the noun; absent without any"
    ) {
      let count = $0.confusionMatrix.unanswered
      return count > 0 ? $0.from.count(count, "example") : nil
    },
    .list("confusion", "one row per true class; none with more than eight classes") { source in
      let labels = source.results.labels
      return labels.count > mostColumns
        ? []
        : labels.indices.map {
          ConfusionRowTags(
            confusion: source.confusionMatrix, label: $0, labels: labels, from: source.from)
        }
    },
    .list("mistakes", "the mistakes that the model was surest of") { source in
      source.mistakes.map {
        MistakeTags(
          mistake: $0, labels: source.results.labels, showsText: source.showsExamples,
          from: source.origins.predictions(
            source.split, with: source.results.selectedWeights, row: $0.id))
      }
    },
    .number("shown_mistakes", "how many of them are shown") { $0.from.count($0.mistakes.count) },
    .number(
      "wrong", "how many examples were labelled wrongly, those without an answer left out"
    ) {
      let confusion = $0.confusionMatrix
      return $0.from.count(confusion.total - confusion.correct - confusion.unanswered)
    },
  ]
}

/// A class of a language.
struct ClassTags: TableRow {
  let estimates: ClassEstimates
  let labels: [String]
  let from: Evidence
  var columns: [String: EstimateTags] = [:]

  private func score(_ estimate: Estimate?, _ definition: String) -> EstimateTags {
    EstimateTags(estimate, orUnknown: .score, definition, from: from)
  }

  static let tags: [TagDefinition<ClassTags>] = [
    .text("label", "the class") { markdown($0.labels[$0.estimates.label]) },
    .number("support", "examples of the class") { $0.from.count($0.estimates.support) },
    .column("precision", "of the examples labelled so, the share that are so") {
      $0.score($0.estimates.precision, "f1")
    },
    .column("recall", "of the examples that are so, the share labelled so") {
      $0.score($0.estimates.recall, "f1")
    },
    .column("f1", "harmonic mean of precision and recall") { $0.score($0.estimates.f1, "f1") },
    .column("auc", "area under the class's ROC curve") { $0.score($0.estimates.auc, "auc") },
  ]
}

/// What the examples of a class were taken for.
struct ConfusionRowTags: TagSource {
  let confusion: ConfusionMatrix
  let label: Int
  let labels: [String]
  let from: Evidence

  static let tags: [TagDefinition<ConfusionRowTags>] = [
    .text("label", "the true class") { markdown($0.labels[$0.label]) },
    .list("cells", "one entry per predicted class") { row in
      row.labels.indices.map {
        ConfusionCellTags(
          label: row.labels[$0], count: row.confusion[row.label, $0], from: row.from)
      }
    },
    .optionalNumber(
      "unanswered",
      "how many have no answer; absent where every example of the split has one"
    ) {
      $0.confusion.unanswered > 0 ? $0.from.count($0.confusion.unanswered($0.label)) : nil
    },
  ]
}

/// A cell of a confusion matrix.
struct ConfusionCellTags: TagSource {
  let label: String
  let count: Int
  let from: Evidence

  static let tags: [TagDefinition<ConfusionCellTags>] = [
    .text("label", "the predicted class") { markdown($0.label) },
    .number("count", "how many") { $0.from.count($0.count) },
  ]
}

/// A mistake that the model was sure of.
struct MistakeTags: TagSource {
  let mistake: Mistake
  let labels: [String]
  let showsText: Bool
  let from: Evidence

  /// With as many decimals as tell it from certainty.
  private static func text(ofConfidence share: Double) -> String {
    var digits = 1
    while digits < 6, share < 1, NumberFormat.decimal(100 * share, digits: digits).hasPrefix("100")
    { digits += 1 }
    return NumberFormat.percent(share, digits: digits)
  }

  static let tags: [TagDefinition<MistakeTags>] = [
    .number("row", "the example's row in the data file, from 0") { $0.from.plain($0.mistake.id) },
    .text("label", "the true class") { markdown($0.labels[$0.mistake.label]) },
    .text("prediction", "the predicted class") { markdown($0.labels[$0.mistake.prediction]) },
    .number("confidence", "the probability that the model gave it") {
      $0.from.number(text(ofConfidence: $0.mistake.confidence), [$0.mistake.confidence], .share)
    },
    .optionalText("example", "the text, shortened, where it is stored and wanted") {
      $0.showsText ? $0.mistake.text.map { markdown(shortened($0)) } : nil
    },
    .condition("is_left_out", "whether a stored text is left out on request") {
      !$0.showsText && $0.mistake.text != nil
    },
  ]
}

/// The start of a text, cut between words where it is long.
///
/// - Returns: at most 120 characters and an ellipsis.
func shortened(_ text: String) -> String {
  let limit = 120
  // A single character can be any number of code points long.
  let scalars = text.unicodeScalars.prefix(4 * limit)
  let start = String(String(scalars).prefix(limit))
  if start.unicodeScalars.count == text.unicodeScalars.count { return text }
  let words = start.lastIndex { $0.isWhitespace }.map { start[..<$0] } ?? start[...]
  // A last word that is most of the text is cut rather than left out.
  return (words.count > limit / 2 ? String(words) : start) + "…"
}
