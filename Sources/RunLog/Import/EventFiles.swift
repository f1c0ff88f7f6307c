/// Reads TensorBoard event files, one after the other, as the program started again and again.
enum EventFiles {
  /// Whether bytes begin with the record that every event file begins with.
  static func isBegun(by bytes: [UInt8]) -> Bool {
    guard RecordFile.isBegun(by: bytes), bytes[1..<8].allSatisfy({ $0 == 0 }) else { return false }
    var plugins: [String: String] = [:]
    let record = bytes[12..<min(bytes.count, 12 + Int(bytes[0]))]
    guard case .fileVersion(let version) = EventRecord(record, plugins: &plugins) else {
      return false
    }
    return version.hasPrefix("brain.Event:")
  }

  /// What a folder's files hold, in the order of time.
  private struct Folder {
    var log: LoggedRows
    var places: [String: Int] = [:]
    var plugins: [String: String] = [:]
    /// Where a program started again, and from which step on what stood before counts no more.
    var starts: [(row: Int, step: Double)] = []

    mutating func add(_ tag: String, _ point: LoggedRow, _ value: Double, file: String) {
      let index = places[tag] ?? log.series.count
      if index == log.series.count {
        places[tag] = index
        log.series.append(LoggedSeries(name: tag, folder: log.file, file: file))
      }
      var row = point
      row.values = [(index, value)]
      log.rows.append(row)
    }

    /// Drops what a later start takes back; one pass from the end.
    mutating func takeBack() {
      var kept: [LoggedRow] = []
      var limit = Double.infinity
      var open = starts[...]
      for index in log.rows.indices.reversed() {
        while let start = open.last, start.row > index {
          limit = min(limit, start.step)
          open.removeLast()
        }
        if let step = log.rows[index].step, step < limit { kept.append(log.rows[index]) }
      }
      log.rows = kept.reversed()
    }
  }

  /// The series of some event files.
  ///
  /// - Parameters:
  ///   - files: each with its folder below the log, in the order of time.
  ///   - map: what the user says.
  /// - Returns: a series per tag and folder.
  /// - Throws: `RunLogError` if a file is damaged or is no event file.
  static func read(
    _ files: [(folder: String, path: String, bytes: [UInt8])], map: ImportMap? = nil
  ) throws(RunLogError) -> LoggedRun {
    var run = LoggedRun(format: .tensorBoard)
    var order: [String] = []
    var folders: [String: Folder] = [:]
    for (folder, path, bytes) in files {
      var count = 0
      // In place: copying what was gathered for each file would take for ever.
      if folders[folder] == nil {
        order.append(folder)
        var log = LoggedRows(format: .tensorBoard, file: folder, series: [])
        log.isByEvent = true
        // Tags count epochs or steps as they like; `findEpochs` knows which.
        log.countsDoneEpochs = true
        folders[folder] = Folder(log: log)
      }
      let isTorn = try RecordFile.forEach(bytes, file: path) { record throws(RunLogError) in
        let time = EventRecord.time(record)
        guard
          let event = EventRecord(
            record, plugins: &folders[folder, default: Folder(log: emptyLog)].plugins)
        else {
          throw RunLogError(
            file: path,
            "record \(count) is not a TensorBoard event; the file is a TFRecord file with something else."
          )
        }
        if count == 0 {
          guard case .fileVersion(let version) = event, version.hasPrefix("brain.Event:") else {
            throw RunLogError(
              file: path,
              "is a TFRecord file, but does not begin with the version of an event file; name the "
                + "folder with TensorBoard's event files.")
          }
        }
        count += 1
        switch event {
        case .start(let step):
          // A program that starts again from a checkpoint takes back what came after it.
          let row = folders[folder]?.log.rows.count ?? 0
          folders[folder]?.starts.append((row, Double(step)))
        case .scalars(let step, let scalars):
          guard step >= 0 else { break }
          for (tag, value) in scalars {
            folders[folder]?.add(
              tag, LoggedRow(step: Double(step), time: time), value, file: path)
          }
        case .fileVersion, .other: break
        }
      }
      if isTorn {
        run.warnings.append(
          "\(path): ends inside a record (it is being written, or the program was stopped); the "
            + "rest is read.")
      }
    }
    for name in order {
      guard var folder = folders[name] else { continue }
      folder.takeBack()
      if name.isEmpty, let first = files.first { folder.log.file = first.path }
      run.series += try folder.log.settled(map, warnings: &run.warnings)
    }
    for index in run.series.indices {
      run.series[index].points = inOrder(run.series[index].points)
    }
    run.findEpochs()
    return run
  }

  private static let emptyLog = LoggedRows(format: .tensorBoard, file: "", series: [])

  /// Points by step; of one step the later one behind.
  private static func inOrder(_ points: [LoggedPoint]) -> [LoggedPoint] {
    let isSorted = zip(points, points.dropFirst()).allSatisfy { ($0.step ?? 0) <= ($1.step ?? 0) }
    if isSorted { return points }
    return points.enumerated().sorted {
      ($0.element.step ?? 0, $0.offset) < ($1.element.step ?? 0, $1.offset)
    }.map(\.element)
  }
}

extension LoggedRun {
  /// Turns steps into epochs as far as the tags tell.
  fileprivate mutating func findEpochs() {
    var byFolder: [String: [Int]] = [:]
    for index in series.indices { byFolder[series[index].folder, default: []].append(index) }
    for inFolder in byFolder.values {
      let clocks = inFolder.filter {
        SeriesMeaning(series[$0].name, format: .tensorBoard)?.subject == .epoch
      }
      var clock = StepClock()
      var shift = 0.0
      if let first = clocks.first {
        let points = series[first].points
        // Lightning logs the number of the running epoch, counted from 0 like its steps, as `epoch`; the
        // Trainer the epochs that are done, with fractions, as `train/epoch`.
        let isRunning =
          series[first].name == "epoch"
          && points.allSatisfy { $0.value >= 0 && $0.value == $0.value.rounded() }
          && points.map(\.value).min() == 0
        if isRunning { shift = 1 }
        for point in points where point.value.isFinite && point.value >= 0 {
          guard let step = point.step else { continue }
          if isRunning {
            clock.note(step: step + 1, inEpoch: point.value)
          } else {
            clock.note(step: step, epochs: point.value)
          }
        }
      }
      for index in inFolder {
        // Keras' `epoch_loss` counts epochs from 0 in the place of steps.
        let isByEpoch = series[index].name.hasPrefix("epoch_")
        for place in series[index].points.indices {
          guard let step = series[index].points[place].step else { continue }
          if isByEpoch {
            series[index].points[place].epoch = step + 1
            series[index].points[place].step = nil
          } else {
            series[index].points[place].step = step + shift
            series[index].points[place].epoch = clock.epochs(after: step + shift)
          }
        }
      }
    }
  }
}
