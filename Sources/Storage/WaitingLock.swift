internal import Glibc

/// A lock that is waited for, flock(2) on a file that stays: other programs, such as Python's filelock, take it as well.
public final class WaitingLock {
  private let descriptor: Int32
  /// Whether others are kept away; `false` on a file system that knows no such locks.
  public let isExclusive: Bool

  /// Takes the lock, and waits for whoever holds it.
  ///
  /// - Parameters:
  ///   - path: the lock's file, made if need be with its folder.
  ///   - wait: called once before waiting.
  /// - Throws: `StorageError.system` if the file cannot be made.
  public init(_ path: String, wait: () -> Void) throws(StorageError) {
    if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
    var hasWaited = false
    while true {
      // Members of a group may share a cache, as Python's mode for it says.
      let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o664)
      guard descriptor >= 0 else {
        throw .system(action: "write", file: path, reason: systemReason())
      }
      while flock(descriptor, LOCK_EX | (hasWaited ? 0 : LOCK_NB)) != 0 {
        switch errno {
        case EINTR: continue
        case EWOULDBLOCK:
          wait()
          hasWaited = true
        default:
          (self.descriptor, isExclusive) = (descriptor, false)
          return
        }
      }
      // Earlier versions of Python's filelock remove the file; a lock on one that is gone keeps nobody away.
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        (self.descriptor, isExclusive) = (descriptor, true)
        return
      }
      close(descriptor)
    }
  }

  deinit { close(descriptor) }
}
