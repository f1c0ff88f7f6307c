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

  /// The series of some event files.
  ///
  /// - Parameter files: each with its folder below the log, in the order of time.
  /// - Returns: a series a tag and folder.
  /// - Throws: `RunLogError` if a file is damaged or is no event file.
  static func read(
    _ files: [(folder: String, path: String, bytes: [UInt8])]
  ) throws(RunLogError) -> LoggedRun {
    var run = LoggedRun(format: .tensorBoard)
    // In each folder by tag: steps with their values, and the file of the first.
    var order: [(folder: String, tag: String, file: String)] = []
    var points: [String: [(step: Int64, value: Double)]] = [:]
    var plugins: [String: [String: String]] = [:]
    func key(_ folder: String, _ tag: String) -> String { "\(folder)\u{0}\(tag)" }
    for (folder, path, bytes) in files {
      var count = 0
      let isTorn = try RecordFile.forEach(bytes, file: path) { record throws(RunLogError) in
        guard let event = EventRecord(record, plugins: &plugins[folder, default: [:]]) else {
          throw RunLogError(
            file: path,
            "record \(count) is no TensorBoard event; the file is a TFRecord file of something else."
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
          for entry in order where entry.folder == folder {
            points[key(folder, entry.tag)]?.removeAll { $0.step >= step }
          }
        case .scalars(let step, let scalars):
          for (tag, value) in scalars {
            if points[key(folder, tag)] == nil { order.append((folder, tag, path)) }
            points[key(folder, tag), default: []].append((step, value))
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
    for (folder, tag, file) in order {
      // Of values for one step the last counts.
      var last: [Int64: Double] = [:]
      for point in points[key(folder, tag)] ?? [] where point.step >= 0 {
        last[point.step] = point.value
      }
      run.series.append(
        LoggedSeries(
          name: tag, folder: folder, file: file,
          points: last.sorted { $0.key < $1.key }.map { step, value in
            LoggedPoint(epoch: nil, step: Double(step), value: value)
          }))
    }
    run.findEpochs()
    return run
  }
}

extension LoggedRun {
  /// Turns steps into epochs as far as the tags tell.
  fileprivate mutating func findEpochs() {
    let folders = Set(series.map(\.folder))
    for folder in folders {
      let inFolder = series.indices.filter { series[$0].folder == folder }
      let clocks = inFolder.filter {
        SeriesMeaning(series[$0].name, format: .tensorBoard)?.subject == .epoch
      }
      var clock = StepClock()
      var shift = 0.0
      if let first = clocks.first {
        let points = series[first].points
        // Lightning logs the number of the running epoch, counted from 0 like its steps; the Trainer
        // the epochs that are done, with fractions.
        let isRunning =
          points.allSatisfy { $0.value >= 0 && $0.value == $0.value.rounded() }
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
