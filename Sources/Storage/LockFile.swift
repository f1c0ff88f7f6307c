internal import Glibc

/// A lock that at most one process holds, and that no process can leave behind.
///
/// It is `flock(2)` on a file, which the kernel gives up when its holder ends, however it ends. The
/// file's text names the holder, for the message that others get, and for file systems that know no
/// such locks: there a holder counts as long as a process of its id, started at its time since the
/// same boot, is running.
public final class LockFile {
  /// Who holds, or held, a lock.
  struct Holder: Equatable {
    let process: Int
    /// The kernel's random id of this boot.
    let boot: String
    /// When the process was started, in clock ticks since the boot.
    let start: String

    /// This process.
    static var current: Holder {
      let process = Int(getpid())
      return Holder(
        process: process, boot: bootIdentifier, start: startTime(of: process) ?? "unknown")
    }

    init(process: Int, boot: String, start: String) {
      (self.process, self.boot, self.start) = (process, boot, start)
    }

    /// Reads a lock file's text; `nil` if it is none.
    init?(_ text: String) {
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, let process = Int(words[0]), process > 0 else { return nil }
      self.init(process: process, boot: String(words[1]), start: String(words[2]))
    }

    var text: String { "\(process) \(boot) \(start)\n" }

    /// Whether this very process is running, not another that got its id.
    var isRunning: Bool {
      boot == Self.bootIdentifier && Self.startTime(of: process) == start
    }

    private static var bootIdentifier: String {
      let text = readText("/proc/sys/kernel/random/boot_id", limit: 64) ?? "unknown"
      return text.filter { !$0.isWhitespace }
    }

    /// Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the second, in parentheses, may hold spaces.
    private static func startTime(of process: Int) -> String? {
      guard let text = readText("/proc/\(process)/stat", limit: 4096),
        let end = text.lastIndex(of: ")")
      else { return nil }
      let fields = text[end...].split(separator: " ")
      return fields.count > 20 ? String(fields[20]) : nil
    }
  }

  private let path: String
  private let descriptor: Int32
  /// The process that held the lock before and ended without giving it back, if there was one.
  public let abandonedBy: Int?

  /// Takes the lock, or fails at once.
  ///
  /// - Parameter path: the lock's file, made if need be and removed when the lock is given back.
  /// - Throws: `StorageError.locked` if a running process holds it; `.system` if the file cannot be
  ///   made.
  public init(_ path: String) throws(StorageError) {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw .system(action: "write", file: path, reason: systemReason())
      }
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
      let problem = errno
      let previous = readText(path, limit: 256).flatMap { Holder($0) }
      if !isLocked {
        close(descriptor)
        if problem == EINTR { continue }
        let isUnsupported = [ENOLCK, ENOSYS, EOPNOTSUPP].contains(problem)
        guard isUnsupported, previous?.isRunning != true else {
          throw .locked(file: path, process: previous?.process)
        }
      }
      // Its last holder may have removed the file after it was opened here; then it locks nothing.
      var (opened, named) = (stat(), stat())
      guard
        !isLocked
          || (fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
      else {
        close(descriptor)
        continue
      }
      self.path = path
      self.descriptor = isLocked ? descriptor : -1
      abandonedBy = previous?.process
      try write(Holder.current.text)
      return
    }
  }

  deinit {
    unlink(path)
    if descriptor >= 0 { close(descriptor) }
  }

  private func write(_ text: String) throws(StorageError) {
    // Not under another name: the lock belongs to this very file.
    let target = descriptor >= 0 ? descriptor : open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    defer { if descriptor < 0, target >= 0 { close(target) } }
    guard target >= 0, ftruncate(target, 0) == 0 else {
      throw .system(action: "write", file: path, reason: systemReason())
    }
    do {
      try Array(text.utf8).withUnsafeBytes { try writeAll($0, to: target, at: 0, path: path) }
    } catch {
      throw error as? StorageError ?? .system(action: "write", file: path, reason: "\(error)")
    }
  }
}
