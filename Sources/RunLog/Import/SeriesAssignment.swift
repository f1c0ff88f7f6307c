internal import Storage

/// What each series of a log means, by its name or by the user's word.
struct SeriesAssignment {
  /// A series with its meaning.
  struct Entry {
    var series: LoggedSeries
    let meaning: SeriesMeaning
    /// Whether the user said so.
    let isAssigned: Bool
  }
  private(set) var entries: [Entry] = []
  /// Names that tell nothing.
  private(set) var unknown: [String] = []
  private let mapFile: String?

  init(_ run: LoggedRun, map: ImportMap?, path: String) throws(RunLogError) {
    mapFile = map?.file
    let names = Set(run.series.flatMap { [$0.name, $0.key] })
    for (name, _) in map?.series ?? [] where !names.contains(name) {
      throw RunLogError(
        file: map?.file ?? path,
        "'\(name)' is no series of \(path); "
          + (nearest(to: name, among: names).map { "did you mean '\($0)'?" }
            ?? "there are \(names.sorted().prefix(12).map { "'\($0)'" }.joined(separator: ", "))."))
    }
    for series in run.series {
      let assignment = map?.series.first { $0.name == series.key || $0.name == series.name }
      switch assignment?.assignment {
      case .ignored: continue
      case .learningRate: add(series, SeriesMeaning(assigned: .learningRate), isAssigned: true)
      case .value(let part, let set, let quantity):
        add(series, SeriesMeaning(assigned: .value(part, set, quantity)), isAssigned: true)
      case nil:
        // The Trainer's mean over the whole run is no point of a curve.
        if series.name == "train/train_loss" { continue }
        if let meaning = SeriesMeaning(series.name, folder: series.folder, format: run.format) {
          add(series, meaning, isAssigned: false)
        } else {
          unknown.append(series.key)
        }
      }
    }
  }

  private mutating func add(_ series: LoggedSeries, _ meaning: SeriesMeaning, isAssigned: Bool) {
    guard !series.points.isEmpty else { return }
    entries.append(Entry(series: series, meaning: meaning, isAssigned: isAssigned))
  }

  /// Takes what the log calls steps for epochs.
  mutating func takeStepsForEpochs() {
    let first = entries.flatMap(\.series.points).compactMap(\.step).min()
    let shift = first == 0 ? 1.0 : 0
    for entry in entries.indices {
      for point in entries[entry].series.points.indices {
        let step = entries[entry].series.points[point].step
        if let step { entries[entry].series.points[point].epoch = step + shift }
      }
    }
  }

  /// Settles for each split and quantity on one series.
  ///
  /// - Parameters:
  ///   - sets: which set is which language.
  ///   - path: what errors call the log.
  ///   - warnings: gets a sentence for each series that is left out, and for each that was scaled.
  /// - Returns: the series that count.
  /// - Throws: `RunLogError` if two TensorBoard folders hold the same thing: they are two runs.
  func choose(
    _ sets: DataSets, path: String, warnings: inout [String]
  ) throws(RunLogError) -> ChosenSeries {
    var chosen = ChosenSeries()
    var taken: [SeriesMeaning.Subject: Entry] = [:]
    var finer: [SeriesMeaning.Subject: Entry] = [:]
    var order: [SeriesMeaning.Subject] = []
    for entry in entries {
      guard let subject = settled(entry.meaning.subject, sets) else {
        if case .value(.train, let set, _) = entry.meaning.subject {
          warnings.append(
            "'\(entry.series.key)' is of training on \(sets.code(set)), which is not the source; it is "
              + "left out.")
        }
        continue
      }
      guard let other = taken[subject] else {
        taken[subject] = entry
        order.append(subject)
        continue
      }
      guard let better = try better(entry, other, path: path) else { continue }
      let worse = better.series == entry.series ? other : entry
      taken[subject] = better
      // The same by step and by epoch is what Lightning writes on request.
      if better.meaning.grain != worse.meaning.grain {
        if worse.meaning.grain == .step { finer[subject] = worse }
      } else if subject != .learningRate {
        warnings.append(
          "'\(worse.series.key)' seems to hold the same as '\(better.series.key)' and is left out; "
            + "--map can say otherwise.")
      }
    }
    for subject in order {
      guard let entry = taken[subject] else { continue }
      switch subject {
      case .learningRate: chosen.rates = entry.series
      case .epoch: continue
      case .value(let part, let set, let quantity):
        guard let series = scaled(entry, quantity, warnings: &warnings) else { continue }
        if !entry.meaning.saysAveraging {
          warnings.append(
            "'\(series.key)' does not say how F1 is averaged over the classes; it is taken for the "
              + "macro average.")
        }
        let split = Split(sets.code(set), part)
        if let entry = finer[subject], let series = scaled(entry, quantity, warnings: &warnings) {
          chosen.finer.append((split, quantity, series))
        }
        chosen.values.append((split, quantity, series))
      }
    }
    return chosen
  }

  /// The subject with its set as the sets call it; `nil` for training on something else.
  private func settled(
    _ subject: SeriesMeaning.Subject, _ sets: DataSets
  ) -> SeriesMeaning.Subject? {
    guard case .value(let part, let set, let quantity) = subject else { return subject }
    let code = sets.code(set)
    if part == .train {
      // Training has no set of its own but that of the source.
      guard set == .unnamed || code == sets.source.code else { return nil }
      return .value(.train, .named(sets.source.code), quantity)
    }
    return .value(part, .named(code), quantity)
  }

  private func better(
    _ entry: Entry, _ other: Entry, path: String
  ) throws(RunLogError) -> Entry? {
    if entry.isAssigned != other.isAssigned { return entry.isAssigned ? entry : other }
    if entry.isAssigned {
      throw RunLogError(
        file: mapFile ?? path,
        "'\(other.series.key)' and '\(entry.series.key)' are given the same meaning")
    }
    if entry.series.folder != other.series.folder, entry.series.name == other.series.name {
      throw RunLogError(
        file: path,
        "holds several runs, '\(other.series.folder)' and '\(entry.series.folder)' among them; name "
          + "the folder of one.")
    }
    if entry.meaning.grain != other.meaning.grain {
      return entry.meaning.grain < other.meaning.grain ? entry : other
    }
    return entry.series.points.count > other.series.points.count ? entry : other
  }

  /// Shares in percent as shares of one; `nil` for what cannot be a share.
  private func scaled(
    _ entry: Entry, _ quantity: TrainingHistory.Quantity, warnings: inout [String]
  ) -> LoggedSeries? {
    var series = entry.series
    guard quantity != .loss else { return series }
    let finite = series.points.filter { !$0.isAbsent }.map(\.value).filter(\.isFinite)
    guard let highest = finite.max(), let lowest = finite.min() else { return series }
    // Rounding may carry a mean of 32-bit floats a little above 1.
    guard lowest >= 0, highest <= 100 else {
      warnings.append(
        "'\(series.key)' holds values from \(lowest) to \(highest), which are no shares; it is left "
          + "out.")
      return nil
    }
    if highest > 1.0001 {
      warnings.append("'\(series.key)' is taken to be in percent.")
      for index in series.points.indices { series.points[index].value /= 100 }
    }
    return series
  }
}

extension SeriesMeaning {
  fileprivate init(assigned subject: Subject) { self.subject = subject }
}

/// One series a split and quantity.
struct ChosenSeries {
  typealias Entry = (split: Split, quantity: TrainingHistory.Quantity, series: LoggedSeries)
  var values: [Entry] = []
  /// The same by step, of those that were logged by epoch and by step.
  var finer: [Entry] = []
  var rates: LoggedSeries?
}
