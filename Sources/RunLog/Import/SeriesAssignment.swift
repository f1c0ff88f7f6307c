internal import Metrics
internal import Storage

/// What each series of a log means, by its name or by the user's word.
struct SeriesAssignment {
  /// A series with its meaning.
  struct Entry {
    var series: LoggedSeries
    var meaning: SeriesMeaning
    /// Whether the user said so.
    let isAssigned: Bool
    /// What the user says of the scale of a share.
    var isPercent: Bool?
  }
  private(set) var entries: [Entry] = []
  /// Names that tell nothing.
  private(set) var unknown: [String] = []
  private(set) var warnings: [String] = []
  private let mapFile: String?

  init(_ run: LoggedRun, map: ImportMap?, path: String) throws(RunLogError) {
    mapFile = map?.file
    let names = Set(run.series.flatMap { [$0.name, $0.key] })
    for (name, _) in map?.series ?? [] where !names.contains(name) {
      throw RunLogError(
        file: map?.file ?? path,
        "'\(name)' is not a series of \(path); "
          + (nearest(to: name, among: names).map { "did you mean '\($0)'?" }
            ?? "there are \(names.sorted().prefix(12).map { "'\($0)'" }.joined(separator: ", "))."))
    }
    let assignments = Dictionary((map?.series ?? []).map { ($0.name, $0.assignment) }) { $1 }
    for series in run.series {
      switch assignments[series.key] ?? assignments[series.name] {
      case .ignored: continue
      case .learningRate: add(series, SeriesMeaning(assigned: .learningRate), isAssigned: true)
      case .value(let part, let set, let metric, let isPercent):
        add(
          series, SeriesMeaning(assigned: .value(part, set, metric)), isAssigned: true,
          isPercent: isPercent)
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
    if ![.huggingFace, .trainingHistory].contains(run.format) { placeBareNames() }
  }

  private mutating func add(
    _ series: LoggedSeries, _ meaning: SeriesMeaning, isAssigned: Bool, isPercent: Bool? = nil
  ) {
    guard !series.points.isEmpty else { return }
    entries.append(
      Entry(series: series, meaning: meaning, isAssigned: isAssigned, isPercent: isPercent))
  }

  // MARK: Names without a part

  /// Finds out whose a bare `accuracy` is: beside `loss` it is of training, as Keras has it; beside
  /// `train_loss` it is of validation, as fastai has it.
  private mutating func placeBareNames() {
    func part(_ entry: Entry) -> (Part, Metric)? {
      if case .value(let part, .unnamed, let metric) = entry.meaning.subject {
        (part, metric)
      } else {
        nil
      }
    }
    var (named, bare): ([Part: Set<Metric>], [Metric: String]) =
      ([:], [:])
    var training = ""
    for entry in entries {
      guard case .value(let part, _, let metric) = entry.meaning.subject else { continue }
      if entry.meaning.saysPart || entry.isAssigned {
        named[part, default: []].insert(metric)
        if part == .train, training.isEmpty { training = entry.series.key }
      } else {
        bare[metric] = entry.series.key
      }
    }
    for index in entries.indices {
      let entry = entries[index]
      guard !entry.isAssigned, !entry.meaning.saysPart, let (_, metric) = part(entry),
        named[.validation]?.contains(metric) != true
      else { continue }
      let reason: String
      var isValidation = true
      if named[.train] != nil {
        reason = "since training has its own names, such as '\(training)'"
      } else if named.isEmpty, metric != .loss, bare[.loss] == nil,
        SeriesMeaning.part(inFileName: stem(of: entry.series.file)) == .validation
      {
        reason = "since the file's name mentions evaluation"
      } else if named[.validation] != nil, metric != .loss {
        isValidation = bare[.loss] == nil
        reason =
          isValidation
          ? "as all others of the log are"
          : "as '\(bare[.loss] ?? "")' is, which has no such word either"
      } else {
        continue
      }
      if isValidation { entries[index].meaning.subject = .value(.validation, .unnamed, metric) }
      let (taken, other) = isValidation ? ("validation", "train") : ("training", "validation")
      warnings.append(
        "'\(entry.series.key)' does not say whether it is of training or validation; \(reason), it is "
          + "taken as \(taken). \(ImportMap.entry(entry.series.key, "\(other) \(metric.key)")) in a file "
          + "for --map says otherwise.")
    }
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

  /// Settles for each split and metric on one series.
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
      } else if subject == .learningRate {
        if zip(better.series.points, worse.series.points).contains(where: { $0.value != $1.value })
        {
          warnings.append(
            "'\(worse.series.key)' differs from the learning rate '\(better.series.key)' and is left out."
          )
        }
      } else {
        warnings.append(
          "'\(worse.series.key)' seems to hold the same as '\(better.series.key)' and is left out"
            + "\(difference(better.series, worse.series)); --map can say otherwise.")
      }
    }
    var shares = Shares()
    for subject in order {
      if case .value(_, _, let metric) = subject {
        for entry in [taken[subject], finer[subject]].compactMap({ $0 }) {
          shares.note(entry, metric)
        }
      }
    }
    for subject in order {
      guard let entry = taken[subject] else { continue }
      switch subject {
      case .learningRate: chosen.rates = entry.series
      case .epoch: continue
      case .value(let part, let set, let metric):
        let split = Split(sets.code(set), part)
        guard let series = shares.scaled(entry, split, metric) else { continue }
        if !entry.meaning.saysAveraging, let averaged = metric.logNames.averaged {
          warnings.append(
            "'\(series.key)' does not say how \(averaged) is averaged over the classes; it is taken as the "
              + "macro average.")
        }
        if let entry = finer[subject], let series = shares.scaled(entry, split, metric) {
          chosen.finer.append((split, metric, series))
        }
        chosen.values.append((split, metric, series))
      }
    }
    warnings += shares.warnings
    return chosen
  }

  /// The subject with its set as the sets call it; `nil` for training on something else.
  private func settled(
    _ subject: SeriesMeaning.Subject, _ sets: DataSets
  ) -> SeriesMeaning.Subject? {
    guard case .value(let part, let set, let metric) = subject else { return subject }
    let code = sets.code(set)
    if part == .train {
      // Training has no set of its own but that of the source.
      guard set == .unnamed || code == sets.source.code else { return nil }
      return .value(.train, .named(sets.source.code), metric)
    }
    return .value(part, .named(code), metric)
  }

  /// Where two series that seem to be one differ first.
  private func difference(_ a: LoggedSeries, _ b: LoggedSeries) -> String {
    for (a, b) in zip(a.points, b.points)
    where a.epoch == b.epoch && a.step == b.step && !a.isAbsent && !b.isAbsent && a.value != b.value
      && !(a.value.isNaN && b.value.isNaN)
    {
      let place =
        a.epoch.map { "epoch \(plain($0))" } ?? a.step.map { "step \(plain($0))" } ?? "one place"
      return ", though at \(place) it is \(plain(b.value)) and the other one \(plain(a.value))"
    }
    return ""
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
          + "the folder of one, or leave the others out with "
          + "\(ImportMap.entry(other.series.key, "ignore")) in a file for --map.")
    }
    if entry.meaning.grain != other.meaning.grain {
      return entry.meaning.grain < other.meaning.grain ? entry : other
    }
    if entry.meaning.saysPart != other.meaning.saysPart {
      return entry.meaning.saysPart ? entry : other
    }
    return entry.series.points.count > other.series.points.count ? entry : other
  }
}

extension SeriesMeaning {
  fileprivate init(assigned subject: Subject) { self.subject = subject }
}

/// One series a split and metric.
struct ChosenSeries {
  typealias Entry = (split: Split, metric: Metric, series: LoggedSeries)
  var values: [Entry] = []
  /// The same by step, of those that were logged by epoch and by step.
  var finer: [Entry] = []
  var rates: LoggedSeries?
}
