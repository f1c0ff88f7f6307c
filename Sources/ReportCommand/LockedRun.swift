internal import RunLog
internal import Storage

/// A run directory that this process alone may write, until the value is gone.
struct LockedRun {
  let directory: RunDirectory
  private let lock: LockFile

  /// Takes the lock.
  ///
  /// - Throws: `StorageError.locked` naming the process that holds it; `.system` if the folder cannot
  ///   be written; `RunLogError` if what is written there would go somewhere else.
  init(_ directory: RunDirectory) throws {
    try directory.checkIsSelfContained()
    try makeFolder(directory.path)
    self.directory = directory
    lock = try LockFile(directory.lock)
  }

  /// The process that wrote here last, if it ended without saying so.
  var abandonedBy: Int? { lock.abandonedBy }
}
