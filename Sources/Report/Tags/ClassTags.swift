internal import Metrics
internal import Results
internal import RunLog

/// How a language's examples were labelled, on the final part, or on the other where it lacks that.
struct LanguageTags: TagSource {
  let language: String
  let part: String
  /// Whether the language lacks the final part.
  let isSetApart: Bool
  var classes: [ClassTags]
  let unanswered: PrintedNumber?
  let confusion: [ConfusionRowTags]
  let mistakes: [MistakeTags]
  let shownMistakes: PrintedNumber
  let wrong: PrintedNumber

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
    let rows = aligned(found.flatMap(\.classes), \.precision, \.recall, \.f1, \.auc)
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
    self.language = markdown(language.name)
    part = partName(split.part)
    isSetApart = split.part != results.finalSplit.part
    let from = origins.split(split)
    let labels = results.labels
    classes = (results.classEstimates(split) ?? []).map { ClassTags($0, labels, from) }
    self.confusion =
      labels.count > Self.mostColumns
      ? [] : labels.indices.map { ConfusionRowTags(confusion, $0, labels, from) }
    let mistakes = try results.mistakes(split, count: Self.mostMistakes) ?? []
    self.mistakes = mistakes.map {
      MistakeTags($0, split, results, origins, showsText: showsExamples)
    }
    shownMistakes = from.count(mistakes.count)
    wrong = from.count(confusion.total - confusion.correct - confusion.unanswered)
    unanswered = confusion.unanswered > 0 ? from.count(confusion.unanswered, "example") : nil
  }

  static let tags: [TagDefinition<LanguageTags>] = [
    .text("language", \.language, "the language"),
    .text("part", \.part, "test or validation"),
    .condition(
      "is_set_apart", \.isSetApart, "whether it lacks predictions on the final part"),
    .list("classes", \.classes, "one entry per class"),
    .optionalNumber(
      "unanswered", \.unanswered, "examples without an answer, with the noun; absent without any"),
    .list("confusion", \.confusion, "one row per true class; none with more than eight classes"),
    .list("mistakes", \.mistakes, "the mistakes that the model was surest of"),
    .number("shown_mistakes", \.shownMistakes, "how many of them are shown"),
    .number(
      "wrong", \.wrong, "how many examples were labelled wrongly, those without an answer left out"),
  ]
}

/// A class of a language.
struct ClassTags: TagSource {
  let label: String
  let support: PrintedNumber
  var precision: EstimateTags?
  var recall: EstimateTags?
  var f1: EstimateTags?
  var auc: EstimateTags?

  init(_ estimates: ClassEstimates, _ labels: [String], _ from: Evidence) {
    label = markdown(labels[estimates.label])
    support = from.count(estimates.support)
    func tags(_ estimate: Estimate?, _ definition: String) -> EstimateTags {
      estimate.map { EstimateTags($0, .score, definition, from: from) }
        ?? EstimateTags(nil, .score, definition, from: from)
    }
    precision = tags(estimates.precision, "f1")
    recall = tags(estimates.recall, "f1")
    f1 = tags(estimates.f1, "f1")
    auc = tags(estimates.auc, "auc")
  }

  static let tags: [TagDefinition<ClassTags>] = [
    .text("label", \.label, "the class"),
    .number("support", \.support, "examples of the class"),
    .section("precision", \.precision, "of the examples labelled so, the share that are so"),
    .section("recall", \.recall, "of the examples that are so, the share labelled so"),
    .section("f1", \.f1, "harmonic mean of precision and recall"),
    .section("auc", \.auc, "area under the class's ROC curve"),
  ]
}

/// What the examples of a class were taken for.
struct ConfusionRowTags: TagSource {
  let label: String
  let cells: [ConfusionCellTags]
  let unanswered: PrintedNumber?

  init(_ confusion: ConfusionMatrix, _ label: Int, _ labels: [String], _ from: Evidence) {
    self.label = markdown(labels[label])
    cells = labels.indices.map {
      ConfusionCellTags(label: markdown(labels[$0]), count: from.count(confusion[label, $0]))
    }
    unanswered = confusion.unanswered > 0 ? from.count(confusion.unanswered(label)) : nil
  }

  static let tags: [TagDefinition<ConfusionRowTags>] = [
    .text("label", \.label, "the true class"),
    .list("cells", \.cells, "one entry per predicted class"),
    .optionalNumber(
      "unanswered", \.unanswered,
      "how many have no answer; absent where every example of the split has one"),
  ]
}

/// A cell of a confusion matrix.
struct ConfusionCellTags: TagSource {
  let label: String
  let count: PrintedNumber

  static let tags: [TagDefinition<ConfusionCellTags>] = [
    .text("label", \.label, "the predicted class"),
    .number("count", \.count, "how many"),
  ]
}

/// A mistake that the model was sure of.
struct MistakeTags: TagSource {
  let row: PrintedNumber
  let label: String
  let prediction: String
  let confidence: PrintedNumber
  let example: String?
  let isLeftOut: Bool

  init(
    _ mistake: Mistake, _ split: Split, _ results: RunResults, _ origins: Origins, showsText: Bool
  ) {
    let from = origins.predictions(split, epoch: results.selectedEpoch, row: mistake.id)
    row = from.plain(mistake.id)
    label = markdown(results.labels[mistake.label])
    prediction = markdown(results.labels[mistake.prediction])
    confidence = from.number(
      Self.text(ofConfidence: mistake.confidence), [mistake.confidence], .share)
    example = showsText ? mistake.text.map { markdown(shortened($0)) } : nil
    isLeftOut = !showsText && mistake.text != nil
  }

  /// With as many decimals as tell it from certainty.
  private static func text(ofConfidence share: Double) -> String {
    var digits = 1
    while digits < 6, share < 1, NumberFormat.decimal(100 * share, digits: digits).hasPrefix("100")
    { digits += 1 }
    return NumberFormat.percent(share, digits: digits)
  }

  static let tags: [TagDefinition<MistakeTags>] = [
    .number("row", \.row, "the example's row in the data file, from 0"),
    .text("label", \.label, "the true class"),
    .text("prediction", \.prediction, "the predicted class"),
    .number("confidence", \.confidence, "the probability that the model gave it"),
    .optionalText("example", \.example, "the text, shortened, where it is stored and wanted"),
    .condition("is_left_out", \.isLeftOut, "whether a stored text is left out on request"),
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
