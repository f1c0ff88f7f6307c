internal import Results
internal import RunLog
internal import Storage

/// Finds the places in a run directory that the run's numbers come from.
struct Origins {
  let results: RunResults
  /// What the names of files are relative to; `nil` for the run's own folder.
  private let folder: String?
  /// From there to the run's folder, such as `runs/a/`; empty for the run's own.
  private let prefix: String

  /// - Parameters:
  ///   - results: the run's.
  ///   - folder: what the names of files shall be relative to; the run's own if `nil`.
  init(_ results: RunResults, from folder: String? = nil) {
    (self.results, self.folder) = (results, folder)
    let way = folder.map { relativePath(from: $0, to: results.run.directory.path) } ?? "."
    prefix = way == "." ? "" : way + "/"
  }

  /// A place in a file of the run's folder.
  private func origin(_ file: String, _ place: JSONObject = [:]) -> Origin {
    Origin(prefix + file, place)
  }

  /// A key of the configuration, such as `training.epochs`.
  func configuration(_ keys: String...) -> Evidence {
    Evidence(keys.map { origin("experiment.yaml", ["key": .string($0)]) })
  }

  /// What says whether the rows of languages are the same texts.
  func pairing() -> Evidence {
    results.run.experiment == nil ? Evidence([]) : configuration("data.parallel")
  }

  /// A key of environment.json.
  func environment(_ key: String) -> Evidence {
    Evidence([origin("environment.json", ["key": .string(key)])])
  }

  /// Fields of the record that began the run.
  func started(_ keys: String...) -> Evidence {
    log(keys) { if case .runStarted = $0 { true } else { false } }
  }

  /// Fields of the record that ended the run.
  func finished(_ keys: String...) -> Evidence {
    log(keys, onlyLast: true) { if case .runFinished = $0 { true } else { false } }
  }

  /// A field of the epochs' records; of one epoch if it is given.
  func epochs(_ keys: String..., epoch: Int? = nil) -> Evidence {
    if let log = results.run.imported {
      // Where no rate was logged, the places of the other values tell the epochs.
      let rates = rates(log)
      return rates.origins.isEmpty ? self.log() : rates
    }
    // Of several records of an epoch the last counts.
    var last: [Int: Int] = [:]
    for (record, line) in zip(results.run.records, results.run.recordLines) {
      if case .epoch(let record) = record, epoch == nil || record.epoch == epoch {
        last[record.epoch] = line
      }
    }
    return origins(last.values.sorted(), keys)
  }

  /// A field of the first and the last step.
  func step(_ key: String, isLast: Bool) -> Evidence {
    if let log = results.run.imported { return rates(log) }
    return log([key], onlyFirst: !isLast, onlyLast: isLast) {
      if case .step = $0 { true } else { false }
    }
  }

  /// The records of stops by a signal.
  func interruptions() -> Evidence {
    log([]) { if case .interrupted = $0 { true } else { false } }
  }

  /// The records of going on after a process that had ended without a word.
  func unannouncedEnds() -> Evidence {
    Evidence(results.run.unannouncedEnds.map { origin("log.jsonl", ["line": .integer($0)]) })
  }

  /// What a split's scores after an epoch are computed from: its predictions, else what was logged.
  func split(_ split: Split, epoch: Int? = nil) -> Evidence {
    let epoch = epoch ?? results.selectedEpoch
    let series = results.byEpoch[split] ?? []
    let result =
      epoch == results.selectedEpoch
      ? results.selected[split] : series.indices.contains(epoch - 1) ? series[epoch - 1] : nil
    if let log = results.run.imported {
      return logged(split, epoch, hasPredictions: result?.confusion != nil, in: log)
    }
    if result?.confusion != nil { return predictions(split, epoch: epoch) }
    let isTraining = split.part == .train
    return log([], onlyLast: true) {
      switch $0 {
      case .epoch(let record): isTraining && record.epoch == epoch
      case .evaluation(let record): record.split == split && record.epoch == epoch
      default: false
      }
    }
  }

  /// A split over all epochs.
  func series(_ split: Split) -> Evidence {
    (results.byEpoch[split] ?? []).indices.reduce(Evidence([])) {
      $0 + self.split(split, epoch: $1 + 1)
    }
  }

  /// The log as a whole; of another program, all files that it is read from.
  func log() -> Evidence {
    guard let log = results.run.imported else { return Evidence([origin("log.jsonl")]) }
    return Evidence(
      log.files.map { Origin(relativePath(from: folder ?? results.run.directory.path, to: $0)) })
  }

  /// Every split over all epochs.
  func scores() -> Evidence {
    orderedSplits(results).reduce(log()) { $0 + series($1) }
  }

  func predictions(_ split: Split, epoch: Int, row: Int? = nil) -> Evidence {
    if let log = results.run.imported {
      let place = row.map { ["row": JSON.integer($0)] as JSONObject } ?? [:]
      return Evidence(
        log.origins.filter { $0.split == split && $0.quantity == nil }
          .map { Origin(fileName(of: $0), place) })
    }
    let file = "predictions/\(RunDirectory.name(epoch))/\(split).safetensors"
    return Evidence([origin(file, row.map { ["row": .integer($0)] } ?? [:])])
  }

  func examples(_ split: Split) -> Evidence {
    Evidence([origin("examples/\(split).jsonl")])
  }

  /// Fields of the records about the frozen layers' output.
  ///
  /// - Parameters:
  ///   - names: the fields.
  ///   - keys: which outputs; all if `nil`.
  ///   - source: only those computed, or only those found; both if `nil`.
  /// - Returns: their lines, with each field.
  func prefixes(
    _ names: String..., keys: Set<String>? = nil, source: PrefixRecord.Source? = nil
  ) -> Evidence {
    log(names) {
      guard case .prefix(let record) = $0 else { return false }
      return keys?.contains(record.key) ?? true && source.map { $0 == record.source } ?? true
    }
  }

  // MARK: Logs from elsewhere

  /// The keys that a split's values stand under, and where in their series; or its predictions.
  private func logged(
    _ split: Split, _ row: Int, hasPredictions: Bool, in log: ImportedLog
  ) -> Evidence {
    let found = log.origins.filter { $0.split == split && ($0.quantity == nil) == hasPredictions }
    return Evidence(
      found.map { origin in
        var place: JSONObject = ["key": .string(origin.key)]
        if hasPredictions {
          place = ["split": .string(split.description)]
        } else if split.part != .test, log.positions.indices.contains(row - 1) {
          place[log.unit.rawValue] = .number(log.positions[row - 1])
        }
        return Origin(fileName(of: origin), place)
      })
  }

  private func rates(_ log: ImportedLog) -> Evidence {
    Evidence(
      log.origins.filter { $0.split == nil }
        .map { Origin(fileName(of: $0), ["key": .string($0.key)]) })
  }

  private func fileName(of origin: ImportedLog.Origin) -> String {
    relativePath(from: folder ?? results.run.directory.path, to: origin.file)
  }

  /// - Parameters:
  ///   - keys: fields of the records, none for the whole.
  ///   - onlyFirst: whether the first of several records counts.
  ///   - onlyLast: whether the last counts, since a resumed run repeats records.
  ///   - matches: which records.
  /// - Returns: their lines, with each key.
  private func log(
    _ keys: [String], onlyFirst: Bool = false, onlyLast: Bool = false,
    where matches: (LogRecord) -> Bool
  ) -> Evidence {
    // Not by filter, which would copy a long log's records.
    var lines: [Int] = []
    for (record, line) in zip(results.run.records, results.run.recordLines) where matches(record) {
      if onlyLast { lines.removeAll(keepingCapacity: true) }
      lines.append(line)
      if onlyFirst { break }
    }
    return origins(lines, keys)
  }

  /// Lines of the log, with each key.
  private func origins(_ lines: [Int], _ keys: [String]) -> Evidence {
    Evidence(
      lines.flatMap { line -> [Origin] in
        if keys.isEmpty { return [origin("log.jsonl", ["line": .integer(line)])] }
        return keys.map { origin("log.jsonl", ["line": .integer(line), "key": .string($0)]) }
      })
  }
}
