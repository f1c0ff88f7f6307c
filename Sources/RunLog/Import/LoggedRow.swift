/// A line or record of a log: where in the training it stands, and the numbers in it.
struct LoggedRow {
  /// Of the file, from 1; 0 where the file has none.
  var line = 0
  var epoch: Double?
  var step: Double?
  /// See `LoggedPoint`.
  var time: Double?
  /// By series; what the program left out has no entry.
  var values: [(series: Int, value: Double)] = []
  /// Whether the program had ended the training before it wrote this.
  var isAfterTraining = false

  /// Whether a place lies before another one; false where they cannot be compared.
  func isBefore(_ other: LoggedRow) -> Bool {
    if let a = epoch, let b = other.epoch, a != b { return a < b }
    if let a = step, let b = other.step { return a < b }
    return false
  }

  /// The place in words, such as "epoch 3".
  var place: String {
    epoch.map { "epoch \(plain($0))" } ?? step.map { "step \(plain($0))" } ?? "an unknown place"
  }

  /// The place in whatever the row counts.
  var position: Double? { epoch ?? step }
}

/// A log that is a list of rows, as tables and lists of records are.
struct LoggedRows {
  var format: ImportedLog.Format
  var file: String
  /// Without points.
  var series: [LoggedSeries]
  var rows: [LoggedRow] = []
  /// Whether `epoch` counts the epochs that are done, as the Trainer's does, so that 0 is the untrained model.
  var countsDoneEpochs = false
  /// Whether a `step` is Weights & Biases' `_step`, which counts calls of `log`, not steps of the optimizer.
  var countsLogCalls = false
  /// Whether each row stands for itself, so that series start again one by one; see `Trainings`.
  var isByEvent = false

  /// Settles which of the rows are one training, and gives each number its epoch and step.
  ///
  /// - Parameters:
  ///   - map: what the user says.
  ///   - warnings: gets what was odd.
  /// - Returns: the series with their points.
  /// - Throws: `RunLogError` if the map names a training that is not there.
  func settled(_ map: ImportMap?, warnings: inout [String]) throws(RunLogError) -> [LoggedSeries] {
    let meanings = series.map { SeriesMeaning($0.name, folder: $0.folder, format: format)?.subject }
    var log = self
    if log.leaveOutNaNForNothing(meanings) {
      warnings.append(
        "\(file): rows hold numbers of training or of validation and 'nan' for the other; such fields are read as "
          + "empty.")
    }
    log.markEvaluationsAfterTraining(meanings)
    var trainings = Trainings(log, meanings, map)
    let rows = try trainings.chosen(map, warnings: &warnings)
    return laid(rows, meanings, warnings: &warnings)
  }

  /// Drops NaN where it stands for an empty field, as pandas writes it: rows of training have nothing else
  /// for validation, and rows of validation nothing else for training, which no divergence does.
  ///
  /// - Returns: whether there was any.
  private mutating func leaveOutNaNForNothing(_ meanings: [SeriesMeaning.Subject?]) -> Bool {
    guard !isByEvent else { return false }
    let parts = meanings.map { meaning -> Part? in
      if case .value(let part, _, _) = meaning { part } else { nil }
    }
    var (ofTraining, ofValidation) = (false, false)
    for row in rows {
      func values(_ part: Part) -> [Double] {
        row.values.filter { parts[$0.series] == part }.map(\.value)
      }
      let (training, validation) = (values(.train), values(.validation))
      guard !training.isEmpty, !validation.isEmpty else { continue }
      if training.allSatisfy(\.isFinite), validation.allSatisfy(\.isNaN) { ofTraining = true }
      if validation.allSatisfy(\.isFinite), training.allSatisfy(\.isNaN) { ofValidation = true }
    }
    guard ofTraining, ofValidation else { return false }
    for index in rows.indices { rows[index].values.removeAll { $0.value.isNaN } }
    return true
  }

  /// Lightning's `validate()` after training bears the number of an epoch that never began.
  ///
  /// Only where epochs are numbered and steps are the optimizer's: an evaluation after 3 epochs whose last
  /// training loss was logged after 2.5 belongs to the training, however few calls of `log` lie between.
  private mutating func markEvaluationsAfterTraining(_ meanings: [SeriesMeaning.Subject?]) {
    guard [.lightning, .weightsAndBiases].contains(format), !countsDoneEpochs, !countsLogCalls,
      rows.allSatisfy({ row in row.epoch.map { $0 == $0.rounded() } ?? true })
    else { return }
    func holds(_ row: LoggedRow, _ part: Part) -> Bool {
      row.values.contains { entry in
        if case .value(part, _, _) = meanings[entry.series] { true } else { false }
      }
    }
    guard let last = rows.lastIndex(where: { holds($0, .train) }), let epoch = rows[last].epoch,
      let step = rows[last].step
    else { return }
    for index in rows.indices.dropFirst(last + 1) {
      guard let later = rows[index].epoch, let at = rows[index].step, later > epoch, at <= step + 1,
        holds(rows[index], .validation)
      else { continue }
      rows[index].isAfterTraining = true
    }
  }

  private func laid(
    _ rows: [LoggedRow], _ meanings: [SeriesMeaning.Subject?], warnings: inout [String]
  ) -> [LoggedSeries] {
    var result = series
    let epochs = rows.compactMap(\.epoch)
    let isFromZero =
      !countsDoneEpochs && epochs.min() == 0 && epochs.allSatisfy { $0 == $0.rounded() }
    if let first = epochs.min(), first > 1, format == .lightning {
      warnings.append(
        "the epochs begin with \(plain(first)); they are taken as counted from 1, so they are one too "
          + "low if a resumed training counted from 0.")
    }
    func add(_ row: LoggedRow, epoch: Double?, step: Double?) {
      for (index, value) in row.values {
        result[index].points.append(
          LoggedPoint(epoch: epoch, step: step, value: value, time: row.time))
      }
    }
    guard isFromZero, rows.contains(where: { $0.step != nil }) else {
      for row in rows {
        add(row, epoch: row.epoch.map { $0 + (isFromZero ? 1 : 0) }, step: row.step)
      }
      return result
    }
    // Both count from 0: the row of step 14 in epoch 0 was written when 15 steps were done.
    var clock = StepClock()
    let steps = stepsInAll(rows)
    for (row, step) in zip(rows, steps) {
      guard let epoch = row.epoch, let step else { continue }
      let isTest = row.values.contains { entry in
        if case .value(.test, _, _) = meanings[entry.series] { true } else { false }
      }
      // A test comes after the last epoch and bears the number of the one that never began.
      if !isTest { clock.note(step: step + 1, inEpoch: epoch) }
    }
    for (row, step) in zip(rows, steps) {
      let done = step.map { $0 + 1 }
      let epoch = done.flatMap { clock.epochs(after: $0) } ?? row.epoch.map { $0 + 1 }
      add(row, epoch: epoch, step: done)
    }
    return result
  }

  /// The rows' steps counted on through the epochs, where the program counts them anew in each.
  private func stepsInAll(_ rows: [LoggedRow]) -> [Double?] {
    // The last step of an epoch before, and how many steps the epochs before have.
    var (epoch, before, highest) = (-Double.infinity, 0.0, -Double.infinity)
    var restarts = 0
    var counted: [Double?] = []
    for row in rows {
      guard let step = row.step else {
        counted.append(nil)
        continue
      }
      if let now = row.epoch, now > epoch {
        if highest >= 0, step < highest {
          before += highest + 1
          restarts += 1
          highest = -.infinity
        }
        epoch = now
      }
      highest = max(highest, step)
      counted.append(before + step)
    }
    // A single step back may be a validation that is logged late.
    let epochs = Set(rows.compactMap(\.epoch)).count
    return restarts > 0 && restarts >= epochs - 2 ? counted : rows.map(\.step)
  }
}
