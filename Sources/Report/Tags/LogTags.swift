internal import Metrics
internal import Results
internal import RunLog
internal import Storage

/// The log of another program: what it is, and where each series stands in it.
struct LogTags: TagSource {
  let format: String
  let isEveryRowAnEpoch: Bool
  let hasEvaluations: Bool
  let rows: PrintedNumber
  let series: [SeriesTags]
  let facts: [FactTags]
  let costs: [FactTags]

  init(_ log: ImportedLog, _ results: RunResults, _ origins: Origins) {
    format = markdown(log.format.name)
    isEveryRowAnEpoch = results.areEpochsWhole
    hasEvaluations = results.byEpoch.keys.contains { $0.part != .train }
    rows = origins.epochs("epoch").plain(results.epochs)
    series = log.origins.map { SeriesTags($0, results) }
    facts = log.facts.filter { !$0.isCost }.map { FactTags($0, log, results) }
    costs = log.facts.filter(\.isCost).map { FactTags($0, log, results) }
  }

  static let tags: [TagDefinition<LogTags>] = [
    .text("format", \.format, "what kind of log it is"),
    .condition(
      "is_every_row_an_epoch", \.isEveryRowAnEpoch, "whether its rows are the epochs 1, 2, 3 …"),
    .condition(
      "has_evaluations", \.hasEvaluations, "whether its rows are evaluations, not training values"),
    .number("rows", \.rows, "how many rows there are"),
    .list("series", \.series, "where each series comes from"),
    .list("facts", \.facts, "what else the log says"),
    .list("costs", \.costs, "what the log says about times, which are not reproducible"),
  ]
}

/// Where a series stands.
struct SeriesTags: TagSource {
  let what: String
  let file: String
  let key: String
  let count: PrintedNumber

  init(_ origin: ImportedLog.Origin, _ results: RunResults) {
    let name = relativePath(from: results.run.directory.path, to: origin.file)
    if let split = origin.split {
      let what = origin.metric?.name ?? "predictions"
      self.what = markdown("\(languageName(split, results)) \(partName(split.part)) \(what)")
    } else {
      what = "learning rate"
    }
    (file, key) = (markdown(name), markdown(origin.key))
    count = Evidence([Origin(name, ["key": .string(origin.key)])]).count(origin.count)
  }

  static let tags: [TagDefinition<SeriesTags>] = [
    .text("what", \.what, "such as: German validation loss"),
    .text("file", \.file, "the file, as seen from the log's folder"),
    .text("key", \.key, "the key, column or tag in it"),
    .number("count", \.count, "how many values it holds"),
  ]
}

/// Something that a log says beside its series.
struct FactTags: TagSource {
  let name: String
  let value: PrintedNumber
  let key: String

  init(_ fact: ImportedLog.Fact, _ log: ImportedLog, _ results: RunResults) {
    (name, key) = (markdown(fact.name), markdown(fact.key))
    let file = log.files.first.map { relativePath(from: results.run.directory.path, to: $0) } ?? ""
    let from = Evidence([Origin(file, ["key": .string(fact.key)])])
    let number = Double(fact.value)
    value = from.number(
      number.map { NumberFormat.setting($0) } ?? markdown(fact.value), number.map { [$0] } ?? [],
      .setting)
  }

  static let tags: [TagDefinition<FactTags>] = [
    .text("name", \.name, "what it is"),
    .number("value", \.value, "as it was logged"),
    .text("key", \.key, "its key in the log"),
  ]
}

extension Evidence {
  /// When a row was, in epochs or steps.
  func place(_ row: Int, _ results: RunResults) -> PrintedNumber {
    guard !results.areEpochsWhole, results.positions.indices.contains(row - 1) else {
      return plain(row)
    }
    return number(results.place(row), [results.positions[row - 1]], .count)
  }
}
