internal import Metrics

extension ImportedLog {
  /// Puts a log together: what each series means, which sets are which language, and the rows.
  ///
  /// - Parameters:
  ///   - run: what a reader found.
  ///   - tables: predictions beside it.
  ///   - map: what names mean where they do not tell.
  ///   - path: what errors call the log.
  /// - Returns: the log in our terms.
  /// - Throws: `RunLogError` if nothing in the log is known, or if it holds several runs.
  static func assemble(
    _ run: LoggedRun, _ tables: [(path: String, table: PredictionTable)], map: ImportMap?,
    path: String
  ) throws(RunLogError) -> ImportedLog {
    var log = ImportedLog(format: run.format)
    (log.facts, log.warnings) = (run.facts, run.warnings)
    var meanings = try SeriesAssignment(run, map: map, path: path)
    if map?.stepsAreEpochs == true { meanings.takeStepsForEpochs() }
    let sets = DataSets(meanings, tables, map: map, format: run.format)
    (log.source, log.targets) = (sets.source, sets.targets)
    guard sets.targets.count <= mostTargets else {
      throw RunLogError(
        file: path,
        "holds evaluations on \(max(sets.count, sets.targets.count + 1)) sets; at most \(mostTargets + 1) can be "
          + "reported. Leave others out with `ignore` in a file for --map.")
    }
    log.warnings += sets.warnings
    log.warnings += meanings.warnings
    var chosen = try meanings.choose(sets, path: path, warnings: &log.warnings)
    guard !chosen.values.isEmpty else {
      let names = run.series.prefix(8).map { "'\($0.name)'" }.joined(separator: ", ")
      throw RunLogError(
        file: path,
        "holds no series whose name says loss, accuracy or F1"
          + (names.isEmpty ? "" : "; found \(names)") + ". Say with --map what they are.")
    }
    if let alignment = TimeAlignment(chosen, map: map) {
      alignment.apply(to: &chosen)
      log.alignment = alignment.note
      log.warnings.append(alignment.warning)
    }
    try log.lay(chosen, map: map, path: path)
    try log.add(tables, sets)
    log.warn(of: meanings)
    return log
  }

  /// Axes cannot tell places apart that lie further away.
  private static let furthest = 1e12
  /// More languages than this fit in no figure.
  private static let mostTargets = 50

  /// Names the series that are left out, but not clocks and costs, which are in every log.
  private mutating func warn(of meanings: SeriesAssignment) {
    let costs: Set = [
      "runtime", "second", "seconds", "samples", "flos", "norm", "time", "timestamp", "memory",
      "tokens",
      "duration", "wall", "progress",
    ]
    // Counters such as `training_epochs` and `global_step`.
    let counters: Set = [
      "train", "training", "epoch", "epochs", "step", "steps", "global", "start", "best", "num",
    ]
    let names = meanings.unknown.filter { name in
      let words = name.lowercased().split(whereSeparator: { !$0.isLetter }).map(String.init)
      return !words.contains(where: costs.contains) && !words.allSatisfy(counters.contains)
        && !(format == .allenNLP && name.hasPrefix("best_"))
    }
    guard let first = names.first else { return }
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    let more = names.count > 8 ? " and \(names.count - 8) more" : ""
    warnings.append(
      "\(shown)\(more) \(names.count == 1 ? "means" : "mean") nothing here and "
        + "\(names.count == 1 ? "is" : "are") left out; --map can say what "
        + "\(names.count == 1 ? "it is" : "they are"), such as "
        + "\(ImportMap.entry(first, "validation accuracy")).")
  }

  // MARK: Rows

  /// Lays the chosen series on rows: one per evaluation, or one per training value without any.
  private mutating func lay(
    _ chosen: ChosenSeries, map: ImportMap?, path: String
  ) throws(RunLogError) {
    let validation = chosen.values.filter { $0.split.part == .validation }
    let leading =
      validation.isEmpty ? chosen.values.filter { $0.split.part == .train } : validation
    // Lazily, here and below: a log may hold a million points.
    let places = leading.lazy.flatMap(\.series.points)
    unit = places.allSatisfy { $0.epoch != nil } ? .epoch : .step
    let place: (LoggedPoint) -> Double? = unit == .epoch ? \.epoch : \.step
    var raw = Set(places.compactMap(place)).sorted()
    if validation.isEmpty { raw = thinned(raw) }
    if raw.isEmpty {
      // Only tests were logged, or predictions are all there is: the model as it was in the end.
      guard let last = chosen.values.lazy.flatMap(\.series.points).compactMap(place).max() else {
        throw RunLogError(
          file: path, "does not say at which epoch or step its values were logged.")
      }
      raw = [last]
    }
    let series = chosen.values.map(\.series) + [chosen.rates].compactMap { $0 }
    if let far = series.lazy.flatMap(\.points).compactMap(place).first(where: { $0 > Self.furthest }
    ) {
      throw RunLogError(
        file: path, "holds a value at \(unit.rawValue) \(far); no training gets that far.")
    }
    positions = unit == .epoch ? snapped(raw) : raw
    for series in series {
      let lost = series.points.count { place($0) == nil }
      if lost > 0 {
        warnings.append(
          "\(lost) of \(series.points.count) values of '\(series.key)' are at no known "
            + "\(unit.rawValue) and are left out.")
      }
    }
    for (split, metric, whole) in chosen.values {
      var series = whole
      if split.part == .train,
        let finer = chosen.finer.first(where: { $0.split == split && $0.metric == metric }),
        !whole.points.allSatisfy({ place($0).map { raw.firstIndex(ofSorted: $0) != nil } ?? false })
      {
        // The mean of an epoch says little where rows lie inside epochs.
        series = finer.series
      }
      var values: [Double?]
      switch split.part {
      case .test: continue
      case .train: values = means(series, upTo: raw, at: place)
      case .validation:
        values = evaluations(series, at: raw, place)
      }
      rows[split, default: [:]][metric] = values.map { $0 ?? .nan }
      let absent = values.indices.filter { values[$0] == nil }
      if !absent.isEmpty { absentRows[split, default: [:]][metric] = Set(absent) }
      origins.append(origin(split, metric, series))
    }
    if let series = chosen.rates {
      rates = series.points.lazy.filter { !$0.isAbsent }.compactMap { point in
        place(point).map { Rate(position: snappedRate($0, raw), rate: point.value) }
      }
      origins.append(
        Origin(
          split: nil, metric: nil, file: series.file, key: series.key, count: rates.count))
    }
    selectedRow = try selection(validation, raw, place, map, path: path)
    for (split, metric, series) in chosen.values where split.part == .test {
      // Scored after every epoch as validation is, or once in the end.
      let logged = series.points.filter { !$0.isAbsent }
      let selected = logged.last { place($0) == raw[selectedRow] }
      if let point = selected ?? logged.last {
        let others = logged.filter { place($0) == place(point) && $0.value != point.value }
        if let other = others.first {
          warnings.append(
            "'\(series.key)' is \(plain(other.value)) and \(plain(point.value)) at one place; the later "
              + "value counts.")
        }
        tests[split, default: [:]][metric] = point.value
        origins.append(origin(split, metric, series))
      }
    }
  }

  private func origin(
    _ split: Split, _ metric: Metric, _ series: LoggedSeries
  ) -> Origin {
    Origin(
      split: split, metric: metric, file: series.file, key: series.key,
      count: series.points.count { !$0.isAbsent })
  }

  /// Rows of a log without evaluations: each training value, or the ends of equal stretches of them.
  private func thinned(_ positions: [Double]) -> [Double] {
    let most = 1000
    guard positions.count > most else { return positions }
    let stride = (positions.count + most - 1) / most
    return positions.indices.filter { $0 % stride == stride - 1 || $0 == positions.count - 1 }
      .map { positions[$0] }
  }

  /// Evaluations at the end of epochs whose last steps were counted differently (0.998 for 1).
  private func snapped(_ positions: [Double]) -> [Double] {
    let rounded = positions.map { $0.rounded() }
    // 0 is the untrained model.
    let isNear = zip(positions, rounded).allSatisfy { abs($0 - $1) <= 0.2 && $1 >= 1 || $0 == 0 }
    return isNear && Set(rounded).count == rounded.count ? rounded : positions
  }

  /// A rate logged together with a row stands where the row stands.
  private func snappedRate(_ position: Double, _ raw: [Double]) -> Double {
    raw.firstIndex(ofSorted: position).map { positions[$0] } ?? position
  }

  /// The values at the rows; of several at one place the last, with a warning where they differ.
  private mutating func evaluations(
    _ series: LoggedSeries, at ends: [Double], _ place: (LoggedPoint) -> Double?
  ) -> [Double?] {
    var values = [Double?](repeating: nil, count: ends.count)
    var differences = Differences()
    for point in series.points where !point.isAbsent {
      guard let position = place(point), let row = ends.firstIndex(ofSorted: position) else {
        continue
      }
      if let before = values[row] {
        differences.note(
          series.key, "\(unit.rawValue) \(plain(positions[row]))", before, point.value)
      }
      values[row] = point.value
    }
    if !differences.isEmpty {
      warnings.append("Of two values at one place the later one counts: \(differences.list).")
    }
    return values
  }

  /// The mean of what was logged since the row before, each value weighted by the stretch that it is
  /// the mean of; `nil` where nothing was logged since.
  private mutating func means(
    _ series: LoggedSeries, upTo ends: [Double], at place: (LoggedPoint) -> Double?
  ) -> [Double?] {
    var sorted = series.points.compactMap { point in
      point.isAbsent ? nil : place(point).map { (position: $0, point.step, point.value) }
    }
    // Most logs are in order; a sort that keeps equal places as they were takes memory.
    if zip(sorted, sorted.dropFirst()).contains(where: { $0.position > $1.position }) {
      sorted = sorted.enumerated()
        .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
        .map(\.element)
    }
    // Two values at one place are as good as each other.
    var ordered: [(position: Double, value: Double)] = []
    var (count, sum, previous) = (0.0, 0.0, (step: Double?.none, value: Double.nan))
    var differences = Differences()
    for (position, step, value) in sorted {
      if let last = ordered.last, last.position == position {
        // Epochs are rounded in some logs; steps tell apart what they do not.
        if step == previous.step {
          differences.note(series.key, "\(unit.rawValue) \(plain(position))", previous.value, value)
        }
        (count, sum) = (count + 1, sum + value)
        if value != last.value { ordered[ordered.count - 1].value = sum / count }
      } else {
        ordered.append((position, value))
        (count, sum) = (1, value)
      }
      previous = (step, value)
    }
    if !differences.isEmpty {
      warnings.append(
        "Of several training values at one place the mean counts: \(differences.list).")
    }
    var result: [Double?] = []
    var index = 0
    var before = 0.0
    for end in ends {
      var values: [(value: Double, weight: Double)] = []
      while index < ordered.count, ordered[index].position <= end {
        let (position, value) = ordered[index]
        values.append((value, position > before ? position - before : 0))
        before = max(before, position)
        index += 1
      }
      let weight = values.reduce(0) { $0 + $1.weight }
      if values.count == 1 {
        result.append(values[0].value)
      } else if values.isEmpty {
        result.append(nil)
      } else if weight > 0 {
        result.append(values.reduce(0) { $1.weight > 0 ? $0 + $1.weight / weight * $1.value : $0 })
      } else {
        result.append(values[values.count - 1].value)
      }
    }
    if index < ordered.count {
      let left = ordered.count - index
      warnings.append(
        left == 1
          ? "One value of '\(series.key)' was logged after the last evaluation and is left out."
          : "\(left) values of '\(series.key)' were logged after the last evaluation and are left "
            + "out.")
    }
    return result
  }

  /// The row that counts: the user's, or the last one that the source was scored in.
  private func selection(
    _ validation: [ChosenSeries.Entry], _ raw: [Double], _ place: (LoggedPoint) -> Double?,
    _ map: ImportMap?, path: String
  ) throws(RunLogError) -> Int {
    if let wanted = map?.selected {
      guard let row = positions.firstIndex(of: wanted) else {
        throw RunLogError(
          file: map?.file ?? path,
          "'selected' is \(unit.rawValue) \(plain(wanted)), but the log has no evaluation there")
      }
      return row
    }
    let ofSource = validation.filter { $0.split.language == source.code }
    let last = (ofSource.isEmpty ? validation : ofSource).flatMap(\.series.points)
      .compactMap(place).max()
    return last.flatMap { raw.firstIndex(ofSorted: $0) } ?? raw.count - 1
  }

  // MARK: Predictions

  private mutating func add(
    _ tables: [(path: String, table: PredictionTable)], _ sets: DataSets
  ) throws(RunLogError) {
    for (path, table) in tables {
      guard labels.isEmpty || labels == table.labels else {
        throw RunLogError(
          file: path,
          "has the classes \(table.labels.joined(separator: ", ")), another table "
            + labels.joined(separator: ", "))
      }
      labels = table.labels
      warnings += table.warnings
      for (part, set, predictions) in table.splits {
        let split = Split(sets.code(set), part)
        guard self.predictions[split] == nil else {
          throw RunLogError(file: path, "\(split) has predictions in another table, too")
        }
        self.predictions[split] = predictions
        origins.append(
          Origin(split: split, metric: nil, file: path, key: "split", count: predictions.count))
      }
    }
  }
}

extension [Double] {
  /// The place of a value among ascending ones.
  func firstIndex(ofSorted value: Double) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value ? low : nil
  }
}
