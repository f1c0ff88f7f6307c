internal import Glibc

/// What the system says of a file, by which a change is noticed without opening it.
public struct FileStamp: Equatable, Sendable {
  private let device: UInt64
  private let number: UInt64
  private let size: Int
  private let modified: [Int]
  private let changed: [Int]

  init(_ status: stat) {
    (device, number, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int(status.st_size))
    modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }

  /// - Returns: `nil` if nothing is there.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Whether it may be a later stamp of a file that is only appended to.
  func hasGrown(from earlier: FileStamp) -> Bool {
    device == earlier.device && number == earlier.number && size >= earlier.size
  }
}
