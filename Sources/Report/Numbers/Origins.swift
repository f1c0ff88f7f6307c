internal import Results
internal import RunLog
internal import Storage

/// Finds the places in a run directory that the run's numbers come from.
struct Origins: Sendable {
  let results: RunResults
  /// What the names of files are relative to; `nil` for the run's own folder.
  private let folder: String?
  /// From there to the run's folder, such as `runs/a/`; empty for the run's own.
  private let prefix: String
  private let index: LogIndex
  private let known = Locked(KnownEvidence())

  /// What many numbers come from, gathered once.
  private struct KnownEvidence {
    var series: [Split: Evidence] = [:]
    var scores: Evidence?
  }

  /// - Parameters:
  ///   - results: the run's.
  ///   - folder: what the names of files shall be relative to; the run's own if `nil`.
  init(_ results: RunResults, from folder: String? = nil) {
    (self.results, self.folder) = (results, folder)
    let way = folder.map { relativePath(from: $0, to: results.run.directory.path) } ?? "."
    prefix = way == "." ? "" : way + "/"
    index = LogIndex(results.run)
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
    lines(index.started, keys)
  }

  /// What a baseline predicts for a split.
  func baseline(layer: Int, _ split: Split) -> Evidence {
    Evidence([
      origin("baselines/\(RunDirectory.name(ofLayer: layer))/\(split).safetensors")
    ])
  }

  /// Fields of the record of a layer's baseline.
  func baseline(layer: Int, _ keys: String...) -> Evidence {
    lines(index.baselinesByLayer[layer], keys)
  }

  /// Fields of the record of all baselines.
  func baselines(_ keys: String...) -> Evidence { lines(index.baselines, keys) }

  /// Fields of the record that ended the run.
  func finished(_ keys: String...) -> Evidence {
    lines(index.finished, keys)
  }

  /// A field of the epochs' records; of one epoch if it is given.
  func epochs(_ keys: String..., epoch: Int? = nil) -> Evidence {
    if let log = results.run.imported {
      // Where no rate was logged, the places of the other values tell the epochs.
      let rates = rates(log)
      return rates.origins.isEmpty ? self.log() : rates
    }
    if let epoch { return lines(index.epochs[epoch], keys) }
    return lines(index.epochs.values.sorted(), keys)
  }

  /// A field of the first and the last step.
  func step(_ key: String, isLast: Bool) -> Evidence {
    if let log = results.run.imported { return rates(log) }
    return lines(isLast ? index.lastStep : index.firstStep, [key])
  }

  /// The records of stops by a signal.
  func interruptions() -> Evidence {
    lines(index.interruptions, [])
  }

  /// The records of going on after a process that had ended without a word.
  func unannouncedEnds() -> Evidence {
    lines(results.run.unannouncedEnds, [])
  }

  /// What says which epochs were averaged.
  func average() -> Evidence { lines(index.average, ["first_epoch", "last_epoch"]) }

  /// What a split's scores are computed from: its predictions, else what was logged.
  ///
  /// - Parameters:
  ///   - split: whose.
  ///   - weights: those it was scored with; the selected ones if `nil`.
  /// - Returns: files, or lines of the log.
  func split(_ split: Split, with weights: Weights? = nil) -> Evidence {
    let weights = weights ?? results.selectedWeights
    let result =
      weights == results.selectedWeights
      ? results.selected[split] : results.result(split, with: weights)
    if let log = results.run.imported {
      return logged(
        split, weights.epoch ?? 0, hasPredictions: result?.confusion != nil, in: log)
    }
    if result?.confusion != nil { return predictions(split, with: weights) }
    return lines(index.scores(results.storedSplit(split), with: weights), [])
  }

  /// A split over all epochs.
  func series(_ split: Split) -> Evidence {
    if let known = known.withLock({ $0.series[split] }) { return known }
    let found = Evidence.union(
      (results.byEpoch[split] ?? []).indices.map { self.split(split, with: .epoch($0 + 1)) })
    known.withLock { $0.series[split] = found }
    return found
  }

  /// The log as a whole; of another program, all files that it is read from.
  func log() -> Evidence {
    guard let log = results.run.imported else { return Evidence([origin("log.jsonl")]) }
    return Evidence(
      log.files.map { Origin(relativePath(from: folder ?? results.run.directory.path, to: $0)) })
  }

  /// Every split over all epochs.
  func scores() -> Evidence {
    if let known = known.withLock({ $0.scores }) { return known }
    let found = Evidence.union([log()] + orderedSplits(results).map { series($0) })
    known.withLock { $0.scores = found }
    return found
  }

  func predictions(_ split: Split, with weights: Weights, row: Int? = nil) -> Evidence {
    if let log = results.run.imported {
      let place = row.map { ["row": JSON.integer($0)] as JSONObject } ?? [:]
      return Evidence(
        log.origins.filter { $0.split == split && $0.metric == nil }
          .map { Origin(fileName(of: $0), place) })
    }
    let path = results.run.directory.predictions(weights, results.storedSplit(split))
    let file = String(path.dropFirst(results.run.directory.path.count + 1))
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
    lines(
      index.prefixes.filter { record, _ in
        keys?.contains(record.key) ?? true && source.map { $0 == record.source } ?? true
      }.map(\.line), names)
  }

  // MARK: Logs from elsewhere

  /// The keys that a split's values stand under, and where in their series; or its predictions.
  private func logged(
    _ split: Split, _ row: Int, hasPredictions: Bool, in log: ImportedLog
  ) -> Evidence {
    let found = log.origins.filter { $0.split == split && ($0.metric == nil) == hasPredictions }
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

  /// A line of the log, if there is such, with each key.
  private func lines(_ line: Int?, _ keys: [String]) -> Evidence {
    lines(line.map { [$0] } ?? [], keys)
  }

  /// Lines of the log, with each key.
  private func lines(_ lines: [Int], _ keys: [String]) -> Evidence {
    Evidence(
      lines.flatMap { line -> [Origin] in
        if keys.isEmpty { return [origin("log.jsonl", ["line": .integer(line)])] }
        return keys.map { origin("log.jsonl", ["line": .integer(line), "key": .string($0)]) }
      })
  }
}
