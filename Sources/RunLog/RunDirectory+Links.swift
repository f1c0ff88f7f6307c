internal import Storage

extension RunDirectory {
  /// Checks that what is written into this directory stays in it.
  ///
  /// A run directory from a stranger may hold symbolic links in place of its folders or its log;
  /// whatever follows them would write somewhere else. Files that are written whole need no check, since
  /// renaming replaces a link and leaves alone what it leads to.
  ///
  /// - Parameter epoch: whose folder of predictions is written to.
  /// - Throws: `RunLogError` that names the link.
  public func checkIsSelfContained(epoch: Int) throws(RunLogError) {
    let entries = [
      log, "\(path)/predictions", predictions(epoch: epoch), "\(path)/examples", model, checkpoints,
    ]
    for entry in entries where isSymbolicLink(entry) {
      throw RunLogError(
        file: entry,
        "is a symbolic link, so nothing is written there; put what it leads to in its place.")
    }
  }
}
