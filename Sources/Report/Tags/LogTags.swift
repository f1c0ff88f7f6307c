internal import Metrics
internal import Results
internal import RunLog
internal import Storage

/// The log of another program: what it is, and where each series stands in it.
struct LogTags: TagSource {
  let log: ImportedLog
  let results: RunResults
  let origins: Origins

  private func facts(areCosts: Bool) -> [FactTags] {
    log.facts.filter { $0.isCost == areCosts }.map {
      FactTags(fact: $0, log: log, results: results)
    }
  }

  static let tags: [TagDefinition<LogTags>] = [
    .text("format", "what kind of log it is") { markdown($0.log.format.name) },
    .condition("is_every_row_an_epoch", "whether its rows are the epochs 1, 2, 3 …") {
      $0.results.areEpochsWhole
    },
    .condition("has_evaluations", "whether its rows are evaluations, not training values") {
      $0.results.byEpoch.keys.contains { $0.part != .train }
    },
    .number("rows", "how many rows there are") {
      $0.origins.epochs("epoch").plain($0.results.epochs)
    },
    .list("series", "where each series comes from") { source in
      source.log.origins.map { SeriesTags(origin: $0, results: source.results) }
    },
    .list("facts", "what else the log says") { $0.facts(areCosts: false) },
    .list("costs", "what the log says about times, which are not reproducible") {
      $0.facts(areCosts: true)
    },
  ]
}

/// Where a series stands.
struct SeriesTags: TagSource {
  let origin: ImportedLog.Origin
  let results: RunResults

  private var file: String { relativePath(from: results.run.directory.path, to: origin.file) }

  private var what: String {
    guard let split = origin.split else { return "learning rate" }
    let what = origin.metric?.name ?? "predictions"
    return markdown("\(languageName(split, results)) \(partName(split.part)) \(what)")
  }

  static let tags: [TagDefinition<SeriesTags>] = [
    .text("what", "such as: German validation loss") { $0.what },
    .text("file", "the file, as seen from the log's folder") { markdown($0.file) },
    .text("key", "the key, column or tag in it") { markdown($0.origin.key) },
    .number("count", "how many values it holds") {
      Evidence([Origin($0.file, ["key": .string($0.origin.key)])]).count($0.origin.count)
    },
  ]
}

/// Something that a log says beside its series.
struct FactTags: TagSource {
  let fact: ImportedLog.Fact
  let log: ImportedLog
  let results: RunResults

  private var value: PrintedNumber {
    let file = log.files.first.map { relativePath(from: results.run.directory.path, to: $0) } ?? ""
    let number = Double(fact.value)
    return Evidence([Origin(file, ["key": .string(fact.key)])]).number(
      number.map { NumberFormat.setting($0) } ?? markdown(fact.value), number.map { [$0] } ?? [],
      .setting)
  }

  static let tags: [TagDefinition<FactTags>] = [
    .text("name", "what it is") { markdown($0.fact.name) },
    .number("value", "as it was logged") { $0.value },
    .text("key", "its key in the log") { markdown($0.fact.key) },
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
