internal import Storage

/// Reads logs that are JSON: the Trainer's state, lists of records, objects of arrays.
enum JSONLogs {
  // MARK: Records

  /// `trainer_state.json` of transformers, of any version since 3.0, and of programs that write as it does.
  ///
  /// https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_callback.py
  ///
  /// - Returns: `nil` if the object holds no `log_history`.
  /// - Throws: `RunLogError` if it holds one with something wrong in it.
  static func trainerState(
    _ state: JSON, file: String, map: ImportMap?
  ) throws(RunLogError) -> LoggedRun? {
    guard let records = state["log_history"]?.array else { return nil }
    guard var run = try recordList(records, file: file, map: map) else {
      throw RunLogError(
        file: file,
        "is the state of a Trainer whose 'log_history' is empty; nothing was logged before it was "
          + "saved (see logging_steps and eval_strategy).")
    }
    run.format = .huggingFace
    let names = [
      ("num_train_epochs", "Epochs planned"), ("max_steps", "Steps planned"),
      ("global_step", "Steps done"), ("train_batch_size", "Batch size per device"),
      ("best_model_checkpoint", "Best checkpoint"), ("best_metric", "Its metric"),
    ]
    var facts: [ImportedLog.Fact] = []
    for (key, name) in names {
      guard let value = state[key], value != .null else { continue }
      // A path names a folder of another machine; its end is the checkpoint's name.
      let text = value.string.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      guard text != nil || value.double != nil else { continue }
      facts.append(ImportedLog.Fact(name: name, value: text ?? value.text, key: key))
    }
    run.facts = facts + run.facts
    if let done = state["global_step"]?.double, let planned = state["max_steps"]?.double,
      planned > 0, done < planned
    {
      run.warnings.append(
        "\(file): training stopped after \(plain(done)) of \(plain(planned)) planned steps, or the "
          + "state was saved before the end.")
    }
    return run
  }

  /// One object per event, as in `log_history`, or one per line of a JSON Lines file.
  ///
  /// - Parameters:
  ///   - records: the objects.
  ///   - file: what errors call it.
  ///   - lines: of each object, where each has its own.
  ///   - map: what the user says.
  /// - Returns: `nil` if the elements are no such records.
  /// - Throws: `RunLogError` with the entry that is wrong.
  static func recordList(
    _ records: [JSON], file: String, lines: [Int]? = nil, map: ImportMap? = nil
  ) throws(RunLogError) -> LoggedRun? {
    let keys = PlaceKeys(map)
    guard records.contains(where: { isRecord($0, keys) }) else { return nil }
    let format = format(records, keys)
    var log = LoggedRows(format: format, file: file, series: [])
    log.countsDoneEpochs = format == .huggingFace
    var facts: [ImportedLog.Fact] = []
    var places: [String: Int] = [:]
    var isAfterTraining = false
    for (index, record) in records.enumerated() {
      guard let object = record.object else {
        throw RunLogError(
          file: file, line: lines?[index],
          "entry \(index) of the log must be an object, not \(record.kind)")
      }
      let (epochKey, stepKey) = keys.found(in: object)
      var row = LoggedRow(line: lines?[index] ?? 0)
      row.epoch = try number(epochKey.flatMap { object[$0] }, epochKey ?? "", index, file: file)
      row.step = try number(stepKey.flatMap { object[$0] }, stepKey ?? "", index, file: file)
      row.time = Double(index)
      if epochKey == "train/epoch" { log.countsDoneEpochs = true }
      if stepKey == "_step" { log.countsLogCalls = true }
      // OpenMMLab and others write {"mode": "val", …}.
      let part = object.members.first {
        PlaceNames.parts.contains($0.key) && $0.value.string.map(SeriesMeaning.tellsPart) ?? false
      }?.value.string
      // The Trainer's last record sums up the run: its train_loss is the mean over all of it.
      let isSummary = object["train_runtime"]?.double != nil
      var trains = false
      for (member, value) in numbers(of: object) where member != epochKey && member != stepKey {
        let key = part.map { "\($0)/\(member)" } ?? member
        if isSummary, value.double != nil, let fact = summaryFact(key, value.text) {
          facts.append(fact)
          continue
        }
        if isSummary, !key.hasPrefix("eval_") { continue }
        // Null is what writers of tables put where nothing was logged.
        guard let value = value.double else { continue }
        let place = places[key] ?? log.series.count
        if place == log.series.count {
          places[key] = place
          log.series.append(LoggedSeries(name: key, file: file))
        }
        if key == "loss" { trains = true }
        row.values.append((place, value))
      }
      if trains { isAfterTraining = false }
      row.isAfterTraining = isAfterTraining
      if !row.values.isEmpty { log.rows.append(row) }
      if isSummary, records.count > 1 { isAfterTraining = true }
    }
    var run = LoggedRun(format: format)
    run.facts = facts
    run.series = try log.settled(map, warnings: &run.warnings)
    return run
  }

  /// The records of an object whose keys are epochs: `{"1": {"train_loss": …}, "2": …}`.
  ///
  /// - Returns: `nil` if the keys are something else.
  static func records(keyedByEpoch json: JSON) -> [JSON]? {
    guard let object = json.object, object.members.count > 1 else { return nil }
    var records: [JSON] = []
    for (key, value) in object.members {
      let digits = key.hasPrefix("epoch_") ? key.dropFirst(6) : key[...]
      guard let epoch = Int(digits), epoch >= 0, var record = value.object, record["epoch"] == nil
      else { return nil }
      record["epoch"] = .integer(epoch)
      records.append(.object(record))
    }
    return records
  }

  /// Under which keys records say where they stand.
  struct PlaceKeys {
    let epochs: [String]
    let steps: [String]

    init(_ map: ImportMap?) {
      epochs = map?.epochColumn.map { [$0] } ?? PlaceNames.epochs
      steps = map?.stepColumn.map { [$0] } ?? PlaceNames.steps
    }

    func found(in object: JSONObject) -> (epoch: String?, step: String?) {
      (
        epochs.first { object[$0].map { $0 != .null } ?? false },
        steps.first { object[$0].map { $0 != .null } ?? false }
      )
    }
  }

  private static func isRecord(_ json: JSON, _ keys: PlaceKeys) -> Bool {
    guard let object = json.object else { return false }
    let (epoch, step) = keys.found(in: object)
    let hasPlace = [epoch, step].contains { $0.flatMap { object[$0]?.double } != nil }
    return hasPlace
      && numbers(of: object).contains { !PlaceNames.isPlace($0.key) && $0.value.double != nil }
  }

  /// Whose records they are.
  private static func format(_ records: [JSON], _ keys: PlaceKeys) -> ImportedLog.Format {
    for record in records {
      guard let object = record.object else { continue }
      if object["training_epochs"]?.double != nil, object["epoch"]?.double != nil {
        return .allenNLP
      }
      if object["_step"]?.double != nil { return .weightsAndBiases }
      guard
        object["step"]?.double != nil || object["train_runtime"]?.double != nil
          || records.count == 1
      else { continue }
      let isTrainers = object.members.contains {
        $0.key.hasPrefix("eval_") || $0.key == "learning_rate" || $0.key == "train_runtime"
      }
      if isTrainers { return .huggingFace }
    }
    return .records
  }

  /// The members of an object and of objects inside, with their way.
  private static func numbers(of object: JSONObject) -> [(key: String, value: JSON)] {
    guard object.members.contains(where: { $0.value.object != nil }) else { return object.members }
    var result: [(key: String, value: JSON)] = []
    var groups: [(prefix: String, object: JSONObject)] = [("", object)]
    var depth = 0
    while !groups.isEmpty, depth < 4 {
      var next: [(String, JSONObject)] = []
      for (prefix, object) in groups {
        for (key, value) in object.members {
          if let inner = value.object {
            next.append((prefix + key + "/", inner))
          } else {
            result.append((prefix + key, value))
          }
        }
      }
      (groups, depth) = (next, depth + 1)
    }
    return result
  }

  private static func number(
    _ json: JSON?, _ name: String, _ index: Int, file: String
  ) throws(RunLogError) -> Double? {
    guard let json, json != .null else { return nil }
    guard let value = json.double, value.isFinite, value >= 0 else {
      throw RunLogError(
        file: file, "'\(name)' of entry \(index) must be a number, not negative, not \(json.text)")
    }
    return value
  }

  /// A number of the Trainer's last entry, which sums up the training; `nil` for those that say nothing here.
  static func summaryFact(_ key: String, _ value: String) -> ImportedLog.Fact? {
    switch key {
    case "train_loss":
      ImportedLog.Fact(name: "Mean training loss of the whole run", value: value, key: key)
    case "train_runtime":
      ImportedLog.Fact(name: "Seconds", value: value, key: key, isCost: true)
    case "train_samples_per_second":
      ImportedLog.Fact(name: "Examples per second", value: value, key: key, isCost: true)
    default: nil
    }
  }
}

/// A count without a decimal point.
func plain(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
