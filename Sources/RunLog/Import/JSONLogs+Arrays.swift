internal import Storage

/// Reads logs that are JSON objects of arrays.
extension JSONLogs {
  /// An object of arrays, an entry per epoch; objects inside are groups, as in `{"train": {"loss": […]}}`.
  ///
  /// - Parameters:
  ///   - json: the whole file.
  ///   - file: what errors call it.
  ///   - map: what the user says.
  /// - Returns: `nil` if it is something else.
  /// - Throws: `RunLogError` for arrays that do not go together.
  static func arrays(
    _ json: JSON, file: String, map: ImportMap?
  ) throws(RunLogError) -> LoggedRun? {
    let named = map?.seriesNames ?? []
    guard var object = json.object else { return nil }
    // Keras' History object, dumped as it is: {"params": …, "epoch": …, "history": {…}}.
    if let inner = object["history"]?.object {
      var unwrapped = inner
      if let epochs = object["epoch"] ?? object["epochs"], inner["epoch"] == nil {
        unwrapped["epoch"] = epochs
      }
      object = unwrapped
    }
    let (arrays, rest) = flattened(object)
    let isOwn = arrays.contains {
      $0.key != "learning_rates" && SeriesMeaning.historyKey($0.key) != nil
    }
    let format: ImportedLog.Format =
      isOwn
      ? .trainingHistory
      : arrays.contains { $0.key == "loss" }
        && arrays.contains { $0.key.hasPrefix("val_") } ? .keras : .arrays
    var telling: [(key: String, values: [JSON])] = []
    var others: [(key: String, values: [JSON])] = []
    // Any JSON object may hold an array; one with none of the names is no log.
    var isLog = false
    for entry in arrays {
      let meaning = SeriesMeaning(entry.key, format: format)
      if meaning != nil || named.contains(entry.key) || ["epoch", "epochs"].contains(entry.key) {
        telling.append(entry)
      } else {
        others.append(entry)
      }
      if named.contains(entry.key) || meaning?.isValue ?? false { isLog = true }
    }
    guard isLog else { return nil }
    var run = LoggedRun(format: format)
    // So that it can be said that they are left out.
    run.series = (others.map(\.key) + rest).map { LoggedSeries(name: $0, file: file) }
    try run.lay(telling, file: file, map)
    return run
  }

  /// The arrays of an object and of objects inside, with their way, and the keys of all else.
  private static func flattened(
    _ object: JSONObject
  ) -> (arrays: [(key: String, values: [JSON])], rest: [String]) {
    var arrays: [(key: String, values: [JSON])] = []
    var rest: [String] = []
    var groups: [(prefix: String, object: JSONObject)] = [("", object)]
    var depth = 0
    while !groups.isEmpty, depth < 4 {
      var next: [(String, JSONObject)] = []
      for (prefix, object) in groups {
        for (key, value) in object.members {
          if let values = value.array {
            arrays.append((prefix + key, values))
          } else if let inner = value.object {
            next.append((prefix + key + "/", inner))
          } else {
            rest.append(prefix + key)
          }
        }
      }
      (groups, depth) = (next, depth + 1)
    }
    return (arrays, rest)
  }
}

extension SeriesMeaning {
  fileprivate var isValue: Bool { if case .value = subject { true } else { false } }
}

extension LoggedRun {
  /// Gives the entries of equally long arrays their epochs.
  fileprivate mutating func lay(
    _ arrays: [(key: String, values: [JSON])], file: String, _ map: ImportMap?
  ) throws(RunLogError) {
    let epochKeys = ["epoch", "epochs"]
    let clock = arrays.first { epochKeys.contains($0.key) }
    let measured = arrays.filter { !epochKeys.contains($0.key) }
    let format = format
    let isRate = { (key: String) in
      SeriesMeaning(key, format: format)?.subject == .learningRate
    }
    // The first array that is not of rates tells how many epochs there are.
    guard let first = measured.first(where: { !isRate($0.key) }) else { return }
    let longest = measured.filter { !isRate($0.key) }.max { $0.values.count < $1.values.count }
    let rows = format == .keras ? longest?.values.count ?? 0 : first.values.count
    var epochs = (0..<rows).map { Double($0 + 1) }
    if let clock, clock.values.count == rows {
      let values = try jsonNumbers(clock.values, key: clock.key, file: file)
      guard values.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw RunLogError(file: file, "'\(clock.key)' must hold non-negative numbers")
      }
      if zip(values, values.dropFirst()).contains(where: { $0 > $1 }),
        measured.allSatisfy({ $0.values.count == rows })
      {
        // Counted anew on the way: several trainings, or one that went on.
        try layRows(measured, at: values, file: file, map)
        return
      }
      let shift = values.min() == 0 && values.allSatisfy { $0 == $0.rounded() } ? 1.0 : 0
      epochs = values.map { $0 + shift }
    }
    for (key, json) in measured {
      let values = try jsonNumbers(json, key: key, file: file)
      var places = epochs
      if values.count != rows {
        if isRate(key), rows > 0, values.count > rows, values.count % rows == 0 {
          // A rate a step, equally many in every epoch.
          let perEpoch = Double(values.count / rows)
          places = values.indices.map { Double($0 + 1) / perEpoch }
        } else if format == .keras, key.hasPrefix("val_"), let period = period(values.count, rows) {
          // `validation_freq`: the arrays hold the epochs that were validated.
          places = values.indices.map { epochs[($0 + 1) * period - 1] }
        } else {
          throw RunLogError(
            file: file,
            "'\(first.key)' has \(first.values.count) entries and '\(key)' \(values.count); "
              + "every array must have one entry per epoch")
        }
      }
      series.append(
        LoggedSeries(
          name: key, file: file,
          points: zip(places, zip(values, json)).map {
            LoggedPoint(epoch: $0, step: nil, value: $1.0, isAbsent: $1.1 == .null)
          }))
    }
  }

  /// Gives equally long arrays their epochs entry by entry, as rows of a table have them.
  private mutating func layRows(
    _ arrays: [(key: String, values: [JSON])], at epochs: [Double], file: String, _ map: ImportMap?
  ) throws(RunLogError) {
    var log = LoggedRows(
      format: format, file: file, series: arrays.map { LoggedSeries(name: $0.key, file: file) })
    var rows = epochs.enumerated().map { LoggedRow(epoch: $1, time: Double($0)) }
    for (series, array) in arrays.enumerated() {
      let values = try jsonNumbers(array.values, key: array.key, file: file)
      for (index, value) in values.enumerated() where array.values[index] != .null {
        rows[index].values.append((series, value))
      }
    }
    log.rows = rows
    series += try log.settled(map, warnings: &warnings)
  }

  /// The only number of epochs between two validations that gives so many of them.
  private func period(_ validations: Int, _ epochs: Int) -> Int? {
    guard validations > 0, validations < epochs else { return nil }
    let (shortest, longest) = (epochs / (validations + 1) + 1, epochs / validations)
    return shortest == longest ? shortest : nil
  }
}
