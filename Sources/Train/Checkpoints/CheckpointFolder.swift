internal import RunLog
internal import Storage

/// A run's checkpoints: the last two, the one after the best epoch, and those of the epochs to be averaged.
///
/// Only the holder of the run's lock may write here.
struct CheckpointFolder {
  private let path: String
  private let identity: String
  private let stepsPerEpoch: Int
  /// Epochs whose ends are to be averaged, done or not.
  let averagedEpochs: ClosedRange<Int>?

  /// - Parameters:
  ///   - run: whose checkpoints.
  ///   - identity: a hash of all that the run depends on, the number of its epochs apart.
  ///   - stepsPerEpoch: of the run.
  ///   - averagedEpochs: those to be averaged, if any; checkpoints at their ends stay.
  init(
    _ run: RunDirectory, identity: String, stepsPerEpoch: Int,
    averagedEpochs: ClosedRange<Int>? = nil
  ) {
    (path, self.identity, self.stepsPerEpoch) = (run.checkpoints, identity, stepsPerEpoch)
    self.averagedEpochs = averagedEpochs
  }

  /// The position at the end of an epoch.
  func end(of epoch: Int) -> TrainingPosition {
    TrainingPosition(epochs: epoch, steps: epoch * stepsPerEpoch)
  }

  /// The folder's name of a checkpoint.
  func name(_ position: TrainingPosition) -> String {
    position.folder(stepsPerEpoch: stepsPerEpoch)
  }

  /// Where there are checkpoints, whole or not; the latest first.
  ///
  /// - Throws: `StorageError` if the folder cannot be listed.
  func positions() throws -> [TrainingPosition] {
    guard isFolder(path) else { return [] }
    return try listFolder(path)
      .compactMap { TrainingPosition(folder: $0, stepsPerEpoch: stepsPerEpoch) }
      .sorted(by: >)
  }

  /// Opens a checkpoint and checks it.
  ///
  /// - Throws: whatever is not as it was written.
  func open(_ position: TrainingPosition) throws -> TrainingCheckpoint {
    let checkpoint = try TrainingCheckpoint("\(path)/\(name(position))", identity: identity)
    guard checkpoint.position == position else {
      throw RunLogError(
        file: "\(path)/\(name(position))",
        "holds the state after \(checkpoint.position.steps) steps, not that of its name")
    }
    return checkpoint
  }

  /// Saves a state under its position's name: whole or not at all, and on the disk for good.
  ///
  /// - Throws: `StorageError` if the disk does not take it; nothing of it stays then.
  func save(
    _ state: TrainingState, of backend: any Backend,
    _ circumstances: TrainingCheckpoint.Circumstances
  ) throws {
    let name = name(state.position)
    let unfinished = "\(path)/.\(name).tmp"
    try removeFolder(unfinished)
    try makeFolder(unfinished, syncingName: false)
    do {
      try TrainingCheckpoint.write(state, of: backend, circumstances, to: unfinished)
    } catch {
      try? removeFolder(unfinished)
      throw error
    }
    try remove(state.position)
    try moveIntoPlace(unfinished, to: "\(path)/\(name)")
  }

  /// Makes a state with its circumstances complete.
  func circumstances(
    log: RunLogExtent, seconds: Double, prefixSeconds: Double, hasStoredPrefixes: Bool
  ) -> TrainingCheckpoint.Circumstances {
    TrainingCheckpoint.Circumstances(
      identity: identity, log: log, seconds: seconds, prefixSeconds: prefixSeconds,
      hasStoredPrefixes: hasStoredPrefixes)
  }

  /// Removes all but the last two, the one after an epoch, and those to be averaged.
  ///
  /// - Parameter bestEpoch: its checkpoint stays.
  /// - Throws: `StorageError` if one cannot be removed.
  func prune(bestEpoch: Int?) throws {
    let best = bestEpoch.map(end)
    for position in try positions().dropFirst(2) where position != best {
      if averagedEpochs?.contains(position.epochs) ?? false, position == end(of: position.epochs) {
        continue
      }
      try remove(position)
    }
  }

  /// Removes what a killed process left unfinished, and checkpoints after a position.
  ///
  /// - Throws: `StorageError` if something cannot be removed.
  func clear(after position: TrainingPosition?) throws {
    guard isFolder(path) else { return }
    for name in try listFolder(path) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try removeFolder("\(path)/\(name)")
    }
    for other in try positions() where position.map({ other > $0 }) ?? true { try remove(other) }
  }

  private func remove(_ position: TrainingPosition) throws {
    let folder = "\(path)/\(name(position))"
    guard isFolder(folder) else { return }
    // Under another name first, so that half of a checkpoint never looks like one.
    let removed = "\(path)/.\(name(position)).removed.tmp"
    try removeFolder(removed)
    try rename(folder, to: removed)
    try removeFolder(removed)
  }
}
