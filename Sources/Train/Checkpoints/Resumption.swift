internal import RunLog
internal import Storage

/// Where a run can go on: the latest checkpoint with which everything is as it was written.
struct Resumption {
  /// `nil` if the run must start again.
  let checkpoint: TrainingCheckpoint?
  /// The part of the log that the checkpoint continues.
  let records: [LogRecord]
  /// What is damaged and therefore computed again, a sentence each.
  let notes: [String]

  /// Looks for it.
  ///
  /// A checkpoint serves if it, the log until it, the predictions of the epochs before it and the checkpoints of
  /// those among them that are averaged fit their checksums. All that comes after is computed again, to the same bits.
  ///
  /// - Parameters:
  ///   - run: its log exists.
  ///   - checkpoints: the run's.
  ///   - preparation: which splits there are.
  /// - Throws: `StorageError` if the log or a folder cannot be read.
  init(_ run: RunDirectory, _ checkpoints: CheckpointFolder, _ preparation: Preparation) throws {
    let log = try RandomAccessFile(run.log).contents()
    let positions = try checkpoints.positions()
    var notes: [String] = []
    let whole = Self.wholeEpochs(
      run, preparation, upTo: positions.map(\.epochs).max() ?? 0, notes: &notes)
    let averageable = Self.averageableEpochs(checkpoints, positions, notes: &notes)
    for position in positions {
      let name = "checkpoints/\(checkpoints.name(position))"
      if position.epochs > averageable {
        notes.append("\(name) is not used: what is to be averaged lacks an epoch before it.")
        continue
      }
      if position.epochs > whole {
        notes.append("\(name) is not used: predictions before it are damaged.")
        continue
      }
      do {
        let checkpoint = try checkpoints.open(position)
        let part = Array(log.prefix(checkpoint.log.bytes))
        guard part.count == checkpoint.log.bytes, SHA256.hex(of: part) == checkpoint.log.sha256
        else {
          notes.append("\(name) is not used: the log before it is damaged.")
          continue
        }
        records = try RunLogContents.parse(part, file: run.log).records
        self.checkpoint = checkpoint
        self.notes = notes
        return
      } catch {
        notes.append("\(name) is not used: \(error).")
      }
    }
    (checkpoint, records) = (nil, [])
    self.notes = notes
  }

  /// How many epochs, from the first, have all that the average takes of them.
  private static func averageableEpochs(
    _ checkpoints: CheckpointFolder, _ positions: [TrainingPosition], notes: inout [String]
  ) -> Int {
    let last = positions.first?.epochs ?? 0
    guard let averaged = checkpoints.averagedEpochs, averaged.lowerBound <= last else {
      return .max
    }
    for epoch in averaged.lowerBound...min(averaged.upperBound, last) {
      do {
        _ = try checkpoints.open(checkpoints.end(of: epoch))
      } catch {
        notes.append("The weights after epoch \(epoch) cannot be averaged: \(error).")
        return epoch - 1
      }
    }
    return .max
  }

  /// Whether the predictions with averaged weights are there and as they were written.
  static func isAverageWhole(
    _ run: RunDirectory, _ preparation: Preparation, _ epochs: ClosedRange<Int>, _ seal: RunSeal
  ) -> Bool {
    let classes = preparation.experiment.labels.count
    return preparation.datasets.allSatisfy { dataset in
      if dataset.split.part == .train { return true }
      let path = run.predictions(.average(epochs), dataset.split)
      guard let predictions = try? Predictions.read(path, classes: classes) else { return false }
      return (try? seal.check(predictions, with: .average(epochs), dataset.split, in: run)) != nil
        && predictions.labels == dataset.labels
    }
  }

  /// How many epochs, from the first, have predictions that are as they were written.
  static func wholeEpochs(
    _ run: RunDirectory, _ preparation: Preparation, upTo epochs: Int, notes: inout [String]
  ) -> Int {
    let classes = preparation.experiment.labels.count
    // A log that is damaged binds nothing; the part before a checkpoint has a hash of its own.
    let seal = RunSeal((try? RunLogContents.read(run.log))?.records ?? [])
    for epoch in 0..<epochs {
      for dataset in preparation.datasets {
        let path = run.predictions(epoch: epoch + 1, dataset.split)
        do {
          let predictions = try Predictions.read(path, classes: classes)
          try seal.check(predictions, with: .epoch(epoch + 1), dataset.split, in: run)
          if predictions.labels == dataset.labels { continue }
          notes.append("\(path) belongs to other data.")
        } catch {
          notes.append("\(error)")
        }
        return epoch
      }
    }
    return epochs
  }
}
