internal import Glibc

/// Makes a symbolic link, in the place of what is there.
///
/// - Parameters:
///   - target: where it leads, relative to its own folder.
///   - path: the link.
/// - Throws: `StorageError.system` if the system refuses.
public func makeLink(to target: String, at path: String) throws(StorageError) {
  let temporaryPath = "\(path).\(getpid()).tmp"
  unlink(temporaryPath)
  guard symlink(target, temporaryPath) == 0 else {
    throw .system(action: "make a link", file: path, reason: systemReason())
  }
  do {
    try rename(temporaryPath, to: path)
  } catch {
    unlink(temporaryPath)
    throw error
  }
  try syncFolder(of: path)
}
